"""Measures the language server beside its peers, in one run: ``make bench``.

    python tools/bench_lsp.py [--bench FOLDER] [--only NAME,...]

Drives ``lspbench.py``, which lives in ``../shared/bench`` or in ``--bench``, over a generated module of 2,000
lines with specifications: start, first diagnostics, edits, requests, memory. Then asks lift while it proves:
the requests that an editor sends on every pause, one after the other, until every function is checked.
Prints Markdown tables; times are wall time in milliseconds. The peers come from ``tools/peers.sh``.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
FILE = "module.py"
LINES = 2000

PART = '''

def clamp_{n}(value: int, low: int, high: int) -> int:
    """Keep a value between two bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
        - ``result == value or result == low or result == high``

    Args:
        value: The value.
    """
    if value < low:
        return low
    if value > high:
        return high
    return value


def total_{n}(items, scale=1):
    """Sum things up.

    Requires:
        - ``all(x >= 0 for x in items)``
        - ``scale > 0``

    Ensures:
        - ``result >= 0``
        - ``len(items) <= ?limit``
    """
    total = 0
    for item in items:
        total += item * scale
    return math.floor(total)


def plain_{n}(a, b):
    x = a.strip()
    if b:
        x = x.lower()
    return x.split(".")[0]
'''
REQUESTS = (
    "textDocument/hover",
    "textDocument/codeLens",
    "textDocument/inlayHint",
    "textDocument/documentSymbol",
)


def module() -> str:
    """A module of about 2,000 lines: a third of its functions states nothing, as in most files."""
    parts = ['"""Module."""\n\nfrom __future__ import annotations\n\nimport math\n']
    while sum(part.count("\n") for part in parts) < LINES:
        parts.append(PART.format(n=len(parts)))
    return "".join(parts)


def commands(peers: Path) -> dict[str, list[str]]:
    """How each server is started, by the name that the table gives it."""
    return {
        "lift": [str(BIN / "lift-lsp"), "--stdio"],
        "ruff": [str(peers / "ruff"), "server"],
        "ty": [str(peers / "ty"), "server"],
        "basedpyright": [str(peers / "basedpyright-langserver"), "--stdio"],
        "jedi": [str(peers / "jedi-language-server")],
        "pylsp": [str(peers / "pylsp")],
    }


def measured(program: Path, folder: Path, name: str, command: list[str]) -> Path | None:
    """The file with the figures of one server; None, with the reason on standard error, if there are none."""
    result = folder / f"{name}.json"
    flags = ["--root", str(folder / "work"), "--file", FILE, "--name", name, "--json", str(result)]
    done = subprocess.run(
        [sys.executable, str(program), *flags, "--", *command], capture_output=True, text=True
    )
    if not result.exists():
        print(f"{name}: no figures: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return result


async def while_proving(bench: Any, folder: Path) -> list[list[str]]:
    """Rows of method, number of answers and their times, while lift checks a whole file."""
    path = folder / "work" / FILE
    client = bench.LspClient(
        [str(BIN / "lift-lsp")], path.parent, init_options={"trusted": True, "cache": False}
    )
    await client.start()
    await client.initialize(60)
    document = bench.Doc(bench.path_to_uri(path), path.read_text(encoding="utf-8"))
    client.did_open(document)
    identifier = {"textDocument": document.ident()}
    await client.pull_diags(document, 60)
    checking = client.request("lift/verify", identifier, timeout=600)
    checked = asyncio.ensure_future(checking)
    times: dict[str, list[float]] = {method: [] for method in REQUESTS}
    line = 0
    while not checked.done() and len(times[REQUESTS[0]]) < 1000:
        for method in REQUESTS:
            params = dict(identifier)
            if method.endswith("hover"):
                line = (line + 37) % LINES
                params["position"] = {"line": line, "character": 6}
            if method.endswith("inlayHint"):
                end = {"line": LINES, "character": 0}
                params["range"] = {"start": {"line": 0, "character": 0}, "end": end}
            answer = await client.request(method, params, timeout=60)
            times[method].append(answer.ms)
        await asyncio.sleep(0.02)
    checked.cancel()
    await client.shutdown()
    await client.dispose()
    return [
        [method.rpartition("/")[2], str(len(each)), *(f"{bench.pct(each, q):.1f}" for q in (50, 95, 100))]
        for method, each in times.items()
    ]


def main() -> int:
    """Runs everything and prints it; 2 where there is nothing to measure with."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--only", default="", help="names of servers, with commas between them")
    options = parser.parse_args()
    program = options.bench / "lspbench.py"
    if not program.is_file():
        print(f"{program} is not there; name the folder of lspbench.py with --bench", file=sys.stderr)
        return 2
    sys.path.insert(0, str(options.bench))
    bench = importlib.import_module("lspbench")
    only = set(filter(None, options.only.split(",")))
    peers = Path()
    if only != {"lift"}:
        print("the peers: tools/peers.sh", file=sys.stderr)
        made = subprocess.run(
            [str(ROOT / "tools" / "peers.sh")], stdout=subprocess.PIPE, text=True, check=True
        )
        peers = Path(made.stdout.strip())
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as name:
        folder = Path(name)
        (folder / "work").mkdir()
        (folder / "work" / FILE).write_text(module(), encoding="utf-8")
        found = []
        for label, command in commands(peers).items():
            if not only or label in only:
                print(f"measuring {label}", file=sys.stderr)
                found.append(measured(program, folder, label, command))
        results = [json.loads(path.read_text()) for path in found if path is not None]
        print(bench.table([bench.row(result) for result in results], bench.HEAD))
        print(
            "\nms, p50/p95; *: all answers empty; hover@edit: straight after a change; RSS: MB, workers too\n"
        )
        if not only or "lift" in only:
            print("measuring lift while it proves", file=sys.stderr)
            rows = asyncio.run(while_proving(bench, folder))
            print(bench.table(rows, ["while it proves", "answers", "p50", "p95", "most"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
