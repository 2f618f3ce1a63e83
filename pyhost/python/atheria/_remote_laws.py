"""Laws whose steps this process computes for worlds of a server elsewhere."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from atheria._errors import Error
from atheria._laws import checked_step, try_out
from atheria._remote_numbers import bytes_of, tensor_from
from atheria._remote_watch import shortened

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._wire import Connection

Step = Callable[["Tensor", int, dict[str, Any]], "Tensor"]
WAIT_MS = 20_000


class RemoteLaws:
    """The laws of one connection; a thread of its own computes their steps, one after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._steps: dict[str, Step] = {}  # replaced whole
        self._thread: threading.Thread | None = None

    def register(self, spec: Mapping[str, Any], step: Step) -> None:
        asked = {"spec": dict(spec)}
        self.connection.ask("law.register", {**asked, "check": True}, 30)
        try_out(spec, step)
        before = self._steps
        self._steps = {**before, str(spec["name"]): step}  # before anybody can ask for one
        try:
            self.connection.ask("law.register", asked, 30)
        except BaseException:
            self._steps = before
            raise
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="pyhook laws", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while not self.connection.closed:
            try:
                told, data = self.connection.ask_bytes("law.next", {"waitMs": WAIT_MS}, 300)
                if told["call"] is not None:
                    self._answer(told, data)
            except Error as error:
                if error.code != "busy":
                    return  # the connection has ended, or the server does not know us any more

    def _answer(self, told: Mapping[str, Any], data: bytearray) -> None:
        call = {"call": told["call"]}
        try:
            following = checked_step(
                self._steps[told["law"]], tensor_from(data, told), int(told["t"]), dict(told["params"])
            )
        except Error as error:
            return self.connection.tell("law.fail", {**call, "reason": str(error)})
        except BaseException as error:  # whatever it raises, its world waits for an answer
            return self.connection.tell("law.fail", {**call, "reason": shortened(raised(error))})
        number = self.connection.upload(bytes_of(following))
        self.connection.tell("law.answer", {**call, "upload": number})


def raised(error: BaseException) -> str:
    """In words that follow the law's name: what it raised, and where."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None and at.tb_frame.f_globals.get("__package__") == "atheria":
        at = at.tb_next
    where = "".join(traceback.format_tb(at))
    return f"raised {''.join(traceback.format_exception_only(error)).strip()}\n{where}".rstrip()
