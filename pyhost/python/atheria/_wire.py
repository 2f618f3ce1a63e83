"""One WebSocket to a server: requests with ids, replies in any order, bytes both ways, events."""

from __future__ import annotations

import itertools
import json
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from atheria._errors import Error
from atheria._find import Door

BLOB, UPLOAD = 3, 0x11
LAST_PART = 2
UPLOAD_HEADER = struct.Struct("<BBHIQQ")

Listener = Callable[[dict[str, Any]], None]


class NotSent(Error):
    """The connection was closed before the request left: it may be sent again."""


class Connection:
    """Any thread may ask. A thread of its own reads, and ends with the connection."""

    def __init__(self, door: Door, timeout: float = 10.0) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        offered = [Subprotocol("atheria.v1"), Subprotocol(f"atheria.bearer.{door.token}")]
        address = door.url.replace("http", "ws", 1) + "/ws"
        try:
            self._socket = connect(
                address,
                subprotocols=offered,
                compression=None,
                open_timeout=timeout,
                max_size=1 << 26,
                proxy=None,
            ).__enter__()  # left in close()
            self.hello: dict[str, Any] = json.loads(self._socket.recv(timeout))
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Error(f"cannot connect to {door.url}: {error}; is a server there, and the token its?") from None
        self._ids = itertools.count(1)
        self._numbers = itertools.count(1)
        self._uploading = threading.Lock()  # the parts of one upload after the other
        self._news = threading.Condition()  # guards all below
        self._replies: dict[int, dict[str, Any] | None] = {}  # None: not there yet
        self._blobs: dict[int, Blob] = {}  # that are waited for, by the id of their request
        self._listeners: dict[tuple[str, int], Listener] = {}  # by event and number
        self._changes = 0
        self._ended = ""
        self._reader = threading.Thread(target=self._read, name="atheria client", daemon=True)
        self._reader.start()

    @property
    def closed(self) -> bool:
        return bool(self._ended)

    def number(self) -> int:
        """One that no lease, observer, hook or upload of this connection has."""
        return next(self._numbers)

    # Requests.
    def ask(self, op: str, args: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """The reply's `result`; a refusal is an Error. `timeout` below 0: none."""
        return self._ask(op, args, timeout, None)

    def ask_bytes(self, op: str, args: Mapping[str, Any], timeout: float) -> tuple[dict[str, Any], bytearray]:
        """The same, and the bytes that follow a reply with `bytes`."""
        blob = Blob()
        result = self._ask(op, args, timeout, blob)
        return result, blob.data

    def tell(self, op: str, args: Mapping[str, Any]) -> None:
        """Sends a request whose reply does not matter. Nothing happens when the connection is closed."""
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):
            self._socket.send(json.dumps({"id": next(self._ids), "op": op, "args": dict(args)}))

    def _ask(self, op: str, args: Mapping[str, Any], timeout: float, blob: Blob | None) -> dict[str, Any]:
        from websockets.exceptions import ConnectionClosed

        number = next(self._ids)
        with self._news:
            self._replies[number] = None
            if blob is not None:
                self._blobs[number] = blob
        try:
            self._socket.send(json.dumps({"id": number, "op": op, "args": dict(args)}))
            return self._wait(number, op, timeout, blob)
        except ConnectionClosed as error:
            raise NotSent(
                f"'{op}' was not sent: the connection to the server is closed ({error})", "cancelled"
            ) from None
        finally:
            with self._news:
                self._replies.pop(number, None)
                self._blobs.pop(number, None)

    def _wait(self, number: int, op: str, timeout: float, blob: Blob | None) -> dict[str, Any]:
        end = None if timeout < 0 else time.monotonic() + timeout
        self._wait_until(lambda: self._replies[number] is not None, op, end, timeout)
        with self._news:
            reply = self._replies[number]
        assert reply is not None
        if not reply["ok"]:
            raise refused(reply["error"])
        result: dict[str, Any] = reply["result"]
        if blob is not None and "bytes" in result:
            self._wait_until(lambda: blob.complete, op, end, timeout)
        return result

    def _wait_until(self, there: Callable[[], bool], op: str, end: float | None, timeout: float) -> None:
        with self._news:
            left = None if end is None else end - time.monotonic()
            came = self._news.wait_for(lambda: self._ended or there(), left)
            if there():
                return
        if came:
            raise Error(f"'{op}' was not answered: {self._ended}", "cancelled")
        raise Error(f"'{op}' was not answered within {timeout:g} s", "timeout")

    def upload(self, data: memoryview) -> int:
        """Sends bytes for an op that names their number. Throws `too_large` before anything is sent."""
        from websockets.exceptions import ConnectionClosed

        role, limits = self.hello["role"], self.hello["limits"]
        if role not in ("script", "admin"):
            raise Error(f"sending numbers needs the role script; this connection is {role}", "not_allowed")
        most = int(limits.get("uploadBytes", 0))
        if len(data) > most:
            raise Error(f"{len(data)} bytes are more than the {most} that this server takes at a time", "too_large")
        number, size = self.number(), int(limits["binary"]) - UPLOAD_HEADER.size
        try:
            with self._uploading:
                for offset in range(0, max(len(data), 1), size):
                    head = UPLOAD_HEADER.pack(UPLOAD, 0, UPLOAD_HEADER.size, number, len(data), offset)
                    self._socket.send(head + data[offset : offset + size])
        except ConnectionClosed as error:
            raise NotSent(f"the connection to the server is closed ({error})", "cancelled") from None
        return number

    # Events.
    def listen(self, event: str, key: str, number: int, call: Listener) -> None:
        """Has `call(data)` run, on the reader's thread, for each such event whose `key` is `number`."""
        with self._news:
            self._listeners[f"{event} {key}", number] = call

    def forget(self, event: str, key: str, number: int) -> None:
        with self._news:
            self._listeners.pop((f"{event} {key}", number), None)

    def pause_for_event(self, seconds: float) -> None:
        with self._news:
            seen = self._changes
            self._news.wait_for(lambda: self._ended or self._changes != seen, seconds)

    def close(self) -> None:
        with self._news:
            self._ended = self._ended or "the connection was closed here"
            self._news.notify_all()
        self._socket.close()

    # The reader.
    def _read(self) -> None:
        why = "the server closed the connection"
        try:
            for message in self._socket:
                if isinstance(message, str):
                    self._take(json.loads(message))
                else:
                    self._take_part(message)
        except Exception as error:  # whatever ends it, those who wait must hear of it
            why = f"the connection broke: {error}"
        finally:
            with self._news:
                self._ended = self._ended or why
                self._news.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._news:
            calls = []
            if "ev" in message:
                self._changes += 1
                calls = [
                    call
                    for (event, number), call in self._listeners.items()
                    if event.split()[0] == message["ev"] and message["data"].get(event.split()[1]) == number
                ]
            elif message.get("id") in self._replies:
                self._replies[message["id"]] = message
            self._news.notify_all()
        for call in calls:
            call(message["data"])

    def _take_part(self, message: bytes) -> None:
        if message[0] != BLOB:
            return
        length, number = struct.unpack_from("<HI", message, 2)
        with self._news:
            blob = self._blobs.get(number)
            if blob is not None:
                blob.add(memoryview(message)[length:], last=bool(message[1] & LAST_PART))
                self._news.notify_all()


class Blob:
    """Bytes that come in parts."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.complete = False

    def add(self, piece: memoryview, last: bool) -> None:
        self.data += piece
        self.complete = last


def refused(said: Mapping[str, Any]) -> Error:
    error = Error(said["message"], said["code"], said.get("path", ""))
    error.retry_after = said.get("retryAfterMs", 0) / 1000  # type: ignore[attr-defined]
    return error
