"""``match`` statements: whether a value fits a pattern, and what the pattern's names are bound to.

As in CPython a pattern binds nothing unless all of it fits, and then before the guard runs. What fits is
decided on the path: each pattern splits it into those on which it fits and those on which it does not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import assign as assignments
from lift.verify import conversions, execute, operators
from lift.verify import evaluate as expressions
from lift.verify.operators import arms, heap_object, truth
from lift.verify.state import NORMAL, DictObject, Ended, Engine, InstanceObject, ListObject, SetObject, State
from lift.verify.symbols import constant
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VClass,
    VException,
    VFunction,
    VInt,
    VMember,
    VMethod,
    VNone,
    VRange,
    VStr,
    VTuple,
)

Bindings = dict[str, Value]
Fit = list[tuple[State, "Bindings | Exc | None"]]
"""Each path with what the pattern binds on it, None where it does not fit, or what was raised."""

_WHOLE = frozenset(
    ["bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"]
)
"""The classes whose single positional pattern stands for the object itself (PEP 634)."""

_NO_SEQUENCE = VNone | VBool | VInt | VStr | VFunction | VBuiltin | VMethod | VClass | VException | VMember


def run_match(engine: Engine, state: State, node: ast.Match) -> list[Ended]:
    """A ``match`` statement."""
    out: list[Ended] = []
    for path, value in expressions.evaluate(engine, state, node.subject):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        operators.kept(value, node)
        for then, subject in arms(engine, path, value):
            out += _cases(engine, then, subject, node)
    return out


def _cases(engine: Engine, state: State, subject: Value, node: ast.Match) -> list[Ended]:
    out: list[Ended] = []
    pending = [state]
    for case in node.cases:
        unmatched: list[State] = []
        for path in pending:
            for then, bindings in fit(engine, path, case.pattern, subject):
                if isinstance(bindings, Exc):
                    out.append((then, bindings))
                elif bindings is None:
                    unmatched.append(then)
                else:
                    then = then.fork()
                    for name, value in bindings.items():
                        assignments.bind_name(engine, then, name, operators.kept(value, case.pattern))
                    taken, refused = _guarded(engine, then, case)
                    out += taken
                    unmatched += refused
        pending = unmatched
        if not pending:
            break
    return [*out, *((path, NORMAL) for path in pending)]


def _guarded(engine: Engine, state: State, case: ast.match_case) -> tuple[list[Ended], list[State]]:
    """The ends of a case whose pattern fits, and the paths on which its guard is false."""
    if case.guard is None:
        return execute.run_block(engine, state, case.body), []
    out: list[Ended] = []
    refused: list[State] = []
    for path, value in expressions.evaluate(engine, state, case.guard):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        yes, no = engine.split(path, truth(path, value))
        if yes:
            out += execute.run_block(engine, yes, case.body)
        if no:
            refused.append(no)
    return out, refused


def fit(engine: Engine, state: State, pattern: ast.pattern, value: Value) -> Fit:
    """Match a value against a pattern.

    Raises:
        Unsupported: A pattern or a value whose matching is not modelled.
    """
    match pattern:
        case ast.MatchAs(pattern=None, name=None):
            return [(state, {})]
        case ast.MatchAs(pattern=None, name=str(name)):
            return [(state, {name: value})]
        case ast.MatchAs(pattern=ast.pattern() as inner, name=str(name)):
            return [
                (s, {**b, name: value} if isinstance(b, dict) else b)
                for s, b in fit(engine, state, inner, value)
            ]
        case ast.MatchOr(patterns=patterns):
            return _either(engine, state, patterns, value)
    out: Fit = []
    for path, one in arms(engine, state, value):
        match pattern:
            case ast.MatchValue():
                out += _equal(engine, path, pattern, one)
            case ast.MatchSingleton(value=wanted):
                out += _settled(engine, path, operators.identical(path, one, constant(wanted)))
            case ast.MatchSequence():
                out += _sequence(engine, path, pattern, one)
            case ast.MatchMapping():
                out += _mapping(engine, path, pattern, one)
            case ast.MatchClass():
                out += _class(engine, path, pattern, one)
            case _:
                raise Unsupported("this pattern", pattern)
    return out


def _settled(engine: Engine, state: State, condition: Term) -> Fit:
    yes, no = engine.split(state, condition)
    out: Fit = [(yes, {})] if yes else []
    return [*out, (no, None)] if no else out


def _either(engine: Engine, state: State, patterns: list[ast.pattern], value: Value) -> Fit:
    """The first alternative that fits."""
    literal = _literals(engine, state, patterns, value)
    if literal is not None:
        return _settled(engine, state, literal)
    out: Fit = []
    pending = [state]
    for pattern in patterns:
        grown: list[State] = []
        for path in pending:
            for then, bindings in fit(engine, path, pattern, value):
                if bindings is None:
                    grown.append(then)
                else:
                    out.append((then, bindings))
        pending = grown
    return [*out, *((path, None) for path in pending)]


def _literals(engine: Engine, state: State, patterns: list[ast.pattern], value: Value) -> Term | None:
    """Alternatives that are all plain literals as one condition, so that they do not split the path."""
    terms: list[Term] = []
    for pattern in patterns:
        match pattern:
            case ast.MatchValue(value=ast.Constant(value=wanted)):
                if heap_object(state, value) is not None:
                    return None
                terms.append(operators.equal(engine, state, value, constant(wanted)))
            case ast.MatchSingleton(value=wanted):
                terms.append(operators.identical(state, value, constant(wanted)))
            case _:
                return None
    return z3.Or(terms)


def _equal(engine: Engine, state: State, pattern: ast.MatchValue, value: Value) -> Fit:
    out: Fit = []
    for path, wanted in expressions.evaluate(engine, state, pattern.value):
        if isinstance(wanted, Exc):
            out.append((path, wanted))
            continue
        for then, same in operators.compare(engine, path, ast.Eq(), value, wanted, pattern.value):
            out += [(then, same)] if isinstance(same, Exc) else _settled(engine, then, truth(then, same))
    return out


Step = Callable[[State], Fit]


def _all(start: State, steps: list[Step]) -> Fit:
    """Patterns that must all fit, tried in order until one does not."""
    paths: Fit = [(start, {})]
    for step in steps:
        grown: Fit = []
        for path, bindings in paths:
            if not isinstance(bindings, dict):
                grown.append((path, bindings))
                continue
            for then, more in step(path):
                grown.append((then, {**bindings, **more} if isinstance(more, dict) else more))
        paths = grown
    return paths


def _elements(engine: Engine, state: State, value: Value, pattern: ast.pattern) -> Seq | None:
    """The elements of a value that sequence patterns look into; None for a value that they never fit."""
    obj = heap_object(state, value)
    if isinstance(value, VTuple | VRange) or isinstance(obj, ListObject):
        return operators.sequence(engine, state, value, pattern)
    if isinstance(value, _NO_SEQUENCE) or isinstance(obj, DictObject | SetObject):
        return None
    if isinstance(obj, InstanceObject) and ".register(" not in engine.program.text:
        if set(engine.program.class_info(obj.class_name).bases) <= {"object", "ABC", "abc.ABC"}:
            return None
    raise Unsupported(f"a sequence pattern for a {operators.class_name(state, value)}", pattern)


def _sequence(engine: Engine, state: State, pattern: ast.MatchSequence, value: Value) -> Fit:
    seq = _elements(engine, state, value, pattern)
    if seq is None:
        return [(state, None)]
    parts = pattern.patterns
    star = next((i for i, p in enumerate(parts) if isinstance(p, ast.MatchStar)), None)
    needed = len(parts) - (star is not None)
    good, bad = engine.split(state, seq.length == needed if star is None else seq.length >= needed)
    out: Fit = [(bad, None)] if bad else []
    if good is None:
        return out

    def step(number: int, part: ast.pattern) -> Step:
        def at(path: State) -> Fit:
            if isinstance(part, ast.MatchStar):
                if part.name is None:
                    return [(path, {})]
                path = path.fork()
                rest = ListObject(assignments.middle(seq, number, len(parts) - 1))
                return [(path, {part.name: engine.allocate(path, rest)})]
            index = z3.IntVal(number)
            if star is not None and number > star:
                index = z3.simplify(seq.length - (len(parts) - number))
            return fit(engine, path, part, seq.get(index))

        return at

    return [*out, *_all(good, [step(i, p) for i, p in enumerate(parts)])]


def _mapping(engine: Engine, state: State, pattern: ast.MatchMapping, value: Value) -> Fit:
    obj = heap_object(state, value)
    if isinstance(value, _NO_SEQUENCE | VTuple | VRange) or isinstance(obj, ListObject | SetObject):
        return [(state, None)]
    if not isinstance(obj, DictObject):
        raise Unsupported(f"a mapping pattern for a {operators.class_name(state, value)}", pattern)
    if pattern.rest is not None:
        raise Unsupported("`**` in a pattern", pattern)
    if sum(not isinstance(k, ast.Constant) for k in pattern.keys) > 1:
        # Two of them may be equal, which CPython refuses when the pattern is tried.
        raise Unsupported("computed keys in a mapping pattern", pattern)
    good, bad = engine.split(state, obj.size >= len(pattern.keys))
    out: Fit = [(bad, None)] if bad else []
    if good is None:
        return out

    def step(key: ast.expr, part: ast.pattern) -> Step:
        def at(path: State) -> Fit:
            found: Fit = []
            for then, wanted in expressions.evaluate(engine, path, key):
                if isinstance(wanted, Exc):
                    found.append((then, wanted))
                    continue
                there, missing = engine.split(then, obj.has(wanted))
                if missing:
                    found.append((missing, None))
                if there:
                    found += fit(engine, there, part, obj.get(wanted))
            return found

        return at

    pairs = zip(pattern.keys, pattern.patterns, strict=True)
    return [*out, *_all(good, [step(k, p) for k, p in pairs])]


def _class(engine: Engine, state: State, pattern: ast.MatchClass, value: Value) -> Fit:
    out: Fit = []
    for path, wanted in expressions.evaluate(engine, state, pattern.cls):
        if isinstance(wanted, Exc):
            out.append((path, wanted))
            continue
        if not isinstance(wanted, VClass | VBuiltin):
            raise Unsupported("a class pattern of something else than a class", pattern)
        yes, no = engine.split(path, conversions.is_a(engine, path, value, wanted, pattern))
        if no:
            out.append((no, None))
        if yes:
            out += _attributes(engine, yes, pattern, value, wanted)
    return out


def _attributes(
    engine: Engine, state: State, pattern: ast.MatchClass, value: Value, wanted: VClass | VBuiltin
) -> Fit:
    parts = pattern.patterns
    steps: list[Step] = []
    names: tuple[str, ...] = ()
    if isinstance(wanted, VBuiltin) and wanted.name in _WHOLE:
        allowed = 1
        steps = [lambda s, p=p: fit(engine, s, p, value) for p in parts]
    else:
        names = _match_args(engine, wanted) if isinstance(wanted, VClass) else ()
        allowed = len(names)
    if len(parts) > allowed:
        why = f"{wanted.name}() accepts {allowed} positional patterns"
        return [(state, Exc("TypeError", pattern.lineno, why))]
    looked_up = [*names[: len(parts)], *pattern.kwd_attrs]
    if len(set(looked_up)) < len(looked_up):
        return [(state, Exc("TypeError", pattern.lineno, f"{wanted.name}() gets an attribute twice"))]
    if names:
        steps = [_attribute(engine, pattern, value, n, p) for n, p in zip(names, parts, strict=False)]
    pairs = zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
    return _all(state, [*steps, *(_attribute(engine, pattern, value, n, p) for n, p in pairs)])


def _match_args(engine: Engine, wanted: VClass) -> tuple[str, ...]:
    info = engine.program.class_info(wanted.name)
    return tuple(name for name, _ in info.fields) if info.dataclass else ()


def _attribute(engine: Engine, pattern: ast.MatchClass, value: Value, name: str, part: ast.pattern) -> Step:
    node = ast.copy_location(ast.Attribute(ast.copy_location(ast.Constant(None), pattern), name), pattern)

    def at(path: State) -> Fit:
        out: Fit = []
        for then, found in expressions.attributes(engine, path, value, node):
            if not isinstance(found, Exc):
                out += fit(engine, then, part, found)
            else:
                out.append((then, None if found.type == "AttributeError" else found))
        return out

    return at
