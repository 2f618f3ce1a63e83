#!/usr/bin/env python3
"""Train the growing neural cellular automaton whose weights ship in engine/law/weights.

The model is that of Mordvintsev et al., "Growing Neural Cellular Automata" (Distill, 2020), on a
torus: psi has 16 channels r, g, b, a, h0..h11 (rgb premultiplied), a cell perceives [identity,
sobel_x, sobel_y(, sobel_z)], and psi' = (psi + dx * fire) * alive. nca/ has the pieces. Without
arguments it makes the flower that ships, in about seven minutes of one core; --target planet makes
the one of nca-3d.
"""

import argparse
import time
from pathlib import Path

import torch
from nca.automaton import CHANNELS, FIRE_RATE, HIDDEN, Weights, damage, losses, seed_state, step
from nca.targets import TARGETS
from nca.weights import load, save
from torch import Tensor


@torch.no_grad()
def measure(w: Weights, target: Tensor, side: int, marks: list[int]) -> dict[str, float]:
    """Losses while it grows from the seed, and again after each of three wounds."""
    wounds = [(f"wound {i} + {after}", after) for i in (1, 2, 3) for after in (0, 100, 300)]
    psi, peak, step_now, found = seed_state(1, side, target.dim() - 1), 0.0, 0, {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for label, mark in [(f"step {mark}", mark) for mark in marks] + wounds:
            if label.endswith("+ 0"):
                psi, step_now = damage(psi, target.shape[0]), 0
            for _ in range(mark - step_now):
                psi = step(psi, w)
                peak = max(peak, psi.abs().max().item())
            step_now, found[label] = mark, losses(psi, target).item()
    return found | {"largest |psi|": peak}


def fresh(dimensions: int) -> Weights:
    first = torch.nn.Linear((1 + dimensions) * CHANNELS, HIDDEN)
    zeros = {"l2.weight": torch.zeros(CHANNELS, HIDDEN), "l2.bias": torch.zeros(CHANNELS)}
    return {"l1.weight": first.weight.detach(), "l1.bias": first.bias.detach(), **zeros}


def train(args: argparse.Namespace, target: Tensor, out: Path) -> None:
    torch.manual_seed(args.seed)
    side, dimensions = target.shape[0], target.dim() - 1
    w, notes = load(args.init) if args.init else (fresh(dimensions), {})
    for tensor in w.values():
        tensor.requires_grad_()
    adam = torch.optim.Adam(w.values(), lr=args.rate)
    milestones = [int(args.steps * part) for part in (0.5, 0.75, 0.9)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(adam, milestones, gamma=0.4)
    pool = seed_state(args.pool, side, dimensions)
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
            psi[:1] = seed_state(1, side, dimensions)
        if i > args.steps * args.wound_after:
            psi[-2:] = damage(psi[-2:], side)
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
            found = measure(w, target, side, [64, 200, 500])
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
    add(
        "--target",
        choices=TARGETS,
        default="flower",
        help="the picture it grows into; weights that are evaluated name theirs",
    )
    add("--steps", type=int, default=4000, help="training iterations of 32 to 64 updates")
    add("--seed", type=int, default=1, help="of everything random")
    add("--batch", type=int, default=4, help="samples per iteration")
    add("--pool", type=int, default=64, help="states kept between iterations")
    add("--rate", type=float, default=2e-3, help="Adam's first learning rate")
    add("--wound-after", type=float, default=0.3, help="share of the steps before damage starts")
    add("--check-every", type=int, default=150, help="iterations between checks; the best is saved")
    add("--threads", type=int, default=1, help="of torch")
    add("--init", type=Path, help="go on from these weights")
    add("--evaluate", type=Path, metavar="FILE", help="only measure these weights, on a torus of three times the side")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    if not args.evaluate:
        out = args.out or Path(f"engine/law/weights/{args.target}.safetensors")
        return train(args, TARGETS[args.target](), out)
    w, notes = load(args.evaluate)
    print(notes)
    target = TARGETS[notes.get("name", args.target)]()
    for label, value in measure(w, target, 3 * target.shape[0], [60, 100, 200, 500, 2000]).items():
        print(f"{label:16s} {value:.5f}")


if __name__ == "__main__":
    main()
