"""sys.stdout and sys.stderr of the server: each write goes to the job that makes it, else to the daemon's log.

Installed once. Exchanging sys.stdout for each job would cross outputs of jobs and of threads they left behind.
"""

from __future__ import annotations

import codecs
import io
import sys
from contextlib import suppress
from typing import Any, Protocol

from atheria import _context


class Sink(Protocol):
    """Where a notebook's output goes instead of the host."""

    def write(self, text: str, /) -> Any: ...
    def flush(self) -> Any: ...


# A notebook's own streams, by its job: {"stdout": ..., "stderr": ...}. Changed on pymain only, by replacing entries.
sinks: dict[str, dict[str, Sink]] = {}


def repaired(text: str) -> str:
    """Text that UTF-8 can carry: halves of a surrogate pair are joined, lone ones become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class Stream(io.TextIOBase):
    """A text stream without a file behind it. Writing never raises: output must not end a job."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, host: Any, name: str) -> None:
        self._host = host
        self.name = f"<{name}>"
        self._stream = name
        self._line = ""  # the beginning of a line of the log
        self.buffer = Bytes(self)

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        job = _context.job_id()
        with suppress(Exception):
            sink = sinks.get(job, {}).get(self._stream) if job is not None else None
            if sink is not None:
                sink.write(text)
            elif job is not None and text:
                self._host.write(job, self._stream, repaired(text))
            elif text:
                self._log(text)
        return len(text)

    def _log(self, text: str) -> None:
        # The log has lines; print() writes a text and its end apart.
        whole, end, self._line = (self._line + text).rpartition("\n")
        if end:
            self._host.write(None, self._stream, repaired(whole + end))

    def flush(self) -> None:
        job = _context.job_id()
        with suppress(Exception):
            sink = sinks.get(job, {}).get(self._stream) if job is not None else None
            if sink is not None:
                sink.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        # What IPython asks of a stream besides writing: which cell the output belongs to.
        job = _context.job_id() if name in ("set_parent", "set_thread_parent", "reset_thread_parent") else None
        sink = sinks.get(job, {}).get(self._stream) if job is not None else None
        if sink is None:
            raise AttributeError(name)
        return getattr(sink, name)

    def reconfigure(self, **_: Any) -> None:
        """It is UTF-8 and stays so."""

    def close(self) -> None:
        """A script that closes sys.stdout closes nothing."""


class Bytes(io.BufferedIOBase):
    """`sys.stdout.buffer`: bytes as UTF-8, characters may come in pieces."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._decoders: dict[str | None, codecs.IncrementalDecoder] = {}  # by job

    def write(self, data: Any, /) -> int:
        decode = self._decoders.setdefault(_context.job_id(), codecs.getincrementaldecoder("utf-8")("replace"))
        self._stream.write(decode.decode(bytes(data)))
        return len(data)

    def forget(self, job: str) -> None:
        self._decoders.pop(job, None)

    def flush(self) -> None:
        self._stream.flush()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """As the stream's."""


def install(host: Any) -> None:
    sys.stdout = Stream(host, "stdout")
    sys.stderr = Stream(host, "stderr")
