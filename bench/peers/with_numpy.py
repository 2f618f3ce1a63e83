"""NumPy: Gray-Scott over padded planes, every operation into memory that is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.peers.task import Floats, Task


def wrap(plane: Floats) -> None:
    plane[0], plane[-1] = plane[-2], plane[1]
    plane[:, 0], plane[:, -1] = plane[:, -2], plane[:, 1]


class NumPy:
    form = "slices, no temporaries; one core, as NumPy is"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.version = f"numpy {np.__version__}"
        self.rates = {name: np.float32(task.number(name)) for name in ("F", "k", "Du", "Dv", "dt")}
        self.some, self.more = (np.empty((task.height, task.width), np.float32) for _ in range(2))
        self.reset()

    def reset(self) -> None:
        self.u, self.v = (np.pad(plane[0], 1, mode="wrap") for plane in self.task.state())

    def diffusion(self, plane: Floats, rate: np.float32) -> Floats:
        """dt rate laplacian(plane), in `more`."""
        out = self.more
        np.add(plane[:-2, 1:-1], plane[2:, 1:-1], out=out)
        np.add(out, plane[1:-1, :-2], out=out)
        np.add(out, plane[1:-1, 2:], out=out)
        out *= np.float32(0.25)
        out -= plane[1:-1, 1:-1]
        out *= 4 * self.rates["dt"] * rate
        return out

    def advance(self, steps: int) -> None:
        r, reaction = self.rates, self.some
        for _ in range(steps):
            u, v = self.u[1:-1, 1:-1], self.v[1:-1, 1:-1]
            np.multiply(v, v, out=reaction)
            np.multiply(reaction, u, out=reaction)
            reaction *= r["dt"]
            change = self.diffusion(self.u, r["Du"])  # reads all of u before u is written
            u *= 1 - r["dt"] * r["F"]
            u += r["dt"] * r["F"]
            u += change
            u -= reaction
            change = self.diffusion(self.v, r["Dv"])
            v *= 1 - r["dt"] * (r["F"] + r["k"])
            v += change
            v += reaction
            wrap(self.u)
            wrap(self.v)

    def state(self) -> NDArray[np.float32]:
        return np.stack([self.u[1:-1, 1:-1], self.v[1:-1, 1:-1]])


def make(task: Task) -> NumPy:
    return NumPy(task)
