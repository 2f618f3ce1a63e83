"""Making ipykernel's sockets, threads and shell for one notebook, and taking all of it away again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.ioloop import IOLoop
from traitlets.config import Config

import atheria
from atheria._host import atexits
from atheria._host.kernel_app import Kernel, KernelApp, Shell


class HostLog(logging.Handler):
    """ipykernel's own log lines, into the server's log."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        super().__init__(logging.WARNING)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        self._write(level, f"notebook: {self.format(record)}")


def start(file: str, job: str, owner: Any, log: Callable[[str, str], None]) -> Any:
    """An application whose kernel is ready to be started. On pymain, with the notebook's loop set."""
    check(file)
    logger = logging.getLogger("atheria.notebook")
    logger.propagate, logger.handlers = False, [HostLog(log)]
    config = Config()
    config.HistoryManager.enabled = False  # no database and no thread for each kernel
    app: Any = KernelApp.instance(
        connection_file=file, job=job, owner=owner, log=logger, config=config, parent_handle=1
    )
    app.initialize([])
    app.shell.run_line_magic("load_ext", "atheria._host.magics")
    return app


def stop(job: str, loop: asyncio.AbstractEventLoop) -> None:
    """Sockets, threads and singletons go. Also after a start that failed half way."""
    app: Any = KernelApp._instance
    loops = [loop]
    if app is not None:
        holders = (app.iopub_thread, app.control_thread, app.shell_channel_thread)
        loops += [holder.io_loop.asyncio_loop for holder in holders if holder is not None]
        if app.control_thread is not None and app.control_thread.is_alive():
            with suppress(RuntimeError):  # it has just ended by itself
                app.control_thread.stop()
            app.control_thread.join()  # first: its last flush needs the thread that publishes
    atexits.run(job)  # the notebook's own, then IPython's and ipykernel's
    for one in loops:
        for task in asyncio.all_tasks(one):  # of threads that have ended; else the next job hears of them
            task._log_destroy_pending = False  # type: ignore[attr-defined]
    if app is not None and app.shell is not None:
        app.shell.reset(new_session=False)
    for kind in (Shell, Kernel, KernelApp):
        kind.clear_instance()
    with suppress(Exception):
        IOLoop.current(instance=False).close(all_fds=False)  # type: ignore[union-attr]
    if not loop.is_closed():
        loop.close()


def check(file: str) -> None:
    """ipykernel makes up a file that is not there, and without a key everybody may send it code."""
    with open(file) as text:
        if not json.load(text).get("key"):
            raise atheria.Error(
                f"the connection file '{file}' has no key: anybody could run code here", "bad_args", "file"
            )


def banner() -> str:
    """Where the notebook is: the world and its step, so that a restart is seen to have left it alone."""
    try:
        world = atheria.current()
        return f"Atheria {atheria.__version__}, attached to {world!r}"
    except Exception as error:
        return f"Atheria {atheria.__version__}: {error}"
