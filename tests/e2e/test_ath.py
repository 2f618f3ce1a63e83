"""The product's own command line as it was built: each word answers, and a slip is named."""

import json
import os
import subprocess

import pytest

from tests.e2e.support import Start, binary, http


def ath(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
    return subprocess.run(
        [str(binary().with_name("ath")), *words],
        capture_output=True,
        text=True,
        timeout=180,
        env={**clean, **environment},
        check=False,
    )


@pytest.mark.parametrize("words", [["dance"], ["bench", "dance"], ["laws", "dance"], ["serve", "--dance"]])
def test_a_slip_ends_with_2_and_is_named(words: list[str]) -> None:
    answer = ath(*words)
    assert answer.returncode == 2
    assert "dance" in answer.stderr
    assert not answer.stdout


@pytest.mark.parametrize("word", ["serve", "link", "run", "jobs", "output", "stop", "laws", "bench", "doctor"])
def test_every_word_is_listed_and_explains_itself(word: str) -> None:
    assert f"  {word} " in ath("--help").stdout
    answer = ath(word, "--help")
    assert answer.returncode == 0
    assert "Usage: ath" in answer.stdout


def test_the_doctor_finds_no_fault_with_what_the_tests_run_on() -> None:
    answer = ath("doctor", "--json")
    findings = {one["name"]: one for one in json.loads(answer.stdout)["findings"]}
    assert {"compiler", "cmake", "python", "torch", "torch in python", "cpu", "cuda", "port", "disk"} <= set(findings)
    # The disk's room and a port somebody uses are this machine's own matter.
    built = ["build", "compiler", "cmake", "ninja", "server", "python", "torch", "torch in python"]
    assert {name: findings[name]["health"] for name in built} == dict.fromkeys(built, "ok")


def test_the_doctors_exit_code_tells_of_a_fault() -> None:
    answer = ath("doctor", "--json", PATH="/nowhere")
    told = json.loads(answer.stdout)
    faults = [one for one in told["findings"] if one["health"] == "fault"]
    assert told["ok"] is (not faults)
    assert answer.returncode == (1 if faults else 0)
    assert all(one["cure"] for one in told["findings"] if one["health"] != "ok")


def test_laws_lists_each_law_once_and_tells_of_one() -> None:
    names = [line.split()[0] for line in ath("laws").stdout.splitlines() if line[:1].isalpha()]
    assert len(names) == len(set(names)) >= 9
    assert "Growth centre" in ath("laws", "lenia").stdout


def test_output_that_cannot_be_written_is_a_failure() -> None:
    for words in (["laws"], ["doctor", "--json"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([str(binary().with_name("ath")), *words], stdout=full, check=False, timeout=180)
        assert done.returncode == 1, words


def test_a_link_opens_the_page_once(start: Start) -> None:
    server = start("--world", "a=life,64x64,paused")
    answer = ath("link", "--server", server.http, ATHERIA_TOKEN=server.token)
    assert answer.returncode == 0, answer.stderr
    link = answer.stdout.strip()
    assert link.startswith(f"{server.http}/login?t=")
    path = link.removeprefix(server.http)
    assert http(server, path).status == 303
    assert http(server, path).status == 401


def test_a_link_to_a_server_that_is_not_there_says_so() -> None:
    answer = ath("link", "--server", "http://127.0.0.1:9", ATHERIA_TOKEN="x" * 43)
    assert answer.returncode != 0
    assert "127.0.0.1:9" in answer.stderr


def test_bench_step_times_both_paths_of_a_law() -> None:
    answer = ath("bench", "step", "--law", "life", "--quick", "--size", "64", "--json")
    assert answer.returncode == 0, answer.stderr
    results = json.loads(answer.stdout)["results"]
    assert [one["law"] for one in results] == ["life"]
    assert results[0]["agreement"] == "bitwise"
    assert min(results[0][path]["cellsPerSecond"] for path in ("native", "reference")) > 0
