#!/usr/bin/env python3
"""Train the growing neural cellular automaton whose weights ship in engine/law/weights.

The model is that of Mordvintsev et al., "Growing Neural Cellular Automata" (Distill, 2020), on a
torus: psi has 16 channels r, g, b, a, h0..h11 (rgb premultiplied), a cell perceives [identity,
sobel_x, sobel_y], and psi' = (psi + dx * fire) * alive. Here psi is channels-last, [B, H, W, 16],
and the network runs only where its answer can matter: fired cells beside a living neighbourhood.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

CHANNELS, HIDDEN, FIRE_RATE, ALIVE = 16, 128, 0.5, 0.1
SIZE = 32  # side of the target and of the training torus, cells
Weights = dict[str, Tensor]
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


TARGETS = {"flower": flower, "mushroom": mushroom}


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


@torch.no_grad()
def measure(w: Weights, target: Tensor, side: int, marks: list[int]) -> dict[str, float]:
    """Losses while it grows from the seed, and again after each of three wounds."""
    wounds = [(f"wound {i} + {after}", after) for i in (1, 2, 3) for after in (0, 100, 300)]
    psi, peak, step_now, found = seed_state(1, side), 0.0, 0, {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for label, mark in [(f"step {mark}", mark) for mark in marks] + wounds:
            if label.endswith("+ 0"):
                psi, step_now = damage(psi), 0
            for _ in range(mark - step_now):
                psi = step(psi, w)
                peak = max(peak, psi.abs().max().item())
            step_now, found[label] = mark, losses(psi, target).item()
    return found | {"largest |psi|": peak}


def save(path: Path, w: Weights, notes: dict[str, str]) -> None:
    """The safetensors format: u64 header length, JSON header, raw little-endian data."""
    header: dict[str, object] = {"__metadata__": notes}
    data = b""
    for name, tensor in w.items():
        raw = tensor.detach().numpy().astype("<f4").tobytes()
        span = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": span}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def load(path: Path) -> tuple[Weights, dict[str, str]]:
    raw = path.read_bytes()
    begin = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:begin])
    notes = header.pop("__metadata__", {})
    w = {}
    for name, entry in header.items():
        start, end = (begin + offset for offset in entry["data_offsets"])
        w[name] = torch.tensor(np.frombuffer(raw[start:end], "<f4").reshape(entry["shape"]))
    return w, notes


def fresh() -> Weights:
    first = torch.nn.Linear(3 * CHANNELS, HIDDEN)
    zeros = {"l2.weight": torch.zeros(CHANNELS, HIDDEN), "l2.bias": torch.zeros(CHANNELS)}
    return {"l1.weight": first.weight.detach(), "l1.bias": first.bias.detach(), **zeros}


def train(args: argparse.Namespace, target: Tensor, out: Path) -> None:
    torch.manual_seed(args.seed)
    w, notes = load(args.init) if args.init else (fresh(), {})
    for tensor in w.values():
        tensor.requires_grad_()
    adam = torch.optim.Adam(w.values(), lr=args.rate)
    milestones = [int(args.steps * part) for part in (0.5, 0.75, 0.9)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(adam, milestones, gamma=0.4)
    pool = seed_state(args.pool, SIZE)
    steps_before = int(notes.get("steps", 0))
    notes = {"name": args.target, "title": f"Growing {args.target}", "channels": str(CHANNELS)}
    notes |= {"hidden": str(HIDDEN), "fire_rate": str(FIRE_RATE), "seed": str(args.seed)}
    notes |= {"script": "scripts/train_nca.py"}
    began, best, recent = time.monotonic(), float("inf"), 0.0
    for i in range(1, args.steps + 1):
        chosen = torch.randperm(args.pool)[: args.batch]
        chosen = chosen[losses(pool[chosen], target).argsort(descending=True)]
        psi = pool[chosen]
        if i % 2:  # the worst starts over; not always, so that some grow old
            psi[:1] = seed_state(1, SIZE)
        if i > args.steps * args.wound_after:
            psi[-2:] = damage(psi[-2:])
        for _ in range(int(torch.randint(32, 65, ()))):
            psi = step(psi, w)
        loss = losses(psi, target).mean()
        overflow = (psi - psi.clamp(-2, 2)).abs().mean()
        grads = torch.autograd.grad(loss + overflow, list(w.values()))
        for tensor, grad in zip(w.values(), grads, strict=True):
            tensor.grad = grad / (grad.norm() + 1e-8)
        adam.step()
        schedule.step()
        pool[chosen] = psi.detach()
        recent = loss.item() if i == 1 else 0.98 * recent + 0.02 * loss.item()
        if i % 50 == 0:
            spent = time.monotonic() - began
            print(f"{i:5d}/{args.steps}  loss {recent:.5f}  {spent:6.1f} s", flush=True)
        if i % args.check_every == 0 or i == args.steps:
            found = measure(w, target, SIZE, [64, 200, 500])
            score = found["step 500"] + found["wound 3 + 300"]
            print("      check: " + "  ".join(f"{k} {v:.4f}" for k, v in found.items()), flush=True)
            if score < best:
                best = score
                save(out, w, notes | {"steps": str(steps_before + i)})


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Train (or measure) a growing neural cellular automaton.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=Path, help="default: engine/law/weights/TARGET.safetensors")
    add("--target", choices=TARGETS, default="flower", help="the picture it grows into")
    add("--steps", type=int, default=1300, help="training iterations of 32 to 64 updates")
    add("--seed", type=int, default=0, help="of everything random")
    add("--batch", type=int, default=4, help="samples per iteration")
    add("--pool", type=int, default=64, help="states kept between iterations")
    add("--rate", type=float, default=2e-3, help="Adam's first learning rate")
    add("--wound-after", type=float, default=0.3, help="share of the steps before damage starts")
    add("--check-every", type=int, default=150, help="iterations between checks; the best is saved")
    add("--threads", type=int, default=1, help="of torch")
    add("--init", type=Path, help="go on from these weights")
    add("--evaluate", type=Path, metavar="FILE", help="only measure these weights, on 96 x 96")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    target = TARGETS[args.target]()
    if not args.evaluate:
        out = args.out or Path(f"engine/law/weights/{args.target}.safetensors")
        return train(args, target, out)
    w, notes = load(args.evaluate)
    print(notes)
    for label, value in measure(w, target, 96, [60, 100, 200, 500, 2000]).items():
        print(f"{label:16s} {value:.5f}")


if __name__ == "__main__":
    main()
