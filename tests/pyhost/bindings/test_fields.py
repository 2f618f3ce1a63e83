"""Copies of fields, and fields written whole."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Callable
from types import ModuleType

import pytest
import torch

from tests.pyhost.bindings.conftest import Ask, Thread, until

Make = Callable[..., str]


@pytest.mark.parametrize(
    ("law", "size", "args", "one", "count", "dtype"),
    [
        ("gray-scott", (48, 32), {}, (32, 48), 2, torch.float32),
        ("gray-scott", (48, 32), {"dtype": "f64"}, (32, 48), 2, torch.float64),
        ("gray-scott", (12, 10, 8), {}, (8, 10, 12), 2, torch.float32),
        ("life", (70, 32), {}, (32, 70), 1, torch.uint8),
    ],
)
def test_a_snapshot_has_the_shape_of_numpys(
    core: ModuleType, make: Make, law: str, size: tuple[int, ...], args: dict[str, str], one: tuple[int, ...],
    count: int, dtype: torch.dtype,
) -> None:  # fmt: skip
    w = make(law, size, **args)
    names = core.fields(w)
    assert len(names) == count
    whole, step, time = core.snapshot(w, None)
    assert (whole.shape, whole.dtype, step, time) == ((count, *one), dtype, 0, 0.0)
    for index, name in enumerate(names):
        channel, _, _ = core.snapshot(w, name)
        assert channel.shape == one
        assert torch.equal(channel, whole[index])
        assert channel.is_contiguous()


def test_a_snapshot_is_the_callers_own(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    ask("sim.step", world=w, n=10)
    mine, step, _ = core.snapshot(w, "u")
    before = mine.clone()
    mine.fill_(7)
    assert torch.equal(core.snapshot(w, "u")[0], before)
    assert step == 10
    assert not mine.is_inference()
    weight = torch.ones(1, requires_grad=True)
    (mine * weight).sum().backward()
    assert weight.grad is not None


def test_an_unknown_channel_or_world_is_named(core: ModuleType, make: Make) -> None:
    w = make()
    with pytest.raises(core.Error, match="no channel 'x'; there are: u, v") as wrong:
        core.snapshot(w, "x")
    assert (wrong.value.code, wrong.value.path) == ("not_found", "channel")
    for call in (lambda: core.snapshot("nope", None), lambda: core.fields("nope")):
        with pytest.raises(core.Error) as gone:
            call()
        assert gone.value.code == "not_found"


def test_no_snapshot_is_torn_while_the_world_runs(core: ModuleType, ask: Ask, make: Make) -> None:
    # Channels that agree in every cell and change at every step: a snapshot of two steps would show.
    w = make("wave", (256, 256))
    names = core.fields(w)
    core.load(w, None, torch.zeros(len(names), 256, 256))
    ask("sim.play", world=w)
    steps = set()
    for _ in range(200):
        whole, step, _ = core.snapshot(w, None)
        assert bool((whole == 0).all())
        steps.add(step)
    assert len(steps) > 10
    ask("sim.pause", world=w)
    still, step, _ = core.snapshot(w, None)
    again = make("wave", (256, 256))
    core.load(again, None, torch.zeros(len(names), 256, 256))
    assert ask("sim.step", world=again, n=step)["step"] == step
    assert torch.equal(core.snapshot(again, None)[0], still)


def test_snapshots_of_a_running_world_are_those_of_their_step(core: ModuleType, ask: Ask, make: Make) -> None:
    w, slow = make("life", (512, 512)), make("life", (512, 512))
    ask("sim.play", world=w)
    seen = [core.snapshot(w, None)[:2] for _ in range(8)]
    ask("sim.delete", world=w)
    at = 0
    for field, step in seen:
        if step > at:
            ask("sim.step", world=slow, n=step - at)
            at = step
        assert torch.equal(core.snapshot(slow, None)[0], field)


@pytest.mark.parametrize(("law", "size"), [("gray-scott", (48, 32)), ("gray-scott", (12, 10, 8)), ("life", (70, 32))])
def test_what_is_loaded_is_there_and_undo_takes_it_back(
    core: ModuleType, ask: Ask, make: Make, law: str, size: tuple[int, ...]
) -> None:
    w = make(law, size)
    before, _, _ = core.snapshot(w, None)
    values = (torch.rand(before.shape) > 0.5).to(before.dtype)
    assert core.load(w, None, values) == 0
    assert torch.equal(core.snapshot(w, None)[0], values)
    name = core.fields(w)[-1]
    core.load(w, name, torch.ones(before.shape[1:], dtype=torch.int64))
    assert bool((core.snapshot(w, name)[0] == 1).all())
    ask("field.undo", world=w)
    assert torch.equal(core.snapshot(w, None)[0], values)
    ask("field.undo", world=w)
    assert torch.equal(core.snapshot(w, None)[0], before)


def test_what_does_not_fit_is_refused_and_nothing_changes(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    before, _, _ = core.snapshot(w, None)
    wrong = [
        (None, torch.zeros(32, 48), r"need shape \[2, 32, 48\], got \[32, 48\]"),
        ("u", torch.zeros(48, 32), r"need shape \[32, 48\]"),
        ("u", torch.zeros(1), "need shape"),
        ("x", torch.zeros(32, 48), "no channel 'x'"),
        ("u", torch.zeros(32, 48, dtype=torch.complex64), "complex"),
        ("u", [[0.0]], "values is a torch.Tensor, got list"),
    ]
    for channel, values, says in wrong:
        with pytest.raises(core.Error, match=says):
            core.load(w, channel, values)
    assert torch.equal(core.snapshot(w, None)[0], before)
    assert ask("sim.get", world=w)["world"]["undo"] == 0


def test_a_tensor_with_gradients_loads(core: ModuleType, make: Make) -> None:
    w = make()
    values = torch.rand(32, 48, requires_grad=True)
    core.load(w, "u", values)
    assert torch.equal(core.snapshot(w, "u")[0], values.detach())


def test_a_world_steps_while_python_keeps_the_gil(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make("life", (64, 64), pace={"mode": "full"})
    ask("sim.play", world=w)
    # The world drops tensors that Python has seen: copies it made, memory of leases, values loaded.
    lease = core.lease(w, "me")
    view = lease.field(None)
    storage = view.untyped_storage()
    lease.release()
    core.load(w, None, view)
    core.snapshot(w, None)
    assert storage.nbytes() > 0
    del storage
    _, before, _ = core.snapshot(w, None)
    keeps_the_gil = ctypes.PyDLL(None).usleep
    keeps_the_gil(300_000)
    assert core.snapshot(w, None)[1] > before + 100


def test_nothing_of_the_engine_keeps_a_python_tensor(core: ModuleType, make: Make) -> None:
    w = make()
    given = torch.zeros(32, 48)
    core.load(w, "u", given)
    dead = weakref.ref(given)
    taken, _, _ = core.snapshot(w, "u")
    also = weakref.ref(taken)
    del given, taken
    gc.collect()
    assert dead() is None
    assert also() is None


def test_a_snapshot_waits_for_a_lease_and_says_so_in_time(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    waiting = Thread(lambda: core.snapshot(w, None))
    until(lambda: ask("sim.get", world=w)["world"]["leasedBy"] == "me")
    lease.field("u").fill_(0.5)
    lease.release()
    assert bool((waiting.join()[0][0] == 0.5).all())
