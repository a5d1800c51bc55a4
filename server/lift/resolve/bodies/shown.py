"""What examples say beyond their own calls, and whether a body is more than a table of them.

A constant that several examples share is a hint at the function; a value that stands in a single call says
something of that call only, and a body that asks for it has been fitted to the examples. Must not import z3.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from lift.resolve.bodies.interpret import Unreadable, runnable

_ORDINARY = (0, 1, -1, 2, "", None, True, False)
_LONGEST, _MOST = 40, 8


@dataclass(frozen=True)
class Known:
    """A call that a doctest makes with literals, and the value that it shows."""

    arguments: Mapping[str, Any]
    result: Any


def hints(known: Sequence[Known]) -> tuple[object, ...]:
    """Constants that several examples speak for: what all results begin with, what is always added."""
    if len(known) < 2:
        return ()
    found = dict.fromkeys((type(v).__name__, v) for v in [*_numbers(known), *_texts(known)])
    return tuple(v for _, v in found if not any(v is o for o in _ORDINARY))[:_MOST]


def _numbers(known: Sequence[Known]) -> Iterator[int]:
    results = [k.result for k in known]
    if not all(type(r) is int for r in results):
        return
    yield from (value for value, times in Counter(results).items() if times > 1)
    for name in known[0].arguments:
        given: list[Any] = [k.arguments.get(name) for k in known]
        if not all(type(g) is int for g in given):
            continue
        added = {r - g for r, g in zip(results, given, strict=True)}
        if len(added) == 1:
            yield abs(added.pop())
        if all(g and r % g == 0 for r, g in zip(results, given, strict=True)):
            factors = {r // g for r, g in zip(results, given, strict=True)}
            if len(factors) == 1:
                yield factors.pop()
        yield from _slope(list(zip(given, results, strict=True)))


def _slope(pairs: list[tuple[int, int]]) -> Iterator[int]:
    """What a line through all the pairs is made of, where there is one."""
    slopes = {Fraction(s - r, h - g) for (g, r), (h, s) in combinations(pairs, 2) if g != h}
    if len(slopes) != 1 or len(pairs) < 3:
        return
    slope = slopes.pop()
    yield abs(slope.numerator)
    yield slope.denominator
    yield abs(int(pairs[0][1] - slope * pairs[0][0]))


def _texts(known: Sequence[Known]) -> Iterator[str]:
    results = [k.result for k in known]
    if all(isinstance(r, str) for r in results):
        if len(set(results)) > 1:
            yield from (t for t in _ends(results) if t and len(t) <= _LONGEST)
        yield from (value for value, times in Counter(results).items() if times > 1 and value)
    yield from _marks(results)
    for name in known[0].arguments:
        yield from _marks([k.arguments.get(name) for k in known])


def _ends(texts: Sequence[str]) -> tuple[str, str]:
    """What all of several texts begin and end with."""
    return _shared(texts), _shared([t[::-1] for t in texts])[::-1]


def _shared(texts: Sequence[str]) -> str:
    """What several texts begin with."""
    first, last = min(texts), max(texts)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length]


def _marks(values: Sequence[Any]) -> Iterator[str]:
    """The punctuation that more than one of several values has."""
    texts = ["".join(_strings(v)) for v in values]
    times = Counter(c for t in texts for c in set(t) if not c.isalnum())
    yield from (c for c, n in times.most_common(3) if n > 1)
    pairs = Counter(p for t in texts for p in {t[i : i + 2] for i in range(len(t) - 1)} if _is_separator(p))
    yield from (p for p, n in pairs.most_common(1) if n > 1)


def _is_separator(pair: str) -> bool:
    return pair[1] == " " and not pair[0].isalnum() and pair[0] != " "


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from _strings(one)


def is_table(body: str, known: Sequence[Known], stated: Iterable[object]) -> bool:
    """Whether a body answers for single examples, which says nothing of any other input.

    It does so if it is fitted to one, or has more ways through its choices than the examples speak for: each
    of them must have two, one of them may have a single one.

    Args:
        stated: The constants of the clauses, which say more than one example does.
    """
    return is_fitted(body, known, stated) or not _supported(ast.parse(body), known)


def is_fitted(body: str, known: Sequence[Known], stated: Iterable[object]) -> bool:
    """Whether it asks for an argument, or holds a text of a result, that one example alone shows."""
    tree = ast.parse(body)
    usual = list(stated)
    special = _special(known, usual)
    if any(map(special.__contains__, _asked(tree))):
        return True
    results = Counter(k.result for k in known if isinstance(k.result, str))
    answers = {r for r, times in results.items() if times == 1 and len(known) > 1} - {"", *_strings(usual)}
    return any(isinstance(n, ast.Constant) and n.value in answers for n in ast.walk(tree))


def _special(known: Sequence[Known], stated: list[object]) -> list[Any]:
    times: Counter[str] = Counter()
    values: dict[str, Any] = {}
    for one in known:
        for value in one.arguments.values():
            values[repr(value)] = value
        times.update({repr(v) for v in one.arguments.values()})
    usual = [repr(v) for v in [*_ORDINARY, [], {}, *stated]]
    return [v for key, v in values.items() if times[key] < max(2, len(known)) and key not in usual]


def _asked(tree: ast.AST) -> Iterator[Any]:
    """The constants that a body compares with, or looks up."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            if not any(isinstance(o, ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Is) for o in node.ops):
                continue
        elif isinstance(node, ast.Dict):
            parts = [k for k in node.keys if k is not None]
        elif isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchValue):
            parts = [node.pattern.value]
        else:
            continue
        for part in parts:
            try:
                value = ast.literal_eval(part)
            except (ValueError, TypeError, SyntaxError):
                continue
            yield value
            if isinstance(value, list | tuple | set):
                yield from value


def _supported(tree: ast.Module, known: Sequence[Known]) -> bool:
    """Whether the examples speak for each way through the choices before the first loop."""
    ways: Counter[tuple[bool, ...]] = Counter()
    total = _ways(tree.body)
    if total == 1:
        return True
    for one in known:
        try:
            ways[tuple(_taken(tree.body, dict(one.arguments)))] += 1
        except (Unreadable, KeyError, ValueError, TypeError, IndexError, ZeroDivisionError):
            # A choice on something that was computed before: counted, but not followed.
            return len(known) >= 2 * total
    single = sum(times == 1 for times in ways.values())
    return len(ways) == total and single <= 1


def _ways(body: Sequence[ast.stmt]) -> int:
    """How many ways there are through the choices at the top of a body."""
    found = 1
    for statement in body:
        match statement:
            case ast.If(body=inner, orelse=other):
                found += _ways(inner) + (_ways(other) - 1 if other else 0)
            case ast.Return(value=ast.expr() as value):
                found += _expression_ways(value) - 1
    return found


def _expression_ways(node: ast.expr) -> int:
    if isinstance(node, ast.IfExp):
        return _expression_ways(node.body) + _expression_ways(node.orelse)
    return 1


def _taken(body: Sequence[ast.stmt], env: dict[str, Any]) -> Iterator[bool]:
    """The choices that a call makes on its way."""
    for statement in body:
        match statement:
            case ast.If(test=test, body=inner, orelse=other):
                holds = bool(runnable(test, {})(env))
                yield holds
                yield from _taken(inner if holds else other, env)
                if holds and any(isinstance(s, ast.Return) for s in inner):
                    return
            case ast.Return(value=ast.expr() as value):
                yield from _chosen(value, env)
                return


def _chosen(node: ast.expr, env: dict[str, Any]) -> Iterator[bool]:
    while isinstance(node, ast.IfExp):
        holds = bool(runnable(node.test, {})(env))
        yield holds
        node = node.body if holds else node.orelse
