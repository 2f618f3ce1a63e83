"""Drive worlds of Atheria: the same names in the server, in plain Python with its own engine, and as a remote client.

    import atheria

    w = atheria.current()
    w.pause()
    w.step(10)
    u = w.snapshot("u")                # a copy, yours
    with w.lease() as s:               # the world waits; writes are seen by its next step
        s.u[..., 10:20, 10:20] = 0

Importing it starts nothing: neither torch nor a connection. The first use of a world does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from atheria import _engine
from atheria._engine import Engine, Worlds, connect
from atheria._errors import Cancelled, Error, LeaseExpired, ScriptKilled
from atheria._hooks import Hook
from atheria._image import Image, image
from atheria._job import Job, job
from atheria._laws import Law, Laws
from atheria._lease import Lease
from atheria._log import Log, log
from atheria._observe import Observation, Snapshot
from atheria._stream import Stream, stream
from atheria._version import __version__
from atheria.world import World

__all__ = [
    "Cancelled",
    "Engine",
    "Error",
    "Hook",
    "Image",
    "Job",
    "Law",
    "Laws",
    "Lease",
    "LeaseExpired",
    "Log",
    "Observation",
    "ScriptKilled",
    "Snapshot",
    "Stream",
    "World",
    "Worlds",
    "__version__",
    "connect",
    "create",
    "current",
    "image",
    "job",
    "law",
    "laws",
    "log",
    "register_law",
    "stream",
    "where",
    "world",
    "worlds",
]


def current() -> World:
    """The world this script or notebook is attached to, else the only one there is."""
    return _engine.default().current()


def worlds() -> Worlds:
    """All worlds by name, as they are now."""
    return _engine.default().worlds()


def world(name: str) -> World:
    """The world of that name."""
    return _engine.default().world(name)


def create(name: str, law: str, size: Sequence[int] = (256, 256), **spec: Any) -> World:
    """Makes a world. `spec`: preset, params, init, seed, dtype, device, path, pace, guard, playing (default False)."""
    return _engine.default().create(name, law, size, **spec)


def laws() -> Laws:
    """All laws by name: their channels, parameters, presets."""
    return _engine.default().laws()


def law(name: str) -> Law:
    """The law of that name."""
    return _engine.default().law(name)


def register_law(
    name: str,
    step: Callable[..., Any] | None = None,
    *,
    channels: Sequence[str | Mapping[str, Any]] = ("u",),
    params: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Any:
    """Adds a law written in Python; worlds of it can be made until the process ends. Also a decorator.

    `step` is called as `step(psi, t, params)` with `psi` of shape [c,h,w] (or [c,d,h,w]) and returns the next one;
    a function of one or two arguments gets the first ones. `params` maps names to a value, to (value, lo, hi) or
    to a dict with more. `spec`: title, about, equation, dimensions, radius, init, view, colormap.
    """
    return _engine.default().register_law(name, step, channels=channels, params=params, **spec)


def where() -> str:
    """Where the worlds live: "server" (this process is the server), "core" (an engine of one's own) or "remote"."""
    return _engine.where()
