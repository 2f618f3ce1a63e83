"""The automaton as it is trained: psi is channels-last, [B, (D,) H, W, 16], and the network runs only
where its answer can matter: fired cells beside a living neighbourhood.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

CHANNELS, HIDDEN, FIRE_RATE, ALIVE = 16, 128, 0.5, 0.1
Weights = dict[str, Tensor]


def seed_state(batch: int, side: int, dimensions: int = 2) -> Tensor:
    psi = torch.zeros(batch, *[side] * dimensions, CHANNELS)
    middle = psi.view(batch, -1, CHANNELS)[:, (side**dimensions + sum(side**i for i in range(dimensions))) // 2]
    middle[:, 3:] = 1
    return psi


def axes(psi: Tensor) -> range:
    """Those of space, x first."""
    return range(psi.dim() - 2, 0, -1)


def around(psi: Tensor) -> Tensor:
    """A cell more at each side: the torus with its far sides repeated."""
    for axis in reversed(axes(psi)):
        last = psi.shape[axis] - 1
        psi = torch.cat([psi.narrow(axis, last, 1), psi, psi.narrow(axis, 0, 1)], axis)
    return psi


def sobel(wide: Tensor, along: int) -> Tensor:
    """The slope along one axis, smoothed by 1 2 1 along the others; of around()."""
    for axis in axes(wide):
        size = wide.shape[axis] - 2
        before, here, after = (wide.narrow(axis, i, size) for i in range(3))
        wide = after - before if axis == along else before.add(here, alpha=2).add_(after)
    return wide.mul_(1 / 2 ** (2 * len(axes(wide)) - 1))


class Perceive(torch.autograd.Function):
    """The Sobel filters are odd, so each is minus its own adjoint."""

    @staticmethod
    def forward(ctx: object, psi: Tensor) -> Tensor:
        wide = around(psi)
        return torch.cat([psi, *(sobel(wide, axis) for axis in axes(psi))], -1)

    @staticmethod
    def backward(ctx: object, grad: Tensor) -> Tensor:
        same, *slopes = grad.split(CHANNELS, -1)
        for axis, slope in zip(axes(same), slopes, strict=True):
            same = same - sobel(around(slope), axis)
        return same


def neighbourhood_max(value: Tensor) -> Tensor:
    """Maximum over the cells around each, on the torus of [B, (D,) H, W]."""
    for axis in range(1, value.dim()):
        value = torch.maximum(torch.maximum(value, value.roll(1, axis)), value.roll(-1, axis))
    return value


def step(psi: Tensor, w: Weights) -> Tensor:
    with torch.no_grad():
        before = neighbourhood_max(psi[..., 3]) > ALIVE
        fired = torch.rand(before.shape) < FIRE_RATE
        matters = ((neighbourhood_max(before.float()) > 0) & fired).view(-1).nonzero()[:, 0]
    seen = Perceive.apply(psi).flatten(0, -2).index_select(0, matters)
    hidden = F.linear(seen, w["l1.weight"], w["l1.bias"]).relu()
    dx = F.linear(hidden, w["l2.weight"], w["l2.bias"])
    new = psi.reshape(-1, CHANNELS).index_add(0, matters, dx).view(psi.shape)
    alive = before & (neighbourhood_max(new[..., 3].detach()) > ALIVE)
    return new * alive[..., None]


def losses(psi: Tensor, target: Tensor) -> Tensor:
    """Squared error of each sample's picture over the whole torus, per value of the target."""
    pad = (psi.shape[1] - target.shape[0]) // 2
    whole = F.pad(target, (0, 0, *[pad, pad] * (target.dim() - 1)))
    return (psi[..., :4] - whole).square().flatten(1).sum(1) / target.numel()


def damage(psi: Tensor, side: int) -> Tensor:
    """Each sample loses a ball, 3/32 to 6/32 of the target's side in radius, near the middle."""
    unit, dimensions = side / 32, len(axes(psi))
    centre = (torch.rand(len(psi), dimensions, 1) * 16 - 8) * unit
    radius = (torch.rand(len(psi), *[1] * dimensions) * 3 + 3) * unit
    at = torch.arange(psi.shape[1]) - psi.shape[1] / 2
    distance = torch.zeros(psi.shape[:-1])
    for axis in range(1, dimensions + 1):
        lined_up = [len(psi)] + [1] * dimensions
        lined_up[axis] = psi.shape[axis]
        distance += (at - centre[:, axis - 1]).square().view(lined_up)
    return psi * (distance > radius.square())[..., None]
