"""Life's populations equal Golly's (tests/golden/life), with patterns sent over the wire and read from files."""

from pathlib import Path
from typing import NamedTuple

from tests.conformance.client import Client, connected
from tests.e2e.support import ROOT, Connect, Server, Start, http, npy

STEPS = (0, 1, 2, 3, 10, 50, 200, 400)


class Pattern(NamedTuple):
    name: str
    size: str  # "130x100"
    rule: str
    rle: str
    populations: list[int]  # at steps 0, 1, 2, ...

    @property
    def text(self) -> str:
        """As Golly writes it."""
        return f"#C {self.name}\nx = 1, y = 1, rule = {self.rule}\n{self.rle}\n"


def patterns() -> list[Pattern]:
    lines = (ROOT / "tests" / "golden" / "life" / "populations.txt").read_text().splitlines()
    blocks = [at for at, line in enumerate(lines) if line.startswith("world ")]
    out = []
    for at in blocks:
        _, name, size, rule = lines[at].split()
        counts = [int(count) for count in lines[at + 2].split()]
        out.append(Pattern(name, size, rule, lines[at + 1].removeprefix("rle "), counts))
    return out


def population(server: Server, world: str) -> int:
    return sum(npy(http(server, f"/api/v1/worlds/{world}/field.npy", token=server.token).body)[2])


async def agrees(server: Server, client: Client, pattern: Pattern) -> None:
    at = 0
    for step in STEPS:
        if step > at:
            at = (await client.ask("sim.step", {"world": pattern.name, "n": step - at}))["step"]
        assert at == step
        assert population(server, pattern.name) == pattern.populations[step], (pattern.name, step)


async def test_patterns_sent_over_the_wire_live_as_in_golly(server: Server, client: Connect) -> None:
    async with client() as c:
        for pattern in patterns():
            width, height = map(int, pattern.size.split("x"))
            world = {"name": pattern.name, "law": "life", "size": [width, height], "playing": False, "init": "empty"}
            await c.ask("sim.create", world)
            await c.ask("field.seed", {"world": pattern.name, "rle": pattern.text})
            rule = (await c.ask("sim.get", {"world": pattern.name}))["world"]["params"]["rule"]
            assert rule == pattern.rule
            await agrees(server, c, pattern)
            await c.ask("sim.delete", {"world": pattern.name})


async def test_patterns_read_from_files_live_as_in_golly(start: Start, tmp_path: Path) -> None:
    arguments = []
    for pattern in patterns():
        (tmp_path / f"{pattern.name}.rle").write_text(pattern.text)
        arguments += ["--world", f"{pattern.name}=life,{pattern.size},paused,init={pattern.name}.rle"]
    server = start(*arguments)
    async with connected(server.ws, server.token) as c:
        for pattern in patterns():
            await agrees(server, c, pattern)
