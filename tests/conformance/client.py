"""An asyncio client of atheria.v1, written from PROTOCOL.md alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.conformance import atheria_wire as wire


class Refused(Exception):
    """A reply with ok: false."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.path: str = error.get("path", "")
        self.retry_after: float = error.get("retryAfterMs", 0) / 1000


class Subscription:
    """One stream of frames. Acknowledges each as it is taken, unless told otherwise."""

    def __init__(self, client: Client, sub: int, reply: dict[str, Any]) -> None:
        self.client, self.sub, self.reply = client, sub, reply
        self.decoder = wire.FrameDecoder()
        self.frames: asyncio.Queue[wire.Frame] = asyncio.Queue()
        self.headers: list[wire.Header] = []  # of every part received
        self.auto_ack = True

    async def next(self, timeout: float = 20) -> wire.Frame:
        frame = await asyncio.wait_for(self.frames.get(), timeout)
        if self.auto_ack:
            await self.ack(frame)
        return frame

    async def until_step(self, step: int, timeout: float = 20) -> wire.Frame:
        async with asyncio.timeout(timeout):
            while (frame := await self.next(timeout)).header.step < step:
                pass
            return frame

    async def ack(self, frame: wire.Frame) -> None:
        await self.client.socket.send(wire.ack(self.sub, frame.header.seq))

    async def silence(self, seconds: float) -> bool:
        """Whether no frame came in that time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.frames.get(), seconds)
            return False
        return True


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.hello: dict[str, Any] = {}
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.orphans: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # replies to no request of ours
        self.subscriptions: dict[int, Subscription] = {}
        self.early: dict[int, list[bytes]] = {}  # frames that came before the reply to sub
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.hello = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
        self._reader = asyncio.create_task(self._read())

    async def stop(self) -> None:
        await self.socket.close()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self.socket:
                if isinstance(message, bytes):
                    self._on_frame(message)
                else:
                    self._on_text(json.loads(message))
        for future in self._waiting.values():
            future.cancel()

    def _on_text(self, message: dict[str, Any]) -> None:
        if "ev" in message:
            self.events.put_nowait(message)
        elif (future := self._waiting.pop(message["id"], None)) is not None:
            future.set_result(message)
        else:
            self.orphans.put_nowait(message)

    def _on_frame(self, message: bytes) -> None:
        header = wire.parse_header(message)
        stream = self.subscriptions.get(header.sub)
        if stream is None:
            self.early.setdefault(header.sub, []).append(message)
            return
        stream.headers.append(header)
        frame = stream.decoder.add(message)
        if frame is not None:
            stream.frames.put_nowait(frame)

    async def send(self, op: str, args: dict[str, Any] | None = None, **more: Any) -> asyncio.Future[dict[str, Any]]:
        """Sends a request; the future gets the whole reply."""
        self._last_id += 1
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._last_id] = future
        await self.socket.send(json.dumps({"id": self._last_id, "op": op, "args": args or {}, **more}))
        return future

    async def ask(self, op: str, args: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """The result of a request; raises Refused. Waits and asks again when asked too often."""
        while True:
            reply = await asyncio.wait_for(await self.send(op, args, **more), 40)
            if reply["ok"]:
                result: dict[str, Any] = reply["result"]
                return result
            refused = Refused(reply["error"])
            if refused.code != "rate_limited":
                raise refused
            await asyncio.sleep(max(refused.retry_after, 0.02))

    async def refusal(self, op: str, args: dict[str, Any] | None = None) -> Refused:
        """The error of a request that must fail."""
        try:
            result = await self.ask(op, args)
        except Refused as refused:
            return refused
        raise AssertionError(f"{op} {args} was done: {result}")

    async def subscribe(self, sub: int, topic: str, **wishes: Any) -> Subscription:
        self.subscriptions.pop(sub, None)  # one that ended: frames from now on are the new one's
        reply = await self.ask("sub", {"sub": sub, "topic": topic, **wishes})
        stream = Subscription(self, sub, reply)
        self.subscriptions[sub] = stream
        for message in self.early.pop(sub, []):
            self._on_frame(message)
        return stream

    async def event(self, name: str, timeout: float = 20) -> dict[str, Any]:
        """The next event of that name; others before it are dropped."""
        async with asyncio.timeout(timeout):
            while (event := await self.events.get())["ev"] != name:
                pass
            return event


@asynccontextmanager
async def connected(ws: str, token: str, **options: Any) -> AsyncIterator[Client]:
    protocol = Subprotocol("atheria.v1")
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(
        ws, subprotocols=[protocol], additional_headers=headers, max_size=None, max_queue=None, proxy=None, **options
    ) as socket:
        client = Client(socket)
        await client.start()
        try:
            yield client
        finally:
            await client.stop()
