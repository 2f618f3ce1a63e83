"""`atheria.log`: lines in the server's log; elsewhere, Python's own logging under the name `atheria`."""

from __future__ import annotations

import logging

from atheria import _context


class Log:
    """Text with the levels of the server's log. Arguments are filled in as logging does: `info("%d cells", n)`."""

    def debug(self, text: str, *args: object) -> None:
        write("debug", text, args)

    def info(self, text: str, *args: object) -> None:
        write("info", text, args)

    def warning(self, text: str, *args: object) -> None:
        write("warning", text, args)

    def error(self, text: str, *args: object) -> None:
        write("error", text, args)


def write(level: str, text: str, args: tuple[object, ...]) -> None:
    if _context.host is None:
        logging.getLogger("atheria").log(getattr(logging, level.upper()), text, *args)
        return
    _context.host.log(level, str(text) % args if args else str(text))


log = Log()
