"""Sets and frozensets against CPython: construction, membership, algebra, methods, iteration, aliasing."""

from __future__ import annotations

import itertools

import pytest
from harness import Report, agree

SETS: tuple[set[int], ...] = (set(), {1}, {1, 2}, {0, 2, 3})
TWO: tuple[tuple[set[int], set[int]], ...] = (
    *((set(), set()), (set(), {1}), ({1}, set()), ({1}, {1}), ({2}, {1}), ({1}, {1, 2}), ({2, 1}, {2, 3})),
)
TEXTS: tuple[set[str], ...] = (set(), {"a", "b"})


def values(source: str, inputs: list[tuple[object, ...]]) -> Report:
    """Compare a function ``f`` with CPython: the search on all inputs, the proof on a few of them.

    With the quantifiers of a proof each comparison may take the solver all of its time.
    """
    searched = agree(source, "f", inputs, modes=(True,))
    proved = agree(source, "f", [inputs[0], inputs[-1]], modes=(False,))
    return Report(proved.proof, searched.exact)


def function(parameters: str, text: str) -> str:
    """A function of one line: a value to return, or a statement."""
    plain = text.startswith("return") or "\n" in text or text.split(" = ")[0].isidentifier()
    change = any(f" {op}= " in text for op in "|&-^+")
    return f"def f({parameters}):\n    {text if plain or change else f'return {text}'}\n"


@pytest.mark.parametrize("op", ["|", "&", "-", "^", "==", "!=", "<=", "<", ">=", ">", "+", "and", "or", "is"])
@pytest.mark.parametrize(("left", "right"), [("set", "set"), ("set", "frozenset"), ("frozenset", "set")])
def test_operators(op: str, left: str, right: str) -> None:
    kinds = {"set": set, "frozenset": frozenset}
    grid = [(kinds[left](a), kinds[right](b)) for a, b in TWO]
    report = values(f"def f(a: {left}[int], b: {right}[int]):\n    return a {op} b\n", grid)
    assert report.proof


UNLIKE = ("[1]", "(1,)", "{1: 2}", "1", "None", "'a'", "range(2)", "{'a'}", "set()", "frozenset('a')")


@pytest.mark.parametrize("op", ["|", "&", "-", "^", "==", "!=", "<=", "<", "in", "not in"])
def test_operands_of_other_kinds(op: str) -> None:
    for other in UNLIKE:
        for text in (f"{{1, 2}} {op} {other}", f"{other} {op} {{1, 2}}", f"frozenset([1]) {op} {other}"):
            values(f"def f():\n    return {text}\n", [()])


MADE = (
    "{x, y}",
    "{x, y, 1}",
    "{x, *xs}",
    "{*xs, *xs, y}",
    "{x, *[y, 1], *()}",
    "{*x}",
    "{x, []}",
    "{[], 1 // 0}",
    "{(x, y), (1, 2)}",
    "{(x, 'a')} == {(y, 'a')}",
    "{(x, y)} | {(y, x)}",
    "{x, 'a'}",
    "{x, None}",
    "set(xs)",
    "set(x)",
    "set(xs, xs)",
    "set([xs])",
    "set()",
    "set('abca')",
    "set(range(x))",
    "set({x: 1, y: 2})",
    "set({x, y})",
    "set(n for n in xs)",
    "set(n + 1 for n in xs if n > x)",
    "set(1 // n for n in xs)",
    "frozenset(xs)",
    "frozenset()",
    "frozenset(frozenset(xs))",
    "{n for n in xs}",
    "{n % 2 for n in xs if n != x}",
    "{[] for n in xs}",
    "{n * m for n in xs for m in (x, y)}",
    "set(xs) == set(sorted(xs))",
    "len({x, y})",
    "len(set(xs))",
    "len(set(xs)) == len(xs)",
    "bool(set(xs))",
    "not {x}",
    "1 if set() else 2",
    "{x} == {y}",
    "{x: {y}}",
    "{frozenset()}",
    "isinstance({x}, set), isinstance({x}, frozenset), isinstance(frozenset(), frozenset)",
    "isinstance({x}, (list, dict))",
    "type({x}) is set, type(frozenset()) is set",
    "{x}.nothing",
    "{x}[0]",
    "{x} + {y}",
    "-{x}",
    "{x} * 2",
    "abs({x})",
    "{True, False}",
    "{x > 1, y > 1}",
    "{x, y} is {x, y}",
)


@pytest.mark.parametrize("text", MADE)
def test_construction(text: str) -> None:
    grid = list(itertools.product(([], [2, 1], [1, 2, 1]), (-1, 1), (1,)))
    values(f"def f(xs: list[int], x: int, y: int):\n    return {text}\n", grid)


@pytest.mark.parametrize(
    "text",
    [
        "x in s",
        "x not in s",
        "x == 1 in s",
        "'a' in s",
        "None in s",
        "True in s",
        "(x,) in s",
        "[] in s",
        "{x} in s",
        "frozenset([x]) in s",
        "x in frozenset(s)",
        "(x, 1) in {(1, 1), (2, x)}",
        "(x, 'a') in {(1, 1), (2, x)}",
        "(1,) in {(1, 1)}",
        "1.5 in {'a'}",
        "x in {x}",
        "s in [s, {x}]",
        "{x} in [s]",
        "x in s | {x}",
        "x in s - {x}",
        "len(s | {x})",
        "len(s - {x})",
        "len(s & {x, 1})",
        "len(s ^ {x, 1})",
        "len(s | {x, 7}) - len(s)",
    ],
)
def test_membership(text: str) -> None:
    grid = list(itertools.product(SETS, (1, 7)))
    values(f"def f(s: set[int], x: int):\n    return {text}\n", grid)


CHANGES = (
    "s.add(x)",
    "s.add([])",
    "s.add('a')",
    "s.add(x, x)",
    "s.remove(x)",
    "s.remove([])",
    "s.remove('a')",
    "s.remove({x})",
    "s.discard(x)",
    "s.discard([])",
    "s.discard({x})",
    "s.discard()",
    "s.pop()",
    "s.pop(x)",
    "s.clear()",
    "s.clear(x)",
    "s.copy()",
    "s.copy() is s",
    "s.update(t)",
    "s.update(s)",
    "s.update()",
    "s.update(t, [x], (x, 9))",
    "s.update('ab')",
    "s.update(x)",
    "s.update([x], x)",
    "s.update({x: 1})",
    "s.update(n for n in t)",
    "s.update(n for n in s)",
    "s.intersection_update(t)",
    "s.intersection_update([x], t)",
    "s.difference_update(t)",
    "s.difference_update([x, 1])",
    "s.symmetric_difference_update(t)",
    "s.symmetric_difference_update([x, x])",
    "s.symmetric_difference_update(t, t)",
    "s |= t",
    "s &= t",
    "s -= t",
    "s ^= t",
    "s |= s",
    "s -= s",
    "s |= [x]",
    "s |= frozenset([x])",
    "s += t",
    "r = s\n    r |= {x}",
    "r = s\n    r.add(x)\n    return r == s",
    "r = s.copy()\n    r.add(x)\n    return r == s, len(r) - len(s)",
    "r = frozenset(s)\n    r |= {x}\n    return r",
    "r = q = frozenset(s)\n    r |= {x}\n    return r, q",
    "r = [s, s]\n    r[0].add(x)\n    return r[1]",
    "r = {1: s}\n    r[1].add(x)\n    return r",
    "s.add(x)\n    s.discard(1)\n    return len(s)",
    "s.union(t)",
    "s.union()",
    "s.union(t, [x], {9: 1})",
    "s.union([[]])",
    "s.union(x)",
    "s.intersection(t)",
    "s.intersection([x, x], [1])",
    "s.difference(t, [x])",
    "s.difference()",
    "s.symmetric_difference(t)",
    "s.symmetric_difference([x, x])",
    "s.issubset(t)",
    "s.issubset([x, 1])",
    "s.issubset([[]])",
    "s.issuperset(t)",
    "s.issuperset((x,))",
    "s.isdisjoint(t)",
    "s.isdisjoint([x])",
    "s.isdisjoint(x)",
    "s.isdisjoint()",
    "frozenset(s).union([x])",
    "frozenset(s).copy()",
    "frozenset(s).add(x)",
    "frozenset(s) - t",
    "frozenset(s).isdisjoint(t)",
    "del s[0]",
    "s[0] = 1",
)


@pytest.mark.parametrize("change", CHANGES)
def test_methods(change: str) -> None:
    grid: list[tuple[object, ...]] = [(set(), {1}, 1), ({1}, {1, 2}, 7), ({0, 2}, {2, 3}, 2)]
    statement = "=" in change.replace("==", "") or change.startswith("del")
    body = change if statement else f"return {change}"
    values(f"def f(s: set[int], t: set[int], x: int):\n    {body}\n", grid)


@pytest.mark.parametrize("change", ["s.add(9)", "s |= t", "s.update(t)", "s.clear()", "s -= t", "s = s | t"])
def test_one_set_under_two_names(change: str) -> None:
    one = {1, 2}
    source = f"def f(s: set[int], t: set[int]):\n    {change}\n    return s is t, s == t, len(t)\n"
    values(source, [(one, one), ({1}, {2}), ({1}, {1})])


ITERATED = (
    "list(s)",
    "tuple(s)",
    "sorted(s)",
    "sorted(s, reverse=True)",
    "sum(s)",
    "min(s)",
    "max(s)",
    "max(s, default=x)",
    "all(n > x for n in s)",
    "any(n > x for n in s)",
    "all(s)",
    "any(s)",
    "[n for n in s if n > x]",
    "{n for n in s if n > x}",
    "{n + 1 for n in s}",
    "len([n for n in s])",
    "sum(n for n in s if n > x)",
    "sum(1 for n in s if n > x)",
    "list(enumerate(s))",
    "len(list(zip(s, s)))",
    "[*s]",
    "dict.fromkeys(s)",
    "{n: n for n in s}",
    "list(s) == list(s)",
    "list(s) == list(s.copy())",
    "a, b = s\n    return {a, b}",
    "a, *b = s\n    return a in b, len(b)",
    "t = 0\n    for n in s:\n        t += n\n    return t",
    "t = set()\n    for n in s:\n        t.add(n)\n    return t",
    "for n in s:\n        return n",
    "for n in s:\n        s.add(n)",
    "for n in s:\n        s.discard(x)\n        break",
    "for n in list(s):\n        s.discard(n)",
    "while s:\n        s.pop()",
    "n = s.pop()\n    return n in s, len(s)",
    "n = s.pop()\n    s.add(n)\n    return s",
    "reversed(s)",
    "s[0]",
)


@pytest.mark.parametrize("text", ITERATED)
def test_iteration(text: str) -> None:
    body = text if "\n" in text else f"return {text}"
    grid = list(itertools.product(SETS, (1,)))
    values(f"def f(s: set[int], x: int):\n    {body}\n", grid)


def test_texts_and_pairs() -> None:
    grid = list(itertools.product(TEXTS, TEXTS))
    values("def f(a: set[str], b: set[str]):\n    return a | b, a & b, a <= b, len(a - b)\n", grid)
    values(
        "def f(a: frozenset[str], b: set[str]):\n    a |= b\n    return a\n",
        [(frozenset(a), b) for a, b in grid],
    )
    pairs: list[tuple[object, ...]] = [(set(), 1), ({(1, "a")}, 1), ({(1, "a"), (2, "a")}, 2)]
    source = (
        "def f(s: set[tuple[int, str]], n: int):\n    s.add((n, 'a'))\n    return (n, 'b') in s, len(s)\n"
    )
    assert values(source, pairs).proof


def test_bools_are_ints() -> None:
    grid: list[tuple[object, ...]] = [(set(), True), ({True}, True), ({1}, True), ({0, 2}, False)]
    values("def f(s: set[int], b: bool):\n    return b in s, len(s | {b})\n", grid)
    flags: list[tuple[object, ...]] = [(set(), 1), ({True}, 1), ({True, False}, 5)]
    values("def f(s: set[bool], n: int):\n    return n in s, len(s), sum(s), all(s), any(s)\n", flags)


def test_what_both_modes_reach() -> None:
    """Sets are modelled in the proof, and exactly in the search."""
    source = "def f(s: set[int], x: int):\n    t = s | {x}\n    t.discard(1)\n    return t, len(t), x in t\n"
    report = values(source, list(itertools.product(SETS, (1, 5))))
    assert report.proof
    assert report.exact
