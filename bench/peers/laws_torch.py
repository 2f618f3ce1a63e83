"""The laws in torch, each in the form that ran fastest here: channels last and `linear` for nets, rolls for
stencils, bytes for Life. A law is how to load a state, one step, and how to give the state back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.peers import physics
from bench.peers.task import Floats, Task, read_safetensors

State = tuple[Tensor, ...]


@dataclass
class Law:
    first: State
    step: Callable[..., State]
    dump: Callable[[State], NDArray[Any]]
    finish: Callable[..., State] | None = None  # what is owed after the last of several steps


def gray_scott(task: Task) -> Law:
    """By rolls: as fast as padding when eager, and twice as fast when compiled."""
    feed, kill, du, dv, dt = (task.number(name) for name in ("F", "k", "Du", "Dv", "dt"))

    def laplacian(plane: Tensor) -> Tensor:
        around = -2 * plane.dim() * plane
        for axis in range(plane.dim()):
            around = around + plane.roll(1, axis) + plane.roll(-1, axis)
        return around

    def step(u: Tensor, v: Tensor) -> State:
        reaction = u * v * v
        next_u = u + dt * (du * laplacian(u) - reaction + feed * (1 - u))
        return next_u, v + dt * (dv * laplacian(v) + reaction - (feed + kill) * v)

    planes = torch.from_numpy(task.state())
    first = (planes[0, 0], planes[1, 0]) if task.depth == 1 else (planes[0], planes[1])
    return Law(first, step, lambda s: np.stack([plane.numpy() for plane in s]))


def life(task: Task) -> Law:
    """Three living among cell and neighbours, or three neighbours: (neighbours | cell) == 3. A byte a cell."""

    def step(alive: Tensor) -> State:
        sides = alive.roll(1, 1) + alive.roll(-1, 1)
        row = sides + alive
        return (((row.roll(1, 0) + sides + row.roll(-1, 0) | alive) == 3).to(torch.uint8),)

    return Law((torch.from_numpy(task.alive()),), step, lambda s: s[0].numpy())


def condensate(task: Task) -> Law:
    """Strang's splitting. The half steps in the potential that meet are one: |psi| is the same in both."""
    kinetic = torch.from_numpy(physics.kinetic_phase(task).astype(np.complex64))
    trap = torch.from_numpy(physics.trap(task).astype(np.float32))
    g, dt = task.number("g"), task.number("dt")

    def turned(psi: Tensor, by: float) -> Tensor:
        angle = (g * (psi.real.square() + psi.imag.square()) + trap) * by
        return psi * torch.polar(torch.ones_like(angle), angle)

    def step(psi: Tensor) -> State:
        return (turned(torch.fft.ifft2(torch.fft.fft2(psi) * kinetic), -dt),)

    def dump(state: State) -> NDArray[Any]:
        return np.stack([state[0].real.numpy(), state[0].imag.numpy()])

    planes = torch.from_numpy(task.state())
    first = turned(torch.complex(planes[0, 0], planes[1, 0]), -dt / 2)
    return Law((first,), step, dump, lambda psi: (turned(psi, dt / 2),))


def lenia(task: Task) -> Law:
    modes = torch.from_numpy(physics.lenia_modes(task).astype(np.float32))[..., None]
    mu, dt = task.number("mu"), task.number("dt")
    sharp = 1 / (9 * task.number("sigma") ** 2)

    def step(a: Tensor) -> State:
        seen = torch.view_as_real(torch.fft.rfft2(a)) * modes  # Inductor makes no code for complex numbers
        u = torch.fft.irfft2(torch.view_as_complex(seen), s=a.shape)
        bump = (1 - (u - mu).square() * sharp).clamp_min(0)
        return ((a + dt * (2 * bump.square().square() - 1)).clamp(0, 1),)

    return Law((torch.from_numpy(task.state())[0, 0],), step, lambda s: s[0].numpy())


def linear(weight: Floats, bias: Floats, dtype: torch.dtype) -> torch.nn.Linear:
    made = torch.nn.Linear(weight.shape[1], weight.shape[0])
    made.weight.data = torch.from_numpy(weight)
    made.bias.data = torch.from_numpy(bias)
    return made.to(dtype).requires_grad_(False)


def wrapped(x: Tensor, axes: range) -> Tensor:
    """One cell more on each side, from the opposite side."""
    for axis in axes:
        last = x.shape[axis] - 1
        x = torch.cat([x.narrow(axis, last, 1), x, x.narrow(axis, 0, 1)], axis)
    return x


def thirds(wide: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Each cell's neighbour before, the cell, and the one after."""
    size = wide.shape[axis] - 2
    return wide.narrow(axis, 0, size), wide.narrow(axis, 1, size), wide.narrow(axis, 2, size)


def slope(wide: Tensor, axes: range, along: int) -> Tensor:
    """The Sobel filter of a wrapped field."""
    for axis in axes:
        before, here, after = thirds(wide, axis)
        wide = after - before if axis == along else before + 2 * here + after
    return wide / 2 ** (2 * len(axes) - 1)


def largest_around(wide: Tensor, axes: range) -> Tensor:
    for axis in axes:
        before, here, after = thirds(wide, axis)
        wide = torch.maximum(torch.maximum(before, here), after)
    return wide


class Nca(torch.nn.Module):
    """[worlds, (depth,) height, width, channels] -> the same, in the type it was made for. All cells fire."""

    def __init__(self, task: Task, dtype: torch.dtype) -> None:
        super().__init__()
        weights = read_safetensors(str(task.params["weights"]))
        self.l1 = linear(weights["l1.weight"], weights["l1.bias"], dtype)
        self.l2 = linear(weights["l2.weight"], weights["l2.bias"], dtype)

    def forward(self, x: Tensor) -> Tensor:
        axes = range(x.dim() - 2, 0, -1)  # x first
        wide = wrapped(x, axes)
        seen = torch.cat([x, *(slope(wide, axes, axis) for axis in axes)], -1)
        change = self.l2(torch.relu(self.l1(seen.flatten(0, -2))))
        grown = x + change.view(x.shape)
        alive_before = largest_around(wide[..., 3], axes) > 0.1
        alive = alive_before & (largest_around(wrapped(grown[..., 3], axes), axes) > 0.1)
        return grown * alive[..., None].to(x.dtype)


def channels_last(task: Task, dtype: torch.dtype) -> Tensor:
    planes = torch.from_numpy(task.state()).unflatten(0, (task.worlds, task.channels))
    if task.depth == 1:
        planes = planes.squeeze(2)
    return planes.movedim(1, -1).contiguous().to(dtype)


def channels_first(x: Tensor) -> NDArray[Any]:
    return np.asarray(x.movedim(-1, 1).float().contiguous().numpy())


def nca(task: Task) -> Law:
    dtype = torch.bfloat16 if task.params.get("compute") == "bf16" else torch.float32
    net = Nca(task, dtype)
    return Law((channels_last(task, dtype),), lambda x: (net(x),), lambda s: channels_first(s[0]))


LAWS: dict[str, Callable[[Task], Law]] = {
    "gray-scott": gray_scott,
    "life": life,
    "gross-pitaevskii": condensate,
    "lenia": lenia,
    "nca": nca,
    "nca-3d": nca,
}
