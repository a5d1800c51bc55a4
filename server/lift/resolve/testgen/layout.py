"""Python text on lines of a bearable length, laid out as the formatters of Python do it."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 88
"""How long lines become: what formatters of Python agree on."""


def quoted(text: str) -> str:
    """An expression with double quotes, where that is only a matter of taste."""
    return text if '"' in text or "\\" in text else text.replace("'", '"')


def wrapped(head: str, expression: str) -> list[str]:
    """A statement on as many lines as it takes."""
    if len(head) + 4 + len(expression) <= WIDTH:
        return [head + expression]
    indent = head[: len(head) - len(head.lstrip())]
    if not head.strip():
        return _laid_out(expression, indent, "")
    return [f"{head.rstrip()} (", f"{indent}    {expression}", f"{indent})"]


def called(head: str, arguments: Sequence[str], tail: str = "", indent: str = "") -> list[str]:
    """A call on one line, or with one argument on each."""
    line = f"{indent}{head}({', '.join(arguments)}){tail}"
    if len(line) <= WIDTH or not arguments:
        return [line]
    # A single argument has no comma behind it where it is laid out by itself.
    rows = [row for a in arguments for row in _laid_out(a, f"{indent}    ", ",")]
    return [f"{indent}{head}(", *rows, f"{indent}){tail}"]


def _laid_out(text: str, indent: str, tail: str) -> list[str]:
    """An expression on one line, or with the arguments of its first call on lines of their own."""
    start = text.find("(")
    if len(indent) + len(text) + len(tail) <= WIDTH or start < 0:
        return [f"{indent}{text}{tail}"]
    commas, end = _split(text, start)
    if end < 0 or not commas:
        return [f"{indent}{text}{tail}"]
    if text[end + 1 :].lstrip().startswith("|"):
        # Each side of an `or` stands on a line of its own.
        return [f"{indent}{text[: end + 1]}", *_laid_out(text[end + 1 :].lstrip(), indent, tail)]
    rows = [row for a in commas for row in _laid_out(a, f"{indent}    ", ",")]
    return [f"{indent}{text[: start + 1]}", *rows, f"{indent}{text[end:]}{tail}"]


def _split(text: str, start: int) -> tuple[list[str], int]:
    """The arguments of the call that opens at ``start``, and where it closes."""
    depth, last, quote = 0, start + 1, ""
    found: list[str] = []
    for place in range(start, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return [*found, *filter(None, [text[last:place].strip()])], place
        elif sign == "," and depth == 1:
            found.append(text[last:place].strip())
            last = place + 1
    return found, -1
