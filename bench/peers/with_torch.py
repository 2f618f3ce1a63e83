"""torch: eager, and torch.compile of the same step."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray

from bench.peers.laws_torch import LAWS, State
from bench.peers.task import Task


class Torch:
    def __init__(self, task: Task, compiled: bool) -> None:
        self.task = task
        self.version = f"torch {torch.__version__}"
        self.form = "torch.compile" if compiled else "eager"
        torch.set_num_threads(task.threads)
        self.law = LAWS[task.law](task)
        self.step = torch.compile(self.law.step, dynamic=False) if compiled else self.law.step
        self.now: State = self.law.first

    def reset(self) -> None:
        self.now = self.law.first

    def advance(self, steps: int) -> None:
        with torch.inference_mode():
            now = self.now
            for _ in range(steps):
                now = self.step(*now)
            self.now = now

    def state(self) -> NDArray[Any]:
        with torch.inference_mode():
            return self.law.dump(self.law.finish(*self.now) if self.law.finish else self.now)


def make(task: Task) -> Torch:
    return Torch(task, compiled=task.peer == "torch-compile")
