"""The text of one clause as tokens, whether it parses or not: what is at the cursor, and what is bound there.

A clause that somebody is writing rarely parses. So names of comprehensions are found by their brackets, and
what stands before a dot by walking back over what belongs together. Must not know LSP.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "keyword", "number", "string", "hole", "operator", "open", "close"]
Wanted = Literal["operand", "operator", "attribute", "hole", "nothing"]

_STRING = r"(?:\b[rRbBuUfF]{1,2})?(?:'''(?:\\.|[^\\])*?(?:'''|\Z)|\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)"
_STRING += r"|'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)|\"(?:\\.|[^\"\\\n])*(?:\"|(?=\n)|\Z))"
_TOKEN = re.compile(
    rf"(?P<string>{_STRING})"
    r"|(?P<number>(?:0[xXoObB][\da-fA-F_]*|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*)\w*)"
    r"|(?P<hole>\?(?:[^\W\d]\w*)?)|(?P<name>[^\W\d]\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<operator>\*\*|//|<<|>>|[<>=!]=|->|:=|[-+*/%@&|^~<>=.,:;!])",
    re.DOTALL,
)
_KINDS: dict[str, Kind] = {
    "string": "string",
    "number": "number",
    "hole": "hole",
    "name": "name",
    "open": "open",
    "close": "close",
    "operator": "operator",
}
_VALUES = frozenset({"True", "False", "None"})
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Token:
    """A token of a clause; places are offsets in its text."""

    kind: Kind
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Bound:
    """A name that a comprehension or a lambda binds.

    Attributes:
        name: The name.
        iterable: What it goes over, None for a parameter of a lambda.
        path: Where it stands in a nested target: the numbers of the parts of each tuple.
    """

    name: str
    iterable: str | None = None
    path: tuple[int, ...] = ()


@dataclass(frozen=True)
class Spot:
    """A place in a clause.

    Attributes:
        wanted: What fits there.
        start: Where the word at the place starts; the place itself if there is none.
        end: Where that word ends.
        base: What stands before the dot, for an attribute.
        names: What comprehensions and lambdas bind there, the nearest first.
        nested: Whether the place is inside brackets.
        calls: The callees of the calls around the place, the nearest first, with the number of the argument.
    """

    wanted: Wanted
    start: int
    end: int
    base: str = ""
    names: tuple[Bound, ...] = ()
    nested: bool = False
    calls: tuple[tuple[str, int], ...] = ()


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a clause; what is none is left out."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        kind = _KINDS[match.lastgroup or "operator"]
        said = match[0]
        if kind == "name" and keyword.iskeyword(said) and said not in _VALUES:
            kind = "keyword"
        yield Token(kind, said, match.start(), match.end())


def spot_at(text: str, place: int) -> Spot:
    """What is at a place in a clause's text."""
    tokens = tokens_of(text)
    here = next((n for n, t in enumerate(tokens) if t.start < place <= t.end and _is_word(t)), None)
    start, end = (tokens[here].start, tokens[here].end) if here is not None else (place, place)
    before = [t for t in tokens if t.end <= start]
    groups = _groups(tokens, before)
    names = tuple(name for group in groups for name in _bound(text, tokens, group, len(before)))
    nested, calls = bool(groups[:-1]), tuple(_calls(tokens, groups, len(before)))
    if any(t.start < place < t.end and t.kind in {"string", "number"} for t in tokens):
        return Spot("nothing", place, place, "", names, nested, calls)
    word = tokens[here] if here is not None else None
    if word is not None and word.kind in {"string", "number"}:
        unfinished = word.kind == "number" or not _is_closed(word.text)
        return Spot("nothing" if unfinished else "operator", place, place, "", names, nested, calls)
    if word is not None and word.kind == "hole":
        return Spot("hole", start, end, "", names, nested, calls)
    last = before[-1] if before else None
    wanted = _wanted(last)
    if wanted == "operand" and last is not None and (last.text in {"for", "lambda"} or _binds(before)):
        wanted = "nothing"
    if wanted == "operator" and last is not None and last.kind == "name" and _binds(before):
        wanted = "nothing"
    base = ""
    if wanted == "attribute":
        base = text[_base(before[:-1]) : before[-1].start]
    return Spot(wanted, start, end, base, names, nested, calls)


def _is_word(token: Token) -> bool:
    return token.kind in {"name", "keyword", "hole", "number", "string"}


def _is_closed(string: str) -> bool:
    return len(string) > 1 and string[-1] in "'\""


def _wanted(last: Token | None) -> Wanted:
    if last is None:
        return "operand"
    if last.kind in {"name", "number", "string", "close", "hole"}:
        return "operator"
    if last.text == ".":
        return "attribute"
    return "operand"


def _binds(before: list[Token]) -> bool:
    """Whether a place is where names are bound: between ``for`` and ``in``, or before a lambda's colon."""
    depth = 0
    for token in reversed(before):
        if token.kind == "close":
            depth += 1
        elif token.kind == "open":
            if depth == 0 and token.text == "[":
                return False
            depth = max(depth - 1, 0)
        elif depth == 0:
            if token.text in {"for", "lambda"}:
                return True
            if token.kind == "number" or token.text in {
                "in",
                ":",
                "=",
                "if",
                "else",
                "and",
                "or",
                "not",
                ".",
            }:
                return False
    return False


def _base(before: list[Token]) -> int:
    """Where the primary starts that the last of these tokens ends."""
    number = len(before)
    while number > 0:
        token = before[number - 1]
        if token.kind == "close":
            depth = 0
            while number > 0:
                number -= 1
                depth += {"close": 1, "open": -1}.get(before[number].kind, 0)
                if depth == 0:
                    break
            start = before[number].start
            # A call or a subscript goes on to the left, a parenthesis or a display does not.
            if number == 0 or before[number - 1].kind not in {"name", "close", "string"}:
                return start
            continue
        number -= 1
        if token.kind not in {"name", "string", "hole", "number"}:
            return token.end
        if number == 0 or before[number - 1].text != ".":
            return token.start
        number -= 1
    return before[0].start if before else 0


@dataclass(frozen=True)
class _Group:
    """What stands between two brackets: numbers of tokens; the outermost one stands in none.

    Attributes:
        opened: The number of the opening bracket, -1 for none.
        stop: The number of the closing one, or of the end.
    """

    opened: int
    stop: int


def _groups(tokens: tuple[Token, ...], before: list[Token]) -> list[_Group]:
    """The brackets around a place, the nearest first, and at last the whole clause."""
    stack: list[int] = []
    for number, token in enumerate(before):
        if token.kind == "open":
            stack.append(number)
        elif token.kind == "close" and stack and tokens[stack[-1]].text == _PAIRS[token.text]:
            stack.pop()
    found: list[_Group] = []
    for opened in reversed(stack):
        depth, stop = 0, len(tokens)
        for number in range(opened, len(tokens)):
            depth += {"open": 1, "close": -1}.get(tokens[number].kind, 0)
            if depth == 0:
                stop = number
                break
        found.append(_Group(opened, stop))
    return [*found, _Group(-1, len(tokens))]


def _direct(tokens: tuple[Token, ...], group: _Group) -> list[int]:
    """The numbers of the tokens of a group that stand in no bracket inside it."""
    found: list[int] = []
    depth = 0
    for number in range(group.opened + 1, group.stop):
        kind = tokens[number].kind
        if kind == "close":
            depth = max(depth - 1, 0)
        elif depth == 0:
            found.append(number)
        depth += kind == "open"
    return found


def _bound(text: str, tokens: tuple[Token, ...], group: _Group, place: int) -> Iterator[Bound]:
    """The names that a group binds at a place, the number of the first token behind it."""
    direct = _direct(tokens, group)
    yield from _of_lambdas(tokens, direct, place)
    if group.opened < 0:
        return
    loops: list[tuple[int, int, int]] = []
    for number in direct:
        if tokens[number].text != "for":
            continue
        within = next((n for n in direct if n > number and tokens[n].text in {"in", "for"}), None)
        if within is None or tokens[within].text == "for":
            continue
        ends = (n for n in direct if n > within and tokens[n].text in {"for", "if", "async"})
        loops.append((number, within, next(ends, group.stop)))
    if not loops:
        return
    inside = next((n for n, (first, _, end) in enumerate(loops) if first < place <= end), None)
    for number, (first, within, end) in enumerate(loops):
        # The first part sees everything; an iterable sees only what the loops before it bind.
        if place > loops[0][0]:
            if inside is not None and number >= inside:
                continue
            if first >= place:
                continue
        iterable = text[tokens[within].end : tokens[end - 1].end if end > within + 1 else tokens[within].end]
        yield from _targets(tokens[first + 1 : within], iterable.strip())


def _of_lambdas(tokens: tuple[Token, ...], direct: list[int], place: int) -> Iterator[Bound]:
    for at, number in enumerate(direct):
        if tokens[number].text != "lambda" or number >= place:
            continue
        rest = direct[at + 1 :]
        colon = next((n for n in rest if tokens[n].text == ":"), None)
        if colon is None or colon >= place:
            continue
        if any(tokens[n].text == "," for n in rest if colon < n < place):
            continue
        for n in rest:
            if n >= colon:
                break
            if tokens[n].kind == "name" and tokens[n - 1].text in {"lambda", ",", "*", "**"}:
                yield Bound(tokens[n].text)


def _targets(target: tuple[Token, ...], iterable: str) -> Iterator[Bound]:
    """The names of a loop's target with their places in it."""
    path: list[int] = []
    count = 0
    several = any(t.text == "," for t in target)
    for token in target:
        if token.kind == "open":
            path.append(count)
            count = 0
        elif token.kind == "close":
            count = path.pop() if path else 0
        elif token.text == ",":
            count += 1
        elif token.kind == "name":
            yield Bound(token.text, iterable, (*path, count) if several else ())


def _calls(tokens: tuple[Token, ...], groups: list[_Group], place: int) -> Iterator[tuple[str, int]]:
    """The calls around a place."""
    for group in groups[:-1]:
        opened = group.opened
        if tokens[opened].text != "(" or opened == 0 or tokens[opened - 1].kind != "name":
            continue
        start = opened - 1
        while start >= 2 and tokens[start - 1].text == "." and tokens[start - 2].kind == "name":
            start -= 2
        name = "".join(t.text for t in tokens[start:opened])
        yield name, sum(tokens[n].text == "," for n in _direct(tokens, group) if n < place)
