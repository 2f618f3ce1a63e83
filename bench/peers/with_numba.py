"""numba: Gray-Scott as one parallel loop over rows, each row a vector loop; two buffers in turn."""

from __future__ import annotations

import numba
import numpy as np
from numba import float32, int64, njit, prange, void
from numpy.typing import NDArray

from bench.peers.task import Floats, Task

PLANE = float32[:, ::1]


@njit(
    void(PLANE, PLANE, PLANE, PLANE, int64, float32, float32, float32, float32, float32),
    parallel=True,
    fastmath=True,
    boundscheck=False,
)
def gray_scott(
    u: Floats, v: Floats, u2: Floats, v2: Floats, steps: int, feed: float, drain: float, du: float, dv: float, dt: float
) -> None:
    """An even number of steps ends in the first two planes. They have a border of one cell, renewed here."""
    rows, columns = u.shape[0] - 2, u.shape[1] - 2
    one, four = np.float32(1), np.float32(4)
    for step in range(steps):
        a, b, c, d = (u, v, u2, v2) if step % 2 == 0 else (u2, v2, u, v)
        a[0], a[-1], b[0], b[-1] = a[-2], a[1], b[-2], b[1]
        for y in prange(1, rows + 1):
            a[y, 0], a[y, columns + 1], b[y, 0], b[y, columns + 1] = a[y, columns], a[y, 1], b[y, columns], b[y, 1]
            for x in range(1, columns + 1):
                p, q = a[y, x], b[y, x]
                reaction = p * q * q
                around_p = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1] - four * p
                around_q = b[y - 1, x] + b[y + 1, x] + b[y, x - 1] + b[y, x + 1] - four * q
                c[y, x] = p + dt * (du * around_p - reaction + feed * (one - p))
                d[y, x] = q + dt * (dv * around_q + reaction - drain * q)


class Numba:
    form = "one parallel loop over rows, fastmath"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.version = f"numba {numba.__version__}"
        numba.set_num_threads(task.threads)
        self.rates = [
            np.float32(rate)
            for rate in (
                task.number("F"),
                task.number("F") + task.number("k"),
                task.number("Du"),
                task.number("Dv"),
                task.number("dt"),
            )
        ]
        self.reset()

    def reset(self) -> None:
        self.planes = [np.pad(plane[0], 1, mode="wrap") for plane in self.task.state()]
        self.others = [plane.copy() for plane in self.planes]

    def advance(self, steps: int) -> None:
        gray_scott(*self.planes, *self.others, steps, *self.rates)
        if steps % 2:
            self.planes, self.others = self.others, self.planes

    def state(self) -> NDArray[np.float32]:
        return np.stack([plane[1:-1, 1:-1] for plane in self.planes])


def make(task: Task) -> Numba:
    return Numba(task)
