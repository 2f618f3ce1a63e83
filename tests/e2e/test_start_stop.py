"""How the server starts, what it says when it cannot, what it costs while idle, how it stops."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.conformance.client import connected
from tests.e2e.support import Start, binary, http

OK, FAILURE, USAGE, CANNOT_BIND, BAD_WORLD = range(5)


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and stderr of a start that must fail."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ATHERIA_")}
    done = subprocess.run(
        [str(binary()), "--ready-json", *arguments],
        capture_output=True,
        timeout=180,
        cwd=folder,
        env={**clean, **environment},
        check=False,
    )
    assert b"ready" not in done.stdout
    return done.returncode, done.stderr.decode()


def test_the_ready_line_tells_how_to_reach_it(start: Start) -> None:
    server = start("--world", "a=life,64x64,seed=7,paused")
    assert server.ready["ready"] is True
    assert server.ready["pid"] == server.process.pid
    assert server.ready["http"] == f"http://127.0.0.1:{server.port}"
    assert server.ready["ws"] == f"ws://127.0.0.1:{server.port}/ws"
    assert len(server.ready["token"]) == 43
    assert server.ready["version"]
    world = json.loads(http(server, "/api/v1/worlds/a", token=server.token).body)
    assert (world["law"], world["size"], world["seed"], world["state"]) == ("life", [64, 64, 1], 7, "paused")


def test_an_unknown_instruction_set_is_refused_at_the_start(tmp_path: Path) -> None:
    code, words = run(tmp_path, "--python", "off", "--port", "0", ATHERIA_ISA="sse9")
    assert code == FAILURE
    assert "sse9" in words
    assert "portable" in words


def test_flags_win_over_variables_and_these_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text('port = 1111\nlog_level = "error"\nmax_worlds = 3\n')
    done = subprocess.run(
        [str(binary()), "--config", "server.toml", "--port", "3333", "--print-config"],
        capture_output=True,
        text=True,
        timeout=180,
        cwd=tmp_path,
        env={**os.environ, "ATHERIA_PORT": "2222", "ATHERIA_LOG_LEVEL": "warning"},
        check=True,
    )
    lines = {line.split(" = ")[0]: line.split(" = ")[1] for line in done.stdout.splitlines() if " = " in line}
    assert lines["port"].startswith("3333")
    assert lines["log_level"].startswith('"warning"')
    assert lines["max_worlds"].startswith("3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 80\n", ["prot", "port"]),
        ("port = 70000\n", ["port", "70000", "65535"]),
        ('port = "80"\n', ["port"]),
        ("port = \n", ["server.toml"]),
        ('log_level = "loud"\n', ["log_level", "loud", "warning"]),
        ("world = 5\n", ["world"]),
        ("[network]\nport = 5\n", ["network"]),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "server.toml").write_text(text)
    code, told = run(tmp_path, "--config", "server.toml")
    assert code == USAGE
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prot", "80"], ["--prot"]),
        (["--port", "70000"], ["port", "70000"]),
        (["--port", "x"], ["port", "x"]),
        (["--config", "none.toml"], ["none.toml"]),
        (["--token-file", "none"], ["none"]),
        (["--allow-host", "--print-config"], ["--allow-host"]),
        (["--config", "--demo"], ["--config"]),
    ],
)
def test_wrong_flags_are_refused(tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    code, told = run(tmp_path, *arguments)
    assert code in (USAGE, FAILURE)
    for word in words:
        assert word in told


def test_a_wrong_variable_is_refused(tmp_path: Path) -> None:
    code, told = run(tmp_path, ATHERIA_PORT="many")
    assert code == USAGE
    assert "ATHERIA_PORT" in told


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, told = run(tmp_path, "--port", port)
        assert code == CANNOT_BIND
        assert port in told


def test_an_address_beyond_loopback_needs_a_word(tmp_path: Path) -> None:
    code, told = run(tmp_path, "--port", "0", "--host", "0.0.0.0")
    assert code in (USAGE, CANNOT_BIND)
    assert "--insecure" in told


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ("a=nope,64x64", ["nope"]),
        ("a=life", ["a=life"]),
        ("a=life,0x64", ["0x64"]),
        ("a=life,64x64,seed=-1", ["seed", "18446744073709551615"]),
        ("a=life,64x64,sps=-1", ["stepsPerSecond"]),
        ("a=life,64x64,fps=0", ["maxFps"]),
        ("a=life,64x64,every=0", ["every"]),
        ("a=gray-scott,64x64,F=99", ["world 'a'", "0.12"]),
        ("a=nca,65536x65536", ["world 'a'", "MB"]),
        ("a/b=life,64x64", ["a/b"]),
        ("a=life,64x64,init=none.rle", ["none.rle"]),
        ("a=life,64x64,nonsense=3", ["nonsense"]),
        ("a=gray-scott,64x64,preset=none", ["none"]),
    ],
)
def test_a_wrong_world_is_named(tmp_path: Path, world: str, words: list[str]) -> None:
    code, told = run(tmp_path, "--port", "0", "--world", world)
    assert code in (BAD_WORLD, USAGE)
    for word in words:
        assert word in told


def test_two_worlds_of_one_name_are_refused(tmp_path: Path) -> None:
    code, told = run(tmp_path, "--port", "0", "--world", "a=life,8x8", "--world", "a=wave,8x8")
    assert code == BAD_WORLD
    assert "'a'" in told


def test_a_paused_world_costs_no_cpu(start: Start) -> None:
    server = start("--world", "a=gray-scott,256x256,paused", "--world", "b=life,256x256,paused")
    time.sleep(1)  # what a start leaves to do
    before = server.ticks()
    time.sleep(2)
    assert server.ticks() - before <= 2  # hundredths of a second in two: under 1 % of a core


async def test_a_paused_world_that_is_watched_costs_no_cpu(start: Start) -> None:
    server = start("--world", "a=gray-scott,256x256,paused")
    async with connected(server.ws, server.token) as c:
        stream = await c.subscribe(1, "a/u")
        await stream.next()
        await asyncio.sleep(1)
        before = server.ticks()
        await asyncio.sleep(2)
        assert server.ticks() - before <= 2


async def test_sigterm_closes_fifty_clients_with_1001_and_ends_in_five_seconds(start: Start) -> None:
    server = start("--world", "a=gray-scott,256x256")
    async with asyncio.timeout(115), asyncio.TaskGroup() as group:
        ready = asyncio.Semaphore(0)

        async def watch() -> int:
            async with connected(server.ws, server.token) as c:
                stream = await c.subscribe(1, "a/u")
                await stream.next()
                ready.release()
                await c.event("shutdown", 40)
                await c.socket.wait_closed()
                return c.socket.close_code or 0

        watchers = [group.create_task(watch()) for _ in range(50)]
        for _ in watchers:
            await ready.acquire()
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.end) < 5
        codes = [await watcher for watcher in watchers]
    assert codes == [1001] * 50
    assert server.process.returncode == 0


async def test_sigint_stops_it_as_well(start: Start) -> None:
    server = start()
    async with connected(server.ws, server.token) as c:
        server.process.send_signal(signal.SIGINT)
        await asyncio.wait_for(c.socket.wait_closed(), 10)
        assert c.socket.close_code == 1001
    assert await asyncio.to_thread(server.end) < 5
    assert server.process.returncode == 0


def test_more_signals_change_nothing(start: Start) -> None:
    server = start("--world", "a=gray-scott,256x256")
    while server.alive():
        for number in (signal.SIGTERM, signal.SIGINT):
            server.process.send_signal(number)
        time.sleep(0.002)
    assert server.end() < 5
    assert server.process.returncode == 0
    assert "stopped" in server.stderr()


def test_a_stop_does_not_wait_for_a_long_step(start: Start) -> None:
    server = start("--world", "a=lenia,2048x2048,path=reference,R=64")
    server.process.send_signal(signal.SIGTERM)
    assert server.end() < 5
    assert server.process.returncode == 0


def test_a_stop_while_a_world_steps_is_clean(start: Start) -> None:
    server = start("--world", "a=gray-scott,512x512", "--world", "b=lenia,256x256")
    time.sleep(0.2)
    server.stop()
