"""JobGuard: what a script may change in the process is put back when the script has ended, and what changed is told."""

from __future__ import annotations

import asyncio
import builtins
import faulthandler
import gc
import importlib
import locale
import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from atheria._host import accidents
from atheria._host.torch_state import TorchState

Setting = tuple[str, Callable[[], Any], Callable[[Any], Any]]


def attribute(name: str, owner: Any, key: str) -> Setting:
    return name, lambda: getattr(owner, key), lambda value: setattr(owner, key, value)


def contents(name: str, owner: Any, key: str) -> Setting:
    """A list that must stay the same object."""

    def put(value: list[Any]) -> None:
        getattr(owner, key)[:] = value

    return name, lambda: list(getattr(owner, key)), put


def umask() -> int:
    # Reading it with os.umask would set it for a moment, for all threads.
    found = re.search(r"^Umask:\s*(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1], 8) if found else 0o022


def wakeup_fd() -> int:
    now = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(now)
    return now


def put_environment(saved: dict[str, str]) -> None:
    for name in set(os.environ) - set(saved):
        del os.environ[name]
    for name, value in saved.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def put_filters(saved: list[Any]) -> None:
    warnings.filters[:] = saved  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


SETTINGS: list[Setting] = [
    ("working directory", os.getcwd, os.chdir),
    ("environment", lambda: dict(os.environ), put_environment),
    ("locale", lambda: locale.setlocale(locale.LC_ALL), lambda value: locale.setlocale(locale.LC_ALL, value)),
    ("umask", umask, os.umask),
    contents("sys.path", sys, "path"),
    contents("sys.meta_path", sys, "meta_path"),
    attribute("sys.argv", sys, "argv"),
    *(attribute(f"sys.{name}", sys, name) for name in ("stdout", "stderr", "stdin", "excepthook", "displayhook")),
    attribute("sys.dont_write_bytecode", sys, "dont_write_bytecode"),
    attribute("sys.unraisablehook", sys, "unraisablehook"),
    attribute("threading.excepthook", threading, "excepthook"),
    attribute("input", builtins, "input"),
    attribute("print", builtins, "print"),
    ("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    ("switch interval", sys.getswitchinterval, sys.setswitchinterval),
    ("gc", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    ("gc thresholds", gc.get_threshold, lambda three: gc.set_threshold(*three)),
    ("warnings filters", lambda: list(warnings.filters), put_filters),
    attribute("warnings.showwarning", warnings, "showwarning"),
    contents("logging handlers", logging.root, "handlers"),
    ("logging level", lambda: logging.root.level, lambda level: logging.root.setLevel(level)),
    attribute("logging.disable", logging.root.manager, "disable"),
    ("faulthandler", faulthandler.is_enabled, lambda on: faulthandler.enable() if on else faulthandler.disable()),
    (
        "start method of multiprocessing",
        multiprocessing.get_start_method,
        lambda name: multiprocessing.set_start_method(name, force=True),
    ),
    ("event loop policy", asyncio.get_event_loop_policy, asyncio.set_event_loop_policy),
    ("wakeup fd", wakeup_fd, signal.set_wakeup_fd),
]


class JobGuard:
    """Made before a job, `restore` after it. On pymain only."""

    def __init__(self, root: str, keep_torch: bool = False, isolate_rng: bool = False) -> None:
        self._root = root
        self._saved = []
        for setting in SETTINGS:
            with suppress(Exception):
                self._saved.append((setting, setting[1]()))
        self._handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
        self._main = sys.modules.get("__main__")
        self._torch = None if keep_torch else TorchState(isolate_rng)
        purge(root)
        sys.dont_write_bytecode = True  # an edit within the same second and of the same length must be seen

    def torch_aside(self) -> AbstractContextManager[None]:
        """With torch's settings as they were before; afterwards they are again what was made of them."""
        return nullcontext() if self._torch is None else self._torch.aside()

    def restore(self) -> list[str]:
        """Puts everything back; the names of what differed, other than what running a script changes anyway."""
        changed = [] if self._torch is None else self._torch.restore()
        changed += self._signals()
        for (name, get, put), value in self._saved:
            now: Any = None
            with suppress(Exception):
                now = get()
            if now != value:
                with suppress(Exception):
                    put(value)
                changed.append(name)
        if self._main is not None:
            sys.modules["__main__"] = self._main
        purge(self._root)
        return [name for name in changed if name not in ("sys.argv", "sys.path", "sys.dont_write_bytecode")]

    def _signals(self) -> list[str]:
        changed = []
        for number, handler in self._handlers.items():
            if signal.getsignal(number) is handler or signal.getsignal(number) == handler:
                continue
            changed.append(f"handler of {number.name if isinstance(number, signal.Signals) else number}")
            if handler is not None:  # None: set outside of Python; the host puts its own back
                with suppress(OSError, ValueError):
                    accidents.set_handler(number, handler)
        return changed


def places(module: Any) -> list[str]:
    """Where a module's files are; of a package without a file, its folders."""
    found = [getattr(module, "__file__", None)]
    with suppress(Exception):  # a module may be anything
        found += [] if found[0] else list(getattr(module, "__path__", []))
    return [file for file in found if isinstance(file, str)]


def purge(root: str) -> None:
    """Forgets the modules that lie under the script's folder, so that each run sees its own, as they are now."""
    keep = tuple(os.path.join(path, "") for path in (sys.prefix, sys.base_prefix, str(Path(__file__).parents[1])))
    under = (os.path.join(os.path.abspath(root), ""), os.path.join(os.path.realpath(root), ""))
    stale = []
    for name, module in list(sys.modules.items()):
        if name != "__main__" and any(p.startswith(under) and not p.startswith(keep) for p in places(module)):
            stale.append(name)
    for name in stale:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
