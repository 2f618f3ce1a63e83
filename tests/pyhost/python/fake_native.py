"""The native module of the contract in plain Python: one small world, so that the package can be driven without C++."""

from __future__ import annotations

import json
from typing import Any

import torch

where = "core"


class Error(Exception):
    def __init__(self, message: str, code: str = "internal", path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.path = path


def law(name: str, channels: list[str], is_complex: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.title(),
        "about": "",
        "channels": [{"name": channel} for channel in channels],
        "params": [{"name": "rate", "value": 1.0}],
        "presets": [],
        "complex": is_complex,
        "view": "density" if is_complex else channels[0],
        "colormap": "magma",
    }


LAWS = {"plus": law("plus", ["u", "v"]), "wave": law("wave", ["re", "im"], True)}


class World:
    """Each step adds `rate` to its first channel."""

    def __init__(self, name: str, law: str, size: tuple[int, int]) -> None:
        self.name, self.law, self.step, self.playing = name, law, 0, False
        self.field = torch.zeros(2, size[1], size[0])
        self.rate = 1.0
        self.leased: Lease | None = None

    def advance(self, n: int) -> int:
        self.field[0] += n * self.rate
        self.step += n
        return self.step

    def index(self, channel: str) -> int:
        names = [one["name"] for one in LAWS[self.law]["channels"]]
        if channel not in names:
            raise Error(f"law '{self.law}' has no channel '{channel}'; there are: {', '.join(names)}", "not_found")
        return names.index(channel)

    def state(self) -> dict[str, Any]:
        state = "playing" if self.playing else "paused"
        h, w = self.field.shape[1:]
        return {
            "name": self.name,
            "law": self.law,
            "title": "",
            "preset": "",
            "size": [w, h, 1],
            "dtype": "f32",
            "device": "cpu",
            "init": "zero",
            "seed": 0,
            "params": {"rate": self.rate},
            "pace": {},
            "guard": "pause",
            "state": state,
            "step": self.step,
            "time": float(self.step),
            "stepsPerSecond": 0.0,
            "failure": None,
            "views": [],
        }


worlds: dict[str, World] = {}
laws: dict[str, Any] = {}  # registered: name -> (spec, step)


def world(name: str) -> World:
    if name not in worlds:
        raise Error(f"no world '{name}'", "not_found", "world")
    return worlds[name]


def request(op: str, args: str, timeout: float = 30.0) -> str:
    given = json.loads(args)
    if op == "law.list":
        return json.dumps({"laws": list(LAWS.values())})
    if op == "sim.list":
        return json.dumps({"worlds": [one.state() for one in worlds.values()]})
    if op == "sim.create":
        w, h = given["size"]
        worlds[given["name"]] = World(given["name"], given["law"], (w, h))
        return json.dumps({"step": 0, "world": worlds[given["name"]].state()})
    here = world(given["world"])
    if op == "sim.step":
        here.advance(given["n"])
    elif op == "sim.set":
        here.rate = given["params"]["rate"]
    elif op in ("sim.play", "sim.pause"):
        here.playing = op == "sim.play"
    elif op == "sim.delete":
        del worlds[here.name]
    elif op != "sim.get":
        raise Error(f"no op '{op}'", "unknown_op")
    return json.dumps({"step": here.step, "world": here.state()})


def snapshot(name: str, channel: str | None) -> tuple[torch.Tensor, int, float]:
    here = world(name)
    field = here.field if channel is None else here.field[here.index(channel)]
    return field.clone(), here.step, float(here.step)


def load(name: str, channel: str | None, values: torch.Tensor) -> int:
    here = world(name)
    target = here.field if channel is None else here.field[here.index(channel)]
    if values.shape != target.shape:
        raise Error(f"cannot load {list(values.shape)} into {list(target.shape)}", "bad_args", "values")
    target.copy_(values)
    return here.step


class Lease:
    def __init__(self, world: World, owner: str) -> None:
        self.world, self.owner, self.valid, self.why = world, owner, True, ""
        world.leased = self

    @property
    def step(self) -> int:
        return self.world.step

    @property
    def time(self) -> float:
        return float(self.world.step)

    def field(self, channel: str | None) -> torch.Tensor:
        if not self.valid:
            raise Error("the lease has ended", "lease_expired")
        return self.world.field if channel is None else self.world.field[self.world.index(channel)]

    def advance(self, n: int) -> int:
        return self.world.advance(n)

    def release(self) -> None:
        if self.valid:
            self.end("released")

    def end(self, why: str) -> None:
        self.valid, self.why, self.world.leased = False, why, None


def lease(name: str, owner: str, timeout: float, deadline: float) -> Lease:
    here = world(name)
    if here.leased is not None:
        raise Error(f"'{name}' is leased by {here.leased.owner}", "busy")
    return Lease(here, owner)


class Observer:
    dropped = 0

    def __init__(self, world: World, every: int) -> None:
        self.world, self.every, self.left, self.closed = world, every, 3, False

    def next(self, timeout: float) -> tuple[int, float, dict[str, torch.Tensor]] | None:
        if self.closed or not self.left:
            raise StopIteration
        self.left -= 1
        step = self.world.advance(self.every)
        return step, float(step), {"u": self.world.field[0].clone()}

    def close(self) -> None:
        self.closed = True


def observe(name: str, every: int, channels: Any, keep_all: bool, max_queue: int, on_full: str) -> Observer:
    return Observer(world(name), every)


class Hook:
    def __init__(self, world: World) -> None:
        self.world, self.detached, self.answered, self.closed, self.given = world, "", 0, False, False

    def next(self, timeout: float) -> Lease | None:
        if self.closed or self.answered == 3:
            raise StopIteration
        return Lease(self.world, "hook")

    def answer(self) -> None:
        assert self.world.leased is not None
        self.world.leased.release()
        self.answered += 1

    def fail(self, text: str) -> None:
        assert self.world.leased is not None
        self.world.leased.release()
        self.detached = text

    def close(self) -> None:
        self.closed = True


def on_step(name: str, every: int, budget_ms: float) -> Hook:
    return Hook(world(name))


def register_law(spec: str, step: Any) -> None:
    laws[json.loads(spec)["name"]] = (json.loads(spec), step)


shown: dict[str, dict[str, Any]] = {}


def put(topic: str, values: torch.Tensor, range: tuple[float, float] | None = None) -> int:
    puts = shown.get(topic, {"puts": 0})["puts"] + 1
    shown[topic] = {"shape": tuple(values.shape), "range": range, "puts": puts}
    return int(puts)


def drop(topic: str) -> None:
    if shown.pop(topic, None) is None:
        raise Error(f"no stream '{topic}'; there are: none", "not_found", "topic")


def topics() -> dict[str, dict[str, Any]]:
    return dict(shown)
