"""Scripts in processes of their own: the same words, and nothing they do harms the server."""

from pathlib import Path

from tests.e2e.support import Server, wait_until
from tests.pyhost.host.support import Python


def test_it_prints_and_ends(python: Python) -> None:
    done = python.run(
        "import sys\nprint('out', sys.argv[1:])\nprint('err', file=sys.stderr)\nraise SystemExit(3)",
        mode="process",
        argv=["a"],
    )
    assert (done.out, done.err, done.code) == ("out ['a']\n", "err\n", 3)


def test_the_worlds_are_the_servers(python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.current()
        before = w.step()
        print(atheria.where(), w.name, tuple(w.snapshot("u").shape))
        """,
        mode="process",
        world="w",
    )
    assert done.out == "remote w (64, 64)\n", done.err


def test_a_failure_names_the_line(python: Python) -> None:
    failure = python.run("\n\n1 / 0", mode="process").status["failure"]
    assert failure["type"] == "ZeroDivisionError"
    assert [frame["line"] for frame in failure["frames"]] == [3]


def test_a_crash_ends_that_job_alone(server: Server, python: Python) -> None:
    done = python.run("import ctypes\nctypes.string_at(0)", mode="process")
    assert (done.outcome, done.code) == ("lost", 139)
    assert "signal 11" in done.status["failure"]["message"]
    assert server.alive()


def test_a_stop_asks_and_force_kills(python: Python) -> None:
    job = python.submit("import time\nprint('begun', flush=True)\ntime.sleep(1000)", mode="process")
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job)
    done = python.finish(job)
    assert (done.outcome, done.code) == ("cancelled", 130)
    job = python.submit(
        "import time\nprint('begun', flush=True)\nwhile True:\n try: time.sleep(9)\n except BaseException: pass",
        mode="process",
    )
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job, force=True)
    done = python.finish(job)
    assert (done.outcome, done.code) == ("killed", 137)


def test_its_children_end_with_it(python: Python, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    source = f"""
        import subprocess
        child = subprocess.Popen(["sleep", "1000"])
        open({str(pid_file)!r}, "w").write(str(child.pid))
        print("begun", flush=True)
        child.wait()
        """
    job = python.submit(source, mode="process")
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job, force=True)
    python.finish(job)
    state = Path(f"/proc/{pid_file.read_text()}/stat")
    assert wait_until(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_several_run_at_once_beside_one_in_the_server(python: Python) -> None:
    inside = python.submit("import time\nprint('begun', flush=True)\ntime.sleep(1000)")
    python.until_printed(inside, "begun")
    jobs = [python.submit("print(input())", mode="process", stdin=True) for _ in range(3)]
    for number, job in enumerate(jobs):
        python.ask("script.input", job=job, line=str(number))
    assert [python.finish(job).out for job in jobs] == ["0\n", "1\n", "2\n"]
    python.ask("script.cancel", job=inside)
    python.finish(inside)


def test_a_program_it_leaves_behind_does_not_keep_it(python: Python) -> None:
    source = """
        import subprocess
        subprocess.Popen(["sleep", "20"], start_new_session=True)
        print("done")
        """
    done = python.run(source, mode="process")
    assert (done.out, done.outcome) == ("done\n", "ok")
    assert done.status["wall"] < 15


def test_it_says_how_far_it_is(python: Python) -> None:
    job = python.submit(
        "import atheria\natheria.job.progress(0.25, 'a quarter')\nprint('begun', flush=True)\ninput()",
        mode="process",
        stdin=True,
    )
    python.until_printed(job, "begun")
    status = python.status(job)
    assert (status["progress"], status["progressText"]) == (0.25, "a quarter")
    python.ask("script.input", job=job, line="go on")
    assert python.finish(job).outcome == "ok"


def test_it_may_ask_for_more_time_to_save(python: Python) -> None:
    job = python.submit(
        """
        import atheria, time
        print("begun", round(atheria.job.extend_grace(60)), flush=True)
        try:
            time.sleep(1000)
        except atheria.Cancelled:
            print("left:", round(atheria.job.extend_grace(60)), flush=True)
            time.sleep(1.5)
            print("saved", flush=True)
            raise
        """,
        mode="process",
        graceMs=500,
    )
    python.until_printed(job, "begun 0")
    python.ask("script.cancel", job=job)
    done = python.finish(job)
    assert (done.outcome, done.code, done.out) == ("cancelled", 130, "begun 0\nleft: 60\nsaved\n"), done.err


def test_what_it_held_is_free_when_it_was_killed(python: Python) -> None:
    job = python.submit(
        """
        import atheria, time
        s = atheria.world("w").lease(deadline=3600)
        print("begun", flush=True)
        time.sleep(1000)
        """,
        mode="process",
    )
    python.until_printed(job, "begun")
    assert python.world("w")["leasedBy"]
    python.ask("script.cancel", job=job, force=True)
    python.finish(job)
    assert wait_until(lambda: python.world("w")["leasedBy"] is None)
