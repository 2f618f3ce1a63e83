"""What is asked of a world in words: play, pause, step, set, paint. They answer with the step they took effect at."""

from __future__ import annotations

import math
import time as clock
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atheria._errors import Error

if TYPE_CHECKING:
    from atheria._engine import Engine

# What sim.set takes besides a law's parameters.
SETTINGS = ("law", "preset", "init", "pace", "guard")


class StepNumber(int):
    """The step a world is at. Called, it makes steps: `w.step` is a number, `w.step(10)` steps ten times."""

    _make: Any

    def __new__(cls, value: int, make: Any) -> StepNumber:
        number = super().__new__(cls, value)
        number._make = make
        return number

    def __call__(self, n: int = 1) -> int:
        """Makes `n` steps and returns the step reached."""
        return int(self._make(n))


class Control:
    """The commands of a world; base of `World`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self._deleted = False  # by this object

    def _ask(self, op: str, timeout: float = 30.0, **args: Any) -> dict[str, Any]:
        return self.engine.backend.request(op, {"world": self.name, **args}, timeout)

    # What it is.
    @property
    def state(self) -> dict[str, Any]:
        """Everything about it now, as PROTOCOL.md section 3 lists it."""
        state: dict[str, Any] = self._ask("sim.get")["world"]
        return state

    @property
    def law(self) -> str:
        return str(self.state["law"])

    @property
    def fields(self) -> list[str]:
        """The names of its channels."""
        return list(self.engine.law(self.law).channels)

    @property
    def size(self) -> tuple[int, ...]:
        """Width, height and, in three dimensions, depth."""
        w, h, d = self.state["size"]
        return (w, h) if d == 1 else (w, h, d)

    @property
    def step(self) -> StepNumber:
        """The step it is at, a number. Called, `w.step(n)`, it makes n steps and pauses there."""
        return StepNumber(self.state["step"], self._step)

    @property
    def time(self) -> float:
        return float(self.state["time"])

    @property
    def playing(self) -> bool:
        return bool(self.state["state"] == "playing")

    @property
    def params(self) -> dict[str, float | str]:
        return dict(self.state["params"])

    # What it does.
    def _step(self, n: int = 1) -> int:
        return int(self._ask("sim.step", -1, n=n)["step"])

    def play(self, rate: float | None = None) -> int:
        """Lets it run; with `rate`, at most that many steps a second (inf: as fast as it can)."""
        if rate is not None:
            if not rate > 0:
                raise Error(f"rate is steps per second, above 0 (inf: no limit), got {rate!r}", "bad_args", "rate")
            self._ask("sim.set", pace={"mode": "every", "stepsPerSecond": 0 if math.isinf(rate) else rate})
        return int(self._ask("sim.play")["step"])

    def pause(self) -> int:
        return int(self._ask("sim.pause")["step"])

    def wait(
        self, step: int | None = None, time: float | None = None, timeout: float | None = None, paused: bool = False
    ) -> int:
        """Waits until it has reached `step` or `time`, or until it stands still (`paused`); returns the step it is at.

        A world that stands still before is an Error, as waiting would have no end.
        """
        if step is None and time is None and not paused:
            raise Error("wait for what? Give step=, time= or paused=True", "bad_args")
        end = clock.monotonic() + (math.inf if timeout is None else timeout)
        wanted = f"step {step}" if step is not None else f"time {time:g}" if time is not None else "its pause"
        while True:
            state = self.state
            reached = (step is not None and state["step"] >= step) or (time is not None and state["time"] >= time)
            if reached or (paused and state["state"] != "playing"):
                return int(state["step"])
            here = f"'{self.name}' is {state['state']} at step {state['step']}"
            if state["state"] != "playing":
                why = state["failure"] or "play() lets it run"
                raise Error(f"{here} and will not reach {wanted}: {why}", "conflict")
            left = end - clock.monotonic()
            if left <= 0:
                raise Error(f"{here}; it did not reach {wanted} within {timeout:g} s", "timeout")
            self.engine.backend.pause_for_news(min(left, 0.2))

    def get(self, name: str) -> float | str:
        """The value of a parameter."""
        params = self.params
        if name not in params:
            raise self._unknown([name], params)
        return params[name]

    def set(self, **params: Any) -> int:
        """Changes parameters, all or none: `w.set(F=0.03, k=0.06)`. Also law, preset, init, pace, guard."""
        args = {name: params.pop(name) for name in SETTINGS if name in params}
        if params:
            args["params"] = params
        try:
            return int(self._ask("sim.set", **args)["step"])
        except Error as error:
            known = self.params if error.code in ("bad_args", "not_found") and "law" not in args else params
            strange = [name for name in params if name not in known]
            raise (self._unknown(strange, known) if strange else error) from None

    def _unknown(self, names: Sequence[str], known: dict[str, Any]) -> Error:
        which = ", ".join(repr(name) for name in names)
        return Error(
            f"'{self.name}' has no parameter {which}; it has {', '.join(known) or 'none'}", "bad_args", "params"
        )

    def seed(self, n: int, init: str | None = None, rle: str | None = None) -> int:
        """A new start at step 0 with that seed, and another init or a pattern if given."""
        more: dict[str, Any] = {key: value for key, value in (("init", init), ("rle", rle)) if value is not None}
        return int(self._ask("field.seed", seed=n, **more)["step"])

    def reset(self) -> int:
        """Back to its last start."""
        return int(self._ask("sim.reset")["step"])

    def paint(self, points: Sequence[Any], **brush: Any) -> int:
        """Paints at (x, y) or a list of such. `brush`: tool, z, radius, value, softness, channel, pattern, stroke."""
        many = points if len(points) and hasattr(points[0], "__len__") else [points]
        try:
            pairs = [[float(x), float(y)] for x, y in many]
        except (TypeError, ValueError):
            raise Error(f"a point is (x, y) in cells, got {points!r}", "bad_args", "points") from None
        return int(self._ask("field.paint", points=pairs, **brush)["step"])

    def undo(self) -> int:
        return int(self._ask("field.undo")["step"])

    def redo(self) -> int:
        return int(self._ask("field.redo")["step"])

    def delete(self) -> None:
        self._ask("sim.delete")
        self._deleted = True

    # What is measured.
    def measure(self) -> dict[str, float]:
        return {name: float(value) for name, value in self._ask("field.measure")["values"].items()}

    def histogram(
        self, view: str | None = None, bins: int = 64, range: tuple[float, float] | None = None
    ) -> dict[str, Any]:
        """How often values occur: {"range", "counts", "nan"}."""
        more: dict[str, Any] = {key: value for key, value in (("view", view), ("range", range)) if value is not None}
        return self._ask("field.histogram", bins=bins, **more)

    def probe(self, x: int, y: int, z: int = 0) -> dict[str, float]:
        """The values of one cell, by channel and by view."""
        answer = self._ask("probe.read", x=x, y=y, z=z)
        return {name: float(value) for part in ("values", "views") for name, value in answer[part].items()}
