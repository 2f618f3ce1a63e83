"""Scripts: outcomes, exit codes, tracebacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from atheria._host.failure import LONGEST

from tests.pyhost.python.conftest import Run
from tests.pyhost.python.fake_host import FakeHost


def test_a_script_prints_and_ends_well(run: Run) -> None:
    report = run("print('hello')")
    assert report["output"] == "hello\n"
    assert (report["outcome"], report["exit_code"], report["failure"]) == ("ok", 0, None)
    assert report["left_behind"] == []


@pytest.mark.parametrize(
    ("source", "code", "stderr"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(None)", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("raise SystemExit(257)", 1, ""),
        ("raise SystemExit('no such file')", 1, "no such file\n"),
        ("exit(5)", 5, ""),
    ],
)
def test_system_exit_is_the_exit_code(run: Run, host: FakeHost, source: str, code: int, stderr: str) -> None:
    report = run(source)
    assert (report["outcome"], report["exit_code"]) == ("exit", code)
    assert host.output(report["job"], "stderr") == stderr
    assert report["failure"] is None


def test_an_exception_is_told_with_its_lines_and_without_frames_of_the_host(run: Run, host: FakeHost) -> None:
    report = run("def f():\n    return 1 / 0\n\nf()\n", name="divide.py")
    failure = report["failure"]
    assert (report["outcome"], report["exit_code"]) == ("error", 1)
    assert (failure["type"], failure["message"]) == ("ZeroDivisionError", "division by zero")
    assert [(f["file"], f["line"], f["function"]) for f in failure["frames"]] == [
        ("<divide.py>", 4, "<module>"),
        ("<divide.py>", 2, "f"),
    ]
    assert "return 1 / 0" in failure["text"]
    assert "_host" not in failure["text"]
    assert host.output(report["job"], "stderr") == failure["text"]


def test_a_syntax_error_names_its_line(run: Run) -> None:
    failure = run("a = 1\nb = (\n")["failure"]
    assert failure["type"] == "SyntaxError"
    assert failure["frames"][-1]["line"] == 2


@pytest.mark.parametrize("source", ["a\0b", "\udc80"])
def test_text_that_is_no_python_is_an_error(run: Run, source: str) -> None:
    assert run(source)["outcome"] == "error"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(): f()\nf()", "RecursionError"),
        ("raise ExceptionGroup('two', [ValueError('a'), ExceptionGroup('in', [KeyError('b')])])", "KeyError: 'b'"),
        ("try:\n    1 / 0\nexcept Exception as e:\n    raise ValueError('after') from e", "direct cause"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E: <exception str() failed>"),
        ("raise ValueError('x' * 10_000_000)", "bytes left out"),
        ("class E(Exception): pass\ne = E('loop')\ne.__cause__ = e\nraise e", "E: loop"),
        (
            "a = ValueError('deep')\nfor _ in range(5000):\n    b = ValueError(); b.__cause__ = a; a = b\nraise a",
            "Error",
        ),
    ],
)
def test_every_kind_of_exception_has_a_text_of_bounded_length(run: Run, source: str, told: str) -> None:
    failure = run(source)["failure"]
    assert told in failure["text"]
    assert len(failure["text"].encode()) <= LONGEST
    assert "atheria/_host" not in failure["text"]


@pytest.mark.parametrize(
    ("source", "reason", "outcome", "code"),
    [
        ("import atheria; raise atheria.Cancelled('stop')", "by somebody", "cancelled", 130),
        ("import atheria; raise atheria.Cancelled('stop')", "deadline of 2 s", "timed_out", 124),
        ("import atheria; raise atheria.ScriptKilled", "by somebody", "killed", 137),
        ("import atheria; raise atheria.ScriptKilled", "deadline of 2 s", "timed_out", 124),
        ("raise KeyboardInterrupt", None, "error", 130),
        ("pass", "too late", "ok", 0),
    ],
)
def test_a_stop_has_its_own_outcome(
    run: Run, host: FakeHost, source: str, reason: str | None, outcome: str, code: int
) -> None:
    if reason:
        host.reasons["job1"] = reason
    report = run(source)
    assert (report["outcome"], report["exit_code"]) == (outcome, code)


def test_a_job_stopped_while_it_waited_never_runs(host: FakeHost, run: Run) -> None:
    host.refused.add("job1")
    with pytest.raises(KeyError):
        run("print('ran')")
    assert host.written == []


def test_what_was_asked_for_at_a_stop_is_called(run: Run, host: FakeHost) -> None:
    host.reasons["job1"] = "by somebody"
    report = run("import atheria\natheria.job.on_cancel(lambda: print('saved'))\nraise atheria.Cancelled('x')")
    assert report["output"].endswith("saved\n")


def test_each_script_has_a_main_of_its_own(run: Run) -> None:
    run("left = 1")
    assert run("print('left' in globals(), __name__)")["output"] == "False __main__\n"


def test_a_file_is_itself(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prog.py"
    path.write_text("import sys, __main__\nprint(__file__ == sys.argv[0], sys.argv[1:], __main__.__file__ == __file__)")
    assert run(path=str(path), argv=["a", "-b"])["output"] == "True ['a', '-b'] True\n"


def test_text_can_be_inspected(run: Run) -> None:
    report = run("import inspect\ndef f():\n    return 7\nprint(inspect.getsource(f))")
    assert "return 7" in report["output"]


def test_a_script_may_have_a_loop_of_its_own(run: Run) -> None:
    source = "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nprint(asyncio.run(f()))"
    assert run(source)["output"] == "3\n"


def test_atexit_runs_once_at_the_end_of_the_job_last_first(run: Run) -> None:
    source = """
import atexit
def one(): print("one")
def never(): print("never")
atexit.register(one)
atexit.register(lambda: 1 / 0)
atexit.register(print, "two", sep="")
atexit.register(never)
atexit.unregister(never)
print("body")
"""
    output: str = run(source)["output"]
    assert output.startswith("body\ntwo\n")
    assert output.endswith("one\n")
    assert "ZeroDivisionError" in output
    assert run("pass")["output"] == ""


def test_the_job_knows_itself(run: Run, host: FakeHost) -> None:
    source = """
import atheria
j = atheria.job
print(j.id, j.name, j.argv[1:], j.cancelled(), j.extend_grace(1000), j)
j.progress(0.5, "half")
atheria.log.info("%d cells", 3)
"""
    report = run(source, argv=["x"], name="me")
    assert report["output"] == "job1 me ['x'] None 60.0 <job job1: me>\n"
    assert host.progressed == [("job1", 0.5, "half")]
    assert host.logged == [("info", "3 cells")]


def test_done_is_said_even_when_the_harness_itself_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError("no /proc")

    monkeypatch.setattr("atheria._host.runner.Before", broken)
    report = run("print(1)")
    assert report["outcome"] == "error"
    assert report["failure"]["message"] == "no /proc"
