"""input(), getpass() and sys.stdin in the server: they ask whoever listens to the job."""

from __future__ import annotations

import builtins
import getpass
import io
import sys
from typing import Any

from atheria import _context


class Input(io.TextIOBase):
    """sys.stdin: the lines somebody sends to the job; its end, when nobody listens or outside of jobs."""

    encoding = "utf-8"
    name = "<stdin>"

    def __init__(self, host: Any) -> None:
        self._host = host

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        try:
            return ask(self._host, "", False) + "\n"
        except EOFError:
            return ""

    def read(self, size: int | None = -1, /) -> str:
        return "".join(iter(self.readline, ""))

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def close(self) -> None:
        """A script that closes sys.stdin closes nothing."""


def ask(host: Any, prompt: str, password: bool) -> str:
    job = _context.job_id()
    if job is None:
        raise EOFError("nobody can answer: this code runs outside of a job")
    sys.stdout.flush()
    line: str = host.read_line(job, prompt, password)
    return line


def install(host: Any) -> None:
    def ask_line(prompt: object = "", /) -> str:
        return ask(host, str(prompt), False)

    def ask_password(prompt: str = "Password: ", stream: object = None) -> str:
        return ask(host, prompt, True)

    ask_line.__name__ = "input"
    builtins.input = ask_line
    getpass.getpass = ask_password
    sys.stdin = Input(host)
