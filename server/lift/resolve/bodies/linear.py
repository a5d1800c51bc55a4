"""Sums of multiples of the arguments: the factors are what Z3 finds for a few points, checked on all inputs.

For specifications such as ``result // 60 == minutes and result % 60 == seconds``, whose answer is a small
term with factors that stand nowhere. Z3 is imported where it is asked.
"""

from __future__ import annotations

import ast
import time
from typing import Any

from lift.resolve.bodies.points import Points
from lift.resolve.bodies.problem import Problem
from lift.resolve.bodies.readable import number
from lift.resolve.bodies.smt import Translator
from lift.resolve.bodies.sorts import PRELUDE, Sym, Untranslatable, literal
from lift.resolve.bodies.sorts import number as numeral

_MOST_LEAVES = 4
_ROUNDS = 8
_FIRST_POINTS = 3
_QUERY_MS = 400


def sum_of_multiples(problem: Problem, points: Points, seconds: float) -> ast.expr | None:
    """The sum that is right on all points and that Z3 finds no counterexample for; None if none is found."""
    leaves = [leaf for leaf in problem.leaves if leaf.sort == "Int"]
    if problem.sort != "Int" or problem.partial or not 0 < len(leaves) <= _MOST_LEAVES:
        return None
    until = time.monotonic() + seconds
    chosen = points.inputs[:_FIRST_POINTS]
    for _ in range(_ROUNDS):
        left = int(1000 * (until - time.monotonic()))
        if left < 20:
            return None
        try:
            factors = _factors(problem, chosen, len(leaves), min(left, _QUERY_MS))
        except Untranslatable:
            return None
        if factors is None:
            return None
        node = _written([leaf.expression for leaf in leaves], factors)
        refuting = problem.counterexample(node, min(left, _QUERY_MS))
        if refuting is None:
            return node
        if not isinstance(refuting, dict):
            return None
        chosen.append(refuting)
    return None


def _factors(
    problem: Problem, inputs: list[dict[str, Any]], count: int, milliseconds: int
) -> list[int] | None:
    """Factors, the constant last, with which the specification holds for these inputs."""
    import z3

    rows = [PRELUDE, *(f"(declare-const c{n} Int)\n" for n in range(count + 1))]
    for arguments in inputs:
        values = [v for name in problem.names for v in _numbers(arguments[name])]
        products = " ".join(f"(* c{n} {numeral(v)})" for n, v in enumerate(values))
        names = {n: literal(v) for n, v in arguments.items()}
        names[problem.subject.outcome] = Sym("Int", f"(+ c{count} {products})")
        translator = Translator(names, problem.subject.target.program.constants)
        rows += [f"(assert {translator.holds(e)})\n" for e in problem.ensures]
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    try:
        solver.add(z3.parse_smt2_string("".join(rows)))
        if solver.check() != z3.sat:
            return None
    except z3.Z3Exception:
        return None
    model: Any = solver.model()
    found = [model.eval(z3.Int(f"c{n}"), model_completion=True) for n in range(count + 1)]
    return [f.as_long() for f in found]


def _numbers(value: Any) -> list[int]:
    """The integers of an argument, in the order of the leaves."""
    if isinstance(value, tuple):
        return [n for v in value for n in _numbers(v)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def _written(terms: list[ast.expr], factors: list[int]) -> ast.expr:
    found: ast.expr | None = None
    for term, factor in zip(terms, factors, strict=False):
        if factor == 0:
            continue
        product = term if abs(factor) == 1 else ast.BinOp(number(abs(factor)), ast.Mult(), term)
        if found is None:
            found = product if factor > 0 else ast.UnaryOp(ast.USub(), product)
        else:
            found = ast.BinOp(found, ast.Add() if factor > 0 else ast.Sub(), product)
    constant = factors[-1]
    if found is None:
        return number(constant)
    if constant:
        found = ast.BinOp(found, ast.Add() if constant > 0 else ast.Sub(), number(abs(constant)))
    return found
