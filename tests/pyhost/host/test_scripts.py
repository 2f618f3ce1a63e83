"""Scripts in the server: what they print, how they end, what they leave as it was."""

import json
import os
from pathlib import Path

import pytest

from tests.conformance.client import Refused
from tests.e2e.support import Server, wait_until
from tests.pyhost.host.support import Python


def test_python_is_there_and_says_what_it_is(server: Server, python: Python) -> None:
    health = python.hello["python"]
    assert health["plane"] == "idle"
    assert health["torch"].startswith("2.")
    assert "scripts" in python.hello["caps"]
    told = json.loads(python.run("import sys, json; print(json.dumps([sys.executable, sys.version.split()[0]]))").out)
    assert told == [health["executable"], health["python"]]


def test_a_script_prints_and_ends(python: Python) -> None:
    done = python.run("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert (done.out, done.err, done.outcome, done.code) == ("out\n", "err\n", "ok", 0)


@pytest.mark.parametrize(
    ("source", "outcome", "code"),
    [
        ("raise SystemExit", "exit", 0),
        ("raise SystemExit(3)", "exit", 3),
        ("import sys\nsys.exit('no')", "exit", 1),
        ("1 / 0", "error", 1),
        ("def (", "error", 1),
    ],
)
def test_how_a_script_ends(python: Python, source: str, outcome: str, code: int) -> None:
    done = python.run(source)
    assert (done.outcome, done.code) == (outcome, code)


def test_a_failure_names_the_line_and_no_line_of_the_host(python: Python) -> None:
    done = python.run("def f():\n    raise ValueError('no such thing')\nf()", path="/somewhere/train.py")
    failure = done.status["failure"]
    assert (failure["type"], failure["message"]) == ("ValueError", "no such thing")
    assert [frame["line"] for frame in failure["frames"]] == [3, 2]
    assert "train.py" in failure["text"]
    assert "_host" not in failure["text"]
    assert failure["text"] == done.err


def test_every_script_begins_afresh(python: Python) -> None:
    python.run("left = 1\nimport sys\nsys.path.insert(0, '/nowhere')\nsys.argv.append('more')")
    done = python.run(
        "import sys\nprint('left' in globals(), '/nowhere' in sys.path, sys.argv[1:], __name__)", argv=["a", "b c"]
    )
    assert done.out == "False False ['a', 'b c'] __main__\n"


def test_modules_beside_a_script_are_read_anew(python: Python, tmp_path: Path) -> None:
    module, script = tmp_path / "rule.py", tmp_path / "train.py"
    for value in (1, 2):
        module.write_text(f"value = {value}\n# {'x' * value}\n")
        script.write_text("import rule\nprint(rule.value)\n")
        assert python.run(script.read_text(), path=str(script)).out == f"{value}\n"


def test_what_a_script_changes_is_put_back(python: Python) -> None:
    probe = """
        import locale, os, signal, sys, threading, warnings
        import torch
        print(torch.get_default_dtype(), torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(),
              torch.is_anomaly_enabled(), torch.get_num_threads(), os.getcwd(), os.environ.get("LEAK"),
              locale.setlocale(locale.LC_ALL), os.umask(0o22), signal.getsignal(signal.SIGUSR1),
              len(warnings.filters), sys.stdout is sys.__stdout__)
        os.umask(0o22)
        """
    before = python.run(probe).out
    python.run(
        """
        import os, signal, sys, warnings
        import torch
        torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False)
        torch.use_deterministic_algorithms(True); torch.autograd.set_detect_anomaly(True); torch.set_num_threads(2)
        os.chdir("/"); os.environ["LEAK"] = "1"; os.umask(0); signal.signal(signal.SIGUSR1, lambda *_: None)
        warnings.simplefilter("error"); sys.stdout = sys.stderr
        """
    )
    assert python.run(probe).out == before


def test_a_world_does_not_feel_what_a_script_sets(python: Python) -> None:
    """default dtype, seed, deterministic, anomaly, grad: torch's are the whole process's, the engine's are its own."""
    settings = (
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.manual_seed(5)\ntorch.set_grad_enabled(False)\n"
    )
    walk = """
import atheria
w = atheria.world("w")
w.pause(); w.seed(3); w.step(200)
print(w.snapshot().double().sum().item())
"""
    assert python.run(settings + walk).out == python.run(walk).out


def test_what_is_left_behind_is_named(python: Python) -> None:
    done = python.run(
        """
        import atexit, subprocess, threading, time
        atexit.register(lambda: print("atexit ran"))
        threading.Thread(target=time.sleep, args=(1.5,), name="loader", daemon=True).start()
        """
    )
    assert done.out == "atexit ran\n"
    assert any("loader" in left for left in done.status["leftBehind"])


def test_a_thread_that_prints_late_prints_to_nobodys_output(server: Server, python: Python) -> None:
    python.run(
        """
        import threading, time
        def late():
            time.sleep(1.5); print("late words")
        threading.Thread(target=late, daemon=True).start()
        """
    )
    done = python.run("import time\ntime.sleep(2)")
    assert done.out == ""
    assert wait_until(lambda: "late words" in server.stderr())


@pytest.mark.parametrize(
    "call",
    [
        "os._exit(3)",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "os.fork()",
        "signal.signal(signal.SIGINT, signal.SIG_DFL)",
    ],
)
def test_an_accident_is_refused(python: Python, call: str) -> None:
    done = python.run(f"import os, signal\n{call}")
    assert done.outcome == "error"
    assert done.status["failure"]["type"] == "Refused"
    assert python.run("print('alive')").out == "alive\n"


def test_children_are_not_bound_by_that(python: Python) -> None:
    done = python.run(
        """
        import subprocess, sys
        print(subprocess.run([sys.executable, "-c", "import os; os._exit(3)"]).returncode)
        """
    )
    assert done.out == "3\n"


def test_workers_of_a_loader_are_the_same_python(python: Python, tmp_path: Path) -> None:
    script = tmp_path / "load.py"
    script.write_text(
        """
import torch
from torch.utils.data import DataLoader, Dataset

class Squares(Dataset):
    def __len__(self): return 6
    def __getitem__(self, i):
        import atheria
        return i * i

if __name__ == "__main__":
    print(sum(int(batch.sum()) for batch in DataLoader(Squares(), batch_size=2, num_workers=2)))
"""
    )
    assert python.run(script.read_text(), path=str(script)).out == "55\n"


def test_input_is_answered_and_ends(python: Python) -> None:
    job = python.submit("print('hello', input('name? '))\ntry: input()\nexcept EOFError: print('end')", stdin=True)
    assert wait_until(lambda: python.status(job)["wantsInput"])
    assert python.status(job)["prompt"] == "name? "
    python.ask("script.input", job=job, line="Ada")
    python.ask("script.input", job=job, eof=True)
    assert python.finish(job).out == "hello Ada\nend\n"


def test_without_somebody_to_answer_input_ends_at_once(python: Python) -> None:
    assert python.run("input('name? ')").status["failure"]["type"] == "EOFError"


def test_output_of_any_kind_arrives_as_text(python: Python) -> None:
    done = python.run(r"import sys; print('\ud800 \x00 \x1b[1m é'); sys.stdout.write('x' * 100_000)")
    assert done.out.startswith("\ufffd ␀ \x1b[1m é\n")
    assert done.out.endswith("x" * 100_000)


def test_a_flood_costs_the_job_and_not_the_server(server: Server, python: Python) -> None:
    before = server.resident()
    job = python.submit("line = 'x' * 1000\nfor i in range(200_000): print(line)")
    done = python.finish(job, timeout=120)
    assert done.outcome == "ok"
    assert server.resident() - before < 64 << 20
    kept = len(python.finish(done.number, timeout=120).out)  # while it ran, some was read that was not kept
    assert kept + done.status["gap"] == 200_000 * 1001
    assert len(done.out) >= kept


def test_output_can_be_read_again_from_the_start_after_the_end(server: Server, python: Python) -> None:
    number = python.run("for i in range(50): print(i)").number
    with Python(server) as another:
        again = another.finish(number)
    assert again.out == "".join(f"{i}\n" for i in range(50))


def test_scripts_run_one_after_the_other(python: Python) -> None:
    jobs = [python.submit(f"print({i})") for i in range(6)]
    assert [python.finish(job).out for job in jobs] == [f"{i}\n" for i in range(6)]


def test_more_than_the_queue_holds_is_busy(python: Python) -> None:
    jobs = [python.submit("import time\ntime.sleep(1000)")]
    jobs += [python.submit("pass") for _ in range(16 - 1)]
    assert wait_until(lambda: python.status(jobs[0])["state"] == "running")
    jobs.append(python.submit("pass"))
    with pytest.raises(Refused, match="busy"):
        python.submit("pass")
    for job in reversed(jobs):
        python.ask("script.cancel", job=job)
    for job in jobs:
        python.finish(job)


def test_every_run_is_a_record(server: Server, python: Python) -> None:
    done = python.run("print('kept')", name="train.py")
    folder = next(Path(os.readlink(f"/proc/{server.process.pid}/cwd")).glob(f"runs/*{done.number}-train.py"))
    assert (folder / "script.py").read_text() == "print('kept')"
    assert json.loads((folder / "out.jsonl").read_text())["text"] == "kept\n"
    assert json.loads((folder / "job.json").read_text())["outcome"] == "ok"


def test_two_hundred_jobs_leave_nothing_behind(server: Server, python: Python) -> None:
    source = """
        import torch, threading
        a = torch.ones(100_000)
        t = threading.Thread(target=a.sum); t.start(); t.join()
        print(a.sum())
        """
    for _ in range(20):
        python.run(source)
    memory, files = server.resident(), server.descriptors()
    threads = len(os.listdir(f"/proc/{server.process.pid}/task"))
    for _ in range(int(os.environ.get("ATHERIA_TEST_JOBS", "200"))):
        python.run(source)
    assert server.resident() - memory < 20 << 20
    assert server.descriptors() - files <= 16  # outputs of finished jobs that are still at hand
    assert len(os.listdir(f"/proc/{server.process.pid}/task")) == threads


def test_a_busy_script_does_not_stop_the_world(python: Python) -> None:
    job = python.submit("print('begun', flush=True)\nwhile True: pass")
    python.until_printed(job, "begun")
    before = python.world("fast")["step"]
    assert wait_until(lambda: python.world("fast")["step"] > before + 10)
    python.ask("script.cancel", job=job)
    python.finish(job)


def test_a_long_call_with_the_lock_held_does_not_stop_the_world(python: Python) -> None:
    """Tensors Python has seen are dropped by the world's thread meanwhile, and it needs no lock for that."""
    done = python.run(
        """
        import ctypes, atheria
        w = atheria.world("fast")
        w.play()
        with w.lease() as s:
            kept = s.field
        snapshot = w.snapshot()
        before = w.time
        ctypes.PyDLL(None).usleep(400_000)
        print(w.time > before)
        """
    )
    assert done.out == "True\n", done.err


def test_python_that_was_started_late_runs_what_waited(start_python: object) -> None:
    server = start_python()  # type: ignore[operator]
    with Python(server) as python:
        assert python.hello["python"]["plane"] == "starting"
        assert python.run("print('patience')").out == "patience\n"
