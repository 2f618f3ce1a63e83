"""The API as a client of a real server."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import atheria
import pytest
import torch
from atheria import _engine

from tests.e2e.support import Server, binary

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


def test_what_needs_the_servers_memory_says_how(w: atheria.World) -> None:
    for wrong in (
        w.lease,
        w.observe,
        w.fork,
        lambda: w.load(torch.ones(2)),
        lambda: w.on_step(1, print),
        atheria.stream.topics,
    ):
        with pytest.raises(atheria.Error, match="ath run") as caught:
            wrong()
        assert caught.value.code == "unsupported"


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
