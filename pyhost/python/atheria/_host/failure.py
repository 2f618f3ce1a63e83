"""What ended a script, for people and for programs: without our own frames, and of bounded length."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

LONGEST = 64 * 1024  # bytes of text
OURS = (str(Path(__file__).parent), str(Path(__file__).parents[1] / "worker.py"))


def describe(kind: type[BaseException], value: BaseException, at: TracebackType | None) -> dict[str, Any]:
    """{"type", "message", "text", "frames"}. Never raises, whatever the exception's own methods do."""
    name = getattr(kind, "__qualname__", "exception")
    try:
        told = traceback.TracebackException(kind, value, at, compact=True)
        trim(told, set())
        text = "".join(told.format())
        message = str(told).removeprefix("None")
        frames = [{"file": f.filename, "line": f.lineno or 0, "function": f.name} for f in told.stack]
        if told.exc_type is not None and issubclass(told.exc_type, SyntaxError):
            frames.append({"file": told.filename or "", "line": int(told.lineno or 0), "function": "<syntax>"})
    except Exception as error:
        text = f"{name}: (its traceback could not be written: {type(error).__name__})\n"
        message, frames = "", []
    return {"type": name, "message": shortened(message, 4096), "text": shortened(text), "frames": frames[-100:]}


def trim(told: traceback.TracebackException, seen: set[int]) -> None:
    """Takes our frames out of an exception, of those it came from and of those it groups."""
    pending = [told]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        one.stack = traceback.StackSummary.from_list([f for f in one.stack if not f.filename.startswith(OURS)])
        pending += [other for other in (one.__cause__, one.__context__, *(one.exceptions or ())) if other]


def shortened(text: str, longest: int = LONGEST) -> str:
    """The beginning and the end, when it is too long."""
    data = text.encode("utf-8", "replace")
    if len(data) <= longest:
        return data.decode()
    half = longest // 2 - 64
    gap = f"\n... {len(data) - 2 * half} bytes left out ...\n"
    return data[:half].decode("utf-8", "ignore") + gap + data[-half:].decode("utf-8", "ignore")
