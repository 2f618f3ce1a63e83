"""Scripts in a real server, as a program that submits them sees them."""

from __future__ import annotations

import itertools
import json
import textwrap
import threading
import time
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.conformance.client import Refused
from tests.e2e.support import Server, wait_until

Json = dict[str, Any]


class Python:
    """A connection that asks one thing after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        protocols = [Subprotocol("atheria.v1"), Subprotocol(f"atheria.bearer.{server.token}")]
        self.socket = connect(server.ws, subprotocols=protocols, max_size=None, legacy=True)
        self.hello: Json = json.loads(self.socket.recv())
        self.ids = itertools.count(1)
        self.events: list[Json] = []
        self.lock = threading.Lock()

    def __enter__(self) -> Python:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, op: str, timeout: float = 60, **args: Any) -> Json:
        """Retries what is refused only for being too fast."""
        while True:
            try:
                return self.ask_once(op, timeout, **args)
            except Refused as refused:
                if refused.code != "rate_limited":
                    raise
                time.sleep(refused.retry_after)

    def ask_once(self, op: str, timeout: float, **args: Any) -> Json:
        number = next(self.ids)
        with self.lock:
            self.socket.send(json.dumps({"id": number, "op": op, "args": args}))
            while True:
                message = self.socket.recv(timeout)
                if isinstance(message, bytes):
                    continue
                reply: Json = json.loads(message)
                if "ev" in reply:
                    self.events.append(reply)
                if reply.get("id") == number:
                    break
        if not reply["ok"]:
            raise Refused(reply["error"])
        result: Json = reply["result"]
        return result

    def submit(self, source: str, **more: Any) -> str:
        job: str = self.ask("script.run", source=textwrap.dedent(source), **more)["job"]
        return job

    def run(self, source: str, **more: Any) -> Job:
        return self.finish(self.submit(source, **more))

    def finish(self, job: str, timeout: float = 60) -> Job:
        """All it prints, and how it ended."""
        done = Job(job)
        start, at = time.monotonic(), 0
        known: Json = {}
        while True:
            answer = self.ask("script.output", job=job, waitMs=10_000, max=262_144, **{"from": at}, **known)
            for chunk in answer["chunks"]:
                done.pieces.append((chunk["stream"], chunk["text"]))
            at, known, done.status = answer["next"], {"revision": answer["revision"]}, answer["status"]
            if done.status["state"] == "done" and at >= done.status["outTo"]:
                return done
            assert time.monotonic() - start < timeout, f"job {job} does not end: {done.status}"

    def until_printed(self, job: str, text: str, timeout: float = 30) -> None:
        """Waits until the job has printed it."""
        at, seen, start = 0, "", time.monotonic()
        while text not in seen:
            answer = self.ask("script.output", job=job, waitMs=2000, **{"from": at})
            seen += "".join(chunk["text"] for chunk in answer["chunks"])
            at = answer["next"]
            ended = answer["status"]["state"] == "done" and not answer["chunks"]
            assert not ended, f"ended without printing {text!r}: {seen!r} {answer['status']}"
            assert time.monotonic() - start < timeout, f"it printed {seen!r}"

    def output(self, job: str) -> str:
        """What it has printed so far."""
        chunks = self.ask("script.output", job=job, max=262_144, **{"from": 0})["chunks"]
        return "".join(chunk["text"] for chunk in chunks)

    def status(self, job: str) -> Json:
        """The job, as the server has it now."""
        status: Json = self.ask("script.status", job=job)
        return status

    def world(self, name: str) -> Json:
        world: Json = self.ask("sim.get", world=name)["world"]
        return world


class Job:
    def __init__(self, number: str) -> None:
        self.number = number
        self.pieces: list[tuple[str, str]] = []  # stream and text, in order
        self.status: Json = {}

    def text(self, stream: str) -> str:
        return "".join(text for name, text in self.pieces if name == stream)

    @property
    def out(self) -> str:
        return self.text("stdout")

    @property
    def err(self) -> str:
        return self.text("stderr")

    @property
    def code(self) -> int:
        code: int = self.status["exitCode"]
        return code

    @property
    def outcome(self) -> str:
        outcome: str = self.status["outcome"]
        return outcome


def ready(server: Server) -> Server:
    """Waits until Python is there."""

    def idle() -> bool:
        with Python(server) as python:
            health = python.hello["python"]
        assert health["plane"] != "failed", health
        return bool(health["plane"] == "idle")

    assert wait_until(idle, 120), server.stderr()
    return server
