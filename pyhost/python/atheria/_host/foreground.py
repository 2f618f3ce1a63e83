"""The foreground slot of a notebook: which cell runs, and how an interrupt from any thread reaches it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from atheria._host.cells import Gate

REPEAT = 0.5  # s between two interrupts of a cell that must end
REMIND = 0.1  # s after which an interrupt that was not raised is sent again


class Foreground:
    """`take` and `free` on pymain, around each cell; the rest from any thread."""

    def __init__(self, host: Any, job: str, loop: asyncio.AbstractEventLoop) -> None:
        self.gate = Gate(host, job)
        self.busy = False  # a cell has the slot
        self.awaiting: asyncio.Future[Any] | None = None  # the cell, if it is a coroutine
        self.closed = threading.Event()  # the notebook is gone
        self._host = host
        self._job = job
        self._loop = loop
        self._cells = 0  # that ran so far
        self._asking = threading.Lock()  # an interrupt, and the end of the cell it is for

    def take(self) -> None:
        self._cells += 1
        self.busy = True

    def free(self) -> None:
        with self._asking:
            self.busy = False
            self.gate.pending = False

    def interrupt(self) -> None:
        """Interrupts the cell that runs, whether it computes or awaits; nothing when none runs."""
        with self._asking:
            if not self.busy:
                return
            self.gate.pending = True
            if self.awaiting is not None:
                self._loop.call_soon_threadsafe(self._cancel, self.awaiting)  # wakes the loop, too
            self._host.interrupt(self._job)
            cell = self._cells
        threading.Thread(target=self._remind, args=(cell,), name="notebook interrupt", daemon=True).start()

    def insist(self) -> None:
        """Interrupts the cell that runs until it has ended, from a thread of its own."""
        threading.Thread(target=self._insist, name="notebook end", daemon=True).start()

    def _insist(self) -> None:
        while self.busy and not self.closed.is_set():
            self.interrupt()
            self.closed.wait(REPEAT)

    def _remind(self, cell: int) -> None:
        # A signal that comes just before a blocking call begins does not end that call: once more, until it was raised.
        remind = getattr(self._host, "remind", None)
        while remind is not None and not self.closed.wait(REMIND):
            with self._asking:
                if not (self.busy and self.gate.pending and self._cells == cell):
                    return
                remind(self._job)

    def _cancel(self, cell: asyncio.Future[Any]) -> None:
        if self.gate.pending:  # no step of the cell has taken it meanwhile
            cell.cancel()
