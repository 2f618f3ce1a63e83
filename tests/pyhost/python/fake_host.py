"""The host module of the contract in plain Python, so that the harness can be driven without a server."""

from __future__ import annotations

import atexit
import builtins
import getpass
import itertools
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from atheria import _context
from atheria._host import accidents, adopt_threads, atexits, inputs, router
from atheria._host.loop import Loop

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


class FakeHost:
    def __init__(self, folder: Path) -> None:
        self.folder = folder  # where scripts without a file run
        self.items: deque[dict[str, Any]] = deque()
        self.written: list[tuple[str | None, str, str]] = []
        self.reports: dict[str, list[dict[str, Any]]] = {}
        self.answers: deque[str] = deque()
        self.asked: list[tuple[str, bool]] = []
        self.reasons: dict[str, str] = {}
        self.refused: set[str] = set()  # jobs that were stopped while they waited
        self.progressed: list[tuple[str, float, str]] = []
        self.logged: list[tuple[str, str]] = []
        self._numbers = itertools.count(1)

    # What a test does.
    def submit(self, source: str = "", **item: Any) -> str:
        job = f"job{next(self._numbers)}"
        self.items.append(
            {
                "kind": "script",
                "job": job,
                "name": "test",
                "source": source,
                "argv": [],
                "cwd": str(self.folder),
                **item,
            }
        )
        return job

    def output(self, job: str | None, stream: str | None = None) -> str:
        return "".join(text for owner, name, text in self.written if owner == job and stream in (None, name))

    def report(self, job: str) -> dict[str, Any]:
        """The one report of the job."""
        (report,) = self.reports[job]
        return report

    def serve(self) -> None:
        """Runs what was submitted, as the server's pymain does."""
        with installed(self):
            Loop(self).run()

    # What the harness calls.
    def next(self, timeout: float) -> dict[str, Any] | None:
        return self.items.popleft() if self.items else {"kind": "stop"}

    def guarded(self, job: str, call: Callable[[], object]) -> tuple[object, Raised | None]:
        try:
            return call(), None
        except BaseException as error:
            at = error.__traceback__  # from the call on, as a host in C++ has it
            return None, (type(error), error.with_traceback(at.tb_next if at else None), at.tb_next if at else None)

    def started(self, job: str) -> bool:
        return job not in self.refused

    def write(self, job: str | None, stream: str, text: str) -> None:
        self.written.append((job, stream, text))

    def read_line(self, job: str, prompt: str, password: bool) -> str:
        self.asked.append((prompt, password))
        if not self.answers:
            raise EOFError("nobody listens")
        return self.answers.popleft()

    def done(self, job: str, report: dict[str, Any]) -> None:
        self.reports.setdefault(job, []).append(report)

    def cancelled(self, job: str) -> str | None:
        return self.reasons.get(job)

    def extend_grace(self, job: str, seconds: float) -> float:
        return min(seconds, 60.0)

    def progress(self, job: str, fraction: float, text: str) -> None:
        self.progressed.append((job, fraction, text))

    def job_info(self, job: str) -> dict[str, Any]:
        return {"job": job}

    def log(self, level: str, text: str) -> None:
        self.logged.append((level, text))


@contextmanager
def installed(host: FakeHost) -> Iterator[None]:
    """What atheria._host.install does, taken back afterwards. Not in a fixture: pytest exchanges sys.stdout later."""
    places: list[tuple[Any, str]] = [(sys, "stdout"), (sys, "stderr"), (sys, "stdin"), (builtins, "input")]
    places += [(getpass, "getpass"), (atexit, "register"), (atexit, "unregister"), (threading.Thread, "start")]
    places += [(module, name) for module, name, _ in accidents.GUARDS]
    saved = [(owner, name, getattr(owner, name)) for owner, name in places]
    _context.host = host
    try:
        router.install(host)
        inputs.install(host)
        accidents.install()
        atexits.install()
        adopt_threads()
        yield
    finally:
        for owner, name, value in saved:
            setattr(owner, name, value)
        _context.host = None
