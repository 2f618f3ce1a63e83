"""Where a server is: the environment, or the file each running server keeps in the user's runtime folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from atheria._errors import Error


@dataclass(frozen=True)
class Door:
    """A server's address, http://HOST:PORT, and a token for it."""

    url: str
    token: str


def runtime_folder() -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR")
    return (Path(base) if base else Path.home() / ".local" / "state") / "atheria"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and there
    return True


def running() -> list[Door]:
    """The servers of this user that run here, newest first. Files of those that died are passed over."""
    found: list[tuple[float, Door]] = []
    for path in runtime_folder().glob("server-*.json"):
        try:
            data = json.loads(path.read_text())
            if alive(int(data["pid"])):
                found.append((path.stat().st_mtime, Door(str(data["url"]), str(data["token"]))))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not ours, of another version, or gone this moment
    return [door for _, door in sorted(found, key=lambda pair: pair[0], reverse=True)]


def find(url: str | None = None, token: str | None = None) -> Door:
    """The server asked for, else the one in ATHERIA_SERVER, else the newest on this machine."""
    url = (url or os.environ.get("ATHERIA_SERVER") or "").rstrip("/")
    token = token or os.environ.get("ATHERIA_TOKEN") or ""
    servers = running()
    if not url:
        if not servers:
            raise Error(
                "no server of yours runs on this machine; 'ath serve --demo' starts one, "
                "atheria.connect(url, token) or ATHERIA_SERVER with ATHERIA_TOKEN names another",
                "not_found",
            )
        return servers[0]
    if not token:
        token = next((door.token for door in servers if door.url == url), "")
    if not token:
        raise Error(f"no token for {url}: pass it to atheria.connect, or put it into ATHERIA_TOKEN", "not_allowed")
    return Door(url, token)
