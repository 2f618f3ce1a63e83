"""Being there at certain steps, from elsewhere: observers with copies, hooks for which the world stands still."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any

from atheria._errors import Error, LeaseExpired
from atheria._log import log
from atheria._remote_lease import ANSWER, WAIT, RemoteLease
from atheria._remote_numbers import tensor_from

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._wire import Connection

MOST_EVERY, MOST_QUEUE, LONGEST_BUDGET = 1_000_000, 65_536, 60_000
LONGEST_REASON = 16_000  # bytes, of why a hook or a step failed


def check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Error(f"{name} is {least}..{most}, got {value}", "bad_args", name)


def shortened(reason: str) -> str:
    """Its end, which says most."""
    text = reason.encode(errors="replace")
    return reason if len(text) <= LONGEST_REASON else "..." + text[-LONGEST_REASON + 3 :].decode(errors="ignore")


class RemoteObserver:
    """Takes copies out of a queue that the server keeps."""

    def __init__(
        self,
        connection: Connection,
        world: str,
        every: int,
        channels: list[str] | None,
        keep_all: bool,
        max_queue: int,
        on_full: str,
    ) -> None:
        check_range("every", every, 1, MOST_EVERY)
        check_range("max_queue", max_queue, 1, MOST_QUEUE)
        if on_full not in ("drop", "pause"):
            raise Error(f"on_full is 'drop' or 'pause', got '{on_full}'", "bad_args", "on_full")
        self._connection = connection
        self._number = connection.number()
        self._dropped = 0
        self._closed = False
        args: dict[str, Any] = {
            "look": self._number,
            "world": world,
            "every": every,
            "keep": "all" if keep_all else "latest",
            "maxQueue": max_queue,
            "onFull": on_full,
        }
        if channels is not None:
            args["channels"] = channels
        try:
            connection.ask("look.open", args, ANSWER)
        except BaseException:
            self.close()
            raise

    @property
    def dropped(self) -> int:
        if not self._closed and not self._connection.closed:
            told = self._connection.ask("look.status", {"look": self._number}, ANSWER)
            self._dropped = int(told["dropped"])
        return self._dropped

    def next(self, timeout: float) -> tuple[int, float, dict[str, Tensor]] | None:
        end = clock.monotonic() + (timeout if timeout >= 0 else float("inf"))
        while not self._closed:
            wait = max(0.0, min(end - clock.monotonic(), WAIT))
            asked = {"look": self._number, "waitMs": int(1000 * wait)}
            try:
                told, data = self._connection.ask_bytes("look.next", asked, wait + 300)
            except Error as error:
                if self._closed and error.code in ("cancelled", "not_found"):
                    break  # closed while it waited
                raise
            self._dropped = int(told["dropped"])
            if "bytes" in told:
                whole = tensor_from(data, told)
                return told["step"], told["time"], dict(zip(told["channels"], whole.unbind(0), strict=True))
            if told.get("ended"):
                break
            if clock.monotonic() >= end:
                return None
        raise StopIteration

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._connection.tell("look.close", {"look": self._number})


class RemoteHook:
    """The world stands at each such step until `answer`, or until the server's budget for it is over."""

    def __init__(self, connection: Connection, world: str, every: int, budget_ms: float, owner: str) -> None:
        check_range("every", every, 1, MOST_EVERY)
        if not 0 < budget_ms <= LONGEST_BUDGET:
            raise Error(f"budget_ms is above 0, at most {LONGEST_BUDGET}; got {budget_ms:g}", "bad_args", "budget_ms")
        self._connection = connection
        self._world = world
        self._number = connection.number()
        self._budget = budget_ms / 1000
        self._lease: RemoteLease | None = None
        self._detached = ""
        connection.listen("hook_detached", "hook", self._number, self._on_detached)
        args = {"hook": self._number, "world": world, "every": every, "budgetMs": budget_ms, "owner": owner[:64]}
        try:
            connection.ask("hook.open", args, ANSWER)
        except BaseException:
            self.close()
            raise

    def _on_detached(self, told: dict[str, Any]) -> None:
        self._detached = self._detached or str(told["reason"])

    @property
    def detached(self) -> str:
        if not self._detached and self._connection.closed:
            self._detached = "the connection to the server was lost"
        return self._detached

    def next(self, timeout: float) -> RemoteLease | None:
        self.answer()
        end = clock.monotonic() + (timeout if timeout >= 0 else float("inf"))
        while not self.detached:
            wait = max(0.0, min(end - clock.monotonic(), WAIT))
            asked = {"hook": self._number, "waitMs": int(1000 * wait)}
            try:
                told = self._connection.ask("hook.next", asked, wait + ANSWER)
            except Error as error:
                if self._detached and error.code in ("cancelled", "not_found"):
                    break  # closed while it waited
                raise
            if told["stands"]:
                self._lease = RemoteLease(self._connection, self._number, self._world, told, self._budget, True)
                return self._lease
            self._detached = self._detached or str(told["detached"] or "")
            if clock.monotonic() >= end:
                break
        return None

    def answer(self) -> None:
        lease, self._lease = self._lease, None
        if lease is None:
            return
        try:
            lease.release()
        except LeaseExpired as error:
            log.warning("a hook of '%s' took longer than its budget: %s", self._world, error)

    def fail(self, text: str) -> None:
        self._detached = self._detached or text
        if self._lease is not None:
            self.answer()  # what it wrote before it failed stays, as in the server
        self._connection.tell("hook.fail", {"hook": self._number, "reason": shortened(text)})

    def close(self) -> None:
        self._detached = self._detached or "closed"
        self._connection.forget("hook_detached", "hook", self._number)
        self._connection.tell("hook.close", {"hook": self._number})
