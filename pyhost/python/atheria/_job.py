"""`atheria.job`: what a script may know and say about itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from atheria import _context
from atheria._errors import Error

if TYPE_CHECKING:
    from atheria.world import World


class Job:
    """The job that asks. Outside a job (plain Python) `id` is None and the rest does nothing."""

    @property
    def id(self) -> str | None:
        return _context.job_id()

    @property
    def name(self) -> str:
        found = _context.running()
        return found.name if found else ""

    @property
    def argv(self) -> list[str]:
        found = _context.running()
        return list(found.argv) if found else list(sys.argv)

    @property
    def world(self) -> World | None:
        """The world the job is attached to, if it was attached to one."""
        from atheria import _engine

        name = world_name()
        return _engine.default().world(name) if name else None

    def progress(self, fraction: float, text: str = "") -> None:
        """How far the job is, 0 to 1, and a few words; shown wherever jobs are listed."""
        job = self.id
        if not 0 <= fraction <= 1:
            raise Error(f"progress is a fraction, 0 to 1, got {fraction!r}", "bad_args", "fraction")
        if job is not None:
            _context.host.progress(job, float(fraction), str(text))

    def cancelled(self) -> str | None:
        """Why the job shall stop, once somebody asked for it; None until then."""
        job = self.id
        return None if job is None else _context.host.cancelled(job)

    def on_cancel(self, call: Callable[[], object]) -> Callable[[], object]:
        """Calls `call` when the job was stopped: its code has ended, it is not yet done. A decorator too."""
        found = _context.running()
        if found is not None:
            found.on_cancel.append(call)
        return call

    def extend_grace(self, seconds: float) -> float:
        """Asks for more time to save work after a stop; returns the seconds that are left. There is an upper bound."""
        job = self.id
        return 0.0 if job is None else float(_context.host.extend_grace(job, float(seconds)))

    def __repr__(self) -> str:
        return f"<job {self.id}: {self.name}>" if self.id else "<no job: this is plain Python>"


def world_name() -> str | None:
    found = _context.running()
    if found is not None:
        return found.world
    return os.environ.get("ATHERIA_JOB_WORLD") or None


job = Job()
