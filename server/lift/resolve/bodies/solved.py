"""Bodies that are single expressions: read off the specification, or found by cvc5.

Counterexamples of the check go back as inputs until an answer stands or the time is over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lift.resolve.bodies import sygus
from lift.resolve.bodies.inversion import definitions
from lift.resolve.bodies.problem import Problem, problem_of
from lift.resolve.bodies.readable import statements
from lift.resolve.bodies.simplify import simplified
from lift.resolve.bodies.sorts import Untranslatable
from lift.resolve.bodies.subject import Proof, Subject
from lift.verify.solvers.cvc5_solver import Cvc5, installed
from lift.verify.types import TBool

_SIMPLIFY_SECONDS = 0.5
_QUERY_MS = 300
_LEVEL_MS = (2500, 3000, 6000)
_ELIMINATION_MS = 1000


def solved(subject: Subject) -> Iterator[Proof]:
    """The bodies that are found, each with what its check says; those that a run breaks are left out."""
    try:
        problem = problem_of(subject)
    except Untranslatable:
        problem = None
    for node in definitions(subject):
        if problem is None or not isinstance(problem.counterexample(node, _QUERY_MS), dict):
            yield from _proved(subject, problem, node)
    if problem is not None and installed():
        yield from _synthesised(subject, problem)


def _synthesised(subject: Subject, problem: Problem) -> Iterator[Proof]:
    solver = Cvc5()
    try:
        for level in range(sygus.LEVELS):
            milliseconds = min(_LEVEL_MS[level], int(1000 * subject.left) - 500)
            if milliseconds < 50:
                return
            asked = sygus.Asked(solver, problem, level, milliseconds)
            answer = asked.answer()
            if answer is not None:
                yield from _proved(subject, problem, answer)
            if level == 0:
                answer = sygus.Asked(solver, problem, None, _ELIMINATION_MS).answer()
                if answer is not None:
                    yield from _proved(subject, problem, answer)
    finally:
        solver.close()


def _proved(subject: Subject, problem: Problem | None, node: ast.expr) -> Iterator[Proof]:
    """The check of an expression in its most readable form, else of it as it is."""
    booleans = frozenset(p.name for p in subject.parameters if isinstance(p.type, TBool))
    seconds = min(_SIMPLIFY_SECONDS, subject.left / 4)
    for body in dict.fromkeys([statements(simplified(problem, node, booleans, seconds)), statements(node)]):
        proof = subject.prove(body)
        if proof is None or proof.strength == "refuted":
            continue
        yield proof
        if proof.whole:
            return
