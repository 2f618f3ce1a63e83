"""A harness with a host of plain Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pyhost.python.fake_host import FakeHost

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


@pytest.fixture
def run(host: FakeHost) -> Run:
    """run(source, **item): the job's report, with `job` and `output` added."""

    def run_one(source: str = "", **item: Any) -> dict[str, Any]:
        job = host.submit(source, **item)
        host.serve()
        return {**host.report(job), "job": job, "output": host.output(job)}

    return run_one
