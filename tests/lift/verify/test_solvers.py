"""Both solvers: that they read the same question, race, confirm, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import z3
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift.verify.solvers import Answer, z3_solver
from lift.verify.solvers.cvc5_solver import Cvc5
from lift.verify.solvers.memory import Remembering
from lift.verify.solvers.portfolio import Portfolio
from lift.verify.solvers.smtlib import script, shape
from lift.verify.solvers.z3_solver import Z3Solver
from lift.verify.symbols import constant
from lift_ir import FunctionResult

# ruff: noqa: SIM300 (an upper-case name is a term of Z3 here, not a constant)

X, Y, W = list[Any](z3.Ints("x y w"))
S, T, U = list[Any](z3.Strings("s t u"))
ODD: Any = z3.Int("a b'!1")
F, G = list[Any](z3.FP(n, z3.Float64()) for n in "FG")
A: Any = z3.Array("A", z3.IntSort(), z3.IntSort())
OPTION: Any = z3.Datatype("option")
OPTION.declare("none")
OPTION.declare("some", ("value", z3.IntSort()))
OPTION = OPTION.create()
D: Any = z3.Const("d", OPTION)
ESCAPE: Any = constant("\\u{41}")
MS = 5000

# Z3 comes to no end with this one.
HARD = [z3.Replace(S, T, U) == S, z3.Contains(S, T), T != U, z3.Length(T) > 0]
QUESTIONS: dict[str, tuple[list[Any], Answer]] = {
    "linear": ([X > Y, Y > X], "unsat"),
    "a name with a quote": ([ODD > 3, ODD < 2], "unsat"),
    "products": ([X > 0, Y > X, W > 0, X * W >= Y * W], "unsat"),
    "division down, not towards zero": ([X == -7, X / 2 != -4], "unsat"),
    "the remainder is not negative": ([X % -3 < 0], "unsat"),
    "a quantifier": ([z3.ForAll([X], z3.Implies(X > 0, A[X] > 0)), A[5] < 0], "unsat"),
    "an array of one value": ([z3.K(z3.IntSort(), z3.IntVal(0))[X] != 0], "unsat"),
    "one of several": ([D != OPTION.none, z3.Not(OPTION.is_some(D))], "unsat"),
    "a code point outside ASCII": ([S == 'é"\\', z3.Length(S) != 3], "unsat"),
    "a code point outside the first plane": ([S == chr(0x1F60B), z3.Length(S) != 1], "unsat"),
    "what looks like an escape": ([S == ESCAPE.term, T == "A", S == T], "unsat"),
    "order": ([z3.StringVal("b") < S, S < z3.StringVal("a")], "unsat"),
    "order is possible": ([z3.StringVal("a") < S, S < z3.StringVal("b")], "sat"),
    "code": ([z3.StrToCode(S) == 65, S != "A"], "unsat"),
    "position": ([z3.IndexOf(S, T, 0) > z3.Length(S)], "unsat"),
    "shape": ([z3.InRe(S, z3.Star(z3.Range("a", "c"))), z3.Contains(S, "d")], "unsat"),
    "floating point": ([F + G != G + F, z3.Not(z3.fpIsNaN(F)), z3.Not(z3.fpIsNaN(G))], "unknown"),
    "not a number": ([z3.fpEQ(F, F), z3.fpIsNaN(F)], "unsat"),
    "zeros": ([z3.fpEQ(F, G), z3.fpIsZero(F), z3.fpIsNegative(F), z3.fpIsPositive(G)], "sat"),
    "a real": ([z3.ToReal(X) == z3.Q(1, 2)], "unsat"),
}


@pytest.fixture(scope="module")
def cvc5() -> Iterator[Cvc5]:
    solver = Cvc5()
    yield solver
    solver.close()


def ask(solver: Cvc5, formulas: Sequence[Any], ms: int = MS) -> Answer:
    text = script(formulas)
    assert text is not None
    question = solver.ask(text, ms)
    assert question is not None
    return solver.wait(question, ms)


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_read_the_same_question(name: str, cvc5: Cvc5) -> None:
    formulas, answer = QUESTIONS[name]
    assert shape(formulas).readable
    first = Z3Solver().decide(formulas, MS)
    assert answer == "unknown" or first == answer
    assert ask(cvc5, formulas) == first


def test_what_only_z3_reads_is_not_asked() -> None:
    f: Any = z3.RecFunction("f", z3.IntSort(), z3.IntSort())
    z3.RecAddDefinition(f, [X], z3.If(X <= 0, 0, f(X - 1) + 1))
    assert not shape([f(Y) > 0]).readable
    successor: Any = z3.Lambda([X], X + 1)
    assert not shape([successor[Y] > 0]).readable
    assert shape([X > Y]).readable


@pytest.mark.parametrize(
    ("formulas", "hard"),
    [([X + 2 * Y > 3, X % 2 == 0], False), ([X * Y > 3], True), ([X % Y > 3], True), ([S < T], True)],
)
def test_what_is_hard_for_z3_is_seen(formulas: list[Any], hard: bool) -> None:
    assert shape(formulas).hard == hard


def test_cvc5_decides_what_z3_does_not(cvc5: Cvc5) -> None:
    both = Portfolio(second=cvc5)
    assert both.decide(HARD, 60_000) == "unsat"
    assert both.helped
    assert both.name == "Z3 and cvc5"


def test_z3_stops_cvc5(cvc5: Cvc5) -> None:
    class Slow(Z3Solver):
        def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
            return "unknown"

    # cvc5 comes to no end with this one.
    formulas = [X > 0, (X * X) % 4 == 2]
    both = Portfolio(Slow(), second=cvc5)
    assert both.decide(formulas, 60_000) == "unsat"
    assert not both.helped
    assert ask(cvc5, [X > Y, Y > X]) == "unsat"


@pytest.mark.parametrize("said", ["sat", "unsat"])
def test_a_disagreement_is_unknown_and_logged(said: Answer, caplog: pytest.LogCaptureFixture) -> None:
    class Liar(Cvc5):
        warm = True  # type: ignore[assignment]

        def ask(self, text: str, timeout_ms: int) -> int | None:
            return 1

        def wait(self, question: int, timeout_ms: int) -> Answer:
            return said

        def cancel(self) -> None:
            pass

    formulas = [X > Y, Y > X] if said == "sat" else [X > Y]
    both = Portfolio(Slowed(), second=Liar())
    # An answer that comes at once stops Z3, so that both are known only where Z3 does not look up in between.
    answers = {both.decide(formulas, MS) for _ in range(20)}
    assert answers <= {"unknown", said}
    if said == "sat":
        assert both.confirm(formulas, MS) == "sat"
        assert both.disagreements
        assert "disagree" in caplog.text


class Slowed(Z3Solver):
    """Z3, that has no answer while it is alone."""

    def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
        return "unknown"


def test_a_question_is_given_up_in_time(cvc5: Cvc5) -> None:
    assert ask(cvc5, [X > 0, (X * X) % 4 == 2], 100) == "unknown"
    assert ask(cvc5, [X > Y, Y > X]) == "unsat"


def test_what_it_cannot_read_is_unknown(cvc5: Cvc5) -> None:
    question = cvc5.ask("(assert (no such thing))", MS)
    assert question is not None
    assert cvc5.wait(question, MS) == "unknown"
    assert cvc5.deaths == 0


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_it_is_started_again_when_it_dies_or_hangs(sign: signal.Signals) -> None:
    solver = Cvc5()
    assert ask(solver, [X > Y, Y > X]) == "unsat"
    assert solver.process is not None
    first = solver.process.pid
    os.kill(first, sign)
    if sign == signal.SIGSTOP:
        assert ask(solver, [X > Y, Y > X], 10) == "unknown"
    else:
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert ask(solver, [X > Y, Y > X]) == "unsat"
    assert solver.process.pid != first
    solver.close()


def test_it_is_not_started_for_ever() -> None:
    solver = Cvc5()
    solver.deaths = 5
    assert solver.ask("", MS) is None
    assert Portfolio(Slowed(), second=solver).decide([X > Y, Y > X], MS) == "unknown"


ORPHAN = """
import os, sys, z3
from lift.verify.solvers.cvc5_solver import shared
x = z3.Int("x")
solver = shared()
solver.ask("(set-logic ALL)(declare-const x Int)(assert (and (> x 0) (= (mod (* x x) 4) 2)))", 600000)
print(solver.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_ends_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watch = os.pidfd_open(child)
        parent.kill()
    import select

    assert select.select([watch], [], [], 60)[0]
    os.close(watch)


def test_what_was_decided_is_remembered_and_terms_are_kept() -> None:
    asked: list[int] = []

    class Counting(Z3Solver):
        def decide(self, formulas: Sequence[Any], timeout_ms: int) -> Answer:
            asked.append(1)
            return super().decide(formulas, timeout_ms)

    solver = Remembering(Counting())
    for _ in range(3):
        # Made anew each time: a term that is forgotten would give its number to another one.
        one: Any = z3.Int("p")
        assert solver.decide([one > 1, one < 1], MS) == "unsat"
        two: Any = z3.Int("q")
        assert solver.decide([one > 1, two < 1], MS) == "sat"
    assert len(asked) == 2


def test_a_model_that_is_known_answers_for_one_side_of_a_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    original = z3_solver._solver
    monkeypatch.setattr(z3_solver, "_solver", lambda *a: asked.append(1) or original(*a))
    solver = Z3Solver()
    for bound in range(6):
        path = [X > bound, Y > X]
        assert solver.decide([*path, X > 100], MS) == "sat"
        assert solver.decide([*path, z3.Not(X > 100)], MS) == "sat"
        assert solver.decide([*path, Y < X], MS) == "unsat"
    # What is contradictory is asked each time; of what is possible, a model for each side is enough for long.
    assert 8 <= len(asked) < 18


TEXT = '''
def f(a: int, b: int) -> int:
    """Difference.

    Requires:
        - ``a >= b``

    Ensures:
        - ``result >= 0``
    """
    return a - b
'''


def check(**options: Any) -> FunctionResult:
    found = extract(Snapshot("text.py", None, TEXT))
    return check_function(found.module, TEXT, "f", Options(seconds=20, run_code=False, **options))


def test_a_proof_says_who_agrees() -> None:
    def ensures(result: FunctionResult) -> str | None:
        return next(c.evidence for c in result.clauses if c.kind == "ensures")

    assert ensures(check(solvers="z3")) == "Z3, 1 path"
    assert ensures(check(solvers="agree")) == "Z3 and cvc5 agree, 1 path"


def test_a_proof_that_the_other_solver_denies_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Portfolio, "confirm", lambda *a: "sat")
    result = check(solvers="agree")
    assert {c.verdict for c in result.clauses if c.kind == "ensures"} == {"unknown"}
