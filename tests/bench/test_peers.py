"""The peers of `ath bench` by themselves: the talk of run.py, and the files they read and write."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.peers import rle
from bench.peers.run import PEERS
from bench.peers.session import Session
from bench.peers.task import Task, read_safetensors

ROOT = Path(__file__).parents[2]
RATES = {"F": 0.0545, "k": 0.062, "Du": 0.16, "Dv": 0.08, "dt": 1.0}


class Talk:
    """One peer's process."""

    def __init__(self, peer: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "bench" / "peers" / "run.py"), peer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(30)


def task(folder: Path, **more: Any) -> dict[str, Any]:
    state = folder / "first.raw"
    np.random.default_rng(1).random((2, 16, 24), dtype=np.float32).tofile(state)
    return {
        **{"op": "prepare", "row": "gray-scott", "law": "gray-scott", "width": 24, "height": 16, "depth": 1},
        **{"channels": 2, "worlds": 1, "bits": False, "params": RATES, "state": str(state), "folder": str(folder)},
        **{"threads": 1, "window": 0, "seconds": 0.01, "more": {}, **more},
    }


def test_a_peer_prepares_checks_times_and_ends(tmp_path: Path) -> None:
    talk = Talk("numpy")
    ready = talk.ask(**task(tmp_path))
    assert ready["ready"] is True
    assert ready["version"] == f"numpy {np.__version__}"
    states = [np.fromfile(talk.ask(op="check", steps=steps)["state"], "<f4") for steps in (0, 3, 3)]
    assert np.array_equal(states[0], np.fromfile(tmp_path / "first.raw", "<f4"))
    assert np.array_equal(states[1], states[2]), "a check begins at the first state"
    assert not np.array_equal(states[0], states[1])
    timing = talk.ask(op="time", seconds=0.02)
    assert timing["steps"] > 0
    assert timing["wall"] >= 0.02
    assert timing["cpu"] > 0
    assert talk.ask(op="rss")["bytes"] > 1 << 20
    assert "dance" in talk.ask(op="dance")["error"]
    assert talk.ask(op="check", steps=1)["state"], "an error is an answer, not the end"
    assert talk.end() != 0, "nobody said quit: it ended because the bench has gone"


def test_quit_ends_it_well(tmp_path: Path) -> None:
    talk = Talk("numpy")
    talk.ask(**task(tmp_path))
    assert talk.process.stdin is not None
    print('{"op": "quit"}', file=talk.process.stdin, flush=True)
    assert talk.process.wait(30) == 0


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    try:
        import jax  # noqa: F401
    except ModuleNotFoundError:
        talk = Talk("jax")
        assert talk.ask(**task(tmp_path)) == {"missing": "jax"}
        talk.end()
    talk = Talk("bgolly")
    os.environ["PATH"], before = "/nowhere", os.environ["PATH"]
    try:
        without = Talk("bgolly")
    finally:
        os.environ["PATH"] = before
    assert without.ask(**task(tmp_path)) == {"missing": "bgolly"}
    without.end()
    talk.end()


def test_an_unknown_peer_ends_with_2() -> None:
    words = [sys.executable, str(ROOT / "bench" / "peers" / "run.py"), "dance"]
    answer = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 2
    assert all(name in answer.stderr for name in PEERS)


def test_a_peer_at_work_ends_when_the_bench_does(tmp_path: Path) -> None:
    talk = Talk("numpy")
    talk.ask(**task(tmp_path))
    assert talk.process.stdin is not None
    print('{"op": "time", "seconds": 1000}', file=talk.process.stdin, flush=True)
    began = time.monotonic()
    talk.end()
    assert time.monotonic() - began < 20


class Counter:
    """A peer that counts, for the session."""

    version, form = "counter 1", "counts"

    def __init__(self, window: int) -> None:
        self.task = Task.of("counter", {**task_words(), "window": window})
        self.now, self.resets, self.most = 0, 0, 0

    def reset(self) -> None:
        self.now, self.resets = 0, self.resets + 1

    def advance(self, steps: int) -> None:
        self.now += steps
        self.most = max(self.most, self.now)

    def state(self) -> Any:
        return np.array([self.now])


def task_words() -> dict[str, Any]:
    return {
        **{"row": "count", "law": "count", "width": 1, "height": 1, "depth": 1, "channels": 1, "worlds": 1},
        **{"bits": False, "params": {}, "state": "/dev/null", "folder": "/", "threads": 1, "seconds": 0.01},
        "window": 0,
    }


@pytest.mark.parametrize("window", [1, 5, 64])
def test_within_a_window_the_first_state_comes_again(window: int) -> None:
    counter = Counter(window)
    steps, wall, _ = Session(counter).timed(0.01)
    assert steps > window
    assert wall >= 0.01
    assert counter.most == window
    assert counter.resets > steps // window - 1


def test_without_a_window_it_goes_on() -> None:
    counter = Counter(0)
    steps, _, _ = Session(counter).timed(0.01)
    assert counter.now == steps + 1, "and the one that compiles"
    assert counter.resets == 1


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (40, 300)])
@pytest.mark.parametrize("density", [0.0, 0.3, 1.0])
def test_rle_is_read_as_it_was_written(shape: tuple[int, int], density: float, tmp_path: Path) -> None:
    alive = (np.random.default_rng(3).random(shape) < density).astype(np.uint8)
    rle.write(tmp_path / "a.rle", alive, "B3/S23")
    assert np.array_equal(rle.read(tmp_path / "a.rle"), alive)


def test_rle_is_read_as_golly_writes_it(tmp_path: Path) -> None:
    (tmp_path / "g.rle").write_text("x = 12, y = 5, rule = B3/S23\nbo$2bo\n$3o2$10b2o!\n")
    found = rle.read(tmp_path / "g.rle")
    assert found.shape == (5, 12)
    assert [tuple(place) for place in np.argwhere(found)] == [
        *[(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)],
        *[(4, 10), (4, 11)],
    ]


def test_bits_go_to_a_file_and_back(tmp_path: Path) -> None:
    alive = (np.random.default_rng(4).random((9, 70)) < 0.5).astype(np.uint8)
    words = {**task_words(), "bits": True, "width": 70, "height": 9, "folder": str(tmp_path)}
    saved = Task.of("counter", words).save(alive)
    assert saved.stat().st_size == 9 * 2 * 8, "rows of whole 64-bit words"
    again = Task.of("counter", {**words, "state": str(saved)}).alive()
    assert np.array_equal(again, alive)


def test_weights_are_read_from_safetensors(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype="<f8").reshape(2, 3)
    head = json.dumps({"__metadata__": {}, "w": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}}).encode()
    (tmp_path / "w").write_bytes(len(head).to_bytes(8, "little") + head + numbers.tobytes())
    found = read_safetensors(str(tmp_path / "w"))["w"]
    assert found.dtype == np.float32
    assert np.array_equal(found, numbers)
