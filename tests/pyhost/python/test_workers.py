"""Scripts with processes of their own: spawned, with the right Python, and with what the script defines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pyhost.python.test_kernel import Host, running_host

HELPER = """
import atheria, torch

class Squares(torch.utils.data.Dataset):
    def __len__(self): return 8
    def __getitem__(self, i):
        assert atheria.job.id is None
        return i * i
"""


def run(host: Host, folder: Path, source: str) -> dict[str, object]:
    path = folder / "main.py"
    path.write_text(source)
    host.send(kind="script", job=f"job-{path}", name="main.py", source=source, path=str(path), argv=[], cwd=str(folder))
    return host.wait_for("done")


def test_workers_of_a_dataloader_import_the_users_module_and_atheria(tmp_path: Path) -> None:
    (tmp_path / "squares.py").write_text(HELPER)
    source = """
import torch, squares
class Mine(squares.Squares): pass
if __name__ == "__main__":
    for kind in (squares.Squares, Mine):
        loader = torch.utils.data.DataLoader(kind(), batch_size=4, num_workers=2)
        print([batch.tolist() for batch in loader])
"""
    with running_host() as host:
        report = run(host, tmp_path, source)
        assert report["output"] == "[[0, 1, 4, 9], [16, 25, 36, 49]]\n" * 2, report
        assert report["left_behind"] == ["changed, and put back: handler of SIGCHLD"], "the DataLoader's doing"


def test_process_pools_and_managers_work(tmp_path: Path) -> None:
    source = """
import concurrent.futures, multiprocessing, os, sys
def work(x): return x + 1, os.getpid() != main, sys.executable
main = 0
if __name__ == "__main__":
    main = os.getpid()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        x, other, executable = pool.submit(work, 1).result()
        print(x, other, executable == sys.executable)
    with multiprocessing.Manager() as manager:
        print(len(manager.list([1, 2])))
"""
    with running_host() as host:
        report = run(host, tmp_path, source)
        assert report["output"] == "2 True True\n2\n", report


@pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="no shell")
def test_another_python_first_on_the_path_is_not_taken(tmp_path: Path) -> None:
    wrong = tmp_path / "bin"
    wrong.mkdir()
    (wrong / "python3").write_text("#!/bin/sh\nexit 99\n")
    (wrong / "python3").chmod(0o755)
    source = f"""
import os, subprocess, sys
os.environ["PATH"] = {str(wrong)!r} + ":" + os.environ["PATH"]
program = "import torch, sys; print(sys.version_info[:2])"
print(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout)
"""
    with running_host() as host:
        assert run(host, tmp_path, source)["output"] == f"{sys.version_info[:2]}\n\n"
        assert subprocess.run([str(wrong / "python3")], check=False).returncode == 99
