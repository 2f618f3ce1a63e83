"""Torch's process-wide switches: a script's must not reach the engine, nor the next script."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Switch = tuple[str, Callable[[], Any], Callable[[Any], Any]]


def switches(torch: Any) -> list[Switch]:
    """Name, how to read it, how to set it."""
    cudnn, mm = torch.backends.cudnn, torch.backends.cuda.matmul

    def attribute(owner: Any, name: str) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
        return lambda: getattr(owner, name), lambda value: setattr(owner, name, value)

    def default_device() -> Any:
        context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
        return None if context is None else context.device

    return [
        ("default dtype", torch.get_default_dtype, torch.set_default_dtype),
        ("default device", default_device, torch.set_default_device),
        ("grad mode", torch.is_grad_enabled, torch.set_grad_enabled),
        (
            "anomaly detection",
            lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            lambda both: torch.autograd.set_detect_anomaly(*both),
        ),
        (
            "deterministic algorithms",
            lambda: (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
            ),
            lambda both: torch.use_deterministic_algorithms(both[0], warn_only=both[1]),
        ),
        ("number of threads", torch.get_num_threads, torch.set_num_threads),
        ("matmul precision", torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
        ("cudnn.enabled", *attribute(cudnn, "enabled")),
        ("cudnn.benchmark", *attribute(cudnn, "benchmark")),
        ("cudnn.deterministic", *attribute(cudnn, "deterministic")),
        ("cudnn.allow_tf32", *attribute(cudnn, "allow_tf32")),
        ("cuda.matmul.allow_tf32", *attribute(mm, "allow_tf32")),
        (
            "autocast",
            lambda: torch.is_autocast_enabled("cpu"),
            lambda on: torch.set_autocast_enabled("cpu", on),
        ),
        (
            "sharing strategy",
            torch.multiprocessing.get_sharing_strategy,
            torch.multiprocessing.set_sharing_strategy,
        ),
    ]


class TorchState:
    """The switches as they were. Does nothing while torch is not imported."""

    def __init__(self, rng: bool = False) -> None:
        self._torch = sys.modules.get("torch")
        self._saved: list[tuple[Switch, Any]] = []
        for switch in switches(self._torch) if self._torch else []:
            with suppress(Exception):
                self._saved.append((switch, switch[1]()))
        self._random = self._generators() if rng else None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """As it was then; afterwards as it is now."""
        now = [(switch, switch[1]()) for switch, _ in self._saved]
        self._put(self._saved)
        try:
            yield
        finally:
            self._put(now)

    def _put(self, states: list[tuple[Switch, Any]]) -> None:
        for (_, get, put), value in states:
            with suppress(Exception):
                if get() != value:
                    put(value)

    def restore(self) -> list[str]:
        """Puts back what differs; the names of those."""
        changed = []
        for (name, get, put), value in self._saved:
            with suppress(Exception):
                if get() != value:
                    put(value)
                    changed.append(f"torch {name}")
        if self._random is not None:
            self._put_generators(self._random)
        return changed

    def _generators(self) -> tuple[Any, Any, Any]:
        import random

        numpy = sys.modules.get("numpy")
        return (
            random.getstate(),
            numpy.random.get_state() if numpy else None,
            self._torch.get_rng_state() if self._torch else None,
        )

    def _put_generators(self, saved: tuple[Any, Any, Any]) -> None:
        import random

        random.setstate(saved[0])
        if saved[1] is not None:
            sys.modules["numpy"].random.set_state(saved[1])
        if saved[2] is not None and self._torch:
            self._torch.set_rng_state(saved[2])
