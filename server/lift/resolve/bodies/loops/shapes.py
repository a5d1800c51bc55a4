"""The shapes of ``while`` loops, and their fillings, the plainest first.

None of them is an answer to anything: each has a hole for a condition at least, which the specification
fills. A shape that cannot have the wanted type gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from lift.resolve.bodies.loops.conditions import asked_of, fresh, integers, sequences
from lift.resolve.bodies.subject import Subject
from lift.verify.types import TBool, TInt, TList, TNone, TTupleOf, TUnion

_CONSTANTS = (2, 10)


def bodies(subject: Subject) -> Iterator[tuple[int, str]]:
    """Bodies with what they cost to read."""
    if _gives(subject, TInt):
        yield from _until(subject)
        yield from _halved_pairs(subject)
        yield from _digits(subject)
    yield from _bisected(subject)
    yield from _from_both_ends(subject)
    yield from _merged(subject)


def _gives(subject: Subject, kind: type) -> bool:
    arms = subject.returns.arms if isinstance(subject.returns, TUnion) else (subject.returns,)
    return any(isinstance(a, kind) for a in arms)


def _starts(subject: Subject) -> list[tuple[str, int]]:
    own = [c for c in subject.constants if type(c) is int and 1 < c < 10]
    found = [("0", 0), ("1", 0), *((n, 0) for n in integers(subject)), *((str(c), 0) for c in own[:2])]
    found += [(f"len({s})", 1) for s in sequences(subject)]
    found += [(f"min({', '.join(integers(subject))})", 2)] if len(integers(subject)) > 1 else []
    return found + [(f"{n} + 1", 1) for n in integers(subject)]


def _limits(subject: Subject, variable: str) -> list[tuple[str, int]]:
    """What keeps a variable within its range, so that the condition after it can be asked."""
    found = [("", 0), *((f"{variable} < len({s})", 1) for s in sequences(subject))]
    return [*found, *((f"{variable} < {n}", 1) for n in integers(subject)), (f"{variable} > 0", 1)]


def _until(subject: Subject) -> Iterator[tuple[int, str]]:
    """A number that moves on while a condition holds: the first place, the root, the next multiple."""
    name = fresh(subject, "place" if sequences(subject) else "number", "found")
    moves = [
        "+= 1",
        "-= 1",
        *(f"*= {c}" for c in _constants(subject)),
        *(f"+= {n}" for n in integers(subject)),
    ]
    results = [(f"return {name}", 0), *_when_there(subject, name)]
    for (start, a), (limit, b), condition, (step, move), (end, c) in product(
        _starts(subject), _limits(subject, name), asked_of(subject, name), enumerate(moves), results
    ):
        test = f"{limit} and {_bracketed(condition)}" if limit else condition
        cost = a + b + c + step + len(condition) // 12
        yield cost, f"{name} = {start}\nwhile {test}:\n    {name} {move}\n{end}"


def _bracketed(condition: str) -> str:
    return f"({condition})" if " or " in condition else condition


def _constants(subject: Subject) -> list[int]:
    own = [c for c in subject.constants if type(c) is int and 2 <= c <= 1000]
    return list(dict.fromkeys([*own, *(_CONSTANTS if not own else ())]))[:3]


def _otherwise(subject: Subject) -> list[str]:
    """What is returned where nothing was found."""
    if isinstance(subject.returns, TUnion) and any(isinstance(a, TNone) for a in subject.returns.arms):
        return ["None"]
    return ["-1"] if _gives(subject, TInt) and "USub" in subject.words else []


def _when_there(subject: Subject, name: str) -> Iterator[tuple[str, int]]:
    """``return place if place < len(xs) and xs[place] == key else -1``."""
    for p in subject.parameters:
        if not isinstance(p.type, TList | TTupleOf):
            continue
        for q in subject.parameters:
            if q.type != p.type.element:
                continue
            there = f"{name} < len({p.name}) and {p.name}[{name}] == {q.name}"
            if _gives(subject, TBool):
                yield f"return {there}", 2
            for other in _otherwise(subject):
                yield f"if {there}:\n    return {name}\nreturn {other}", 2
    for s, other in product(sequences(subject), _otherwise(subject)):
        yield f"return {name} if {name} < len({s}) else {other}", 2


def _halved_pairs(subject: Subject) -> Iterator[tuple[int, str]]:
    """Two numbers that replace each other until the second is used up."""
    for a, b in [(a, b) for a in integers(subject) for b in integers(subject) if a != b]:
        for cost, smaller in enumerate((f"{a} % {b}", f"{a} - {b}", f"abs({a} - {b})")):
            yield 4 + cost, f"while {b} != 0:\n    {a}, {b} = {b}, {smaller}\nreturn {a}"


def _digits(subject: Subject) -> Iterator[tuple[int, str]]:
    """Something that is gathered from a number while it is used up, by division or by counting down."""
    rest, total = fresh(subject, "rest", "left"), fresh(subject, "total", "count")
    for n in integers(subject):
        others = [o for o in integers(subject) if o != n]
        bases = [*map(str, _constants(subject)), *others]
        smaller = [(f"{rest} //= {b}", b) for b in bases] + [(f"{rest} -= 1", "")]
        for (less, base), start, limit in product(smaller, ("0", "1"), ("0", "1")):
            gathered = ["+= 1", f"+= {rest}", f"*= {rest}", *(f"*= {o}" for o in others)]
            gathered += [f"+= {rest} % {base}", f"= {total} * {base} + {rest} % {base}"] if base else []
            for cost, step in enumerate(gathered):
                head = f"{rest} = {n}\n{total} = {start}\nwhile {rest} > {limit}:\n"
                yield 4 + cost // 2 + int(limit), f"{head}    {total} {step}\n    {less}\nreturn {total}"


def _bisected(subject: Subject) -> Iterator[tuple[int, str]]:
    """Binary search for the first place where a condition no longer holds."""
    low, high = fresh(subject, "low", "first"), fresh(subject, "high", "last")
    middle = fresh(subject, "middle", "between")
    ends = [f"len({s})" for s in sequences(subject)]
    ends += [e for n in integers(subject) for e in (n, f"{n} + 1")] if not ends else []
    results = list(_when_there(subject, low))
    if _gives(subject, TInt):
        results += [(f"return {low}", 0), (f"return {low} - 1", 1)]
    conditions = dict.fromkeys([*asked_of(subject, middle), *_ordered(subject, middle)])
    for end, condition, (result, extra) in product(ends, conditions, results):
        rows = [
            f"{low}, {high} = 0, {end}",
            f"while {low} < {high}:",
            f"    {middle} = ({low} + {high}) // 2",
            f"    if {condition}:",
            f"        {low} = {middle} + 1",
            "    else:",
            f"        {high} = {middle}",
            result,
        ]
        yield 6 + extra + len(condition) // 12, "\n".join(rows)


def _ordered(subject: Subject, middle: str) -> Iterator[str]:
    """The element at a place against a parameter of its type."""
    for p in subject.parameters:
        if isinstance(p.type, TList | TTupleOf):
            for q in subject.parameters:
                if q.type == p.type.element:
                    yield f"{p.name}[{middle}] < {q.name}"
                    yield f"{p.name}[{middle}] <= {q.name}"


def _from_both_ends(subject: Subject) -> Iterator[tuple[int, str]]:
    """Two places that meet: what is at both decides, or which of them moves."""
    left, right = fresh(subject, "left", "low"), fresh(subject, "right", "high")
    pairs = [("True", "False"), ("False", "True")] if isinstance(subject.returns, TBool) else []
    both = [f"    {left} += 1", f"    {right} -= 1"]
    for s in sequences(subject):
        a, b = f"{s}[{left}]", f"{s}[{right}]"
        head = [f"{left}, {right} = 0, len({s}) - 1", f"while {left} < {right}:"]
        for test, (now, then) in product((f"{a} != {b}", f"{a} == {b}"), pairs):
            yield 7, "\n".join([*head, f"    if {test}:", f"        return {now}", *both, f"return {then}"])
        found = pairs[:1]
        if not found and isinstance(subject.returns, TUnion) and _gives(subject, TNone):
            found = [(f"{left}, {right}", "None")]
        for n, made, (now, then) in product(integers(subject), (f"{a} + {b}", f"{b} - {a}"), found):
            rows = [
                *head,
                f"    if {made} == {n}:",
                f"        return {now}",
                f"    if {made} < {n}:",
                f"        {left} += 1",
                "    else:",
                f"        {right} -= 1",
                f"return {then}",
            ]
            yield 8, "\n".join(rows)


def _merged(subject: Subject) -> Iterator[tuple[int, str]]:
    """Two sequences that are walked together: one list of both, or what they share."""
    if not isinstance(subject.returns, TList):
        return
    i, j = fresh(subject, "i", "m"), fresh(subject, "j", "n")
    result = fresh(subject, "result", "found")
    lists = [p for p in subject.parameters if p.type == subject.returns]
    for one, other in [(p.name, q.name) for n, p in enumerate(lists) for q in lists[n + 1 :]]:
        a, b = f"{one}[{i}]", f"{other}[{j}]"
        head = f"{i} = {j} = 0\n{result} = []\nwhile {i} < len({one}) and {j} < len({other}):\n"
        for op in ("<=", ">="):
            yield (
                9,
                (
                    f"{head}    if {a} {op} {b}:\n        {result}.append({a})\n        {i} += 1\n"
                    f"    else:\n        {result}.append({b})\n        {j} += 1\n"
                    f"return {result} + {one}[{i}:] + {other}[{j}:]"
                ),
            )
            strict = op[0]
            yield (
                10,
                (
                    f"{head}    if {a} {strict} {b}:\n        {i} += 1\n    elif {a} == {b}:\n"
                    f"        {result}.append({a})\n        {i} += 1\n        {j} += 1\n"
                    f"    else:\n        {j} += 1\nreturn {result}"
                ),
            )
