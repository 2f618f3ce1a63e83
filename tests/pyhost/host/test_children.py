"""Other Pythons: those on PATH, workers and child processes, and pytest in the server itself."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support import Server
from tests.pyhost.host.support import Python, ready

WHO = """
import json, subprocess, sys, torch
from concurrent.futures import ProcessPoolExecutor

ASK = "import json, sys, torch; print(json.dumps([sys.executable, sys.version, torch.__version__]))"

def who(_=None):
    return [sys.executable, sys.version, torch.__version__]

if __name__ == "__main__":
    child = json.loads(subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout)
    with ProcessPoolExecutor(1) as pool:
        worker = pool.submit(who).result(60)
    print(json.dumps([who(), child, worker]))
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Pythons that leave a trace in it when they are started, and do no more."""
    folder = tmp_path_factory.mktemp("other")
    for name in ("python", "python3", "python3.11"):
        (folder / name).write_text(f"#!/bin/sh\ntouch '{folder}/was started'\nexit 3\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, other: Path) -> Iterator[Server]:
    """Another Python comes first on its PATH."""
    path = {"PATH": f"{other}:{os.environ['PATH']}"}
    running = ready(Server(tmp_path_factory.mktemp("server"), "--world", "w=life,32x32", python="", variables=path))
    yield running
    assert running.alive(), f"the server died:\n{running.stderr()}"
    running.stop()


def test_another_python_first_on_path_is_never_started(python: Python, other: Path, tmp_path: Path) -> None:
    """What is named `python3` there is not what the server embeds: workers started with it would have no torch."""
    script = tmp_path / "who.py"
    script.write_text(WHO)
    done = python.run(WHO, path=str(script))
    assert done.outcome == "ok", done.err
    here, child, worker = json.loads(done.out)
    assert here == child == worker
    asked = python.hello["python"]
    assert here[0] == asked["executable"]
    assert here[2].split("+")[0] == asked["torch"].split("+")[0]
    done = python.run("import sys, torch\nprint([sys.executable, sys.version, torch.__version__])", mode="process")
    assert ast.literal_eval(done.out) == here
    assert not (other / "was started").exists()


RUN = """
import sys
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "cases"]))
"""


def test_pytest_in_the_server_sees_an_edit_between_two_runs(python: Python, tmp_path: Path) -> None:
    """Exit codes are pytest's own: 0 all passed, 1 some failed, 5 there were none."""
    cases, script = tmp_path / "cases", tmp_path / "run.py"
    cases.mkdir()
    script.write_text(RUN)
    (cases / "test_sum.py").write_text("from helper import two\n\ndef test_sum():\n    assert 1 + 1 == two\n")
    for value, code, says in ((2, 0, "1 passed"), (3, 1, "1 failed"), (2, 0, "1 passed")):
        (cases / "helper.py").write_text(f"two = {value}\n")
        done = python.run(RUN, path=str(script), cwd=str(tmp_path))
        assert (done.outcome, done.code) == ("exit", code), done.out + done.err
        assert says in done.out
    (cases / "test_sum.py").write_text("def test_product():\n    assert 2 * 3 == 6\n\ndef test_wrong(): assert 0\n")
    done = python.run(RUN, path=str(script), cwd=str(tmp_path))
    assert (done.code, "1 failed, 1 passed" in done.out) == (1, True)
    (cases / "test_sum.py").write_text("")
    assert python.run(RUN, path=str(script), cwd=str(tmp_path)).code == 5
