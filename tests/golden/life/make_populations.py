#!/usr/bin/env python3
"""Writes populations.txt: how many cells live at each step, as counted by Golly's bgolly.

Needs bgolly on PATH (Debian: golly). The worlds are tori; the patterns are common knowledge or
seeded noise. Blocks of lines:

    world NAME WIDTHxHEIGHT RULE
    rle TEXT
    N0 N1 N2 ...         population at steps 0, 1, 2 ...
"""

import random
import re
import subprocess
import tempfile
from pathlib import Path

STEPS = 400
CONWAY = {
    "glider": "bo$2bo$3o!",
    "r-pentomino": "b2o$2o$bo!",
    "acorn": "bo$3bo$2o2b3o!",
    "diehard": "6bo$2o$bo3b3o!",
    "pi": "3o$obo$obo!",
    "thunderbird": "3o2$bo$bo$bo!",
    "line": "30o!",
}
RULES = [
    "B36/S23",
    "B2/S",
    "B3678/S34678",
    "B3/S12345",
    "B1357/S1357",
    "B3/S012345678",
    "B35678/S5678",
    "B36/S125",
    "B4678/S35678",
    "B368/S245",
    "B3/S45678",
    "B34/S34",
]


def soup(seed: int, width: int, height: int) -> str:
    draw = random.Random(seed)
    rows = ("".join(draw.choice("bbo") for _ in range(width)) for _ in range(height))
    return "$".join(rows) + "!"


def size(rle: str) -> tuple[int, int]:
    wide = x = y = 0
    for count, what in re.findall(r"(\d*)([bo$])", rle):
        x, y = (0, y + int(count or 1)) if what == "$" else (x + int(count or 1), y)
        wide = max(wide, x)
    return wide, y + 1


def populations(rle: str, width: int, height: int, rule: str) -> list[int]:
    wide, high = size(rle)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pattern.rle"
        # A wrong size in the header would make Golly put cells outside of the torus.
        path.write_text(f"x = {wide}, y = {high}, rule = {rule}:T{width},{height}\n{rle}\n")
        command = ["bgolly", "-a", "QuickLife", "-m", str(STEPS), "-i", "1", str(path)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pairs = (line.split(": ") for line in out.splitlines() if line[:1].isdigit())
    return [int(count.replace(",", "")) for _, count in pairs]


def main() -> None:
    worlds = [(name, 130, 100, "B3/S23", rle) for name, rle in CONWAY.items()]
    worlds += [
        (f"soup-{w}x{h}", w, h, "B3/S23", soup(w, min(w, 40), min(h, 30)))
        for w, h in [(63, 40), (64, 64), (65, 33), (127, 50), (200, 61)]
    ]
    worlds += [(f"rule-{i}", 100, 70, rule, soup(i, 30, 20)) for i, rule in enumerate(RULES)]
    with open(Path(__file__).with_name("populations.txt"), "w") as file:
        file.write("# Populations on tori as counted by bgolly 3.3; written by make_populations.py.\n")
        for name, width, height, rule, rle in worlds:
            counts = populations(rle, width, height, rule)
            assert len(counts) == STEPS + 1, (name, len(counts))
            file.write(f"world {name} {width}x{height} {rule}\nrle {rle}\n")
            file.write(" ".join(map(str, counts)) + "\n")


if __name__ == "__main__":
    main()
