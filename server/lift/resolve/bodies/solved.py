"""Bodies that are single expressions: read off the specification, enumerated, or found by cvc5.

cvc5 works on its grammar in its own process while expressions are enumerated here. What either finds is
held against the specification by Z3 first, then by the check of the changed text, which alone decides;
their counterexamples go back as points, until an answer stands or the time is over.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from typing import Any

from lift.resolve.bodies import sygus
from lift.resolve.bodies.enumeration import Enumeration, cost
from lift.resolve.bodies.inversion import definitions
from lift.resolve.bodies.linear import sum_of_multiples
from lift.resolve.bodies.points import Points
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
_ENUMERATED_SECONDS = (2.5, 3.0, 6.0)
_LINEAR_SECONDS = 1.5
_PROOF_SECONDS = 6.0
_ROUNDS = 20


def soon(subject: Subject) -> Iterator[Proof]:
    """The bodies that are read off or found in a small grammar, each with what its check says."""
    problem = _problem(subject)
    for node in _shortest_first(subject, problem, definitions(subject)):
        short = simplified(problem, node, _booleans(subject), _SIMPLIFY_SECONDS)
        yield from _proved(subject, short, node)
    yield from _Search(subject, problem).found(0)


def later(subject: Subject) -> Iterator[Proof]:
    """The bodies that are found in wider grammars."""
    yield from _Search(subject, _problem(subject)).found(*range(1, sygus.LEVELS))


def _problem(subject: Subject) -> Problem | None:
    try:
        return problem_of(subject)
    except Untranslatable:
        return None


def _shortest_first(subject: Subject, problem: Problem | None, nodes: Iterator[ast.expr]) -> list[ast.expr]:
    """Those of the expressions that no counterexample is found for, simplified."""
    if problem is None:
        return [simplified(None, n, _booleans(subject), 0.0) for n in nodes]
    fine = [n for n in nodes if not isinstance(problem.counterexample(n, _QUERY_MS), dict)]
    seconds = _SIMPLIFY_SECONDS / max(1, len(fine))
    short = [simplified(problem, n, _booleans(subject), seconds) for n in fine]
    return sorted(short, key=cost)


class _Search:
    def __init__(self, subject: Subject, problem: Problem | None) -> None:
        self.subject = subject
        self.problem = problem
        self.points = Points(subject)
        self.solver = Cvc5() if problem is not None and problem.sayable and installed() else None

    def found(self, *levels: int) -> Iterator[Proof]:
        """Grammar by grammar; after the first one what needs no grammar."""
        try:
            for level in levels:
                if self.subject.left < 0.5:
                    return
                yield from self._level(level)
                if level == 0 and self.problem is not None:
                    node = sum_of_multiples(self.problem, self.points, _LINEAR_SECONDS)
                    if node is not None:
                        yield from _proved(self.subject, self._short(node))
                    yield from self._taken(self._asked(None, _ELIMINATION_MS))
        finally:
            if self.solver is not None:
                self.solver.close()

    def _asked(self, level: int | None, milliseconds: int) -> sygus.Asked | None:
        milliseconds = min(milliseconds, int(1000 * self.subject.left) - 400)
        if self.solver is None or self.problem is None or milliseconds < 50:
            return None
        return sygus.Asked(self.solver, self.problem, level, milliseconds)

    def _level(self, level: int) -> Iterator[Proof]:
        asked = self._asked(level, _LEVEL_MS[level])
        here = self._enumerated(_ENUMERATED_SECONDS[level], wide=level > 0)
        candidates = [] if here is None else [here]
        if asked is not None and (here is None or asked.ready):
            candidates += [n for n in [asked.answer()] if n is not None]
        shown = [(n is here, self._short(n)) for n in candidates]
        for held, node in sorted(shown, key=lambda pair: cost(pair[1])):
            # What was enumerated has been held against the specification already.
            if held or self._refuted(node) is None:
                yield from _proved(self.subject, node)

    def _taken(self, asked: sygus.Asked | None) -> Iterator[Proof]:
        answer = None if asked is None else asked.answer()
        if answer is not None and self._refuted(answer) is None:
            yield from _proved(self.subject, self._short(answer), answer)

    def _short(self, node: ast.expr) -> ast.expr:
        return simplified(self.problem, node, _booleans(self.subject), _SIMPLIFY_SECONDS)

    def _enumerated(self, seconds: float, *, wide: bool) -> ast.expr | None:
        """An expression that is right on all points and that no counterexample is found for."""
        deadline = min(time.monotonic() + seconds, self.subject.deadline - 0.4)
        if not self.points.useful:
            return None
        for _ in range(_ROUNDS):
            enumeration = Enumeration(self.points, self.subject.returns, deadline, wide=wide)
            node = next(enumeration.answers(), None)
            if node is None:
                return None
            if self.points.take_misses(node):
                continue
            refuting = self._refuted(node)
            if refuting is None:
                return node
            if not self.points.add(refuting):
                return None
        return None

    def _refuted(self, node: ast.expr) -> dict[str, Any] | None:
        """An input on which an expression is not what is wanted."""
        if self.problem is not None:
            found = self.problem.counterexample(node, _QUERY_MS)
            if isinstance(found, dict):
                return found
            if found is None and not self.problem.partial and not self.subject.known:
                return None
        body = statements(node)
        judgement = self.subject.judge([body])[0]
        if judgement.fine:
            proof = self.subject.prove(body, _PROOF_SECONDS)
            cases = proof.refuting if proof is not None else ()
        else:
            cases = (judgement.failing,) if judgement.failing is not None else ()
        for case in cases:
            values = self.points.values_of(case.arguments)
            if values is not None:
                return values
        return None


def _booleans(subject: Subject) -> frozenset[str]:
    return frozenset(p.name for p in subject.parameters if isinstance(p.type, TBool))


def _proved(subject: Subject, *nodes: ast.expr) -> Iterator[Proof]:
    """The check of an expression, and of others that mean the same until one is proved."""
    for body in dict.fromkeys(statements(n) for n in nodes):
        proof = subject.prove(body, _PROOF_SECONDS)
        if proof is None or proof.strength == "refuted":
            continue
        yield proof
        if proof.whole:
            return
