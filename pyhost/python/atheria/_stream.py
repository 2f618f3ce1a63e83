"""`atheria.stream`: pictures of a script's own, live for whoever watches the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from atheria import _engine
from atheria._errors import Error
from atheria._values import tensor_of


class Stream:
    """What a script shows besides worlds: loss maps, attention, predictions. Where a server shows them."""

    def put(self, topic: str, values: Any, range: Sequence[float] | None = None) -> int:
        """Shows an array [h,w], or [3,h,w] as red, green and blue, under `stream/TOPIC`; returns its number, from 1.

        A copy is taken, as float32, and nobody is waited for: who watches sees the newest. `range` is what the values
        usually span. The topic stays, with its last picture, until `drop`.
        """
        return _engine.default().backend.put(topic, tensor_of(values), limits(range))

    def drop(self, topic: str) -> None:
        """Takes a topic away; who watches it is told."""
        _engine.default().backend.drop(topic)

    def topics(self) -> dict[str, dict[str, Any]]:
        """All there are by name: shape, range, and how many pictures were put."""
        return _engine.default().backend.topics()

    def __repr__(self) -> str:
        return "<atheria.stream: put(topic, values), drop(topic), topics()>"


def limits(range: Sequence[float] | None) -> tuple[float, float] | None:
    if range is None:
        return None
    try:
        lo, hi = (float(end) for end in range)
    except (TypeError, ValueError):
        raise Error(f"a range is (lo, hi), two numbers; got {range!r}", "bad_args", "range") from None
    return lo, hi


stream = Stream()
