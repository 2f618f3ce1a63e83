"""Answers the bench's requests with one peer."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from bench.peers.task import Task

MOST_STEPS = 1 << 16  # of one call


class Peer(Protocol):
    task: Task
    version: str  # "jax 0.10.2"
    form: str  # how the law is written, for people

    def reset(self) -> None:
        """The first state again."""

    def advance(self, steps: int) -> None:
        """Returns when they are done. The first calls may compile."""

    def state(self) -> NDArray[Any]:
        """As Task.state() or Task.alive() has it."""


class Session:
    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.steps_of_call = 1
        self.done = 0  # steps since the first state
        peer.reset()
        if not hasattr(peer, "timed"):
            peer.advance(1)  # compiles
            self.done = 1

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "check":
                return {"state": str(self.check(request["steps"]))}
            case "time":
                steps, wall, cpu = self.timed(request["seconds"])
                return {"steps": steps, "wall": wall, "cpu": cpu}
            case "rss":
                return {"bytes": self.peak_bytes()}
            case op:
                return {"error": f"unknown op {op!r}"}

    def check(self, steps: int) -> Path:
        self.peer.reset()
        self.peer.advance(steps)
        self.done = steps
        return self.peer.task.save(self.peer.state())

    def timed(self, seconds: float) -> tuple[int, float, float]:
        """Steps, seconds of the clock, seconds of all processors; resets do not count."""
        if hasattr(self.peer, "timed"):
            own: tuple[int, float, float] = self.peer.timed(seconds)
            return own
        steps, wall, cpu = 0, 0.0, 0.0
        while wall < seconds:
            count = self.next_count()
            cpu_begin, begin = time.process_time(), time.perf_counter()
            self.peer.advance(count)
            took = time.perf_counter() - begin
            cpu += time.process_time() - cpu_begin
            wall += took
            steps += count
            self.done += count
            if took < seconds / 20:
                self.steps_of_call = min(2 * self.steps_of_call, MOST_STEPS)
        return steps, wall, cpu

    def next_count(self) -> int:
        window = self.peer.task.window
        if not window:
            return self.steps_of_call
        if self.done >= window:
            self.peer.reset()
            self.done = 0
        return min(self.steps_of_call, window - self.done)

    def peak_bytes(self) -> int:
        own = getattr(self.peer, "most_bytes", 0)
        return max(own, high_water(os.getpid()) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def high_water(process: int) -> int:
    """The most bytes a process had in memory; 0 where the system does not tell. Not ru_maxrss where this can be had:
    on Linux a child begins with its parent's."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0][1]) * 1024 if lines else 0
