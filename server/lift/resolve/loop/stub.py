"""A sentence as a function that is still to be written: its intent, its holes, and no code yet.

What a sentence leaves open stays open: nothing is guessed that a person would have to take back. Plain text
work; runs nothing and asks nobody.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from dataclasses import dataclass

from lift.resolve.loop.nouns import Passed, passed_in
from lift.resolve.phrases import Value, readings

_SIGNATURE = re.compile(
    r"^\s*(?:def\s+)?([A-Za-z_]\w*)\s*(\(.*?\))\s*(?:->\s*([^:]+?))?\s*:\s*(.+)$", re.DOTALL
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "to",
        "for",
        "and",
        "or",
        "that",
        "which",
        "with",
        "is",
        "are",
        "it",
        "its",
        "all",
        "each",
        "by",
        "from",
        "into",
        "across",
        "without",
        "so",
        "function",
        "write",
        "please",
    ]
)
_MOST_WORDS = 4
_LONGEST_LINE = 88
_MOST_TEXT = 4000


@dataclass(frozen=True)
class Stub:
    """A definition without code.

    Attributes:
        name: The function's name.
        text: The definition, with a final line end.
        clauses: What it says that nothing checks yet, each an open clause.
        imports: Import statements that its annotations need.
    """

    name: str
    text: str
    clauses: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def stub_of(description: str) -> Stub | None:
    """The function that a description asks for; None if it holds no words.

    Args:
        description: A sentence or several; a signature may stand before a colon:
            ``clamp(x: int, low: int, high: int) -> int: keep a number within its bounds``.
    """
    text = " ".join(description.replace("\0", " ").split())[:_MOST_TEXT]
    named = _SIGNATURE.match(text)
    signature = None
    if named is not None and _parses(f"def {named[1]}{named[2]}{_arrow(named[3])}: ..."):
        signature, text = f"{named[1]}{named[2]}{_arrow(named[3])}", named[4]
    parts = [p.strip() for p in _SENTENCE.split(text) if _WORD.search(p)]
    if not parts:
        return None
    passed = passed_in(parts[0]) if signature is None else None
    if signature is not None and named is not None:
        name = named[1]
    elif passed is not None and _is_free(short := _name(parts[0][: passed.start])):
        name = short
    else:
        name = _name(parts[0])
    header = f"def {signature or name + _parameters(passed)}:"
    clauses = tuple(_bullet(p) for p in parts[1:])
    lines = [f'"""{_capital(_escaped(parts[0]))}', ""]
    required = _required(passed) if passed is not None else []
    lines += ["Requires:", *(f"    - {r}" for r in required), ""] if required else []
    lines.append("Ensures:")
    lines += [f"    - {_escaped(c)}" for c in clauses]
    if not clauses:
        lines.append("    - ``?outcome: bool``: what holds of the result whenever it is right?")
    lines.append('"""')
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    return Stub(name, f"{header}\n{body}\n    raise NotImplementedError\n", clauses)


def _is_free(name: str) -> bool:
    return name != "function" and not hasattr(builtins, name)


def _parameters(passed: Passed | None) -> str:
    if passed is None:
        return "(value)"
    return f"({passed.name}: {passed.type})" if passed.type else f"({passed.name})"


def _required(passed: Passed) -> list[str]:
    """What the adjectives say of a parameter, as clauses with their words."""
    value = Value(passed.name, passed.family)
    said: list[str] = []
    for adjective in passed.adjectives:
        words = f"{passed.name} is {adjective}"
        said += [f"``{r.expression}``: {words}" for r in readings(words, "requires", [value], None)[:1]]
    return said


def _arrow(returns: str | None) -> str:
    return f" -> {returns.strip()}" if returns else ""


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _name(sentence: str) -> str:
    words = [w.lower() for w in _WORD.findall(sentence) if f"a{w}".isidentifier()]
    telling = [w for w in words if w not in _SMALL] or words or ["function"]
    name = "_".join(telling[:_MOST_WORDS])
    name = name if name[0].isalpha() else f"f_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _bullet(part: str) -> str:
    return _capital(part.rstrip(".;"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _escaped(text: str) -> str:
    """The text as it may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
