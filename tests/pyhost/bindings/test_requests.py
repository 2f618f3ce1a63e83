"""Ops as JSON text: the words of PROTOCOL.md section 4 without a wire."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.pyhost.bindings.conftest import Ask, Thread, until

Make = Callable[..., str]


def test_says_what_it_is(core: ModuleType) -> None:
    import torch

    assert core.where == "core"
    assert core.__torch_version__ == torch.__version__.partition("+")[0]
    assert core.__version__.count(".") == 2


def test_every_op_answers_as_on_the_wire(ask: Ask, make: Make) -> None:
    w = make()
    assert "gray-scott" in [law["name"] for law in ask("law.list")["laws"]]
    assert w in [world["name"] for world in ask("sim.list")["worlds"]]
    assert ask("sim.step", world=w, n=7) == {"step": 7}
    world = ask("sim.get", world=w)["world"]
    assert (world["step"], world["state"], world["leasedBy"]) == (7, "paused", None)
    assert ask("sim.set", world=w, params={"F": 0.05}, pace={"maxFps": 5}) == {"step": 7}
    world = ask("sim.get", world=w)["world"]
    assert (world["params"]["F"], world["pace"]["maxFps"]) == (0.05, 5)
    assert set(ask("probe.read", world=w, x=1, y=2)["values"]) == {"u", "v"}
    assert sum(ask("field.histogram", world=w, bins=8)["counts"]) == 48 * 32
    assert "activity" in ask("field.measure", world=w)["values"]
    assert ask("field.paint", world=w, points=[[3, 3]]) == {"step": 7}
    assert ask("field.undo", world=w) == {"step": 7}
    assert ask("field.redo", world=w) == {"step": 7}
    assert ask("field.seed", world=w, seed=5) == {"step": 0}
    assert ask("sim.reset", world=w) == {"step": 0}
    assert ask("sim.play", world=w)["step"] >= 0
    assert ask("sim.pause", world=w)["step"] >= 0
    assert "step" in ask("sim.delete", world=w)
    assert w not in [world["name"] for world in ask("sim.list")["worlds"]]


@pytest.mark.parametrize(
    ("op", "args", "code", "path"),
    [
        ("sim.get", {"world": "nope"}, "not_found", "world"),
        ("sim.fly", {}, "unknown_op", ""),
        ("sim.step", {"n": 0}, "bad_args", "args.n"),
        ("sim.create", {"name": "x", "law": "nope"}, "not_found", "law"),
        ("sim.create", {"name": "../x", "law": "life"}, "bad_args", "name"),
        ("sim.set", {"params": {"F": 9}}, "bad_args", "params.F"),
        ("field.undo", {}, "conflict", ""),
        ("field.seed", {"init": "file=/etc/passwd"}, "not_allowed", "args.init"),
    ],
)
def test_a_refusal_has_the_code_of_the_wire_and_the_argument(
    core: ModuleType, make: Make, op: str, args: dict[str, object], code: str, path: str
) -> None:
    w = make()
    with pytest.raises(core.Error) as refused:
        core.request(op, json.dumps({"world": w, **args}))
    assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize("args", ["", "[1]", "{", '{"a":1e999}', "nul"])
def test_what_is_no_json_object_is_refused(core: ModuleType, args: str) -> None:
    with pytest.raises(core.Error) as refused:
        core.request("sim.list", args)
    assert refused.value.code in {"bad_args", "bad_json"}


def test_the_only_world_need_not_be_named(core: ModuleType, ask: Ask, make: Make) -> None:
    make()
    assert ask("sim.step", n=2) == {"step": 2}
    make()
    with pytest.raises(core.Error, match="say which world"):
        ask("sim.step", n=2)


def test_a_time_limit_is_an_error_of_its_own(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    with pytest.raises(core.Error, match="did not answer within") as late:
        ask("sim.step", timeout=0.05, world=w, n=10**9)
    assert late.value.code == "timeout"
    ask("sim.pause", world=w)


def test_who_waits_for_a_deleted_world_is_told(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    waiting = Thread(lambda: ask("sim.step", world=w, n=10**9))
    until(lambda: ask("sim.get", world=w)["world"]["step"] > 0)
    ask("sim.delete", world=w)
    with pytest.raises(core.Error) as gone:
        waiting.join()
    assert gone.value.code == "cancelled"


def test_errors_survive_a_pickle(core: ModuleType) -> None:
    import pickle

    error = pickle.loads(pickle.dumps(core.Error("no", "busy", "world")))
    assert (str(error), error.code, error.path) == ("no", "busy", "world")


def test_the_ways_to_be_stopped_are_no_exceptions_a_script_catches(core: ModuleType) -> None:
    assert issubclass(core.Cancelled, KeyboardInterrupt)
    assert core.Cancelled("by ann").reason == "by ann"
    assert not issubclass(core.ScriptKilled, Exception)


# One that hangs says where, before the test gives up.
# What a shell starts in the background ignores SIGINT, and so does its Python.
PROGRAM = """
import faulthandler, signal, sys; sys.path.insert(0, {path!r})
faulthandler.dump_traceback_later(50, exit=True)
signal.signal(signal.SIGINT, signal.default_int_handler)
{body}
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    import atheria_core

    path = str(Path(atheria_core.__file__).parent)
    program = PROGRAM.format(path=path, body=body)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


def test_an_interrupt_ends_a_wait_and_the_steps_it_waited_for(core: ModuleType) -> None:
    done = run("""
import torch, atheria_core as a, json, _thread, threading
a.request("sim.create", '{"name":"w","law":"life","playing":false}')
threading.Timer(0.2, _thread.interrupt_main).start()
try:
    a.request("sim.step", '{"n":1000000000}')
except KeyboardInterrupt:
    print(json.loads(a.request("sim.get", "{}"))["world"]["state"])
lease = a.lease("w", "me")
threading.Timer(0.2, _thread.interrupt_main).start()
try:
    lease.advance(1000000000)
except KeyboardInterrupt:
    print(lease.valid, lease.advance(0) < 1000000000)
try:
    threading.Timer(0.2, _thread.interrupt_main).start()
    a.lease("w", "you", 20)
except KeyboardInterrupt:
    print("lease")
lease.release()
seen = a.observe("w")
threading.Timer(0.2, _thread.interrupt_main).start()
try:
    seen.next()
except KeyboardInterrupt:
    print("observer")
hook = a.on_step("w", 5)
threading.Timer(0.2, _thread.interrupt_main).start()
try:
    hook.next()
except KeyboardInterrupt:
    print("hook")
""")
    assert done.stdout.split("\n")[:5] == ["paused", "True True", "lease", "observer", "hook"], done.stderr
    assert done.returncode == 0


def test_python_ends_while_worlds_run(core: ModuleType) -> None:
    done = run("""
import torch, atheria_core as a
a.request("sim.create", '{"name":"w","law":"gray-scott"}')
a.request("sim.create", '{"name":"v","law":"life"}')
seen, lease = a.observe("w"), a.lease("v", "me")
hook = a.on_step("w", 3)
view = lease.field(None)
print(seen.next() is not None)
""")
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


def test_python_ends_while_threads_wait_for_worlds(core: ModuleType) -> None:
    done = run("""
import torch, atheria_core as a, json, threading
a.request("sim.create", '{"name":"w","law":"gray-scott"}')
a.request("sim.create", '{"name":"v","law":"life","playing":false}')
a.request("sim.create", '{"name":"held","law":"life","playing":false}')
lease, seen, quiet = a.lease("held", "me"), a.observe("w"), a.observe("v")
def often():
    while True:
        a.snapshot("w", None)
def each():
    while True:
        seen.next()
waits = [a.serve_laws, often, each, lambda: quiet.next(-1),
         lambda: a.request("sim.step", '{"world":"v","n":1000000000}'),
         lambda: a.lease("held", "you", 100), lambda: a.on_step("v", 1000000, 5).next(-1)]
for wait in waits:
    threading.Thread(target=wait, daemon=True).start()
print(seen.next() is not None)
""")
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
    assert done.stderr == ""


def test_another_torch_is_refused_with_what_would_do(core: ModuleType) -> None:
    done = run("""
import torch
torch.__version__ = "1.0.0"
import atheria_core
""")
    assert done.returncode == 1
    assert "built for torch" in done.stderr
    assert "./ath wheel" in done.stderr
