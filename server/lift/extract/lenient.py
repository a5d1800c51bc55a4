"""A text that does not parse, taken apart into what does.

Blocks are what starts at one indentation; each is parsed alone, a class that does not parse is taken
apart once more. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from lift.source import LineIndex

_CONTINUES = re.compile(r"[)\]}]|(?:else|elif|except|finally)\b")
_CLASS = re.compile(r"class\b")
_COLON = re.compile(r":[ \t]*(?:#.*)?$")
_UNFINISHED = ("unterminated triple-quoted", "was never closed", "unexpected EOF")
_MORE_BLOCKS = 8
_MORE_TEXT = 50_000
_LONGEST_HEADER = 30
_DEEPEST = 8


@dataclass(frozen=True)
class Recovered:
    """A run of lines of a text that does not parse as a whole.

    Attributes:
        line: Its first line, from 1.
        statements: What parses of it.
        broken: Whether something of it does not.
    """

    line: int
    statements: tuple[ast.stmt, ...]
    broken: bool


def recover(index: LineIndex, first: int, end: int) -> list[Recovered]:
    """Takes the lines from ``first`` up to before ``end`` apart; the first run starts at ``first``."""
    found = _blocks(index, first, end, 0, 0)
    return found or [Recovered(first, (), False)]


def _blocks(index: LineIndex, first: int, end: int, indent: int, depth: int) -> list[Recovered]:
    """The blocks at one indentation, each parsed alone."""
    starts = _starts(index, first, end, indent)
    starts = [first, *starts[1:]] if starts else [first]
    found: list[Recovered] = []
    number = 0
    while number < len(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else end
        parsed = _parsed(index, starts[number], stop, indent)
        taken = 1
        if isinstance(parsed, str):
            parsed, taken = _continued(index, starts, number, end, indent, parsed)
        if isinstance(parsed, str):
            cls = _class(index, starts[number], stop, indent, depth) if depth < _DEEPEST else None
            found.append(Recovered(starts[number], () if cls is None else (cls,), True))
        else:
            found.append(Recovered(starts[number], tuple(parsed), False))
        number += taken
    return found


def _starts(index: LineIndex, first: int, end: int, indent: int) -> list[int]:
    """The lines at which blocks of an indentation start; decorators belong to what they decorate."""
    found: list[int] = []
    decorated = False
    for number in range(first, end):
        line = index.line(number)
        text = line.lstrip(" \t\f")
        if not text or text[0] == "#" or _width(line) > indent:
            continue
        if _width(line) == indent and _CONTINUES.match(text) is None and not decorated:
            found.append(number)
        decorated = text[0] == "@"
    return found


def _width(line: str) -> int:
    """The indentation of a line in columns."""
    head = line[: len(line) - len(line.lstrip(" \t\f"))]
    return len(head.replace("\f", "").expandtabs(8))


def _parsed(index: LineIndex, first: int, end: int, indent: int) -> list[ast.stmt] | str:
    """The statements in some lines with their places in the whole text, or why there are none."""
    text = index.text[index.offset_at(first, 0) : index.offset_at(end, 0)]
    if indent:
        # Inside a class it takes a class around it to be parsed where it stands.
        text = "\n" * (first - 2) + "class _:\n" + text
    else:
        text = "\n" * (first - 1) + text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except SyntaxError as error:
        return error.msg or "invalid syntax"
    except (RecursionError, MemoryError, ValueError):
        return "cannot be parsed"
    if not indent:
        return body
    inside = body[0]
    return inside.body if len(body) == 1 and isinstance(inside, ast.ClassDef) else "not in the class any more"


def _continued(
    index: LineIndex, starts: Sequence[int], number: int, end: int, indent: int, reason: str
) -> tuple[list[ast.stmt] | str, int]:
    """Tries a block together with the next ones: a string or a bracket may reach over several."""
    parsed: list[ast.stmt] | str = reason
    for more in range(1, _MORE_BLOCKS + 1):
        if not any(word in reason for word in _UNFINISHED) or number + more >= len(starts):
            break
        stop = starts[number + more + 1] if number + more + 1 < len(starts) else end
        if index.offset_at(stop, 0) - index.offset_at(starts[number], 0) > _MORE_TEXT:
            break
        parsed = _parsed(index, starts[number], stop, indent)
        if not isinstance(parsed, str):
            return parsed, more + 1
        reason = parsed
    return reason, 1


def _class(index: LineIndex, first: int, end: int, indent: int, depth: int) -> ast.ClassDef | None:
    """The class in some lines with those of its members that parse, None if its header does not."""
    header = first
    while header < end and not _CLASS.match(index.line(header).lstrip(" \t\f")):
        if not index.line(header).lstrip(" \t\f").startswith(("@", "#")) and index.line(header).strip():
            return None
        header += 1
    last = header
    while last < end and not _COLON.search(index.line(last)):
        last += 1
        if last - header > _LONGEST_HEADER:
            return None
    body = next((n for n in range(last + 1, end) if index.line(n).strip() and not _is_comment(index, n)), end)
    if body == end or _width(index.line(body)) <= indent:
        return None
    node = _header(index, first, last + 1, indent)
    if node is None:
        return None
    members: list[ast.stmt] = []
    for block in _blocks(index, last + 1, end, _width(index.line(body)), depth + 1):
        members.extend(block.statements)
    final = next((n for n in range(end - 1, last, -1) if index.line(n).strip()), last)
    node.body = members or [ast.copy_location(ast.Pass(), node)]
    node.end_lineno, node.end_col_offset = final, len(index.line(final).encode("utf-8", "surrogatepass"))
    return node


def _is_comment(index: LineIndex, number: int) -> bool:
    return index.line(number).lstrip().startswith("#")


def _header(index: LineIndex, first: int, end: int, indent: int) -> ast.ClassDef | None:
    """The class with nothing in it."""
    text = index.text[index.offset_at(first, 0) : index.offset_at(end, 0)].rstrip()
    around = "\n" * (first - 2) + "class _:\n" if indent else "\n" * (first - 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(f"{around}{text} pass\n").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    node = body[0] if body else None
    if indent and isinstance(node, ast.ClassDef):
        node = node.body[0]
    return node if isinstance(node, ast.ClassDef) else None
