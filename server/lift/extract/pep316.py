"""PEP 316 contracts in docstrings: ``pre:``, ``post:``, ``inv:``, ``__return__`` and ``__old__.x``.

Words like these also occur in ordinary docstrings: a docstring is read this way only if one of its lines
is plainly an expression about known names. Must not import other parts of lift than this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Modifies

from lift.extract import notation
from lift.extract.draft import CLAUSE_TYPES, Draft, Read, in_literal, read_expression
from lift.extract.literal import Literal

_TAG = re.compile(r"^[ \t]*(pre|post|inv)[ \t]*(?:\[([^\]\n]*)\])?[ \t]*:[ \t]*", re.M)
_KINDS = {"pre": "requires", "post": "ensures", "inv": "invariant"}


@dataclass(frozen=True)
class _Tagged:
    """One expression behind a tag: its kind and its offsets in the docstring's value."""

    kind: str
    start: int
    end: int


def may_hold(value: str) -> bool:
    """A cheap test: False if the docstring holds no PEP 316 tag."""
    return ("pre" in value or "post" in value or "inv" in value) and _TAG.search(value) is not None


def read_pep316(draft: Draft, literal: Literal, *, of_class: bool) -> None:
    """Adds the PEP 316 clauses of a docstring."""
    value = literal.value
    found = [t for t in _tagged(value) if (t.kind == "invariant") == of_class]
    known = {*draft.scope.parameters, "result", "__return__", "__old__"}
    trees = [notation.parse(value[t.start : t.end]).tree for t in found]
    if not any(tree is not None and notation.is_plainly_expression(tree, known) for tree in trees):
        return
    draft.written = True
    for tagged in found:
        text = in_literal(draft.index, literal, tagged.start, tagged.end)
        read = read_expression(draft, text, "after" if tagged.kind == "ensures" else "before")
        draft.clauses.append(CLAUSE_TYPES[tagged.kind](**read.fields(tagged.kind, "pep316")))
    if not of_class:
        _changes(draft, literal)


def _tagged(value: str) -> Iterator[_Tagged]:
    """The expressions behind tags: on the tag's line, or one a line in the deeper block below it."""
    for match in _TAG.finditer(value):
        kind = _KINDS[match[1]]
        end = _line_end(value, match.end())
        if value[match.end() : end].strip():
            yield from _grown(value, kind, [(match.end(), end), *_block(value, match.start(), end)], one=True)
        else:
            yield from _grown(value, kind, list(_block(value, match.start(), end)), one=False)


def _block(value: str, tag: int, place: int) -> Iterator[tuple[int, int]]:
    """The lines below a tag that are indented deeper than it, up to a blank one."""
    indent = _indent(value, tag)
    while place < len(value):
        start = place + 1
        place = _line_end(value, start)
        if not value[start:place].strip() or _indent(value, start) <= indent or _TAG.match(value, start):
            return
        yield start, place


def _grown(value: str, kind: str, lines: list[tuple[int, int]], *, one: bool) -> Iterator[_Tagged]:
    """Expressions made of lines: a line that does not parse alone is continued by the next ones."""
    while lines:
        start, end = lines.pop(0)
        stop = end
        taken = 0
        if notation.parse(value[start:end].strip()).tree is None:
            for count, (_, later) in enumerate(lines, 1):
                if notation.parse(value[start:later].strip()).tree is not None:
                    stop, taken = later, count
                    break
        del lines[:taken]
        text = value[start:stop]
        lead = len(text) - len(text.lstrip())
        yield _Tagged(kind, start + lead, start + lead + len(text.strip()))
        if one:
            return


def _changes(draft: Draft, literal: Literal) -> None:
    """``post[x, self.y]:`` says that nothing else changes."""
    for match in _TAG.finditer(literal.value):
        if match[1] != "post" or match[2] is None:
            continue
        text = in_literal(draft.index, literal, *match.span(2))
        span = text.place(0, len(text.value))
        targets = tuple(part.strip() for part in text.value.split(",") if part.strip())
        if any(notation.parse(target).tree is None for target in targets):
            continue
        read = Read(
            ", ".join(targets) or "none", ", ".join(targets) or "none", draft.index.text_at(span), span
        )
        draft.clauses.append(Modifies(**read.fields("modifies", "pep316"), targets=targets))


def _indent(value: str, place: int) -> int:
    line = value[place : _line_end(value, place)]
    return len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())


def _line_end(value: str, place: int) -> int:
    end = value.find("\n", place)
    return len(value) if end < 0 else end
