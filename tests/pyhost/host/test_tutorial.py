"""What the documentation shows, done: the tutorial's cells, the guide's programs, the commands it names."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from tests.e2e.support import ROOT, Server
from tests.pyhost.host.support import Python, ready

ATH = ROOT / "build/release/bin/ath"
TUTORIAL = ROOT / "docs/tutorial.ipynb"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDE = ROOT / "docs/python.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As the tutorial asks for it."""
    folder = tmp_path_factory.mktemp("server")
    running = ready(Server(folder, "--world", "gs=gray-scott,128x128,seed=1", python=""))
    yield running
    assert running.alive(), f"the server died:\n{running.stderr()}"
    running.stop()


def kernel(server: Server, folder: Path) -> AsyncKernelManager:
    """The kernel the tutorial names, attached to this server."""
    spec = folder / "kernels" / "atheria-attach"
    spec.mkdir(parents=True)
    argv = [str(ATH), "kernel", "attach", "--server", server.http, "{connection_file}"]
    about = {"argv": argv, "display_name": "Atheria", "language": "python", "interrupt_mode": "message"}
    (spec / "kernel.json").write_text(json.dumps(about))
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    return AsyncKernelManager(
        kernel_name="atheria-attach",
        kernel_spec_manager=specs,
        transport="ipc",
        connection_file=str(folder / "kernel.json"),
    )


def test_every_cell_of_the_tutorial_succeeds(server: Server, tmp_path: Path) -> None:
    notebook = nbformat.read(TUTORIAL, as_version=4)
    NotebookClient(notebook, km=kernel(server, tmp_path), timeout=120).execute(env={**os.environ, "ATHERIA_TOKEN": ""})
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    kinds = [kind for cell in cells for output in cell.outputs for kind in output.get("data", {})]
    assert kinds.count("image/png") >= 5
    assert "text/html" in kinds
    with Python(server) as python:
        assert [world["name"] for world in python.ask("sim.list")["worlds"]] == ["gs"], "it cleans up"


def test_the_tutorial_is_stored_without_what_it_printed() -> None:
    notebook = nbformat.read(TUTORIAL, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "atheria-attach"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


# A block that is meant for another place than the server says so: ```python core, ```python remote, ```python notebook.
BLOCK = re.compile(r"^```python([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(place.strip(), source) for place, source in BLOCK.findall(GUIDE.read_text())]


def test_the_guide_shows_all_places() -> None:
    assert {"", "core", "remote"} <= {place for place, _ in BLOCKS}


@pytest.mark.parametrize("number", [number for number, (place, _) in enumerate(BLOCKS) if not place])
def test_a_program_of_the_guide_runs_in_the_server(server: Server, number: int) -> None:
    with Python(server) as python:
        done = python.run(BLOCKS[number][1], world="gs")
        assert done.outcome == "ok", done.err
        for world in python.ask("sim.list")["worlds"]:
            if world["name"] != "gs":
                python.ask("sim.delete", world=world["name"])


@pytest.mark.parametrize("number", [number for number, (place, _) in enumerate(BLOCKS) if place in ("core", "remote")])
def test_a_program_of_the_guide_runs_outside_of_it(server: Server, tmp_path: Path, number: int) -> None:
    place, source = BLOCKS[number]
    folders = [ROOT / "pyhost/python"] + ([ROOT / "build/release/python"] if place == "core" else [])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATHERIA_")}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    if place == "remote":
        environment |= {"ATHERIA_SERVER": server.http, "ATHERIA_TOKEN": server.token}
    program = tmp_path / "program.py"
    program.write_text(source)
    done = subprocess.run(
        [ROOT / ".venv/bin/python", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def verbs(*words: str) -> set[str]:
    """What `ath WORDS --help` lists as its subcommands."""
    told = subprocess.run([ATH, *words, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    return set(re.findall(r"^  (\w+) ", told.partition("Subcommands:")[2], re.MULTILINE))


def launcher_words() -> set[str]:
    told = subprocess.run([ROOT / "ath", "help"], capture_output=True, text=True, timeout=60, check=True).stdout
    return set(re.findall(r"^  (\w+) ", told, re.MULTILINE))


def commands(text: str) -> list[str]:
    """`ath ...` where it is meant to be typed: in code spans and in blocks."""
    blocks = re.findall(r"^```(?!python)[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", text)
    found = [re.match(r"(?:\$ )?(?:\w+=\S+ )*(?:\./)?ath ([a-z]+(?: .*)?)$", line) for line in [*lines, *spans]]
    return [match[1] for match in found if match]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_exists(page: Path) -> None:
    known = {(): verbs() | launcher_words(), ("kernel",): verbs("kernel")}
    for command in commands(page.read_text()):
        words = command.split()
        assert words[0] in known[()], command
        if words[0] == "kernel" and len(words) > 1:
            assert words[1] in known["kernel",], command
        flags = [word.partition("=")[0] for word in command.split(" -- ")[0].split() if re.match(r"--[a-z]", word)]
        if flags and words[0] in verbs():
            depth = 2 if words[0] == "kernel" else 1
            told = subprocess.run(
                [ATH, *words[:depth], "--help"], capture_output=True, text=True, timeout=60, check=True
            )
            for flag in flags:
                assert flag in told.stdout, command
