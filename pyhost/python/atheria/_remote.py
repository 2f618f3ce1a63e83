"""The backend over a server elsewhere: commands by WebSocket, fields by HTTP."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from atheria._errors import Error, unsupported
from atheria._find import Door, find
from atheria._wire import Connection, NotSent

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._backend import NativeHook, NativeLease, NativeObserver

INSIDE = "run the code in the server, with `ath run FILE.py` or in a notebook attached to it"


class RemoteBackend:
    """A server's worlds. Connects at the first request, and again when the connection was lost."""

    where = "remote"

    def __init__(self, door: Door) -> None:
        self.door = door
        self._lock = threading.Lock()
        self._connection: Connection | None = None  # guarded by _lock

    @classmethod
    def find(cls, url: str | None = None, token: str | None = None) -> RemoteBackend:
        return cls(find(url, token))

    def connection(self) -> Connection:
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = Connection(self.door)
            return self._connection

    def request(self, op: str, args: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]:
        end = time.monotonic() + (timeout if timeout >= 0 else float("inf"))
        while True:
            try:
                connection = self.connection()
                return connection.ask(op, args, timeout)
            except NotSent:
                connection.close()  # and a new one, once more; if there is none to be had, that says so
            except Error as error:
                # Too many at once: the server says when to come again.
                wait = getattr(error, "retry_after", 0)
                if error.code not in ("rate_limited", "busy") or not wait or time.monotonic() + wait > end:
                    raise
                time.sleep(wait)

    def pause_for_news(self, seconds: float) -> None:
        self.connection().pause_for_event(min(seconds, 0.2))

    def snapshot(self, world: str, channel: str | None) -> tuple[Tensor, int, float]:
        import numpy
        import torch

        asked = quote("*" if channel is None else channel, safe="*")
        body, headers = self._get(f"/api/v1/worlds/{quote(world, safe='')}/field.npy?channel={asked}")
        # Until the server sends the time too, it is not known here.
        moment = float(headers.get("X-Atheria-Time", "nan"))
        values = numpy.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
        return torch.from_numpy(values), int(headers.get("X-Atheria-Step", "0")), moment

    def _get(self, path: str) -> tuple[bytes, Mapping[str, str]]:
        where = urlsplit(self.door.url)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "127.0.0.1", where.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.door.token}"})
            answer = connection.getresponse()
            body = answer.read()
        except OSError as error:
            raise Error(f"cannot read {self.door.url}{path}: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise refusal(answer.status, body)
        return body, dict(answer.headers.items())

    def load(self, world: str, channel: str | None, values: Tensor) -> int:
        raise unsupported(f"cannot load values into '{world}' from another process: {INSIDE}")

    def lease(self, world: str, owner: str, timeout: float, deadline: float) -> NativeLease:
        raise unsupported(f"cannot lease '{world}' from another process, its memory is the server's: {INSIDE}")

    def observe(
        self, world: str, every: int, channels: list[str] | None, keep_all: bool, max_queue: int, on_full: str
    ) -> NativeObserver:
        raise unsupported(f"cannot observe '{world}' from another process: {INSIDE}; or ask snapshot() now and then")

    def on_step(self, world: str, every: int, budget_ms: float) -> NativeHook:
        raise unsupported(f"cannot hook the steps of '{world}' from another process: {INSIDE}")

    def register_law(self, spec: Mapping[str, Any], step: Callable[..., Any]) -> None:
        raise unsupported(f"cannot add the law '{spec.get('name')}' from another process: {INSIDE}")

    def put(self, topic: str, values: Tensor, range: tuple[float, float] | None) -> int:
        raise unsupported(f"cannot put '{topic}' on a stream from another process: {INSIDE}")

    def drop(self, topic: str) -> None:
        raise unsupported(f"cannot drop the stream '{topic}' from another process: {INSIDE}")

    def topics(self) -> dict[str, dict[str, Any]]:
        raise unsupported(f"cannot list streams from another process: {INSIDE}")

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()


def refusal(status: int, body: bytes) -> Error:
    try:
        error = json.loads(body)["error"]
        return Error(str(error["message"]), str(error["code"]))
    except (ValueError, KeyError, TypeError):
        return Error(f"the server answered {status}: {body[:200]!r}")
