"""python bench/peers/run.py PEER: one peer of `ath bench` in a process of its own.

Talks JSON lines: requests on stdin, one answer each on stdout (bench/README.md has them). What the peer itself prints
goes to stderr. When stdin ends, the bench has gone, and so does this process with all that it started.
"""

import importlib
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

sys.path[0] = str(Path(__file__).resolve().parents[2])  # `bench.peers`, not its files one by one

# A peer's name and what holds it: a module with `make(task)`, which gives a Peer.
PEERS = {
    "torch-eager": "with_torch",
    "torch-compile": "with_torch",
    "aoti": "with_aoti",
    "jax": "with_jax",
    "cax": "with_cax",
    "numba": "with_numba",
    "numpy": "with_numpy",
    "fftw": "with_fftw",
    "bgolly": "with_golly",
}


def take_stdout() -> TextIO:
    """The stream for answers; from here on whatever else is printed goes to stderr."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def read_requests(requests: "SimpleQueue[dict[str, Any]]") -> None:
    """Runs beside the work, so that the end of stdin is seen while a step or a compiler runs."""
    for line in sys.stdin:
        requests.put(json.loads(line))
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def limit_threads(threads: int) -> None:
    """Before the libraries are loaded. Not all of them listen to variables, but all listen to the system."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def prepared(name: str, request: dict[str, Any]) -> Any:
    limit_threads(request["threads"])
    from bench.peers.session import Session
    from bench.peers.task import Task

    return Session(importlib.import_module(f"bench.peers.{PEERS[name]}").make(Task.of(name, request)))


def answer(name: str, session: list[Any], request: dict[str, Any]) -> dict[str, Any]:
    """`session` holds the peer once it is prepared."""
    try:
        if request["op"] == "prepare":
            session[:] = [prepared(name, request)]
            return {"ready": True, "version": session[0].peer.version, "form": session[0].peer.form}
        result: dict[str, Any] = session[0].answer(request)
        return result
    except ModuleNotFoundError as error:
        return {"missing": error.name or str(error)}
    except Exception as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def main() -> int:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in PEERS:
        print(f"usage: run.py PEER; there are: {' '.join(PEERS)}", file=sys.stderr)
        return 2
    answers = take_stdout()
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=read_requests, args=(requests,), daemon=True).start()
    session: list[Any] = []
    while (request := requests.get())["op"] != "quit":
        print(json.dumps(answer(name, session, request)), file=answers, flush=True)
    os._exit(0)  # without the ends of thread pools and compilers, some of which take seconds


if __name__ == "__main__":
    sys.exit(main())
