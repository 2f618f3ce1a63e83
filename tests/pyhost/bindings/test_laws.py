"""Laws written in Python: registered, checked, called on a thread of Python's own."""

from __future__ import annotations

import ctypes
import itertools
import json
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.pyhost.bindings.conftest import Ask, until

Make = Callable[..., str]
Step = Callable[[Tensor, int, dict[str, Any]], Any]
numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def server(core: ModuleType) -> None:
    threading.Thread(target=core.serve_laws, daemon=True).start()


@pytest.fixture
def register(core: ModuleType) -> Callable[..., str]:
    def add(step: Any, name: str = "", **spec: Any) -> str:
        name = name or f"law{next(numbers)}"
        described = {"name": name, "channels": [{"name": "u"}], **spec}
        core.register_law(json.dumps(described), step)
        return name

    return add


def halve(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi * 0.5


def test_a_law_runs_and_is_in_the_catalogue(
    core: ModuleType, ask: Ask, make: Make, register: Callable[..., str]
) -> None:
    seen = []

    def step(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
        seen.append((tuple(psi.shape), t, dict(params), threading.current_thread().name))
        return psi * params["r"] + t

    law = register(
        step,
        title="Grow",
        channels=[{"name": "a", "lo": 0, "hi": 2}, {"name": "b", "background": 0.5}],
        params=[{"name": "r", "value": 0.5, "lo": 0, "hi": 1}],
    )
    info = next(found for found in ask("law.list")["laws"] if found["name"] == law)
    assert (info["title"], [c["name"] for c in info["channels"]]) == ("Grow", ["a", "b"])
    assert "Written in Python: slow." in info["about"]
    seen.clear()
    w = make(law, (16, 8))
    before = core.snapshot(w, None)[0]
    ask("sim.step", world=w, n=3)
    assert torch.equal(core.snapshot(w, None)[0], ((before * 0.5) * 0.5 + 1) * 0.5 + 2)
    assert [call[:3] for call in seen] == [((2, 8, 16), t, {"r": 0.5}) for t in range(3)]
    assert seen[0][3] != threading.current_thread().name
    ask("sim.set", world=w, params={"r": 1})
    ask("sim.step", world=w)
    assert seen[-1][2] == {"r": 1.0}
    assert set(ask("field.measure", world=w)["values"]) == {"mean_a", "mean_b", "activity"}
    with pytest.raises(core.Error, match="parameter r is"):
        ask("sim.set", world=w, params={"r": 2})


def test_three_dimensions_and_double_precision(
    core: ModuleType, ask: Ask, make: Make, register: Callable[..., str]
) -> None:
    law = register(halve, dimensions=[2, 3], dtypes=["f32", "f64"])
    w = make(law, (8, 6, 4), dtype="f64")
    before = core.snapshot(w, "u")[0]
    ask("sim.step", world=w, n=2)
    after = core.snapshot(w, "u")[0]
    assert (after.shape, after.dtype) == ((4, 6, 8), torch.float64)
    assert torch.equal(after, before * 0.25)


def test_a_lease_steps_it_on_the_other_thread(core: ModuleType, make: Make, register: Callable[..., str]) -> None:
    w = make(register(halve), (16, 8))
    lease = core.lease(w, "me")
    lease.field("u").fill_(1)
    lease.advance(3)
    assert bool((lease.field("u") == 0.125).all())
    lease.release()


def wrong_shape(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi[..., 1:]


def wrong_type(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi.double()


def not_finite(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi / 0


def in_place(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi.mul_(0.5)


def no_tensor(psi: Tensor, t: int, params: dict[str, Any]) -> float:
    return 0.5


def only_for_one_size(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    return psi[:, :12, :16] * 1


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (wrong_shape, "returned shape"),
        (wrong_type, "returned Double for a field of Float"),
        (not_finite, "returned NaN"),
        (in_place, "wrote into the field it was given"),
        (no_tensor, "is a torch.Tensor, got float"),
        (only_for_one_size, "returned shape"),
    ],
)
def test_a_step_that_breaks_its_contract_is_refused(
    core: ModuleType, ask: Ask, register: Callable[..., str], step: Step, says: str
) -> None:
    with pytest.raises(core.Error, match=says):
        register(step, name="refused")
    assert "refused" not in [law["name"] for law in ask("law.list")["laws"]]


def test_what_a_step_raises_when_tried_out_is_the_callers(register: Callable[..., str]) -> None:
    def step(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
        raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError, match="oops"):
        register(step)


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"name": "a b"}, "spec.name"),
        ({"channels": []}, "spec.channels"),
        ({"channels": [{"name": "u"}, {"name": "u"}]}, "spec.channels"),
        ({"channels": [{"name": "u", "lo": 1, "hi": 0}]}, "spec.channels[0].hi"),
        ({"channels": ["u"]}, "spec.channels"),
        ({"complex": True}, "spec.channels"),
        ({"params": [{"name": "p"}]}, "spec.params[0].value"),
        ({"params": [{"name": "p", "value": 3, "lo": 0, "hi": 1}]}, "spec.params[0].value"),
        ({"dtypes": ["f16"]}, "spec.dtypes"),
        ({"dimensions": [4]}, "spec.dimensions"),
        ({"budget_ms": 0}, "spec.budget_ms"),
        ({"name": "life"}, "name"),
    ],
)
def test_a_wrong_description_names_what_is_wrong(
    core: ModuleType, register: Callable[..., str], spec: dict[str, Any], path: str
) -> None:
    with pytest.raises(core.Error) as wrong:
        register(halve, **spec)
    assert wrong.value.path == path


def test_a_step_that_is_no_function_is_refused(core: ModuleType, register: Callable[..., str]) -> None:
    with pytest.raises(core.Error, match="step is a function"):
        register(3)


def test_a_law_is_replaced_for_worlds_made_afterwards(
    core: ModuleType, ask: Ask, make: Make, register: Callable[..., str]
) -> None:
    law = register(halve)
    old = make(law, (8, 8))
    register(lambda psi, t, params: psi * 0 + 3, name=law)
    new = make(law, (8, 8))
    before = core.snapshot(old, "u")[0]
    for w in (old, new):
        ask("sim.step", world=w)
    assert torch.equal(core.snapshot(old, "u")[0], before * 0.5)
    assert bool((core.snapshot(new, "u")[0] == 3).all())
    with pytest.raises(core.Error, match="other channels"):
        register(halve, name=law, channels=[{"name": "w"}])
    assert [found["name"] for found in ask("law.list")["laws"]].count(law) == 1


def test_a_step_that_raises_pauses_the_world_at_its_last_good_step(
    core: ModuleType, ask: Ask, make: Make, register: Callable[..., str]
) -> None:
    def step(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
        if t == 4:
            raise ValueError("no more")
        return psi * 0.5

    w = make(register(step), (8, 8))
    before = core.snapshot(w, "u")[0]
    with pytest.raises(core.Error, match="raised ValueError: no more"):
        ask("sim.step", world=w, n=10)
    world = ask("sim.get", world=w)["world"]
    assert (world["step"], world["state"]) == (4, "failed")
    assert torch.equal(core.snapshot(w, "u")[0], before * 0.5**4)


def test_over_budget_the_world_pauses_with_the_reason_never_a_wrong_step(
    core: ModuleType, ask: Ask, make: Make, register: Callable[..., str]
) -> None:
    w = make(register(halve, budget_ms=20), (8, 8), playing=True)
    until(lambda: ask("sim.get", world=w)["world"]["step"] > 0)
    ctypes.PyDLL(None).usleep(300_000)  # keeps the GIL
    until(lambda: ask("sim.get", world=w)["world"]["state"] == "failed")
    world = ask("sim.get", world=w)["world"]
    assert "did not answer within its budget of 20 ms" in world["failure"]
    field, step, _ = core.snapshot(w, "u")
    ask("sim.reset", world=w)
    ask("sim.pause", world=w)
    start, _, _ = core.snapshot(w, "u")
    assert torch.equal(field, start * 0.5**step)


def test_another_device_is_refused(core: ModuleType, make: Make, register: Callable[..., str]) -> None:
    with pytest.raises(core.Error) as refused:
        make(register(halve), (8, 8), device="cuda")
    assert refused.value.code in {"unsupported", "bad_args"}
