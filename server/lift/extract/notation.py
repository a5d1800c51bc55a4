"""The notation of clauses: Python expressions with ``?name`` holes, read from any text.

Nothing here raises on any text. Knows nothing of functions or docstrings: whether a name exists is
``lift.extract.names``'s business. Must not import other parts of lift.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection
from dataclasses import dataclass

LONGEST_CLAUSE = 20_000
HOLE_PREFIX = "__hole_"

_STRING = r'"""(?:\\.|[^\\])*?"""|' r"'''(?:\\.|[^\\])*?'''|" r'"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'"
_SCAN = re.compile(rf"(?P<string>{_STRING})|\?(?P<hole>[^\W\d]\w*)|(?P<newline>\r\n|\r|\n)", re.DOTALL)
_FORBIDDEN: dict[type[ast.AST], str] = {
    ast.Yield: "a clause cannot yield",
    ast.YieldFrom: "a clause cannot yield",
    ast.Await: "a clause cannot await",
    ast.NamedExpr: "a clause cannot assign with :=",
}


@dataclass(frozen=True)
class HoleUse:
    """One occurrence of ``?name``: its name without the mark, and its offsets in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Parsed:
    """What a clause's text says.

    Attributes:
        expression: The normalised expression, holes written ``__hole_NAME``; None if it does not parse.
        tree: The same as a tree, whose places are those of ``offset_of``; None if it does not parse.
        holes: Every ``?name`` in it, in order.
        error: Why it does not parse, complete in itself; None if it does.
    """

    expression: str | None
    tree: ast.expr | None
    holes: tuple[HoleUse, ...] = ()
    error: str | None = None
    _python: str = ""

    def offset_of(self, node: ast.expr) -> tuple[int, int]:
        """Where a node of ``tree`` starts and ends in the text that was parsed, in code points."""
        start = _offset(self._python, node.lineno, node.col_offset)
        end = _offset(self._python, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return self._without_prefixes(start), self._without_prefixes(end)

    def _without_prefixes(self, offset: int) -> int:
        grown = len(HOLE_PREFIX) - 1
        for hole in self.holes:
            if hole.start >= offset:
                break
            offset -= grown if offset >= hole.end + grown else min(grown, offset - hole.start)
        return offset


def parse(text: str) -> Parsed:
    """Reads the text of one clause."""
    if len(text) > LONGEST_CLAUSE:
        return Parsed(
            None, None, (), f"longer than {LONGEST_CLAUSE:,} characters; define a function and call it"
        )
    python, holes = _as_python(text)
    if not python.strip():
        return Parsed(None, None, holes, "there is no expression")
    lead = len(python) - len(python.lstrip())
    try:
        with warnings.catch_warnings():
            # An odd escape in somebody's string is not ours to complain about.
            warnings.simplefilter("ignore")
            tree = ast.parse(python.lstrip(), mode="eval").body
        if lead:
            for node in ast.walk(tree):
                if isinstance(node, ast.expr) and node.lineno == 1:
                    node.col_offset += lead
                    if node.end_lineno == 1 and node.end_col_offset is not None:
                        node.end_col_offset += lead
        error = next((_FORBIDDEN[type(node)] for node in ast.walk(tree) if type(node) in _FORBIDDEN), None)
        if error is not None:
            return Parsed(None, None, holes, error)
        return Parsed(ast.unparse(tree), tree, holes, None, python)
    except SyntaxError as error:
        return Parsed(None, None, holes, _reason(error))
    except (RecursionError, MemoryError):
        return Parsed(None, None, holes, "nested too deeply; define a function and call it")
    except (ValueError, OverflowError) as error:
        return Parsed(None, None, holes, f"does not parse: {error}")


def unparse(tree: ast.expr) -> str | None:
    """The normalised text of an expression; None if it is nested too deeply to be written."""
    try:
        return ast.unparse(tree)
    except (RecursionError, MemoryError, ValueError):
        return None


def is_plainly_expression(tree: ast.expr, known: Collection[str]) -> bool:
    """True if nobody would take the expression for prose: it compares or calls, and names something known."""
    computes = False
    names_known = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Call):
            computes = True
        elif isinstance(node, ast.Name) and node.id in known:
            names_known = True
    return computes and names_known


def _as_python(text: str) -> tuple[str, tuple[HoleUse, ...]]:
    """The text with holes as names and line ends as spaces, both outside string literals only."""
    if "?" not in text and "\n" not in text and "\r" not in text:
        return text, ()
    holes: list[HoleUse] = []

    def replace(match: re.Match[str]) -> str:
        if name := match["hole"]:
            holes.append(HoleUse(name, match.start(), match.end()))
            return HOLE_PREFIX + name
        if newline := match["newline"]:
            return " " * len(newline)
        return match[0]

    return _SCAN.sub(replace, text), tuple(holes)


def _reason(error: SyntaxError) -> str:
    """The parser's words without its place, which counts in the text as Python sees it."""
    words = (error.msg or "invalid syntax").split(" (<unknown>")[0]
    return f"does not parse: {words}"


def _offset(text: str, line: int, byte_column: int) -> int:
    """The offset in code points of a place that ``ast`` gives in lines and UTF-8 bytes."""
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    stop = text.find("\n", start)
    row = text[start:] if stop < 0 else text[start:stop]
    if row.isascii():
        return start + byte_column
    return start + len(row.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore"))
