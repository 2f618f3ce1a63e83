"""%atheria: what the server does, from a notebook."""

from __future__ import annotations

from typing import Any

import atheria
from atheria import _context

HELP = """%atheria status      the worlds
%atheria use NAME    the world that atheria.current() returns here
%atheria laws        the laws
%atheria jobs        the scripts that run and wait"""


def atheria_magic(line: str) -> Any:
    """%atheria [status|use NAME|laws|jobs]"""
    word, _, rest = line.strip().partition(" ")
    if word in ("", "status"):
        return atheria.worlds()
    if word == "laws":
        return atheria.laws()
    if word == "use":
        world = atheria.world(rest.strip())
        running = _context.running()
        if running is not None:
            running.world = world.name
        return world
    if word == "jobs":
        jobs = _context.host.jobs() if hasattr(_context.host, "jobs") else []
        for job in (one for one in jobs if one["state"] != "done"):
            print(f"{job['job']:12} {job['state']:10} {job.get('owner', ''):12} {job.get('name', '')}")
        return None
    print(HELP)
    return None


def load_ipython_extension(shell: Any) -> None:
    shell.register_magic_function(atheria_magic, "line", "atheria")
