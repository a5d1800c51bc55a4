"""``lift holes``: what the specifications leave open, each with its place and its question."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from lift_ir import Hole

from lift.cli.files import Misuse, chosen, settings
from lift.cli.formats import data, graph, text
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND
from lift.cli.terminal import Line, make_printable, screen


def run(arguments: argparse.Namespace) -> int:
    """Lists the holes in what ``arguments`` name; 1 if a file could not be read or parsed."""
    config = settings(arguments)
    files = [load(path) for path in chosen(arguments, config)]
    if arguments.graph:
        _print_graph(files, arguments)
    elif arguments.format == "dot":
        raise Misuse("--format dot draws the graph; add --graph")
    elif arguments.format == "json":
        make_printable(sys.stdout)
        print(
            json.dumps(
                {"version": data.VERSION, "files": [_data(f, arguments.kind) for f in files]}, indent=2
            )
        )
    else:
        _print(files, arguments)
    return FOUND if any(f.fault is not None for f in files) else FINE


def _print(files: list[Loaded], arguments: argparse.Namespace) -> None:
    out = screen(arguments)
    number = 0
    for loaded in files:
        found = list(_holes(loaded, arguments.kind))
        number += len(found)
        if found or loaded.fault is not None:
            listed = (line for owner, hole in found for line in text.open_hole(loaded.path, hole, owner))
            out.write(*text.heading(loaded), *listed, Line())
    out.write(Line(((text.count(number, "hole"), "bold"),)))


def _print_graph(files: list[Loaded], arguments: argparse.Namespace) -> None:
    if arguments.kind:
        raise Misuse("--graph shows all kinds of holes, since they wait for each other; drop --kind")
    graphs = [(loaded, graph.of_file(loaded)) for loaded in files]
    if arguments.format == "text":
        out = screen(arguments)
        for loaded, found in graphs:
            if found.holes or loaded.fault is not None:
                out.write(*text.heading(loaded), *graph.tree(loaded.path, found), Line())
        out.write(Line(((text.count(sum(len(found.holes) for _, found in graphs), "hole"), "bold"),)))
        return
    make_printable(sys.stdout)
    if arguments.format == "dot":
        print(graph.dot([(loaded.path, found) for loaded, found in graphs if found.holes]))
        return
    documents = [
        {
            "path": loaded.path,
            **graph.document(found),
            "error": None if loaded.fault is None else str(loaded.fault),
        }
        for loaded, found in graphs
    ]
    print(json.dumps({"version": data.VERSION, "files": documents}, indent=2))


def _holes(loaded: Loaded, kinds: list[str] | None) -> Iterator[tuple[str, Hole]]:
    """The holes in the order of the text, with the qualified name of what each belongs to."""
    if loaded.module is None:
        return
    owners = (*loaded.module.all_functions(), *loaded.module.classes)
    found = [(owner.qualname, hole) for owner in owners for hole in owner.holes]
    found.sort(key=lambda pair: (pair[1].span.start.line, pair[1].span.start.column))
    yield from (pair for pair in found if not kinds or pair[1].hole in kinds)


def _data(loaded: Loaded, kinds: list[str] | None) -> dict[str, object]:
    return {
        "path": loaded.path,
        "holes": [
            {
                "id": hole.id,
                "function": owner,
                **data.hole(hole),
                "column": hole.span.start.column,
                "constraints": [constraint.text for constraint in hole.constraints],
                "candidates": [candidate.text for candidate in hole.candidates],
            }
            for owner, hole in _holes(loaded, kinds)
        ],
        "error": None if loaded.fault is None else str(loaded.fault),
    }
