"""Runs the examples that stand in the documentation, and writes down what they print.

A page's fenced blocks are taken in their order, in a folder of their own that holds a copy of examples/:

- ``python`` blocks are run; with ``title=NAME`` in the fence they are written to that file instead, where
  the commands that follow find them (they may hold mistakes on purpose).
- ``toml`` blocks with ``title=NAME`` are written to that file.
- ``console`` blocks: every line ``$ lift …``, ``$ pytest …`` or ``$ cat …`` is run, and what follows it is
  what it prints. Other commands are left alone.

A page with ``<!-- examples: remember -->`` in it keeps from command to command what lift remembers.

    python tools/console_blocks.py PAGE...            writes the output into the pages
    python tools/console_blocks.py --check PAGE...    exits 1 if a page shows something else
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
SECONDS = re.compile(r"\b\d+(\.\d+)? ?s\b|(?<=\"seconds\": )\d+(\.\d+)?")
LIMIT_SECONDS = 120
"""How long one command of a page may take."""
REMEMBER, MEMORY = "<!-- examples: remember -->", ".memory"


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: The first word after the fence.
        title: The file that it is written to, None if it names none.
        body: Its text without the page's indentation.
        start: Offset of the body in the page.
        end: Offset of the closing fence's line.
        indent: What stands before the fence.
        line: Line of the opening fence, from 1.
    """

    language: str
    title: str | None
    body: str
    start: int
    end: int
    indent: str
    line: int


class Mismatch(Exception):
    """A block that does not run, or a command that prints something else; the text says which and where."""


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    for match in FENCE.finditer(page):
        language, _, rest = match["info"].strip().partition(" ")
        title = re.search(r"title=(\S+)", rest)
        indent = match["indent"]
        lines = match["body"].splitlines(keepends=True)
        body = "".join(line.removeprefix(indent) for line in lines)
        line = page.count("\n", 0, match.start()) + 1
        name = title[1] if title else None
        found.append(Block(language, name, body, match.start("body"), match.end("body"), indent, line))
    return found


def rewritten(path: Path) -> str:
    """The page with every command's output as it is now.

    Raises:
        Mismatch: If a Python block fails or a command crashes.
    """
    page = path.read_text(encoding="utf-8")
    pieces: list[str] = []
    at = 0
    with tempfile.TemporaryDirectory(prefix="lift-docs-") as name:
        folder = Path(name)
        if (ROOT / "examples").is_dir():
            shutil.copytree(ROOT / "examples", folder / "examples")
        if REMEMBER in page:
            (folder / MEMORY).mkdir()
        for block in blocks(page):
            pieces.append(page[at : block.start])
            at = block.end
            pieces.append(_after(path, block, folder))
    return "".join(pieces) + page[at:]


def settled(page: str) -> str:
    """The page without what differs from run to run: times, and whether a second solver was at hand."""
    return SECONDS.sub("N s", page).replace("Z3 and cvc5 agree", "Z3").replace("Z3 and cvc5", "Z3")


def _after(path: Path, block: Block, folder: Path) -> str:
    body = block.body
    if block.title is not None:
        target = folder / block.title
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body, encoding="utf-8")
    elif block.language == "python":
        _run_python(path, block, folder)
    elif block.language == "console":
        body = _run_console(path, block, folder)
    return "".join(block.indent + line if line.strip() else line for line in body.splitlines(keepends=True))


def _run_python(path: Path, block: Block, folder: Path) -> None:
    done = _run([sys.executable, "-c", block.body], folder)
    if done.returncode != 0:
        raise Mismatch(f"{path.name}:{block.line}: the Python block fails:\n{done.stderr}")


def _run_console(path: Path, block: Block, folder: Path) -> str:
    """The block with new output; other commands and what stands below them stay."""
    out: list[str] = []
    running = False
    for line in block.body.splitlines():
        if line.startswith("$ "):
            running = line.startswith(("$ lift ", "$ pytest ", "$ cat "))
            out.append(line)
            if running:
                printed = _run(["bash", "-c", line.removeprefix("$ ")], folder)
                if "Traceback (most recent call last)" in printed.stderr:
                    raise Mismatch(f"{path.name}:{block.line}: {line} crashes:\n{printed.stderr}")
                out += [text.rstrip() for text in printed.stdout.splitlines() + printed.stderr.splitlines()]
        elif not running:
            out.append(line)
    return "\n".join(out) + "\n"


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("LIFT_", "PYTEST_", "GITHUB_"))
    }
    environment = {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "COLUMNS": "100",
        "LIFT_CACHE": str(folder / MEMORY) if (folder / MEMORY).is_dir() else "false",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
        # Those of other plugins of pytest, which a reader does not have.
        "PYTHONWARNINGS": "ignore",
        "TERM": "dumb",
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
    )


def main(arguments: list[str]) -> int:
    """Rewrites or checks the pages named, or all under docs/ and the README."""
    check = "--check" in arguments
    named = [Path(argument) for argument in arguments if not argument.startswith("-")]
    pages = named or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    stale = 0
    for path in pages:
        before = path.read_text(encoding="utf-8")
        after = rewritten(path)
        if settled(before) == settled(after):
            continue
        stale += 1
        print(f"{path}: {'shows something else' if check else 'written'}")
        if not check:
            path.write_text(after, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
