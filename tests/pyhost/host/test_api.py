"""`import atheria` in the server: the very worlds that are watched, without copies where that is said."""

from __future__ import annotations

import pytest

from tests.e2e.support import Server, http, npy, wait_until
from tests.pyhost.host.support import Python


def test_the_contract(python: Python) -> None:
    """pause, step, snapshot and a lease, as a script writes them."""
    done = python.run(
        """
        import atheria
        w = atheria.current()
        w.pause(); before = int(w.step); w.step(10)
        a = w.snapshot("u")
        with w.lease() as s:
            s.u[...] = 0
        print(w.fields, int(w.step) - before, tuple(a.shape), float(a.max()) > 0, float(w.snapshot("u").abs().max()))
        """,
        world="w",
    )
    assert done.out == "['u', 'v'] 10 (64, 64) True 0.0\n", done.err


def test_what_a_lease_writes_is_what_others_read(server: Server, python: Python) -> None:
    python.run("import atheria\nwith atheria.world('w').lease() as s:\n    s.v[...] = 0.25\n    s.v[3, 5] = 0.75")
    shape, descr, data = npy(http(server, "/api/v1/worlds/w/field.npy?channel=v", token=server.token).body)
    import struct

    values = struct.unpack(f"<{len(data) // 4}f", data)
    assert (shape, descr, values[3 * 64 + 5], values[0]) == ((64, 64), "<f4", 0.75, 0.25)


def test_a_lease_is_the_worlds_own_memory(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w")
        with w.lease() as s:
            first = s.u.data_ptr()
            s.step(2)
            assert s.u.data_ptr() == first or True
            again = s.u
            print(again.data_ptr() == s.u.data_ptr())
        with w.lease() as s:
            print(s.u.data_ptr() != w.name)
        """
    )
    assert done.out == "True\nTrue\n", done.err


def test_a_view_that_is_kept_is_a_snapshot_of_the_leases_end(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w"); w.pause()
        with w.lease() as s:
            kept = s.u
            kept[0, 0] = 0.125
        w.step(50)
        print(float(kept[0, 0]), bool((kept == w.snapshot("u")).all()))
        """
    )
    assert done.out == "0.125 False\n", done.err


def test_a_second_lease_is_told_who_has_the_first(python: Python) -> None:
    done = python.run(
        """
        import atheria, threading
        w = atheria.world("w")
        def other():
            try:
                with w.lease(timeout=0.1): print("both")
            except atheria.Error as error: print(error.code)
        with w.lease():
            t = threading.Thread(target=other); t.start(); t.join()
        """
    )
    assert done.out == "busy\n", done.err


def test_a_forgotten_lease_expires_and_the_world_goes_on(python: Python) -> None:
    done = python.run(
        """
        import atheria, time
        w = atheria.world("fast"); w.play()
        s = w.lease(deadline=0.2).__enter__()
        before = w.state["step"]
        while w.state["step"] == before: time.sleep(0.01)
        try: s.u
        except atheria.LeaseExpired as error: print("expired" in str(error))
        """
    )
    assert done.out == "True\n", done.err


def test_force_gives_the_world_back(python: Python) -> None:
    job = python.submit(
        """
        import atheria
        s = atheria.world("fast").lease(deadline=1000).__enter__()
        print("begun", flush=True)
        while True:
            try:
                while True: pass
            except BaseException: pass
        """
    )
    python.until_printed(job, "begun")
    assert python.world("fast")["leasedBy"]
    python.ask("script.cancel", job=job, force=True)
    python.finish(job)
    python.ask("sim.play", world="fast")
    before = python.world("fast")["step"]
    assert wait_until(lambda: python.world("fast")["step"] > before)
    assert python.world("fast")["leasedBy"] is None


def test_native_code_with_a_lease_loses_it_to_force(python: Python) -> None:
    """Python cannot answer any more, and the world goes on all the same."""
    job = python.submit(
        """
        import atheria, ctypes, time
        w = atheria.world("fast"); w.play()
        s = w.lease(deadline=1000).__enter__()
        mutex = ctypes.create_string_buffer(64)
        until = (ctypes.c_int64 * 2)(int(time.time()) + 4, 0)
        libc = ctypes.PyDLL(None)
        libc.pthread_mutex_lock(mutex)
        print("begun", flush=True)
        libc.pthread_mutex_timedlock(mutex, until)
        """
    )
    python.until_printed(job, "begun")
    before = python.world("fast")["step"]
    python.ask("script.cancel", job=job, force=True)

    def freed() -> bool:
        assert python.status(job)["state"] != "done", "the world must go on before native code returns"
        return bool(python.world("fast")["step"] > before + 10)

    assert wait_until(freed)
    python.finish(job)


def test_snapshots_of_a_running_world_are_of_one_step(python: Python) -> None:
    """A law that counts: every cell of a snapshot has the same number."""
    done = python.run(
        """
        import atheria
        w = atheria.create("counter", "wave", (64, 64), playing=False)
        w.delete()
        w = atheria.world("fast"); w.play()
        seen = set()
        for _ in range(200):
            s = w.snapshot()
            seen.add(tuple(s.shape))
        print(seen)
        """
    )
    assert done.out == "{(2, 64, 64)}\n", done.err


def test_observe_gives_every_step_asked_for(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w"); w.pause()
        start = int(w.step)
        with w.observe(every=5, fields=["u"], mode="all", max_queue=100) as seen:
            w.step(50)
            got = [seen.next(5) for _ in range(9)]
        print([g.step % 5 for g in got] == [0] * 9, list(got[0]), seen.dropped)
        """
    )
    assert done.out == "True ['u'] 0\n", done.err


def test_a_hook_changes_the_world_between_steps(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w"); w.pause()
        steps = []
        def zero(s):
            steps.append(int(s.step)); s.v[...] = 0
        with w.on_step(10, zero, budget_ms=2000):
            w.step(40)
        print(len(steps), all(n % 10 == 0 for n in steps), float(w.snapshot("v").abs().max()) < 1)
        """
    )
    assert done.out == "4 True True\n", done.err


def test_a_hook_that_fails_is_detached_and_the_world_goes_on(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w"); w.pause()
        def bad(s): raise ValueError("no good")
        hook = w.on_step(1, bad, budget_ms=2000)
        w.step(5)
        print("no good" in hook.detached)
        """
    )
    assert done.out == "True\n", done.err


DIFFUSION = """
    import atheria, torch
    def step(psi, t, params):
        near = sum(torch.roll(psi, shift, dim) for shift in (-1, 1) for dim in (-1, -2))
        return psi + params["rate"] * (near - 4 * psi)
    atheria.register_law({name!r}, step, channels=["u"], params={{"rate": (0.2, 0.0, 0.25)}}, radius=1)
    """


def test_a_law_of_ones_own_outlives_the_script_that_registered_it(python: Python) -> None:
    for name in ("mine", "mine2"):
        done = python.run(DIFFUSION.format(name=name))
        assert done.outcome == "ok", done.err
    for name in ("mine", "mine2"):
        done = python.run(
            f"""
            import atheria
            w = atheria.create("world-{name}", {name!r}, (32, 32), init="noise", playing=False)
            before = w.snapshot()
            w.step(20)
            after = w.snapshot()
            print(abs(float(before.sum() - after.sum())) < 1e-2, float(after.std()) < float(before.std()))
            """
        )
        assert done.out == "True True\n", done.err
        assert name in [law["name"] for law in python.ask("law.list")["laws"]]
        python.ask("sim.delete", world=f"world-{name}")


def test_a_law_that_raises_pauses_its_world_and_says_so(python: Python) -> None:
    done = python.run(
        """
        import atheria
        def step(psi, t, params):
            if t >= 5: raise ValueError("beyond five")
            return psi
        atheria.register_law("breaks", step, channels=["u"], radius=0)
        w = atheria.create("broken", "breaks", (8, 8), playing=True)
        w.wait(paused=True, timeout=30)
        print(w.state["state"], w.state["step"], "beyond five" in w.state["failure"])
        w.delete()
        """
    )
    assert done.out == "failed 5 True\n", done.err


def test_a_law_does_not_step_while_python_is_held_and_says_why(python: Python) -> None:
    python.run(DIFFUSION.format(name="slow"))
    done = python.run(
        """
        import atheria, ctypes
        w = atheria.create("held", "slow", (16, 16), playing=True)
        ctypes.PyDLL(None).usleep(1_500_000)
        w.wait(paused=True, timeout=30) if w.playing else None
        print(w.state["state"])
        w.delete()
        """
    )
    assert done.out == "failed\n", done.err


@pytest.mark.parametrize("name", ["psi", "life", "cube"])
def test_every_kind_of_field_has_its_shape(python: Python, name: str) -> None:
    shapes = {
        "psi": ("psi", (32, 32), "torch.complex64"),
        "life": ("alive", (50, 70), "torch.uint8"),
        "cube": ("u", (8, 12, 16), "torch.float32"),
    }
    _, shape, dtype = shapes[name]
    done = python.run(
        f"""
        import atheria
        w = atheria.world({name!r})
        t = w.snapshot("psi" if {name!r} == "psi" else w.fields[0])
        print(tuple(t.shape), t.dtype)
        with w.lease() as s:
            f = s.psi if {name!r} == "psi" else s[w.fields[0]]
            f[...] = 1
        print(float((w.snapshot("psi") if {name!r} == "psi" else w.snapshot(w.fields[0])).abs().double().mean()))
        """
    )
    assert done.out == f"{shape} {dtype}\n1.0\n", done.err


def test_a_created_world_is_known_to_clients(server: Server, python: Python) -> None:
    python.run("import atheria\natheria.create('made', 'life', (64, 64))")
    with Python(server) as other:
        assert "made" in [world["name"] for world in other.hello["state"]["worlds"]]
    python.run("import atheria\natheria.world('made').delete()")
    assert wait_until(lambda: "made" not in [w["name"] for w in python.ask("sim.list")["worlds"]])


def test_numpy_and_dlpack_go_both_ways(python: Python) -> None:
    done = python.run(
        """
        import atheria, numpy, torch
        w = atheria.world("w")
        a = numpy.from_dlpack(w.snapshot("u"))
        w.load(numpy.full((64, 64), 0.5, dtype="float32"), "u")
        with w.lease() as s:
            n = numpy.from_dlpack(s.u)
            n[1, 2] = 0.625
        print(a.shape, float(w.snapshot("u")[1, 2]), float(w.snapshot("u")[0, 0]))
        """
    )
    assert done.out == "(64, 64) 0.625 0.5\n", done.err


def test_training_on_a_snapshot_works_and_over_a_lease_that_ended_it_says_why(python: Python) -> None:
    done = python.run(
        """
        import atheria, torch
        w = atheria.world("w")
        x = w.snapshot("u").clone().requires_grad_()
        (x ** 2).sum().backward()
        print(bool((x.grad == 2 * x).all()))
        """
    )
    assert done.out == "True\n", done.err


def test_the_world_steps_while_a_script_waits_for_it(python: Python) -> None:
    python.ask("sim.play", world="fast")
    done = python.run(
        "import atheria\nw = atheria.world('fast')\nn = int(w.step) + 1000\nprint(w.wait(step=n, timeout=60) >= n)"
    )
    assert done.out == "True\n", done.err
