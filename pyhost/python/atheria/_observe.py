"""Watching a world without holding it up: copies at chosen steps, in a queue of bounded length."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from atheria import _context
from atheria._log import log

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._backend import NativeObserver


class Snapshot(Mapping[str, "Tensor"]):
    """Copies of a world's fields, all of one step: `snap["u"]` or `snap.u`."""

    def __init__(self, step: int, time: float, fields: dict[str, Tensor]) -> None:
        self.step = step
        self.time = time
        self._fields = fields

    def __getitem__(self, name: str) -> Tensor:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"this snapshot has no field '{name}'; it has {', '.join(self.__dict__['_fields'])}")
        return self._fields[name]

    def __repr__(self) -> str:
        return f"<snapshot at step {self.step}: {', '.join(self._fields)}>"


class Observation:
    """An iterator of snapshots; ends with `close()`, with its `with` block, its job, or its world."""

    def __init__(self, native: NativeObserver) -> None:
        self._native = native
        self._closed = False
        _context.at_end(self.close)

    @property
    def dropped(self) -> int:
        """How many snapshots were left out because nobody took them in time."""
        return self._native.dropped

    def next(self, timeout: float = -1) -> Snapshot | None:
        """The next one; None when `timeout` seconds passed without one (below 0: waits on)."""
        while not self._closed:
            found = self._native.next(timeout if timeout >= 0 else 0.5)
            if found is not None:
                return Snapshot(*found)
            if timeout >= 0:
                return None
        raise StopIteration

    def __iter__(self) -> Observation:
        return self

    def __next__(self) -> Snapshot:
        snap = self.next()
        assert snap is not None  # it waits without limit
        return snap

    def close(self) -> None:
        self._closed = True
        self._native.close()

    def __enter__(self) -> Observation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Watcher:
    """Calls `call(step, snapshot)` for each, on a thread of its own. What it raises is logged and ends it."""

    def __init__(self, observation: Observation, call: Callable[[int, Snapshot], Any], world: str) -> None:
        self._observation = observation
        self._call = call
        self._world = world
        self.failure = ""  # the traceback, when `call` raised
        self._thread = threading.Thread(target=self._run, name=f"pyhook {world}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._observation.dropped

    @property
    def closed(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            for snap in self._observation:
                self._call(snap.step, snap)
        except Exception:
            self.failure = traceback.format_exc()
            log.error("the observer of '%s' failed and was removed:\n%s", self._world, self.failure)
        finally:
            self._observation.close()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        failed = f", failed: {self.failure.splitlines()[-1]}" if self.failure else ""
        return f"<watcher of '{self._world}'{failed or (', closed' if self.closed else '')}>"

    def close(self) -> None:
        self._observation.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(2)
