"""Facts about ./ath, without installing or compiling anything."""

import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ["dev", "setup", "build", "test", "check", "wheel", "golden", "clean"]
PRODUCT = ["serve", "link", "run", "jobs", "output", "stop", "laws", "bench", "doctor"]


def run(*command: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the launcher where nothing is installed and nothing is built."""
    shutil.copy(ROOT / "ath", tmp_path)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    return tmp_path


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_help_lists_every_word(words: list[str]) -> None:
    answer = run("./ath", *words)
    assert answer.returncode == 0
    for word in [*OWN, "help", *PRODUCT]:
        assert re.search(rf"^  {word} ", answer.stdout, re.MULTILINE), word


@pytest.mark.parametrize("word", OWN)
def test_every_word_explains_itself(word: str) -> None:
    answer = run("./ath", word, "--help")
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"usage: ./ath {word}")


def test_an_unknown_word_ends_with_2_and_is_named(bare: Path) -> None:
    answer = run("./ath", "dance", cwd=bare)
    assert answer.returncode == 2
    assert "'dance'" in answer.stderr


@pytest.mark.parametrize("word", [word for word in OWN if word != "dev"])
def test_an_unknown_flag_ends_with_2_and_is_named(word: str, bare: Path) -> None:
    answer = run("./ath", word, "--dance", cwd=bare)
    assert answer.returncode == 2
    assert "--dance" in answer.stderr


def test_it_works_from_another_folder(tmp_path: Path) -> None:
    assert run(str(ROOT / "ath"), "build", "--help", cwd=tmp_path).returncode == 0


def test_build_before_setup_says_what_to_do(bare: Path) -> None:
    answer = run("./ath", "build", cwd=bare)
    assert answer.returncode == 3
    assert "./ath setup" in answer.stderr


def work_of_children() -> float:
    """Seconds of processor time: what a clock shows depends on who else is busy."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def is_set_up() -> bool:
    stamps = {
        "requirements.txt": ".venv/.stamp-requirements",
        "app/web/package-lock.json": "app/web/node_modules/.stamp",
    }
    for name, stamp in stamps.items():
        if (ROOT / name).exists():
            with (ROOT / name).open() as file:
                found = subprocess.run(["cksum"], stdin=file, capture_output=True, text=True, check=True).stdout
            if not (ROOT / stamp).exists() or (ROOT / stamp).read_text() != found:
                return False
    return True


@pytest.mark.skipif(not is_set_up(), reason="not set up by ./ath setup")
def test_a_second_setup_does_nothing_and_is_quick() -> None:
    before = (ROOT / ".venv").stat().st_mtime_ns
    began = work_of_children()
    answer = run("./ath", "setup", "--no-apt")
    assert answer.returncode == 0, answer.stderr
    assert work_of_children() - began < 2
    assert "up to date" in answer.stdout
    assert "..." not in answer.stdout  # a step that worked would tell its time
    assert (ROOT / ".venv").stat().st_mtime_ns == before


def fake_machine(folder: Path, **programs: str) -> str:
    """A PATH whose first folder holds these programs."""
    bin_folder = folder / "fake-bin"
    bin_folder.mkdir()
    for name, body in programs.items():
        program = bin_folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    return f"{bin_folder}:{os.environ['PATH']}"


def test_without_root_setup_names_the_packages_and_the_command(bare: Path) -> None:
    path = fake_machine(bare, dpkg_query="exit 1", id="echo 1000", sudo="exit 1")
    answer = run("./ath", "setup", cwd=bare, PATH=path)
    assert answer.returncode == 3
    assert re.search(r"apt-get install -y .*libboost-json1\.81-dev", answer.stderr)


def test_without_network_setup_names_the_command(bare: Path) -> None:
    path = fake_machine(bare, dpkg_query="exit 1", id="echo 0", apt_get="echo 'no route to host'; exit 100")
    answer = run("./ath", "setup", cwd=bare, PATH=path)
    assert answer.returncode == 3
    assert "no route to host" in answer.stdout
    assert "apt-get install -y" in answer.stderr


def test_without_a_packages_index_setup_names_pips_command(bare: Path) -> None:
    python = bare / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$3" = --version ] && exit 0\necho "could not reach the index"; exit 1\n')
    python.chmod(0o755)
    answer = run("./ath", "setup", "--no-apt", cwd=bare)
    assert answer.returncode == 3
    assert "could not reach the index" in answer.stdout
    assert "-m pip install torch==" in answer.stderr
    assert not (bare / ".venv/.stamp-requirements").exists()


def test_output_that_is_no_terminal_has_no_control_characters(bare: Path) -> None:
    path = fake_machine(bare, dpkg_query="exit 1", id="echo 0", apt_get="exit 100")
    answer = run("./ath", "setup", cwd=bare, PATH=path)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x1b]", answer.stdout)


def test_versions_are_pinned() -> None:
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.match(r"[a-z0-9_-]+==[0-9.]+(;|$)", line), line


def test_no_tracked_file_names_a_packages_registry() -> None:
    hosts = "|".join(re.escape(f"{name}.{end}") for name, end in [
        ("pypi", "org"), ("pythonhosted", "org"), ("download.pytorch", "org"), ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"), ("npmmirror", "com"), ("deb.debian", "org"),
    ])  # fmt: skip
    found = run("git", "grep", "-IlE", "--untracked", hosts, "--", ".", ":!docs")
    assert found.stdout == ""


# --- how results are counted -------------------------------------------------------------------------------------


def count(*words: str, stdin: str = "") -> tuple[int, str]:
    answer = subprocess.run(
        ["python3", "scripts/count_tests.py", *words],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return answer.returncode, answer.stdout.strip()


def test_counts_are_summed_over_stages() -> None:
    code, line = count("--sum", stdin="C++: 10 passed, 0 failed, 2 skipped\nweb: 5 passed, 1 failed\n")
    assert (code, line) == (1, "15 passed, 1 failed, 2 skipped")


def test_a_stage_without_tests_has_failed(tmp_path: Path) -> None:
    assert count(str(tmp_path / "web")) == (1, "0 passed, 1 failed")


def test_a_suite_that_crashed_is_one_failure(tmp_path: Path) -> None:
    (tmp_path / "C++.xml").write_text(
        '<testsuite><testcase name="t.A/0" status="run"/>'
        '<testcase name="t.B" status="fail"><failure/></testcase></testsuite>'
    )
    (tmp_path / "t.A.0.xml").write_text(
        '<testsuites><testsuite name="A"><testcase name="x" status="run"/><testcase name="y" status="run">'
        "<skipped/></testcase></testsuite></testsuites>"
    )
    assert count("--exit-code", "8", str(tmp_path / "C++")) == (1, "1 passed, 1 failed, 1 skipped")


def test_a_stage_that_ends_badly_without_a_failed_test_has_failed(tmp_path: Path) -> None:
    (tmp_path / "Python.xml").write_text('<testsuites><testsuite><testcase name="x"/></testsuite></testsuites>')
    assert count("--exit-code", "1", str(tmp_path / "Python")) == (1, "1 passed, 1 failed")


def test_peers_of_the_bench_are_installed_once() -> None:
    if not (ROOT / ".venv-bench" / ".stamp-requirements").exists():
        pytest.skip("./ath setup --bench was not asked for here")
    answer = run("sh", "scripts/setup_bench.sh")
    assert answer.returncode == 0, answer.stderr
    assert "up to date" in answer.stdout
