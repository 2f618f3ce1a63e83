"""Interrupts reach a cell's own code and nothing else: neither the loop that serves the notebook nor the next cell.

The host's gate is open while code of a cell runs: its statements, and each step of the tasks it made. A cell that
awaits has its gate closed and is cancelled instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from atheria._errors import Cancelled

# Whether the code that asks belongs to a cell; tasks inherit it.
in_cell: ContextVar[bool] = ContextVar("atheria_in_cell", default=False)


class Gate:
    """`with gate:` lets interrupts in. May be entered again inside; pymain only.

    An interrupt that comes between two steps of a cell finds the gate closed. `pending` keeps it for the next step.
    """

    def __init__(self, host: Any, job: str) -> None:
        self.pending = False
        self._host = host
        self._job = job
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._host.open_gate(self._job)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        late: BaseException | None = None
        while True:  # an interrupt may arrive on the way to the closed gate
            try:
                if self._depth == 1 and self._host.close_gate():  # whether it raised: then it has been delivered
                    self.pending = False
                self._depth = max(0, self._depth - 1)
                break
            except KeyboardInterrupt as interrupt:
                late = interrupt
        if late is not None and error is None:
            raise late


class Gated(Coroutine[Any, Any, Any]):
    """A coroutine each step of which runs with the gate open."""

    def __init__(self, inner: Coroutine[Any, Any, Any], gate: Gate) -> None:
        self._inner = inner
        self._gate = gate
        self.__name__ = getattr(inner, "__name__", "cell")
        self.__qualname__ = getattr(inner, "__qualname__", "cell")

    def send(self, value: Any) -> Any:
        if self._gate.pending:
            return self.throw(Cancelled("interrupted"))
        with self._gate:
            return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        self._gate.pending = False
        with self._gate:
            return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        value, error = None, None
        while True:
            try:
                waits_for = self.send(value) if error is None else self.throw(error)
            except StopIteration as end:
                return end.value
            try:
                value, error = (yield waits_for), None
            except BaseException as raised:  # cancelled, or what it waited for failed: the inner one must hear it
                value, error = None, raised


def gate_tasks(loop: asyncio.AbstractEventLoop, gate: Gate) -> None:
    """Tasks that a cell makes run with the gate open, too."""

    def make(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        if in_cell.get() and asyncio.iscoroutine(coro) and not isinstance(coro, Gated):
            coro = Gated(coro, gate)
        return asyncio.Task(coro, loop=loop, **options)

    loop.set_task_factory(make)
