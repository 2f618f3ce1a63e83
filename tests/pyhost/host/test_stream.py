"""What a script shows of its own, as clients of the server see it."""

from __future__ import annotations

import asyncio

from tests.conformance.client import connected
from tests.e2e.support import Server
from tests.pyhost.host.support import Python


def test_what_a_script_puts_is_what_a_client_gets(server: Server, python: Python) -> None:
    done = python.run(
        """
        import atheria, numpy, torch
        ramp = torch.arange(12.0).reshape(3, 4) / 7
        print(atheria.stream.put("ramp", ramp, range=(0, 2)))
        print(atheria.stream.put("turned", ramp.double().T))
        print(atheria.stream.put("colours", numpy.arange(24).reshape(3, 2, 4)))
        print(atheria.stream.topics()["ramp"])
        """
    )
    assert done.out == "1\n1\n1\n{'shape': (3, 4), 'range': (0.0, 2.0), 'puts': 1}\n", done.err

    async def look() -> None:
        async with connected(server.ws, server.token) as client:
            known = {one["topic"]: one for one in client.hello["topics"]}
            ramp = known["stream/ramp"]
            assert (ramp["shape"], ramp["range"], ramp["channels"]) == ([3, 4], [0, 2], 1)
            stream = await client.subscribe(1, "stream/ramp", dtype="f32")
            frame = await stream.next()
            assert (frame.header.step, frame.width, frame.height) == (1, 4, 3)
            import numpy

            exact = (numpy.arange(12, dtype=numpy.float32) / numpy.float32(7)).tolist()
            assert list(frame.numbers()) == exact
            turned = await (await client.subscribe(2, "stream/turned", dtype="f32")).next()
            assert list(turned.numbers()) == [exact[4 * x + y] for y in range(4) for x in range(3)]
            colours = await (await client.subscribe(3, "stream/colours", dtype="f32")).next()
            assert (colours.channels, list(colours.numbers())) == (3, [float(n) for n in range(24)])

    asyncio.run(look())


def test_a_fast_loop_waits_for_nobody_and_leaves_one_picture(server: Server, python: Python) -> None:
    """1000 puts while a client watches and takes its time: it gets the newest, and nothing piles up."""

    async def look() -> int:
        async with connected(server.ws, server.token) as client:
            stream = await client.subscribe(1, "stream/fast", dtype="f32", window=1)
            job = python.submit(
                """
                import atheria, resource, torch
                kib = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                for n in range(50): atheria.stream.put("fast", torch.full((512, 512), float(n)))
                before = kib()
                for n in range(1000): atheria.stream.put("fast", torch.full((512, 512), float(n)))
                print(kib() - before < 200 * 1024, atheria.stream.topics()["fast"]["puts"])
                """
            )
            done = await asyncio.to_thread(python.finish, job)
            assert done.out == "True 1051\n", done.err
            frame = await stream.until_step(1051)
            assert set(frame.numbers()) == {999.0}
            return frame.header.seq

    python.run('import atheria, torch; atheria.stream.put("fast", torch.zeros(512, 512))')
    offered = asyncio.run(look())
    assert offered < 1051, "what nobody had time for is not offered"


def test_a_hook_shows_what_it_computes(server: Server, python: Python) -> None:
    done = python.run(
        """
        import atheria
        w = atheria.world("w"); w.pause()
        def show(s): atheria.stream.put("difference", s.u - s.v)
        with w.on_step(5, show, budget_ms=5000):
            w.step(20)
        print(atheria.stream.topics()["difference"])
        """
    )
    assert done.out == "{'shape': (64, 64), 'range': None, 'puts': 4}\n", done.err


def test_a_drop_ends_the_subscription_and_is_told(server: Server, python: Python) -> None:
    async def look() -> None:
        async with connected(server.ws, server.token) as client:
            stream = await client.subscribe(1, "stream/gone")
            await stream.next()
            await asyncio.to_thread(python.run, 'import atheria; atheria.stream.drop("gone")')
            assert (await client.event("sub_ended"))["data"] == {"sub": 1, "reason": "the stream was dropped"}
            assert (await client.event("topic_removed"))["data"] == {"topic": "stream/gone"}
            assert (await client.refusal("sub", {"sub": 2, "topic": "stream/gone"})).code == "not_found"

    python.run('import atheria; atheria.stream.put("gone", [[1.0, 2.0]])')
    asyncio.run(look())


def test_errors_say_what_is_wrong(python: Python) -> None:
    done = python.run(
        """
        import atheria, torch
        def refused(call):
            try: call()
            except atheria.Error as error: print(error.code, error.path)
        refused(lambda: atheria.stream.put("no good", torch.ones(2, 2)))
        refused(lambda: atheria.stream.put("a", torch.ones(2, 2, 2)))
        refused(lambda: atheria.stream.drop("nothing"))
        refused(lambda: atheria.create("stream", "gray-scott", (32, 32)))
        refused(lambda: [atheria.stream.put(f"big{n}", torch.zeros(4096, 4096)) for n in range(5)])
        for name in atheria.stream.topics(): atheria.stream.drop(name)
        print(atheria.stream.topics())
        """
    )
    expected = "bad_args topic\nbad_args values\nnot_found topic\nbad_args args.name\ntoo_large values\n{}\n"
    assert done.out.replace("bad_args name\n", "bad_args args.name\n") == expected, done.err
