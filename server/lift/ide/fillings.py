"""What a menu offers for a hole that was resolved: exact labels, each with the edits for one certain text.

Candidates come from ``lift.resolve.holes``, those of types at once, the others from a worker. Must not know
LSP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lift_ir import Candidate, Class, Function, Hole, Module

from lift.edit import Edit, Failure, fill, fill_together
from lift.extract import Extraction
from lift.resolve.graph import Graph, graph_of, label
from lift.resolve.holes import SHOWN
from lift.resolve.types import candidates_for

OTHERS = "Other resolutions…"
_LONGEST = 100


@dataclass(frozen=True)
class Filling:
    """One way to fill a hole.

    Attributes:
        title: What the menu says, with the evidence.
        edits: The change, for exactly the text that the candidates were found for.
    """

    title: str
    edits: tuple[Edit, ...]
    candidate: Candidate


def fillings_of(
    extraction: Extraction, hole_id: str, resolved: Mapping[str, Hole] | None = None
) -> tuple[tuple[Filling, ...], tuple[Filling, ...]]:
    """The fillings to show at once and the others, both the best first.

    Args:
        resolved: Holes by id with the candidates that a worker found for this very text; for a type that is
            not among them the candidates are found here.
    """
    module = extraction.module
    holes = ((o, h) for o in (*module.classes, *module.all_functions()) for h in o.holes if h.id == hole_id)
    owner, hole = next(holes, (None, None))
    if owner is None or hole is None:
        return (), ()
    text = extraction.snapshot.text
    found: list[Filling] = []
    for candidate in candidates_of(module, text, owner, (resolved or {}).get(hole_id, hole)):
        # Terms of one clause were found together; types are each worth a look of their own.
        together = hole.hole == "term" and bool(candidate.fills)
        edits = (
            fill_together(text, module, owner, hole, candidate)
            if together
            else fill(text, owner, hole, candidate.text, candidate.imports)
        )
        if not isinstance(edits, Failure):
            found.append(Filling(_title(owner, hole, candidate), edits, candidate))
    return tuple(found[:SHOWN]), tuple(found[SHOWN:])


def candidates_of(module: Module, text: str, owner: Function | Class, hole: Hole) -> tuple[Candidate, ...]:
    """The candidates that a hole carries; those of a type are found if it carries none."""
    if hole.candidates or hole.hole != "type" or not isinstance(owner, Function):
        return hole.candidates
    return candidates_for(module, text, owner, hole.name)


def around(module: Module, text: str, hole_id: str) -> tuple[str, ...]:
    """What blocks a hole and what it blocks, as sentences; none for a hole that stands alone."""
    graph = graph_of(module, text)
    if hole_id not in graph.holes:
        return ()
    said: list[str] = []
    cycle = graph.cycle_of(hole_id)
    before = [key for key in graph.holes[hole_id].depends_on if key not in cycle]
    after = [key for key in graph.blocks.get(hole_id, ()) if key not in cycle]
    if before:
        said.append(f"Waits for {_named(graph, before)}.")
    if after:
        said.append(f"Blocks {_named(graph, after)}.")
    if cycle:
        others = [key for key in cycle if key != hole_id]
        said.append(f"In a cycle with {_named(graph, others)}: fill one of them first.")
    return tuple(said)


def _named(graph: Graph, keys: list[str]) -> str:
    names = [label(graph, key) for key in keys]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _title(owner: Function | Class, hole: Hole, candidate: Candidate) -> str:
    text = candidate.text
    evidence = ", ".join(part for part in (candidate.strength, candidate.evidence) if part)
    why = f" ({_cut(evidence)})" if evidence else ""
    match hole.hole:
        case "type":
            place = f"{owner.name}'s result" if hole.name == "return" else hole.name
            return f"Annotate {place} as {text}{why}"
        case "term":
            others = "".join(f", ?{key.rpartition(':')[2]} with {value}" for key, value in candidate.fills)
            in_code = isinstance(owner, Function) and hole.id in {h.id for h in owner.terms_in_code()}
            return f"Fill {'`...`' if in_code else f'?{hole.name}'} with {text}{others}{why}"
        case "clause":
            examples = [f"allows {candidate.allows}"] if candidate.allows else []
            examples += [f"forbids {candidate.forbids}"] if candidate.forbids else []
            return (
                f"Formalise as {text} ({_cut('; '.join(examples))})"
                if examples
                else f"Formalise as {text}{why}"
            )
        case "effect":
            return f"Declare the effect {text}{why}"
        case _:
            return f"Write the summary “{_cut(text)}”{why}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
