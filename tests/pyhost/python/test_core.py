"""The API in plain Python, with an engine of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILT = Path(os.environ.get("ATHERIA_CORE_FOLDER", ROOT / "build" / "release" / "python"))
pytestmark = pytest.mark.skipif(not list(BUILT.glob("atheria_core*.so")), reason=f"no atheria_core in {BUILT}")


def run(folder: Path, program: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
    environment["PYTHONPATH"] = f"{ROOT / 'pyhost' / 'python'}:{BUILT}"
    done = subprocess.run(
        [sys.executable, "-c", "import threading, atheria, torch\n" + program],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_worlds_run_without_a_server(tmp_path: Path) -> None:
    program = """
assert atheria.where() == "core"
w = atheria.create("a", "gray-scott", (64, 48), seed=1)
assert atheria.current().name == "a"
assert w.step(10) == 10 and w.step == 10
with w.lease() as s:
    s.u[0] = 0.25
    s.v = 0.5
    assert s.step(3) == 13
u = w.snapshot("u")
assert w.load(torch.ones(48, 64), "u") == 13
assert w.snapshot("u").mean() == 1
w.undo()
assert torch.equal(w.snapshot("u"), u)
child = w.fork()
assert torch.equal(child.snapshot(), w.snapshot())
w.play()
assert w.wait(step=500, timeout=60) >= 500
try:
    s.u
except atheria.LeaseExpired as error:
    print(error)
"""
    assert "has ended (released)" in run(tmp_path, program)


def test_psi_of_a_complex_law_is_written_under_a_lease(tmp_path: Path) -> None:
    program = """
g = atheria.create("g", "gross-pitaevskii", (96, 96))
with g.lease() as s:
    s.psi[..., 10:20, 10:20] *= 0
psi = g.snapshot("psi")
print(psi.dtype, psi[10:20, 10:20].abs().sum().item(), psi.abs().sum().item() > 0)
"""
    assert run(tmp_path, program) == "torch.complex64 0.0 True\n"


def test_hooks_observers_and_laws_in_python(tmp_path: Path) -> None:
    program = """
@atheria.register_law("decay", channels=["q"], params={"k": (0.5, 0.0, 1.0)}, radius=0)
def decay(psi, t, params):
    return psi * params["k"]

d = atheria.create("d", "decay", (16, 16), init="noise")
before = d.snapshot("q")
d.step(2)
assert torch.allclose(d.snapshot("q"), before / 4)
w = atheria.create("a", "gray-scott", (32, 32))
steps, third = [], threading.Event()
def note(s):
    steps.append(int(s.step))
    if len(steps) == 3:
        third.set()
with w.on_step(10, note):
    w.step(30)
    assert third.wait(20)
print(steps)
with w.observe(every=5, mode="all") as seen:
    w.step(10)
    print([seen.next(10).step for _ in range(2)])
hook = w.on_step(1, lambda s: 1 / 0)
w.step(5)
hook._thread.join(20)
print(hook.detached.splitlines()[-1])
"""
    assert run(tmp_path, program) == "[10, 20, 30]\n[35, 40]\nZeroDivisionError: division by zero\n"
