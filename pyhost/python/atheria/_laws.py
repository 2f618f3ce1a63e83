"""Laws as data: what the engine says about them, and those written in Python."""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from atheria._errors import Error

if TYPE_CHECKING:
    from torch import Tensor


class Law:
    """One law. `info` has everything PROTOCOL.md section 3 lists."""

    def __init__(self, info: Mapping[str, Any]) -> None:
        self.info = dict(info)
        self.name: str = info["name"]
        self.title: str = info.get("title", "")
        self.about: str = info.get("about", "")
        self.channels: list[str] = [channel["name"] for channel in info["channels"]]
        self.params: dict[str, float | str] = {param["name"]: param["value"] for param in info.get("params", [])}
        self.presets: list[str] = [preset["name"] for preset in info.get("presets", [])]
        self.complex: bool = bool(info.get("complex"))

    def __repr__(self) -> str:
        params = ", ".join(f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
                           for name, value in self.params.items())  # fmt: skip
        return f"<law {self.name}: {', '.join(self.channels)}; {params}>"


class Laws(dict[str, Law]):
    """Laws by name."""

    def __repr__(self) -> str:
        return "\n".join(f"{law.name:18} {law.title}" for law in self.values())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(law.name)}</td><td>{html.escape(law.title)}</td>"
            f"<td>{html.escape(', '.join(law.channels))}</td><td>{html.escape(', '.join(law.params))}</td></tr>"
            for law in self.values()
        )
        return f"<table><tr><th>law</th><th></th><th>channels</th><th>params</th></tr>{rows}</table>"


def channel_spec(channel: str | Mapping[str, Any]) -> dict[str, Any]:
    plain = {"name": channel} if isinstance(channel, str) else dict(channel)
    return {"lo": 0.0, "hi": 1.0, "background": 0.0, "ink": 1.0, **plain}


def param_spec(name: str, value: Any) -> dict[str, Any]:
    """A value, (value, lo, hi), or a dict with `value` and more."""
    if isinstance(value, Mapping):
        return {"name": name, **value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 3:
            raise Error(f"parameter '{name}' is a value or (value, lo, hi), got {value!r}", "bad_args", "params")
        return {"name": name, "value": value[0], "lo": value[1], "hi": value[2]}
    return {"name": name, "value": value}


def three_arguments(step: Callable[..., Any]) -> Callable[[Tensor, int, dict[str, Any]], Tensor]:
    """`step` as a function of (psi, t, params), whatever number of them it takes; without gradients."""
    import torch

    try:
        # A module's own call takes anything; its forward says what.
        parameters = inspect.signature(getattr(step, "forward", step)).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]  # a builtin: it gets all three
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    takes_all = not parameters or any(p.kind == p.VAR_POSITIONAL for p in parameters)
    count = 3 if takes_all else min(len(positional), 3)
    if count == 0:
        raise Error("a law's step takes the field: def step(psi, t, params)", "bad_args", "step")

    def call(psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
        with torch.no_grad():
            result: Tensor = step(*(psi, t, params)[:count])
        return result

    return call


def checked_step(step: Callable[..., Any], psi: Tensor, t: int, params: dict[str, Any]) -> Tensor:
    """The next field; an Error when the step breaks its contract."""
    import torch

    before = psi._version
    following = step(psi, t, params)
    if psi._version != before:
        raise broke("wrote into the field it was given; return a new tensor")
    if not isinstance(following, torch.Tensor):
        raise broke(f"what the step returns is a torch.Tensor, got {type(following).__name__}")
    if following.shape != psi.shape:
        raise broke(f"returned shape {list(following.shape)} for a field of {list(psi.shape)}")
    if following.dtype != psi.dtype:
        raise broke(f"returned {following.dtype} for a field of {psi.dtype}")
    if following.device.type != "cpu":
        raise broke("returned a tensor that is not on the CPU")
    return following.detach()


def broke(how: str) -> Error:
    return Error(how, "bad_args", "step")


def try_out(spec: Mapping[str, Any], step: Callable[..., Any]) -> None:
    """One step on two grids of different sizes, before anybody can make a world of it."""
    import torch

    params = {param["name"]: param["value"] for param in spec.get("params", [])}
    for dtype in spec.get("dtypes", ["f32"]):
        for dimension in spec.get("dimensions", [2]):
            for side in (12, 20):
                shape = [side, side + 4] if dimension == 2 else [8, side, side + 4]
                psi = sample(spec["channels"], shape).to(torch.float64 if dtype == "f64" else torch.float32)
                try:
                    following = checked_step(step, psi, 0, dict(params))
                    if not bool(following.isfinite().all()):
                        raise broke("returned NaN or infinite numbers")
                except Error as error:
                    said = f"the step of law '{spec['name']}', tried on a small field: it {error}"
                    raise Error(said, error.code, error.path) from None


def sample(channels: Sequence[Mapping[str, Any]], shape: list[int]) -> Tensor:
    """Numbers within the channels' ranges, no two alike; without anybody's random numbers."""
    import torch

    count = torch.Size(shape).numel()
    spread = (torch.arange(count, dtype=torch.float64) * 0.6180339887).frac().reshape(shape)
    ends = [(float(channel.get("lo", 0)), float(channel.get("hi", 1))) for channel in channels]
    return torch.stack([lo + (hi - lo) * spread for lo, hi in ends])
