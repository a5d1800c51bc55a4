"""Measures how long lift takes to be there: ``lift --help``, and ``initialize`` of the language server.

    python tools/bench_start.py [RUNS]

Prints a Markdown table of wall times in milliseconds. The processes are real and fresh each time; the
interpreter's own start is measured beside them, since nothing can be faster. Must not import ``lift``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BIN = Path(sys.executable).parent
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


def run_once(*command: str) -> float:
    """Seconds from the start to the end of a command."""
    began = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.perf_counter() - began


def initialize_once() -> float:
    """Seconds from the start of the server to its answer to ``initialize``."""
    body = json.dumps(INITIALIZE).encode()
    began = time.perf_counter()
    server = subprocess.Popen(
        [str(BIN / "lift-lsp")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        server.stdin.flush()
        header = server.stdout.readline()
        took = time.perf_counter() - began
        server.kill()
    if not header.startswith(b"Content-"):
        raise SystemExit(f"lift-lsp answered {header!r}")
    return took


MEASURES: tuple[tuple[str, Callable[[], float]], ...] = (
    ("the interpreter alone, `python -c ''`", lambda: run_once(sys.executable, "-c", "")),
    ("`lift --help`", lambda: run_once(str(BIN / "lift"), "--help")),
    ("`lift-lsp`, from its start to the answer to `initialize`", initialize_once),
)


def main(arguments: list[str]) -> int:
    """Measures and prints."""
    runs = int(arguments[0]) if arguments else 15
    print("| | median | worst |\n|---|---|---|")
    for name, measure in MEASURES:
        times = sorted(measure() * 1000 for _ in range(runs))
        print(f"| {name} | {statistics.median(times):.0f} ms | {times[-1]:.0f} ms |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
