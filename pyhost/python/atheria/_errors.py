"""What goes wrong, in one type; and the two ways a script is stopped."""

from __future__ import annotations

import sys


class Error(Exception):
    """Something was refused: what was tried, what was found, what would do.

    `code` is as on the wire (`bad_args`, `not_found`, `busy`, `conflict`, `unsupported`, `timeout`, ...); `path`
    names the argument at fault, or is empty.
    """

    def __init__(self, message: str, code: str = "internal", path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.path = path


class LeaseExpired(Error):
    """A lease's tensor was asked for after the lease had ended; the message says why it ended."""

    def __init__(self, message: str, code: str = "lease_expired", path: str = "") -> None:
        super().__init__(message, code, path)


if "_atheria" in sys.builtin_module_names:  # in the server: raised by its signal handlers, so they are its own
    from _atheria import Cancelled, ScriptKilled
else:

    class Cancelled(KeyboardInterrupt):  # type: ignore[no-redef]
        """The job was asked to stop; `reason` says by whom or why. There is some time left to save work."""

        def __init__(self, reason: str = "") -> None:
            super().__init__(reason)
            self.reason = reason

    class ScriptKilled(BaseException):  # type: ignore[no-redef]
        """The job did not stop when asked to: it ends now."""


def unsupported(message: str) -> Error:
    """Known, but not here."""
    return Error(message, "unsupported")
