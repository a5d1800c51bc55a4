"""Sends the language server and its peers what no client should: ``make fuzz``.

    python tools/fuzz_lsp.py [--bench FOLDER] [--only NAME,...]

Drives ``lspfuzz.py``, which lives in ``../shared/bench`` or in ``--bench``: broken frames, wrong params, odd
positions and URIs, edits out of range, huge and damaged texts, storms of requests, clients that are killed.
Prints one Markdown table; ends with 1 if lift did not survive a case, answered wrongly or left a traceback.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_lsp import ROOT, commands


def fuzzed(program: Path, folder: Path, name: str, command: list[str]) -> Path | None:
    """The file with what became of one server; None, with the reason on standard error, if there is none."""
    result, work = folder / f"{name}.json", folder / name
    work.mkdir()
    flags = ["--root", str(work), "--name", name, "--quiet", "--json", str(result)]
    done = subprocess.run(
        [sys.executable, str(program), *flags, "--", *command], capture_output=True, text=True
    )
    if not result.exists():
        print(f"{name}: no result: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return result


def main() -> int:
    """Runs everything and prints it; 2 where there is nothing to fuzz with."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--only", default="", help="names of servers, with commas between them")
    options = parser.parse_args()
    program = options.bench / "lspfuzz.py"
    if not program.is_file():
        print(f"{program} is not there; name the folder of lspfuzz.py with --bench", file=sys.stderr)
        return 2
    only = set(filter(None, options.only.split(",")))
    peers = Path()
    if only != {"lift"}:
        made = subprocess.run(
            [str(ROOT / "tools" / "peers.sh")], stdout=subprocess.PIPE, text=True, check=True
        )
        peers = Path(made.stdout.strip())
    with tempfile.TemporaryDirectory(prefix="lift-fuzz-") as name:
        results: dict[str, Path] = {}
        for label, command in commands(peers).items():
            if only and label not in only:
                continue
            print(f"fuzzing {label}", file=sys.stderr)
            found = fuzzed(program, Path(name), label, command)
            if found is not None:
                results[label] = found
        subprocess.run([sys.executable, str(program), "--table", *map(str, results.values())], check=True)
        if "lift" not in results:
            return 0 if only and "lift" not in only else 1
        return 1 if failures(json.loads(results["lift"].read_text())) else 0


def failures(result: dict[str, object]) -> list[str]:
    """The cases that went wrong, told on standard error."""
    cases = result["cases"]
    assert isinstance(cases, list)
    wrong = [c for c in cases if c["status"] not in ("ok", "n/a") or c.get("tracebacks")]
    for case in wrong:
        print(f"lift: {case['case']}: {case['status']}", file=sys.stderr)
    return [case["name"] for case in wrong]


if __name__ == "__main__":
    sys.exit(main())
