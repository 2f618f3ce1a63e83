"""Code between two steps: the world waits for it, at most for its budget."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from atheria import _context
from atheria._errors import Error
from atheria._lease import Lease
from atheria._log import log

if TYPE_CHECKING:
    from atheria._backend import NativeHook


class Hook:
    """`w.on_step(100, fn)`: fn(lease) runs on the thread `pyhook` while the world stands at each such step.

    Over budget three times, or raising, it is detached: `detached` says why, and the world goes on without it.
    """

    def __init__(
        self, native: NativeHook, call: Callable[[Lease], Any], world: str, fields: list[str], psi: bool
    ) -> None:
        self._native = native
        self._call = call
        self._world = world
        self._fields = fields
        self._psi = psi
        self._closed = False
        self._failure = ""
        _context.at_end(self.close)
        self._thread = threading.Thread(target=self._run, name=f"pyhook {world}", daemon=True)
        self._thread.start()

    @property
    def detached(self) -> str:
        """Why it was detached; empty while it is attached."""
        return self._failure or self._native.detached

    def _run(self) -> None:
        while not self._closed and not self._native.detached:
            try:
                native = self._native.next(0.5)
            except StopIteration:
                return
            except Error as error:  # the server it is of has gone
                self._failure = self._failure or str(error)
                return
            if native is not None:
                self._visit(Lease(native, self._world, self._fields, self._psi))

    def _visit(self, lease: Lease) -> None:
        try:
            self._call(lease)
            lease._put_back()
        except BaseException as error:
            # The world must not wait for one that failed, whatever it raised.
            if lease.expired:
                log.warning("a hook of '%s' took longer than its budget", self._world)
                return
            at = error.__traceback__
            self._failure = "".join(traceback.format_exception(type(error), error, at.tb_next if at else None))
            self._native.fail(self._failure)  # which also writes it into the log
        else:
            self._native.answer()

    def close(self) -> None:
        """Detaches it."""
        self._closed = True
        self._native.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(2)

    def __enter__(self) -> Hook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        why = "closed" if self._closed and not self._failure else self.detached
        said = why if why in ("", "closed") else f"detached: {why.splitlines()[-1]}"
        return f"<hook of '{self._world}'{f', {said}' if said else ''}>"
