"""atexit in a process that never finalises Python: what a job registers runs when the job ends."""

from __future__ import annotations

import atexit
import traceback
from collections.abc import Callable
from typing import Any

from atheria import _context

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
_calls: dict[str, list[Call]] = {}  # by job; a list's methods are atomic
_register, _unregister = atexit.register, atexit.unregister


def register(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Callable[..., Any]:
    job = _context.job_id()
    if job is None:
        return _register(func, *args, **kwargs)
    if not callable(func):
        raise TypeError("the first argument must be callable")
    _calls.setdefault(job, []).append((func, args, kwargs))
    return func


def unregister(func: Callable[..., Any]) -> None:
    job = _context.job_id()
    if job is None:
        _unregister(func)
    else:
        _calls[job] = [call for call in _calls.get(job, []) if call[0] != func]


def install() -> None:
    atexit.register = register
    atexit.unregister = unregister


def run(job: str) -> None:
    """Runs what the job registered, the last first. One that fails is told on stderr and the others still run."""
    while calls := _calls.get(job):
        func, args, kwargs = calls.pop()
        try:
            func(*args, **kwargs)
        except Exception:
            traceback.print_exc()
    _calls.pop(job, None)


def forget(job: str) -> None:
    _calls.pop(job, None)


def run_all() -> None:
    """At the server's end, for what was registered outside of jobs."""
    atexit._run_exitfuncs()
