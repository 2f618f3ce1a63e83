"""Guards against accidents, not against intent: calls that would take the whole server along say so instead.

They hold for code of jobs in the server's own process; its children are not concerned.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from atheria import _context

# The originals, for ourselves.
set_handler = signal.signal
HOST_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
FORK = (
    "fork copies a server with many threads and hangs; use subprocess, or multiprocessing with its start method 'spawn'"
)


class Refused(RuntimeError, ValueError):
    """Also a ValueError: signal.signal raises that where it may not, and asyncio and others expect it."""


def guarded(original: Callable[..., Any], harms: Callable[..., str | None]) -> Callable[..., Any]:
    """`original`, unless a job of this process calls it and `harms(*args)` says what would do instead."""
    server = os.getpid()

    def call(*args: Any, **kwargs: Any) -> Any:
        advice = harms(*args, **kwargs) if os.getpid() == server and _context.job_id() is not None else None
        if advice is not None:
            name = f"{original.__module__.replace('posix', 'os')}.{original.__name__}"
            raise Refused(f"{name}() was refused, it would end or break the server this script runs in: {advice}")
        return original(*args, **kwargs)

    call.__name__ = original.__name__
    call.__doc__ = original.__doc__
    call.__wrapped__ = original  # type: ignore[attr-defined]
    return call


def ends_process(*_: Any) -> str:
    return "sys.exit(code) ends the script"


def forks(*_: Any) -> str:
    return FORK


def hits_us(pid: int, number: int) -> str | None:
    """kill: ourselves, our group, everybody. Signal 0 only asks."""
    ours = pid in (os.getpid(), 0, -1, -os.getpgrp())
    return "sys.exit(code) ends the script; a child is killed by its own pid" if ours and number else None


def hits_group(group: int, number: int) -> str | None:
    return hits_us(-group if group else 0, number)


def raises_here(number: int) -> str | None:
    return hits_us(os.getpid(), number)


def takes_host_signal(number: int, handler: object) -> str | None:
    if number not in HOST_SIGNALS:
        return None
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"{name} is the server's own; atheria.job.on_cancel(fn) tells the script that it was stopped"


GUARDS: tuple[tuple[Any, str, Callable[..., str | None]], ...] = (
    (os, "_exit", ends_process),
    (os, "abort", ends_process),
    (os, "fork", forks),
    (os, "forkpty", forks),
    (os, "kill", hits_us),
    (os, "killpg", hits_group),
    (signal, "raise_signal", raises_here),
    (signal, "signal", takes_host_signal),
)


def install(host_signals: Iterable[int] | None = None) -> None:
    """`host_signals`: the real-time signals of the host."""
    HOST_SIGNALS.update(host_signals or range(signal.SIGRTMIN + 4, signal.SIGRTMIN + 7))  # type: ignore[arg-type]
    for module, name, harms in GUARDS:
        original = getattr(module, name)
        if not hasattr(original, "__wrapped__"):
            setattr(module, name, guarded(original, harms))
