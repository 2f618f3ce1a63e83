"""Output and input of jobs: who printed gets it, and nothing can be printed that breaks the wire."""

from __future__ import annotations

import sys
import threading
import types

import pytest

from tests.pyhost.python.conftest import Run
from tests.pyhost.python.fake_host import FakeHost, installed


def test_threads_print_where_they_were_started(run: Run, host: FakeHost) -> None:
    source = """
import threading, concurrent.futures
def say(): print("from a thread")
t = threading.Thread(target=say); t.start(); t.join()
with concurrent.futures.ThreadPoolExecutor(1) as pool: pool.submit(print, "from a pool").result()
def outer():
    t = threading.Thread(target=say); t.start(); t.join()
t = threading.Thread(target=outer); t.start(); t.join()
"""
    assert run(source)["output"] == "from a thread\nfrom a pool\nfrom a thread\n"
    assert host.output(None) == ""


def test_a_thread_that_outlives_its_job_prints_into_the_log_and_is_reported(host: FakeHost, run: Run) -> None:
    source = """
import threading, atheria_test_gate as g
def later():
    g.go.wait(20)
    print("late")
threading.Thread(target=later, name="late one", daemon=True).start()
"""
    gate = types.ModuleType("atheria_test_gate")
    gate.go = threading.Event()  # type: ignore[attr-defined]
    sys.modules["atheria_test_gate"] = gate
    try:
        report = run(source)
        assert report["left_behind"] == ["thread 'late one' still runs"]
        (thread,) = [t for t in threading.enumerate() if t.name == "late one"]
        host.submit("print('next job')\nimport atheria_test_gate as g\ng.go.set()\ng.thread.join(20)")
        gate.thread = thread  # type: ignore[attr-defined]
        host.serve()
    finally:
        del sys.modules["atheria_test_gate"]
    assert host.output("job2") == "next job\n"
    assert host.output(None) == "late\n"


def test_what_belongs_to_no_job_goes_to_the_log(host: FakeHost) -> None:
    with installed(host):
        print("hello")
        print("in two", end=" ")
        print("parts")
    assert host.written == [(None, "stdout", "hello\n"), (None, "stdout", "in two parts\n")]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"'\ud800'", "\ufffd"),
        (r"'a\udc80b'", "a\ufffdb"),
        (r"'\ud83d' + '\ude00'", "\U0001f600"),
        (r"'a\0b'", "a\0b"),
        (r"'\x1b[31mred'", "\x1b[31mred"),
    ],
)
def test_text_is_utf8_whatever_is_printed(run: Run, expression: str, text: str) -> None:
    output = run(f"print({expression})")["output"]
    assert output == text + "\n"
    output.encode()


def test_bytes_may_come_in_pieces(run: Run) -> None:
    source = r"""
import sys
sys.stdout.buffer.write(b"\xf0\x9f")
sys.stdout.buffer.write(b"\x98\x80 \xff|")
"""
    assert run(source)["output"] == "\U0001f600 \ufffd|"


def test_ten_megabytes_in_one_line_arrive(run: Run) -> None:
    assert len(run("print('x' * 10_000_000)")["output"]) == 10_000_001


def test_an_output_that_fails_does_not_end_the_job(run: Run, host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("ring is gone")

    monkeypatch.setattr(host, "write", broken)
    assert run("print('x')")["outcome"] == "ok"


def test_closing_or_replacing_stdout_lasts_until_the_end_of_the_job(run: Run) -> None:
    run("import sys, io\nsys.stdout.close()\nsys.stdout = io.StringIO()\nprint('lost')")
    assert run("print('there')")["output"] == "there\n"


def test_input_asks_whoever_listens(run: Run, host: FakeHost) -> None:
    host.answers.extend(["Ada", "secret", "one", "two"])
    source = """
import getpass, sys
print(input("name? "), getpass.getpass("word? "))
print(sys.stdin.readline(), end="")
print(list(sys.stdin))
"""
    assert run(source)["output"] == "Ada secret\none\n['two\\n']\n"
    assert host.asked[:2] == [("name? ", False), ("word? ", True)]


def test_input_without_a_listener_is_the_end_of_file(run: Run) -> None:
    report = run("import sys\nprint(repr(sys.stdin.read()))\ninput()")
    assert report["output"].startswith("''\n")
    assert report["failure"]["type"] == "EOFError"
