"""The backend over a server elsewhere: what code in the server does with a world's own memory, with copies."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from atheria import _remote_lease
from atheria._errors import Error
from atheria._find import Door, find
from atheria._remote_laws import RemoteLaws
from atheria._remote_lease import RemoteLease, held_here
from atheria._remote_numbers import upload
from atheria._remote_watch import RemoteHook, RemoteObserver
from atheria._wire import Connection, NotSent

if TYPE_CHECKING:
    from torch import Tensor

# Ops that wait until nobody holds the world.
OF_FIELDS = {"sim.step", "sim.reset", "probe.read", "sim.fork"}


class RemoteBackend:
    """A server's worlds. Connects at the first request, and again when the connection was lost.

    Leases, observers, hooks, laws and forks belong to the connection they were made on, and end with it.
    """

    where = "remote"

    def __init__(self, door: Door) -> None:
        self.door = door
        self._lock = threading.Lock()
        self._connection: Connection | None = None  # guarded by _lock
        self._laws: RemoteLaws | None = None  # guarded by _lock

    @classmethod
    def find(cls, url: str | None = None, token: str | None = None) -> RemoteBackend:
        return cls(find(url, token))

    def connection(self) -> Connection:
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = Connection(self.door)
            return self._connection

    def request(self, op: str, args: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]:
        self._check_not_held(op, args)
        end = time.monotonic() + (timeout if timeout >= 0 else float("inf"))
        connection: Connection | None = None
        while True:
            try:
                connection = self.connection()
                return connection.ask(op, args, timeout)
            except NotSent:
                self._forget(connection)  # and a new one, once more; if there is none to be had, that says so
            except Error as error:
                # Too many at once: the server says when to come again.
                wait = getattr(error, "retry_after", 0)
                if error.code not in ("rate_limited", "busy") or not wait or time.monotonic() + wait > end:
                    raise
                time.sleep(wait)
            except BaseException:
                # Who is interrupted does not want the steps to go on.
                if op == "sim.step" and connection is not None:
                    connection.tell("sim.pause", {"world": args["world"]} if "world" in args else {})
                raise

    @staticmethod
    def _forget(connection: Connection | None) -> None:
        if connection is not None:
            connection.close()

    def _check_not_held(self, op: str, args: Mapping[str, Any]) -> None:
        world = str(args.get("world", ""))
        changes = op == "sim.set" and any(name in args for name in ("params", "law", "preset", "init"))
        if (op in OF_FIELDS or op.startswith("field.") or changes) and held_here(world):
            raise Error(
                f"this thread holds a lease of world '{world}' and would wait for itself: use the lease's fields and "
                "its step(), or release it first",
                "conflict",
                "world",
            )

    def pause_for_news(self, seconds: float) -> None:
        self.connection().pause_for_event(min(seconds, 0.2))

    # Fields.
    def snapshot(self, world: str, channel: str | None) -> tuple[Tensor, int, float]:
        import numpy
        import torch

        self._check_not_held("field.read", {"world": world})
        asked = quote("*" if channel is None else channel, safe="*")
        body, headers = self._get(f"/api/v1/worlds/{quote(world, safe='')}/field.npy?channel={asked}")
        values = numpy.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
        return torch.from_numpy(values), int(headers["X-Atheria-Step"]), float(headers["X-Atheria-Time"])

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
        self._check_not_held("field.load", {"world": world})
        connection = self.connection()
        numbers = upload(connection, values)
        told = connection.ask("field.load", {"world": world, "channel": channel or "*", **numbers}, 60)
        return int(told["step"])

    def fork(self, world: str, name: str | None, keep: bool) -> str:
        args: dict[str, Any] = {"world": world, "keep": keep, **({"name": name} if name else {})}
        return str(self.request("sim.fork", args, 300)["world"]["name"])

    # Worlds that stand still, or are watched.
    def lease(self, world: str, owner: str, timeout: float, deadline: float) -> RemoteLease:
        return _remote_lease.take(self.connection(), world, owner, timeout, deadline)

    def observe(
        self, world: str, every: int, channels: list[str] | None, keep_all: bool, max_queue: int, on_full: str
    ) -> RemoteObserver:
        return RemoteObserver(self.connection(), world, every, channels, keep_all, max_queue, on_full)

    def on_step(self, world: str, every: int, budget_ms: float) -> RemoteHook:
        return RemoteHook(self.connection(), world, every, budget_ms, "python")

    def register_law(self, spec: Mapping[str, Any], step: Callable[..., Any]) -> None:
        connection = self.connection()
        with self._lock:
            if self._laws is None or self._laws.connection is not connection:
                self._laws = RemoteLaws(connection)
            laws = self._laws
        laws.register(spec, step)

    # Pictures.
    def put(self, topic: str, values: Tensor, range: tuple[float, float] | None) -> int:
        import torch

        if values.is_complex():
            raise Error(
                "a picture is a real tensor [h,w] or [3,h,w], got complex numbers: show abs(), angle(), real or imag "
                "of it",
                "bad_args",
                "values",
            )
        connection = self.connection()
        numbers = upload(connection, values.detach().to(torch.float32))
        args = {"stream": topic, "range": range, "upload": numbers["upload"], "shape": numbers["shape"]}
        return int(connection.ask("stream.put", args, 60)["puts"])

    def drop(self, topic: str) -> None:
        self.request("stream.drop", {"stream": topic})

    def topics(self) -> dict[str, dict[str, Any]]:
        told = self.request("stream.list", {})["streams"]
        return {
            one["stream"]: {
                "shape": tuple(one["shape"]),
                "range": tuple(one["range"]) if one["range"] else None,
                "puts": one["puts"],
            }
            for one in told
        }

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
