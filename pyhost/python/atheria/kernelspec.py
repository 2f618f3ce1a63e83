"""Kernelspecs: how Jupyter starts a notebook in a running server, or a server for a notebook."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atheria._errors import Error


@dataclass(frozen=True)
class KernelSpec:
    """One entry of Jupyter's launcher. `folder` is its name on disk."""

    folder: str
    display_name: str
    argv: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        return {
            "argv": list(self.argv),
            "display_name": self.display_name,
            "language": "python",
            "interrupt_mode": "message",  # a signal would reach the connector, not the cell
            "metadata": {"debugger": True},
        }


def attach_spec(ath: str, world: str = "") -> KernelSpec:
    """A notebook in the running server, in that world or, without a name, in the only one."""
    name = f"Atheria (attach {world})" if world else "Atheria (attach)"
    words = (ath, "kernel", "attach", "{connection_file}", *(["--world", world] if world else []))
    return KernelSpec("atheria-attach" + (f"-{plain(world)}" if world else ""), name, words)


def new_spec(server: str, arguments: Sequence[str] = ()) -> KernelSpec:
    """A server of the notebook's own, which ends with it."""
    return KernelSpec(
        "atheria-new", "Atheria (new)", (server, "--port", "0", "--kernel", "{connection_file}", *arguments)
    )


def plain(name: str) -> str:
    """A name as Jupyter allows it for a folder."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "world"


def data_folder(prefix: str | None = None) -> Path:
    """Where Jupyter looks: PREFIX/share/jupyter, else JUPYTER_DATA_DIR, else the user's own."""
    if prefix:
        return Path(prefix) / "share" / "jupyter"
    own = os.environ.get("JUPYTER_DATA_DIR")
    if own:
        return Path(own)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "jupyter"


def install(spec: KernelSpec, prefix: str | None = None) -> Path:
    """Writes the kernelspec, in place of an older one, and returns its folder."""
    if not os.path.isabs(spec.argv[0]):
        raise Error(f"a kernelspec names its program by its whole path, got '{spec.argv[0]}'", "bad_args", "argv")
    folder = data_folder(prefix) / "kernels" / spec.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / "kernel.json.new"
        fresh.write_text(json.dumps(spec.data(), indent=1) + "\n")
        fresh.replace(folder / "kernel.json")
    except OSError as error:
        raise Error(f"cannot write the kernelspec '{folder}': {error}; --prefix names another place", "io") from None
    return folder


def remove(spec: KernelSpec, prefix: str | None = None) -> bool:
    """Takes it away again; False when it was not there."""
    folder = data_folder(prefix) / "kernels" / spec.folder
    if not folder.exists():
        return False
    shutil.rmtree(folder)
    return True


def main(words: Sequence[str]) -> int:
    """What `ath kernel install` and `ath kernel remove` do."""
    parser = argparse.ArgumentParser(prog="ath kernel", add_help=False)
    parser.add_argument("--ath", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--prefix")
    parser.add_argument("verb", choices=("install", "remove"))
    parser.add_argument("world", nargs="*")
    asked = parser.parse_intermixed_args(words)
    specs = [attach_spec(asked.ath), *(attach_spec(asked.ath, world) for world in asked.world), new_spec(asked.server)]
    for spec in specs:
        if asked.verb == "install":
            print(f"{spec.display_name}: {install(spec, asked.prefix)}")
        elif remove(spec, asked.prefix):
            print(f"{spec.display_name}: removed")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Error as error:
        sys.exit(f"ath kernel: {error}")
