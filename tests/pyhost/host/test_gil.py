"""Python's lock: whoever keeps it keeps neither the engine nor the server, and nobody waits for each other for ever."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.client import Refused
from tests.e2e.support import Server, wait_until
from tests.pyhost.host.support import Python, ready

SECONDS = float(os.environ.get("ATHERIA_TEST_HUNT_SECONDS", "7"))

COUNTS = """
    import atheria
    atheria.register_law({name!r}, lambda psi: psi + 1, channels=[{{"name": "u", "hi": 1e9}}], radius=0,
                         init="empty", budget_ms=60_000)
    """
# The C library sleeps with Python's lock held: no thread of Python's can do anything.
KEEPS_THE_LOCK = """
    import ctypes
    print("begun", flush=True)
    for _ in range({times}): ctypes.PyDLL(None).usleep(900_000)
    print("let go", flush=True)
    """


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Locks are held up to 20 ms longer than they need be, so that threads meet that seldom do."""
    worlds = [word for world in ("a=gray-scott,32x32", "b=life,32x32") for word in ("--world", world)]
    folder = tmp_path_factory.mktemp("server")
    running = ready(Server(folder, *worlds, python="", variables={"ATHERIA_LOCK_JITTER_MS": "20"}))
    yield running
    assert running.alive(), f"the server died:\n{running.stderr()}"
    running.stop()


def count_up(python: Python, name: str) -> None:
    """A world that plays, of a law written in Python: each cell is the number of steps it took."""
    done = python.run(COUNTS.format(name=name))
    assert done.outcome == "ok", done.err
    python.ask("sim.create", name=name, law=name, size=[8, 8], playing=True)
    assert wait_until(lambda: python.world(name)["step"] > 0)


def keep_the_lock(python: Python, name: str, times: int) -> str:
    """Returns when the world waits for Python in the middle of a step."""
    job = python.submit(KEEPS_THE_LOCK.format(times=times))
    python.until_printed(job, "begun")

    def waits() -> bool:
        before = python.world(name)["step"]
        time.sleep(0.1)
        return bool(python.world(name)["step"] == before)

    assert wait_until(waits)
    return job


def test_a_world_of_a_law_in_python_answers_while_native_code_keeps_pythons_lock(python: Python) -> None:
    count_up(python, "counts")
    job = keep_the_lock(python, "counts", 3)
    since = time.monotonic()
    paused = python.ask("sim.pause", world="counts")["step"]
    took = time.monotonic() - since
    world = python.world("counts")
    assert (world["state"], world["step"], world["failure"]) == ("paused", paused, None)
    assert "let go" not in python.output(job), "the lock was free: this proves nothing"
    assert took < 0.9, "nobody lets go of the lock before"
    done = python.finish(job)
    assert done.out.endswith("let go\n")
    # No step was lost or taken twice, and it goes on.
    python.ask("sim.step", world="counts", n=5)
    field = "import atheria\nw = atheria.world('counts')\nu = w.snapshot('u')\nprint(u.min() == u.max() == int(w.step))"
    assert python.run(field).out == "tensor(True)\n"
    assert python.world("counts")["step"] == paused + 5
    python.ask("sim.delete", world="counts")


def test_a_world_of_a_law_in_python_is_deleted_while_native_code_keeps_pythons_lock(python: Python) -> None:
    count_up(python, "goes")
    job = keep_the_lock(python, "goes", 2)
    python.ask("sim.delete", world="goes")
    with pytest.raises(Refused):
        python.world("goes")
    assert "let go" not in python.output(job)
    assert python.finish(job).outcome == "ok"


def test_who_keeps_pythons_lock_from_others_is_told_of_in_the_log(server: Server, python: Python) -> None:
    source = """
        import atheria, ctypes, threading
        def keep_it():
            ctypes.PyDLL(None).usleep(900_000)
        world, ended = atheria.world("a"), threading.Event()
        def ask():
            while not ended.is_set(): world.state
        threading.Thread(target=ask, daemon=True).start()
        keep_it()
        ended.set()
        """

    def told() -> bool:
        python.run(source)
        return "Python's lock (G9)" in server.stderr() and "in keep_it" in server.stderr()

    assert wait_until(told, 60)


HUNTER = """
    import atheria, random, threading, time
    end, longest, faults = time.monotonic() + {seconds}, [0.0], []
    worlds = [atheria.world(name) for name in ("a", "b", "p")]

    def lease(w):
        try:
            with w.lease(timeout=0.5, deadline=2) as s:
                s.step(2)
        except atheria.Error as error:
            if error.code not in ("busy", "timeout", "lease_expired", "conflict"): raise

    ACTS = [
        lease,
        lambda w: w.snapshot(),
        lambda w: w.state,
        lambda w: w.pause(),
        lambda w: w.play(),
        lambda w: w.seed(random.randrange(9)),
        lambda w: w.measure(),
        lambda w: atheria.laws(),
    ]

    def hunt(seed):
        random.seed(seed)
        while time.monotonic() < end:
            since = time.monotonic()
            try:
                random.choice(ACTS)(random.choice(worlds))
            except Exception as error:
                faults.append(repr(error))
            longest[0] = max(longest[0], time.monotonic() - since)

    hooks = [worlds[0].on_step(50, lambda s: None, budget_ms=10_000), worlds[1].observe(every=20, fields=None)]
    threads = [threading.Thread(target=hunt, args=(seed,)) for seed in range(3)]
    print("begun", flush=True)
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    for hook in hooks: hook.close()
    print(faults[:3], longest[0] < 10)
    """


def test_scripts_hooks_clients_and_worlds_never_wait_for_each_other(server: Server) -> None:
    acts = ("sim.play", "sim.pause", "sim.get", "field.measure", "field.undo", "sim.list", "script.list")
    longest, faults = [0.0], []

    def client(seed: int, ended: threading.Event) -> None:
        chance = random.Random(seed)
        with Python(server) as python:
            while not ended.is_set():
                act, since = chance.choice(acts), time.monotonic()
                args: dict[str, Any] = {} if act.endswith("list") else {"world": chance.choice("abp")}
                try:
                    python.ask(act, **args)
                except Refused as refused:
                    if refused.code not in ("conflict", "cancelled"):
                        faults.append(str(refused))
                except (OSError, TimeoutError) as error:
                    faults.append(repr(error))
                    return
                longest[0] = max(longest[0], time.monotonic() - since)

    with Python(server) as python:
        count_up(python, "p")
        job = python.submit(HUNTER.format(seconds=SECONDS))
        python.until_printed(job, "begun")
        ended = threading.Event()
        clients = [threading.Thread(target=client, args=(seed, ended)) for seed in range(2)]
        for one in clients:
            one.start()
        done = python.finish(job, SECONDS + 60)
        ended.set()
        for one in clients:
            one.join(60)
            assert not one.is_alive()
    assert done.out == "begun\n[] True\n", done.err
    assert faults == []
    assert 0 < longest[0] < 10
    assert "rule G" not in server.stderr()
