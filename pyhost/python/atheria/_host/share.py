"""A second front end of an attached notebook: its own connection file, the same kernel.

Messages go through a thread that signs them anew, as each connection file has its own key. Shutting this front end
down takes only itself away.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import DELIM, Session

POLL = 200  # ms; how often the thread looks whether it shall end
ASKING = ("shell", "stdin", "control")  # requests and replies; the others go one way or just come back


class Share(threading.Thread):
    """Runs until `close`, or until its front end shuts down: then it has `left`, and calls `gone` on its thread."""

    def __init__(self, kernel_file: str, file: str, gone: Callable[[], None]) -> None:
        super().__init__(name="notebook share", daemon=True)
        self.file = file
        self.left = False
        self._gone = gone
        self._inner, self._outer = (json.loads(Path(one).read_text()) for one in (kernel_file, file))
        if not self._outer.get("key"):
            raise ValueError(f"the connection file '{file}' has no key: anybody could run code here")
        self._inner_session, self._outer_session = (
            Session(key=one["key"].encode(), signature_scheme=one.get("signature_scheme", "hmac-sha256"))
            for one in (self._inner, self._outer)
        )
        self._ended = threading.Event()
        self._context = zmq.Context()
        self._pairs = self._connect()
        self.start()

    def _connect(self) -> dict[zmq.Socket[Any], tuple[str, zmq.Socket[Any], bool]]:
        """Each socket with its channel, where its messages go, and whether they come from the front end."""
        pairs: dict[zmq.Socket[Any], tuple[str, zmq.Socket[Any], bool]] = {}
        identity = secrets.token_bytes(8)  # the same on all: the kernel asks for input whoever sent the cell
        try:
            for channel in ASKING:
                front, back = self._context.socket(zmq.ROUTER), self._context.socket(zmq.DEALER)
                back.identity = identity
                pairs[front], pairs[back] = (channel, back, True), (channel, front, False)
            source, sink = self._context.socket(zmq.SUB), self._context.socket(zmq.PUB)
            source.subscribe(b"")
            pairs[source], pairs[sink] = ("iopub", sink, False), ("iopub", source, True)
            beat = self._context.socket(zmq.ROUTER)
            pairs[beat] = ("hb", beat, True)
            for socket, (channel, _, outer) in pairs.items():
                socket.linger = 1000
                if outer:
                    socket.bind(address(self._outer, channel))
                else:
                    socket.connect(address(self._inner, channel))
        except BaseException:
            self._context.destroy(0)
            raise
        return pairs

    def run(self) -> None:
        poller = zmq.Poller()
        for socket in self._pairs:
            poller.register(socket, zmq.POLLIN)
        while not self._ended.is_set():
            for socket, _ in poller.poll(POLL):
                self._pass_on(socket)
        self._context.destroy(1000)
        if self.left:
            self._gone()

    def _pass_on(self, socket: zmq.Socket[Any]) -> None:
        channel, other, outer = self._pairs[socket]
        frames = socket.recv_multipart()
        if channel == "hb":
            socket.send_multipart(frames)
            return
        source, target = self._inner_session, self._outer_session
        if outer:
            source, target = target, source
        if DELIM not in frames:
            return
        start = frames.index(DELIM) + 1
        signature, parts = frames[start], frames[start + 1 : start + 5]
        if len(parts) < 4 or not hmac.compare_digest(signature, source.sign(parts)):
            return  # not signed with that file's key
        if outer and json.loads(parts[0]).get("msg_type") == "shutdown_request":
            self._leave(socket, frames[: start - 1], parts)
            return
        frames[start] = target.sign(parts)
        other.send_multipart(frames)

    def _leave(self, socket: zmq.Socket[Any], identities: list[bytes], parts: list[bytes]) -> None:
        content = {"status": "ok", "restart": json.loads(parts[3]).get("restart", False)}
        parent = {"header": json.loads(parts[0])}
        self._outer_session.send(socket, "shutdown_reply", content, parent, ident=identities)
        self.left = True
        self._ended.set()

    def close(self) -> None:
        self._ended.set()
        self.join()


def address(connection: dict[str, Any], channel: str) -> str:
    sign = "-" if connection["transport"] == "ipc" else ":"
    return f"{connection['transport']}://{connection['ip']}{sign}{connection[f'{channel}_port']}"
