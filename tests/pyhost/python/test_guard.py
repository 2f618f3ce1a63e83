"""What a script changes in the process is put back; what would end the process is refused."""

from __future__ import annotations

import builtins
import locale
import os
import signal
import sys
import warnings
from pathlib import Path

import pytest
import torch

from tests.pyhost.python.conftest import Run
from tests.pyhost.python.fake_host import FakeHost, installed


def test_torch_is_as_before(run: Run) -> None:
    report = run(
        """
import torch
torch.set_default_dtype(torch.float64)
torch.set_default_device("meta")
torch.set_grad_enabled(False)
torch.autograd.set_detect_anomaly(True)
torch.use_deterministic_algorithms(True)
torch.set_num_threads(torch.get_num_threads() + 1)
torch.set_float32_matmul_precision("medium")
torch.backends.cudnn.benchmark = True
"""
    )
    (told,) = report["left_behind"]
    for name in ("default dtype", "default device", "grad mode", "anomaly", "deterministic", "threads", "precision"):
        assert name in told
    assert torch.get_default_dtype() == torch.float32
    assert torch.zeros(1).device.type == "cpu"
    assert torch.is_grad_enabled()
    assert not torch.is_anomaly_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.backends.cudnn.benchmark


def test_torch_stays_changed_for_who_asks(run: Run) -> None:
    try:
        run("import torch; torch.set_default_dtype(torch.float64)", keep_torch_state=True)
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_random_numbers_are_isolated_for_who_asks(run: Run) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    run("import torch, random; torch.manual_seed(5); random.seed(5)", isolate_rng=True)
    assert torch.equal(torch.rand(3), expected)


def test_the_process_is_as_before(run: Run, tmp_path: Path) -> None:
    before = (os.getcwd(), dict(os.environ), locale.setlocale(locale.LC_ALL), list(sys.path), list(sys.argv))
    limit, hook, filters = sys.getrecursionlimit(), sys.excepthook, list(warnings.filters)
    report = run(
        f"""
import logging, os, sys, warnings, locale, builtins
os.chdir({str(tmp_path)!r})
os.environ["ATHERIA_TEST_LEFT"] = "1"
os.environ.pop("HOME", None)
os.umask(0o007)
sys.path.append("/nowhere")
sys.argv.append("more")
sys.setrecursionlimit(5000)
sys.excepthook = print
warnings.simplefilter("error")
logging.getLogger().addHandler(logging.NullHandler())
logging.basicConfig(level=5, force=False)
builtins.print = None
"""
    )
    assert report["outcome"] == "ok"
    now = (os.getcwd(), dict(os.environ), locale.setlocale(locale.LC_ALL), list(sys.path), list(sys.argv))
    assert now == before
    assert (sys.getrecursionlimit(), sys.excepthook, list(warnings.filters)) == (limit, hook, filters)
    assert os.umask(0o022) == 0o022
    assert "umask" in report["left_behind"][0]
    assert run("print(1)")["output"] == "1\n"


def test_signal_handlers_are_as_before(run: Run) -> None:
    before = signal.getsignal(signal.SIGCHLD), signal.getsignal(signal.SIGUSR2)
    report = run("import signal\nsignal.signal(signal.SIGUSR2, lambda *_: None)\nsignal.signal(signal.SIGCHLD, print)")
    assert (signal.getsignal(signal.SIGCHLD), signal.getsignal(signal.SIGUSR2)) == before
    assert "handler of SIGUSR2" in report["left_behind"][0]


def test_a_module_edited_between_two_runs_is_new(run: Run, tmp_path: Path) -> None:
    helper, script = tmp_path / "helper.py", tmp_path / "main.py"
    script.write_text("import helper\nprint(helper.value)")
    helper.write_text("value = 1")
    assert run(path=str(script))["output"] == "1\n"
    helper.write_text("value = 2")
    assert run(path=str(script))["output"] == "2\n"
    assert "helper" not in sys.modules


def test_two_scripts_get_their_own_module_of_the_same_name(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "utils.py").write_text(f"name = {name!r}")
        (folder / "main.py").write_text("import utils\nprint(utils.name)")
    for name in ("one", "two", "one"):
        assert run(path=str(tmp_path / name / "main.py"))["output"] == name + "\n"


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        ("os._exit(3)", "sys.exit"),
        ("os.abort()", "sys.exit"),
        ("os.kill(os.getpid(), 9)", "sys.exit"),
        ("os.kill(0, 15)", "sys.exit"),
        ("os.killpg(os.getpgrp(), 15)", "sys.exit"),
        ("signal.raise_signal(signal.SIGTERM)", "sys.exit"),
        ("os.fork()", "spawn"),
        ("multiprocessing.get_context('fork').Process(target=print).start()", "spawn"),
        ("signal.signal(signal.SIGINT, print)", "on_cancel"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "on_cancel"),
        ("signal.signal(signal.SIGRTMIN + 4, print)", "on_cancel"),
    ],
)
def test_what_would_end_the_server_is_refused_with_advice(run: Run, call: str, advice: str) -> None:
    failure = run(f"import os, signal, multiprocessing\n{call}")["failure"]
    assert failure["type"] == "Refused"
    assert advice in failure["message"]


def test_children_may_end_themselves_and_be_ended(run: Run) -> None:
    source = """
import os, signal, subprocess, sys
print(subprocess.run([sys.executable, "-c", "import os; os._exit(3)"]).returncode)
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
os.kill(child.pid, 0)
os.kill(child.pid, signal.SIGTERM)
print(child.wait())
os.kill(os.getpid(), 0)
"""
    assert run(source)["output"] == "3\n-15\n"


def test_outside_of_jobs_nothing_is_refused(host: FakeHost) -> None:
    with installed(host):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGINT, before)


def test_a_child_left_behind_is_named(run: Run, host: FakeHost) -> None:
    source = """
import subprocess, sys, builtins
builtins.left = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
"""
    report = run(source)
    try:
        (line,) = report["left_behind"]
        assert line.startswith(f"child process {builtins.left.pid} still runs: ")  # type: ignore[attr-defined]
    finally:
        builtins.left.kill()  # type: ignore[attr-defined]
        builtins.left.wait()  # type: ignore[attr-defined]
        del builtins.left  # type: ignore[attr-defined]


def test_what_a_script_held_is_gone_when_it_is_done(run: Run) -> None:
    source = """
import weakref, builtins
class Big: pass
big = Big(); big.me = big
builtins.witness = weakref.ref(big)
"""
    run(source)
    assert builtins.witness() is None  # type: ignore[attr-defined]
    del builtins.witness  # type: ignore[attr-defined]
