"""Notebooks: stock Jupyter against a kernel on the main thread of a process that is not its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

ROOT = Path(__file__).parents[3]
LIMIT = 30  # s; how long anything may take here
RESTARTS = int(os.environ.get("ATHERIA_TEST_RESTARTS", "20"))


class Host:
    """The process, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = 0
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
        environment |= {
            "PYTHONPATH": f"{ROOT / 'pyhost' / 'python'}:{ROOT}",
            "IPYTHONDIR": str(folder / "ipython"),
            "XDG_RUNTIME_DIR": str(folder),  # no server of this machine is found
        }
        self.errors = (folder / "stderr.txt").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.pyhost.python.kernel_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            cwd=folder,
            text=True,
        )
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.events.put(json.loads(line))

    def send(self, **item: Any) -> None:
        assert self.process.stdin is not None
        print(json.dumps(item), file=self.process.stdin, flush=True)

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next event of that kind; others before it are passed over, but for errors in the log."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                found = self.events.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no '{event}':\n{self.stacks()}") from None
            if found["event"] == event:
                return found
            assert found.get("level") != "error", found["text"]

    def stacks(self) -> str:
        """Where its threads are."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR2)
            time.sleep(0.5)
        return (self.folder / "stderr.txt").read_text()

    def starved(self) -> float:
        """Seconds in which its main thread could run and no core was free."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9

    def script(self, source: str) -> dict[str, Any]:
        self.scripts += 1
        self.send(kind="script", job=f"job{self.scripts}", name="s", source=source, argv=[], cwd=str(self.folder))
        return self.wait_for("done")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.send(kind="stop")
            self.wait_for("end")
        assert self.process.wait(LIMIT) == 0
        self.errors.close()
        assert "Traceback" not in (self.folder / "stderr.txt").read_text()


class Notebook:
    """A client attached to the process by a connection file."""

    def __init__(self, host: Host, name: str = "k", share: bool = False) -> None:
        self.host = host
        self.share = share
        self.file = str(host.folder / f"{name}.json")
        if not os.path.exists(self.file):
            write_connection_file(self.file, transport="ipc", ip=str(host.folder / name), key=f"of {name}".encode())
        self.attach()

    def attach(self) -> None:
        self.host.send(kind="kernel", file=self.file, owner="me", share=self.share)
        self.opened = self.host.wait_for("opened")
        assert self.opened["error"] == ""
        self.client = BlockingKernelClient(connection_file=self.file)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(LIMIT)
        self.attached = True

    def run(self, code: str, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The reply and everything the cell showed."""
        shown: list[dict[str, Any]] = []

        def take(message: dict[str, Any]) -> None:
            shown.append({"type": message["msg_type"], **message["content"]})

        reply = self.client.execute_interactive(code, timeout=LIMIT, output_hook=take, allow_stdin=False, **options)
        return reply["content"], shown

    def text(self, code: str) -> str:
        return "".join(one["text"] for one in self.run(code)[1] if one["type"] == "stream")

    def start(self, code: str) -> str:
        """Runs a cell that says "on" once it runs, where ON stands or at first, and returns when it has."""
        say = "print('on', flush=True)"
        code = code.replace("ON", say) if "ON" in code else f"{say}\n{code}"
        message: str = self.client.execute(code, allow_stdin=False, stop_on_error=False)
        while self.client.get_iopub_msg(timeout=LIMIT)["msg_type"] != "stream":
            pass
        return message

    def reply(self, message: str) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = self.client.get_shell_msg(timeout=LIMIT)
            if found["parent_header"].get("msg_id") == message:
                return dict(found["content"])

    def interrupt(self) -> None:
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
        assert self.client.get_control_msg(timeout=LIMIT)["msg_type"] == "interrupt_reply"

    def shutdown(self, restart: bool = False) -> dict[str, Any]:
        self.client.shutdown(restart)
        closed = self.host.wait_for("closed")
        self.client.stop_channels()
        self.attached = False
        return closed


@contextmanager
def running_host() -> Iterator[Host]:
    with tempfile.TemporaryDirectory(prefix="ath") as folder:  # short: the path of a Unix socket has 107 characters
        running = Host(Path(folder))
        try:
            yield running
            running.stop()
        finally:
            running.process.kill()
            running.process.wait()


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    with running_host() as running:
        yield running


@pytest.fixture
def host() -> Iterator[Host]:
    """A process of one's own."""
    with running_host() as running:
        yield running


@pytest.fixture
def notebook(shared: Host) -> Iterator[Notebook]:
    """Newly attached to the process that all tests here share, and detached afterwards."""
    attached = Notebook(shared)
    yield attached
    if attached.attached:
        attached.shutdown()


def test_a_cell_runs_on_the_main_thread_and_shows_what_it_prints_and_returns(notebook: Notebook) -> None:
    code = "import sys, threading\nprint('out'); print('err', file=sys.stderr)\nprint(threading.current_thread().name)"
    reply, shown = notebook.run(code + "\n6*7")
    assert reply["status"] == "ok"
    assert "".join(s["text"] for s in shown if s["type"] == "stream" and s["name"] == "stdout") == "out\nMainThread\n"
    assert [s["text"] for s in shown if s["type"] == "stream" and s["name"] == "stderr"] == ["err\n"]
    assert [s["data"]["text/plain"] for s in shown if s["type"] == "execute_result"] == ["42"]


def test_a_cell_shows_pictures(notebook: Notebook) -> None:
    _, shown = notebook.run("import atheria, numpy\natheria.image(numpy.eye(4))")
    (result,) = [s for s in shown if s["type"] == "execute_result"]
    assert result["data"]["image/png"].startswith("iVBORw0KGgo")


def test_an_error_is_told_and_the_next_cell_runs(notebook: Notebook) -> None:
    reply, shown = notebook.run("1/0")
    assert (reply["status"], reply["ename"]) == ("error", "ZeroDivisionError")
    assert any(s["type"] == "error" for s in shown)
    assert notebook.text("print(1)") == "1\n"


def test_threads_of_a_cell_print_into_the_notebook(notebook: Notebook) -> None:
    code = "import threading\nt = threading.Thread(target=lambda: print('there'))\nt.start(); t.join()"
    assert notebook.text(code) == "there\n"


def test_completion_and_inspection_answer(notebook: Notebook) -> None:
    notebook.run("some_long_name = 3")
    matches = notebook.client.complete("some_lo", 7, reply=True, timeout=LIMIT)["content"]["matches"]
    assert "some_long_name" in matches
    assert notebook.client.inspect("some_long_name", 5, reply=True, timeout=LIMIT)["content"]["found"]


def test_input_is_answered_by_the_notebook(notebook: Notebook) -> None:
    def answer(message: dict[str, Any]) -> None:
        notebook.client.input("Ada")

    shown: list[dict[str, Any]] = []
    notebook.client.execute_interactive(
        "print(input('name? '))", timeout=LIMIT, stdin_hook=answer, output_hook=shown.append, allow_stdin=True
    )
    assert "".join(m["content"]["text"] for m in shown if m["msg_type"] == "stream") == "Ada\n"


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "while True: pass",
        "import threading; threading.Event().wait()",
        "import queue; queue.Queue().get()",
        "import asyncio; await asyncio.sleep(60)",
        "import asyncio, time; await asyncio.sleep(0); time.sleep(60)",
        "import asyncio, time\nasync def f(): time.sleep(60)\nawait asyncio.gather(f(), f())",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'open(0).read()'], stdin=subprocess.PIPE)",
        "import asyncio; asyncio.get_event_loop()\nawait asyncio.Event().wait()",
    ],
)
def test_an_interrupt_ends_the_cell_within_half_a_second_and_nothing_else(notebook: Notebook, code: str) -> None:
    message = notebook.start(code)
    since, starved = time.monotonic(), notebook.host.starved()
    notebook.interrupt()
    reply = notebook.reply(message)
    took = time.monotonic() - since - (notebook.host.starved() - starved)
    assert reply["status"] == "error"
    assert reply["ename"] in ("Cancelled", "CancelledError", "KeyboardInterrupt")
    assert took < 0.5
    assert notebook.text("print('next')") == "next\n"


def test_a_cell_that_handles_an_interrupt_is_not_interrupted_twice(notebook: Notebook) -> None:
    code = """
import asyncio, time
try:
    ON
    {wait}
except (KeyboardInterrupt, asyncio.CancelledError):
    for _ in range(20): await asyncio.sleep(0.001)
    saved = True
"""
    for wait in ("time.sleep(60)", "await asyncio.sleep(60)", "await asyncio.sleep(0); time.sleep(60)"):
        message = notebook.start(code.format(wait=wait))
        notebook.interrupt()
        assert notebook.reply(message)["status"] == "ok"
        assert notebook.text("print(saved); del saved") == "True\n"


def test_interrupts_while_nothing_runs_change_nothing(notebook: Notebook) -> None:
    for _ in range(50):
        notebook.interrupt()
    assert notebook.text("import asyncio\nawait asyncio.sleep(0)\nprint('still here')") == "still here\n"
    assert notebook.host.script("print('and scripts')")["output"] == "and scripts\n"


def test_a_hundred_interrupts_at_any_time_get_one_reply_each(notebook: Notebook) -> None:
    for number in range(100):
        message = notebook.client.execute(
            "for _ in range(2000): pass" if number % 2 else "await __import__('asyncio').sleep(0)"
        )
        notebook.client.control_channel.send(notebook.client.session.msg("interrupt_request", {}))
        assert notebook.reply(message)["status"] in ("ok", "error", "aborted")
    while notebook.client.control_channel.msg_ready():
        notebook.client.get_control_msg(timeout=LIMIT)
    notebook.run("pass")  # what was aborted after an error is over now
    assert notebook.text("print('alive')") == "alive\n"


def test_a_script_runs_between_cells_with_a_loop_of_its_own(notebook: Notebook) -> None:
    notebook.run("mine = 'the notebook'")
    report = notebook.host.script("import asyncio\nprint(asyncio.run(asyncio.sleep(0, 'ran')), 'mine' in globals())")
    assert (report["outcome"], report["output"]) == ("ok", "ran False\n")
    assert notebook.text("print(mine)") == "the notebook\n"


def test_a_script_waits_for_a_cell_that_awaits(notebook: Notebook) -> None:
    message = notebook.start(
        "import asyncio\nfor _ in range(100): await asyncio.sleep(0.002)\nopen('order', 'a').write('cell ')"
    )
    follower = notebook.client.execute("open('order', 'a').write('next cell')")
    source = "open('order', 'a').write('script ')"
    assert notebook.host.script(source)["outcome"] == "ok"
    assert notebook.reply(message)["status"] == "ok"
    assert notebook.reply(follower)["status"] == "ok"
    assert (notebook.host.folder / "order").read_text() == "cell script next cell"


def test_a_notebook_cannot_end_the_process(notebook: Notebook) -> None:
    assert notebook.run("import os; os._exit(3)")[0]["ename"] == "Refused"
    assert notebook.run("import signal; signal.signal(signal.SIGINT, print)")[0]["ename"] == "Refused"
    notebook.run("exit()")
    assert notebook.text("print(1)") == "1\n"


def test_what_the_notebook_changed_is_put_back_when_it_detaches(notebook: Notebook) -> None:
    notebook.run("import os, torch, atexit\nos.environ['LEFT'] = '1'\ntorch.set_default_dtype(torch.float64)")
    notebook.run("atexit.register(lambda: open('left', 'w').write('once'))")
    notebook.shutdown()
    source = "import os, sys, torch\nprint(os.environ.get('LEFT'), torch.get_default_dtype(), sys.stdout.name)"
    assert notebook.host.script(source)["output"] == "None torch.float32 <stdout>\n"
    assert (notebook.host.folder / "left").read_text() == "once"


def test_a_script_does_not_see_what_the_notebook_set_in_torch(notebook: Notebook) -> None:
    notebook.run("import torch; torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False)")
    source = "import torch\nprint(torch.get_default_dtype(), torch.is_grad_enabled())\ntorch.set_num_threads(3)"
    report = notebook.host.script(source)
    assert report["output"] == "torch.float32 True\n"
    assert report["left_behind"] == ["changed, and put back: torch number of threads"]
    told = notebook.text("print(torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads() == 3)")
    assert told == "torch.float64 False False\n"


def test_a_restart_has_a_new_namespace_and_the_same_process(notebook: Notebook) -> None:
    pid = notebook.text("import os; x = 1; print(os.getpid())")
    assert notebook.shutdown(restart=True)["restarting"] is True
    notebook.attach()
    assert notebook.text("print('x' in globals())") == "False\n"
    assert notebook.text("import os; print(os.getpid())") == pid


def test_a_restart_ends_a_cell_that_runs(notebook: Notebook) -> None:
    notebook.start("while True: pass")
    notebook.shutdown(restart=True)
    notebook.attach()
    assert notebook.text("print(1)") == "1\n"


def test_twenty_restarts_leave_no_threads_and_no_descriptors(notebook: Notebook) -> None:
    closed = notebook.shutdown(restart=True)
    for _ in range(RESTARTS):
        notebook.attach()
        notebook.run("pass")
        last = notebook.shutdown(restart=True)
    assert last["threads"] == closed["threads"]
    assert last["fds"] <= closed["fds"] + 1


def test_a_second_notebook_is_refused_by_name(notebook: Notebook) -> None:
    notebook.host.send(kind="kernel", file="/other.json", owner="somebody else")
    while (event := notebook.host.events.get(timeout=LIMIT))["event"] != "opened":
        assert "a notebook is attached already: me" in event["text"]
    assert event["error"] == "a notebook is attached already: me"
    assert notebook.text("print(1)") == "1\n"


def test_a_notebook_is_shared_by_a_second_front_end(notebook: Notebook) -> None:
    notebook.run("x = 41")
    second = Notebook(notebook.host, "second", share=True)
    assert second.text("x += 1; print(x)") == "42\n"
    message = second.start("import time; time.sleep(60)")
    notebook.interrupt()
    assert second.reply(message)["status"] == "error"
    shown: list[dict[str, Any]] = []
    second.client.execute_interactive(
        "print(input())",
        timeout=LIMIT,
        allow_stdin=True,
        stdin_hook=lambda message: second.client.input("Ada"),
        output_hook=shown.append,
    )
    assert [m["content"]["text"] for m in shown if m["msg_type"] == "stream"] == ["Ada\n"]
    second.client.shutdown()
    assert second.client.get_control_msg(timeout=LIMIT)["msg_type"] == "shutdown_reply"
    second.client.stop_channels()
    assert notebook.host.wait_for("closed")["restarting"] is False
    notebook.host.send(kind="close_kernel", file=second.file)  # what the connector's end makes of it
    assert notebook.text("print(x)") == "42\n"


def test_a_wrong_key_is_not_served(notebook: Notebook) -> None:
    second = Notebook(notebook.host, "third", share=True)
    for target in (notebook, second):
        wrong = BlockingKernelClient(connection_file=target.file)
        wrong.load_connection_file()
        wrong.session.key = b"guessed"
        wrong.start_channels()
        wrong.execute("open('broken', 'w')")
        assert target.text("print('served')") == "served\n"
        wrong.stop_channels()
    second.client.stop_channels()
    notebook.host.send(kind="close_kernel", file=second.file)
    while notebook.host.events.get(timeout=LIMIT)["event"] != "closed":
        pass  # the log tells of the wrong signature
    assert not (notebook.host.folder / "broken").exists()


@pytest.mark.parametrize("text", [None, "no json", "{}", '{"key": ""}'])
def test_a_bad_connection_file_is_refused_and_the_process_goes_on(shared: Host, text: str | None) -> None:
    host, file = shared, shared.folder / "bad.json"
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text)
    host.send(kind="kernel", file=str(file), owner="me")
    while (event := host.events.get(timeout=LIMIT))["event"] != "opened":
        pass
    assert event["error"]
    assert host.script("print(1)")["output"] == "1\n"


@pytest.mark.parametrize("code", ["import asyncio; await asyncio.sleep(60)", "pass"])
def test_a_stop_ends_the_process_with_a_notebook_attached(host: Host, code: str) -> None:
    notebook = Notebook(host)
    notebook.start(code)
    host.stop()
    notebook.client.stop_channels()


def test_the_magic_names_its_words(notebook: Notebook) -> None:
    assert "%atheria use NAME" in notebook.text("%atheria help")
