"""``lift doctor``: looks at the installation, and says how to repair what is wrong with it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from lift.cli.examination import Organ, State, examine
from lift.cli.files import Misuse
from lift.cli.main import FINE, FOUND
from lift.cli.terminal import Line, Screen, make_printable, screen
from lift.config import load

_MARKS: Mapping[State, tuple[str, str]] = {
    "fine": ("✓", "green"),
    "missing": ("!", "yellow"),
    "broken": ("✗", "bold red"),
    "absent": ("·", "dim"),
}


def run(arguments: argparse.Namespace) -> int:
    """Prints what was found; 1 if something that lift cannot do without is broken."""
    config, warnings = load(Path.cwd(), None, os.environ)
    try:
        home = Path.home()
    except RuntimeError:
        home = Path.cwd()
    organs: list[Organ] = [
        Organ("settings", "missing", warning, "Correct the setting.") for warning in warnings
    ]
    found = examine(config, home, arguments.models)
    if arguments.format == "json":
        organs += found
        make_printable(sys.stdout)
        fine = not any(organ.state == "broken" for organ in organs)
        print(json.dumps({"version": 1, "fine": fine, "checks": [asdict(o) for o in organs]}, indent=2))
    else:
        out = screen(arguments)
        for organ in organs:
            _print(out, organ)
        for organ in found:
            organs.append(organ)
            _print(out, organ)
        _conclude(out, organs)
    if arguments.bundle is not None:
        _write(Path(arguments.bundle), organs, home, arguments.log)
    return FOUND if any(organ.state == "broken" for organ in organs) else FINE


def _write(target: Path, organs: list[Organ], home: Path, log: str | None) -> None:
    from lift.cli.bundle import write

    try:
        parts = write(target, organs, os.environ, home, Path(log) if log is not None else None)
    except OSError as error:
        raise Misuse(f"cannot write {target}: {error.strerror or error}") from None
    # JSON on standard output stays JSON.
    print(f"\n{target} holds these, and nothing else; look at it before you send it:", file=sys.stderr)
    for name, size in parts:
        print(f"  {name:<14} {size:>7} bytes", file=sys.stderr)


def _print(out: Screen, organ: Organ) -> None:
    mark, style = _MARKS[organ.state]
    out.write(Line(((f"{mark} ", style), (f"{organ.name:<9} ", "bold"), (organ.detail, ""))))
    if organ.remedy:
        out.write(Line((("→ ", "dim"), (organ.remedy, "")), 12))


def _conclude(out: Screen, organs: list[Organ]) -> None:
    broken = [organ.name for organ in organs if organ.state == "broken"]
    out.write(Line())
    if broken:
        out.write(Line(((f"lift does not work here: {', '.join(broken)}", "bold red"),)))
    else:
        out.write(Line((("lift works here", "bold green"),)))
