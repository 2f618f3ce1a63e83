"""The engine in plain Python, as the build made it: never skipped."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch  # noqa: F401  # its libraries first

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(Path(os.environ.get("ATHERIA_BUILD", ROOT / "build/release")) / "python"))

# The rules about Python's lock end the process here (pyhost/README.md).
os.environ.setdefault("ATHERIA_GIL_CHECKS", "1")

LIMIT = 20.0  # seconds no test should ever wait
names = (f"w{n}" for n in itertools.count())

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def core() -> ModuleType:
    import atheria_core

    return atheria_core


@pytest.fixture
def ask(core: ModuleType) -> Ask:
    """`ask("sim.step", world="w", n=3)`"""

    def request(op: str, timeout: float | None = None, **args: Any) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(core.request(op, json.dumps(args), timeout))
        return result

    return request


@pytest.fixture
def make(ask: Ask) -> Iterator[Callable[..., str]]:
    """Makes worlds, paused unless told otherwise; they are gone after the test."""
    made: list[str] = []

    def create(law: str = "gray-scott", size: tuple[int, ...] = (48, 32), **args: Any) -> str:
        name = next(names)
        ask("sim.create", name=name, law=law, size=list(size), **{"playing": False, "seed": 1, **args})
        made.append(name)
        return name

    yield create
    there = {world["name"] for world in ask("sim.list")["worlds"]}
    for name in made:
        if name in there:
            ask("sim.delete", world=name)


def until(true: Callable[[], bool]) -> None:
    """Waits for something that must come."""
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.002)


class Thread:
    """Runs `call` and keeps what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Any]) -> None:
        try:
            self.result = call()
        except BaseException as error:
            self.error = error

    def join(self) -> Any:
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "it did not end"
        if self.error is not None:
            raise self.error
        return self.result
