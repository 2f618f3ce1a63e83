"""What goes into the wheel, without making one: the same install rules, from the usual build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
BUILD = Path(os.environ.get("ATHERIA_BUILD", ROOT / "build/release"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SITE = Path(sysconfig.get_paths()["platlib"])
pytestmark = pytest.mark.skipif(
    not list(BUILD.glob("python/atheria_core*.so")), reason=f"no atheria_core in {BUILD}: ./ath build makes it"
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would put into site-packages, with torch beside it."""
    folder = tmp_path_factory.mktemp("site") / "packages"
    command = ["cmake", "--install", str(BUILD), "--component", "python", "--prefix", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (folder / "torch").symlink_to(SITE / "torch")
    return folder


def run(tree: Path, program: str, *more: Path) -> subprocess.CompletedProcess[str]:
    """A Python that knows no other folders: no environment, no user's packages, none of this repository's."""
    paths = [str(path) for path in (tree, *more)]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {paths!r}\n{program}"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tree), "XDG_RUNTIME_DIR": str(tree)},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def extension(tree: Path) -> Path:
    (found,) = tree.glob("atheria_core*.so")
    return found


def test_worlds_step_without_a_server_and_without_this_repository(tree: Path) -> None:
    program = """
import atheria
w = atheria.create("a", "gray-scott", (64, 48), seed=1)
print(atheria.where(), w.step(10), atheria.__file__.startswith(sys.path[-2]), sys.modules["atheria_core"].__file__)
"""
    done = run(tree, program, SITE)
    assert done.stdout.split() == ["core", "10", "True", str(extension(tree))], done.stderr


def test_the_engine_finds_torchs_libraries_by_itself(tree: Path) -> None:
    # Loaded before torch is: nothing but its own path can lead to them.
    done = run(tree, "import atheria_core; print(atheria_core.where)", SITE)
    assert done.stdout == "core\n", done.stderr


def test_no_path_of_the_machine_that_built_it_is_searched(tree: Path) -> None:
    shown = subprocess.run(["readelf", "-d", extension(tree)], check=True, capture_output=True, text=True).stdout
    assert re.findall(r"R(?:UN)?PATH\).*\[(.*)\]", shown) == ["$ORIGIN/torch/lib"]


def test_another_torch_is_refused_with_what_would_do(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "site"
    (other / "torch").mkdir(parents=True)
    (other / "torch" / "__init__.py").write_text('__version__ = "2.12.1+cpu"\n')
    (other / "torch" / "lib").symlink_to(SITE / "torch" / "lib")
    shutil.copy(extension(tree), other)
    done = run(other, "import atheria_core")
    assert done.returncode == 1
    assert "this process has torch 2.12.1+cpu" in done.stderr
    assert f"pip install {torch_pin()}" in done.stderr


def test_it_holds_the_whole_package_with_its_types_and_nothing_else(tree: Path) -> None:
    def modules(folder: Path) -> set[Path]:
        files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {path for path in files if "__pycache__" not in path.parts}

    package = ROOT / "pyhost" / "python" / "atheria"
    assert modules(tree / "atheria") == modules(package) >= {Path("py.typed"), Path("__init__.py")}
    others = {path.name for path in tree.iterdir()} - {"__pycache__"}
    assert others == {"atheria", "atheria_core-stubs", extension(tree).name, "torch"}


def test_there_is_one_version() -> None:
    in_cmake = re.search(r"project\(atheria VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    in_package = re.search(r'__version__ = "(.*)"', (ROOT / "pyhost/python/atheria/_version.py").read_text())
    assert in_cmake is not None
    assert in_package is not None
    assert {in_cmake[1], in_package[1]} == {PROJECT["project"]["version"]}


def test_what_it_needs_is_what_this_repository_pins() -> None:
    pinned = set((ROOT / "requirements.txt").read_text().splitlines())
    assert set(PROJECT["build-system"]["requires"]) <= pinned
    assert torch_pin() in pinned


def torch_pin() -> str:
    (pin,) = (need for need in PROJECT["project"]["dependencies"] if need.startswith("torch"))
    return str(pin)
