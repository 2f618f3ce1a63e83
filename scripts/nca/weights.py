"""Weights in a safetensors file, with notes that tell where they are from."""

import json
from pathlib import Path

import numpy as np
import torch

from nca.automaton import Weights


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
