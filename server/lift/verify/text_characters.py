"""Classes of characters, by Unicode as the running interpreter has it, as regular expressions of the solver.

Source: the methods of ``str`` themselves, asked for every code point that the solver's characters reach.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import z3

from lift.verify.values import Term, as_str

LAST = 0x2FFFF
"""The last code point that the solver's strings have."""
EXACT = 0x20000
"""Code points from here on stand for all the others, so that their numbers are not known."""


def one_of(characters: str) -> Term:
    """A regular expression of any one of the characters."""
    return _union([(ord(c), ord(c)) for c in sorted(set(characters))])


@functools.cache
def with_property(name: str) -> Term:
    """A regular expression of one character for which a method of ``str`` such as ``isspace`` is true."""
    test: Callable[[str], bool] = getattr(str, name)
    return _union(list(_ranges(lambda code: test(chr(code)))))


def _ranges(test: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for code in range(LAST + 2):
        inside = code <= LAST and test(code)
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            yield start, code - 1
            start = None


def _union(ranges: list[tuple[int, int]]) -> Term:
    parts = [z3.Range(_character(a), _character(b)) for a, b in ranges]
    if not parts:
        return z3.Empty(z3.ReSort(z3.StringSort()))
    return z3.Union(*parts) if len(parts) > 1 else parts[0]


def _character(code: int) -> Term:
    return z3.StringVal(f"\\u{{{code:x}}}")


def by_first_character(first: Term, second: Term, *, weak: bool) -> Term | None:
    """``first < second`` or ``first <= second`` where one of them is a known character, by code points."""
    for known, other, known_first in ((as_str(first), second, True), (as_str(second), first, False)):
        if known is None or len(known) != 1 or as_str(other) is not None:
            continue
        single = z3.Length(other) == 1
        code: Term = z3.If(single, z3.StrToCode(other), z3.StrToCode(z3.SubString(other, 0, 1)))
        if known_first:
            starts_so = z3.BoolVal(True) if weak else z3.Length(other) > 1
            return z3.And(
                z3.Length(other) > 0, z3.Or(code > ord(known), z3.And(code == ord(known), starts_so))
            )
        same = z3.And(code == ord(known), single) if weak else z3.BoolVal(False)
        return z3.Or(z3.Length(other) == 0, code < ord(known), same)
    return None
