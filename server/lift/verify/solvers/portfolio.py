"""Z3 first; where it is slow or gives up, cvc5 works on the same question beside it, within one budget.

The first definite answer counts. When both are known and differ, the answer is ``unknown`` and the
disagreement is logged: one of the two is wrong, and nobody here can say which.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from lift.verify.solvers import Answer, Solver, cvc5_solver
from lift.verify.solvers.smtlib import Shape, script, shape
from lift.verify.solvers.z3_solver import Z3Solver, mentions_floats
from lift.verify.values import floats_made

_log = logging.getLogger(__name__)
# How long Z3 has a question to itself, in milliseconds: a question at which it is weak, and any other.
_ALONE_HARD, _ALONE = 50, 200
# With less than this left, in milliseconds, a second solver is not worth its start.
_LEAST = 150

# What second opinions of one check may take together, in milliseconds, unless they were asked for.
_CONFIRMING = 40


@dataclass
class Portfolio:
    """Both solvers as one.

    Attributes:
        first: Answers at once what is easy, and makes the models.
        always_confirm: Whether to start cvc5 for a second opinion only.
        disagreements: How often the two said the opposite of each other.
        helped: Whether cvc5 decided what Z3 did not.
    """

    first: Solver = field(default_factory=Z3Solver)
    second: cvc5_solver.Cvc5 = field(default_factory=cvc5_solver.shared)
    always_confirm: bool = False
    disagreements: int = 0
    helped: bool = False
    _spared_ms: int = _CONFIRMING

    @property
    def name(self) -> str:
        """Whose answers these are: cvc5 is named once something was decided by it alone."""
        return "Z3 and cvc5" if self.helped else "Z3"

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """Whether the formulas can all be true."""
        if timeout_ms < _ALONE_HARD + _LEAST or _about_floats(formulas):
            # What is said of floats as reals cannot be told to cvc5 by the formulas alone.
            return self.first.decide(formulas, timeout_ms)
        until = time.monotonic() + timeout_ms / 1000
        answer = self.first.decide(formulas, _ALONE_HARD)
        if answer != "unknown":
            return answer
        made_of = shape(formulas)
        if not made_of.hard and _left(until) > _ALONE + _LEAST:
            answer = self.first.decide(formulas, _ALONE)
            if answer != "unknown":
                return answer
        text = _text(formulas, made_of)
        question = None if text is None else self.second.ask(text, _left(until))
        if question is None:
            return self.first.decide(formulas, _left(until))
        return self._race(formulas, question, until)

    def model(self, formulas: Sequence[Any], wishes: Sequence[Sequence[Any]], timeout_ms: int) -> Any | None:
        """A model of the formulas, with the first wish that can be had."""
        return self.first.model(formulas, wishes, timeout_ms)

    def confirm(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        """What cvc5 says of formulas that Z3 calls contradictory, if that is cheap or was asked for."""
        if _about_floats(formulas):
            return "unknown"
        if not self.always_confirm:
            if not self.second.warm or self._spared_ms <= 0:
                return "unknown"
            timeout_ms = min(timeout_ms, self._spared_ms)
        begun = time.monotonic()
        try:
            return self._confirm(formulas, timeout_ms)
        finally:
            self._spared_ms -= int((time.monotonic() - begun) * 1000)

    def _confirm(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        made_of = shape(formulas)
        text = _text(formulas, made_of)
        question = None if text is None else self.second.ask(text, timeout_ms)
        answer: Answer = "unknown" if question is None else self.second.wait(question, timeout_ms)
        if answer == "sat":
            self._disagree(text)
        return answer

    def _race(self, formulas: Sequence[Any], question: int, until: float) -> Answer:
        """Z3 and cvc5 at once; each is stopped when the other one has an answer."""
        # A context of its own: an interrupt that comes too late would hit the next question of a shared one.
        context = z3.Context()
        solver = z3.Solver(ctx=context)
        solver.add(*(f.translate(context) for f in formulas))
        solver.set("timeout", max(1, _left(until)))
        answers: list[Answer] = []
        ended = threading.Event()

        def wait() -> None:
            answers.append(self.second.wait(question, _left(until)))
            # An interrupt that comes before the check has begun is lost.
            while answers[0] != "unknown" and not ended.wait(0.01):
                context.interrupt()

        watch = threading.Thread(target=wait, name="cvc5", daemon=True)
        watch.start()
        found = solver.check()
        ended.set()
        mine: Answer = "sat" if found == z3.sat else "unsat" if found == z3.unsat else "unknown"
        if mine != "unknown":
            self.second.cancel()
        watch.join()
        other: Answer = answers[0] if answers else "unknown"
        if "unknown" in (mine, other):
            self.helped |= other != "unknown"
            return other if mine == "unknown" else mine
        if mine != other:
            self._disagree(script(formulas))
            return "unknown"
        return mine

    def _disagree(self, text: str | None) -> None:
        self.disagreements += 1
        _log.warning("Z3 and cvc5 disagree on\n%s", text)


def _about_floats(formulas: Sequence[Any]) -> bool:
    return floats_made() and mentions_floats(formulas)


def _left(until: float) -> int:
    return max(1, int((until - time.monotonic()) * 1000))


def _text(formulas: Sequence[Any], made_of: Shape) -> str | None:
    return script(formulas) if made_of.readable else None
