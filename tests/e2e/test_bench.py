"""`ath bench`: the whole table once, small; and peers of every kind. No speed is asserted: only that it is told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ROOT, binary

ATH = str(binary().with_name("ath"))
FAKES = ["--row", "gray-scott", "--quick", "--peers-python", sys.executable]


def bench(*words: str, limit: float = 170, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
    return subprocess.run(
        [ATH, "bench", *words],
        capture_output=True,
        text=True,
        timeout=limit,
        env={**clean, **environment},
        check=False,
    )


def run_of(path: Path) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(path.read_text())
    return run


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A whole quick run without peers: its JSON file, and what it printed."""
    path = tmp_path_factory.mktemp("bench") / "quick.json"
    answer = bench("--quick", "--peers", "none", "--json", str(path))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return path, answer.stdout


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "e2e" / "fake_peer.py", tmp_path / "run.py")
    return tmp_path


def test_the_list_has_every_row_and_its_peers() -> None:
    lines = bench("--list").stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert {
        "nca-f32",
        "nca-bf16",
        "life-soup",
        "life-latency",
        "gray-scott",
        "gpe-256",
        "lenia",
        "guard",
        "stream",
    } <= set(names)
    assert len(names) == len(set(names))
    assert "bgolly" in next(line for line in lines if line.startswith("life-soup"))


@pytest.mark.slow
def test_a_quick_run_measures_every_row(quick: tuple[Path, str]) -> None:
    run = run_of(quick[0])
    listed = [line.split()[0] for line in bench("--list").stdout.splitlines()]
    assert [row["name"] for row in run["rows"]] == listed
    for row in run["rows"]:
        assert len(row["ours"]["values"]) == 2, row["name"]
        assert min(row["ours"]["values"]) > 0, row["name"]
        assert row["quick"] is True, "nobody shall compare it with a real run"
        assert row["peers"] == []
        for bound in row["bounds"]:
            assert min(bound["limits"]) > 0, row["name"]
    assert {ceiling["name"] for ceiling in run["ceilings"]} >= {"copy-l2", "copy-dram", "fma-f32", "logic"}


@pytest.mark.slow
def test_a_run_is_no_loss_against_itself_and_one_that_was_faster_is(quick: tuple[Path, str], tmp_path: Path) -> None:
    row = ["--row", "gray-scott", "--quick", "--peers", "none"]
    stored = run_of(quick[0])
    for one in stored["rows"]:
        one["ours"]["values"] = [value / 1e3 for value in one["ours"]["values"]]
    slower = tmp_path / "slower.json"
    slower.write_text(json.dumps(stored))
    answer = bench(*row, "--against", str(slower))
    assert answer.returncode == 0, answer.stdout
    assert "faster" in answer.stdout
    assert "nca-f32          missing" in answer.stdout

    for one in stored["rows"]:
        one["ours"]["values"] = [value * 1e6 for value in one["ours"]["values"]]
    faster = tmp_path / "faster.json"
    faster.write_text(json.dumps(stored))
    answer = bench(*row, "--against", str(faster))
    assert answer.returncode == 1
    assert "LOSS" in answer.stdout


@pytest.mark.slow
def test_the_docs_are_made_of_a_stored_run(quick: tuple[Path, str], tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    assert bench("docs", str(quick[0]), str(page)).returncode == 0
    text = page.read_text()
    assert text.startswith("# Benchmarks")
    for row in run_of(quick[0])["rows"]:
        assert f"| {row['name']} |" in text


def test_peers_agree_disagree_crash_hang_and_miss(fakes: Path, tmp_path: Path) -> None:
    path, pid = tmp_path / "run.json", tmp_path / "pid"
    answer = bench(
        *FAKES, "--peers-folder", str(fakes), "--peer-limit", "5", "--json", str(path), FAKE_PEER_HANGS=str(pid)
    )
    assert answer.returncode == 0, "what peers do is no fault of ours"
    row = run_of(path)["rows"][0]
    sides = {side["name"]: side for side in row["peers"]}
    assert set(sides) == {"jax", "numba", "torch-eager", "torch-compile", "numpy"}

    assert sides["jax"]["agrees"]
    assert sides["jax"]["agreement"].startswith("within")
    assert sides["jax"]["peakBytes"] == 3 << 20
    cells = row["cells"]
    assert sides["jax"]["values"] == [pytest.approx(cells * 10 / 0.01)] * 2
    assert sides["jax"]["perCpu"] == [pytest.approx(cells * 10 / 0.02)] * 2

    assert not sides["numba"]["agrees"]
    assert sides["numba"]["agreement"].startswith("differs by")
    assert sides["numba"]["values"] == [], "no ratio for another computation"
    line = next(line for line in answer.stdout.splitlines() if line.split()[:1] == ["numba"])
    assert "not timed" in line

    assert "out of beads" in sides["torch-eager"]["trouble"]
    assert sides["torch-eager"]["values"] == []
    assert "did not answer within 5 s" in sides["torch-compile"]["trouble"]
    assert not Path(f"/proc/{pid.read_text()}").exists(), "the one that hung is gone"
    assert "abacus is missing: ./ath setup --bench" in sides["numpy"]["trouble"]


@pytest.mark.slow
def test_torch_numpy_and_golly_compute_what_ours_does(tmp_path: Path) -> None:
    """The real peers, of those that every checkout has: each row's law written anew and held against the engine."""
    path = tmp_path / "run.json"
    wanted = ["torch-eager", "numpy", *(["bgolly"] if shutil.which("bgolly") else [])]
    answer = bench(
        "--quick", "--peers", ",".join(wanted), "--peers-python", sys.executable, "--json", str(path), limit=400
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    seen = set()
    for row in run_of(path)["rows"]:
        for side in row["peers"]:
            assert side["agrees"], (row["name"], side)
            assert min(side["values"]) > 0
            seen.add((row["name"], side["name"]))
    assert {
        ("nca-f32", "torch-eager"),
        ("gray-scott", "numpy"),
        ("gpe-256", "torch-eager"),
        ("lenia", "torch-eager"),
    } <= seen


def test_without_a_python_for_peers_that_is_said(fakes: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    words = ["--row", "gray-scott", "--quick", "--peers", "jax", "--peers-folder", str(fakes)]
    answer = bench(*words, "--peers-python", "/no/such/python", "--json", str(path))
    assert answer.returncode == 0
    assert "/no/such/python" in run_of(path)["rows"][0]["peers"][0]["trouble"]


def test_wrong_names_are_told_at_once() -> None:
    for words in (["--row", "dance"], ["--row", "guard", "--peers", "dance"], ["--against", "/no/such/run.json"]):
        answer = bench(*words, limit=30)
        assert answer.returncode != 0
        assert words[-1] in answer.stderr


def test_ctrl_c_ends_the_peers_and_takes_the_files_along(fakes: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    files = tmp_path / "tmp"
    files.mkdir()
    process = subprocess.Popen(
        [ATH, "bench", *FAKES, "--peers", "torch-compile", "--peers-folder", str(fakes)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "FAKE_PEER_HANGS": str(pid), "TMPDIR": str(files)},
    )
    limit = time.monotonic() + 120
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.05)
    assert list(files.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert not Path(f"/proc/{pid.read_text()}").exists()
    assert list(files.iterdir()) == []
