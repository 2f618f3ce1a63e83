"""`import atheria` is one API: the same programs in a script of the server, in a process of its own, in plain Python
with an engine of its own, and as a client of a server elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.support import Server
from tests.pyhost.host.support import Python

ROOT = Path(__file__).parents[3]
CORE = Path(os.environ.get("ATHERIA_BUILD", ROOT / "build/release")) / "python"

Run = Callable[[str], str]

BEGIN = """
import threading, time
import atheria, numpy, torch

def made(law="gray-scott", size=(32, 24), name="one", **spec):
    return atheria.create(name, law, size, seed=3, **spec)

def refused(call, code=None):
    try:
        call()
    except atheria.Error as error:
        assert code in (None, error.code), (error.code, str(error))
        return error
    raise AssertionError("it was not refused")

"""
END = """
for name in atheria.worlds():
    if name in ("one", "two", "three"): atheria.world(name).delete()
print("done")
"""


def elsewhere(program: str, folder: Path, **environment: str) -> str:
    """In another Python."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("ATHERIA_", "PYTHONPATH"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**plain, "PYTHONPATH": str(ROOT / "pyhost" / "python"), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["server", "process", "core", "remote"])
def home(request: pytest.FixtureRequest) -> str:
    where: str = request.param
    if where == "core" and not list(CORE.glob("atheria_core*.so")):
        pytest.skip(f"no atheria_core in {CORE}")
    return where


@pytest.fixture
def run(home: str, server: Server, python: Python, tmp_path: Path) -> Iterator[Run]:
    """Runs a program there; what it printed."""

    def program(source: str) -> str:
        whole = BEGIN + textwrap.dedent(source) + END
        if home == "core":
            return elsewhere(whole, tmp_path, PYTHONPATH=f"{ROOT / 'pyhost' / 'python'}:{CORE}")
        if home == "remote":
            return elsewhere(whole, tmp_path, ATHERIA_SERVER=server.http, ATHERIA_TOKEN=server.token)
        done = python.run(whole, mode=home)
        assert done.outcome == "ok", done.err
        return done.out

    yield program
    for world in python.ask("sim.list")["worlds"]:
        if world["name"] in ("one", "two", "three"):
            python.ask("sim.delete", world=world["name"])


class TestSameApiEverywhere:
    def test_it_says_where_it_is(self, run: Run, home: str) -> None:
        said = run("print(atheria.where(), len(atheria.laws()) > 5)")
        assert said == f"{'remote' if home == 'process' else home} True\ndone\n"

    def test_a_world_is_made_stepped_and_read(self, run: Run) -> None:
        run(
            """
            w = made()
            assert (w.step(10), int(w.step), w.fields, w.size) == (10, 10, ["u", "v"], (32, 24))
            assert w.snapshot("u").shape == (24, 32)
            assert w.snapshot().shape == (2, 24, 32)
            assert w.set(F=0.03) == 10 and w.get("F") == 0.03
            w.play(); assert w.wait(step=50, timeout=60) >= 50; w.pause()
            refused(lambda: w.snapshot("x"), "not_found")
            refused(lambda: w.set(nonsense=1), "bad_args")
            """
        )

    def test_a_lease_writes_and_steps(self, run: Run) -> None:
        run(
            """
            w = made()
            with w.lease() as s:
                assert (int(s.step), s.fields) == (0, ["u", "v"])
                s.u[10:20, 10:20] = 0.125
                s.v = 0.25
                s["v"][0, 0] = 0.5
                assert s.field.shape == (2, 24, 32)
                assert s.field[1, 0, 0] == 0.5
                s.field[0, 0, 0] = 7
                assert s.u[0, 0] == 7
            assert w.snapshot("u")[12, 12] == 0.125 and w.snapshot("u")[0, 0] == 7
            assert w.snapshot("v")[0, 0] == 0.5 and w.snapshot("v")[3, 3] == 0.25
            before = w.snapshot()
            with w.lease() as s:
                u = s.u
                assert s.step(3) == 3 and int(s.step) == 3
                assert torch.equal(u, s.u) and not torch.equal(u, before[0])
            other = made(name="two")
            other.load(before)
            other.step(3)
            assert torch.equal(other.snapshot(), w.snapshot())
            """
        )

    def test_what_a_lease_wrote_is_seen_by_its_own_steps(self, run: Run) -> None:
        run(
            """
            w, plain = made(), made(name="two")
            values = w.snapshot().flip(1)
            plain.load(values); plain.step(2)
            with w.lease() as s:
                s.field.copy_(values)
                s.step(2)
                assert torch.equal(s.field, plain.snapshot())
                s.v.zero_()
            assert w.snapshot("v").abs().max() == 0 and torch.equal(w.snapshot("u"), plain.snapshot("u"))
            """
        )

    def test_numpy_writes_through_a_lease(self, run: Run) -> None:
        run(
            """
            w = made()
            with w.lease() as s:
                numpy.from_dlpack(s.u)[3, 5] = 0.625
                s.v.numpy()[:] = 0.5
            assert w.snapshot("u")[3, 5] == 0.625 and w.snapshot("v").min() == 0.5
            """
        )

    def test_what_was_written_before_an_exception_stays(self, run: Run) -> None:
        run(
            """
            w = made()
            try:
                with w.lease() as s:
                    s.u[0, 0] = 5
                    raise ValueError
            except ValueError: pass
            assert w.snapshot("u")[0, 0] == 5
            w.step()
            """
        )

    def test_a_view_that_is_kept_is_a_snapshot(self, run: Run) -> None:
        run(
            """
            w = made()
            with w.lease() as s:
                kept = s.u
                kept[0, 0] = 0.125
            w.step(20)
            assert kept[0, 0] == 0.125 and not torch.equal(kept, w.snapshot("u"))
            kept.zero_()
            assert w.snapshot("u").abs().max() > 0
            assert s.expired
            said = refused(lambda: s.u, "lease_expired")
            assert isinstance(said, atheria.LeaseExpired) and "released" in str(said)
            """
        )

    def test_a_second_lease_is_told_who_has_the_first(self, run: Run) -> None:
        run(
            """
            w = made()
            said = []
            def other():
                said.append(refused(lambda: w.lease(timeout=0.1), "busy"))
            with w.lease() as s:
                t = threading.Thread(target=other); t.start(); t.join()
            assert "is held by" in str(said[0]), said
            with w.lease(timeout=0.1): pass
            """
        )

    def test_a_lease_waits_for_the_one_before(self, run: Run) -> None:
        run(
            """
            w = made()
            order = []
            def other():
                with w.lease(timeout=60): order.append("second")
            with w.lease() as s:
                t = threading.Thread(target=other); t.start()
                time.sleep(0.1)
                order.append("first")
            t.join()
            assert order == ["first", "second"]
            """
        )

    def test_a_lease_expires_and_the_world_goes_on(self, run: Run) -> None:
        run(
            """
            w = made(playing=True)
            s = w.lease(deadline=0.2)
            before = w.state["step"]
            while w.state["step"] == before: time.sleep(0.01)
            for use in (lambda: s.u, lambda: s.step(1), lambda: s.field):
                said = refused(use, "lease_expired")
                assert isinstance(said, atheria.LeaseExpired) and "expired after 0.2 s" in str(said), said
            assert s.expired
            s.release()
            for wrong in (0, -1, float("nan"), 1e9):
                refused(lambda: w.lease(deadline=wrong), "bad_args")
            """
        )

    def test_what_would_wait_for_its_own_lease_is_refused(self, run: Run) -> None:
        run(
            """
            w, other = made(), made(name="two")
            with w.lease() as s:
                for call in (w.snapshot, w.step, w.reset, lambda: w.load(torch.zeros(2, 24, 32)), w.undo):
                    assert "would wait for itself" in str(refused(call, "conflict"))
                assert w.state["leasedBy"]
                other.step()
            w.step()
            """
        )

    def test_a_law_that_fails_in_a_lease_is_the_holders_error(self, run: Run) -> None:
        run(
            """
            w = made(init="noise:lo=1e5,hi=1e6")
            with w.lease() as s:
                assert "NaN" in str(refused(lambda: s.step(100)))
                assert not s.expired and s.step < 100
                assert bool(s.field.isfinite().all())
            """
        )

    def test_values_are_loaded_and_undone(self, run: Run) -> None:
        run(
            """
            w = made()
            before = w.snapshot()
            assert w.load(torch.ones(24, 32), "u") == 0
            w.load(numpy.full((24, 32), 0.5), "v")
            w.load([[0.25] * 32] * 24, "v")
            assert w.snapshot("u").min() == 1 and w.snapshot("v").max() == 0.25
            w.undo(); w.undo(); w.undo()
            assert torch.equal(w.snapshot(), before)
            w.load(torch.ones(2, 24, 32, dtype=torch.int32))
            assert w.snapshot().min() == 1
            for values, channel in ((torch.ones(24, 31), "u"), (torch.ones(24, 32), None), (torch.ones(()), "u")):
                said = refused(lambda: w.load(values, channel), "bad_args")
                assert "need shape [" in str(said), said
            refused(lambda: w.load(torch.ones(24, 32), "w"), "not_found")
            refused(lambda: w.load(torch.ones(24, 32) * 1j, "u"), "bad_args")
            assert w.snapshot().min() == 1
            """
        )

    @pytest.mark.parametrize(
        ("law", "size", "field", "shape", "dtype"),
        [
            ("schrodinger", (32, 32), "psi", "(32, 32)", "complex64"),
            ("life", (70, 50), "alive", "(50, 70)", "uint8"),
            ("gray-scott", (16, 12, 8), "u", "(8, 12, 16)", "float32"),
        ],
    )
    def test_every_kind_of_field_has_its_shape(
        self, run: Run, law: str, size: tuple[int, ...], field: str, shape: str, dtype: str
    ) -> None:
        run(
            f"""
            w = made({law!r}, {size})
            with w.lease() as s:
                assert tuple(s[{field!r}].shape) == {shape} and s[{field!r}].dtype == torch.{dtype}
                s[{field!r}][...] = 1
            now = w.snapshot({field!r})
            assert tuple(now.shape) == {shape} and now.dtype == torch.{dtype}, (now.shape, now.dtype)
            assert bool((now == 1).all())
            w.load(torch.zeros({shape}), {field!r})
            assert bool((w.snapshot({field!r}) == 0).all())
            with w.lease() as s:
                s[{field!r}][..., 2] = 1
                s.step(1)
            """
        )

    def test_observers_see_every_step_asked_for(self, run: Run) -> None:
        run(
            """
            w = made()
            with w.observe(every=5, fields=["v"], mode="all", max_queue=100) as seen:
                w.step(50)
                got = [seen.next(20) for _ in range(10)]
                assert [snap.step for snap in got] == list(range(5, 51, 5))
                assert [list(snap) for snap in got] == [["v"]] * 10
                assert torch.equal(got[-1].v, w.snapshot("v")) and got[-1].time == w.time
                assert seen.next(0) is None and seen.dropped == 0
            assert list(seen) == []
            """
        )

    def test_observers_keep_the_newest_or_drop_or_pause(self, run: Run) -> None:
        run(
            """
            w = made()
            latest, queue = w.observe(), w.observe(mode="all", max_queue=3)
            w.step(10)
            assert (latest.next(20).step, latest.dropped) == (10, 9)
            assert [queue.next(20).step for _ in range(3)] == [8, 9, 10] and queue.dropped == 7
            latest.close(); queue.close()
            with w.observe(mode="all", max_queue=4, on_full="pause") as paused:
                w.play()
                seen = [paused.next(20).step for _ in range(20)]
            assert seen == list(range(11, 31)), seen
            refused(lambda: w.observe(fields=["x"]), "not_found")
            for wrong in ({"every": 0}, {"max_queue": 0}, {"on_full": "explode"}):
                refused(lambda: w.observe(mode="all", **wrong), "bad_args")
            """
        )

    def test_an_observer_with_a_call_runs_beside(self, run: Run) -> None:
        run(
            """
            w = made()
            steps, third = [], threading.Event()
            def note(step, snap):
                steps.append((step, threading.current_thread().name))
                if len(steps) == 3: third.set()
            with w.observe(every=2, mode="all", call=note) as watcher:
                w.step(6)
                assert third.wait(20)
                assert repr(watcher) == "<watcher of 'one'>"
            assert steps == [(n, "pyhook one") for n in (2, 4, 6)]
            assert watcher.closed and "closed" in repr(watcher)
            broken = w.observe(call=lambda step, snap: 1 / 0)
            w.step()
            broken._thread.join(20)
            assert "ZeroDivisionError" in broken.failure and "ZeroDivisionError" in repr(broken)
            """
        )

    def test_an_observation_ends_with_its_world(self, run: Run) -> None:
        run(
            """
            w = made()
            seen = w.observe(mode="all")
            w.step(2)
            w.delete()
            assert [snap.step for snap in seen] == [1, 2]
            """
        )

    def test_hooks_change_the_world_between_steps(self, run: Run) -> None:
        run(
            """
            w = made()
            steps = []
            def zero(s):
                steps.append((int(s.step), threading.current_thread().name)); s.v[...] = 0
            with w.on_step(10, zero, budget_ms=10_000) as hook:
                w.step(40)
            assert steps == [(n, "pyhook one") for n in (10, 20, 30, 40)], steps
            assert w.snapshot("v").abs().max() == 0
            assert repr(hook) == "<hook of 'one', closed>"
            w.step(10)
            assert len(steps) == 4
            """
        )

    def test_a_hook_may_step_its_world(self, run: Run) -> None:
        run(
            """
            w = made()
            seen = []
            def go_on(s):
                if len(seen) < 2: seen.append((int(s.step), s.step(3)))
            with w.on_step(10, go_on, budget_ms=10_000):
                w.step(30)
            assert seen[0] == (10, 13), seen
            """
        )

    def test_a_hook_that_fails_is_detached_and_what_it_wrote_stays(self, run: Run) -> None:
        run(
            """
            w = made()
            def bad(s):
                s.u[...] = 5
                raise ValueError("no good")
            hook = w.on_step(1, bad, budget_ms=10_000)
            w.step(1)
            assert "no good" in hook.detached and "in bad" in hook.detached
            assert w.snapshot("u").min() == 5
            w.step(5)
            assert "ValueError: no good" in repr(hook)
            """
        )

    def test_a_hook_over_its_budget_three_times_is_detached(self, run: Run) -> None:
        run(
            """
            w = made()
            hook = w.on_step(1, lambda s: time.sleep(0.2), budget_ms=20)
            w.step(10)
            hook._thread.join(20)
            assert hook.detached == "it took longer than its budget of 20 ms 3 times", hook.detached
            for wrong in ({"budget_ms": 0}, {"budget_ms": 1e9}, {"every": 0}):
                refused(lambda: w.on_step(**{"every": 1, "fn": print, **wrong}), "bad_args")
            """
        )

    def test_a_fork_has_its_own_life(self, run: Run) -> None:
        run(
            """
            w = made()
            w.set(F=0.03); w.step(7)
            child = w.fork()
            assert (child.name, int(child.step), child.playing, child.get("F")) == ("one-1", 0, False, 0.03)
            assert torch.equal(child.snapshot(), w.snapshot())
            child.step(5)
            assert w.step == 7
            other = w.fork("two")
            assert w.fork().name == "one-2"
            refused(lambda: w.fork("two"), "conflict")
            other.delete()
            """
        )

    def test_a_fork_ends_with_what_made_it_unless_it_is_kept(self, run: Run, home: str, python: Python) -> None:
        run("w = made(); w.fork('fleeting'); w.fork('kept', keep=True)")
        if home == "core":
            return
        with Python(python.server) as now:
            names = [world["name"] for world in now.ask("sim.list")["worlds"]]
        python.ask("sim.delete", world="kept")
        assert "kept" in names
        assert "fleeting" not in names

    def test_a_law_of_ones_own_runs(self, run: Run, home: str) -> None:
        run(
            f"""
            law = "heat-{home}"
            @atheria.register_law(law, channels=["q"], params={{"rate": (0.2, 0.0, 0.25)}}, radius=1)
            def heat(q, t, params):
                near = sum(q.roll(by, axis) for by in (1, -1) for axis in (-1, -2))
                return q + params["rate"] * (near - 4 * q)
            assert atheria.law(law).channels == ["q"] and atheria.law(law).params == {{"rate": 0.2}}
            w = made(law, init="noise")
            before = w.snapshot("q")
            w.step(20)
            near = sum(before.roll(by, axis) for by in (1, -1) for axis in (-1, -2))
            first = w.fork("two"); first.load(before, "q"); first.step(1)
            assert torch.equal(first.snapshot("q"), before + 0.2 * (near - 4 * before))
            assert w.snapshot("q").std() < before.std()
            assert set(w.measure()) == {{"mean_q", "activity"}}
            with w.lease() as s:
                s.q.fill_(1); assert s.step(2) == 22
                assert torch.allclose(s.q, torch.ones(24, 32))
            """
        )

    def test_a_law_that_breaks_its_contract_is_refused(self, run: Run, home: str) -> None:
        run(
            f"""
            def says(step, words):
                said = str(refused(lambda: atheria.register_law("refused-{home}", step), "bad_args"))
                assert "tried on a small field: it" in said and words in said, said
            says(lambda psi: psi[..., 1:], "returned shape")
            says(lambda psi: psi.double(), "for a field of")
            says(lambda psi: psi / 0, "returned NaN")
            says(lambda psi: psi.mul_(0.5), "wrote into the field it was given")
            says(lambda psi: 0.5, "is a torch.Tensor, got float")
            says(lambda psi: psi[:, :12, :16] * 1, "returned shape")
            assert "refused-{home}" not in atheria.laws()
            try: atheria.register_law("refused-{home}", lambda psi: 1 / 0)
            except ZeroDivisionError: pass
            refused(lambda: atheria.register_law("life", lambda psi: psi), "conflict")
            refused(lambda: atheria.register_law("a b", lambda psi: psi), "bad_args")
            """
        )

    def test_a_law_that_raises_pauses_its_world_at_the_last_good_step(self, run: Run, home: str) -> None:
        run(
            f"""
            def breaks(psi, t):
                if t >= 5: raise ValueError("beyond five")
                return psi * 0.5
            atheria.register_law("breaks-{home}", breaks, radius=0)
            w = made("breaks-{home}", init="noise")
            before = w.snapshot("u")
            said = refused(lambda: w.step(10))
            assert "raised ValueError: beyond five" in str(said), said
            assert (w.state["state"], w.state["step"]) == ("failed", 5)
            assert "beyond five" in w.state["failure"] and "breaks" in w.state["failure"]
            assert torch.equal(w.snapshot("u"), before * 0.5**5)
            """
        )

    def test_a_law_that_is_slow_pauses_its_world_and_says_so(self, run: Run, home: str) -> None:
        run(
            f"""
            slow = False
            def step(psi):
                import time
                if slow: time.sleep(0.5)
                return psi * 0.5
            atheria.register_law("slow-{home}", step, radius=0, budget_ms=100)
            w = made("slow-{home}")
            w.step(2)
            slow = True
            assert "within its budget of 100 ms" in str(refused(w.step))
            assert (w.state["state"], w.state["step"]) == ("failed", 2)
            slow = False
            """
        )

    def test_pictures_of_ones_own_are_shown_where_somebody_can_look(self, run: Run, home: str) -> None:
        if home == "core":
            run("refused(lambda: atheria.stream.put('x', torch.ones(2, 3)), 'unsupported')")
            return
        run(
            f"""
            name = "picture-{home}"
            assert atheria.stream.put(name, torch.ones(2, 3), range=(0, 2)) == 1
            assert atheria.stream.put(name, [[1, 2]]) == 2
            assert atheria.stream.topics()[name] == {{"shape": (1, 2), "range": None, "puts": 2}}
            refused(lambda: atheria.stream.put(name, torch.ones(3)), "bad_args")
            atheria.stream.drop(name)
            refused(lambda: atheria.stream.drop(name), "not_found")
            """
        )
