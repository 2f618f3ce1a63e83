"""A server of one's own, raw HTTP and raw WebSocket frames: for what a well-behaved client cannot do."""

from __future__ import annotations

import base64
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.client import Client

ROOT = Path(__file__).parents[2]
CLOSE, PING, PONG = 8, 9, 10
TEXT, BINARY = 1, 2
Headers = list[tuple[str, str]]


def binary() -> Path:
    return Path(os.environ.get("ATHERIA_SERVER_BINARY", ROOT / "build" / "release" / "bin" / "atheria-server"))


def mark_e2e(items: list[pytest.Item], here: Path) -> None:
    """The tests under a folder start whole servers; without the program they are skipped."""
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if not binary().exists():
                item.add_marker(pytest.mark.skip(reason=f"no server at {binary()}: ./ath build makes it"))


class Server:
    """The real program, on a free port of loopback. Without Python inside unless asked: that takes seconds."""

    def __init__(
        self, folder: Path, *arguments: str, python: str = "off", variables: dict[str, str] | None = None
    ) -> None:
        self.log = folder / f"stderr-{secrets.token_hex(4)}.txt"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
        environment["ATHERIA_GIL_CHECKS"] = "1"  # breaking a rule about Python's lock ends the server
        environment |= variables or {}
        python_flags = ["--python", python] if python else []
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(binary()), "--port", "0", "--ready-json", *python_flags, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=folder,
            )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 180)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.process.kill()
            raise AssertionError(f"the server was not ready:\n{self.stderr()}")
        self.ready: dict[str, Any] = json.loads(line)
        self.http: str = self.ready["http"]
        self.ws: str = self.ready["ws"]
        self.token: str = self.ready["token"]
        self.port = int(self.http.rpartition(":")[2])

    def stderr(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """SIGTERM; the end must be clean and soon, and nothing secret in the log."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        assert self.end() < 5, f"the server did not stop within 5 s:\n{self.stderr()}"
        code = self.process.returncode
        assert code == 0, f"exit code {code}:\n{self.stderr()}"
        assert self.token not in self.stderr(), "the token stands in the log"

    def end(self) -> float:
        """Waits for it; seconds that took, less those it stood in line for a core of a busy machine."""
        since, waited, waited_before = time.monotonic(), 0.0, self.starved()
        while self.process.poll() is None:
            waited = max(waited, self.starved() - waited_before)
            if time.monotonic() - since > 180:
                self.process.kill()
            time.sleep(0.01)
        return time.monotonic() - since - waited

    def starved(self) -> float:
        """Seconds in which its main thread could run and no core was free."""
        try:
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    # What the process uses.
    def ticks(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def resident(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# The fixtures `start` and `client`.
Start = Callable[..., Server]
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@dataclass
class Response:
    status: int
    headers: dict[str, str]  # lower case; the last of equal ones
    body: bytes
    all_headers: Headers = field(default_factory=list)

    @property
    def error(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.body)["error"]
        return result


def dial(server: Server, timeout: float = 20) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_response(connection: socket.socket, head: bool = False) -> Response:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"the server closed after {data!r}")
        data += piece
    top, _, body = data.partition(b"\r\n\r\n")
    lines = top.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    headers = dict(pairs)
    status = int(lines[0].split()[1])
    wanted = 0 if head or status in (101, 204, 304) else int(headers.get("content-length", "0"))
    while len(body) < wanted:
        piece = connection.recv(1 << 20)
        if not piece:
            break
        body += piece
    return Response(status, headers, body, pairs)


def request_bytes(method: str, path: str, headers: Headers, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def http(
    server: Server,
    path: str,
    method: str = "GET",
    headers: Headers | None = None,
    body: bytes = b"",
    token: str | None = None,
    host: str | None = None,
) -> Response:
    """One request on a connection of its own. Headers are sent as they are, so that wrong ones can be."""
    fields: Headers = [("Host", f"127.0.0.1:{server.port}" if host is None else host)]
    if token is not None:
        fields.append(("Authorization", f"Bearer {token}"))
    if method == "POST":
        fields.append(("Content-Length", str(len(body))))
    fields += [("Connection", "close"), *(headers or [])]
    with dial(server) as connection:
        connection.sendall(request_bytes(method, path, fields, body))
        return read_response(connection, head=method == "HEAD")


def upgrade_headers(server: Server, **changes: Any) -> Headers:
    """Those of a good handshake; a change of None leaves one out, of a list repeats it."""
    fields: dict[str, str | list[str] | None] = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
        "Sec-WebSocket-Protocol": "atheria.v1",
        "Authorization": f"Bearer {server.token}",
    }
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    out: Headers = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        out += [(name, one) for one in values]
    return out


def handshake(server: Server, *, method: str = "GET", path: str = "/ws", **changes: Any) -> Response:
    with dial(server) as connection:
        connection.sendall(request_bytes(method, path, upgrade_headers(server, **changes)))
        return read_response(connection)


class RawSocket:
    """A WebSocket whose frames are written by hand."""

    def __init__(self, server: Server, timeout: float = 20) -> None:
        self.connection = dial(server, timeout)
        self.connection.sendall(request_bytes("GET", "/ws", upgrade_headers(server)))
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        top, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        assert b" 101 " in top, top

    def __enter__(self) -> RawSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _more(self) -> None:
        piece = self.connection.recv(1 << 16)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece

    def _take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def send_json(self, message: Any) -> None:
        self.send(frame(TEXT, json.dumps(message).encode()))

    def receive(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 127
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        return first & 15, self._take(length)

    def receive_json(self) -> dict[str, Any]:
        """The next text message that is no event."""
        while True:
            opcode, payload = self.receive()
            if opcode == TEXT:
                message: dict[str, Any] = json.loads(payload)
                if "ev" not in message:
                    return message
            assert opcode != CLOSE, f"closed with {struct.unpack('>H', payload[:2])}"

    def close_code(self) -> int:
        """Reads until the server closes; its code, or 0 when it just went away."""
        try:
            while True:
                opcode, payload = self.receive()
                if opcode == CLOSE:
                    return int(struct.unpack(">H", payload[:2])[0]) if len(payload) >= 2 else 1005
        except (ConnectionError, TimeoutError):
            return 0


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    masked: bool = True,
    reserved: int = 0,
    length: int | None = None,
) -> bytes:
    """`length` is what the header claims, whatever follows."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 65536:
        head += bytes([mask_bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = secrets.token_bytes(4)
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + mixed.to_bytes(len(payload), "big")


def wait_until(condition: Any, seconds: float = 20) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def npy(data: bytes) -> tuple[tuple[int, ...], str, bytes]:
    """Shape, type and bytes of a .npy file."""
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    (length,) = struct.unpack("<H", data[8:10])
    # The header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }
    about = json.loads(
        data[10 : 10 + length]
        .decode()
        .replace("'", '"')
        .replace("False", "false")
        .replace("(", "[")
        .replace(",)", "]")
        .replace(")", "]")
        .replace(", }", "}")
    )
    assert about["fortran_order"] is False
    return tuple(about["shape"]), about["descr"], data[10 + length :]
