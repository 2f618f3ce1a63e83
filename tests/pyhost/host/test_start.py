"""A server starts, says how Python is, and ends, whatever Python does."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conformance.client import Refused
from tests.e2e.support import ROOT, http, wait_until
from tests.pyhost.host.conftest import StartPython
from tests.pyhost.host.support import Python, ready


def fake_python(folder: Path, says: object) -> str:
    """A program that answers what the server asks a Python, and is none."""
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\necho '{json.dumps(says)}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


ROUNDS = int(os.environ.get("ATHERIA_TEST_ROUNDS", "1"))  # of stops in each state; 100 before a release

GOOD = {
    "version": "3.11.2",
    "tag": "cp311",
    "library": "/x.so",
    "torch": "2.13.0",
    "folder": "/x",
    "abi": True,
    "free": False,
}

WRONG = {
    "another minor": ({**GOOD, "version": "3.13.1", "tag": "cp313"}, "was built for cp311"),
    "no torch": (
        {
            "version": "3.11.2",
            "tag": "cp311",
            "library": "",
            "free": False,
            "why": "ModuleNotFoundError: No module named 'torch'",
        },
        "cannot import torch",
    ),
    "another torch": ({**GOOD, "torch": "2.12.0"}, "pip install torch=="),
    "the old ABI": ({**GOOD, "abi": False}, "old C++ ABI"),
    "no libpython": ({**GOOD, "library": ""}, "apt-get install libpython3.11"),
    "a second torch": ({**GOOD, "folder": "/elsewhere/torch"}, "two copies of torch"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_python_that_does_not_fit_is_named_and_the_server_goes_on(
    start_python: StartPython, tmp_path: Path, case: str
) -> None:
    says, why = WRONG[case]
    server = start_python("--world", "w=life,32x32", python=fake_python(tmp_path, says))
    assert wait_until(lambda: b"failed" in http(server, "/readyz").body)
    answer = http(server, "/readyz")
    assert answer.status == 200
    assert why in answer.body.decode()
    with Python(server) as python:
        assert why in python.hello["python"]["reason"]
        with pytest.raises(Refused) as refused:
            python.submit("pass")
        assert refused.value.code == "unsupported"
        assert why in str(refused.value)
        assert python.world("w")["step"] >= 0


def test_a_venv_whose_python_is_gone_is_named(start_python: StartPython, tmp_path: Path) -> None:
    broken = tmp_path / "venv" / "bin" / "python3"
    broken.parent.mkdir(parents=True)
    broken.symlink_to("/no/longer/there/python3.11")
    server = start_python("--world", "w=life,32x32", python=str(broken))
    assert wait_until(lambda: f"'{broken}' cannot be started".encode() in http(server, "/readyz").body)
    with Python(server) as python:
        assert python.world("w")["step"] >= 0


def test_a_venv_whose_packages_are_gone_is_named(start_python: StartPython, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    home = Path(sys.base_prefix) / "bin"
    (venv / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    (venv / "bin" / "python3").symlink_to(home / "python3")
    server = start_python("--world", "w=life,32x32", python=str(venv / "bin" / "python3"))
    assert wait_until(lambda: b"No module named 'torch'" in http(server, "/readyz").body)


def test_a_home_that_cannot_be_written_is_named_and_python_runs_all_the_same(start_python: StartPython) -> None:
    """Nobody finds such a server by itself, and no notebook attaches; whoever has its address is served."""
    nowhere = {"HOME": "/proc/no-home", "XDG_RUNTIME_DIR": "", "XDG_CACHE_HOME": "", "TMPDIR": ""}
    server = ready(start_python("--world", "w=life,32x32", variables=nowhere))
    assert "'/proc/no-home/.local/state/atheria'" in server.stderr()
    with Python(server) as python:
        assert python.run("import atheria\nprint(atheria.current().step(3) >= 3)").out == "True\n"


def test_a_missing_python_is_named(start_python: StartPython) -> None:
    server = start_python(python="/no/such/python3")
    assert wait_until(lambda: b"'/no/such/python3' cannot be started" in http(server, "/readyz").body)


def test_a_server_can_be_told_to_go_without(start_python: StartPython) -> None:
    server = start_python(python="off")
    assert b"python: off" in http(server, "/readyz").body


SWALLOWER = """
import time
print("begun", flush=True)
while True:
    try: time.sleep(1)
    except BaseException: pass
"""
LEASE = """
import atheria
with atheria.current().lease(deadline=1000) as s:
    print("begun", flush=True)
    while True: pass
"""
NATIVE = """
import ctypes, time
mutex = ctypes.create_string_buffer(64)
libc = ctypes.PyDLL(None)
libc.pthread_mutex_lock(mutex)
print("begun", flush=True)
libc.pthread_mutex_timedlock(mutex, (ctypes.c_int64 * 2)(int(time.time()) + 100, 0))
"""
THREADS = """
import threading, torch
print("begun", flush=True)
def work():
    while True: torch.ones(500, 500) @ torch.ones(500, 500)
for _ in range(4): threading.Thread(target=work, daemon=True).start()
while True: pass
"""
LAW = """
import atheria, time
slow = False
def step(psi):
    if slow: time.sleep(1000)
    return psi + 1
atheria.register_law("sleeps", step, channels=["u"], radius=0, budget_ms=60_000)
world = atheria.create("sleeps", "sleeps", (8, 8), playing=True)
world.wait(step=3)
slow = True
print("begun", flush=True)
while True: pass
"""
HOOK = """
import atheria, time
def call(lease):
    print("begun", flush=True)
    time.sleep(1000)
hook = atheria.current().on_step(1, call, budget_ms=60_000)
while True: pass
"""
BUSY = {
    "at once": "",
    "idle": "pass",
    "a loop": "print('begun', flush=True)\nwhile True: pass",
    "a swallower": SWALLOWER,
    "a lease": LEASE,
    "a wait": "import atheria\nprint('begun', flush=True)\natheria.current().wait(step=10**15)",
    "threads": THREADS,
    "a law": LAW,
    "a hook": HOOK,
    "native code that never returns": NATIVE,
}


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("case", BUSY)
def test_a_stop_ends_the_process_cleanly_during(start_python: StartPython, case: str, _round: int) -> None:
    server = start_python("--world", "w=gray-scott,64x64")
    if BUSY[case]:
        ready(server)
        with Python(server) as python:
            job = python.submit(BUSY[case], graceMs=500)
            if "begun" in BUSY[case]:
                python.until_printed(job, "begun")
            else:
                python.finish(job)
    server.process.send_signal(signal.SIGTERM)
    assert server.end() < 12, server.stderr()
    assert server.process.returncode == 0, server.stderr()
    assert "Fatal" not in server.stderr()


def test_a_second_signal_is_in_a_hurry(start_python: StartPython) -> None:
    server = ready(start_python("--world", "w=life,32x32"))
    with Python(server) as python:
        job = python.submit(SWALLOWER, graceMs=600_000)
        python.until_printed(job, "begun")
    since = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    while server.alive() and time.monotonic() - since < 60:
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60) == 0
    assert time.monotonic() - since < 30, "its grace was ten minutes"


def test_a_crash_in_native_code_is_told_by_the_next_start(start_python: StartPython) -> None:
    server = ready(start_python("--world", "w=life,32x32"))
    with Python(server) as python:
        job = python.submit(
            "import ctypes\ndef reach():\n    ctypes.string_at(0)\nprint('kept', flush=True)\nreach()", name="crash.py"
        )
        assert server.process.wait(60) == -signal.SIGSEGV
    assert "in reach" in server.stderr(), "the log names the line"
    again = ready(start_python("--world", "w=life,32x32"))
    with Python(again) as python:
        done = python.finish(job)
    assert (done.outcome, done.code, done.status["name"]) == ("lost", 139, "crash.py")


@pytest.fixture
def engine_symbols() -> str:
    libraries = [
        str(path) for path in (ROOT / "build/release/lib").glob("libatheria_*.a") if "bindings" not in path.name
    ]
    return subprocess.run(["nm", "-u", *libraries], capture_output=True, text=True, check=True).stdout


def test_no_library_of_the_server_names_python(engine_symbols: str) -> None:
    assert "atheria" in engine_symbols
    assert " _Py" not in engine_symbols
    assert " Py" not in engine_symbols
