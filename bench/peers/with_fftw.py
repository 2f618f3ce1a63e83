"""FFTW by pyFFTW, on one core: planned transforms in place (FFTW_MEASURE), and numba between them."""

from __future__ import annotations

import math

import numba
import numpy as np
import pyfftw
from numba import njit
from numpy.typing import NDArray

from bench.peers import physics
from bench.peers.task import Floats, Task

Waves = NDArray[np.complex64]


@njit(fastmath=True)
def times(psi: Waves, phase: Waves) -> None:
    for y in range(psi.shape[0]):
        for x in range(psi.shape[1]):
            psi[y, x] *= phase[y, x]


@njit(fastmath=True)
def turn(psi: Waves, trap: Floats, g: float, by: float) -> None:
    for y in range(psi.shape[0]):
        for x in range(psi.shape[1]):
            here = psi[y, x]
            density = here.real * here.real + here.imag * here.imag
            angle = np.float32((g * density + trap[y, x]) * by)
            psi[y, x] = here * complex(math.cos(angle), math.sin(angle))


class Fftw:
    form = "planned in place (FFTW_MEASURE), numba between; one core"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.version = f"pyfftw {pyfftw.__version__}, {pyfftw.fftw_version}, numba {numba.__version__}"
        self.psi = pyfftw.empty_aligned((task.height, task.width), dtype="complex64")
        flags = {"axes": (0, 1), "flags": ("FFTW_MEASURE",), "threads": 1}
        self.forward = pyfftw.FFTW(self.psi, self.psi, direction="FFTW_FORWARD", **flags)
        self.backward = pyfftw.FFTW(self.psi, self.psi, direction="FFTW_BACKWARD", **flags)
        self.kinetic = (physics.kinetic_phase(task) / (task.width * task.height)).astype(np.complex64)
        self.trap = physics.trap(task).astype(np.float32)
        self.g, self.dt = np.float32(task.number("g")), task.number("dt")
        self.reset()

    def turn(self, by: float) -> None:
        turn(self.psi, self.trap, self.g, np.float32(by))

    def reset(self) -> None:
        planes = self.task.state()
        self.psi[...] = planes[0, 0] + 1j * planes[1, 0]
        self.turn(-self.dt / 2)

    def advance(self, steps: int) -> None:
        for _ in range(steps):
            self.forward.execute()
            times(self.psi, self.kinetic)
            self.backward.execute()
            self.turn(-self.dt)

    def state(self) -> NDArray[np.float32]:
        self.turn(self.dt / 2)
        planes = np.stack([self.psi.real, self.psi.imag])
        self.turn(-self.dt / 2)
        return planes


def make(task: Task) -> Fftw:
    return Fftw(task)
