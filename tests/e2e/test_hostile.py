"""Wrong bytes, floods and sudden ends: the server answers as PROTOCOL.md says and lives."""

import json
import random
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.conformance import atheria_wire as wire
from tests.e2e.support import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    RawSocket,
    Server,
    Start,
    dial,
    frame,
    http,
    read_response,
    request_bytes,
    upgrade_headers,
    wait_until,
)

HUGE = 1 << 30
LARGEST = 1280 * 1024  # bytes of text from those who may run scripts, as the start-up token may
CLOSING: list[tuple[str, bytes, set[int]]] = [
    ("an unmasked frame", frame(TEXT, b"{}", masked=False), {1002}),
    ("a reserved bit", frame(TEXT, b"{}", reserved=4), {1002}),
    ("a reserved opcode", frame(3, b"x"), {1002}),
    ("a reserved control opcode", frame(11), {1002}),
    ("a ping in pieces", frame(PING, b"x", fin=False), {1002}),
    ("a ping of 126 bytes", frame(PING, b"x" * 126), {1002}),
    ("a continuation of nothing", frame(0, b"x"), {1002}),
    ("a new message within another", frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), {1002}),
    ("a close of one byte", frame(CLOSE, b"x"), {1002}),
    ("a close with a reserved code", frame(CLOSE, struct.pack(">H", 1005)), {1002}),
    ("text that is not UTF-8", frame(TEXT, b'{"id":1,"op":"\xff"}'), {1007}),
    ("text cut within a character", frame(TEXT, '{"id":"é"}'.encode()[:8]), {1007}),
    ("text of 1.25 MiB and one", frame(TEXT, b" " * 100, length=LARGEST + 1), {1009}),
    ("a header of 1 GB", frame(TEXT, b"x" * 100, length=HUGE), {1009}),
    ("a header of 2^63 bytes", frame(TEXT, length=1 << 63), {1002, 1009}),
    ("a header of 2^64-1 bytes", frame(BINARY, length=(1 << 64) - 1), {1002, 1009}),
    ("a binary header of 1 GB", frame(BINARY, length=HUGE), {1009}),
    ("a binary message of 1025 bytes", frame(BINARY, b"\x10" * 1025), {1009}),
    (
        "1.25 MiB and one in two pieces",
        frame(TEXT, b" " * (LARGEST - 40000), fin=False) + frame(0, b" " * 100, length=40001),
        {1009},
    ),
    ("a binary message of an unknown kind", frame(BINARY, b"\x77" * 12), {1008}),
    ("an empty binary message", frame(BINARY), {1008}),
    ("an ACK of 11 bytes", frame(BINARY, wire.ack(1, 1)[:11]), {1008}),
    ("an ACK of 13 bytes", frame(BINARY, wire.ack(1, 1) + b"x"), {1008}),
    ("an ACK that says another length", frame(BINARY, b"\x10\x00\x0d\x00" + bytes(8)), {1008}),
    ("the reserved kind 0x11", frame(BINARY, b"\x11\x00\x0c\x00" + bytes(8)), {1008}),
    ("text in a thousand pieces", b"".join(frame(TEXT if i == 0 else 0, b" ", fin=False) for i in range(1000)), {1008}),
    ("ten thousand pings", frame(PING, b"x") * 10000, {1008}),
]


@pytest.mark.parametrize(("name", "data", "codes"), CLOSING, ids=[row[0] for row in CLOSING])
def test_broken_rules_close_with_the_documented_code(server: Server, name: str, data: bytes, codes: set[int]) -> None:
    with RawSocket(server) as raw:
        with suppress(ConnectionError):  # closed while we still wrote
            raw.send(data)
        assert raw.close_code() in codes
    assert http(server, "/healthz").status == 200


def test_a_length_in_more_bytes_than_needed_is_malformed(server: Server) -> None:
    head = bytes([0x81, 0x80 | 126]) + struct.pack(">H", 5)
    with RawSocket(server) as raw:
        raw.send(head + bytes(4) + b"[    ")
        assert raw.close_code() in (1002, 0)


def test_an_ack_of_what_was_never_sent_closes_with_1008(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()
        raw.send(frame(BINARY, wire.ack(99, 5)))  # an unknown sub: ignored
        raw.send_json({"id": 1, "op": "sub", "args": {"sub": 1, "topic": "gs/u"}})
        assert raw.receive_json()["ok"]
        raw.send(frame(BINARY, wire.ack(1, 4_000_000)))
        assert raw.close_code() == 1008


def test_a_message_may_come_in_pieces_and_bytes_alone(server: Server) -> None:
    text = json.dumps({"id": 3, "op": "ping", "args": {"echo": "é"}}).encode()
    whole = frame(TEXT, text[:20], fin=False) + frame(PING, b"hi") + frame(0, text[20:])
    with RawSocket(server) as raw:
        raw.receive_json()
        for byte in whole:
            raw.send(bytes([byte]))
        assert raw.receive() == (PONG, b"hi")
        assert raw.receive_json()["result"]["echo"] == "é"


def test_a_close_is_answered_with_a_close(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.send(frame(CLOSE, struct.pack(">H", 1000)))
        assert raw.close_code() == 1000


def test_the_largest_text_is_read(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()
        head, tail = b'{"id":4,"op":"ping","later":"', b'"}'
        raw.send(frame(TEXT, head + b"x" * (65536 - len(head) - len(tail)) + tail))
        assert raw.receive_json()["id"] == 4


@pytest.mark.slow
def test_100_000_pings_are_all_answered(server: Server) -> None:
    count = 100_000
    with RawSocket(server, 120) as raw:
        raw.receive_json()

        def write() -> None:
            for first in range(1, count + 1, 1000):
                batch = (b'{"id":%d,"op":"ping"}' % number for number in range(first, first + 1000))
                raw.send(b"".join(frame(TEXT, text) for text in batch))

        writer = threading.Thread(target=write)
        writer.start()
        seen: set[int] = set()
        done = limited = 0
        while len(seen) < count:
            reply = raw.receive_json()
            assert reply["id"] not in seen
            seen.add(reply["id"])
            if reply["ok"]:
                done += 1
            else:
                assert reply["error"]["code"] == "rate_limited", reply
                limited += 1
        writer.join()
        assert seen == set(range(1, count + 1))
        assert done >= 100
        assert done + limited == count
    assert http(server, "/healthz").status == 200


def visit(server: Server, number: int) -> None:
    """Connects and leaves, in one of several ways."""
    connection = dial(server, 60)
    try:
        connection.sendall(request_bytes("GET", "/ws", upgrade_headers(server)))
        if number % 4 == 0:
            return  # gone before the answer
        assert read_response(connection).status == 101
        if number % 4 == 1:
            connection.sendall(frame(CLOSE, struct.pack(">H", 1000)))
            while connection.recv(65536):
                pass
        elif number % 4 == 2:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)  # a reset
    except ConnectionError:
        pass
    finally:
        connection.close()


@pytest.mark.slow
def test_10_000_visits_leave_descriptors_and_memory_where_they_were(start: Start) -> None:
    server = start("--world", "w=gray-scott,32x32,paused", "--max-per-address", "200")

    def visits(first: int, count: int) -> None:
        with ThreadPoolExecutor(50) as pool:
            list(pool.map(lambda number: visit(server, number), range(first, first + count)))

    before = server.descriptors()
    visits(0, 1000)  # warm: allocators keep what they needed once
    assert wait_until(lambda: server.descriptors() <= before), (before, server.descriptors())
    idle, memory = server.descriptors(), server.resident()
    visits(1000, 10_000)
    assert wait_until(lambda: server.descriptors() <= idle), (idle, server.descriptors())
    assert server.resident() - memory < 24 << 20
    assert http(server, "/healthz").status == 200


def test_a_client_that_vanishes_while_streaming_harms_nobody(server: Server) -> None:
    for _ in range(20):
        raw = RawSocket(server)
        raw.send_json({"id": 1, "op": "sub", "args": {"sub": 1, "topic": "busy/u", "maxFps": 240}})
        raw.receive_json()
        raw.connection.close()
    time.sleep(0.1)
    before = json.loads(http(server, "/api/v1/worlds/busy", token=server.token).body)["step"]
    assert wait_until(lambda: json.loads(http(server, "/api/v1/worlds/busy", token=server.token).body)["step"] > before)


def test_random_bytes_close_the_door_and_nothing_else(server: Server) -> None:
    source = random.Random(11)
    for _ in range(100):
        with RawSocket(server) as raw:
            try:
                raw.send(source.randbytes(source.randrange(1, 400)))
                raw.connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            assert raw.close_code() in (0, 1000, 1002, 1003, 1005, 1007, 1008, 1009)
    assert http(server, "/healthz").status == 200
