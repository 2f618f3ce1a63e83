"""Golly's own command line, bgolly, with QuickLife: a process for each run, less the time of one that only reads the
pattern. `more["plane"]`: on the unbounded plane, on which it is several times as fast as on a torus; two blocks in
opposite corners of the world tell where its pattern lies."""

from __future__ import annotations

import resource
import shutil
import subprocess
import time

import numpy as np

from bench.peers import rle
from bench.peers.session import high_water
from bench.peers.task import Bits, Task


class Golly:
    def __init__(self, task: Task) -> None:
        program = shutil.which("bgolly")
        if program is None:
            raise ModuleNotFoundError("no bgolly in PATH", name="bgolly")
        self.task = task
        self.program = program
        self.plane = bool(task.more.get("plane"))
        told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
        self.version = " ".join(told.split()[2:4])
        self.form = f"QuickLife on {'the plane' if self.plane else 'a torus'}; one core"
        rule = "B3/S23" if self.plane else f"B3/S23:T{task.width},{task.height}"
        self.pattern = task.folder / f"{task.row}-golly.rle"
        self.after = task.folder / f"{task.row}-golly-after.rle"
        self.first = task.alive()
        rle.write(self.pattern, self.first, rule)
        self.steps = 0
        self.most_bytes = 0

    def reset(self) -> None:
        self.steps = 0

    def run(self, steps: int, *more: str) -> tuple[float, float]:
        """Seconds of the clock and of the processor."""
        command = [self.program, "-q", "-q", "-a", "QuickLife", "-m", str(steps), *more, str(self.pattern)]
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        wall = time.perf_counter() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def advance(self, steps: int) -> None:
        """Only counted: state() runs them in one go, from the first state."""
        self.steps += steps

    def state(self) -> Bits:
        command = [self.program, "-q", "-q", "-a", "QuickLife", "-m", str(self.steps), "-o", str(self.after)]
        with subprocess.Popen([*command, str(self.pattern)], stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                self.most_bytes = max(self.most_bytes, high_water(process.pid))
                time.sleep(0.01)
        if process.returncode != 0:
            raise RuntimeError(f"bgolly ended with {process.returncode}")
        found = rle.read(self.after)
        places = np.argwhere(self.first) if self.plane else np.array([[0, 0]])
        top, left = places.min(axis=0)
        alive = np.zeros_like(self.first)
        alive[top : top + found.shape[0], left : left + found.shape[1]] = found
        return alive

    def timed(self, seconds: float) -> tuple[int, float, float]:
        """`window` steps from the first state, at least once."""
        steps, wall, cpu = 0, 0.0, 0.0
        while wall < seconds:
            read_wall, read_cpu = self.run(0)
            run_wall, run_cpu = self.run(self.task.window)
            steps += self.task.window
            wall += max(run_wall - read_wall, 1e-6)
            cpu += max(run_cpu - read_cpu, 1e-6)
        return steps, wall, cpu


def make(task: Task) -> Golly:
    return Golly(task)
