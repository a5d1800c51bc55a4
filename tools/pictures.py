"""Draws the pictures of the documentation from real runs, as ``make docs-pictures`` does.

The installed ``lift`` is run as on a terminal, and what it prints becomes an SVG by rich. Must not import
``lift``: a picture shows what a user sees.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
WIDTH = 110
"""Columns of the terminal in the pictures."""


@dataclass(frozen=True)
class Picture:
    """A picture of a command.

    Attributes:
        name: File name without its ending.
        command: What is run, and shown as typed.
        description: What a reader hears who cannot see it.
    """

    name: str
    command: tuple[str, ...]
    description: str


PICTURES = (
    Picture(
        "check",
        ("lift", "check", "examples/"),
        "lift check examples/ in a terminal: a proof, a refutation with its input, an unknown, open holes",
    ),
)


def printed(command: tuple[str, ...]) -> str:
    """What ``command`` prints in colour; its exit status does not matter here."""
    lift = str(Path(sys.executable).parent / command[0])
    done = subprocess.run(
        [lift, *command[1:], "--color", "always"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": str(WIDTH), "LIFT_CACHE": "false", "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        raise SystemExit(f"{' '.join(command)} printed nothing:\n{done.stderr}")
    return done.stdout


def drawn(picture: Picture) -> str:
    """The picture as SVG."""
    console = Console(
        file=StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor"
    )
    console.print(Text.assemble(("$ ", "dim"), (" ".join(picture.command), "bold")))
    console.print(Text.from_ansi(printed(picture.command)))
    svg = console.export_svg(title=" ".join(picture.command), theme=MONOKAI, unique_id=f"lift-{picture.name}")
    # A picture that is embedded in a page loads no fonts, and should not try to.
    svg = re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg)
    title = f"<title>{picture.description}</title>"
    return re.sub(r"(<svg [^>]*>)", rf"\1\n    {title}", svg, count=1)


def main() -> int:
    """Draws all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        target = FOLDER / f"{picture.name}.svg"
        target.write_text(drawn(picture), encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
