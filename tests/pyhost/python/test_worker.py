"""Scripts in a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def start(folder: Path, source: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    (folder / "source.py").write_text(source)
    plain = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
    return subprocess.Popen(
        [sys.executable, "-m", "atheria.worker", str(folder / "source.py"), *arguments],
        env={**plain, "PYTHONPATH": str(ROOT / "pyhost" / "python"), "ATHERIA_JOB": "j1", **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, source: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start(folder, source, *arguments, **environment)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_script_is_main_and_knows_its_job(tmp_path: Path) -> None:
    source = "import atheria, sys\nprint(__name__, atheria.job.id, sys.argv[1:], atheria.job.cancelled())"
    assert run(tmp_path, source, "a", "-b") == (0, "__main__ j1 ['a', '-b'] None\n", "")


def test_it_has_the_name_and_the_folder_of_the_file_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "helper.py").write_text("value = 3")
    (tmp_path / "home" / "train.py").write_text("")
    source = "import helper, os\nprint(helper.value, os.path.basename(__file__))"
    assert run(tmp_path, source, ATHERIA_SCRIPT=str(tmp_path / "home" / "train.py"))[1] == "3 train.py\n"


@pytest.mark.parametrize(
    ("source", "code", "told"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit('no data')", 1, "no data\n"),
        ("import os; os._exit(5)", 5, ""),
        ("def f(): 1 / 0\nf()", 1, "ZeroDivisionError"),
        ("a = (", 1, "SyntaxError"),
    ],
)
def test_the_exit_code_is_the_scripts(tmp_path: Path, source: str, code: int, told: str) -> None:
    found, _, err = run(tmp_path, source)
    assert found == code
    assert told in err
    assert "worker.py" not in err


def test_a_stop_is_raised_once_and_leaves_time_to_save(tmp_path: Path) -> None:
    source = """
import atheria, threading
atheria.job.on_cancel(lambda: print("called"))
try:
    print("on", flush=True)
    threading.Event().wait()
except atheria.Cancelled as stop:
    print("saved", stop.reason, atheria.job.cancelled(), flush=True)
    raise
"""
    process = start(tmp_path, source)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "saved stopped stopped\ncalled\n")


def test_its_workers_find_what_it_defines(tmp_path: Path) -> None:
    source = """
import multiprocessing
def double(x): return 2 * x
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(double, [1, 2]))
"""
    assert run(tmp_path, source)[:2] == (0, "[2, 4]\n")
