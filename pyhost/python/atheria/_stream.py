"""`atheria.stream`: topics of a script's own."""

from __future__ import annotations

from typing import Any

from atheria import _engine
from atheria._values import tensor_of


class Stream:
    """What a script shows besides worlds."""

    def put(self, topic: str, values: Any) -> None:
        """Publishes a tensor under a topic, where the build can; otherwise an Error `unsupported`."""
        _engine.default().backend.put(topic, tensor_of(values))


stream = Stream()
