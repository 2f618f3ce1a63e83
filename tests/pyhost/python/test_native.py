"""The API over a native module: leases, hooks, laws, forks."""

from __future__ import annotations

import threading
from typing import Any

import atheria
import numpy
import pytest
import torch
from atheria import _engine
from atheria._host.pausing import paused
from atheria._native import NativeBackend

from tests.pyhost.python import fake_native

LIMIT = 20  # s


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> atheria.Engine:
    fake_native.worlds.clear()
    fake_native.laws.clear()
    one = atheria.Engine(NativeBackend("tests.pyhost.python.fake_native"))
    monkeypatch.setattr(_engine, "_default", one)
    return one


@pytest.fixture
def w(engine: atheria.Engine) -> atheria.World:
    return atheria.create("a", "plus", (4, 3))


def test_the_only_world_is_the_current_one(w: atheria.World) -> None:
    assert atheria.current().name == "a"
    assert atheria.where() == "core"
    atheria.create("b", "plus")
    with pytest.raises(atheria.Error, match="there are 2: a, b"):
        atheria.current()


def test_a_job_has_the_world_it_is_attached_to(w: atheria.World, monkeypatch: pytest.MonkeyPatch) -> None:
    atheria.create("b", "plus")
    monkeypatch.setenv("ATHERIA_JOB_WORLD", "b")
    assert atheria.current().name == "b"
    assert atheria.job.world is not None


def test_step_is_a_number_and_a_word(w: atheria.World) -> None:
    assert w.step == 0
    before = w.step
    assert w.step(10) == 10
    assert w.step == before + 10
    assert f"{w.step}" == "10"


def test_what_a_world_is(w: atheria.World) -> None:
    assert (w.law, w.fields, w.size, w.playing, w.params) == ("plus", ["u", "v"], (4, 3), False, {"rate": 1.0})
    assert repr(w) == "<world a: plus 4 x 3, paused at step 0>"
    assert "<td>Plus</td>" in atheria.laws()._repr_html_()


def test_a_snapshot_is_a_copy(w: atheria.World) -> None:
    u = w.snapshot("u")
    w.step(1)
    assert u.sum() == 0
    assert w.snapshot().shape == (2, 3, 4)


def test_psi_of_a_complex_law_is_complex(engine: atheria.Engine) -> None:
    c = atheria.create("c", "wave", (4, 3))
    c.load(torch.full((3, 4), 1 + 2j), "psi")
    assert torch.equal(c.snapshot("psi"), torch.full((3, 4), 1 + 2j))
    assert c.snapshot("im").unique().tolist() == [2.0]
    c.load(torch.full((3, 4), 5 + 0j))
    assert c.snapshot("re").unique().tolist() == [5.0]


def test_psi_of_another_law_is_no_field(w: atheria.World) -> None:
    with pytest.raises(atheria.Error, match="no channel 'psi'"):
        w.snapshot("psi")


@pytest.mark.parametrize(
    "values",
    [
        torch.ones(3, 4),
        numpy.ones((3, 4), numpy.float32),
        numpy.broadcast_to(numpy.float32(1), (3, 4)),
        [[1.0] * 4] * 3,
    ],
)
def test_anything_like_an_array_can_be_loaded(w: atheria.World, values: Any) -> None:
    w.load(values, "v")
    assert w.snapshot("v").sum() == 12


def test_anything_with_dlpack_can_be_loaded(w: atheria.World) -> None:
    class Elsewhere:
        def __dlpack__(self, **options: Any) -> Any:
            return torch.ones(3, 4).__dlpack__()

        def __dlpack_device__(self) -> tuple[int, int]:
            return (1, 0)

    w.load(Elsewhere(), "u")
    assert w.snapshot("u").sum() == 12


def test_what_is_no_array_is_refused(w: atheria.World) -> None:
    with pytest.raises(atheria.Error, match="cannot make a tensor of str"):
        w.load("nonsense")


def test_a_lease_writes_into_the_world(w: atheria.World) -> None:
    with w.lease() as s:
        s.u[0, :] = 7
        s.v = 3
        s["v"] = torch.ones(3, 4)
        s.u += 1
        assert s.field.shape == (2, 3, 4)
        assert s.step == 0
        assert s.step(2) == 2
        assert s.u[0, 0] == 10
        assert s.fields == ["u", "v"]
        assert "step 2" in repr(s)
    assert w.snapshot("u")[0].tolist() == [10.0] * 4
    assert w.snapshot("v").sum() == 12


def test_psi_in_a_lease_is_written_back_before_a_step_and_at_the_end(engine: atheria.Engine) -> None:
    c = atheria.create("c", "wave", (4, 3))
    with c.lease() as s:
        s.psi = torch.full((3, 4), 1 + 2j)
        s.step(1)  # adds 1 to re
        assert s.psi[0, 0] == 2 + 2j
        assert s.im[0, 0] == 2
        s.psi[0, 0] *= 2
    assert c.snapshot("psi")[0, 0] == 4 + 4j


def test_a_field_that_is_not_there_is_named(w: atheria.World) -> None:
    with w.lease() as s:
        with pytest.raises(AttributeError, match="'a' has no field 'w'; it has u, v"):
            _ = s.w
        with pytest.raises(atheria.Error, match="no field 'w'"):
            s.w = 3
        assert not hasattr(s, "w")


def test_an_expired_lease_says_why(w: atheria.World) -> None:
    with w.lease() as s:
        assert not s.expired
        s._native.end("expired after 30 s")  # type: ignore[attr-defined]
        assert s.expired
        for use in (lambda: s.u, lambda: s.step(1), lambda: s.field):
            with pytest.raises(atheria.LeaseExpired, match="expired after 30 s"):
                use()
        with pytest.raises(atheria.LeaseExpired):
            s["u"] = 3


def test_an_exception_releases_the_lease(w: atheria.World) -> None:
    with pytest.raises(ZeroDivisionError), w.lease():
        _ = 1 / 0
    with w.lease(), pytest.raises(atheria.Error, match="leased by"):
        w.lease()


def test_a_lease_without_with_lasts_until_it_is_released(w: atheria.World) -> None:
    s = w.lease()
    s.u = 4
    s.release()
    s.release()
    assert w.snapshot("u").sum() == 48


def test_an_observation_is_an_iterator_of_snapshots(w: atheria.World) -> None:
    steps = [(snap.step, snap.u[0, 0].item(), list(snap)) for snap in w.observe(every=5)]
    assert steps == [(5, 5.0, ["u"]), (10, 10.0, ["u"]), (15, 15.0, ["u"])]
    with pytest.raises(atheria.Error, match="1 or more"):
        w.observe(every=0)


def test_an_observer_with_a_call_runs_on_pyhook(w: atheria.World) -> None:
    seen: list[tuple[int, str]] = []
    ended = threading.Event()

    def call(step: int, snap: atheria.Snapshot) -> None:
        seen.append((step, threading.current_thread().name))
        if len(seen) == 3:
            ended.set()

    w.observe(every=2, call=call)
    assert ended.wait(LIMIT)
    assert seen == [(2, "pyhook a"), (4, "pyhook a"), (6, "pyhook a")]


def test_an_observer_that_raises_is_removed_and_says_why(w: atheria.World) -> None:
    watcher = w.observe(call=lambda step, snap: 1 / 0)
    watcher._thread.join(LIMIT)
    assert "ZeroDivisionError" in watcher.failure


def test_a_hook_changes_the_field_between_two_steps(w: atheria.World) -> None:
    def add(s: atheria.Lease) -> None:
        s.u += 1

    hook = w.on_step(10, add)
    assert isinstance(hook, atheria.Hook)
    hook._thread.join(LIMIT)
    assert w.snapshot("u")[0, 0] == 3
    assert hook.detached == ""


def test_a_hook_that_raises_is_detached_with_its_traceback_and_the_world_goes_on(w: atheria.World) -> None:
    hook = w.on_step(10, lambda s: s.nonsense)
    assert isinstance(hook, atheria.Hook)
    hook._thread.join(LIMIT)
    assert "has no field 'nonsense'" in hook.detached
    assert fake_native.worlds["a"].leased is None


def test_a_law_is_registered_with_its_data_and_called_with_what_it_takes(engine: atheria.Engine) -> None:
    @atheria.register_law("double", channels=["u", {"name": "v", "hi": 2.0}], params={"k": (1.0, 0.0, 2.0), "n": 3})
    def double(psi: torch.Tensor) -> torch.Tensor:
        """Doubles."""
        return psi * 2

    spec, step = fake_native.laws["double"]
    assert spec["about"] == "Doubles."
    assert [channel["hi"] for channel in spec["channels"]] == [1.0, 2.0]
    assert spec["params"] == [{"name": "k", "value": 1.0, "lo": 0.0, "hi": 2.0}, {"name": "n", "value": 3}]
    assert step(torch.ones(1), 0, {}).item() == 2
    atheria.register_law("module", torch.nn.Conv2d(1, 1, 3, padding=1))
    out = fake_native.laws["module"][1](torch.ones(1, 3, 4), 0, {})
    assert out.shape == (1, 3, 4)
    assert not out.requires_grad
    with pytest.raises(atheria.Error, match=r"\(value, lo, hi\)"):
        atheria.register_law("bad", double, params={"k": (1, 2)})


def test_a_fork_has_the_fields_and_settings_and_its_own_life(w: atheria.World) -> None:
    w.set(rate=2.0)
    w.step(5)
    child = w.fork()
    assert child.name == "a-1"
    assert torch.equal(child.snapshot(), w.snapshot())
    w.step(1)
    assert child.snapshot("u")[0, 0] == 10
    assert w.fork().name == "a-2"


def test_wait_says_why_it_would_have_no_end(w: atheria.World) -> None:
    w.step(3)
    assert w.wait(step=2) == 3
    with pytest.raises(atheria.Error, match="paused at step 3 and will not reach step 9: play"):
        w.wait(step=9)
    with pytest.raises(atheria.Error, match="wait for what"):
        w.wait()
    w.play()
    with pytest.raises(atheria.Error, match=r"did not reach time 7 within 0\.05 s") as caught:
        w.wait(time=7, timeout=0.05)
    assert caught.value.code == "timeout"
    w.pause()
    assert w.wait(paused=True) == 3


def test_errors_of_the_native_module_are_ours(w: atheria.World) -> None:
    w.delete()
    with pytest.raises(atheria.Error) as caught:
        w.snapshot()
    assert (caught.value.code, caught.value.path) == ("not_found", "world")
    assert repr(w) == "<world a: no world 'a'>"


def test_a_stream_takes_arrays_of_all_kinds_and_says_what_there_is(w: atheria.World) -> None:
    assert atheria.stream.put("loss", torch.ones(2, 3), range=(0, 2)) == 1
    assert atheria.stream.put("loss", [[1, 2]]) == 2
    assert atheria.stream.topics() == {"loss": {"shape": (1, 2), "range": None, "puts": 2}}
    with pytest.raises(atheria.Error, match="two numbers; got 'abc'") as caught:
        atheria.stream.put("loss", [[1]], range="abc")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.path) == ("bad_args", "range")
    atheria.stream.drop("loss")
    with pytest.raises(atheria.Error) as caught:
        atheria.stream.drop("loss")
    assert caught.value.code == "not_found"


def test_worlds_stand_still_for_a_script_that_asks_and_only_players_play_again(w: atheria.World) -> None:
    other = atheria.create("b", "plus")
    w.play()
    with paused(None):
        assert not w.playing
    assert (w.playing, other.playing) == (True, False)
    with paused("b"):
        assert w.playing


def test_a_module_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_native, "__torch_version__", "1.0.0", raising=False)
    with pytest.raises(atheria.Error, match="was built for torch 1"):
        NativeBackend("tests.pyhost.python.fake_native")
    monkeypatch.setattr(fake_native, "__version__", "9.9", raising=False)
    with pytest.raises(atheria.Error, match="is version 9"):
        NativeBackend("tests.pyhost.python.fake_native")
    with pytest.raises(atheria.Error, match="cannot load 'no_such_module' beside torch"):
        NativeBackend("no_such_module")


def test_pictures_are_png(w: atheria.World) -> None:
    png = w._repr_png_()
    assert png is not None
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert atheria.image(torch.rand(5, 6)).size == (252, 210)
    assert atheria.image(torch.rand(3, 4000, 2000)).size == (500, 1000)
    assert atheria.image(torch.ones(3, 3) * 1j).size == (255, 255)
    assert atheria.image(torch.full((2, 2), float("nan"))).size == (256, 256)
    with pytest.raises(atheria.Error, match="a picture is of"):
        atheria.image(torch.rand(3))
