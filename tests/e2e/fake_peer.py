"""A stand-in for bench/peers/run.py: Gray-Scott by rolls, and every way in which a peer can fail, by the name it is
asked for."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WAYS = {
    "jax": "agrees",
    "numba": "disagrees",
    "torch-eager": "crashes while it is timed",
    "torch-compile": "hangs",
    "numpy": "lacks something",
}


def step(u: Any, v: Any, p: dict[str, float]) -> tuple[Any, Any]:
    def laplacian(a: Any) -> Any:
        return sum(np.roll(a, by, axis) for by in (1, -1) for axis in (0, 1)) - 4 * a

    reaction = u * v * v
    return (
        u + p["dt"] * (p["Du"] * laplacian(u) - reaction + p["F"] * (1 - u)),
        v + p["dt"] * (p["Dv"] * laplacian(v) + reaction - (p["F"] + p["k"]) * v),
    )


def check(task: dict[str, Any], steps: int, way: str) -> dict[str, Any]:
    u, v = np.fromfile(task["state"], dtype="<f4").astype(float).reshape(2, task["height"], task["width"])
    for _ in range(steps + (way == "disagrees")):
        u, v = step(u, v, task["params"])
    path = Path(task["folder"]) / "fake.raw"
    np.stack([u, v]).astype("<f4").tofile(path)
    return {"state": str(path)}


def answer(request: dict[str, Any], task: dict[str, Any], way: str) -> dict[str, Any]:
    match request["op"]:
        case "prepare" if way == "lacks something":
            return {"missing": "abacus"}
        case "prepare":
            task.update(request)
            return {"ready": True, "version": "fake 1.0", "form": way}
        case "check" if way == "hangs":
            Path(os.environ["FAKE_PEER_HANGS"]).write_text(str(os.getpid()))
            time.sleep(1000)
        case "check":
            return check(task, request["steps"], way)
        case "time" if way.startswith("crashes"):
            sys.exit("fake peer: out of beads")
        case "time":
            return {"steps": 10, "wall": 0.01, "cpu": 0.02}
        case "rss":
            return {"bytes": 3 << 20}
    return {"error": "asked for what no peer is asked for"}


def main() -> None:
    way, task = WAYS[sys.argv[1]], dict[str, Any]()
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "quit":
            return
        print(json.dumps(answer(request, task, way)), flush=True)


if __name__ == "__main__":
    main()
