"""pymain's life: takes what the host hands out, one thing at a time.

Without a notebook it blocks in the host's `next`. With one an asyncio loop serves its messages, and scripts run
between two rounds of that loop, never inside it, so that they may have a loop of their own. A cell and a script never
run at the same time: there is one foreground slot.
"""

from __future__ import annotations

from collections import deque
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from atheria._host.runner import Script

if TYPE_CHECKING:
    from atheria._host.kernel import OpenKernel
    from atheria._host.share import Share

WAIT = 1.0  # s; how long the host's next blocks at most


class Loop:
    def __init__(self, host: Any) -> None:
        self.host = host
        self.kernel: OpenKernel | None = None
        self.waiting: deque[dict[str, Any]] = deque()  # handed out while a cell ran
        self.shares: list[Share] = []  # further front ends of the kernel
        self.stopping = False

    def run(self) -> None:
        """Until the host says stop."""
        while not self.stopping:
            if self.kernel is not None and self.kernel.ended.is_set():
                self.close_kernel()
            elif self.waiting:
                self.take(self.waiting.popleft())
            elif self.kernel is None:
                self.take(self.host.next(WAIT))
            elif (item := self.host.next(0)) is not None:
                self.take(item)
            else:
                self.kernel.serve()  # until something waits, or the notebook has ended
        self.close_kernel()

    def take(self, item: dict[str, Any] | None) -> None:
        kind = item["kind"] if item is not None else ""
        if item is None:
            return
        if kind == "script":
            with self.kernel.aside(item) if self.kernel is not None else nullcontext():
                Script(self.host, item).run()
        elif kind == "kernel":
            self.open_kernel(item)
        elif kind == "close_kernel":
            self.close(item.get("file"))
        elif kind == "stop":
            self.stopping = True
        else:
            self.host.log("error", f"the host handed out '{kind}', which this version of atheria does not know")

    def open_kernel(self, item: dict[str, Any]) -> None:
        error = ""
        try:
            if self.kernel is None:
                from atheria._host.kernel import OpenKernel

                self.kernel = OpenKernel(self.host, item, self.waiting)
            elif item.get("share"):
                from atheria._host.share import Share

                gone = partial(self.tell, "kernel_closed", item["file"], False)
                self.shares.append(Share(self.kernel.file, item["file"], gone))
            else:
                error = f"a notebook is attached already: {self.kernel.owner}"
        except (Exception, SystemExit) as found:  # no ipykernel, a bad connection file, a port that is taken
            error = f"{type(found).__name__}: {found}"
        if error:
            self.host.log("error", f"cannot open the kernel of '{item['file']}': {error}")
        self.tell("kernel_opened", item["file"], error)

    def close(self, file: str | None) -> None:
        """The kernel of that connection file, or a front end that shares it."""
        if self.kernel is not None and file in (None, self.kernel.file):
            self.close_kernel()
        for share in [share for share in self.shares if share.file == file]:
            self.close_share(share)

    def close_kernel(self) -> None:
        for share in list(self.shares):
            self.close_share(share)
        if self.kernel is not None:
            kernel, self.kernel = self.kernel, None
            kernel.close()
            self.tell("kernel_closed", kernel.file, kernel.restarting)

    def close_share(self, share: Share) -> None:
        self.shares.remove(share)
        share.close()
        if not share.left:  # else it has been told
            self.tell("kernel_closed", share.file, False)

    def tell(self, what: str, *about: Any) -> None:
        call = getattr(self.host, what, None)
        if call is not None:
            call(*about)
