"""A world that stands still for one holder, and its own memory as tensors."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import ModuleType

import pytest
import torch

from tests.pyhost.bindings.conftest import Ask, Thread, until

Make = Callable[..., str]


def leased_by(ask: Ask, world: str) -> str | None:
    owner: str | None = ask("sim.get", world=world)["world"]["leasedBy"]
    return owner


@pytest.mark.parametrize("size", [(48, 32), (12, 10, 8)])
def test_fields_are_the_worlds_own_memory(core: ModuleType, ask: Ask, make: Make, size: tuple[int, ...]) -> None:
    w = make("gray-scott", size)
    lease = core.lease(w, "job 3", 5.0, 30.0)
    whole, u, v = lease.field(None), lease.field("u"), lease.field("v")
    assert u.shape == tuple(reversed(size))
    assert whole.shape == (2, *reversed(size))
    assert u.data_ptr() == whole.data_ptr() == lease.field("u").data_ptr()
    assert v.data_ptr() == whole[1].data_ptr()
    assert leased_by(ask, w) == "job 3"
    u.fill_(0.25)
    lease.release()
    assert bool((core.snapshot(w, "u")[0] == 0.25).all())
    assert leased_by(ask, w) is None


def test_writes_are_seen_by_the_next_step(core: ModuleType, ask: Ask, make: Make) -> None:
    w, other = make(), make()
    values = torch.rand(2, 32, 48)
    lease = core.lease(w, "me")
    lease.field(None).copy_(values)
    assert lease.advance(25) == 25
    assert (lease.step, lease.time) == (25, 25.0)
    inside = lease.field(None).clone()
    lease.release()
    core.load(other, None, values)
    ask("sim.step", world=other, n=25)
    assert torch.equal(core.snapshot(other, None)[0], inside)
    assert torch.equal(core.snapshot(w, None)[0], inside)


def test_views_stay_live_over_steps(core: ModuleType, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    u = lease.field("u")
    before, at = u.clone(), u.data_ptr()
    lease.advance(20)
    assert not torch.equal(u, before)
    assert lease.field("u").data_ptr() == at
    lease.release()


def test_bits_are_a_copy_that_is_written_back(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make("life", (70, 32), init="empty")
    lease = core.lease(w, "me")
    cells = lease.field("alive")
    assert (cells.dtype, cells.shape) == (torch.uint8, (32, 70))
    assert lease.field(None).data_ptr() == cells.data_ptr()
    cells[5, 64:67] = 1  # a blinker across a border of words
    lease.advance(1)
    assert cells[4:7, 65].tolist() == [1, 1, 1]
    assert int(cells.sum()) == 3
    cells[20, 3:6] = 1
    lease.release()
    field = core.snapshot(w, "alive")[0]
    assert int(field.sum()) == 6
    assert field[20, 3:6].tolist() == [1, 1, 1]
    ask("sim.step", world=w, n=1)
    assert int(cells.sum()) == 6  # what was kept shows the last moment


def test_a_view_kept_is_a_snapshot_of_the_last_moment(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    view = lease.field(None)
    lease.release()
    last = view.clone()
    ask("sim.step", world=w, n=50)
    assert torch.equal(view, last)
    view.fill_(float("nan"))
    assert bool(core.snapshot(w, None)[0].isfinite().all())
    assert not torch.equal(core.snapshot(w, None)[0], last)


def test_without_views_kept_the_memory_is_the_same(core: ModuleType, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    at = lease.field(None).data_ptr()
    gc.collect()
    lease.release()
    again = core.lease(w, "me")
    assert again.field(None).data_ptr() == at
    kept = again.field("v")
    again.release()
    third = core.lease(w, "me")
    assert third.field(None).data_ptr() != at
    assert kept.isfinite().all()
    third.release()


def test_a_second_is_refused_naming_who_has_it(core: ModuleType, make: Make) -> None:
    w = make()
    lease = core.lease(w, "job 7")
    with pytest.raises(core.Error, match="held by job 7 since") as refused:
        core.lease(w, "me", 0.1, 30)
    assert refused.value.code == "busy"
    lease.release()
    core.lease(w, "me", 0, 30).release()


def test_a_second_waits_for_the_first(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    first = core.lease(w, "one")
    waiting = Thread(lambda: core.lease(w, "two", 20, 30))
    assert leased_by(ask, w) == "one"
    first.release()
    second = waiting.join()
    assert leased_by(ask, w) == "two"
    assert second.valid
    second.release()


def test_who_would_wait_for_itself_is_told(core: ModuleType, ask: Ask, make: Make) -> None:
    w, other = make(), make()
    lease = core.lease(w, "me")
    for call in (lambda: core.snapshot(w, None), lambda: ask("sim.step", world=w), lambda: ask("sim.reset", world=w)):
        with pytest.raises(core.Error, match="would wait for itself") as refused:
            call()
        assert refused.value.code == "conflict"
    assert ask("sim.get", world=w)["world"]["leasedBy"] == "me"
    ask("sim.step", world=other)
    lease.release()
    ask("sim.step", world=w)


def test_it_expires_and_says_so(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me", 5, 0.05)
    view = lease.field("u")
    until(lambda: not lease.valid)
    assert lease.why == "expired after 0.05 s"
    for call in (lambda: lease.field("u"), lambda: lease.advance(1)):
        with pytest.raises(core.Error, match=r"expired after 0\.05 s") as late:
            call()
        assert late.value.code == "lease_expired"
    lease.release()
    ask("sim.step", world=w, n=5)
    assert not torch.equal(core.snapshot(w, "u")[0], view)


def test_it_expires_while_it_steps(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me", 5, 0.1)
    with pytest.raises(core.Error, match=r"expired after 0\.1 s") as late:
        lease.advance(10**9)
    assert late.value.code == "lease_expired"
    assert leased_by(ask, w) is None


def test_a_holder_that_goes_away_gives_it_back(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    assert leased_by(ask, w) == "me"
    del lease
    gc.collect()
    until(lambda: leased_by(ask, w) is None)


def test_the_worlds_end_is_the_leases_end(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make()
    lease = core.lease(w, "me")
    view = lease.field("u")
    stepping = Thread(lambda: lease.advance(10**9))
    ask("sim.delete", world=w)
    with pytest.raises(core.Error, match="the world was deleted"):
        stepping.join()
    assert lease.why == "the world was deleted"
    assert bool(view.isfinite().all())
    lease.release()
    with pytest.raises(core.Error) as gone:
        core.lease(w, "me")
    assert gone.value.code == "not_found"


def test_a_law_that_fails_is_the_holders_error_and_the_lease_stays(core: ModuleType, make: Make) -> None:
    w = make("gray-scott", (32, 32), init="noise:lo=1e5,hi=1e6")
    lease = core.lease(w, "me")
    with pytest.raises(core.Error, match="NaN"):
        lease.advance(100)
    assert lease.valid
    assert lease.step < 100
    assert bool(lease.field(None).isfinite().all())
    lease.release()


def test_a_running_world_goes_on_afterwards(core: ModuleType, ask: Ask, make: Make) -> None:
    w = make(playing=True)
    lease = core.lease(w, "me")
    at = lease.step
    assert ask("sim.get", world=w)["world"]["step"] == at
    lease.release()
    until(lambda: ask("sim.get", world=w)["world"]["step"] > at)


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), 1e9])
def test_a_deadline_out_of_range_is_refused(core: ModuleType, make: Make, deadline: float) -> None:
    w = make()
    with pytest.raises(core.Error, match="deadline"):
        core.lease(w, "me", 1, deadline)


def test_wrong_channels_and_counts_are_refused(core: ModuleType, make: Make) -> None:
    lease = core.lease(make(), "me")
    with pytest.raises(core.Error, match="no channel 'x'"):
        lease.field("x")
    with pytest.raises(core.Error, match="n is 0"):
        lease.advance(-1)
    assert lease.advance(0) == 0
    lease.release()
    lease.release()
