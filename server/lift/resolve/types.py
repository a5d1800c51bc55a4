"""Candidates for a type hole, ranked by what speaks for them: callers, defaults, specification, body, jedi.

A candidate's ``evidence`` says in words what it rests on and what speaks against it, its ``score`` how much
(the scale is that of ``lift.resolve.holes``). Nothing here runs the user's code. ``jedi`` is asked only if it
is installed, and its absence changes nothing else.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from lift_ir import Candidate, Function, Module

from lift.resolve.context import Context, Neighbour
from lift.resolve.evidence import Evidence, Inquiry, Kind, Program, family, program_of, weight_of
from lift.resolve.flows import RETURN, End, tied
from lift.resolve.shapes import (
    FLOAT,
    NONE,
    Shape,
    accepts,
    element_of,
    from_annotation,
    importable,
    imports_of,
    names_in,
    union,
)

_MOST = 6
_MOST_TIED = 6
_LONGEST_TYPE = 80
# What a value that does not fit, and an opinion that does not, take from a candidate's score.
_VALUE_AGAINST, _OPINION_AGAINST = 0.6, 0.5
_WORTH_SAYING = 0.3
_ORDER: tuple[Kind, ...] = ("caller", "default", "clause", "flow", "body", "jedi")


def candidates_for(
    module: Module,
    text: str,
    function: Function,
    name: str,
    jedi_types: Iterable[str] = (),
    *,
    neighbours: tuple[Neighbour, ...] = (),
    module_name: str = "",
) -> tuple[Candidate, ...]:
    """What could be written as the type of ``name`` (a parameter, or ``return``), the best first.

    Args:
        text: The module's text; a text that does not parse gives no candidates.
        jedi_types: What ``jedi_types_for`` found, if it was asked.
        neighbours: Other texts of the workspace, whose calls count as well.
        module_name: The module's dotted name, by which those import it.
    """
    program = program_of(text)
    if program is None:
        return ()
    inquiry = Inquiry(module, text, program, neighbours, module_name or PurePath(module.path).stem)
    evidence = [*inquiry.of(function, name), *_asked(jedi_types)]
    return _ranked(list(_parts(evidence)), _Scope(program, function))


def resolve(context: Context) -> tuple[Candidate, ...]:
    """Candidates for a type hole, see ``lift.resolve.context.Resolver``."""
    function = context.function
    if function is None:
        return ()
    asked = jedi_types_for(context.text, function, context.hole.name) if context.ask_jedi else ()
    found = candidates_for(
        context.module,
        context.text,
        function,
        context.hole.name,
        asked,
        neighbours=context.neighbours,
        module_name=context.sources.name,
    )
    return tuple(_with_fills(context, function, found))


@dataclass(frozen=True)
class Weighed:
    """A type that somebody suggests, weighed like those that are found here.

    Attributes:
        against: What speaks against it where a value does not fit or nothing speaks for it; empty otherwise.
    """

    candidate: Candidate
    against: str = ""


def weighed(context: Context, annotation: str) -> Weighed | None:
    """What speaks for a type and against it; None for one whose shape is not understood."""
    function, program = context.function, program_of(context.text)
    shape = from_annotation(annotation)
    if function is None or program is None or shape is None:
        return None
    own = context.sources.name or PurePath(context.module.path).stem
    inquiry = Inquiry(context.module, context.text, program, context.neighbours, own)
    evidence = list(_parts(inquiry.of(function, context.hole.name)))
    bare = union(a for a in shape.args if a is not None and a != NONE) if shape.name == "Union" else shape
    parts = shape.args if shape.name == "Union" else (shape,)
    for piece in evidence:
        held = NONE in parts if piece.shape == NONE else _fits(bare or shape, piece)
        if piece.is_value and not held:
            return Weighed(_candidate(shape, annotation, evidence), _objection(piece))
    candidate = _candidate(shape, annotation, evidence)
    if candidate.score == 0 and evidence:
        return Weighed(candidate, _objection(max(evidence, key=lambda e: e.weight)))
    if shape.name == "Union" and not any(e.shape == NONE for e in evidence) and NONE in parts:
        # It holds whatever the narrower type holds, and nothing asks for it.
        candidate = candidate.model_copy(update={"score": round(0.5 * candidate.score, 3)})
    return Weighed(candidate)


def _with_fills(context: Context, function: Function, found: Sequence[Candidate]) -> Iterator[Candidate]:
    """The candidates with the holes that each fills as well, since a value goes unchanged to or from them."""
    others = [
        end
        for end in tied(context.module, context.text, End(function, context.hole.name))
        if any(h.id == end.hole for h in end.function.holes)
    ][:_MOST_TIED]
    first = {
        end: candidates_for(
            context.module,
            context.text,
            end.function,
            end.name,
            neighbours=context.neighbours,
            module_name=context.sources.name,
        )
        for end in others
    }
    for candidate in found:
        same = ((e.hole, candidate.text) for e in others if candidate.text in {c.text for c in first[e][:1]})
        fills = tuple((hole, text) for hole, text in same if hole is not None)
        yield candidate.model_copy(update={"fills": fills})


def jedi_types_for(text: str, function: Function, name: str) -> tuple[str, ...]:
    """What jedi infers, nothing if it is not installed. Takes seconds at worst: never call it on the loop."""
    try:
        import jedi
    except ImportError:
        return ()
    place = function.name_span.start
    if name != RETURN:
        parameter = next((p for p in function.signature.parameters if p.name == name), None)
        if parameter is None:
            return ()
        place = parameter.span.start
    try:
        script = jedi.Script(code=text)
        found = script.infer(place.line, place.column)
        if name == RETURN:
            found = [value for definition in found for value in definition.execute()]
        return tuple(dict.fromkeys(value.name for value in found if value.type == "instance"))
    except Exception:
        # jedi raises errors of many kinds on code that it does not understand; it is one voice of several.
        return ()


def _asked(names: Iterable[str]) -> Iterator[Evidence]:
    for name in names:
        shape = from_annotation("None" if name == "NoneType" else name)
        if shape is not None:
            yield Evidence(shape, 0.4, "jedi", "jedi", "jedi")


def _parts(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """``int | None`` speaks for int and for None."""
    for piece in evidence:
        if piece.shape.name == "Union" and NONE in piece.shape.args:
            rest = union(a for a in piece.shape.args if a is not None and a != NONE)
            for shape in (rest, NONE):
                if shape is not None:
                    yield Evidence(shape, piece.weight, piece.kind, piece.origin, piece.text, piece.line)
        else:
            yield piece


class _Scope:
    """Which names an annotation of a function may use, and which only in quotes."""

    def __init__(self, program: Program, function: Function) -> None:
        self._deferred = False
        self._bound: set[str] = set()
        self._later: set[str] = set()
        line = function.span.start.line
        for node in program.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                self._deferred |= any(alias.name == "annotations" for alias in node.names)
            names = _bound_by(node)
            done = (getattr(node, "end_lineno", None) or line) < line
            (self._bound if done else self._later).update(names)

    def written(self, shape: Shape) -> str | None:
        """The annotation's text, None if it needs a name that is not there."""
        text = str(shape)
        names = names_in(text)
        known = names <= self._bound | self._later | set(dir(builtins)) | importable()
        if not known or len(text) > _LONGEST_TYPE:
            return None
        early = names & self._later - self._bound - importable()
        return f'"{text}"' if early and not self._deferred else text


def _bound_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.If | ast.Try):
        return {name for inner in node.body for name in _bound_by(inner)}
    if isinstance(node, ast.Assign):
        return {t.id for t in node.targets if isinstance(t, ast.Name)}
    return set()


def _ranked(evidence: list[Evidence], scope: _Scope) -> tuple[Candidate, ...]:
    optional = any(e.shape == NONE for e in evidence)
    values = [e for e in evidence if e.shape != NONE]
    shapes = list(_proposed(values)) if values else []
    if optional:
        shapes = [union((shape, NONE)) or shape for shape in shapes] or [NONE]
    best: dict[str, Candidate] = {}
    for shape in shapes:
        text = scope.written(shape)
        if text is None:
            continue
        candidate = _candidate(shape, text, evidence)
        if candidate.score > 0 and (text not in best or best[text].score < candidate.score):
            best[text] = candidate
    return tuple(sorted(best.values(), key=lambda c: -c.score))[:_MOST]


def _proposed(values: list[Evidence]) -> Iterator[Shape]:
    """The types that may be meant: those that something speaks for, and one that holds all that arrives."""
    arriving = [e.shape for e in values if e.is_value]
    if len({family(shape) for shape in arriving}) > 1:
        joined = union(arriving)
        if joined is not None:
            yield joined
        if {s.name for s in arriving} <= {"list", "tuple", "range"}:
            yield Shape("Sequence", (union(i for s in arriving if (i := element_of(s)) is not None),))
    groups: dict[str, list[Evidence]] = defaultdict(list)
    for piece in values:
        groups[family(piece.shape)].append(piece)
    for group in groups.values():
        shape = union(e.shape for e in group)
        if shape is not None:
            yield shape
    if "number" in groups and not arriving:
        # What is compared with a whole number need not be one itself.
        yield FLOAT


def _candidate(shape: Shape, text: str, evidence: list[Evidence]) -> Candidate:
    bare = union(a for a in shape.args if a is not None and a != NONE) if shape.name == "Union" else shape
    fits: list[Evidence] = []
    against: list[Evidence] = []
    for piece in evidence:
        if (piece.shape == NONE and shape != NONE) or _fits(bare or shape, piece):
            fits.append(piece)
        else:
            against.append(piece)
    # Of one use that may mean several types, the one that fits counts.
    met = {(e.origin, e.text) for e in fits}
    against = [e for e in against if (e.origin, e.text) not in met]
    exact = [e for e in fits if e.shape == NONE or family(e.shape) == family(bare or shape) or e.is_value]
    # Evidence for a narrower type supports a wider one, but does not single it out.
    score = weight_of(exact) if exact else 0.4 * weight_of(fits)
    for piece in _distinct(against):
        score *= 1.0 - piece.weight * (_VALUE_AGAINST if piece.is_value else _OPINION_AGAINST)
    if shape == FLOAT and not any(e.shape == FLOAT for e in exact):
        score *= 0.5
    said = _listed(fits)
    words = f"fits {said}" if said else "possible"
    objections = [e for e in against if e.is_value or e.weight >= _WORTH_SAYING]
    if objections:
        words += f"; but {_objection(objections[0])}"
    return Candidate(text=text, evidence=words, score=round(score, 3), imports=imports_of(text))


def _fits(shape: Shape, piece: Evidence) -> bool:
    """Whether a type holds a value that arrives, or can be used as an opinion says."""
    if piece.is_value:
        return accepts(shape, piece.shape)
    if shape.name == "Union":
        return accepts(piece.shape, shape)
    return accepts(shape, piece.shape) or accepts(piece.shape, shape)


def _distinct(pieces: list[Evidence]) -> list[Evidence]:
    return list({piece.origin: piece for piece in sorted(pieces, key=lambda e: e.weight)}.values())


def _objection(piece: Evidence) -> str:
    if piece.kind == "caller":
        return f"{piece.text} passes {piece.shape}"
    if piece.kind == "default":
        return f"{piece.text} is {piece.shape}"
    return f"{piece.text} speaks for {piece.shape}"


def _listed(fits: list[Evidence]) -> str:
    """``3 callers and 2 clauses``; what stands alone is named."""
    parts: list[str] = []
    for kind in _ORDER:
        pieces = {e.text: e for e in fits if e.kind == kind}
        found = sorted(pieces.values(), key=lambda e: -e.weight)
        if not found:
            continue
        if len(found) == 1 or kind in ("default", "jedi"):
            parts.append(found[0].text)
        elif kind == "caller":
            lines = sorted({e.line for e in found if e.line})
            places = f" (lines {lines[0]} and {lines[1]})" if len(found) == len(lines) == 2 else ""
            parts.append(f"{len(found)} callers{places}")
        elif kind == "clause":
            parts.append(f"{len(found)} clauses")
        elif kind == "flow":
            parts.append(f"{len(found)} places that it is passed on to")
        else:
            parts.append(f"{len(found)} uses in the body")
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
