"""Python's side of the server: takes scripts and notebooks from the host, one at a time, and leaves no trace of them.

The plug-in calls `main` once, on the thread that initialised Python. Nobody else imports this.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
from typing import Any

from atheria import _context
from atheria._host import accidents, atexits, inputs, router
from atheria._host.loop import Loop


def main(host: Any) -> None:
    """Serves until the host says stop; then runs what was registered with atexit outside of jobs."""
    install(host)
    try:
        Loop(host).run()
    finally:
        atexits.run_all()
        sys.stdout.flush()


def install(host: Any) -> None:
    """What stays for the life of the process. Once."""
    _context.host = host
    router.install(host)
    inputs.install(host)
    accidents.install(getattr(host, "signals", None))
    atexits.install()
    adopt_threads()
    # A worker is a fresh Python: this process has threads that a fork would lose.
    multiprocessing.set_executable(sys.executable)
    multiprocessing.set_start_method("spawn", force=True)
    # Torch's many objects live as long as the process: a job's last collection need not look at them (70 ms).
    gc.collect()
    gc.freeze()


def adopt_threads() -> None:
    """Threads belong to the job that starts them."""
    start = threading.Thread.start

    def start_adopted(self: threading.Thread) -> None:
        _context.adopt(self)
        start(self)

    if start.__name__ != start_adopted.__name__:
        threading.Thread.start = start_adopted  # type: ignore[method-assign]
