"""PROTOCOL.md sections 2 to 4: requests, replies, events, and every op."""

import json
import struct

import pytest

from tests.conformance.client import Client, connected
from tests.e2e.support import TEXT, Connect, RawSocket, Server, Start, frame, http, npy

GLIDER = "x = 3, y = 3, rule = B3/S23\nbob$2bo$3o!"


async def made(client: Client, name: str, law: str = "gray-scott", **more: object) -> dict[str, object]:
    """A paused world of its own for a test."""
    args = {"name": name, "law": law, "size": [64, 64], "playing": False, **more}
    return (await client.ask("sim.create", args))["world"]


def field(server: Server, world: str, channel: str = "") -> tuple[tuple[int, ...], list[float]]:
    query = f"?channel={channel}" if channel else ""
    shape, descr, data = npy(http(server, f"/api/v1/worlds/{world}/field.npy{query}", token=server.token).body)
    code = {"<f4": "f", "<f8": "d", "|u1": "B"}[descr]
    return shape, list(struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data))


async def test_hello_has_the_shape_of_the_protocol(client: Connect) -> None:
    async with client() as c:
        hello = c.hello
        assert hello["op"] == "hello"
        assert hello["proto"] == "atheria.v1"
        assert hello["role"] == "admin"
        assert {"raw", "lz4"} <= set(hello["codecs"])
        assert {"u8", "u16", "f16", "f32"} <= set(hello["dtypes"])
        assert hello["limits"] == {
            "msg": 1280 * 1024,  # may run scripts
            "binary": 1 << 20,  # may upload
            "subs": 32,
            "cmdPerSec": 50,
            "cmdBurst": 100,
            "window": 16,
            "part": 262144,
            "worlds": 64,
            "streams": 64,
            "streamBytes": 256 << 20,
            "uploadBytes": 1 << 30,
        }
        assert isinstance(hello["epoch"], str)
        assert len(hello["epoch"]) == 36
        assert isinstance(hello["patterns"], list)
        worlds = {world["name"]: world for world in hello["state"]["worlds"]}
        gs = worlds["gs"]
        assert gs["size"] == [64, 64, 1]
        assert gs["state"] == "paused"
        assert gs["series"][-1]["name"] == "activity"
        laws = {law["name"]: law for law in hello["laws"]}
        assert {"gray-scott", "life", "wave"} <= set(laws)
        for param in laws["gray-scott"]["params"]:
            assert {"name", "title", "kind", "value", "lo", "hi", "step", "unit", "about", "choices"} <= set(param)
        topic = next(topic for topic in hello["topics"] if topic["topic"] == "big/u")
        assert topic["shape"] == [128, 256]
        assert topic["dtype"] == "f32"


async def test_who_and_ping(client: Connect) -> None:
    async with client() as c:
        who = await c.ask("auth.who")
        assert who == {"role": "admin", "conn": c.hello["conn"]}
        first = await c.ask("ping", {"echo": {"a": [1, "é"]}})
        assert first["echo"] == {"a": [1, "é"]}
        assert (await c.ask("ping"))["t"] >= first["t"]


async def test_a_world_is_made_listed_told_of_and_deleted(client: Connect) -> None:
    async with client() as c, client() as other:
        world = await made(c, "born", seed="12345678901234567890")
        assert world["seed"] == "12345678901234567890"
        assert world["step"] == 0
        while (event := await other.event("state"))["data"]["name"] != "born":
            pass
        names = [one["name"] for one in (await c.ask("sim.list"))["worlds"]]
        assert "born" in names
        again = await c.refusal("sim.create", {"name": "born", "law": "life"})
        assert again.code == "conflict"
        await c.ask("sim.delete", {"world": "born"})
        event = await other.event("removed")
        assert event["data"] == {"world": "born"}
        assert (await c.refusal("sim.get", {"world": "born"})).code == "not_found"


async def test_steps_are_counted_and_replied_to_when_done(client: Connect) -> None:
    async with client() as c:
        await made(c, "steps")
        assert (await c.ask("sim.step", {"world": "steps"}))["step"] == 1
        assert (await c.ask("sim.step", {"world": "steps", "n": 41}))["step"] == 42
        assert (await c.ask("sim.get", {"world": "steps"}))["world"]["step"] == 42
        long = await c.send("sim.step", {"world": "steps", "n": 10**9})
        await c.ask("sim.pause", {"world": "steps"})
        assert (await long)["error"]["code"] == "cancelled"


async def test_the_same_start_gives_the_same_bits_and_reset_goes_back(server: Server, client: Connect) -> None:
    async with client() as c:
        for name in ("one", "two"):
            await made(c, name, seed=5)
            await c.ask("sim.step", {"world": name, "n": 30})
        moved = field(server, "one")
        assert moved == field(server, "two")
        assert (await c.ask("sim.reset", {"world": "one"}))["step"] == 0
        assert field(server, "one") != moved
        await c.ask("sim.step", {"world": "one", "n": 10})
        await c.ask("sim.step", {"world": "one", "n": 20})
        assert field(server, "one") == moved


async def test_parameters_are_set_all_or_none(client: Connect) -> None:
    async with client() as c:
        world = await made(c, "params")
        params = world["params"]
        assert isinstance(params, dict)
        names = list(params)
        wrong = await c.refusal("sim.set", {"world": "params", "params": {names[0]: 0.02, "nonsense": 1}})
        assert wrong.code in ("bad_args", "not_found")
        too_big = {names[0]: 1e20}
        assert (await c.refusal("sim.set", {"world": "params", "params": too_big, "guard": "off"})).code == "bad_args"
        same = (await c.ask("sim.get", {"world": "params"}))["world"]
        assert same["params"] == params
        assert same["guard"] == "pause"
        pace = {"mode": "every", "every": 3, "stepsPerSecond": 20}
        await c.ask("sim.set", {"world": "params", "params": {names[0]: 0.020000000000000004}, "pace": pace})
        now = (await c.ask("sim.get", {"world": "params"}))["world"]
        assert now["params"][names[0]] == 0.020000000000000004
        assert now["pace"] == {**pace, "maxFps": same["pace"]["maxFps"]}


async def test_a_law_can_be_changed_on_the_same_grid(client: Connect) -> None:
    async with client() as c:
        await made(c, "changes")
        await c.ask("sim.set", {"world": "changes", "law": "wave"})
        world = (await c.ask("sim.get", {"world": "changes"}))["world"]
        assert world["law"] == "wave"
        assert world["size"] == [64, 64, 1]
        assert (await c.refusal("sim.set", {"world": "changes", "law": "nope"})).code == "not_found"
        assert (await c.ask("sim.get", {"world": "changes"}))["world"]["law"] == "wave"


async def test_a_stroke_is_painted_undone_and_done_again(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "painted", init="empty")
        before = field(server, "painted", "v")
        stroke = {"world": "painted", "points": [[10, 10], [20, 10]], "radius": 3, "channel": "v"}
        await c.ask("field.paint", stroke)
        after = field(server, "painted", "v")
        changed = {i for i, (a, b) in enumerate(zip(before[1], after[1], strict=True)) if a != b}
        assert 10 * 64 + 15 in changed
        assert all(7 <= i // 64 <= 13 for i in changed)
        assert (await c.ask("sim.get", {"world": "painted"}))["world"]["undo"] == 1
        await c.ask("field.undo", {"world": "painted"})
        assert field(server, "painted", "v") == before
        await c.ask("field.redo", {"world": "painted"})
        assert field(server, "painted", "v") == after
        assert (await c.refusal("field.redo", {"world": "painted"})).code == "conflict"
        radius = await c.refusal("field.paint", {**stroke, "radius": 900})
        assert (radius.code, radius.path) == ("bad_args", "args.radius")
        assert (await c.refusal("field.paint", {**stroke, "channel": "nope"})).code in ("not_found", "bad_args")


async def test_probes_and_histograms_agree_with_the_field(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "read", seed=9)
        await c.ask("sim.step", {"world": "read", "n": 10})
        _, u = field(server, "read", "u")
        probe = await c.ask("probe.read", {"world": "read", "x": 5, "y": 7})
        assert probe["step"] == 10
        assert probe["values"]["u"] == u[7 * 64 + 5]
        assert "u" not in probe["views"]  # a channel has its value above
        assert (await c.refusal("probe.read", {"world": "read", "x": 64, "y": 0})).code == "bad_args"
        histogram = await c.ask("field.histogram", {"world": "read", "view": "u", "bins": 10, "range": [0, 2]})
        counts = [0] * 10
        for value in u:
            counts[min(int(value / 0.2), 9)] += 1
        assert sum(histogram["counts"]) == 64 * 64
        assert sum(abs(a - b) for a, b in zip(counts, histogram["counts"], strict=True)) <= 4  # at the bins' edges
        measured = (await c.ask("field.measure", {"world": "read"}))["values"]
        assert measured
        assert all(isinstance(value, (int, float)) for value in measured.values())


async def test_life_is_seeded_with_rle_and_the_glider_moves(server: Server, client: Connect) -> None:
    async with client() as c:
        await made(c, "glider", "life")
        await c.ask("field.seed", {"world": "glider", "rle": GLIDER})
        alive = {i for i, cell in enumerate(field(server, "glider")[1]) if cell}
        assert len(alive) == 5
        await c.ask("sim.step", {"world": "glider", "n": 4})
        moved = {i for i, cell in enumerate(field(server, "glider")[1]) if cell}
        assert moved == {i + 64 + 1 for i in alive}


async def test_files_of_the_server_cannot_be_named(client: Connect) -> None:
    async with client() as c:
        for init in ("image:file=/etc/passwd", "/etc/passwd", "secret.rle", "pattern:file=a.rle"):
            assert (await c.refusal("field.seed", {"world": "gs", "init": init})).code == "not_allowed"
            args = {"name": "x", "law": "life", "init": init}
            assert (await c.refusal("sim.create", args)).code == "not_allowed"
        assert (await c.refusal("field.seed", {"world": "life", "rle": "/etc/passwd.rle"})).code == "bad_args"


async def test_a_request_with_a_key_runs_once(client: Connect) -> None:
    async with client() as c, client() as other:
        await made(c, "keyed")
        first = await c.ask("sim.step", {"world": "keyed", "n": 3}, key="once-only")
        again = await other.ask("sim.step", {"world": "keyed", "n": 3}, key="once-only")
        assert first == again == {"step": 3}
        assert (await c.ask("sim.get", {"world": "keyed"}))["world"]["step"] == 3


WRONG = [
    ("sim.fly", {}, "unknown_op", ""),
    ("resume", {}, "unsupported", ""),
    ("record.start", {}, "unsupported", ""),
    ("sim.get", {}, "bad_args", "args.world"),  # several worlds: one must be named
    ("sim.get", {"world": "none"}, "not_found", ""),
    ("sim.get", {"world": 7}, "bad_args", "args.world"),
    ("sim.step", {"world": "gs", "n": 0}, "bad_args", "args.n"),
    ("sim.step", {"world": "gs", "n": 1e10}, "bad_args", "args.n"),
    ("sim.create", {"name": "x", "law": "none"}, "not_found", ""),
    ("sim.create", {"name": "x/y", "law": "life"}, "bad_args", ""),
    ("sim.create", {"name": "x", "law": "life", "size": [0, 5]}, "bad_args", "args.size"),
    ("sim.create", {"name": "x", "law": "life", "dtype": "f13"}, "", "args.dtype"),
    ("sim.create", {"name": "x", "law": "life", "device": "abacus"}, "", "args.device"),
    ("sim.create", {"name": "x", "law": "life", "preset": "none"}, "not_found", "args.preset"),
    ("sim.set", {"world": "gs", "params": {"F": 9}}, "bad_args", "args.params.F"),
    ("sim.set", {"world": "life", "params": {"rule": "zz"}}, "bad_args", "args.params.rule"),
    ("field.seed", {"world": "life", "rle": "garbage"}, "bad_args", "args.rle"),
    ("field.seed", {"world": "life", "rle": "x = 1, y = 1, rule = zz\no!"}, "bad_args", "args.rle"),
    ("field.seed", {"world": "life", "rle": "999o!"}, "too_large", "args.rle"),
    ("field.paint", {"world": "gs", "points": [[1, 1], [1, "x"]]}, "bad_args", "args.points[1]"),
    ("field.paint", {"world": "gs"}, "bad_args", "args.points"),
    ("field.undo", {"world": "big"}, "conflict", ""),
    ("field.histogram", {"world": "gs", "view": "none"}, "not_found", ""),
    ("sub", {"sub": 1, "topic": "gs/none"}, "not_found", ""),
    ("sub", {"sub": 1, "topic": "none/u"}, "not_found", ""),
    ("sub", {"sub": 0, "topic": "gs/u"}, "bad_args", "args.sub"),
    ("sub", {"sub": 1}, "bad_args", "args.topic"),
    ("sub", {"sub": 1, "topic": "gs/u", "z": 5}, "bad_args", "args.z"),
    ("sub", {"sub": 1, "topic": "gs/u", "range": [1, 1]}, "bad_args", "args.range"),
    ("sub.update", {"sub": 99}, "not_found", ""),
    ("unsub", {"sub": 99}, "not_found", ""),
]


@pytest.mark.parametrize(("op", "args", "code", "path"), WRONG)
async def test_wrong_requests_say_what_is_wrong(
    client: Connect, op: str, args: dict[str, object], code: str, path: str
) -> None:
    async with client() as c:
        refused = await c.refusal(op, args)
        assert refused.code == code if code else refused.code in ("bad_args", "unsupported")
        if path:
            assert refused.path == path


def test_what_is_no_request_is_answered_with_id_zero(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()  # hello
        for text, code in (
            ("garbage", "bad_json"),
            ("[" * 40 + "]" * 40, "bad_json"),
            ('{"id":1,"op":"ping","args":{"echo":1e999}}', "bad_json"),
            ("[]", "bad_message"),
            ('{"op":"ping"}', "bad_message"),
            ('{"id":0,"op":"ping"}', "bad_message"),
            ('{"id":1.5,"op":"ping"}', "bad_message"),
            ('{"id":2147483648,"op":"ping"}', "bad_message"),
        ):
            raw.send(frame(TEXT, text.encode()))
            reply = raw.receive_json()
            assert (reply["id"], reply["ok"], reply["error"]["code"]) == (0, False, code), text


def test_an_id_may_be_written_as_any_whole_number(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()  # hello
        for text in ("7.0", "1e1"):
            raw.send(frame(TEXT, f'{{"id":{text},"op":"ping"}}'.encode()))
            reply = raw.receive_json()
            assert (reply["id"], reply["ok"]) == (int(float(text)), True)


def test_an_id_in_flight_cannot_be_used_again(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()
        raw.send_json({"id": 1, "op": "sim.create", "args": {"name": "flight", "law": "life", "playing": False}})
        raw.receive_json()
        step = {"id": 5, "op": "sim.step", "args": {"world": "flight", "n": 10**9}}
        raw.send(frame(TEXT, json.dumps(step).encode()) + frame(TEXT, json.dumps({"id": 5, "op": "ping"}).encode()))
        reply = raw.receive_json()
        assert (reply["id"], reply["error"]["code"]) == (5, "id_reuse")
        raw.send_json({"id": 6, "op": "sim.delete", "args": {"world": "flight"}})
        codes = {reply["id"]: reply.get("error", {}).get("code") for reply in (raw.receive_json(), raw.receive_json())}
        assert codes == {5: "cancelled", 6: None}


def test_a_hundred_wrong_messages_in_a_row_close_the_connection(server: Server) -> None:
    with RawSocket(server) as raw:
        raw.receive_json()
        raw.send(frame(TEXT, b"garbage") * 101)
        assert raw.close_code() == 1008


ROLES = ["viewer", "operator", "script", "admin"]
NEEDED = {
    "viewer": [
        "ping",
        "auth.who",
        "law.list",
        "sim.list",
        "sim.get",
        "probe.read",
        "field.histogram",
        "field.measure",
        "sub",
        "sub.update",
        "unsub",
    ],
    "operator": [
        "sim.play",
        "sim.pause",
        "sim.step",
        "sim.reset",
        "sim.set",
        "field.seed",
        "field.paint",
        "field.undo",
        "field.redo",
    ],
    "admin": ["sim.create", "sim.delete"],
}


async def test_every_op_asks_for_its_role(start: Start, tmp_path) -> None:  # type: ignore[no-untyped-def]
    tokens = {role: role[0].upper() * 43 for role in ROLES}
    file = tmp_path / "tokens"
    file.write_text("".join(f"{role} {token}\n" for role, token in tokens.items()))
    file.chmod(0o600)
    server = start("--token-file", str(file), "--world", "w=gray-scott,32x32,paused")
    for role, token in tokens.items():
        async with connected(server.ws, token) as c:
            assert c.hello["role"] == role
            for needed, ops in NEEDED.items():
                for op in ops:
                    reply = await (await c.send(op, {"world": "none"}))
                    code = reply.get("error", {}).get("code")
                    allowed = ROLES.index(role) >= ROLES.index(needed)
                    assert (code != "not_allowed") == allowed, (role, op, reply)
                    assert code != "rate_limited"
            reply = await (
                await c.send("sub", {"sub": 1, "topic": "w/u", "mode": "lossless", "onFull": "pause", "maxFps": 0})
            )
            assert reply["ok"] == (role != "viewer"), (role, reply)


async def test_rate_limits_are_told_and_nothing_is_lost(client: Connect) -> None:
    async with client() as c:
        futures = [await c.send("ping", {"echo": n}) for n in range(400)]
        replies = [await future for future in futures]
        done = [reply for reply in replies if reply["ok"]]
        refused = [reply for reply in replies if not reply["ok"]]
        assert len(done) >= 100
        assert refused
        assert all(reply["error"]["code"] == "rate_limited" for reply in refused)
        assert all(reply["error"]["retryAfterMs"] > 0 for reply in refused)
