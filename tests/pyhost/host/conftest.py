"""A server with Python inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.support import Server, mark_e2e
from tests.pyhost.host.support import Python, ready

StartPython = Callable[..., Server]

WORLDS = (
    "w=gray-scott,64x64,seed=1,paused",
    "life=life,70x50,seed=1,paused",
    "fast=gray-scott,64x64,seed=2",
    "psi=schrodinger,32x32,seed=1,paused",
    "cube=gray-scott,16x12x8,seed=1,paused",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_e2e(items, Path(__file__).parent)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a file; it must still be there afterwards."""
    arguments = [word for world in WORLDS for word in ("--world", world)]
    running = ready(Server(tmp_path_factory.mktemp("server"), *arguments, python=""))
    yield running
    assert running.alive(), f"the server died:\n{running.stderr()}"
    running.stop()


@pytest.fixture
def python(server: Server) -> Iterator[Python]:
    with Python(server) as connection:
        yield connection


@pytest.fixture
def start_python(tmp_path: Path) -> Iterator[StartPython]:
    """Starts servers of a test's own, with a Python that is named or the usual one, without waiting for it."""
    started: list[Server] = []

    def start_one(*arguments: str, python: str = "", variables: dict[str, str] | None = None) -> Server:
        started.append(Server(tmp_path, *arguments, python=python, variables=variables))
        return started[-1]

    yield start_one
    for one in started:
        if one.alive():
            one.stop()
