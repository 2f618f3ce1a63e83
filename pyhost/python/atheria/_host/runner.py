"""One script from beginning to end, and its report to the host."""

from __future__ import annotations

import builtins
import contextvars
import gc
import linecache
import os
import sys
import traceback
import types
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

from atheria import _context
from atheria._errors import Cancelled, ScriptKilled
from atheria._host import atexits, failure, router
from atheria._host.guard import JobGuard
from atheria._host.left_behind import Before
from atheria._host.pausing import paused

Raised = tuple[type[BaseException], BaseException, types.TracebackType | None]
OK, ERROR, TIMED_OUT, CANCELLED, KILLED = 0, 1, 124, 130, 137


class Script:
    """A job of kind "script", as the host's `next` describes it."""

    def __init__(self, host: Any, item: dict[str, Any]) -> None:
        self.host = host
        self.item = item
        self.job: str = item["job"]
        path = item.get("path") or ""
        self.path = os.path.abspath(path) if path and os.path.exists(path) else ""
        self.name = item.get("name") or os.path.basename(path) or "script"
        self.file = self.path or f"<{self.name}>"
        self.root = os.path.dirname(self.path) if self.path else item.get("cwd") or os.getcwd()

    def run(self) -> None:
        """Runs it and says `done`, whatever happens."""
        if not self.host.started(self.job):
            return  # it was stopped while it waited
        report: dict[str, Any] = {"outcome": "error", "exit_code": ERROR, "failure": None, "left_behind": []}
        argv = (self.path or self.name, *self.item.get("argv", []))
        _context.begin(_context.Running(self.job, self.name, argv, self.item.get("world")))
        try:
            contextvars.copy_context().run(self._run, argv, report)
        except BaseException as error:  # ours, not the script's: still exactly one `done`
            report["failure"] = failure.describe(type(error), error, error.__traceback__)
        finally:
            _context.end(self.job)
            self.host.done(self.job, report)

    def _run(self, argv: tuple[str, ...], report: dict[str, Any]) -> None:
        _context.current.set(self.job)
        before, home = Before(), os.getcwd()
        guard = JobGuard(self.root, self.item.get("keep_torch_state", False), self.item.get("isolate_rng", False))
        try:
            sys.argv = list(argv)
            sys.path.insert(0, self.root)
            pause = paused(self.item.get("world")) if self.item.get("pause_engine") else nullcontext()
            with pause:
                _, raised = self.host.guarded(self.job, self._execute)
            self._report(raised, report)
            # It may register, print and loop as the script itself: the same gate.
            _, late = self.host.guarded(self.job, partial(self._finish, raised, report))
            if late is not None and raised is None:
                self._report(late, report)
            del raised, late
            self.host.guarded(self.job, self._collect)
        finally:
            with suppress(OSError):  # where we sent it is no change of the script's
                if os.getcwd() == os.path.realpath(self.item.get("cwd") or home):
                    os.chdir(home)
            changed = guard.restore()
            atexits.forget(self.job)
            linecache.cache.pop(self.file, None)
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, router.Stream):
                    stream.buffer.forget(self.job)
            report["left_behind"] = before.report(self.job)
            if changed:
                report["left_behind"].append("changed, and put back: " + ", ".join(changed))

    def _execute(self) -> None:
        cwd = self.item.get("cwd")
        if cwd:
            os.chdir(cwd)
        source = self.item.get("source") or ""
        if not source and self.path:
            with open(self.path, "rb") as file:
                source = file.read()
        module = types.ModuleType("__main__")
        module.__dict__.update(__builtins__=builtins, __spec__=None)
        if self.path:
            module.__file__ = self.path
        text = source if isinstance(source, str) else source.decode("utf-8", "replace")
        # Without a modification time it stays, so that tracebacks and inspect find the lines that really ran.
        linecache.cache[self.file] = (len(text), None, text.splitlines(keepends=True), self.file)
        sys.modules["__main__"] = module
        exec(compile(source, self.file, "exec", dont_inherit=True), module.__dict__)

    def _report(self, raised: Raised | None, report: dict[str, Any]) -> None:
        """The outcome and the exit code; the failure's text comes later, as writing it runs code of the script."""
        reason = self.host.cancelled(self.job)
        if raised is None:
            outcome, code = "ok", OK
        elif issubclass(raised[0], SystemExit):
            value = getattr(raised[1], "code", None)
            outcome, code = "exit", value & 0xFF if isinstance(value, int) else OK if value is None else ERROR
        elif reason is not None and issubclass(raised[0], KeyboardInterrupt | ScriptKilled):
            killed = issubclass(raised[0], ScriptKilled)
            outcome, code = ("killed", KILLED) if killed else ("cancelled", CANCELLED)
            if reason.startswith("deadline"):
                outcome, code = "timed_out", TIMED_OUT
        elif issubclass(raised[0], ScriptKilled):
            outcome, code = "killed", KILLED
        else:
            outcome, code = "error", CANCELLED if issubclass(raised[0], KeyboardInterrupt) else ERROR
        report.update(outcome=outcome, exit_code=code)

    def _finish(self, raised: Raised | None, report: dict[str, Any]) -> None:
        if raised is not None and issubclass(raised[0], SystemExit):
            value = getattr(raised[1], "code", None)
            if value is not None and not isinstance(value, int):
                print(value, file=sys.stderr)
        elif raised is not None:
            report["failure"] = failure.describe(*raised)
            sys.stderr.write(report["failure"]["text"])
        if self.host.cancelled(self.job) is not None:
            running = _context.running()
            for call in running.on_cancel if running else []:
                try:
                    call()
                except (Exception, Cancelled):
                    traceback.print_exc()
        atexits.run(self.job)
        _context.close(self.job)

    def _collect(self) -> None:
        main = sys.modules.get("__main__")
        running = _context.running()
        lives_on = running is not None and running.lives_on
        if main is not None and not lives_on and not _context.threads_of(self.job):
            main.__dict__.clear()  # its values go now, tensors among them, whoever still holds one of its functions
        gc.collect()
