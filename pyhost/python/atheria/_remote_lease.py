"""A lease from elsewhere: the world stands still, and its fields are copies that are written back."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atheria._errors import Error, LeaseExpired
from atheria._remote_numbers import same_bits, tensor_from, upload

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._wire import Connection

LONGEST = 86_400.0  # s a lease may take
WAIT = 20.0  # s a request may wait; then it is asked again
ANSWER = 30.0  # s within which a server answers

# Leases by the thread that took them: what waits for the world would wait for the thread itself.
_here = threading.local()


def held_here(world: str) -> bool:
    """Whether this thread holds a lease of it."""
    mine: list[RemoteLease] = getattr(_here, "leases", [])
    _here.leases = mine = [lease for lease in mine if lease.valid]
    return any(lease.world == world for lease in mine)


def take(connection: Connection, world: str, owner: str, timeout: float, deadline: float) -> RemoteLease:
    """Waits `timeout` seconds for others' leases to end; below 0: as long as it takes."""
    if not 0 < deadline <= LONGEST:
        raise Error(f"deadline is above 0, at most {LONGEST:g} s; got {deadline:g}", "bad_args", "deadline")
    number = connection.number()
    args = {"lease": number, "world": world, "owner": owner[:64], "deadlineMs": max(1.0, 1000 * deadline)}
    end = clock.monotonic() + (timeout if timeout >= 0 else float("inf"))
    try:
        while True:
            wait = max(0.0, min(end - clock.monotonic(), WAIT))
            try:
                told = connection.ask("lease.take", {**args, "waitMs": int(1000 * wait)}, wait + ANSWER)
                return RemoteLease(connection, number, world, told, deadline)
            except Error as error:
                if error.code != "busy" or clock.monotonic() >= end:
                    raise
    except BaseException:
        connection.tell("lease.end", {"lease": number})  # it may be held by now, or soon
        raise


class RemoteLease:
    """The world stands for us alone. Its field is read at the first use, and what was changed is written back before
    a step and at the end."""

    def __init__(
        self,
        connection: Connection,
        number: int,
        world: str,
        told: Mapping[str, Any],
        deadline: float,
        is_visit: bool = False,
    ) -> None:
        self.world = world
        self.step: int = told["step"]
        self.time: float = told["time"]
        self._connection = connection
        self._number = number
        self._channels: list[str] = told["channels"]
        self._deadline = deadline
        self._is_visit = is_visit  # a hook's: nobody waits until the world goes on
        self._until = clock.monotonic() + deadline
        self._ended = ""
        self._field: Tensor | None = None  # all channels, ours to write
        self._before: Tensor | None = None  # as the world has them
        connection.listen("lease_ended", "lease", number, self._on_ended)
        _here.leases = [*(lease for lease in getattr(_here, "leases", []) if lease.valid), self]

    def _on_ended(self, told: dict[str, Any]) -> None:
        self._ended = self._ended or str(told["reason"])

    @property
    def why(self) -> str:
        if not self._ended and self._connection.closed:
            self._ended = "the connection to the server was lost"
        if not self._ended and clock.monotonic() >= self._until:
            self._ended = f"expired after {self._deadline:g} s"
        return self._ended

    @property
    def valid(self) -> bool:
        return not self.why

    def field(self, channel: str | None) -> Tensor:
        if self._field is None:
            told, data = self._bytes("lease.read", {})
            self._field = tensor_from(data, told)
            self._before = self._field.clone()
        return self._field if channel is None else self._field[self._channels.index(channel)]

    def advance(self, n: int) -> int:
        if n < 0:
            raise Error(f"n is 0..1000000000, got {n}", "bad_args", "n")
        self.write_back()
        try:
            told = self._ask("lease.step", {"n": n}, -1)
        except BaseException:
            # Who is interrupted does not want them to go on; of the step it stands at, too, we know nothing.
            self._connection.tell("lease.step", {"lease": self._number, "n": 0})
            self._look()
            raise
        self._stands(told)
        return self.step

    def _look(self) -> None:
        """Where it stands, after steps that failed."""
        if self._connection.closed or not self.valid:
            return
        try:
            self._stands(self._ask("lease.step", {"n": 0}, ANSWER))
        except Error:
            return

    def _stands(self, told: Mapping[str, Any]) -> None:
        self.step, self.time = told["step"], told["time"]
        if self._field is None or self._before is None:
            return
        again, data = self._bytes("lease.read", {})
        fresh = tensor_from(data, again)
        self._field.detach().copy_(fresh)
        self._before = fresh

    def changed(self) -> list[int]:
        """The channels that differ from the world's."""
        if self._field is None or self._before is None:
            return []
        pairs = enumerate(zip(self._field.detach(), self._before, strict=True))
        return [number for number, (mine, before) in pairs if not same_bits(mine, before)]

    def write_back(self) -> None:
        for number in self.changed():
            assert self._field is not None
            assert self._before is not None
            mine = self._field.detach()[number]
            self._ask("lease.write", {"channel": self._channels[number], **upload(self._connection, mine)}, 60)
            self._before[number].copy_(mine)

    def release(self) -> None:
        if self._ended == "released":
            return
        try:
            if self.valid:
                self.write_back()
            elif self.changed():
                raise LeaseExpired(
                    f"the lease of '{self.world}' has ended ({self.why}) before what was written could be sent: it is "
                    "lost; take another, with a longer deadline= if it was too short"
                )
        finally:
            self._end()

    def _end(self) -> None:
        held = self.valid
        self._ended = self._ended or "released"
        self._field = self._before = None
        self._connection.forget("lease_ended", "lease", self._number)
        if not held or self._is_visit:
            return self._connection.tell("lease.end", {"lease": self._number})
        try:
            self._connection.ask("lease.end", {"lease": self._number}, ANSWER)
        except Error:
            return  # the world is gone, or the server, and the lease with it

    def _ask(self, op: str, args: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        return self._asked(op, args, timeout)[0]

    def _bytes(self, op: str, args: Mapping[str, Any]) -> tuple[dict[str, Any], bytearray]:
        return self._asked(op, args, 300)

    def _asked(self, op: str, args: Mapping[str, Any], timeout: float) -> tuple[dict[str, Any], bytearray]:
        if not self.valid:
            raise self._expired()
        try:
            return self._connection.ask_bytes(op, {"lease": self._number, **args}, timeout)
        except Error as error:
            if error.code in ("conflict", "not_found"):
                self._ended = self._ended or str(error).rpartition("has ended: ")[2]
                raise self._expired() from None
            raise

    def _expired(self) -> LeaseExpired:
        return LeaseExpired(
            f"the lease of '{self.world}' has ended: {self.why}; take another, with a longer deadline if it was too "
            "short"
        )
