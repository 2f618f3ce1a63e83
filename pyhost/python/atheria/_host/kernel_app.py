"""ipykernel inside a process that is not its own: what it does to signals, streams and children is taken out.

Stock ipykernel interrupts by SIGINT to the process, moves file descriptors 1 and 2, replaces sys.stdout, ends the
process's children, watches its parent and leaves its end to atexit. Written against ipykernel 7.4.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from traitlets import Any as AnyTrait
from traitlets import Type

from atheria._host import router
from atheria._host.cells import Gated, in_cell

if TYPE_CHECKING:
    from atheria._host.kernel import OpenKernel


class Shell(ZMQInteractiveShell):
    """IPython, whose cells can be interrupted and nothing else."""

    _last_traceback: list[str] | None = None  # ipykernel reads it before it has set it

    async def run_code(self, code_obj: Any, result: Any = None, *, async_: bool = False) -> bool:
        token = in_cell.set(True)
        try:
            failed: bool = await Gated(super().run_code(code_obj, result, async_=async_), self.kernel.owner.slot.gate)
            return failed
        finally:
            in_cell.reset(token)

    def system(self, cmd: str) -> None:
        """`!cmd` and `%pip`: IPython's own way is a pseudo-terminal and a fork, which this process refuses."""
        child = subprocess.Popen(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                print(line, end="", flush=True)
            self.user_ns["_exit_code"] = child.wait()
        except BaseException:  # an interrupt ends the child, too
            child.terminate()
            raise


class Kernel(IPythonKernel):
    """One notebook's kernel. Interrupts come from the host; shutting it down detaches and no more."""

    shell_class = Type(Shell)

    @property
    def owner(self) -> OpenKernel:
        opened: OpenKernel = self.parent.owner  # type: ignore[union-attr]
        return opened

    @property
    def banner(self) -> str:  # type: ignore[override]
        return str(self.owner.banner)

    # A cell.
    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: Any = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: Any = None,
    ) -> dict[str, Any]:
        try:
            await self.owner.turn()
            reply: dict[str, Any] = await super().do_execute(
                code, silent, store_history, user_expressions, allow_stdin, cell_meta=cell_meta, cell_id=cell_id
            )
            return reply
        except BaseException as error:
            # An interrupt just before or after the cell's own code. Without a reply the notebook would wait for ever.
            return self._interrupted(error)
        finally:
            self.owner.free()

    def _interrupted(self, error: BaseException) -> dict[str, Any]:
        content = {"ename": type(error).__name__, "evalue": str(error), "traceback": [type(error).__name__]}
        self.send_response(self.iopub_socket, "error", content)
        return {
            "status": "error",
            "execution_count": self.execution_count,
            "user_expressions": {},
            "payload": [],
            **content,
        }

    @contextmanager
    def _cancel_on_sigint(self, future: asyncio.Future[Any]) -> Iterator[None]:
        self.owner.slot.awaiting = future
        try:
            yield
        finally:
            self.owner.slot.awaiting = None

    def _send_interrupt_children(self) -> None:  # on the control thread
        self.owner.interrupt_from_any_thread()

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:  # on the control thread
        self.owner.leave(restart)
        for _ in range(100):  # 2 s for the cell that runs to end and be answered
            if not self.owner.slot.busy:
                break
            await asyncio.sleep(0.02)
        return {"status": "ok", "restart": restart}

    async def shutdown_request(self, stream: Any, ident: Any, parent: Any) -> None:
        await super().shutdown_request(stream, ident, parent)
        self.owner.end()  # only now: the reply has been sent

    async def _progressively_terminate_all_children(self) -> None:
        """The process's children are not the notebook's."""

    def pre_handler_hook(self) -> None:
        """SIGINT is the server's."""

    def post_handler_hook(self) -> None:
        """As above."""


class KernelApp(IPKernelApp):
    """Sockets, threads and shell of one kernel; without the habits of a process of its own."""

    kernel_class = Type(Kernel)
    job = AnyTrait()
    owner = AnyTrait()  # the OpenKernel

    def init_io(self) -> None:
        router.sinks[self.job] = {
            name: OutStream(self.session, self.iopub_thread, name, watchfd=False) for name in ("stdout", "stderr")
        }
        self.displayhook = ZMQDisplayHook(self.session, self.iopub_socket)

    def reset_io(self) -> None:
        router.sinks.pop(self.job, None)

    def init_signal(self) -> None:
        """Signals are the server's."""

    def init_crash_handler(self) -> None:
        """A crash is the server's to report."""

    def init_poller(self) -> None:
        """Our parent is not the notebook's. (A parent's number, 1, keeps it from printing advice to our stdout.)"""

    def init_pdb(self) -> None:
        """IPython's pdb would take SIGINT."""

    def configure_tornado_logger(self) -> None:
        """It would add a handler for each kernel."""
