"""torch.export and AOTInductor: the step as a compiled package, run by its loader. With weights frozen in
and without: the faster one is measured."""

from __future__ import annotations

import time
from typing import Any

import torch
import torch._inductor.config as inductor_config
from numpy.typing import NDArray

from bench.peers.laws_torch import Nca, channels_first, channels_last
from bench.peers.task import Task


class Aoti:
    def __init__(self, task: Task) -> None:
        dtype = torch.bfloat16 if task.params.get("compute") == "bf16" else torch.float32
        self.task = task
        self.version = f"torch {torch.__version__}"
        self.form = f"AOTInductor, NHWC, {str(dtype).removeprefix('torch.')}"
        torch.set_num_threads(task.threads)
        self.first = self.now = channels_last(task, dtype)
        with torch.no_grad():
            exported = torch.export.export(Nca(task, dtype), (self.first,))
        self.step = min((self.package(exported, freezing) for freezing in (False, True)), key=self.seconds)

    def package(self, exported: Any, freezing: bool) -> Any:
        path = self.task.folder / f"{self.task.row}-aoti-{'frozen' if freezing else 'plain'}.pt2"
        with torch.no_grad(), inductor_config.patch(freezing=freezing):
            torch._inductor.aoti_compile_and_package(exported, package_path=str(path))
        return torch._inductor.aoti_load_package(str(path))

    def seconds(self, step: Any) -> float:
        """The shortest of some steps: which of two packages is the faster one depends on the machine."""
        times = []
        with torch.inference_mode():
            for _ in range(6):
                begin = time.perf_counter()
                step(self.first)
                times.append(time.perf_counter() - begin)
        return min(times)

    def reset(self) -> None:
        self.now = self.first

    def advance(self, steps: int) -> None:
        with torch.inference_mode():
            now = self.now
            for _ in range(steps):
                now = self.step(now)
            self.now = now

    def state(self) -> NDArray[Any]:
        return channels_first(self.now)


def make(task: Task) -> Aoti:
    return Aoti(task)
