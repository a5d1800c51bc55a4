"""Preconditions that the code does not spell out: cvc5 is asked what would have to hold of the inputs.

The question is made of the paths of a proof that may end badly: which comparison of sums of the inputs
(integers, lengths and attributes) excludes all of them? Answers come weaker and weaker, and longer; each is
only a candidate here, written back in Python, to be judged on inputs and proved like every other.
"""

from __future__ import annotations

import ast
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lift.resolve.repair.patient import Patient, is_broken, key_of

_SECONDS = 0.8
"""Wall time for cvc5; its first answers take 0.05 to 0.2 s, later ones ever longer."""
_PATHS_SECONDS, _LEAST_SECONDS = 0.6, 0.4
_MOST, _MOST_MEASURES, _MOST_PATHS, _MOST_CONSTANTS = 12, 5, 12, 4
_LARGEST = 1000
"""Larger constants of the code are no terms: sums up to them are what a search never comes to."""
_MEASURE, _GOAL = "abducible", "abduction_goal"


def abduced(patient: Patient) -> list[str]:
    """Conditions of which cvc5 says that they exclude every path that breaks something, in Python."""
    if patient.abduced is None:
        patient.abduced = _abduced(patient)
    return patient.abduced


def _abduced(patient: Patient) -> list[str]:
    import z3

    from lift.verify.solvers import cvc5_solver
    from lift.verify.solvers.smtlib import script, shape
    from lift.verify.solvers.z3_solver import mentions_floats
    from lift.verify.values import forget_terms

    if patient.left < _LEAST_SECONDS or not cvc5_solver.installed():
        return []
    forget_terms()
    facts, suspects = _suspects(patient)
    measures = [_measures(patient, entry) for entry, _, _ in suspects]
    names = [n for n in (measures[0] if measures else {}) if all(n in m for m in measures)]
    names = names[:_MOST_MEASURES]
    if not names:
        return []
    variables = [z3.Int(f"{_MEASURE}{i}") for i in range(len(names))]
    bad = [
        z3.And(*(v == m[n] for v, n in zip(variables, names, strict=True)), *facts, *state.pc, wrong)
        for m, (_, state, wrong) in zip(measures, suspects, strict=True)
    ]
    goal = z3.Bool(_GOAL) == z3.Not(z3.Or(*bad))
    known = [v >= 0 for v, n in zip(variables, names, strict=True) if n.startswith("len(")]
    entry = suspects[0][0]
    if all(one is entry for one, _, _ in suspects):
        # What Requires exclude is no answer. With several ways to enter, these are said of other symbols.
        known += [v == measures[0][n] for v, n in zip(variables, names, strict=True)]
        known += [p for p in entry.state.pc if shape([p]).readable]
    text = script([goal, *known]) if shape([goal]).readable and not mentions_floats([goal]) else None
    if text is None:
        return []
    asked = f"{_declared(text, len(names))}(get-abduct {_GOAL}_found {_GOAL} {_grammar(patient, len(names))})"
    seconds = min(max(_SECONDS, patient.left / 6), patient.left / 3)
    said = cvc5_solver.shared().abducts(asked, int(1000 * seconds), _MOST)
    return list(dict.fromkeys(c for one in said if (c := in_python(one, names)) is not None))


def _declared(text: str, count: int) -> str:
    """The script with a declaration for each measure, also for one that Z3 left out."""
    missing = [i for i in range(count) if f"(declare-fun {_MEASURE}{i} " not in text]
    lines = "".join(f"(declare-fun {_MEASURE}{i} () Int)\n" for i in missing)
    head, _, rest = text.partition("\n")
    return f"{head}\n{lines}{rest}"


def _suspects(patient: Patient) -> tuple[list[Any], list[tuple[Any, Any, Any]]]:
    """The paths that may break what is broken, with the formula that says how, and the facts about them."""
    from lift.verify.obligations import obligations_of
    from lift.verify.prove import explore
    from lift.verify.state import Engine

    target = patient.target
    broken = {key_of(c) for c in patient.result.clauses if is_broken(c)}
    wanted = [o for o in obligations_of(target) if not o.open and f"{o.kind}:{o.text}" in broken]
    deadline = time.monotonic() + min(_PATHS_SECONDS, patient.left / 3)
    engine = Engine(target.program, False, deadline, target=target.ir.qualname)
    result = explore(engine, target, wanted, keep=_MOST_PATHS)
    found = [s for f in result.findings.values() for s in f.suspects] + result.call_suspects
    return engine.facts, found[:_MOST_PATHS]


def _measures(patient: Patient, entry: Any) -> dict[str, Any]:
    """What a condition may count: integer parameters, lengths, and integers among the attributes."""
    import z3

    from lift.verify.state import InstanceObject, ListObject
    from lift.verify.values import VInt, VRef, VStr

    found: dict[str, Any] = {}

    def add(name: str, value: Any, deep: bool) -> None:
        if isinstance(value, VInt):
            found[name] = value.term
        elif isinstance(value, VStr):
            found[f"len({name})"] = z3.Length(value.term)
        elif isinstance(value, VRef):
            held = entry.state.heap.get(value.address)
            if isinstance(held, ListObject):
                found[f"len({name})"] = held.seq.length
            elif isinstance(held, InstanceObject) and deep:
                for attribute, inner in held.fields:
                    add(f"{name}.{attribute}", inner, False)

    for name, value in entry.variables.items():
        add(name, value, not patient.target.is_init)
    return found


def _grammar(patient: Patient, count: int) -> str:
    from lift.verify.trial import constants_of

    whole = [c for c in constants_of(patient.target) if isinstance(c, int) and not isinstance(c, bool)]
    chosen = sorted({abs(c) for c in whole if 1 < abs(c) <= _LARGEST})[:_MOST_CONSTANTS]
    terms = [*(f"{_MEASURE}{i}" for i in range(count)), "0", "1", *map(str, chosen), "(+ T T)", "(- T T)"]
    return f"((C Bool) (T Int)) ((C Bool ((<= T T) (< T T) (not (= T T)))) (T Int ({' '.join(terms)})))"


@dataclass
class _Sum:
    """A sum of measures, each with a factor."""

    constant: int = 0
    factors: dict[int, int] = field(default_factory=dict)

    def plus(self, other: _Sum, sign: int) -> _Sum:
        factors = dict(self.factors)
        for measure, factor in other.factors.items():
            factors[measure] = factors.get(measure, 0) + sign * factor
        return _Sum(self.constant + sign * other.constant, {m: f for m, f in factors.items() if f})


_TOKENS = re.compile(r"[()]|[^\s()]+")
_FLIPPED = {"<=": ">=", "<": ">", "!=": "!="}


def in_python(definition: str, names: Sequence[str]) -> str | None:
    """The condition of a definition in SMT-LIB, tidied as a person would write it; None if it says nothing.

    Args:
        names: What each of the measures is called in Python.
    """
    tree = _read(definition)
    if not isinstance(tree, list) or len(tree) != 5:
        return None
    match tree[4]:
        case ["not", ["=", left, right]]:
            operator = "!="
        case [("<=" | "<") as operator, left, right]:
            pass
        case _:
            return None
    total = _sum(left).plus(_sum(right), -1)
    return _compared(total, operator, names) if total.factors else None


def _read(text: str) -> Any:
    stack: list[list[Any]] = [[]]
    for token in _TOKENS.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return stack[0][0]


def _sum(tree: Any) -> _Sum:
    match tree:
        case str() if tree.startswith(_MEASURE):
            return _Sum(0, {int(tree.removeprefix(_MEASURE)): 1})
        case str():
            return _Sum(int(tree))
        case ["-", only]:
            return _Sum().plus(_sum(only), -1)
        case [("+" | "-") as operator, first, *rest]:
            total = _sum(first)
            for one in rest:
                total = total.plus(_sum(one), 1 if operator == "+" else -1)
            return total
    raise ValueError(f"no sum: {tree}")


def _compared(total: _Sum, operator: str, names: Sequence[str]) -> str | None:
    """``total operator 0``, with what is subtracted on the other side."""
    divisor = math.gcd(*total.factors.values())
    if total.constant % divisor:
        if operator == "!=":
            # A multiple of it is never that number.
            return None
        divisor = 1
    scaled = {m: f // divisor for m, f in total.factors.items()}
    constant = total.constant // divisor
    left = [_times(f, names[m]) for m, f in sorted(scaled.items()) if f > 0]
    right = [_times(-f, names[m]) for m, f in sorted(scaled.items()) if f < 0]
    if not left:
        left, right, constant, operator = right, left, -constant, _FLIPPED[operator]
    # Of integers, a < b + 1 is a <= b.
    if operator == "<" and constant == -1:
        operator, constant = "<=", 0
    elif operator == "<=" and constant == 1:
        operator, constant = "<", 0
    elif operator == ">" and constant == 1:
        operator, constant = ">=", 0
    elif operator == ">=" and constant == -1:
        operator, constant = ">", 0
    one = " + ".join(left)
    other = " + ".join(right)
    if not other:
        other = str(-constant)
    elif constant < 0:
        other = f"{other} + {-constant}"
    elif constant > 0:
        one = f"{one} + {constant}"
    return ast.unparse(ast.parse(f"{one} {operator} {other}", mode="eval"))


def _times(factor: int, name: str) -> str:
    return name if factor == 1 else f"{factor} * {name}"
