"""What the package asks of whatever runs the worlds: the server's engine, one of our own, or a server elsewhere.

Ops and their arguments are those of PROTOCOL.md section 4. Every blocking call lets other Python threads run and
ends early with `Cancelled` when the job is stopped.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class NativeLease(Protocol):
    """The world stands at a step boundary, for us alone."""

    @property
    def step(self) -> int: ...
    @property
    def time(self) -> float: ...
    @property
    def valid(self) -> bool: ...
    @property
    def why(self) -> str:
        """Why it ended, when not valid."""

    def field(self, channel: str | None) -> Tensor: ...
    def advance(self, n: int) -> int: ...
    def release(self) -> None: ...


class NativeObserver(Protocol):
    """A bounded queue of copies; the world never waits for it."""

    @property
    def dropped(self) -> int: ...
    def next(self, timeout: float) -> tuple[int, float, dict[str, Tensor]] | None: ...
    def close(self) -> None: ...


class NativeHook(Protocol):
    """The world stands at each such step until `answer`, or until the budget is over."""

    @property
    def detached(self) -> str: ...
    def next(self, timeout: float) -> NativeLease | None: ...
    def answer(self) -> None: ...
    def fail(self, text: str) -> None: ...
    def close(self) -> None: ...


class Backend(Protocol):
    """One engine and its worlds."""

    where: str  # "server", "core" or "remote"

    def request(self, op: str, args: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]: ...
    def pause_for_news(self, seconds: float) -> None:
        """Returns when something may have changed, at the latest after `seconds`."""

    def snapshot(self, world: str, channel: str | None) -> tuple[Tensor, int, float]: ...
    def load(self, world: str, channel: str | None, values: Tensor) -> int: ...
    def fork(self, world: str, name: str | None, keep: bool) -> str:
        """Its name; None: the parent's with a number."""

    def lease(self, world: str, owner: str, timeout: float, deadline: float) -> NativeLease: ...
    def observe(
        self, world: str, every: int, channels: list[str] | None, keep_all: bool, max_queue: int, on_full: str
    ) -> NativeObserver: ...
    def on_step(self, world: str, every: int, budget_ms: float) -> NativeHook: ...
    def register_law(self, spec: Mapping[str, Any], step: Callable[..., Any]) -> None: ...
    def put(self, topic: str, values: Tensor, range: tuple[float, float] | None) -> int: ...
    def drop(self, topic: str) -> None: ...
    def topics(self) -> dict[str, dict[str, Any]]: ...
    def close(self) -> None: ...


def kind() -> str:
    """Which backend `choose` would make, without making it."""
    if "_atheria" in sys.builtin_module_names:
        return "server"
    if not os.environ.get("ATHERIA_SERVER") and importlib.util.find_spec("atheria_core") is not None:
        return "core"
    return "remote"


def choose() -> Backend:
    """The engine of this process where it has one, else the server that ATHERIA_SERVER or a runtime file names."""
    which = kind()
    if which == "remote":
        from atheria._remote import RemoteBackend

        return RemoteBackend.find()
    from atheria._native import NativeBackend

    return NativeBackend("_atheria" if which == "server" else "atheria_core")
