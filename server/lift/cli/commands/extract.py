"""``lift extract``: the specification that the code states, as data or as a document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from lift.cli.files import chosen, settings
from lift.cli.formats import markdown
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND
from lift.cli.terminal import make_printable


def run(arguments: argparse.Namespace) -> int:
    """Writes the specifications of what ``arguments`` name; 1 if a file could not be read or parsed."""
    config = settings(arguments)
    make_printable(sys.stdout)
    broken = False
    files = (_load(path) for path in chosen(arguments, config))
    for piece, loaded in _pieces(files, arguments.format, everything=arguments.all):
        print(piece)
        broken = broken or (loaded is not None and loaded.fault is not None)
    return FOUND if broken else FINE


def _load(path: str) -> Loaded:
    loaded = load(path)
    if loaded.fault is not None:
        print(f"lift extract: {path}: {loaded.fault}", file=sys.stderr)
    return loaded


def _pieces(files: Iterator[Loaded], form: str, *, everything: bool) -> Iterator[tuple[str, Loaded | None]]:
    """Text to print and the file that it is about, written as the files are read."""
    if form == "markdown":
        for loaded in files:
            yield markdown.document(loaded, everything=everything), loaded
    elif form == "jsonl":
        for loaded in files:
            yield json.dumps(_data(loaded)), loaded
    else:
        before = "["
        for loaded in files:
            yield before + json.dumps(_data(loaded), indent=1), loaded
            before = ","
        yield before.removesuffix(",") + "]", None


def _data(loaded: Loaded) -> dict[str, Any]:
    """The module, or in its place what went wrong; like all of the IR it is told apart by ``kind``."""
    if loaded.fault is not None or loaded.module is None:
        fault = loaded.fault
        message, line = (fault.message, fault.line) if fault else ("", None)
        return {"kind": "error", "path": loaded.path, "message": message, "line": line}
    return loaded.module.model_dump(mode="json")
