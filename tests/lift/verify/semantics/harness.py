"""One program, two answers: CPython's and the verifier's, which must agree.

``agree`` is the only function that tests need. It runs a function in CPython on concrete arguments and
symbolically in both modes, pins the symbolic arguments to the concrete ones, and asks the solver whether
what the paths say can be (soundness) and must be (exactness) what CPython did.
"""

from __future__ import annotations

import ast
import copy
import enum
import itertools
import sys
import time
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import z3
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify import execute
from lift.verify.entry import Entry, Target, entries
from lift.verify.operators import heap_object
from lift.verify.program import load
from lift.verify.sets import contains
from lift.verify.solvers.reals import relaxed
from lift.verify.solvers.z3_solver import mentions_floats
from lift.verify.state import (
    BudgetExceeded,
    DictObject,
    Engine,
    InstanceObject,
    ListObject,
    Normal,
    Return,
    SetObject,
    State,
)
from lift.verify.symbols import constant
from lift.verify.values import (
    NONE,
    Exc,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VMember,
    VNone,
    VRange,
    VStr,
    VTuple,
    VUnion,
    float_term,
    str_value,
)

ANYTHING = z3.BoolVal(True)
NEVER = z3.BoolVal(False)
_PINNED = z3.Then("simplify", "propagate-values", "smt")


class Unpinnable(Exception):
    """A symbolic value that cannot be compared with a concrete one: it may be anything."""


@dataclass(frozen=True)
class Outcome:
    """What CPython did.

    Attributes:
        arguments: The arguments after the call, as the caller sees them.
        raised: Name of the exception's class, None if the function returned.
    """

    arguments: tuple[object, ...]
    value: object = None
    raised: str | None = None


@dataclass(frozen=True)
class Symbolic:
    """All paths of a function.

    Attributes:
        exact: Whether nothing was approximated, abstracted or given up.
    """

    engine: Engine
    paths: tuple[tuple[Entry, State, Any], ...]
    exact: bool
    given_up: str | None = None


class TooLong(BaseException):
    """A generated program did not end."""


def in_cpython(source: str, qualname: str, arguments: Sequence[object], steps: int = 20_000) -> Outcome:
    """Run a function on a copy of the arguments, in which equal objects stay equal objects."""
    # Dataclasses look their module up.
    namespace = vars(sys.modules.setdefault("generated", types.ModuleType("generated")))
    with warnings.catch_warnings():
        # Generated programs compare constants by `is` on purpose.
        warnings.simplefilter("ignore", SyntaxWarning)
        exec(compile(source, "generated", "exec"), namespace)
    args = copy.deepcopy(list(arguments)) if not _instances(arguments) else list(arguments)
    left = steps

    def count(frame: Any, event: str, arg: object) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLong
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        value = namespace[qualname](*args)
        raised = None
    except Exception as error:
        value, raised = None, type(error).__name__
    finally:
        sys.settrace(before)
    return Outcome(tuple(args), value, raised)


def _instances(arguments: Sequence[object]) -> bool:
    return any(type(a).__module__ == "generated" for a in arguments)


def symbolically(source: str, qualname: str, *, exploring: bool, seconds: float = 20.0) -> Symbolic:
    """Run every path of a function as the verifier does."""
    module = extract(Snapshot("file:///generated.py", None, source)).module
    program = load(module, source)
    ir = next(f for f in module.all_functions() if f.qualname == qualname)
    node = program.definition(qualname)
    assert isinstance(node, ast.FunctionDef)
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{ir.name}"), None)
    engine = Engine(program, exploring, time.monotonic() + seconds, target=qualname)
    paths: list[tuple[Entry, State, Any]] = []
    try:
        for entry in entries(engine, Target(program, ir, node, owner)):
            for state, signal in execute.run_block(engine, entry.state, node.body):
                paths.append((entry, state, signal))
    except (Unsupported, BudgetExceeded) as stop:
        return Symbolic(engine, (), False, str(stop))
    exact = not (
        engine.approximations
        or engine.contracts_used
        or engine.found_invariants
        or engine.sums
        or engine.truncated
        or any("is a bool" in f.sexpr() for f in engine.facts)
    )
    return Symbolic(engine, tuple(paths), exact)


def matches(state: State, value: Value, concrete: object) -> Any:
    """The formula that says that a symbolic value is this concrete one, of the very same class.

    Raises:
        Unpinnable: A value that this harness does not compare.
    """
    match value:
        case VUnion(arms=arms):
            return z3.Or([z3.And(g, matches(state, v, concrete)) for g, v in arms])
        case VNone():
            return z3.BoolVal(concrete is None)
        case VMember(class_name=name, name=member):
            if not isinstance(concrete, enum.Enum):
                return NEVER
            return z3.BoolVal(type(concrete).__name__ == name and concrete.name == member)
        case VBool(term=t):
            return t == concrete if isinstance(concrete, bool) else NEVER
        case VInt(term=t, maybe_bool=maybe):
            if type(concrete) is int or (maybe and isinstance(concrete, bool)):
                return t == int(concrete)
            return NEVER
        case VFloat(term=t):
            # Equality of terms tells the zeros apart and takes a NaN for equal to itself.
            return t == float_term(concrete) if isinstance(concrete, float) else NEVER
        case VStr(term=t):
            return t == str_value(concrete).term if isinstance(concrete, str) else NEVER
        case VTuple(seq=seq):
            return _all_match(state, seq, concrete) if isinstance(concrete, tuple) else NEVER
        case VRange():
            if not isinstance(concrete, range):
                return NEVER
            same = (value.start == concrete.start, value.stop == concrete.stop)
            return z3.And(*same, value.step == concrete.step)
    obj = heap_object(state, value)
    if isinstance(obj, ListObject):
        return _all_match(state, obj.seq, concrete) if isinstance(concrete, list) else NEVER
    if isinstance(obj, DictObject):
        return _dict_matches(state, obj, concrete) if isinstance(concrete, dict) else NEVER
    if isinstance(obj, SetObject):
        if type(concrete) is not (frozenset if obj.frozen else set):
            return NEVER
        each = [contains(obj, constant(v)) for v in concrete]
        return z3.And(obj.count() == len(concrete), *each)
    if isinstance(obj, InstanceObject):
        if type(concrete).__name__ != obj.class_name:
            return NEVER
        there = vars(concrete)
        if there.keys() != dict(obj.fields).keys():
            return NEVER
        return z3.And([matches(state, v, there[n]) for n, v in obj.fields])
    raise Unpinnable(str(value))


def _all_match(state: State, seq: Any, concrete: Any) -> Any:
    if seq.items is not None and len(seq.items) != len(concrete):
        return NEVER
    each = [matches(state, seq.get(z3.IntVal(i)), v) for i, v in enumerate(concrete)]
    return z3.And(seq.length == len(concrete), *each)


def _dict_matches(state: State, obj: DictObject, concrete: dict[Any, Any]) -> Any:
    terms = [obj.size == len(concrete)]
    for key, value in concrete.items():
        symbol = constant(key)
        found = obj.has(symbol)
        if z3.is_false(z3.simplify(found)):
            return NEVER
        terms += [found, matches(state, obj.get(symbol), value)]
    if obj.keys is not None:
        if obj.keys.items is not None and len(obj.keys.items) != len(concrete):
            return NEVER
        terms += [matches(state, obj.keys.get(z3.IntVal(i)), k) for i, k in enumerate(concrete)]
    return z3.And(terms)


def pin(entry: Entry, arguments: Sequence[object]) -> Any:
    """The formula that says that a function is called with these arguments."""
    values = list(entry.variables.values())
    for i, first in enumerate(values):
        for j in range(i):
            same = first == values[j] and heap_object(entry.state, first) is not None
            if same != (arguments[i] is arguments[j] and _mutable(arguments[i])):
                return NEVER
    return z3.And([matches(entry.free, v, a) for v, a in zip(values, arguments, strict=True)])


def _mutable(value: object) -> bool:
    return isinstance(value, list | dict | set) or type(value).__module__ == "generated"


def _ended(entry: Entry, state: State, signal: Any, real: Outcome) -> Any:
    """The formula that says that a path ends as CPython did.

    Raises:
        Unpinnable: The path may end in any way.
    """
    if isinstance(signal, Exc):
        if signal.violated is not None:
            raise Unpinnable("a broken Requires")
        if signal.type != real.raised:
            return NEVER
        value = ANYTHING
    elif isinstance(signal, Return | Normal):
        if real.raised is not None:
            return NEVER
        result = signal.value if isinstance(signal, Return) else NONE
        value = matches(state, result, real.value)
    else:
        raise Unpinnable(str(signal))
    after = zip(entry.variables.values(), real.arguments, strict=True)
    return z3.And(value, *(matches(state, v, a) for v, a in after))


def _answer(engine: Engine, *formulas: Any) -> str:
    # With the arguments pinned, putting values in place of names decides most questions. The plain solver
    # is asked what is left open, so that no question it can answer goes unanswered for the sake of speed.
    answer = "unknown"
    for make, milliseconds in ((_PINNED.solver, 200), (z3.Solver, 700)):
        solver = make()
        solver.set("timeout", milliseconds)
        solver.add(*engine.facts, *formulas)
        answer = str(solver.check())
        if answer != "unknown":
            break
    return answer


def _possible(engine: Engine, *formulas: Any) -> bool:
    """Whether the formulas can be true, also as far as what is said of floats as reals goes."""
    if _answer(engine, *formulas) == "unsat":
        return False
    return not mentions_floats(formulas) or _answer(engine, *itertools.chain(*relaxed(formulas))) != "unsat"


@dataclass(frozen=True)
class Report:
    """What was compared, for tests that want to know that something was.

    Attributes:
        proof: Whether the proof mode reached an answer that was compared.
        exact: Whether exactness was asked as well, in either mode.
    """

    proof: bool
    exact: bool


def agree(
    source: str,
    qualname: str,
    inputs: Sequence[Sequence[object]],
    *,
    modes: Sequence[bool] = (False, True),
) -> Report:
    """Check that the verifier and CPython agree on a function for these inputs.

    Args:
        source: The module's text.
        inputs: Arguments by position, for each call.
        modes: False for the proof, True for the search for counterexamples.

    Raises:
        AssertionError: They do not; the message shows the program, the input and the paths.
    """
    reals = [in_cpython(source, qualname, a) for a in inputs]
    compared = exact = False
    for exploring in modes:
        symbolic = symbolically(source, qualname, exploring=exploring)
        if symbolic.given_up is not None:
            continue
        for arguments, real in zip(inputs, reals, strict=True):
            if exploring and not _considered(symbolic, arguments):
                continue
            sound, sharp = _compare(symbolic, arguments, real)
            if not sound or sharp is False:
                what = "INEXACT: a path disagrees with" if sound else "UNSOUND: no path can be that of"
                # Asks the solver about every path, so only for a failure.
                where = _where(source, arguments, real, symbolic, exploring=exploring)
                raise AssertionError(f"{what} CPython\n{where}")
            compared |= not exploring
            exact |= sharp is True
    return Report(compared, exact)


def _compare(symbolic: Symbolic, arguments: Sequence[object], real: Outcome) -> tuple[bool, bool | None]:
    """Whether some path agrees; and whether all do, None where that was not asked."""
    # A search that left paths out says so.
    sound = bool(symbolic.engine.truncated)
    gave_up = False
    disagree = False
    for entry, state, signal in symbolic.paths:
        pinned = pin(entry, arguments)
        if z3.is_false(pinned):
            continue
        try:
            same = _ended(entry, state, signal, real)
        except (Unpinnable, Unsupported):
            if not gave_up and _answer(symbolic.engine, *state.pc, pinned) != "unsat":
                gave_up = sound = True
            continue
        if not sound and _possible(symbolic.engine, *state.pc, pinned, same):
            sound = True
        if symbolic.exact and not disagree:
            disagree = _answer(symbolic.engine, *state.pc, pinned, z3.Not(same)) == "sat"
    return sound, (None if gave_up or not symbolic.exact else not disagree)


def _considered(symbolic: Symbolic, arguments: Sequence[object]) -> bool:
    """Whether the search for counterexamples, which knows small shapes only, looks at such arguments."""
    starts = {id(e): e for e, _, _ in symbolic.paths}
    return any(_answer(symbolic.engine, pin(e, arguments)) == "sat" for e in starts.values())


def _where(
    source: str, arguments: Sequence[object], real: Outcome, symbolic: Symbolic, *, exploring: bool
) -> str:
    lines = [
        source,
        f"arguments {list(arguments)!r}, exploring={exploring}, exact={symbolic.exact}",
        repr(real),
    ]
    for entry, state, signal in symbolic.paths[:12]:
        pinned = pin(entry, arguments)
        if not z3.is_false(pinned) and _answer(symbolic.engine, *state.pc, pinned) != "unsat":
            shown = z3.simplify(z3.And(*state.pc)) if state.pc else True
            lines.append(f"  path {shown} -> {signal}")
    return "\n".join(lines)
