"""Golly's RLE, written and read without a loop over cells."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from bench.peers.task import Bits

LETTERS = np.frombuffer(b"bo", dtype=np.uint8)


def write(path: Path, alive: Bits, rule: str) -> None:
    """Letters without counts, but for the dead cells a row begins with. A torus in the rule takes its cells from the
    first on, so its pattern is as large as it."""
    height, width = alive.shape
    with path.open("wb") as file:
        file.write(f"x = {width}, y = {height}, rule = {rule}\n".encode())
        for row in alive:
            places = np.flatnonzero(row)
            if places.size:
                first, last = int(places[0]), int(places[-1])
                file.write((f"{first}b" if first else "").encode() + LETTERS[row[first : last + 1]].tobytes())
            file.write(b"$\n")
        file.write(b"!\n")


def read(path: Path) -> Bits:
    """What is within the bounding box: RLE of an unbounded plane does not say where it lies."""
    head, _, body = path.read_bytes().partition(b"\n")
    size = re.match(rb"x = (\d+), y = (\d+)", head)
    if size is None:
        raise ValueError(f"{path}: no RLE header in {head!r}")
    width, height = int(size[1]), int(size[2])
    text = np.frombuffer(body.replace(b"\n", b"").partition(b"!")[0], dtype=np.uint8)
    digit = (text >= ord("0")) & (text <= ord("9"))
    places = np.flatnonzero(~digit)
    counts = counts_before(text, digit, places)
    ends = text[places] == ord("$")
    rows = np.concatenate([[0], np.cumsum(np.where(ends, counts, 0))])[:-1]
    lengths = np.where(ends, 0, counts)
    before = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    at_line_start = np.maximum.accumulate(np.where(np.concatenate([[True], ends[:-1]]), before, 0))
    alive = np.zeros((height, width), dtype=np.uint8)
    living = text[places] == ord("o")
    first = rows[living] * width + (before - at_line_start)[living]
    run = lengths[living]
    offsets = np.arange(run.sum()) - np.repeat(np.cumsum(run) - run, run)
    alive.reshape(-1)[np.repeat(first, run) + offsets] = 1
    return alive


def counts_before(text: Bits, digit: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The number in front of each letter; 1 where there is none."""
    counts = np.zeros(places.size, dtype=np.int64)
    more, scale, back = np.ones(places.size, dtype=bool), 1, 1
    while more.any():
        at = places - back
        more &= (at >= 0) & digit[np.maximum(at, 0)]
        counts += np.where(more, (text[np.maximum(at, 0)].astype(np.int64) - ord("0")) * scale, 0)
        scale, back = scale * 10, back + 1
    return np.where((places > 0) & digit[np.maximum(places - 1, 0)], counts, 1)
