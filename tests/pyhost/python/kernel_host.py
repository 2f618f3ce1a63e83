"""A process that is nearly a server: Python's main thread runs the harness, commands come as JSON lines on stdin.

Interrupts are what the server's are: a real-time signal to the main thread, and a gate that lets it in or not.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import atheria
import torch  # noqa: F401  # as the server does at its start
from atheria._host import main

from tests.pyhost.python.fake_host import FakeHost

SIGNAL = signal.SIGRTMIN + 4
OUT = os.fdopen(os.dup(1), "w", buffering=1)


def say(**event: Any) -> None:
    print(json.dumps(event, default=str), file=OUT, flush=True)


class KernelHost(FakeHost):
    def __init__(self) -> None:
        super().__init__(Path.cwd())
        self.queue: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self.gate: str | None = None
        self.raised = False
        signal.signal(SIGNAL, self.arrive)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in sys.__stdin__ or ():
            item = json.loads(line)
            if item["kind"] == "interrupt":
                self.interrupt(item["job"])
                continue
            os.eventfd_write(self.wake, 1)  # first: who takes the item takes one of these, too
            self.queue.put(item)

    def wake_fd(self) -> int:
        return self.wake

    def next(self, timeout: float) -> dict[str, Any] | None:
        try:
            item = self.queue.get(timeout=timeout) if timeout else self.queue.get_nowait()
        except queue.Empty:
            return None
        os.eventfd_read(self.wake)
        return item

    def arrive(self, *_: object) -> None:
        if self.gate is not None:
            self.raised = True
            raise atheria.Cancelled("interrupted")

    def interrupt(self, job: str) -> None:
        if self.gate == job and (main_thread := threading.main_thread().ident) is not None:
            signal.pthread_kill(main_thread, SIGNAL)

    def remind(self, job: str) -> None:
        if not self.raised:
            self.interrupt(job)

    def open_gate(self, job: str) -> None:
        self.gate, self.raised = job, False

    def close_gate(self) -> bool:
        self.gate = None
        return self.raised

    def guarded(self, job: str, call: Any) -> Any:
        self.open_gate(job)
        try:
            return super().guarded(job, call)
        finally:
            self.close_gate()

    def done(self, job: str, report: dict[str, Any]) -> None:
        say(event="done", job=job, output=self.output(job), **report)

    def log(self, level: str, text: str) -> None:
        say(event="log", level=level, text=text)

    def kernel_opened(self, file: str, error: str) -> None:
        say(event="opened", error=error, threads=threading.active_count(), fds=len(os.listdir("/proc/self/fd")))

    def kernel_closed(self, file: str, restarting: bool) -> None:
        threads = sorted(thread.name for thread in threading.enumerate())
        say(event="closed", restarting=restarting, threads=threads, fds=len(os.listdir("/proc/self/fd")))


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR2, file=sys.__stderr__ or 2)
    main(KernelHost())
    say(event="end")
    OUT.flush()
    os._exit(0)
