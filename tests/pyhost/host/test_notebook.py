"""Stock Jupyter attached to the running server."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tests.e2e.support import ROOT, Server, wait_until
from tests.pyhost.host.conftest import StartPython
from tests.pyhost.host.support import Python, ready

ATH = ROOT / "build/release/bin/ath"
Attach = Callable[..., "Notebook"]


class Notebook:
    """A kernel as Jupyter starts it: a connection file and the connector."""

    def __init__(self, server: Server, folder: Path, *flags: str) -> None:
        spec = folder / "kernels" / "attach"
        spec.mkdir(parents=True, exist_ok=True)
        argv = [str(ATH), "kernel", "attach", "--server", server.http, *flags, "{connection_file}"]
        about = {"argv": argv, "display_name": "Atheria", "language": "python", "interrupt_mode": "message"}
        (spec / "kernel.json").write_text(json.dumps(about))
        self.manager = KernelManager(
            kernel_name="attach", transport="ipc", connection_file=str(folder / f"kernel-{time.monotonic_ns()}.json")
        )
        self.manager.kernel_spec_manager = KernelSpecManager(
            kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False
        )
        self.log = (folder / "connector.txt").open("ab")  # open for restarts, too
        self.manager.start_kernel(env={**os.environ, "ATHERIA_TOKEN": ""}, stdout=self.log, stderr=self.log)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.outputs: list[dict[str, Any]] = []

    def wait(self) -> Notebook:
        self.client.wait_for_ready(timeout=60)
        return self

    def start(self, code: str) -> str:
        number: str = self.client.execute(code)
        return number

    def finish(self, number: str, timeout: float = 60) -> dict[str, Any]:
        """The reply; what came on the way is in `outputs`."""
        self.outputs = []
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != number:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            self.outputs.append({"type": message["msg_type"], **message["content"]})
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == number:
                content: dict[str, Any] = reply["content"]
                return content

    def run(self, code: str) -> dict[str, Any]:
        return self.finish(self.start(code))

    def interrupt_and_wait(self) -> None:
        """Until the kernel says that it has: the next cell is not meant."""
        channel = self.client.control_channel
        channel.send(self.client.session.msg("interrupt_request", {}))
        assert self.client.get_control_msg(timeout=30)["msg_type"] == "interrupt_reply"

    @property
    def text(self) -> str:
        return "".join(one["text"] for one in self.outputs if one["type"] == "stream")

    def until(self, number: str, text: str) -> None:
        seen = ""
        while text not in seen:
            message = self.client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") == number and message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def process(self) -> subprocess.Popen[bytes]:
        found = self.manager.provisioner.process  # type: ignore[union-attr]
        assert found is not None
        return found

    def close(self) -> None:
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel()
        self.log.close()


class Debugger:
    """Debug messages over a notebook's control channel, as JupyterLab's debugger sends them."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.sequence = 0

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.sequence += 1
        client = self.notebook.client
        content = {"type": "request", "seq": self.sequence, "command": command, "arguments": arguments}
        message = client.session.msg("debug_request", content)
        client.control_channel.send(message)
        while True:
            reply = client.get_control_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                answer: dict[str, Any] = reply["content"]
                assert answer.get("success", True), answer
                return answer

    def event(self, name: str) -> dict[str, Any]:
        while True:
            message = self.notebook.client.get_iopub_msg(timeout=30)
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                event: dict[str, Any] = message["content"]
                return event

    def start(self) -> None:
        self.ask("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True)
        self.ask("attach")

    def dump(self, cell: str) -> str:
        """The file under which the debugger knows a cell."""
        path: str = self.ask("dumpCell", code=cell)["body"]["sourcePath"]
        return path


@pytest.fixture
def attach(server: Server, tmp_path: Path) -> Iterator[Attach]:
    opened: list[Notebook] = []

    def attach_one(*flags: str) -> Notebook:
        opened.append(Notebook(server, tmp_path, *flags))
        return opened[-1]

    yield attach_one
    for one in reversed(opened):
        one.close()


def test_a_cell_runs_in_the_server(server: Server, attach: Attach) -> None:
    notebook = attach("--world", "w").wait()
    assert notebook.run("import os, atheria; print(os.getpid()); w = atheria.current(); w.name")["status"] == "ok"
    assert notebook.text == f"{server.process.pid}\n"
    results = [one["data"]["text/plain"] for one in notebook.outputs if one["type"] == "execute_result"]
    assert results == ["'w'"]


def test_a_world_shows_itself_as_a_picture_and_a_table(attach: Attach) -> None:
    notebook = attach("--world", "w").wait()
    notebook.run("import atheria\natheria.current()")
    shown = next(one["data"] for one in notebook.outputs if one["type"] == "execute_result")
    assert {"text/plain", "text/html"} <= set(shown)


def test_errors_completion_and_inspection_work(attach: Attach) -> None:
    notebook = attach().wait()
    reply = notebook.run("1 / 0")
    assert (reply["status"], reply["ename"]) == ("error", "ZeroDivisionError")
    notebook.run("import atheria")
    reply = notebook.client.complete("atheria.wor", reply=True, timeout=30)
    assert "atheria.worlds" in reply["content"]["matches"] or "worlds" in reply["content"]["matches"]
    reply = notebook.client.inspect("atheria.current", reply=True, timeout=30)
    assert reply["content"]["found"]


INTERRUPTED = {
    "sleep": "import time\nprint('begun', flush=True)\ntime.sleep(1000)",
    "a loop": "print('begun', flush=True)\nwhile True: pass",
    "a world": "import atheria\nprint('begun', flush=True)\natheria.world('fast').wait(step=10**15)",
    "await": "import asyncio\nprint('begun', flush=True)\nawait asyncio.sleep(1000)",
}


@pytest.mark.parametrize("cell", INTERRUPTED)
def test_an_interrupt_ends_the_cell_and_nothing_else(attach: Attach, python: Python, cell: str) -> None:
    notebook = attach().wait()
    notebook.run("kept = 5")
    number = notebook.start(INTERRUPTED[cell])
    notebook.until(number, "begun")
    before = python.world("fast")["step"]
    notebook.manager.interrupt_kernel()
    reply = notebook.finish(number)
    assert reply["status"] == "error"
    assert reply["ename"] in ("KeyboardInterrupt", "Cancelled", "CancelledError")
    notebook.run("print(kept)")
    assert notebook.text == "5\n"
    assert python.world("fast")["step"] >= before


def test_the_world_steps_while_a_cell_computes(attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    number = notebook.start("print('begun', flush=True)\nwhile True: pass")
    notebook.until(number, "begun")
    before = python.world("fast")["step"]
    assert wait_until(lambda: python.world("fast")["step"] > before + 10)
    notebook.manager.interrupt_kernel()
    notebook.finish(number)


def test_interrupts_of_an_idle_notebook_touch_nobody(attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    for _ in range(100):
        notebook.interrupt_and_wait()
    assert notebook.run("2 + 2")["status"] == "ok"
    assert python.run("import time\ntime.sleep(0.2)\nprint('whole')").out == "whole\n"


def test_a_script_runs_between_two_cells(attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    notebook.run("mine = 1")
    assert python.run("import asyncio\nasyncio.run(asyncio.sleep(0))\nprint('mine' in globals())").out == "False\n"
    notebook.run("print(mine)")
    assert notebook.text == "1\n"


def test_a_restart_is_a_new_namespace_in_the_same_process(server: Server, attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    notebook.run("left = 1")
    before = python.world("fast")["step"]
    for _ in range(3):
        notebook.manager.restart_kernel()
        notebook.client.wait_for_ready(timeout=60)
        notebook.run("import os\nprint(os.getpid(), 'left' in globals())")
        assert notebook.text == f"{server.process.pid} False\n"
    assert python.world("fast")["step"] > before


def test_a_shutdown_detaches_and_the_server_lives(server: Server, attach: Attach, python: Python) -> None:
    first = attach().wait()
    first.manager.shutdown_kernel()
    assert python.run("print('on')").out == "on\n"
    assert attach().wait().run("3")["status"] == "ok"


def test_a_connector_that_is_killed_leaves_the_place_free(attach: Attach) -> None:
    first = attach().wait()
    first.process().kill()
    second = attach()
    assert second.wait().run("4")["status"] == "ok"


def test_a_second_notebook_is_refused_by_the_name_of_the_first(attach: Attach, tmp_path: Path) -> None:
    attach().wait()
    second = attach()
    assert second.process().wait(30) == 1
    said = (tmp_path / "connector.txt").read_text()
    assert "refused" in said
    assert "attached already" in said


def test_a_second_notebook_may_join_the_first(attach: Attach) -> None:
    first = attach().wait()
    first.run("kept = 5")
    second = attach("--share").wait()
    second.run("print(kept); kept += 1")
    assert second.text == "5\n"
    second.manager.shutdown_kernel()
    first.run("print(kept)")
    assert first.text == "6\n"


def test_a_server_started_for_a_notebook_ends_with_it(start_python: StartPython, tmp_path: Path) -> None:
    file, _ = write_connection_file(
        str(tmp_path / "kernel.json"), transport="ipc", ip=str(tmp_path / "kernel"), key=b"secret"
    )
    server = start_python("--world", "w=life,32x32", "--kernel", file)
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()

    def answers() -> bool:
        try:
            client.wait_for_ready(timeout=10)
        except RuntimeError:  # its heart does not beat yet: Python takes seconds to start
            return False
        return True

    assert wait_until(answers, 60)
    assert (
        client.execute_interactive("import atheria; atheria.current().step(3)", timeout=60)["content"]["status"] == "ok"
    )
    client.shutdown()
    assert server.process.wait(60) == 0
    client.stop_channels()


def test_no_line_of_the_servers_log_gets_into_a_cell(server: Server, attach: Attach) -> None:
    notebook = attach().wait()
    notebook.run("import atheria, os\natheria.log.info('to the log')\nos.write(2, b'raw\\n')\nprint('to the cell')")
    assert notebook.text == "to the cell\n"
    assert "to the log" in server.stderr()


def test_much_output_and_an_interrupt_leave_it_alive(attach: Attach) -> None:
    notebook = attach().wait()
    number = notebook.start("print('begun', flush=True)\nwhile True: print('x' * 1000)")
    notebook.until(number, "begun")
    notebook.manager.interrupt_kernel()
    notebook.finish(number)
    assert notebook.run("5")["status"] == "ok"


def kernel_socket(server: Server) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"{os.environ['HOME']}/.local/state"
    return Path(runtime) / "atheria" / f"kernel-{server.port}.sock"


def test_the_socket_is_the_users_own(server: Server) -> None:
    path = kernel_socket(server)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(30)
        knock.connect(str(path))
        knock.sendall(b"not json\n")
        assert b"refused" in knock.recv(1000)


def test_a_socket_that_a_killed_server_left_goes_with_the_next_start(start_python: StartPython) -> None:
    with tempfile.TemporaryDirectory() as runtime, socket.socket(socket.AF_UNIX) as lives:
        folder = Path(runtime) / "atheria"
        folder.mkdir(mode=0o700)
        for name in ("stale", "young"):
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(folder / f"kernel-{name}.sock"))
        lives.bind(str(folder / "kernel-lives.sock"))
        lives.listen()
        (folder / "kernel-mine.txt").touch()
        for name in ("kernel-stale.sock", "kernel-lives.sock", "kernel-mine.txt"):
            os.utime(folder / name, (0, 0))
        server = ready(start_python("--world", "w=life,32x32", variables={"XDG_RUNTIME_DIR": runtime}))
        ours = f"kernel-{server.port}.sock"
        found = {path.name for path in folder.glob("kernel-*")}
        assert found == {"kernel-young.sock", "kernel-lives.sock", "kernel-mine.txt", ours}
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_does_not_even_reach_the_socket(server: Server) -> None:
    knock = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", knock, str(kernel_socket(server))], user=65534, capture_output=True, text=True
    )
    assert "PermissionError" in done.stderr


def test_messages_with_another_key_are_dropped(attach: Attach, tmp_path: Path) -> None:
    notebook = attach().wait()
    file = str(notebook.manager.connection_file)
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    wrong = BlockingKernelClient(connection_file=file)
    wrong.load_connection_file()
    wrong.session.key = b"guessed"
    wrong.start_channels()
    wrong.execute(f"open({str(tmp_path / 'broken')!r}, 'w')")
    notebook.run("print('served')")
    assert notebook.text == "served\n"
    wrong.stop_channels()
    assert not (tmp_path / "broken").exists()


def test_a_breakpoint_in_a_cell_holds_the_cell_and_not_the_world(attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    debugger = Debugger(notebook)
    debugger.start()
    cell = "x = 20\ny = x + 1\nprint(y)"
    debugger.ask("setBreakpoints", source={"path": debugger.dump(cell)}, breakpoints=[{"line": 2}])
    debugger.ask("configurationDone")
    number = notebook.start(cell)
    stopped = debugger.event("stopped")
    assert stopped["body"]["reason"] == "breakpoint"
    thread = stopped["body"]["threadId"]
    frame = debugger.ask("stackTrace", threadId=thread)["body"]["stackFrames"][0]
    assert frame["line"] == 2
    before = python.world("fast")["step"]
    assert wait_until(lambda: python.world("fast")["step"] > before + 10)
    debugger.ask("continue", threadId=thread)
    assert notebook.finish(number)["status"] == "ok"
    assert notebook.text == "21\n"
    debugger.ask("disconnect", restart=False, terminateDebuggee=False)
    notebook.run("print('after')")
    assert notebook.text == "after\n"
    notebook.manager.shutdown_kernel()
    assert python.run("print('and scripts')").out == "and scripts\n"


def test_a_notebooks_end_signal_detaches(attach: Attach, python: Python) -> None:
    notebook = attach().wait()
    notebook.process().send_signal(signal.SIGTERM)
    assert notebook.process().wait(30) == 0
    assert python.run("print('on')").out == "on\n"


@pytest.mark.parametrize("cell", ["while True: pass", "x = input('q')"])
def test_a_notebook_that_goes_while_its_cell_runs_leaves_python_free(attach: Attach, python: Python, cell: str) -> None:
    notebook = attach().wait()
    number = notebook.client.execute("print('begun', flush=True)\n" + cell, allow_stdin=True)
    notebook.until(number, "begun")
    notebook.process().kill()
    assert python.run("print('free')").out == "free\n"
    assert attach().wait().run("6")["status"] == "ok"


def test_a_command_of_the_shell_prints_into_its_cell(attach: Attach) -> None:
    notebook = attach().wait()
    notebook.run("!echo from the shell\nprint(_exit_code)")
    assert notebook.text == "from the shell\n0\n"


def test_a_connector_ends_with_its_server(start_python: StartPython, tmp_path: Path) -> None:
    server = ready(start_python("--world", "w=life,32x32"))
    notebook = Notebook(server, tmp_path).wait()
    server.process.kill()
    assert notebook.process().wait(30) == 1
    notebook.close()


def test_a_signal_to_the_server_stops_it_and_is_no_interrupt_of_a_cell(
    start_python: StartPython, tmp_path: Path
) -> None:
    server = ready(start_python("--world", "w=life,32x32"))
    notebook = Notebook(server, tmp_path).wait()
    number = notebook.start(
        "print('begun', flush=True)\nwhile True:\n    try: pass\n    except KeyboardInterrupt: pass"
    )
    notebook.until(number, "begun")
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0, server.stderr()
    assert notebook.process().wait(30) in (0, 1)
    notebook.close()
