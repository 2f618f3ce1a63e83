"""A world: its fields as tensors, its looks, its children. What it does is in `_control.py`."""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, overload

from atheria import _context, _image
from atheria._control import Control
from atheria._errors import Error
from atheria._hooks import Hook
from atheria._job import job
from atheria._lease import Lease
from atheria._observe import Observation, Snapshot, Watcher
from atheria._values import planes, tensor_of

if TYPE_CHECKING:
    from torch import Tensor


class World(Control):
    """One world, by name. Cheap to make and to keep; it holds nothing of the world itself."""

    def _wants_psi(self, channel: str | None) -> bool:
        """ "psi" of a complex law: its two planes as one complex field."""
        return channel == "psi" and self.engine.law(self.law).complex and "psi" not in self.fields

    def snapshot(self, channel: str | None = None) -> Tensor:
        """A copy of a channel, [h,w] or [d,h,w]; of all, [c,...], without a name; `psi` of complex laws is complex.

        It is of one step, yours, and never changes.
        """
        if self._wants_psi(channel):
            import torch

            both = self.engine.backend.snapshot(self.name, None)[0]
            return torch.complex(both[0], both[1])
        return self.engine.backend.snapshot(self.name, channel)[0]

    def load(self, values: Any, channel: str | None = None) -> int:
        """Writes a whole channel (or all of them) between two steps; an edit that undo takes back. Returns the step."""
        tensor = tensor_of(values)
        if self._wants_psi(channel) or (channel is None and tensor.is_complex()):
            return self.engine.backend.load(self.name, None, planes(tensor))
        return self.engine.backend.load(self.name, channel, tensor)

    def lease(self, timeout: float = 2.0, deadline: float = 30.0) -> Lease:
        """The world for oneself: `with w.lease() as s`. Waits `timeout` s for others' leases; lasts `deadline` s."""
        law = self.engine.law(self.law)
        # The host takes the leases of a job that is ended by force back by these last words.
        owner = f"{job.name} (job {job.id})" if job.id else "python"
        return Lease(
            self.engine.backend.lease(self.name, owner, timeout, deadline), self.name, law.channels, law.complex
        )

    @overload
    def observe(self, every: int = 1, *, call: None = None, **options: Any) -> Observation: ...
    @overload
    def observe(self, every: int = 1, *, call: Callable[[int, Snapshot], Any], **options: Any) -> Watcher: ...

    def observe(  # type: ignore[misc]  # the overloads' options are its named ones
        self,
        every: int = 1,
        *,
        fields: list[str] | None = None,
        mode: Literal["latest", "all"] = "latest",
        max_queue: int = 8,
        on_full: Literal["drop", "pause"] = "drop",
        call: Callable[[int, Snapshot], Any] | None = None,
    ) -> Observation | Watcher:
        """Copies at every `every`-th step: an iterator of snapshots, or `call(step, snapshot)` on a thread `pyhook`.

        The world does not wait: `latest` keeps the newest; `all` keeps `max_queue`, then drops (counted) or pauses it.
        """
        if every < 1:
            raise Error(f"every is a number of steps, 1 or more, got {every!r}", "bad_args", "every")
        native = self.engine.backend.observe(self.name, every, fields, mode == "all", max_queue, on_full)
        observation = Observation(native)
        return observation if call is None else Watcher(observation, call, self.name)

    def on_step(
        self, every: int, fn: Callable[..., Any], inline: bool = True, budget_ms: float = 50.0
    ) -> Hook | Watcher:
        """Calls `fn(lease)` while the world stands at each such step; not `inline`: `fn(step, snapshot)` beside it.

        The world waits at most `budget_ms` for it. Three times over that, or an exception, detaches it.
        """
        if not inline:
            return self.observe(every, call=fn)
        if every < 1:
            raise Error(f"every is a number of steps, 1 or more, got {every!r}", "bad_args", "every")
        law = self.engine.law(self.law)
        native = self.engine.backend.on_step(self.name, every, budget_ms)
        return Hook(native, fn, self.name, law.channels, law.complex)

    def fork(self, name: str | None = None, *, keep: bool = False) -> World:
        """A new world with the same law, settings and fields, paused at step 0.

        It goes when the script, the notebook or the program that made it ends, unless `keep`.
        """
        child = World(self.engine, self.engine.backend.fork(self.name, name, keep))
        if not keep:
            _context.at_end(child._end)
        return child

    def _end(self) -> None:
        if not self._deleted:
            self.delete()

    # How it looks.
    def __repr__(self) -> str:
        try:
            s = self.state
        except Error as error:
            return f"<world {self.name}: {error}>"
        size = " x ".join(str(n) for n in self._shape(s))
        return f"<world {self.name}: {s['law']} {size}, {s['state']} at step {s['step']}>"

    @staticmethod
    def _shape(state: dict[str, Any]) -> list[int]:
        w, h, d = state["size"]
        return [w, h] if d == 1 else [w, h, d]

    def state_row(self) -> str:
        s = self.state
        cells = (
            s["name"],
            s["law"],
            " x ".join(str(n) for n in self._shape(s)),
            s["state"],
            s["step"],
            f"{s['time']:g}",
            f"{s['stepsPerSecond']:.4g}",
        )
        return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"

    def _repr_html_(self) -> str:
        s = self.state
        rows = [
            ("law", s["title"] or s["law"]),
            ("size", " x ".join(str(n) for n in self._shape(s)) + f", {s['dtype']} on {s['device']}"),
            ("state", f"{s['state']} at step {s['step']}, time {s['time']:g}"),
            ("speed", f"{s['stepsPerSecond']:.4g} steps/s"),
            *((name, f"{value:g}" if isinstance(value, float) else value) for name, value in s["params"].items()),
            *([("failure", s["failure"])] if s["failure"] else []),
        ]
        body = "".join(f"<tr><th>{html.escape(key)}</th><td>{html.escape(str(value))}</td></tr>" for key, value in rows)
        return f"<table><caption>{html.escape(self.name)}</caption>{body}</table>"

    def image(self) -> _image.Image:
        """Its default view as a picture."""
        state, law = self.state, self.engine.law(self.law)
        return _image.of_view(self.snapshot(), law, state["views"])

    def _repr_png_(self) -> bytes | None:
        with suppress(Error):
            return self.image()._repr_png_()
        return None
