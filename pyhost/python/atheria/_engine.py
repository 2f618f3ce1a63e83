"""The worlds of one engine: this process's own, or a server's."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from atheria import _backend
from atheria._backend import Backend
from atheria._errors import Error
from atheria._job import world_name
from atheria._laws import Law, Laws, channel_spec, param_spec, three_arguments
from atheria.world import World


class Worlds(dict[str, World]):
    """Worlds by name."""

    def __repr__(self) -> str:
        return "\n".join(repr(world) for world in self.values()) or "no worlds: atheria.create(name, law) makes one"

    def _repr_html_(self) -> str:
        rows = "".join(world.state_row() for world in self.values())
        head = "".join(f"<th>{word}</th>" for word in ("world", "law", "size", "state", "step", "time", "steps/s"))
        return f"<table><tr>{head}</tr>{rows}</table>" if rows else html.escape(repr(self))


class Engine:
    """Everything `atheria` does with worlds, for one engine. The module's functions use the default one."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._laws: dict[str, Law] = {}

    def current(self) -> World:
        """The world this job is attached to, else the only one there is."""
        attached = world_name()
        if attached:
            return self.world(attached)
        names = [state["name"] for state in self._states()]
        if len(names) == 1:
            return World(self, names[0])
        found = f"there are {len(names)}: {', '.join(names)}; atheria.world(NAME) takes one" if names else (
            "there is none; atheria.create(NAME, LAW) makes one"
        )  # fmt: skip
        raise Error(f"no current world: this code is attached to none, and {found}", "not_found", "world")

    def _states(self) -> list[dict[str, Any]]:
        states: list[dict[str, Any]] = self.backend.request("sim.list", {})["worlds"]
        return states

    def worlds(self) -> Worlds:
        return Worlds({state["name"]: World(self, state["name"]) for state in self._states()})

    def world(self, name: str) -> World:
        names = [state["name"] for state in self._states()]
        if name not in names:
            raise Error(f"no world '{name}'; there are: {', '.join(names) or 'none'}", "not_found", "world")
        return World(self, name)

    def create(self, name: str, law: str, size: Sequence[int] = (256, 256), **spec: Any) -> World:
        spec = {"playing": False, **spec}
        self.backend.request("sim.create", {"name": name, "law": law, "size": list(size), **spec}, 300)
        return World(self, name)

    def laws(self) -> Laws:
        self._laws = {info["name"]: Law(info) for info in self.backend.request("law.list", {})["laws"]}
        return Laws(self._laws)

    def law(self, name: str) -> Law:
        if name not in self._laws:
            self.laws()
        if name not in self._laws:
            raise Error(f"no law '{name}'; there are: {', '.join(self._laws)}", "not_found", "law")
        return self._laws[name]

    def register_law(
        self,
        name: str,
        step: Callable[..., Any] | None = None,
        *,
        channels: Sequence[str | Mapping[str, Any]] = ("u",),
        params: Mapping[str, Any] | None = None,
        **spec: Any,
    ) -> Any:
        """See `atheria.register_law`."""
        if step is None:
            return lambda given: self.register_law(name, given, channels=channels, params=params, **spec)
        about = spec.pop("about", None) or (step.__doc__ or "").strip()
        described = {
            "name": name,
            "title": spec.pop("title", name),
            "about": about,
            "channels": [channel_spec(channel) for channel in channels],
            "params": [param_spec(key, value) for key, value in (params or {}).items()],
            **spec,
        }
        self.backend.register_law(described, three_arguments(step))
        self._laws.pop(name, None)  # it may have other parameters now
        return step

    def close(self) -> None:
        self.backend.close()

    def __repr__(self) -> str:
        door = getattr(self.backend, "door", None)
        return f"<engine {self.backend.where}{f' {door.url}' if door else ''}>"


_lock = threading.RLock()
_default: Engine | None = None  # guarded by _lock


def default() -> Engine:
    """The engine that the module's functions use; found at the first use."""
    global _default
    with _lock:
        if _default is None:
            _default = Engine(_backend.choose())
        return _default


def where() -> str:
    with _lock:
        return _default.backend.where if _default is not None else _backend.kind()


def connect(url: str | None = None, token: str | None = None, *, default: bool | None = None) -> Engine:
    """Connects to a server: the one named, else ATHERIA_SERVER's, else the newest of yours on this machine.

    The module's functions use it from then on, unless this process is itself a server or `default` is False.
    """
    from atheria._remote import RemoteBackend

    global _default
    backend = RemoteBackend.find(url, token)
    backend.connection()  # now, so that a wrong address or token is said here
    engine = Engine(backend)
    if default or (default is None and _backend.kind() != "server"):
        with _lock:
            _default = engine
    return engine
