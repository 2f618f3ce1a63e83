"""Stops and interrupts at every moment and place: exactly one end for each job, and the engine goes on."""

from __future__ import annotations

import os
import random
import time
from collections import deque

import pytest

from tests.e2e.support import wait_until
from tests.pyhost.host.support import Python

STOPS = int(os.environ.get("ATHERIA_TEST_STOPS", "200"))
SHORT = "import time\nfor i in range(20): time.sleep(0.0005)\nprint('end')"


def steps_on(python: Python) -> bool:
    before = python.world("fast")["step"]
    return wait_until(lambda: python.world("fast")["step"] > before)


def test_two_hundred_stops_at_any_time_end_exactly_the_jobs_they_name(python: Python) -> None:
    """Jobs in a queue, each stopped at a random moment of its life, while another runs, or never."""
    chance = random.Random(8)
    waiting: deque[str] = deque()
    every: list[str] = []
    stopped: set[str] = set()

    def finish() -> None:
        job = waiting.popleft()
        done = python.finish(job)
        if job in stopped:
            assert done.outcome in ("ok", "cancelled", "killed")
        else:
            assert (done.outcome, done.code, done.out) == ("ok", 0, "end\n")

    while len(stopped) < STOPS:
        waiting.append(python.submit(SHORT))
        every.append(waiting[-1])
        for job in waiting:
            if job not in stopped and chance.random() < 0.3:
                time.sleep(chance.random() * 0.01)
                python.ask("script.cancel", job=job, force=chance.random() < 0.3)
                stopped.add(job)
        while len(waiting) > 6:
            finish()
    while waiting:
        finish()
    ends = [one["data"]["job"] for one in python.events if one["ev"] == "job" and one["data"]["state"] == "done"]
    assert sorted(job for job in ends if job in every) == sorted(every)
    assert steps_on(python)


def test_a_hundred_stops_of_what_has_ended_touch_nobody(python: Python) -> None:
    ended = python.run("pass").number
    for _ in range(100):
        python.ask("script.cancel", job=ended, force=True)
    assert python.run("import time\ntime.sleep(0.2)\nprint('whole')").out == "whole\n"
    job = python.submit("import time\nprint('begun', flush=True)\ntime.sleep(0.5)\nprint('whole')")
    python.until_printed(job, "begun")
    for _ in range(20):
        python.ask("script.cancel", job=ended, force=True)
    assert python.finish(job).out == "begun\nwhole\n"


INTERRUPTED = {
    "a hook": """
        import atheria
        w = atheria.create("interrupted", "life", (32, 32))
        def call(lease): raise KeyboardInterrupt("in a hook")
        hook = w.on_step(5, call)
        w.step(10)
        n = w.step(40)
        print(n, "KeyboardInterrupt: in a hook" in hook.detached)
        """,
    "an observer": """
        import atheria
        w = atheria.create("interrupted", "life", (32, 32))
        def call(step, snap): raise KeyboardInterrupt("in an observer")
        watcher = w.observe(every=5, call=call)
        w.step(10)
        watcher._thread.join(30)
        print(w.step(40), watcher.closed)
        """,
    "a law": """
        import atheria
        def step(psi, t, params):
            if t == 50: raise KeyboardInterrupt("in a law")
            return psi
        atheria.register_law("interrupts", step, channels=["u"], radius=0)
        w = atheria.create("interrupted", "interrupts", (8, 8))
        try:
            w.step(60)
        except atheria.Error as error:
            print(int(w.step), "KeyboardInterrupt: in a law" in str(error))
        """,
    "a destructor": """
        import atheria
        w = atheria.create("interrupted", "life", (32, 32))
        class Ends:
            def __del__(self): raise KeyboardInterrupt("in a destructor")
        Ends()
        print(w.step(50), True)
        """,
    "a thread": """
        import atheria, threading
        w = atheria.create("interrupted", "life", (32, 32))
        def work(): raise KeyboardInterrupt("in a thread")
        t = threading.Thread(target=work); t.start(); t.join()
        print(w.step(50), True)
        """,
}


@pytest.mark.parametrize("place", INTERRUPTED)
def test_a_keyboard_interrupt_ends_what_raised_it_and_the_engine_goes_on(python: Python, place: str) -> None:
    done = python.run(INTERRUPTED[place])
    assert (done.outcome, done.out) == ("ok", "50 True\n"), done.err
    python.ask("sim.delete", world="interrupted")
    assert steps_on(python)
    # Hooks, observers and laws of the next script run as ever.
    source = """
        import atheria
        w = atheria.create("next", "life", (32, 32))
        seen = []
        with w.on_step(5, lambda s: seen.append(s.step)):
            w.step(10)
        atheria.register_law("next", lambda psi: psi + 1, channels=["u"], radius=0)
        print(seen, atheria.create("own", "next", (8, 8)).step(3))
        w.delete(); atheria.world("own").delete()
        """
    assert python.run(source).out == "[5, 10] 3\n"


def test_a_stop_that_is_lost_in_a_destructor_is_followed_by_force(python: Python) -> None:
    """Python prints what a __del__ raises and goes on: so a stop that comes there has no effect."""
    job = python.submit(
        """
        import time
        class Ends:
            def __del__(self):
                print("begun", flush=True)
                time.sleep(1000)
        Ends()
        print("went on", flush=True)
        time.sleep(1000)
        """
    )
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job)
    python.until_printed(job, "went on")
    python.ask("script.cancel", job=job)
    assert python.finish(job).outcome == "killed"
    assert python.run("print('clean')").out == "clean\n"
    assert steps_on(python)


def test_an_interrupt_in_what_is_called_on_a_stop_is_still_one_end(python: Python) -> None:
    job = python.submit(
        """
        import atheria, time
        def stop(): raise KeyboardInterrupt("in on_cancel")
        atheria.job.on_cancel(stop)
        print("begun", flush=True)
        time.sleep(1000)
        """
    )
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job)
    done = python.finish(job)
    assert (done.outcome, done.code) == ("cancelled", 130)
    assert python.run("print('clean')").out == "clean\n"
