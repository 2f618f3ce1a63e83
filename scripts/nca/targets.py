"""The pictures an automaton can learn to grow into."""

import numpy as np
import torch
from torch import Tensor

SIZE = 32  # side of the target and of the training torus, cells
Colour = tuple[float, float, float]


def paint(ellipses: list[tuple[float, float, float, float, float, Colour, Colour]]) -> Tensor:
    """[SIZE, SIZE, 4], premultiplied, from 8x8 samples a cell. An ellipse: x and y (down) from the
    middle, two half axes, the first one's angle in degrees, the colours from its start to its end.
    """
    at = (np.arange(SIZE * 8) + 0.5) / 8 - SIZE / 2
    rgba = np.zeros((SIZE * 8, SIZE * 8, 4))
    for x, y, along, across, degrees, start, end in ellipses:
        turned = (at - x + 1j * (at[:, None] - y)) * np.exp(-1j * np.radians(degrees))
        u, v = turned.real / along, turned.imag / across
        inside = u * u + v * v < 1
        mix = (u[inside, None] + 1) / 2
        rgba[inside, :3] = np.array(start) * (1 - mix) + np.array(end) * mix
        rgba[inside, 3] = 1
    cells = rgba.reshape(SIZE, 8, SIZE, 8, 4).mean((1, 3))
    return torch.tensor(cells, dtype=torch.float32)


def flower() -> Tensor:
    green, lime, plum = (0.05, 0.42, 0.20), (0.45, 0.80, 0.25), (0.55, 0.05, 0.50)
    leaves = [(-4, 7, 4.4, 1.9, 215, green, lime), (4, 8.2, 4.4, 1.9, -35, green, lime)]
    petals = []
    for i in [0, 2, 4, 6, 1, 3, 5, 7]:
        tip = (1.0, 0.62, 0.78) if i % 2 else (0.98, 0.42, 0.72)
        x, y = 5 * np.cos((i + 0.5) * np.pi / 4), 5 * np.sin((i + 0.5) * np.pi / 4)
        petals.append((x, y - 4, 4, 2.15, (i + 0.5) * 45, plum, tip))
    heart = (0, -4, 2.9, 2.9, 45, (1.0, 0.88, 0.25), (0.95, 0.55, 0.10))
    return paint([(0, 4, 8, 0.95, 90, green, green), *leaves, *petals, heart])


def mushroom() -> Tensor:
    cream, red, rose = (0.98, 0.93, 0.82), (0.62, 0.05, 0.10), (0.95, 0.25, 0.20)
    spots = [(x, y, r, r, 0, cream, cream) for x, y, r in [(-5, -3, 1.6), (0, -6, 2), (5, -2, 1.4)]]
    return paint([(0, 4, 8, 3.2, 90, (0.7, 0.6, 0.5), cream), (0, -3, 10, 6, 0, red, rose), *spots])


def planet() -> Tensor:
    """[16, 16, 16, 4]: a banded ball with a ring around it, in the x-y plane."""
    side, fine = 16, 4
    at = (np.arange(side * fine) + 0.5) / fine - side / 2
    z, y, x = np.meshgrid(at, at, at, indexing="ij")
    radius, around = np.sqrt(x * x + y * y + z * z), np.hypot(x, y)
    ball, ring = radius < 4.4, (around < 6.6) & (np.abs(z) < 0.9)
    band = (1 + np.cos(z * 2))[..., None] / 2
    surface = np.array([0.95, 0.65, 0.30]) * band + np.array([0.70, 0.25, 0.20]) * (1 - band)
    rgb = np.where(ball[..., None], surface, np.array([0.45, 0.65, 0.95]))
    rgba = np.concatenate([rgb, np.ones_like(band)], -1) * (ball | ring)[..., None]
    cells = rgba.reshape(side, fine, side, fine, side, fine, 4).mean((1, 3, 5))
    return torch.tensor(cells, dtype=torch.float32)


TARGETS = {"flower": flower, "mushroom": mushroom, "planet": planet}
