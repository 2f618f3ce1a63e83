"""`python tests/support/cell.py URL [WORLD] < CELL`: runs a notebook's cell in the server at URL, as Jupyter does.

Prints what the cell prints; its error, with exit code 1, when it fails.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ATH = Path(__file__).parents[2] / "build/release/bin/ath"


def kernel(folder: Path, url: str, world: str) -> KernelManager:
    """A kernel attached to the server: what `ath kernel install` would write, for this server."""
    spec = folder / "kernels" / "attach"
    spec.mkdir(parents=True)
    argv = [str(ATH), "kernel", "attach", "--server", url, *(["--world", world] if world else []), "{connection_file}"]
    about = {"argv": argv, "display_name": "Atheria", "language": "python", "interrupt_mode": "message"}
    (spec / "kernel.json").write_text(json.dumps(about))
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    file = str(folder / "kernel.json")
    return KernelManager(kernel_name="attach", kernel_spec_manager=specs, transport="ipc", connection_file=file)


def show(message: dict[str, Any]) -> None:
    if message["msg_type"] == "stream":
        sys.stdout.write(message["content"]["text"])


def run(url: str, world: str, cell: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        manager = kernel(Path(folder), url, world)
        manager.start_kernel(env={**os.environ, "ATHERIA_TOKEN": ""}, stdout=sys.stderr)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            reply = client.execute_interactive(cell, timeout=60, output_hook=show)["content"]
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
    if reply["status"] != "ok":
        print(f"{reply['ename']}: {reply['evalue']}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], "".join(sys.argv[2:3]), sys.stdin.read()))
