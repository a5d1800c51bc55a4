"""A specification as a document: a section for each function, in the words and clauses of its author."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lift_ir import Class, Clause, Function, Hole, Parameter, SignatureType

from lift.cli.loading import Loaded

_STARS = {"var-positional": "*", "var-keyword": "**"}


def document(loaded: Loaded, *, everything: bool) -> str:
    """The document of one file; without ``everything`` only functions that state a specification."""
    return "\n".join(_lines(loaded, everything)).rstrip() + "\n"


def _lines(loaded: Loaded, everything: bool) -> Iterator[str]:
    module = loaded.module
    yield from (f"# {_escape(loaded.path)}", "")
    if loaded.fault is not None:
        yield from (f"> **Cannot be read:** {_escape(str(loaded.fault))}", "")
    if module is None:
        return
    if module.intent is not None:
        yield from (module.intent.summary, "")
    entries: list[Class | Function] = [c for c in module.classes if everything or c.invariants or c.holes]
    # A method of a class with invariants counts as specified, but there may be nothing to write of it.
    stated = [f for f in module.all_functions() if f.specified and (f.clauses or f.holes)]
    entries += module.all_functions() if everything else stated
    entries.sort(key=lambda entry: (entry.span.start.line, entry.span.start.column))
    if not entries:
        yield from ("No function here states a specification.", "")
    for entry in entries:
        yield from _function(entry) if isinstance(entry, Function) else _class(entry)


def _class(entry: Class) -> Iterator[str]:
    yield from (f"## class `{entry.qualname}`", "")
    if entry.intent is not None:
        yield from _intent(entry.intent.summary, entry.intent.rationale)
    yield from _clauses("Invariants", entry.invariants)
    yield from _holes(entry.holes)


def _function(entry: Function) -> Iterator[str]:
    keyword = "async def" if entry.is_async else "def"
    yield from (f"## `{entry.qualname}`", "")
    yield from ("```python", f"{keyword} {entry.name}{_signature(entry)}", "```", "")
    if entry.intent is not None:
        yield from _intent(entry.intent.summary, entry.intent.rationale)
    of = {kind: [c for c in entry.clauses if c.kind == kind] for kind in _SECTIONS}
    for kind, title in _SECTIONS.items():
        if kind == "example":
            yield from _examples(of[kind])
        else:
            yield from _clauses(title, of[kind])
    described = [p for p in entry.signature.parameters if p.description]
    if described:
        yield from ("**Parameters**", "")
        yield from (f"- `{p.name}`: {_flow(p.description)}" for p in described)
        yield ""
    yield from _holes(entry.holes)


_SECTIONS = {
    "requires": "Requires",
    "ensures": "Ensures",
    "invariant": "Loop invariants",
    "raises": "Raises",
    "modifies": "Modifies",
    "decreases": "Decreases",
    "effect": "Effects",
    "example": "Examples",
}


def _intent(summary: str, rationale: str) -> Iterator[str]:
    yield from (summary, "")
    if rationale:
        yield from (rationale, "")


def _clauses(title: str, clauses: Sequence[Clause]) -> Iterator[str]:
    if not clauses:
        return
    yield from (f"**{title}**", "")
    yield from (f"- {_clause(clause)}" for clause in clauses)
    yield ""


def _clause(clause: Clause) -> str:
    where = "" if clause.source == "docstring" else f" *({clause.source}, line {clause.span.start.line})*"
    prose = _flow(clause.prose)
    if clause.kind == "raises":
        condition = f" if {_code(clause.text)}" if clause.expression is not None else ""
        said = f": {prose}" if prose and not condition else f" {prose}" if prose else ""
        return f"`{clause.exception}`{condition}{said}{where}"
    if clause.kind == "modifies":
        return (", ".join(_code(t) for t in clause.targets) or "nothing") + where
    if clause.kind == "effect":
        return _flow(clause.text) + where
    if clause.expression is None and clause.text == clause.prose:
        return _flow(clause.text) + where
    return _code(clause.text) + (f": {prose}" if prose else "") + where


def _examples(examples: Sequence[Clause]) -> Iterator[str]:
    if not examples:
        return
    yield from ("**Examples**", "", "```pycon")
    for example in examples:
        if example.kind == "example":
            first, *more = (example.expression or example.text).rstrip("\n").split("\n")
            yield f">>> {first}"
            yield from (f"... {line}" for line in more)
            if example.want:
                yield example.want.rstrip("\n")
    yield from ("```", "")


def _holes(holes: Sequence[Hole]) -> Iterator[str]:
    if not holes:
        return
    yield from ("**Open**", "")
    for hole in holes:
        kind = f"{hole.hole} `{hole.name}`" + (f": `{hole.type}`" if hole.type else "")
        yield f"- [ ] {kind}, line {hole.span.start.line}: {_flow(hole.question)}"
    yield ""


def _signature(entry: Function) -> str:
    parts: list[str] = []
    styles = [p.style for p in entry.signature.parameters]
    for index, parameter in enumerate(entry.signature.parameters):
        if parameter.style == "keyword-only" and not {"keyword-only", "var-positional"} & set(styles[:index]):
            parts.append("*")
        parts.append(_parameter(parameter))
        if parameter.style == "positional-only" and styles[index + 1 : index + 2] != ["positional-only"]:
            parts.append("/")
    return f"({', '.join(parts)}) -> {_type(entry.signature.returns)}"


def _parameter(parameter: Parameter) -> str:
    text = _STARS.get(parameter.style, "") + parameter.name
    # A type without a place is one that was worked out, such as that of ``self``.
    if parameter.type.kind == "type" and parameter.type.span is not None:
        text += f": {parameter.type.text}"
    if parameter.default is not None:
        text += f" = {parameter.default}" if ":" in text else f"={parameter.default}"
    return text


def _type(found: SignatureType) -> str:
    return found.text if found.kind == "type" else "?"


def _code(text: str) -> str:
    text = _flow(text)
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _flow(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    return text.replace("_", r"\_").replace("*", r"\*")
