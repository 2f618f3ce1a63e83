"""The backend over the native module: `_atheria` in the server, `atheria_core` in plain Python."""

from __future__ import annotations

import importlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from atheria import _context
from atheria._errors import Error, LeaseExpired, unsupported
from atheria._version import TORCH, __version__

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._backend import NativeHook, NativeLease, NativeObserver


@contextmanager
def translated(error: type[Exception]) -> Iterator[None]:
    """The native module's errors as ours, so that one `except atheria.Error` does everywhere."""
    try:
        yield
    except error as found:
        raise ours(found) from None


def ours(found: BaseException) -> Error:
    code = str(getattr(found, "code", "internal"))
    kind = LeaseExpired if code == "lease_expired" else Error
    return kind(str(found), code, str(getattr(found, "path", "")))


def check_versions(native: Any, torch: str) -> None:
    """A module built for another torch, or of another version than this package, fails later and worse."""
    ours, built = getattr(native, "__version__", __version__), getattr(native, "__torch_version__", torch)
    if ours != __version__:
        raise unsupported(
            f"'{native.__name__}' is version {ours}, the package 'atheria' {__version__}: install one of both"
        )
    if built.partition("+")[0] != torch.partition("+")[0]:
        raise unsupported(f"'{native.__name__}' was built for torch {built}, found {torch}: install torch {built}")


# What a fork takes over from its parent's state.
SPEC = ("preset", "params", "init", "seed", "dtype", "device", "path", "pace", "guard")


class NativeBackend:
    """The engine in this process."""

    def __init__(self, module: str) -> None:
        try:
            import torch  # its libraries first: the native module links against them
        except ImportError as error:
            raise unsupported(f"atheria needs torch ({error}): pip install torch=={TORCH}") from None
        try:
            self.native: Any = importlib.import_module(module)
        except ImportError as error:
            raise unsupported(
                f"cannot load '{module}' beside torch {torch.__version__}: {error}; it was built for torch {TORCH}: "
                f"pip install torch=={TORCH}"
            ) from None
        check_versions(self.native, torch.__version__)
        self.where: str = self.native.where
        self._laws: threading.Thread | None = None

    def _checked(self) -> Any:
        return translated(self.native.Error)

    def request(self, op: str, args: Mapping[str, Any], timeout: float = 30.0) -> dict[str, Any]:
        with self._checked():
            result: dict[str, Any] = json.loads(self.native.request(op, json.dumps(args), timeout))
        return result

    def pause_for_news(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.01))

    def snapshot(self, world: str, channel: str | None) -> tuple[Tensor, int, float]:
        with self._checked():
            found: tuple[Tensor, int, float] = self.native.snapshot(world, channel)
        return found

    def load(self, world: str, channel: str | None, values: Tensor) -> int:
        with self._checked():
            return int(self.native.load(world, channel, values))

    def fork(self, world: str, name: str | None, keep: bool) -> str:
        state = self.request("sim.get", {"world": world})["world"]
        values = self.snapshot(world, None)[0]
        taken = [other["name"] for other in self.request("sim.list", {})["worlds"]]
        name = name or next(n for i in range(1, len(taken) + 2) if (n := f"{world}-{i}") not in taken)
        size = state["size"] if state["size"][2] > 1 else state["size"][:2]
        spec = {key: state[key] for key in ("law", *SPEC) if state.get(key) not in (None, "")}
        self.request("sim.create", {"name": name, "size": size, "playing": False, **spec}, 300)
        try:
            self.load(name, None, values)
        except BaseException:
            with suppress(Error):
                self.request("sim.delete", {"world": name})
            raise
        return name

    def lease(self, world: str, owner: str, timeout: float, deadline: float) -> NativeLease:
        with self._checked():
            return checked(self.native.lease(world, owner, timeout, deadline), self.native.Error)

    def observe(
        self, world: str, every: int, channels: list[str] | None, keep_all: bool, max_queue: int, on_full: str
    ) -> NativeObserver:
        with self._checked():
            return checked(self.native.observe(world, every, channels, keep_all, max_queue, on_full), self.native.Error)

    def on_step(self, world: str, every: int, budget_ms: float) -> NativeHook:
        with self._checked():
            return checked(self.native.on_step(world, every, budget_ms), self.native.Error)

    def register_law(self, spec: Mapping[str, Any], step: Callable[..., Any]) -> None:
        with self._checked():
            self.native.register_law(json.dumps(spec), step)
        running = _context.running()
        if running is not None:
            running.lives_on = True
        serve = getattr(self.native, "serve_laws", None)
        if serve is not None and (self._laws is None or not self._laws.is_alive()):
            self._laws = threading.Thread(target=serve, name="pyhook laws", daemon=True)
            self._laws.start()

    def put(self, topic: str, values: Tensor, range: tuple[float, float] | None) -> int:
        with self._checked():
            return int(self.native.put(topic, values, range))

    def drop(self, topic: str) -> None:
        with self._checked():
            self.native.drop(topic)

    def topics(self) -> dict[str, dict[str, Any]]:
        with self._checked():
            found: dict[str, dict[str, Any]] = self.native.topics()
        return found

    def close(self) -> None:
        """An engine of this process ends with the process."""


class Checked:
    """A native object whose methods raise our errors."""

    def __init__(self, inner: Any, error: type[Exception]) -> None:
        self._inner = inner
        self._error = error

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*args: Any) -> Any:
            with translated(self._error):
                result = value(*args)
            # A hook hands out leases.
            return checked(result, self._error) if hasattr(result, "release") else result

        return call


def checked(inner: Any, error: type[Exception]) -> Any:
    return Checked(inner, error)
