"""Programs that take part in worlds, and those that only pretend to: whatever they do, no world stays held."""

from __future__ import annotations

import os
import struct

import pytest

from tests.e2e.support import BINARY, RawSocket, Server, frame, wait_until

CELLS = 64 * 64
HUGE = (1 << 64) - 1


def part(upload: int, total: int, offset: int, payload: bytes = b"", kind: int = 0x11, length: int = 24) -> bytes:
    return struct.pack("<BBHIQQ", kind, 0, length, upload, total, offset) + payload


class Raw(RawSocket):
    """One that asks, and waits for the answer."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.last = 0
        self.receive_json()  # hello

    def __enter__(self) -> Raw:
        return self

    def ask(self, op: str, **args: object) -> dict[str, object]:
        self.last += 1
        self.send_json({"id": self.last, "op": op, "args": args})
        reply = self.receive_json()
        while reply.get("id") != self.last:
            reply = self.receive_json()
        return reply

    def code(self, op: str, **args: object) -> str:
        error = self.ask(op, **args).get("error")
        return str(error["code"]) if isinstance(error, dict) else "ok"

    def binary(self, message: bytes) -> None:
        self.send(frame(BINARY, message))


@pytest.fixture
def raw(server: Server) -> Raw:
    return Raw(server)


def free(server: Server, world: str = "gs") -> bool:
    """Whether nobody holds it, and it steps."""
    with Raw(server) as other:

        def unheld() -> bool:
            told = other.ask("sim.get", world=world)["result"]
            assert isinstance(told, dict)
            return told["world"]["leasedBy"] is None

        return wait_until(unheld) and other.code("sim.step", world=world, n=2) == "ok"


def test_a_lease_ends_with_a_connection_that_breaks(server: Server, raw: Raw) -> None:
    assert raw.code("lease.take", lease=1, world="gs", deadlineMs=86_400_000) == "ok"
    raw.connection.close()
    assert free(server)


def test_a_connection_that_breaks_in_an_upload_leaves_nothing_behind(server: Server, raw: Raw) -> None:
    before = server.resident()
    assert raw.code("lease.take", lease=1, world="gs", deadlineMs=86_400_000) == "ok"
    raw.binary(part(1, 900 << 20, 0, bytes(1000)))
    # And in the middle of a frame.
    raw.send(frame(BINARY, part(1, 900 << 20, 1000, bytes(500_000)))[:100_000])
    raw.connection.close()
    assert free(server)
    assert server.resident() - before < 64 << 20, "memory follows what came, not what was announced"


def test_a_client_that_takes_and_drops_leases_as_fast_as_it_can(server: Server) -> None:
    for turn in range(40):
        one = Raw(server)
        for number in range(1, 6):
            one.send_json({"id": number, "op": "lease.take", "args": {"lease": number, "world": "gs", "waitMs": 20000}})
        if turn % 2:
            one.receive_json()
        one.connection.close()
    assert free(server)


def test_a_client_that_never_asks_for_its_visits_does_not_hold_up_the_world(server: Server, raw: Raw) -> None:
    assert raw.code("hook.open", hook=1, world="gs", budgetMs=1) == "ok"
    with Raw(server) as other:
        assert other.code("sim.step", world="gs", n=50) == "ok"
    raw.connection.close()
    assert free(server)


def test_a_client_that_never_answers_a_law_pauses_its_world_alone(server: Server, raw: Raw) -> None:
    spec = {"name": "silent", "channels": [{"name": "u"}], "budget_ms": 100}
    assert raw.code("law.register", spec=spec) == "ok"
    assert raw.code("sim.create", name="mute", law="silent", size=[16, 16], playing=False) == "ok"
    assert raw.code("sim.step", world="mute") == "cancelled"
    raw.connection.close()
    with Raw(server) as other:
        assert other.code("sim.step", world="mute") == "cancelled"
        assert other.code("sim.delete", world="mute") == "ok"
    assert free(server)


@pytest.mark.parametrize(
    "message",
    [
        part(1, 10, 0, bytes(11)),
        part(1, 10, 5, bytes(6)),
        part(1, 10, HUGE, b"x"),
        part(1, HUGE, HUGE, b"x"),
        part(1, 10, 0)[:23],
        part(1, 10, 0, length=25),
        part(1, 10, 0, kind=0x12),
        b"\x11",
        b"\x11" + os.urandom(50),
    ],
)
def test_an_upload_that_is_none_closes_with_1008(server: Server, raw: Raw, message: bytes) -> None:
    assert raw.code("lease.take", lease=1, world="gs", waitMs=20000) == "ok"
    raw.binary(message)
    assert raw.close_code() == 1008
    assert free(server)


def test_parts_out_of_order_close_with_1008(server: Server, raw: Raw) -> None:
    raw.binary(part(1, 100, 0, bytes(10)))
    raw.binary(part(1, 100, 50, bytes(10)))
    assert raw.close_code() == 1008


def test_a_binary_message_over_the_limit_closes_with_1009(server: Server, raw: Raw) -> None:
    raw.send(frame(BINARY, part(1, 4 << 20, 0, bytes((1 << 20) + 5000))))
    assert raw.close_code() == 1009


def test_numbers_that_do_not_fit_change_nothing(server: Server, raw: Raw) -> None:
    assert raw.code("lease.take", lease=1, world="gs") == "ok"
    for shape in ([64, 63], [2, 64, 64], [HUGE // 4, 4], [1 << 32, 1 << 32], [-1, 64], [], [1] * 9, "64"):
        raw.binary(part(7, 4 * CELLS, 0, bytes(4 * CELLS)))
        wrong = raw.code("lease.write", lease=1, channel="u", upload=7, shape=shape, dtype="<f4")
        assert wrong == "bad_args", shape
    for dtype in ("<f8", "<c8", "O", "", "x" * 1000, 3):
        raw.binary(part(7, 4 * CELLS, 0, bytes(4 * CELLS)))
        wrong = raw.code("lease.write", lease=1, channel="u", upload=7, shape=[64, 64], dtype=dtype)
        assert wrong == "bad_args", dtype
    raw.binary(part(7, 10, 0, bytes(10)))
    assert raw.code("lease.write", lease=1, channel="u", upload=7, shape=[64, 64], dtype="<f4") == "bad_args"
    assert raw.code("lease.write", lease=1, channel="u", upload=7, shape=[64, 64], dtype="<f4") == "bad_args"
    assert raw.code("lease.write", lease=1, channel="u", upload=HUGE, shape=[64, 64], dtype="<f4") == "bad_args"
    raw.binary(part(8, HUGE, 0, bytes(100)))
    assert raw.code("field.load", world="gs", upload=8, shape=[2, 64, 64], dtype="<f4") == "too_large"
    assert raw.code("lease.end", lease=1) == "ok"
    assert free(server)


def test_what_another_connection_holds_cannot_be_touched(server: Server, raw: Raw) -> None:
    assert raw.code("lease.take", lease=5, world="gs") == "ok"
    assert raw.code("look.open", look=6, world="big") == "ok"
    with Raw(server) as other:
        for op in ("lease.read", "lease.step", "lease.end"):
            assert other.code(op, lease=5) == "not_found"
        other.binary(part(1, 4, 0, bytes(4)))
        assert other.code("lease.write", lease=5, upload=1, shape=[1], dtype="<f4") == "not_found"
        assert other.code("look.next", look=6) == "not_found"
        assert other.code("hook.next", hook=5) == "not_found"
    assert raw.code("lease.step", lease=5) == "ok"
    assert raw.code("lease.end", lease=5) == "ok"


def test_a_client_that_does_not_read_its_numbers_is_not_sent_more(server: Server, raw: Raw) -> None:
    """Requests without end, replies that nobody takes: memory stays bounded, and other clients are served."""
    assert raw.code("sim.create", name="wide", law="gray-scott", size=[2048, 1024], playing=False) == "ok"
    assert raw.code("lease.take", lease=1, world="wide", deadlineMs=600_000) == "ok"
    before = server.resident()
    for number in range(1000, 1400):
        raw.send_json({"id": number, "op": "lease.read", "args": {"lease": 1}})
    assert free(server)
    assert server.resident() - before < 600 << 20
    raw.connection.close()
    assert free(server, "wide")
    with Raw(server) as other:
        assert other.code("sim.delete", world="wide") == "ok"
