"""The automaton as it is trained: psi is channels-last, [B, H, W, 16], and the network runs only where
its answer can matter: fired cells beside a living neighbourhood.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from nca.targets import SIZE

CHANNELS, HIDDEN, FIRE_RATE, ALIVE = 16, 128, 0.5, 0.1
Weights = dict[str, Tensor]


def seed_state(batch: int, side: int) -> Tensor:
    psi = torch.zeros(batch, side, side, CHANNELS)
    psi[:, side // 2, side // 2, 3:] = 1
    return psi


def around(psi: Tensor) -> Tensor:
    """[B, H + 2, W + 2, C]: the torus with its far sides repeated."""
    psi = torch.cat([psi[:, -1:], psi, psi[:, :1]], 1)
    return torch.cat([psi[:, :, -1:], psi, psi[:, :, :1]], 2)


def sobel_x(wide: Tensor) -> Tensor:
    slope = wide[:, :, 2:] - wide[:, :, :-2]
    return slope[:, :-2].add(slope[:, 1:-1], alpha=2).add_(slope[:, 2:]).mul_(1 / 8)


def sobel_y(wide: Tensor) -> Tensor:
    smooth = wide[:, :, :-2].add(wide[:, :, 1:-1], alpha=2).add_(wide[:, :, 2:])
    return smooth[:, 2:].sub(smooth[:, :-2]).mul_(1 / 8)


class Perceive(torch.autograd.Function):
    """Both Sobel filters are odd, so each is minus its own adjoint."""

    @staticmethod
    def forward(ctx: object, psi: Tensor) -> Tensor:
        wide = around(psi)
        return torch.cat([psi, sobel_x(wide), sobel_y(wide)], -1)

    @staticmethod
    def backward(ctx: object, grad: Tensor) -> Tensor:
        same, by_x, by_y = grad.split(CHANNELS, -1)
        return (same - sobel_x(around(by_x))).sub_(sobel_y(around(by_y)))


def neighbourhood_max(value: Tensor) -> Tensor:
    """3x3 maximum over [B, H, W] on the torus."""
    rows = torch.maximum(torch.maximum(value, value.roll(1, 1)), value.roll(-1, 1))
    return torch.maximum(torch.maximum(rows, rows.roll(1, 2)), rows.roll(-1, 2))


def step(psi: Tensor, w: Weights) -> Tensor:
    with torch.no_grad():
        before = neighbourhood_max(psi[..., 3]) > ALIVE
        fired = torch.rand(before.shape) < FIRE_RATE
        matters = ((neighbourhood_max(before.float()) > 0) & fired).view(-1).nonzero()[:, 0]
    seen = Perceive.apply(psi).view(-1, 3 * CHANNELS).index_select(0, matters)
    hidden = F.linear(seen, w["l1.weight"], w["l1.bias"]).relu()
    dx = F.linear(hidden, w["l2.weight"], w["l2.bias"])
    new = psi.reshape(-1, CHANNELS).index_add(0, matters, dx).view(psi.shape)
    alive = before & (neighbourhood_max(new[..., 3].detach()) > ALIVE)
    return new * alive[..., None]


def losses(psi: Tensor, target: Tensor) -> Tensor:
    """Squared error of each sample's picture over the whole torus, per value of the target."""
    pad = (psi.shape[1] - SIZE) // 2
    whole = F.pad(target, (0, 0, pad, pad, pad, pad))
    return (psi[..., :4] - whole).square().sum((1, 2, 3)) / target.numel()


def damage(psi: Tensor) -> Tensor:
    """Each sample loses a disc, 3 to 6 cells in radius, centred within 8 cells of the middle."""
    at = torch.arange(psi.shape[1]) - psi.shape[1] / 2
    centre, radius = torch.rand(len(psi), 2, 1, 1) * 16 - 8, torch.rand(len(psi), 1, 1) * 3 + 3
    far = (at[:, None] - centre[:, 0]).square() + (at - centre[:, 1]).square() > radius.square()
    return psi * far[..., None]
