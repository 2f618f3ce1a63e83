"""Watching a world without holding it up, and standing in between two steps of it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import ModuleType

import pytest
import torch

from tests.pyhost.bindings.conftest import Ask, Thread, until

Make = Callable[..., str]


def test_looks_come_at_multiples_with_the_fields_of_that_step(core: ModuleType, ask: Ask, make: Make) -> None:
    w, other = make(), make()
    seen = core.observe(w, 10, None, True, 100, "drop")
    ask("sim.step", world=w, n=35)
    for at in (10, 20, 30):
        step, time, fields = seen.next(5)
        assert (step, time, sorted(fields)) == (at, float(at), ["u", "v"])
        ask("sim.step", world=other, n=10)
        assert torch.equal(core.snapshot(other, "u")[0], fields["u"])
    assert seen.next(0) is None
    assert seen.dropped == 0


def test_only_the_newest_is_kept_and_the_others_counted(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make("life", (70, 32))
    seen = core.observe(w, 1, ["alive"], False, 8, "drop")
    ask("sim.step", world=w, n=50)
    step, _, fields = seen.next(5)
    assert (step, seen.dropped) == (50, 49)
    assert fields["alive"].dtype == torch.uint8
    assert seen.next(0) is None


def test_a_full_queue_drops_the_oldest(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    seen = core.observe(w, 1, ["u"], True, 3, "drop")
    ask("sim.step", world=w, n=10)
    assert [seen.next(5)[0] for _ in range(3)] == [8, 9, 10]
    assert seen.dropped == 7


def test_a_full_queue_can_pause_the_world_and_nothing_is_lost(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    seen = core.observe(w, 2, ["u"], True, 4, "pause")
    ask("sim.play", world=w)
    until(lambda: ask("sim.get", world=w)["world"]["state"] == "paused")
    assert ask("sim.get", world=w)["world"]["step"] == 8
    # Taken, it goes on by itself.
    assert [seen.next(20)[0] for _ in range(20)] == list(range(2, 41, 2))
    assert seen.dropped == 0
    seen.close()
    until(lambda: ask("sim.play", world=w)["step"] > 50)


def test_a_world_paused_for_a_queue_that_did_not_play_stays_paused(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    seen = core.observe(w, 1, ["u"], True, 2, "pause")
    with pytest.raises(core.Error, match="pause came in between"):
        ask("sim.step", world=w, n=10)
    assert [seen.next(5)[0] for _ in range(2)] == [1, 2]
    assert seen.next(0.05) is None
    assert ask("sim.get", world=w)["world"]["step"] == 2


def test_closing_ends_it(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    seen = core.observe(w, 1)
    waiting = Thread(lambda: seen.next(-1))
    seen.close()
    with pytest.raises(StopIteration):
        waiting.join()
    ask("sim.step", world=w, n=3)
    with pytest.raises(StopIteration):
        seen.next(0)


def test_the_worlds_end_comes_after_what_waits(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    seen = core.observe(w, 1, None, True, 8, "drop")
    ask("sim.step", world=w, n=2)
    ask("sim.delete", world=w)
    assert [seen.next(5)[0] for _ in range(2)] == [1, 2]
    with pytest.raises(StopIteration):
        seen.next(5)
    seen.close()


def test_an_observer_nobody_has_costs_nothing(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    for _ in range(200):
        core.observe(w, 1, None, True, 1000, "drop")
    gc.collect()
    assert ask("sim.step", world=w, n=100)["step"] == 100


def test_another_law_ends_an_observer_of_channels_it_lacks(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    one, all_of_them = core.observe(w, 1, ["v"]), core.observe(w, 1)
    ask("sim.set", world=w, law="life")
    ask("sim.step", world=w, n=1)
    with pytest.raises(StopIteration):
        one.next(5)
    assert list(all_of_them.next(5)[2]) == ["alive"]


def test_wrong_wishes_are_refused(core: ModuleType, make: Make) -> None:
    w = make()
    for args, says in (
        ((w, 0), "every is 1"),
        ((w, 1, ["x"]), "no channel 'x'"),
        ((w, 1, None, True, 0), "max_queue"),
        ((w, 1, None, True, 1, "wait"), "on_full is 'drop' or 'pause'"),
        (("nope", 1), "no world 'nope'"),
    ):
        with pytest.raises(core.Error, match=says):
            core.observe(*args)


# Hooks


def test_a_hook_stands_at_each_step_and_writes(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 5, 10_000)
    stepping = Thread(lambda: ask("sim.step", world=w, n=12))
    for at in (5, 10):
        lease = hook.next(10)
        assert lease.step == at
        lease.field("u").fill_(at / 100)
        hook.answer()
        assert lease.why == "released"
    assert stepping.join() == {"step": 12}
    assert hook.next(0) is None
    assert hook.detached == ""
    hook.close()
    assert hook.detached == "closed"
    assert ask("sim.step", world=w, n=10) == {"step": 22}


def test_a_hook_may_step_in_its_lease(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 5, 10_000)
    stepping = Thread(lambda: ask("sim.step", world=w, n=10))
    assert hook.next(10).advance(7) == 12
    hook.answer()
    assert hook.next(10).step == 15
    hook.answer()
    assert stepping.join() == {"step": 17}


def test_three_times_over_budget_detaches_it(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 1, 5)
    assert ask("sim.step", world=w, n=20) == {"step": 20}
    assert hook.detached == "it took longer than its budget of 5 ms 3 times"
    assert hook.next(5) is None


def test_over_budget_the_lease_is_gone_and_the_world_goes_on(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 3, 50)
    stepping = Thread(lambda: ask("sim.step", world=w, n=5))
    lease = hook.next(10)
    view = lease.field("u")
    assert stepping.join() == {"step": 5}
    assert lease.why == "expired after 0.05 s"
    assert bool(view.isfinite().all())
    hook.answer()


def test_a_hook_that_fails_is_detached_with_its_text(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 2, 10_000)
    stepping = Thread(lambda: ask("sim.step", world=w, n=9))
    assert hook.next(10) is not None
    hook.fail("ZeroDivisionError: division by zero")
    assert stepping.join() == {"step": 9}
    assert hook.detached == "ZeroDivisionError: division by zero"
    assert hook.next(5) is None


def test_the_worlds_end_detaches_a_hook(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 2, 10_000)
    waiting = Thread(lambda: hook.next(-1))
    ask("sim.delete", world=w)
    assert waiting.join() is None
    assert hook.detached == "the world was deleted"


def test_a_hook_closed_while_the_world_waits_lets_it_go_on(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    hook = core.on_step(w, 2, 60_000)
    stepping = Thread(lambda: ask("sim.step", world=w, n=9))
    until(lambda: ask("sim.get", world=w)["world"]["leasedBy"] == "a hook at every 2 steps")
    hook.close()
    assert stepping.join() == {"step": 9}


def test_a_hook_without_sense_is_refused(core: ModuleType, make: Make) -> None:
    w = make()
    for args, says in (((w, 0), "every is 1"), ((w, 1, 0), "budget_ms"), (("nope", 1), "no world")):
        with pytest.raises(core.Error, match=says):
            core.on_step(*args)
