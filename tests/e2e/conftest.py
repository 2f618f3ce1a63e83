"""The server under test, and tests that are coroutines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.client import Client, connected
from tests.e2e.support import Connect, Server, Start, mark_e2e

WORLDS = (
    "gs=gray-scott,64x64,seed=1,paused",
    "life=life,64x64,seed=1,paused",
    "big=gray-scott,256x128,seed=2,paused",
    "busy=gray-scott,96x64,seed=3",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_e2e(items, Path(__file__).parent)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs `async def test_...` in a loop of its own, for at most two minutes."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def bounded() -> None:
        async with asyncio.timeout(120):
            await pyfuncitem.obj(**arguments)

    asyncio.run(bounded())
    return True


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a file, with a few small worlds; it must still be there afterwards."""
    arguments = [word for world in WORLDS for word in ("--world", world)]
    running = Server(tmp_path_factory.mktemp("server"), *arguments)
    yield running
    assert running.alive(), f"the server died:\n{running.stderr()}"
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers with arguments of a test's own, and stops those it left running."""
    started: list[Server] = []

    def start_one(*arguments: str) -> Server:
        started.append(Server(tmp_path, *arguments))
        return started[-1]

    yield start_one
    for one in started:
        if one.alive():
            one.stop()


@pytest.fixture
def client(server: Server) -> Connect:
    """async with client() as c: connected as admin."""

    def open_one(**options: Any) -> AbstractAsyncContextManager[Client]:
        return connected(server.ws, server.token, **options)

    return open_one
