"""JAX: one jitted loop of many steps; the number of steps is an argument, so it compiles once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from bench.peers import physics
from bench.peers.task import Task, read_safetensors

State = tuple[Array, ...]
Step = Callable[..., State]
INNER = slice(1, -1)


def inner(plane: Array) -> Array:
    """Without the border."""
    return plane[(INNER,) * plane.ndim]


def padded(plane: Array) -> Array:
    return jnp.pad(plane, 1, mode="wrap")


def gray_scott(task: Task) -> tuple[State, Step]:
    """The border of one cell is part of the state: twice as fast here as padding what is read."""
    feed, kill, du, dv, dt = (task.number(name) for name in ("F", "k", "Du", "Dv", "dt"))
    i, flat = slice(1, -1), task.depth == 1

    def laplacian(p: Array) -> Array:
        if flat:
            return p[:-2, i] + p[2:, i] + p[i, :-2] + p[i, 2:] - 4 * p[i, i]
        around = p[:-2, i, i] + p[2:, i, i] + p[i, :-2, i] + p[i, 2:, i] + p[i, i, :-2] + p[i, i, 2:]
        return around - 6 * p[i, i, i]

    def step(wide_u: Array, wide_v: Array) -> State:
        u, v = inner(wide_u), inner(wide_v)
        reaction = u * v * v
        next_u = u + dt * (du * laplacian(wide_u) - reaction + feed * (1 - u))
        next_v = v + dt * (dv * laplacian(wide_v) + reaction - (feed + kill) * v)
        return padded(next_u), padded(next_v)

    planes = jnp.asarray(task.state())
    return tuple(padded(plane[0] if flat else plane) for plane in planes), step


def life(task: Task) -> tuple[State, Step]:
    """Three living among cell and neighbours, or three neighbours: (neighbours | cell) == 3. A byte a cell, with the
    border in the state: three times as fast here as padding what is read."""

    def step(p: Array) -> State:
        row = p[:, :-2] + p[:, 1:-1] + p[:, 2:]
        eight = row[:-2] + row[2:] + p[1:-1, :-2] + p[1:-1, 2:]
        return (padded(((eight | inner(p)) == 3).astype(jnp.uint8)),)

    return (padded(jnp.asarray(task.alive())),), step


def turned(psi: Array, task: Task, trap: Array, by: float) -> Array:
    angle = (task.number("g") * (psi.real**2 + psi.imag**2) + trap) * by
    return psi * lax.complex(jnp.cos(angle), jnp.sin(angle))


def condensate(task: Task) -> tuple[State, Step]:
    kinetic = jnp.asarray(physics.kinetic_phase(task).astype(np.complex64))
    trap = jnp.asarray(physics.trap(task).astype(np.float32))
    dt = task.number("dt")

    def step(psi: Array) -> State:
        return (turned(jnp.fft.ifft2(jnp.fft.fft2(psi) * kinetic), task, trap, -dt),)

    planes = jnp.asarray(task.state())
    return (turned(lax.complex(planes[0, 0], planes[1, 0]), task, trap, -dt / 2),), step


def lenia(task: Task) -> tuple[State, Step]:
    modes = jnp.asarray(physics.lenia_modes(task).astype(np.float32))
    mu, dt, sharp = task.number("mu"), task.number("dt"), 1 / (9 * task.number("sigma") ** 2)

    def step(a: Array) -> State:
        u = jnp.fft.irfft2(jnp.fft.rfft2(a) * modes, s=a.shape)
        bump = jnp.maximum(1 - (u - mu) ** 2 * sharp, 0)
        return (jnp.clip(a + dt * (2 * (bump * bump) ** 2 - 1), 0, 1),)

    return (jnp.asarray(task.state()[0, 0]),), step


def nca(task: Task) -> tuple[State, Step]:
    weights = {name: jnp.asarray(value.T) for name, value in read_safetensors(task.params["weights"]).items()}

    def around(alpha: Array) -> Array:
        p = padded(alpha)
        rows = jnp.maximum(jnp.maximum(p[:, :-2], p[:, 1:-1]), p[:, 2:])
        return jnp.maximum(jnp.maximum(rows[:-2], rows[1:-1]), rows[2:])

    def step(x: Array) -> State:
        p = jnp.pad(x, ((1, 1), (1, 1), (0, 0)), mode="wrap")
        across = p[:, 2:] - p[:, :-2]
        along = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
        sobel_x = (across[:-2] + 2 * across[1:-1] + across[2:]) / 8
        sobel_y = (along[2:] - along[:-2]) / 8
        seen = jnp.concatenate([x, sobel_x, sobel_y], -1)
        hidden = jax.nn.relu(seen @ weights["l1.weight"] + weights["l1.bias"])
        grown = x + hidden @ weights["l2.weight"] + weights["l2.bias"]
        alive = (around(x[..., 3]) > 0.1) & (around(grown[..., 3]) > 0.1)
        return (grown * alive[..., None],)

    return (jnp.asarray(task.state()[:, 0].transpose(1, 2, 0)),), step


LAWS = {"gray-scott": gray_scott, "life": life, "gross-pitaevskii": condensate, "lenia": lenia, "nca": nca}


class Jax:
    form = "one jitted fori_loop of all steps"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.version = f"jax {jax.__version__}"
        self.first, step = LAWS[task.law](task)
        self.now = self.first
        self.loop = jax.jit(lambda state, steps: lax.fori_loop(0, steps, lambda _, s: step(*s), state))

    def reset(self) -> None:
        self.now = self.first

    def advance(self, steps: int) -> None:
        self.now = jax.block_until_ready(self.loop(self.now, steps))

    def state(self) -> NDArray[Any]:
        now = self.now
        if self.task.law == "gross-pitaevskii":
            trap = jnp.asarray(physics.trap(self.task).astype(np.float32))
            psi = turned(now[0], self.task, trap, self.task.number("dt") / 2)
            return np.stack([np.asarray(psi.real), np.asarray(psi.imag)])
        if self.task.law == "nca":
            return np.asarray(now[0]).transpose(2, 0, 1)
        if self.task.law == "gray-scott":
            return np.stack([np.asarray(inner(plane)) for plane in now])
        return np.asarray(inner(now[0]) if self.task.law == "life" else now[0])


def make(task: Task) -> Jax:
    return Jax(task)
