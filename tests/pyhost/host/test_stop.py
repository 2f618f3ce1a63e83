"""A script can always be stopped, and a stop never hits another."""

import textwrap
import time
from typing import Any

import pytest

from tests.e2e.support import Server, wait_until
from tests.pyhost.host.support import Python

WAITS = {
    "a loop": "while True: pass",
    "a sleep": "import time\ntime.sleep(1000)",
    "a lock": "import threading\nl = threading.Lock(); l.acquire(); l.acquire()",
    "a queue": "import queue\nqueue.Queue().get()",
    "a socket": "import socket\na, b = socket.socketpair(); a.recv(1)",
    "a child": "import subprocess\nsubprocess.run(['sleep', '1000'])",
    "asyncio": "import asyncio\nasyncio.run(asyncio.sleep(1000))",
    "a thread's end": """
        import threading, time
        t = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
        t.start(); t.join()
        """,
    "a world": "import atheria\natheria.world('fast').wait(step=10**15)",
    "steps": "import atheria\natheria.world('w').step(10**9)",
    "many small products": "import torch\na = torch.ones(200, 200)\nwhile True: a = a @ a",
}


def stop_when_it_runs(python: Python, source: str, **how: Any) -> tuple[str, float]:
    job = python.submit("print('begun', flush=True)\n" + textwrap.dedent(source).lstrip())
    python.until_printed(job, "begun")
    since = time.monotonic()
    python.ask("script.cancel", job=job, reason="the test", **how)
    return job, since


@pytest.mark.parametrize("wait", WAITS)
def test_a_stop_ends(python: Python, wait: str) -> None:
    job, since = stop_when_it_runs(python, WAITS[wait])
    done = python.finish(job)
    assert time.monotonic() - since < 8, "the grace is 10 s: it must have ended by itself"
    assert (done.outcome, done.code) == ("cancelled", 130)
    assert python.run("print('next is clean')").out == "next is clean\n"


def test_the_reason_is_told_to_the_script(python: Python) -> None:
    job, _ = stop_when_it_runs(
        python,
        """
        import atheria, time
        try:
            time.sleep(1000)
        except atheria.Cancelled as stop:
            print("stopped because of", stop.reason)
            raise
        """,
    )
    done = python.finish(job)
    assert "stopped because of the test" in done.out
    assert done.err.splitlines()[-1] == "atheria.Cancelled: the test", "what the package calls it"


def test_there_is_time_for_a_checkpoint(python: Python) -> None:
    job, _ = stop_when_it_runs(
        python,
        """
        import time
        try:
            time.sleep(1000)
        except KeyboardInterrupt:
            for i in range(15):
                time.sleep(0.1)
            print("saved")
        """,
    )
    done = python.finish(job)
    assert "saved" in done.out
    assert done.outcome == "cancelled"


SWALLOWERS = {
    "except BaseException": """
        while True:
            try:
                while True: time.sleep(0.001)
            except BaseException: pass
        """,
    "bare except in a tight loop": """
        while True:
            try: pass
            except: pass
        """,
    "finally continue": """
        while True:
            try: time.sleep(0.001)
            finally: continue
        """,
    "suppress": """
        import contextlib
        while True:
            with contextlib.suppress(BaseException): time.sleep(0.001)
        """,
    "a generator": """
        def stubborn():
            while True:
                try: yield
                except BaseException: pass
        g = stubborn(); next(g)
        while True:
            try:
                next(g)
            except BaseException: g = stubborn()
        """,
    "an event": """
        import threading
        e = threading.Event()
        while True:
            try: e.wait(1000)
            except BaseException: pass
        """,
    "recursion": """
        def f():
            while True:
                try: f()
                except BaseException: pass
        f()
        """,
    "nested handlers": """
        while True:
            try:
                try: time.sleep(0.001)
                except BaseException:
                    try: time.sleep(0.001)
                    except BaseException: pass
            except BaseException: pass
        """,
}


@pytest.mark.parametrize("name", SWALLOWERS)
def test_what_swallows_every_exception_is_ended_by_force(python: Python, name: str) -> None:
    job, since = stop_when_it_runs(python, "import time\n" + textwrap.dedent(SWALLOWERS[name]), force=True)
    done = python.finish(job)
    assert (done.outcome, done.code) == ("killed", 137)
    assert time.monotonic() - since < 8
    assert python.run("print(sum(range(1000)))").out == "499500\n"


def test_a_second_stop_counts_while_the_first_is_being_handled(python: Python) -> None:
    job, _ = stop_when_it_runs(
        python,
        """
        import time
        try:
            time.sleep(1000)
        except KeyboardInterrupt:
            print("thinking", flush=True)
            time.sleep(1000)
        """,
    )
    python.until_printed(job, "thinking")
    assert python.ask("script.cancel", job=job)["stage"] == 2
    assert python.finish(job).outcome == "killed"


def test_after_its_grace_it_is_ended_by_force(python: Python) -> None:
    source = "import time\nprint('begun', flush=True)\nwhile True:\n try: time.sleep(9)\n except BaseException: pass\n"
    job = python.submit(source, graceMs=300)
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job)
    assert python.finish(job).outcome == "killed"


def test_a_deadline_has_its_own_exit_code(python: Python) -> None:
    done = python.run("import time\ntime.sleep(1000)", deadlineMs=300)
    assert (done.outcome, done.code) == ("timed_out", 124)


def test_a_stop_before_the_start_prevents_it(python: Python) -> None:
    first = python.submit("import time\ntime.sleep(1000)")
    second = python.submit("print('never')")
    python.ask("script.cancel", job=second)
    python.ask("script.cancel", job=first)
    assert python.finish(second).out == ""
    assert python.finish(second).outcome == "cancelled"
    assert python.finish(first).outcome == "cancelled"


def test_native_code_that_never_returns_leaves_the_worlds_running(server: Server) -> None:
    """The stage after force: the plane is stuck, says where, and the engine goes on."""
    # A lock that no signal interrupts, held with Python's own lock: nothing in this process reaches it.
    source = """
        import ctypes, time
        mutex = ctypes.create_string_buffer(64)
        until = (ctypes.c_int64 * 2)(int(time.time()) + 6, 0)
        libc = ctypes.PyDLL(None)
        libc.pthread_mutex_lock(mutex)
        print("begun", flush=True)
        libc.pthread_mutex_timedlock(mutex, until)
        print("back")
        """
    with Python(server) as python:
        job = python.submit(source)
        python.until_printed(job, "begun")
        python.ask("script.cancel", job=job, force=True)
        before = python.world("fast")["step"]

        def dumped() -> bool:
            with Python(server) as other:
                health = other.hello["python"]
            return health["plane"] == "stuck" and "line 8" in health["stacks"]

        assert wait_until(dumped)
        assert python.status(job)["stage"] == 3
        assert python.world("fast")["step"] > before
        done = python.finish(job)
        assert "back" not in done.out
        assert python.run("print('free again')").out == "free again\n"
