"""Where the names of specifications come from, and where specifications mention a name.

Only what stands in specifications is answered: the server for the language answers for code. Must not know
LSP.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lift_ir import Attribute, Class, Function, Span, TypeExpr

from lift.extract import Extraction, extract
from lift.ide.naming import Names, names_near, names_of
from lift.ide.scopes import RESULT, Dotted, FunctionNode, Key, Occurrence, Scope
from lift.ide.subject import home_of
from lift.ide.term_types import Home, Typed, ancestors, class_of, type_of, typed
from lift.neighbours import Neighbours, path_of
from lift.project import Project
from lift.source.positions import LineIndex
from lift.source.text import Snapshot

_SPECIFIED = frozenset({"clause", "target", "entry", "hole"})
_DECLARED = frozenset({"parameter", "definition", "binding", "import", "target"})
_DEEPEST = 5
_MODULE = 0
_WORD = re.compile(r"\??([^\W\d]\w*)")


@dataclass(frozen=True)
class Place:
    """A place in a text.

    Attributes:
        span: Where it is.
        declares: Whether the name is bound there.
        path: The file; None for the text that was asked about.
        index: The lines of that text.
    """

    span: Span
    declares: bool
    path: Path | None
    index: LineIndex


def definitions_at(project: Project, extraction: Extraction, offset: int) -> tuple[Place, ...]:
    """Where the name at a place of a specification is bound; nothing outside of specifications."""
    names = names_of(extraction)
    if names is None:
        return ()
    dotted = next((d for d in names.dotted if d.in_clause and d.start <= offset <= d.end), None)
    if dotted is not None:
        return tuple(_member(project, extraction, names, dotted))
    found = names.at(offset)
    if found is None or found.role not in _SPECIFIED:
        return ()
    return tuple(_bound(project, extraction, names, found.key))


def mentions_at(extraction: Extraction, offset: int) -> tuple[Place, ...]:
    """Where specifications mention what stands at a place, and where that is bound.

    Nothing for a name that no specification mentions.
    """
    if not _is_said(extraction, offset):
        return ()
    names = names_near(extraction, offset)
    found = names.at(offset) if names is not None else None
    if found is not None and found.key.scope == _MODULE:
        names = names_of(extraction)
        found = names.at(offset) if names is not None else None
    if names is None or found is None:
        return ()
    key = found.key
    mentioned = [o for o in names.keys[key] if o.role in _SPECIFIED and o.start >= 0]
    if not mentioned:
        return ()
    declared = [o for o in names.keys[key] if o.role in _DECLARED - _SPECIFIED and o.start >= 0]
    places = {_place(extraction, o, key) for o in [*mentioned, *declared]}
    if key.name == RESULT:
        places |= set(_returned(extraction, names, key))
    return tuple(sorted(places, key=lambda p: (p.span.start.line, p.span.start.column)))


def _is_said(extraction: Extraction, offset: int) -> bool:
    """Whether some specification may mention the word at a place: most words need no further look."""
    index = extraction.index
    position = index.position(offset)
    line = index.line(position.line)
    words = (w[1] for w in _WORD.finditer(line) if w.start() <= position.column <= w.end())
    word = next(words, None)
    if word is None:
        return False
    module = extraction.module
    owners = (*module.all_functions(), *module.classes)
    clauses = (c for o in owners for c in (o.clauses if isinstance(o, Function) else o.invariants))
    if any(word in clause.text for clause in clauses):
        return True
    spans = (f.docstring_span for f in module.all_functions() if f.specified)
    return any(word in index.text_at(span) for span in spans if span is not None)


def _place(extraction: Extraction, found: Occurrence, key: Key) -> Place:
    declares = found.role in _DECLARED or (found.role == "hole" and _is_declared(extraction, found))
    return Place(extraction.index.span(found.start, found.end), declares, None, extraction.index)


def _is_declared(extraction: Extraction, found: Occurrence) -> bool:
    """Whether a hole is declared there: it is the whole clause, perhaps with its type."""
    text = extraction.index.text
    return text[: found.start].endswith("``") and text[found.end :].lstrip().startswith((":", "``"))


def _bound(project: Project, extraction: Extraction, names: Names, key: Key) -> Iterator[Place]:
    if key.name == RESULT:
        yield from _returned(extraction, names, key)
        return
    places = [_place(extraction, o, key) for o in names.keys[key] if o.start >= 0]
    declared = [p for p in places if p.declares]
    if key.name.startswith("?"):
        yield from declared or places[:1]
        return
    origin = names.imported.get(key)
    around = project.neighbours(extraction.snapshot.uri)
    if origin is not None and around is not None:
        elsewhere = tuple(_imported(around.apart(path_of(extraction.snapshot.uri)), *origin))
        if elsewhere:
            yield from elsewhere
            return
    yield from declared


def _returned(extraction: Extraction, names: Names, key: Key) -> Iterator[Place]:
    """The type of the result, or the name of a function that says none."""
    place, owner = names.results.get(key.scope), names.owners.get(key.scope)
    if place is not None:
        yield Place(extraction.index.span(*place), True, None, extraction.index)
    elif owner is not None:
        yield Place(owner.name_span, True, None, extraction.index)


def _imported(around: Neighbours, module: str, name: str, depth: int = 0) -> Iterator[Place]:
    """Where an imported name is bound, or the start of a module."""
    joined = f"{module}{'' if module.endswith('.') else '.'}{name}" if name else module
    path = around.place_of(module)
    whole = around.place_of(joined)
    text = _text(around, module) if path is not None else None
    if path is not None and text is not None and name:
        index, names = _names(path, text)
        key = Key(0, name)
        origin = names.imported.get(key) if names is not None else None
        if origin is not None and depth < _DEEPEST:
            further = tuple(_imported(around.apart(path), *origin, depth + 1))
            if further:
                yield from further
                return
        for one in names.keys.get(key, ()) if names is not None else ():
            if one.role in _DECLARED and one.start >= 0:
                yield Place(index.span(one.start, one.end), True, path, index)
                return
    if whole is not None:
        found = _text(around, joined)
        if found is not None:
            index = LineIndex(found)
            yield Place(index.span(0, 0), True, whole, index)


def _text(around: Neighbours, module: str) -> str | None:
    dotted = around.dotted(module)
    found = around.find(dotted) if dotted else ()
    return found[0].text if found else None


def _names(path: Path, text: str) -> tuple[LineIndex, Names | None]:
    extraction = extract(Snapshot(str(path), None, text))
    return extraction.index, names_of(extraction)


# Attributes ---------------------------------------------------------------------------------------------


def _member(project: Project, extraction: Extraction, names: Names, dotted: Dotted) -> Iterator[Place]:
    """Where the attribute or method behind a dot is defined."""
    home = home_of(project, extraction.snapshot.uri)
    if home is None:
        return
    kind = type_of(dotted.node.value, dict(_kinds(names, dotted, home)), home)
    found = class_of(kind) if kind is not None else None
    if found is None:
        yield from _of_module(project, extraction, names, dotted)
        return
    for cls, where in ancestors(*found):
        for one in (*cls.attributes, *cls.methods):
            if one.name == dotted.node.attr:
                yield from _in_module(project, extraction, where, one)
                return


def _in_module(
    project: Project, extraction: Extraction, where: Home, member: Attribute | Function
) -> Iterator[Place]:
    span = member.name_span if isinstance(member, Function) else member.span
    if where.text == extraction.snapshot.text and not where.label:
        yield Place(span, True, None, extraction.index)
        return
    path = _path_of(project, extraction, where)
    if path is not None:
        yield Place(span, True, path, LineIndex(where.text))


def _path_of(project: Project, extraction: Extraction, home: Home) -> Path | None:
    around = project.neighbours(extraction.snapshot.uri)
    return around.place_of(home.label) if around is not None and home.label else None


def _kinds(names: Names, dotted: Dotted, home: Home) -> Iterator[tuple[str, Typed]]:
    """The types of the parameters and the result, as far as they are written."""
    owner = _owner(names, dotted)
    if isinstance(owner, Class):
        kind = typed(owner.name, home)
        if kind is not None:
            yield "self", kind
    if not isinstance(owner, Function):
        return
    signature = owner.signature
    result = signature.returns.text if isinstance(signature.returns, TypeExpr) else ""
    written = [(p.name, p.type.text if isinstance(p.type, TypeExpr) else "") for p in signature.parameters]
    above = owner.qualname.rpartition(".")[0]
    if written and above and not above.endswith("<locals>") and "staticmethod" not in owner.decorators:
        written[0] = (written[0][0], above.rpartition(".")[2])
    for name, text in [("result", result), *written]:
        kind = typed(text, home) if text else None
        if kind is not None:
            yield name, kind


def _owner(names: Names, dotted: Dotted) -> Function | Class | None:
    """What the clause belongs to."""
    scope: Scope | None = dotted.scope
    while scope is not None:
        if scope.kind == "clause" and isinstance(scope.node, FunctionNode | ast.ClassDef):
            return names.owners.get(names.callees.scopes[id(scope.node)].number)
        scope = scope.parent
    return None


def _of_module(project: Project, extraction: Extraction, names: Names, dotted: Dotted) -> Iterator[Place]:
    """What a module has that the clause names with a dot."""
    around = project.neighbours(extraction.snapshot.uri)
    parts: list[str] = []
    node: ast.expr = dotted.node
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    origin = names.imported.get(dotted.scope.key(node.id)) if isinstance(node, ast.Name) else None
    if origin is None or around is None:
        return
    module, name = origin
    base = f"{module}{'' if module.endswith('.') else '.'}{name}" if name else module
    inner = ".".join([base, *reversed(parts[1:])])
    yield from _imported(around.apart(path_of(extraction.snapshot.uri)), inner, parts[0])
