"""Blocks of Python lines moved in and out, without touching what stands inside strings."""

from __future__ import annotations

import io
import tokenize


def inside_strings(text: str) -> set[int]:
    """Lines, from 1, that begin inside a string: their leading blanks belong to its value.

    Raises:
        tokenize.TokenError, SyntaxError: The text is not made of Python tokens.
    """
    found: set[int] = set()
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            found |= set(range(token.start[0] + 1, token.end[0] + 1))
        elif name in ("FSTRING_START", "TSTRING_START"):
            opened.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            found |= set(range(opened.pop() + 1, token.end[0] + 1))
    return found


def indented(text: str, prefix: str) -> list[str]:
    """The lines of a text with ``prefix`` before each that is not empty and does not begin inside a string.

    Raises:
        tokenize.TokenError, SyntaxError: The text is not made of Python tokens.
    """
    inside = inside_strings(text)
    return [
        line if number in inside or not line else prefix + line
        for number, line in enumerate(text.split("\n"), start=1)
    ]
