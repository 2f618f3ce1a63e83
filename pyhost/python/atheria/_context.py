"""Which job runs here. The server's harness writes it; everything else asks.

A job is a script or a notebook. It is known by the context (coroutines, callbacks), else by the thread: threads that a
job starts belong to it. Outside the server there is no host and no job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

host: Any = None  # the native module `_atheria.host`, set once by atheria._host.main
current: ContextVar[str | None] = ContextVar("atheria_job", default=None)


@dataclass
class Running:
    """What the harness knows about a job while it runs."""

    job: str
    name: str = ""
    argv: tuple[str, ...] = ()
    world: str | None = None
    on_cancel: list[Callable[[], object]] = field(default_factory=list)
    at_end: list[Callable[[], object]] = field(default_factory=list)  # leases and hooks it made
    lives_on: bool = False  # something of its code is used when it has ended: a law


_lock = threading.Lock()
_running: dict[str, Running] = {}  # guarded by _lock
_threads: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()  # guarded by _lock


def begin(running: Running) -> None:
    with _lock:
        _running[running.job] = running


def close(job: str) -> None:
    """What the job left open is closed, the newest first."""
    with _lock:
        found = _running.get(job)
    while found is not None and found.at_end:
        call = found.at_end.pop()
        with suppress(Exception):
            call()


def end(job: str) -> None:
    """The job is over; what its threads print from now on goes to the log."""
    close(job)
    with _lock:
        _running.pop(job, None)


def adopt(thread: threading.Thread) -> None:
    """The thread is about to start: it belongs to the job that starts it."""
    job = job_id()
    if job is not None:
        with _lock:
            _threads[thread] = job


def job_id() -> str | None:
    """The job of the code that asks; None outside of jobs, and for threads whose job has ended."""
    job = current.get()
    if job is None:
        # Not current_thread(): that makes an object for a thread Python did not start.
        thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined]
        with _lock:
            job = _threads.get(thread) if thread is not None else None
    with _lock:
        return job if job in _running else None


def running() -> Running | None:
    job = job_id()
    with _lock:
        return _running.get(job) if job is not None else None


def threads_of(job: str) -> list[threading.Thread]:
    with _lock:
        return [thread for thread, owner in _threads.items() if owner == job and thread.is_alive()]


def at_end(close: Callable[[], object]) -> None:
    """Calls `close` when the job that asks has ended; nothing outside of jobs."""
    found = running()
    if found is not None:
        found.at_end.append(close)
