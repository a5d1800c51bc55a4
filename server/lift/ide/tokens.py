"""What the words of a specification are, for editors that colour them: nothing outside specifications.

Only what lift checks is marked, so that a colour says that something counts. Must not know LSP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lift_ir import Class, Function, Module

from lift.extract import Extraction
from lift.extract.clauses import EFFECT_WORDS, checked_part, condition_of
from lift.extract.names import NOTATION, RESULT_NAMES
from lift.extract.sections import Bullet, read_sections
from lift.ide.docstrings import layout_of, width, with_owners
from lift.ide.subject import parameters_of
from lift.ide.terms import Token, tokens_of

Kind = Literal[
    "section",
    "hole",
    "keyword",
    "parameter",
    "variable",
    "property",
    "method",
    "function",
    "class",
    "string",
    "number",
    "operator",
]
_WORD = re.compile(r"\w+")
_TYPE_NAME = re.compile(r"_*[A-Z]\w*[a-z]\w*$")


@dataclass(frozen=True)
class Mark:
    """A word on one line: offsets in code points, and what it is."""

    start: int
    end: int
    kind: Kind


def tokens(extraction: Extraction, start: int = 0, end: int | None = None) -> tuple[Mark, ...]:
    """The words of the specifications in a text, in order.

    Args:
        start: Where the part of the text starts that is asked about.
        end: Where it ends; None for the end of the text.
    """
    text = extraction.snapshot.text
    end = len(text) if end is None else end
    found: list[Mark] = []
    for docstring, owner in with_owners(extraction, specified(extraction.module)):
        if docstring.end < start or docstring.start > end:
            continue
        names = frozenset(parameters_of(extraction, docstring, owner))
        content = text[docstring.start : docstring.end]
        marks = _marks(content, width(docstring.indent), names, docstring.is_class)
        base = docstring.start
        found.extend(
            [
                Mark(base + one.start, base + one.end, one.kind)
                for one in marks
                if base + one.end > start and base + one.start < end
            ]
        )
    return tuple(found)


def specified(module: Module) -> list[Function | Class]:
    """What states a specification in a module."""
    functions = (*module.functions, *(m for c in module.classes for m in c.methods))
    return [*(c for c in module.classes if c.invariants or c.holes), *(f for f in functions if f.specified)]


@lru_cache(maxsize=1024)
def _marks(content: str, indent: int, parameters: frozenset[str], is_class: bool) -> tuple[Mark, ...]:
    """The words of one docstring; offsets are those in its text."""
    value = content.replace("\r\n", " \n").replace("\r", "\n")
    found = [*_headers(content, indent, is_class), *_clauses(value, parameters, is_class)]
    return tuple(sorted(_on_lines(value, found), key=lambda mark: mark.start))


def _headers(content: str, indent: int, is_class: bool) -> Iterator[Mark]:
    layout = layout_of(content, indent)
    for section in layout.sections:
        ours = section.part == "invariant" if is_class else section.part != "invariant"
        if ours and section.part not in {"examples", "other"}:
            start = layout.rows[section.header].start
            yield Mark(start, start + len(section.title), "section")


def _clauses(value: str, parameters: frozenset[str], is_class: bool) -> Iterator[Mark]:
    sections = read_sections(value)
    for bullet in sections.bullets:
        inside = checked_part(value, bullet)
        if inside is None or (bullet.section == "invariant") != is_class:
            continue
        yield from _bullet(value, bullet, inside[0], inside[1], parameters)
    if is_class:
        return
    for entry in sections.raises:
        yield Mark(entry.name_start, entry.name_end, "class")
        condition = condition_of(value, entry)
        if condition is not None:
            yield from _expression(value, condition.start, condition.end, parameters, after=False)


def _bullet(value: str, bullet: Bullet, start: int, end: int, parameters: frozenset[str]) -> Iterator[Mark]:
    said = value[start:end]
    if bullet.section == "effect":
        word = _WORD.match(said)
        if word is not None and word[0].lower() in EFFECT_WORDS:
            yield Mark(start, start + word.end(), "keyword")
        elif said.startswith("?"):
            yield Mark(start, end, "hole")
    elif bullet.section == "modifies" and said.lower() == "none":
        yield Mark(start, end, "keyword")
    else:
        yield from _expression(value, start, end, parameters, after=bullet.section == "ensures")


def _expression(
    value: str, start: int, end: int, parameters: frozenset[str], *, after: bool
) -> Iterator[Mark]:
    """The words of an expression."""
    found = tokens_of(value[start:end])
    for number, token in enumerate(found):
        before = found[number - 1] if number else None
        behind = found[number + 1] if number + 1 < len(found) else None
        kind = _kind(token, before, behind, parameters, after=after)
        if kind is not None:
            yield Mark(start + token.start, start + token.end, kind)


def _kind(
    token: Token, before: Token | None, behind: Token | None, parameters: frozenset[str], *, after: bool
) -> Kind | None:
    match token.kind:
        case "string" | "number" | "keyword" | "hole":
            return token.kind
        case "operator":
            return "operator" if token.text not in {".", ",", ":", ";"} else None
        case "name":
            pass
        case _:
            return None
    name, called = token.text, behind is not None and behind.text == "("
    if before is not None and before.text == ".":
        return "method" if called else "property"
    if name in parameters:
        return "parameter"
    if (name in RESULT_NAMES and after) or (name in NOTATION and called) or name in {"True", "False", "None"}:
        return "keyword"
    if _TYPE_NAME.match(name):
        return "class"
    return "function" if called else "variable"


def _on_lines(value: str, marks: list[Mark]) -> Iterator[Mark]:
    """The same marks, each on one line."""
    for mark in marks:
        start = mark.start
        while (newline := value.find("\n", start, mark.end)) >= 0:
            yield from _trimmed(value, start, newline, mark.kind)
            start = newline + 1
        yield from _trimmed(value, start, mark.end, mark.kind)


def _trimmed(value: str, start: int, end: int, kind: Kind) -> Iterator[Mark]:
    while start < end and value[start].isspace():
        start += 1
    while end > start and value[end - 1].isspace():
        end -= 1
    if start < end:
        yield Mark(start, end, kind)
