"""PROTOCOL.md sections 5 to 7: what is subscribed to is what the field holds."""

import asyncio
import math
import struct

import pytest

from tests.conformance import atheria_wire as wire
from tests.conformance.client import Client, Subscription
from tests.e2e.support import Connect, Server, http, npy


def field(server: Server, world: str, channel: str) -> tuple[int, tuple[int, ...], tuple[float, ...]]:
    """Step, shape and numbers of a float32 field."""
    answer = http(server, f"/api/v1/worlds/{world}/field.npy?channel={channel}", token=server.token)
    shape, descr, data = npy(answer.body)
    assert descr == "<f4"
    return int(answer.headers["x-atheria-step"]), shape, struct.unpack(f"<{len(data) // 4}f", data)


async def made(client: Client, name: str, size: tuple[int, int] = (64, 64), **more: object) -> None:
    args = {"name": name, "law": "gray-scott", "size": list(size), "playing": False, **more}
    await client.ask("sim.create", args)


@pytest.mark.parametrize("codec", ["raw", "lz4"])
async def test_f32_frames_equal_the_field_bit_for_bit(server: Server, client: Connect, codec: str) -> None:
    async with client() as c:
        await made(c, f"exact-{codec}")
        await c.ask("sim.step", {"world": f"exact-{codec}", "n": 25})
        stream = await c.subscribe(1, f"exact-{codec}/v", dtype="f32", codec=codec, crc=True)
        frame = await stream.until_step(25)
        step, shape, numbers = field(server, f"exact-{codec}", "v")
        assert (frame.header.step, (frame.height, frame.width)) == (step, shape)
        assert frame.header.flags & wire.STILL
        assert frame.header.flags & wire.CRC
        assert frame.numbers() == numbers
        assert frame.header.scale == 1
        assert frame.header.offset == 0


@pytest.mark.parametrize(("dtype", "levels"), [("u8", 254), ("u16", 65534)])
async def test_codes_are_the_field_rounded_to_their_range(
    server: Server, client: Connect, dtype: str, levels: int
) -> None:
    async with client() as c:
        stream = await c.subscribe(1, "gs/u", dtype=dtype, range=[0, 1])
        assert stream.reply["dtype"] == dtype
        frame = await stream.next()
        assert frame.header.scale == pytest.approx(1 / levels)
        _, _, numbers = field(server, "gs", "u")
        for code, value in zip(frame.numbers(), numbers, strict=True):
            assert abs(code - min(max(value, 0), 1) * levels) <= 0.502


async def test_f16_keeps_eleven_bits(server: Server, client: Connect) -> None:
    async with client() as c:
        frame = await (await c.subscribe(1, "gs/u", dtype="f16")).next()
        _, _, numbers = field(server, "gs", "u")
        for found, value in zip(frame.values(), numbers, strict=True):
            assert found == pytest.approx(value, rel=2**-11, abs=1e-7)


async def test_an_automatic_range_holds_every_number(server: Server, client: Connect) -> None:
    async with client() as c:
        frame = await (await c.subscribe(1, "gs/v", dtype="u16")).next()
        _, _, numbers = field(server, "gs", "v")
        head = frame.header
        assert head.offset <= min(numbers)
        assert head.offset + 65534 * head.scale >= max(numbers)


async def test_300_differences_lead_to_the_field(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "chain", (96, 80))
        await c.ask("sim.play", {"world": "chain"})
        stream = await c.subscribe(1, "chain/v", range=[0, 0.5], maxFps=240)
        for _ in range(300):
            await stream.next()
        step = (await c.ask("sim.pause", {"world": "chain"}))["step"]
        last = await stream.until_step(step)
        differences = sum(1 for header in stream.headers if not header.key)
        assert differences > 200
        assert any(header.delta for header in stream.headers)
        at, _, numbers = field(server, "chain", "v")
        assert at == last.header.step == step
        for code, value in zip(last.numbers(), numbers, strict=True):
            assert abs(code - min(max(value, 0), 0.5) * 508) <= 0.502


async def test_without_acks_a_window_of_frames_comes_and_then_the_newest(client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(1, "busy/u", window=3)
        stream.auto_ack = False
        sent = [await stream.next() for _ in range(3)]
        assert await stream.silence(1.0)
        await stream.ack(sent[-1])
        after = await stream.next()
        assert after.header.seq > sent[-1].header.seq + 1
        assert after.header.flags & wire.GAP
        assert after.header.step > sent[-1].header.step + 1


async def test_lossless_sends_every_step(client: Connect) -> None:
    async with client() as c:
        await made(c, "whole")
        stream = await c.subscribe(1, "whole/u", mode="lossless", maxFps=240, window=16)
        await stream.next()  # step 0
        await c.ask("sim.step", {"world": "whole", "n": 60})
        steps = [(await stream.next()).header.step for _ in range(60)]
        assert steps == list(range(1, 61))
        assert not any(header.flags & wire.GAP for header in stream.headers)


async def test_lossless_sends_every_nth_step_when_asked_to(client: Connect) -> None:
    async with client() as c:
        await made(c, "every")
        stream = await c.subscribe(1, "every/u", mode="lossless", every=10, maxFps=240)
        await stream.next()
        await c.ask("sim.step", {"world": "every", "n": 55})
        steps = [(await stream.next()).header.step for _ in range(5)]
        assert steps == [10, 20, 30, 40, 50]


async def test_lossless_that_pauses_a_full_world_pauses_it_once(client: Connect) -> None:
    async with client() as c:
        await made(c, "full", size=(512, 512), pace={"stepsPerSecond": 0})
        stream = await c.subscribe(1, "full/u", mode="lossless", dtype="f32", codec="raw", maxFps=240, onFull="pause")
        stream.auto_ack = False
        await c.ask("sim.play", {"world": "full"})
        while (event := (await c.event("state"))["data"])["state"] != "paused" or event["name"] != "full":
            pass
        before = (await c.ask("sim.get", {"world": "full"}))["world"]["revision"]
        for _ in range(20):
            await c.ask("ping")
        assert (await c.ask("sim.get", {"world": "full"}))["world"]["revision"] == before


async def test_the_header_names_the_layer_shown(client: Connect) -> None:
    async with client() as c:
        await c.ask("sim.create", {"name": "deep", "law": "ginzburg-landau", "size": [16, 12, 10], "playing": False})
        for sub, wish, layer in ((1, {}, 5), (2, {"z": 3}, 3), (3, {"depth": "max"}, 0)):
            frame = await (await c.subscribe(sub, "deep/density", **wish)).next()
            assert frame.header.z == layer
        assert (await c.refusal("sub", {"sub": 4, "topic": "deep/density", "z": 10})).path == "args.z"
        assert (await c.refusal("sub.update", {"sub": 1, "z": 10})).path == "args.z"
        assert (await c.ask("sim.step", {"world": "deep"}))["step"] == 1


async def test_another_law_ends_subscriptions_to_views_it_does_not_have(client: Connect) -> None:
    async with client() as c:
        for start in ("playing", "paused"):
            name = f"law-{start}"
            await made(c, name, playing=start == "playing")
            await (await c.subscribe(1, f"{name}/v")).next()
            await c.ask("sim.set", {"world": name, "law": "life"})
            assert (await c.event("sub_ended"))["data"]["sub"] == 1
            await (await c.subscribe(1, f"{name}/alive")).next()
            await c.ask("field.undo", {"world": name})
            assert (await c.event("sub_ended"))["data"]["sub"] == 1
            await (await c.subscribe(1, f"{name}/v", mode="once")).next()


async def test_once_sends_one_frame_and_is_gone(client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(4, "busy/u", mode="once")
        frame = await stream.next()
        assert frame.header.key
        assert await stream.silence(0.5)
        assert (await c.refusal("unsub", {"sub": 4})).code == "not_found"
        await c.subscribe(4, "busy/u", mode="once")


async def test_a_picture_fits_and_is_the_mean_of_its_cells(server: Server, client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(1, "big/u", fit=[70, 64], dtype="f32")
        assert (stream.reply["lod"], stream.reply["size"]) == (2, [64, 32])
        frame = await stream.next()
        assert (frame.width, frame.height, frame.header.lod) == (64, 32, 2)
        _, (_, width), cells = field(server, "big", "u")
        for y in range(0, 32, 5):
            for x in range(0, 64, 7):
                block = [cells[(4 * y + j) * width + 4 * x + i] for j in range(4) for i in range(4)]
                assert frame.numbers()[y * 64 + x] == pytest.approx(math.fsum(block) / 16, rel=1e-5)


@pytest.mark.parametrize(("reduce", "function"), [("min", min), ("max", max)])
async def test_cells_are_reduced_as_asked(server: Server, client: Connect, reduce: str, function) -> None:  # type: ignore[no-untyped-def]
    async with client() as c:
        frame = await (await c.subscribe(1, "big/v", fit=[128, 128], dtype="f32", reduce=reduce)).next()
        _, (_, width), cells = field(server, "big", "v")
        for y in range(0, 64, 9):
            for x in range(0, 128, 11):
                block = [cells[(2 * y + j) * width + 2 * x + i] for j in range(2) for i in range(2)]
                assert frame.numbers()[y * 128 + x] == function(block)


async def test_a_region_is_snapped_to_tiles_and_holds_their_cells(server: Server, client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(1, "big/u", roi=[70, 10, 30, 20], dtype="f32")
        assert stream.reply["roi"] == [64, 0, 64, 64]
        frame = await stream.next()
        assert (frame.width, frame.height) == (64, 64)
        _, (_, width), cells = field(server, "big", "u")
        rows = [cells[y * width + 64 : y * width + 128] for y in range(64)]
        assert frame.numbers() == tuple(cell for row in rows for cell in row)


async def test_an_update_begins_with_a_key_frame_of_the_new_size(client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(1, "busy/u")
        for _ in range(3):
            await stream.next()
        reply = await c.ask("sub.update", {"sub": 1, "fit": [48, 48], "dtype": "u16"})
        assert reply["size"] == [48, 32]
        async with asyncio.timeout(20):
            while (frame := await stream.next()).width != 48:
                pass
        assert frame.header.key
        assert frame.header.dtype == wire.U16N
        await c.ask("sub.update", {"sub": 1, "maxFps": 0})
        await asyncio.sleep(0.2)
        while not stream.frames.empty():
            await stream.next()
        assert await stream.silence(0.7)
        await c.ask("sub.update", {"sub": 1, "maxFps": 60})
        assert (await stream.next()).header.key


async def test_nan_and_infinity_have_their_code(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "broken", guard="off")
        paint = {"world": "broken", "points": [[20, 20]], "radius": 5, "value": 1e30, "channel": "v"}
        await c.ask("field.paint", paint)
        await c.ask("sim.step", {"world": "broken", "n": 3})
        step, _, numbers = field(server, "broken", "v")
        lost = {i for i, value in enumerate(numbers) if not math.isfinite(value)}
        assert lost
        for sub, (dtype, code) in enumerate([("u8", 255), ("u16", 65535)], 1):
            frame = await (await c.subscribe(sub, "broken/v", dtype=dtype)).until_step(step)
            assert {i for i, found in enumerate(frame.numbers()) if found == code} == lost
        frame = await (await c.subscribe(7, "broken/v", dtype="f32")).until_step(step)
        assert all(a == b or (a != a and b != b) for a, b in zip(frame.numbers(), numbers, strict=True))
        at = min(lost)
        probe = await c.ask("probe.read", {"world": "broken", "x": at % 64, "y": at // 64})
        assert probe["values"]["v"] in ("NaN", "Infinity", "-Infinity")


async def test_a_guarded_world_pauses_at_its_last_good_step_and_says_why(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "guarded", guard="pause")
        paint = {"world": "guarded", "points": [[20, 20]], "radius": 5, "value": 1e30, "channel": "v"}
        await c.ask("field.paint", paint)
        await c.ask("sim.play", {"world": "guarded"})
        event = await c.event("failed")
        assert event["data"]["world"] == "guarded"
        assert event["data"]["reason"]
        world = (await c.ask("sim.get", {"world": "guarded"}))["world"]
        assert world["state"] == "failed"
        assert world["failure"]
        assert world["step"] == event["data"]["step"]
        assert all(math.isfinite(value) for value in field(server, "guarded", "v")[2])
        await c.ask("sim.reset", {"world": "guarded"})
        await c.ask("sim.step", {"world": "guarded", "n": 2})


async def test_two_clients_see_the_same_frames(client: Connect) -> None:
    async with client() as one, client() as two:
        await made(one, "shared")
        wishes = {"mode": "lossless", "maxFps": 240, "range": [0, 1]}
        streams: list[Subscription] = [await c.subscribe(5, "shared/u", **wishes) for c in (one, two)]
        for stream in streams:
            await stream.next()
        await one.ask("sim.step", {"world": "shared", "n": 30})
        for step in range(1, 31):
            a, b = [await stream.next() for stream in streams]
            assert a.header.step == b.header.step == step
            assert a.codes == b.codes


async def test_three_colours_are_three_planes(server: Server, client: Connect) -> None:
    async with client() as c:
        laws = {law["name"]: law for law in c.hello["laws"]}
        law = next(name for name, law in laws.items() if any(view["channels"] == 3 for view in law["views"]))
        await made(c, "colours", law=law, size=(128, 96))
        view = next(view["name"] for view in laws[law]["views"] if view["channels"] == 3)
        stream = await c.subscribe(1, f"colours/{view}", dtype="f32")
        assert stream.reply["channels"] == 3
        frame = await stream.next()
        assert len(frame.numbers()) == 3 * 128 * 96


async def test_a_large_picture_comes_in_parts(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "large", (600, 500))
        stream = await c.subscribe(1, "large/u", dtype="f32", codec="raw")
        frame = await stream.next()
        assert frame.header.parts >= 5
        assert frame.numbers() == field(server, "large", "u")[2]


async def test_a_series_has_the_columns_it_names(client: Connect) -> None:
    async with client() as c:
        stream = await c.subscribe(3, "busy/series", maxFps=20)
        assert stream.reply["columns"][:2] == ["step", "time"]
        assert stream.reply["columns"][-1] == "activity"
        first, second = await stream.next(), await stream.next()
        assert first.width == len(stream.reply["columns"])
        assert first.header.dtype == wire.F64
        steps = [row[0] for frame in (first, second) for row in frame.rows()]
        assert steps == sorted(set(steps))


async def test_subscriptions_end_with_their_world(client: Connect) -> None:
    async with client() as c:
        await made(c, "ends")
        await c.subscribe(9, "ends/u")
        await c.ask("sim.delete", {"world": "ends"})
        assert (await c.event("sub_ended"))["data"]["sub"] == 9


async def test_subscriptions_are_counted_and_told_of(client: Connect) -> None:
    async with client() as c:
        for sub in range(1, 33):
            await c.subscribe(sub, "gs/u", maxFps=0)
        assert (await c.refusal("sub", {"sub": 33, "topic": "gs/u"})).code == "too_large"
        assert (await c.refusal("sub", {"sub": 1, "topic": "gs/u"})).code == "conflict"
        stats = (await c.event("stats"))["data"]["subs"]
        assert {"sub", "offered", "sent", "dropped", "acked", "window", "bytes"} <= set(stats[0])
        await c.ask("unsub", {"sub": 32})
        await c.subscribe(33, "gs/u", maxFps=0)
