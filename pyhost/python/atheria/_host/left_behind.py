"""What a job leaves running: threads, child processes, CUDA memory."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from multiprocessing import active_children, resource_tracker
from pathlib import Path

from atheria import _context


def children() -> set[int]:
    """Child processes that run, by pid."""
    active_children()  # collects those of multiprocessing that have ended
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError, ValueError):
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    tracker = getattr(resource_tracker._resource_tracker, "_pid", None)
    return {pid for pid in found if pid != tracker and state(pid) not in ("Z", "")}


def state(pid: int) -> str:
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def command(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return " ".join(os.fsdecode(word) for word in words if word)[:80]
    return "?"


def cuda_bytes() -> int:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return sum(torch.cuda.memory_allocated(device) for device in range(torch.cuda.device_count()))


GRACE = 0.3  # s for what is just ending, like the threads and workers of a DataLoader


class Before:
    """How it was before the job."""

    def __init__(self) -> None:
        self._children = children()
        self._cuda = cuda_bytes()

    def report(self, job: str) -> list[str]:
        """One line for each thing that is still there. After gc.collect()."""
        end = time.monotonic() + GRACE
        for thread in _context.threads_of(job):
            thread.join(max(0.0, end - time.monotonic()))
        while children() - self._children and time.monotonic() < end:
            time.sleep(0.02)
        left = [
            f"thread '{thread.name}' still runs"
            for thread in _context.threads_of(job)
            if not thread.name.startswith("pyhook")
        ]
        left += [f"child process {pid} still runs: {command(pid)}" for pid in sorted(children() - self._children)]
        more = cuda_bytes() - self._cuda
        if more > 0:
            left.append(f"{more / 2**20:.1f} MiB of CUDA memory are still in use")
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.empty_cache()
        return left
