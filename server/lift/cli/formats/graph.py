"""What blocks what among holes: as a tree, as data, and in the language of Graphviz."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lift.cli.loading import Loaded, place
from lift.cli.terminal import Line
from lift.resolve.graph import Graph, graph_of, label

_RED = " [color=red]"


def of_file(loaded: Loaded) -> Graph:
    """The graph of a file's holes; of a file that cannot be read, one without holes."""
    if loaded.module is None or loaded.snapshot is None:
        return Graph()
    return graph_of(loaded.module, loaded.snapshot.text)


def tree(path: str, graph: Graph) -> Iterator[Line]:
    """Each hole that nothing waits for with what it waits for below it; then what can be filled now."""
    seen: set[str] = set()
    for root in _roots(graph):
        yield from _branch(path, graph, root, seen, "", "")
    for cycle in graph.cycles:
        members = ", ".join(label(graph, key) for key in cycle)
        yield Line((("cycle: ", "yellow"), (f"{members} wait for each other; fill one of them first", "")), 2)
    if graph.ready:
        named = ", ".join(label(graph, key) for key in graph.ready)
        yield Line((("can be filled now: ", "bold"), (named, "")), 2)


def _roots(graph: Graph) -> Iterator[str]:
    covered: set[str] = set()
    free = [key for key in graph.holes if not graph.blocks.get(key)]
    # A cycle that nothing else waits for has no such hole: its first member stands for it.
    for key in (*free, *(cycle[0] for cycle in graph.cycles)):
        if key not in covered:
            covered |= _below(graph, key)
            yield key


def _below(graph: Graph, key: str) -> set[str]:
    found = {key}
    todo = [key]
    while todo:
        for other in graph.holes[todo.pop()].depends_on:
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _branch(path: str, graph: Graph, key: str, seen: set[str], lead: str, follow: str) -> Iterator[Line]:
    hole = graph.holes[key]
    again = key in seen and bool(hole.depends_on)
    note = "  (see above)" if again else ""
    where = "" if again else f"  {place(path, hole.span)}"
    yield Line(((lead, "dim"), (label(graph, key), ""), (note, "dim"), (where, "blue")), 2)
    if again:
        return
    seen.add(key)
    for number, other in enumerate(hole.depends_on, 1):
        last = number == len(hole.depends_on)
        yield from _branch(
            path,
            graph,
            other,
            seen,
            follow + ("└─ " if last else "├─ "),
            follow + ("   " if last else "│  "),
        )


def document(graph: Graph) -> dict[str, Any]:
    """The graph as data: holes by id in an order in which they can be filled."""
    return {
        "nodes": [
            {
                "id": key,
                "kind": hole.hole,
                "function": graph.owners[key].qualname,
                "line": hole.span.start.line,
                "depends_on": hole.depends_on,
                "blocks": graph.blocks.get(key, ()),
            }
            for key, hole in graph.holes.items()
        ],
        "ready": graph.ready,
        "cycles": graph.cycles,
    }


def dot(graphs: list[tuple[str, Graph]]) -> str:
    """A digraph with an arrow from each hole to those that wait for it; a cycle is red."""
    lines = ["digraph holes {", "  rankdir=LR;", "  node [shape=box];"]
    for number, (path, graph) in enumerate(graphs):
        lines += [f"  subgraph cluster_{number} {{", f"    label={json.dumps(path)};"]
        lines += [f"    {_node(number, key)} [label={json.dumps(label(graph, key))}];" for key in graph.holes]
        for key, hole in graph.holes.items():
            for other in hole.depends_on:
                together = other in graph.cycle_of(key)
                lines.append(f"    {_node(number, other)} -> {_node(number, key)}{_RED if together else ''};")
        lines.append("  }")
    return "\n".join([*lines, "}"])


def _node(number: int, key: str) -> str:
    return json.dumps(f"{number}:{key}")
