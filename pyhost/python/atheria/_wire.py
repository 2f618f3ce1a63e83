"""One WebSocket to a server: requests with ids, replies in any order, events that say something changed."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping
from typing import Any

from atheria._errors import Error
from atheria._find import Door


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
        self._news = threading.Condition()  # guards all below
        self._replies: dict[int, dict[str, Any] | None] = {}  # None: not there yet
        self._changes = 0
        self._ended = ""
        self._reader = threading.Thread(target=self._read, name="atheria client", daemon=True)
        self._reader.start()

    @property
    def closed(self) -> bool:
        return bool(self._ended)

    def ask(self, op: str, args: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """The reply's `result`; a refusal is an Error. `timeout` below 0: none."""
        from websockets.exceptions import ConnectionClosed

        number = next(self._ids)
        with self._news:
            self._replies[number] = None
        try:
            self._socket.send(json.dumps({"id": number, "op": op, "args": dict(args)}))
            reply = self._wait(number, op, timeout)
        except ConnectionClosed as error:
            raise NotSent(
                f"'{op}' was not sent: the connection to the server is closed ({error})", "cancelled"
            ) from None
        finally:
            with self._news:
                self._replies.pop(number, None)
        if reply["ok"]:
            result: dict[str, Any] = reply["result"]
            return result
        said = reply["error"]
        refused = Error(said["message"], said["code"], said.get("path", ""))
        refused.retry_after = said.get("retryAfterMs", 0) / 1000  # type: ignore[attr-defined]
        raise refused

    def _wait(self, number: int, op: str, timeout: float) -> dict[str, Any]:
        with self._news:
            there = self._news.wait_for(
                lambda: self._ended or self._replies[number] is not None, None if timeout < 0 else timeout
            )
            reply = self._replies[number]
        if reply is not None:
            return reply
        if there:
            raise Error(f"'{op}' was not answered: {self._ended}", "cancelled")
        raise Error(f"'{op}' was not answered within {timeout:g} s", "timeout")

    def pause_for_event(self, seconds: float) -> None:
        with self._news:
            seen = self._changes
            self._news.wait_for(lambda: self._ended or self._changes != seen, seconds)

    def close(self) -> None:
        with self._news:
            self._ended = self._ended or "the connection was closed here"
            self._news.notify_all()
        self._socket.close()

    def _read(self) -> None:
        why = "the server closed the connection"
        try:
            for text in self._socket:
                if isinstance(text, str):
                    self._take(json.loads(text))
        except Exception as error:  # whatever ends it, those who wait must hear of it
            why = f"the connection broke: {error}"
        finally:
            with self._news:
                self._ended = self._ended or why
                self._news.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._news:
            if "ev" in message:
                self._changes += 1
            elif message.get("id") in self._replies:
                self._replies[message["id"]] = message
            self._news.notify_all()
