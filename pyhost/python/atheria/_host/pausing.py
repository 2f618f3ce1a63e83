"""A script that asks for it runs while its worlds stand still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import atheria


@contextmanager
def paused(world: str | None) -> Iterator[None]:
    """Pauses the world named, or all of them, and lets those go on that played before."""
    worlds = [atheria.world(world)] if world else list(atheria.worlds().values())
    played = [one for one in worlds if one.playing]
    for one in played:
        one.pause()
    try:
        yield
    finally:
        for one in played:
            with suppress(atheria.Error):  # deleted meanwhile
                one.play()
