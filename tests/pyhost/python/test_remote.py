"""The API as a client of a real server."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import atheria
import pytest
import torch
from atheria import _engine
from atheria._remote import RemoteBackend
from atheria._wire import Connection

from tests.e2e.support import Server, binary, wait_until

ROOT = Path(__file__).parents[3]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not binary().exists(), reason=f"no server at {binary()}: ./ath build makes it"),
]
WORLDS = ("gs=gray-scott,64x48,seed=1,paused", "gp=gross-pitaevskii,96x96,paused", "ball=wave,16x16x12,paused")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"), *(word for world in WORLDS for word in ("--world", world)))
    yield running
    running.stop()


@pytest.fixture
def engine(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[atheria.Engine]:
    monkeypatch.setattr(_engine, "_default", None)
    one = atheria.connect(server.http, server.token)
    yield one
    one.close()


@pytest.fixture
def w(engine: atheria.Engine) -> Iterator[atheria.World]:
    world = atheria.create("mine", "gray-scott", (32, 24), seed=3)
    yield world
    world.delete()


def test_worlds_and_laws_have_their_names(engine: atheria.Engine) -> None:
    assert atheria.where() == "remote"
    assert {"gs", "gp", "ball"} <= set(atheria.worlds())
    assert "<world gs: gray-scott 64 x 48, paused at step 0>" in repr(atheria.worlds())
    assert atheria.law("gray-scott").channels == ["u", "v"]
    assert atheria.law("gray-scott").params["F"] == pytest.approx(0.0545)
    with pytest.raises(atheria.Error, match="no world 'x'; there are: "):
        atheria.world("x")
    with pytest.raises(atheria.Error, match="no law 'x'; there are: lenia"):
        atheria.law("x")
    with pytest.raises(atheria.Error, match="no current world"):
        atheria.current()


def test_a_world_does_what_it_is_told(w: atheria.World) -> None:
    assert (w.size, w.fields, w.playing) == ((32, 24), ["u", "v"], False)
    assert w.step(10) == 10
    assert w.step == 10
    assert w.time == 10
    w.play(rate=100000)
    assert w.playing
    assert w.wait(step=50, timeout=20) >= 50
    assert w.pause() == w.wait(paused=True)
    assert w.set(F=0.03) == w.step
    assert w.get("F") == pytest.approx(0.03)
    assert w.seed(5) == 0
    w.paint((3, 4), radius=2)
    w.paint([(3, 4), (5, 6)], tool="erase")
    assert (w.undo(), w.redo(), w.reset()) == (0, 0, 0)
    assert set(w.probe(1, 2)) == {"u", "v", "change"}
    assert set(w.measure()) == {"mean_u", "mean_v", "activity"}
    assert sum(w.histogram(bins=4)["counts"]) == 32 * 24


def test_what_is_unknown_is_named_with_what_exists(w: atheria.World) -> None:
    for wrong in (lambda: w.set(nonsense=1), lambda: w.get("nonsense")):
        with pytest.raises(atheria.Error, match="has no parameter 'nonsense'; it has Du, Dv, F, dt, k"):
            wrong()
    with pytest.raises(atheria.Error, match=r"F is 0\.\.0\.12, got 99"):
        w.set(F=99)
    with pytest.raises(atheria.Error, match="no channel 'x'; there are: u, v"):
        w.snapshot("x")
    with pytest.raises(atheria.Error, match=r"a point is \(x, y\)"):
        w.paint((1, 2, 3))


def test_snapshots_are_exact_tensors(engine: atheria.Engine) -> None:
    gs = atheria.world("gs")
    assert gs.snapshot("u").shape == (48, 64)
    assert gs.snapshot("u").dtype == torch.float32
    assert torch.equal(gs.snapshot()[0], gs.snapshot("u"))
    assert atheria.world("gp").snapshot("psi").dtype == torch.complex64
    assert atheria.world("ball").snapshot().shape == (2, 12, 16, 16)


def test_every_world_has_a_picture_and_a_table(engine: atheria.Engine) -> None:
    for world in atheria.worlds().values():
        png = world._repr_png_()
        assert png is not None
        width, height = struct.unpack(">II", png[16:24])
        length = struct.unpack(">I", png[33:37])[0]
        assert len(zlib.decompress(png[41 : 41 + length])) == height * (1 + 3 * width)
        assert f"<caption>{world.name}</caption>" in world._repr_html_()
    assert "<td>gs</td>" in atheria.worlds()._repr_html_()


def test_a_snapshot_knows_its_time(w: atheria.World) -> None:
    w.step(3)
    assert w.engine.backend.snapshot("mine", "u")[1:] == (3, 3.0)


def test_only_what_was_changed_is_sent_back(w: atheria.World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    ask = Connection.ask_bytes

    def noting(self: Connection, op: str, args: dict[str, Any], timeout: float) -> Any:
        sent.append(f"{op} {args.get('channel', '')}".strip())
        return ask(self, op, args, timeout)

    monkeypatch.setattr(Connection, "ask_bytes", noting)
    with w.lease() as s:
        assert s.u.shape == (24, 32)
        s.v[3, 4] += 1
    assert sent == ["lease.read", "lease.write v"]
    sent.clear()
    with w.lease():
        pass
    assert sent == []
    with w.lease() as s:
        s.u[0, 0] = float("nan")  # nothing equals it, not even itself
        s.step(0)
        sent.clear()
    assert sent == []


def test_what_could_not_be_sent_before_the_end_of_a_lease_is_said_to_be_lost(w: atheria.World) -> None:
    before = w.snapshot()
    lease = w.lease(deadline=0.2)
    lease.u[...] = 7
    assert wait_until(lambda: w.state["leasedBy"] is None)
    with pytest.raises(atheria.LeaseExpired, match=r"ended \(expired after 0\.2 s\) before what was written"):
        lease.release()
    assert torch.equal(w.snapshot(), before)
    quiet = w.lease(deadline=0.2)
    assert quiet.u.shape == (24, 32)
    assert wait_until(lambda: w.state["leasedBy"] is None)
    quiet.release()


def test_a_lease_of_a_large_field_goes_both_ways(engine: atheria.Engine) -> None:
    large = atheria.create("large", "gray-scott", (2048, 2048), seed=1)
    try:
        with large.lease(deadline=120) as s:
            s.v.copy_(torch.arange(2048.0).expand(2048, 2048))
            s.step(0)
        assert torch.equal(large.snapshot("v")[7], torch.arange(2048.0))
        large.load(torch.ones(2, 2048, 2048))
        assert large.snapshot().min() == 1
    finally:
        large.delete()


def test_more_than_a_server_takes_is_said_before_it_is_sent(w: atheria.World, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = w.engine.backend
    assert isinstance(backend, RemoteBackend)
    monkeypatch.setitem(backend.connection().hello["limits"], "uploadBytes", 1000)
    with pytest.raises(atheria.Error, match="3072 bytes are more than the 1000") as caught:
        w.load(torch.ones(24, 32), "u")
    assert caught.value.code == "too_large"


HOLDERS = {
    "lease": "s = w.lease(deadline=3600)",
    "lease in the middle of its steps": """
s = w.lease(deadline=3600)
threading.Thread(target=lambda: s.step(10**9), daemon=True).start()
time.sleep(0.2)
""",
    "hook": """
came = threading.Event()
def hold(s):
    came.set()
    time.sleep(1000)
hook = w.on_step(1, hold, budget_ms=60_000)
w.play()
assert came.wait(20)
""",
}


@pytest.mark.parametrize("how", HOLDERS)
def test_a_holder_that_is_killed_gives_the_world_back(server: Server, w: atheria.World, how: str) -> None:
    program = f"""
import threading, time, atheria
w = atheria.world("mine")
{HOLDERS[how]}
print("holding", flush=True)
time.sleep(1000)
"""
    with Elsewhere(server, program) as holder:
        assert holder.line() == "holding"
        assert w.state["leasedBy"]
        holder.process.kill()
    assert wait_until(lambda: w.state["leasedBy"] is None)
    before = int(w.step)
    assert w.step(2) >= before + 2


def test_a_law_pauses_its_worlds_when_its_program_is_killed_and_goes_on_when_it_is_back(
    server: Server, engine: atheria.Engine
) -> None:
    program = """
import time, atheria
atheria.register_law("fleeting", lambda psi: psi * 0.5, radius=0)
print("there", flush=True)
time.sleep(1000)
"""
    with Elsewhere(server, program) as other:
        assert other.line() == "there"
        d = atheria.create("d", "fleeting", (16, 8), playing=True)
        assert wait_until(lambda: d.step > 3)
        other.process.kill()
    assert wait_until(lambda: d.state["state"] == "failed")
    assert "the client that registered the law has gone; register it again" in d.state["failure"]
    with pytest.raises(atheria.Error, match="has nobody to compute it"):
        d.step()
    at = int(d.step)
    with Elsewhere(server, program) as other:
        assert other.line() == "there"
        assert d.step(3) == at + 3
        d.delete()


def test_a_fork_is_gone_with_the_program_that_made_it(server: Server, w: atheria.World) -> None:
    program = """
import time, atheria
print(atheria.world("mine").fork().name, flush=True)
time.sleep(1000)
"""
    with Elsewhere(server, program) as other:
        assert other.line() == "mine-1"
        assert "mine-1" in atheria.worlds()
        other.process.kill()
    assert wait_until(lambda: "mine-1" not in atheria.worlds())


def test_an_interrupt_ends_the_wait_for_a_lease_and_leaves_nothing_behind(server: Server, w: atheria.World) -> None:
    program = """
import atheria
w = atheria.world("mine")
print("begun", flush=True)
try:
    w.lease(timeout=1000)
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(w.state["leasedBy"])
"""
    with w.lease(), Elsewhere(server, program) as other:
        assert other.line() == "begun"
        time.sleep(0.5)  # it waits by now; if not, the interrupt comes a little early
        other.process.send_signal(signal.SIGINT)
        assert other.line() == "interrupted"
        assert "python (client" in other.line()
    with w.lease(timeout=1):
        pass


def test_what_was_held_is_lost_with_the_connection_and_says_so(engine: atheria.Engine, w: atheria.World) -> None:
    lease = w.lease()
    hook = w.on_step(1, lambda s: None)
    engine.close()
    with pytest.raises(atheria.LeaseExpired, match="the connection"):
        _ = lease.u
    assert isinstance(hook, atheria.Hook)
    assert "connection" in hook.detached
    assert w.step() == 1, "a new connection, and nobody holds the world"


def test_a_viewers_token_takes_no_part(tmp_path: Path) -> None:
    token = "v" * 43
    (tmp_path / "tokens").write_text(f"viewer {token}\n")
    (tmp_path / "tokens").chmod(0o600)
    viewed = Server(tmp_path, "--world", "gs=gray-scott,64x48,paused", "--token-file", str(tmp_path / "tokens"))
    try:
        looking = atheria.connect(viewed.http, token, default=False)
        world = looking.world("gs")
        assert world.snapshot("u").shape == (48, 64)
        for wrong in (
            world.lease,
            world.observe,
            world.fork,
            lambda: world.load(torch.ones(48, 64), "u"),
            lambda: looking.register_law("x", lambda psi: psi),
        ):
            with pytest.raises(atheria.Error) as caught:
                wrong()
            assert caught.value.code == "not_allowed"
        looking.close()
    finally:
        viewed.stop()


class Elsewhere:
    """Another program that is a client of the server."""

    def __init__(self, server: Server, program: str) -> None:
        environment = {**os.environ, "ATHERIA_SERVER": server.http, "ATHERIA_TOKEN": server.token}
        environment["PYTHONPATH"] = str(ROOT / "pyhost" / "python")
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def test_many_requests_wait_their_turn(w: atheria.World) -> None:
    for _ in range(150):
        w.pause()


def test_many_threads_may_ask_at_once(w: atheria.World) -> None:
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(5):
                assert w.step == 0
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_lost_connection_is_made_again(engine: atheria.Engine) -> None:
    engine.close()
    assert "gs" in atheria.worlds()


def test_a_wrong_token_or_address_is_said_at_once(server: Server) -> None:
    with pytest.raises(atheria.Error, match="cannot connect to http://"):
        atheria.connect(server.http, "x" * 43)
    with pytest.raises(atheria.Error, match="is a server there"):
        atheria.connect("http://127.0.0.1:1", "x")


def test_the_newest_server_that_lives_is_found(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("ATHERIA_SERVER", raising=False)
    monkeypatch.delenv("ATHERIA_TOKEN", raising=False)
    monkeypatch.setattr(_engine, "_default", None)
    with pytest.raises(atheria.Error, match="ath serve --demo"):
        atheria.connect()
    folder = tmp_path / "atheria"
    folder.mkdir()
    about = {"url": server.http, "token": server.token, "pid": os.getpid(), "version": "0"}
    ended = subprocess.Popen(["true"])
    ended.wait()
    (folder / "server-1.json").write_text(json.dumps(about))
    (folder / "server-2.json").write_text(json.dumps({**about, "pid": ended.pid, "url": "http://127.0.0.1:1"}))
    (folder / "server-3.json").write_text("half a fi")
    with_file = atheria.connect()
    assert "gs" in with_file.worlds()
    monkeypatch.setenv("ATHERIA_SERVER", server.http + "/")
    assert "gs" in atheria.connect().worlds()
    monkeypatch.setenv("ATHERIA_SERVER", "http://127.0.0.1:2")
    with pytest.raises(atheria.Error, match=r"no token for http://127\.0\.0\.1:2"):
        atheria.connect()


def test_importing_starts_nothing(tmp_path: Path) -> None:
    """A DataLoader's worker imports the user's module, and that imports atheria."""
    program = """
import sys, threading, atheria
assert atheria.where() in ("remote", "core")
assert not {"torch", "numpy", "websockets", "asyncio"} & set(sys.modules), "imported too much"
assert threading.active_count() == 1
assert atheria.job.id is None and atheria.job.cancelled() is None
atheria.job.progress(0.5)
atheria.log.info("into logging")
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "pyhost" / "python")}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=tmp_path)
