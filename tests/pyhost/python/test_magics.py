"""%atheria in a notebook."""

from __future__ import annotations

import types

import pytest
from atheria import _context
from atheria._host.magics import atheria_magic


def test_jobs_lists_those_that_run_and_wait(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(number: int, state: str) -> dict[str, object]:
        return {"job": str(number), "state": state, "owner": "c1 (admin)", "name": f"{state}.py"}

    states = ("done", "cancelling", "running", "queued", "done")
    jobs = [job(number, state) for number, state in enumerate(states)]
    monkeypatch.setattr(_context, "host", types.SimpleNamespace(jobs=lambda: jobs))
    atheria_magic("jobs")
    listed = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert listed == ["cancelling.py", "running.py", "queued.py"]
