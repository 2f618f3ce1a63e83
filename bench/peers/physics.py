"""Numbers the laws need, made once in double precision: the same for every library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.peers.task import Task

Doubles = NDArray[np.float64]


def squared_wave_numbers(task: Task) -> Doubles:
    """k^2 of each mode in cycles of a cell, [height, width]."""
    ky = 2 * np.pi * np.fft.fftfreq(task.height)
    kx = 2 * np.pi * np.fft.fftfreq(task.width)
    return np.asarray(ky[:, None] ** 2 + kx[None, :] ** 2)


def kinetic_phase(task: Task) -> NDArray[np.complex128]:
    """exp(-i dt k^2 / 2 mass) of a whole step."""
    energy = squared_wave_numbers(task) / (2 * task.number("mass") * task.number("dx") ** 2)
    return np.asarray(np.exp(-1j * task.number("dt") * energy))


def trap(task: Task) -> Doubles:
    """mass omega^2 r^2 / 2 around the middle of the grid, [height, width]."""
    y = (np.arange(task.height) - task.height // 2) * task.number("dx")
    x = (np.arange(task.width) - task.width // 2) * task.number("dx")
    return np.asarray(task.number("mass") * task.number("omega") ** 2 / 2 * (y[:, None] ** 2 + x[None, :] ** 2))


def lenia_modes(task: Task) -> Doubles:
    """rfft2 of the ring kernel (4 r (1 - r))^4 of radius R with sum 1: real, because the ring is symmetric."""
    y = np.minimum(np.arange(task.height), task.height - np.arange(task.height))
    x = np.minimum(np.arange(task.width), task.width - np.arange(task.width))
    r = np.hypot(y[:, None], x[None, :]) / task.number("R")
    ring = np.where((r > 0) & (r < 1), (4 * r * (1 - r)) ** 4, 0)
    return np.asarray(np.fft.rfft2(ring / ring.sum()).real)
