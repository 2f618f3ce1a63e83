"""A server begins anew in the same process, and its worlds go on: also when Python is stuck for ever."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conformance.client import Refused
from tests.e2e.support import Server, binary, http, npy, wait_until
from tests.pyhost.host.conftest import WORLDS, StartPython
from tests.pyhost.host.support import Json, Python, ready

ATH = binary().parent / "ath"
FLAGS = [word for world in WORLDS for word in ("--world", world)]

SAME = ("law", "params", "seed", "step", "time", "state", "pace", "guard", "preset", "size", "dtype", "init", "path")

# Python's own lock, held for ever by code that no signal ends.
STUCK = """
import ctypes
mutex = ctypes.create_string_buffer(64)
libc = ctypes.PyDLL(None)
libc.pthread_mutex_lock(mutex)
print("begun", flush=True)
libc.pthread_mutex_lock(mutex)
"""


def stick(python: Python) -> str:
    """Returns once the plane is stuck."""
    job = python.submit(STUCK)
    python.until_printed(job, "begun")
    python.ask("script.cancel", job=job, force=True)
    assert wait_until(lambda: python.ask("script.list")["python"]["plane"] == "stuck")
    return job


def close_code(python: Python) -> int:
    """Reads to the end."""
    try:
        while True:
            python.socket.recv(30)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def restart(python: Python) -> Json:
    """Asks, and waits until another run of the server answers on the same port and takes the same token."""
    kept = python.ask("server.restart")
    assert close_code(python) == 1001
    before = python.hello["epoch"]

    def anew() -> bool:
        try:
            with Python(python.server) as other:
                return bool(other.hello["epoch"] != before)
        except (OSError, ConnectionClosed):
            return False

    assert wait_until(anew, 60), python.server.stderr()
    assert python.server.alive(), python.server.stderr()
    return kept


def field(server: Server, world: str) -> tuple[tuple[int, ...], str, bytes]:
    return npy(http(server, f"/api/v1/worlds/{world}/field.npy?channel=*", token=server.token).body)


def files(server: Server) -> list[str]:
    """What its descriptors above the three streams are, sorted, without the numbers of sockets and pipes."""
    folder = Path(f"/proc/{server.process.pid}/fd")
    return sorted(os.readlink(one).split("[")[0] for one in folder.iterdir() if int(one.name) > 2)


def left_over(server: Server) -> list[Path]:
    home = os.environ.get("XDG_RUNTIME_DIR") or f"{os.environ['HOME']}/.local/state"
    return list(Path(home, "atheria").glob("restart-*"))


def test_a_stuck_server_restarts_and_its_worlds_go_on(start_python: StartPython) -> None:
    server = ready(start_python(*FLAGS))
    with Python(server) as python:
        python.ask("sim.step", world="cube", n=17)
        python.ask("sim.set", world="life", pace={"stepsPerSecond": 3})
        python.ask("sim.step", world="life", n=5)
        python.ask("sim.delete", world="w")
        worlds = {name: python.world(name) for name in ("life", "psi", "cube", "fast")}
        fields = {name: field(server, name) for name in ("life", "psi", "cube")}
        job = stick(python)
        waiting = python.ask("script.list")["jobs"][-1]["job"]
        assert waiting == job
        kept = restart(python)
        assert kept["left"] == []
        assert sorted(kept["worlds"]) == ["cube", "fast", "life", "psi"]
    with Python(server) as python:
        # "w" was deleted, and --world does not bring it back.
        assert [world["name"] for world in python.ask("sim.list")["worlds"]] == ["life", "fast", "psi", "cube"]
        for name, before in fields.items():
            after = python.world(name)
            assert {key: after[key] for key in SAME} == {key: worlds[name][key] for key in SAME}
            assert field(server, name) == before
        assert python.world("fast")["state"] == "playing"
        assert python.world("fast")["step"] >= worlds["fast"]["step"]
        here = python.world("fast")["step"]
        assert wait_until(lambda: python.world("fast")["step"] > here)
        lost = python.ask("script.status", job=job)
        assert (lost["state"], lost["outcome"], lost["exitCode"]) == ("done", "lost", 139)
    ready(server)
    with Python(server) as python:
        assert python.run("import atheria; print(atheria.world('cube').step(1))").err == ""
        assert python.world("cube")["step"] == 18
    assert left_over(server) == []


def test_nothing_is_inherited_however_often_it_restarts(start_python: StartPython) -> None:
    server = start_python("--world", "w=life,32x32", python="off")
    with Python(server) as python:
        assert restart(python)["worlds"] == ["w"]
        before = files(server)
    for _ in range(2):
        with Python(server) as python:
            restart(python)
    assert wait_until(lambda: len(files(server)) <= len(before)), (before, files(server))


def test_without_python_the_worlds_go_on_too(start_python: StartPython) -> None:
    server = start_python("--demo", python="off")
    with Python(server) as python:
        steps = {world["name"]: world["step"] for world in python.ask("sim.list")["worlds"]}
        assert sorted(restart(python)["worlds"]) == sorted(steps)
    with Python(server) as python:
        after = {world["name"]: world["step"] for world in python.ask("sim.list")["worlds"]}
    assert list(after) == list(steps)
    assert all(after[name] >= steps[name] for name in steps)


def test_the_next_steps_are_those_of_a_world_that_was_not_interrupted(start_python: StartPython) -> None:
    spec = "gray-scott,48x40,seed=9,dtype=f64,paused"
    server = start_python("--world", f"a={spec}", "--world", f"b={spec}", python="off")
    with Python(server) as python:
        python.ask("sim.step", world="a", n=20)
        python.ask("sim.step", world="b", n=70)
        restart(python)
    with Python(server) as python:
        python.ask("sim.step", world="a", n=50)
        assert python.world("a")["time"] == python.world("b")["time"]
    assert field(server, "a") == field(server, "b")


def test_a_leased_world_is_taken_back_and_a_law_of_pythons_is_left(start_python: StartPython) -> None:
    server = ready(start_python("--world", "held=gray-scott,32x32,seed=1"))
    source = """
        import atheria, time

        atheria.register_law("mine", lambda psi, t, params: psi, channels=["u"], radius=0)
        atheria.create("own", "mine", size=(16, 16))
        with atheria.world("held").lease(timeout=5, deadline=600) as lease:
            print("held", flush=True)
            time.sleep(1000)
        """
    with Python(server) as python:
        job = python.submit(source)
        python.until_printed(job, "held")
        kept = restart(python)
    assert kept["worlds"] == ["held"]
    assert [left["world"] for left in kept["left"]] == ["own"]
    assert "'mine'" in kept["left"][0]["reason"]
    with Python(server) as python:
        assert python.world("held")["leasedBy"] is None
        here = python.world("held")["step"]
        assert wait_until(lambda: python.world("held")["step"] > here)


def test_only_an_admin_may(tmp_path: Path, start_python: StartPython) -> None:
    secret = "v" * 43
    tokens = tmp_path / "tokens"
    tokens.write_text(f"viewer {secret}\noperator {'o' * 43}\nscript {'s' * 43}\n")
    tokens.chmod(0o600)
    server = start_python("--token-file", str(tokens), "--world", "w=life,32x32", python="off")
    admin = server.token
    for token in (secret, "o" * 43, "s" * 43):
        server.token = token
        with Python(server) as python, pytest.raises(Refused) as refused:
            python.ask("server.restart")
        assert refused.value.code == "not_allowed"
    server.token = admin
    with Python(server) as python:
        restart(python)


def test_the_word_on_the_command_line(start_python: StartPython) -> None:
    server = start_python("--world", "w=life,32x32", "--world", "x=life,32x32", python="off")
    since = time.monotonic()
    done = subprocess.run([ATH, "restart", "--server", server.http], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"kept: w, x\n{server.http} is back\n"
    assert time.monotonic() - since < 60
    server.stop()
