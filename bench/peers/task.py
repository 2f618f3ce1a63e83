"""What a peer is asked to compute: a law, its parameters, and the state to begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Task:
    peer: str
    row: str
    law: str
    width: int
    height: int
    depth: int
    channels: int
    worlds: int  # stepped together; 1 but for batches
    bits: bool  # one bit a cell; otherwise float32
    params: dict[str, Any]
    path: Path  # the first state
    folder: Path  # for files of this peer
    threads: int
    window: int  # steps after which the state is the first one again; 0: never
    seconds: float  # about how long one timing takes
    more: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(peer: str, request: dict[str, Any]) -> Task:
        known = {name: request[name] for name in Task.__dataclass_fields__ if name in request}
        paths = {"path": Path(request["state"]), "folder": Path(request["folder"])}
        return Task(**{**known, **paths, "peer": peer})

    def number(self, name: str) -> float:
        return float(self.params[name])

    def state(self) -> Floats:
        """[worlds * channels, depth, height, width]."""
        shape = (self.worlds * self.channels, self.depth, self.height, self.width)
        return np.fromfile(self.path, dtype="<f4").reshape(shape)

    def alive(self) -> Bits:
        """Life's cells, [height, width] of 0 and 1. In the file each row is of 64-bit words, lowest bit first."""
        words = np.fromfile(self.path, dtype=np.uint8).reshape(self.height, -1)
        return np.unpackbits(words, axis=1, count=self.width, bitorder="little")

    def save(self, state: NDArray[Any]) -> Path:
        path = self.folder / f"{self.row}-{self.peer}.raw"
        if self.bits:
            row_bytes = -(-self.width // 64) * 8
            packed = np.zeros((self.height, row_bytes), dtype=np.uint8)
            some = np.packbits(state.astype(np.uint8), axis=1, bitorder="little")
            packed[:, : some.shape[1]] = some
            packed.tofile(path)
        else:
            np.ascontiguousarray(state, dtype="<f4").tofile(path)
        return path


def read_safetensors(path: str) -> dict[str, Floats]:
    """The float32 and float64 tensors of a file, as float32."""
    data = Path(path).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors: dict[str, Floats] = {}
    for name, about in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        first, last = about["data_offsets"]
        kind = {"F32": "<f4", "F64": "<f8"}[about["dtype"]]
        numbers = np.frombuffer(data[begin + first : begin + last], dtype=kind)
        tensors[name] = numbers.reshape(about["shape"]).astype(np.float32)
    return tensors
