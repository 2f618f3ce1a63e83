"""A notebook attached to the server: opened from a connection file, served on pymain between scripts, closed again."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import os
import threading
from collections import deque
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from atheria import _context
from atheria._host.cells import gate_tasks
from atheria._host.foreground import Foreground
from atheria._host.guard import JobGuard
from atheria._host.kernel_start import banner, start, stop

_numbers = itertools.count(1)


class OpenKernel:
    """One attached notebook. Made, served and closed on pymain; ended and interrupted from any thread."""

    def __init__(self, host: Any, item: dict[str, Any], waiting: deque[dict[str, Any]]) -> None:
        self.host = host
        self.file: str = item["file"]
        self.owner: str = item.get("owner") or "a notebook"
        self.job = f"notebook-{next(_numbers)}"
        self.waiting = waiting  # what the host handed out while a cell ran
        self.leaving = threading.Event()  # no cell starts any more, the one that runs is interrupted
        self.ended = threading.Event()  # the loop stops
        self.restarting = False
        self.loop = asyncio.new_event_loop()
        self.slot = Foreground(host, self.job, self.loop)
        self._guard = JobGuard(item.get("cwd") or os.getcwd())
        _context.begin(_context.Running(self.job, self.owner, (), item.get("world")))
        self.context = contextvars.copy_context()
        try:
            self.context.run(self._open)
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        _context.current.set(self.job)
        asyncio.set_event_loop(self.loop)
        gate_tasks(self.loop, self.slot.gate)
        self.banner = banner()
        start(self.file, self.job, self, self._log).kernel.start()

    def _log(self, level: str, text: str) -> None:
        # Replies of a cell that was cut off find their sockets closed: nobody waits for them.
        self.host.log("debug" if self.leaving.is_set() else level, text)

    def serve(self) -> None:
        """Runs the loop until something waits that is not the notebook's, or the notebook has ended."""
        self.context.run(self._serve)

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.add_reader(self.host.wake_fd(), self._take)
        try:
            while not self.ended.is_set():
                try:
                    self.loop.run_forever()
                    break
                except KeyboardInterrupt:  # of a task that a cell made: the cell and its other tasks end, too
                    if self.slot.awaiting is not None:
                        self.slot.awaiting.cancel()
        finally:
            self.loop.remove_reader(self.host.wake_fd())

    def _take(self) -> None:
        item = self.host.next(0)
        if item is None:
            return
        self.waiting.append(item)
        if item["kind"] == "stop" or (item["kind"] == "close_kernel" and item.get("file", self.file) == self.file):
            self.end()
        if not self.slot.busy:
            self.loop.stop()

    # The foreground slot.
    async def turn(self) -> None:
        """Waits until no script waits, then takes the slot."""
        while self.waiting and not self.leaving.is_set():
            self.loop.stop()
            await asyncio.sleep(0)
        if self.leaving.is_set():
            raise asyncio.CancelledError("the notebook is being detached")
        self.slot.take()

    def free(self) -> None:
        self.slot.free()
        if self.waiting or self.ended.is_set():
            self.loop.stop()

    def aside(self, item: dict[str, Any]) -> AbstractContextManager[None]:
        """While a script runs: what the notebook set in torch is not the script's, unless it asks for that."""
        return nullcontext() if item.get("keep_torch_state") else self._guard.torch_aside()

    # From any thread.
    def interrupt_from_any_thread(self) -> None:
        """Interrupts the cell that runs; nothing when none runs."""
        self.slot.interrupt()

    def leave(self, restart: bool = False) -> None:
        """The notebook goes: no cell starts any more, and the one that runs is interrupted until it ends."""
        self.restarting = restart
        self.leaving.set()
        if self.slot.busy:
            self.slot.insist()

    def end(self) -> None:
        """Leaves, and stops the loop as soon as no cell runs."""
        if not self.leaving.is_set():
            self.leave()
        self.ended.set()
        with suppress(RuntimeError):  # the loop is closed already
            self.loop.call_soon_threadsafe(lambda: None if self.slot.busy else self.loop.stop())

    def close(self) -> None:
        """Sockets, threads and singletons go, what the notebook changed is put back, its leases and hooks end."""
        if not self.slot.closed.is_set():
            self.slot.closed.set()
            self.context.run(self._close)
            _context.end(self.job)
            self._guard.restore()

    def _close(self) -> None:
        stop(self.job, self.loop)
        asyncio.set_event_loop(None)
