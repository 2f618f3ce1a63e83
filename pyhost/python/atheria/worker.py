"""`python -m atheria.worker SOURCE [ARGS...]`: a script in a process of its own, which the server starts.

It reaches the worlds through the server, like any client. SIGINT is how the server asks it to stop; it arrives as
`Cancelled`, once. The script is `__main__`, and the exit code is its own: 1 for an exception, 130 when it was stopped.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

from atheria import _context, _engine
from atheria._errors import Cancelled, Error
from atheria._host import adopt_threads, failure

ERROR, CANCELLED = 1, 130


class WorkerHost:
    """What a job may ask of its host, in a process that is only its own."""

    def __init__(self, server: bool) -> None:
        self.reason: str | None = None
        self.server = server  # there is one that may be asked

    def ask_to_stop(self, *_: object) -> None:
        if self.reason is None:
            self.reason = "stopped"
            raise Cancelled(self.reason)

    def cancelled(self, job: str) -> str | None:
        return self.reason

    def extend_grace(self, job: str, seconds: float) -> float:
        told = self.ask("script.grace", job=job, seconds=max(0.0, seconds))
        return float(told["seconds"]) if told else 0.0

    def progress(self, job: str, fraction: float, text: str) -> None:
        if not self.ask("script.progress", job=job, fraction=fraction, text=text[:200]):
            self.log("info", f"{100 * fraction:.0f} % {text}")

    def ask(self, op: str, **args: Any) -> dict[str, Any] | None:
        """None when nobody answers: a script goes on without."""
        if not self.server:
            return None
        try:
            return {"op": op, **_engine.default().backend.request(op, args)}
        except Error:
            return None

    def log(self, level: str, text: str) -> None:
        print(f"{level}: {text}", file=sys.stderr)


def run(source: str, arguments: list[str]) -> int:
    """Runs the file `source` under the name of ATHERIA_SCRIPT, when that file is there."""
    named = os.environ.pop("ATHERIA_SCRIPT", "")
    job = os.environ.pop("ATHERIA_JOB", "") or "worker"
    path = os.path.abspath(named if named and os.path.exists(named) else source)
    host = WorkerHost(server=bool(os.environ.get("ATHERIA_SERVER")))
    _context.host = host
    _context.begin(
        _context.Running(job, os.path.basename(path), (path, *arguments), os.environ.get("ATHERIA_JOB_WORLD"))
    )
    _context.current.set(job)
    adopt_threads()
    signal.signal(signal.SIGINT, host.ask_to_stop)
    try:
        execute(Path(source).read_bytes(), path, arguments)
    except SystemExit as end:
        return exit_code(end.code)
    except BaseException as error:
        report(failure.describe(type(error), error, error.__traceback__))
        return CANCELLED if isinstance(error, KeyboardInterrupt) else ERROR
    finally:
        finish(host, job)
    return 0


def execute(source: bytes, path: str, arguments: list[str]) -> None:
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(path)  # in place of where `-m` was said
    module = types.ModuleType("__main__")
    module.__dict__.update(__builtins__=builtins, __spec__=None, __file__=path)
    sys.modules["__main__"] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)


def finish(host: WorkerHost, job: str) -> None:
    running = _context.running()
    for call in running.on_cancel if running and host.reason else []:
        try:
            call()
        except Exception as error:
            sys.stderr.write(failure.describe(type(error), error, error.__traceback__)["text"])
    _context.close(job)  # not its end: what atexit runs still belongs to it


def report(told: dict[str, Any]) -> None:
    """On stderr for people, and where the server looks for it."""
    sys.stderr.write(told["text"])
    path = os.environ.get("ATHERIA_FAILURE")
    if path:
        with suppress(OSError), open(path, "w", encoding="utf-8") as file:
            json.dump(told, file)


def exit_code(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF
    print(value, file=sys.stderr)
    return ERROR


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
