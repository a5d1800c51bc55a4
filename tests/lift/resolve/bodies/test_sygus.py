"""cvc5's syntax-guided synthesis: what it is asked, what it answers, and that it can be stopped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from lift.extract import extract
from lift.resolve.bodies.problem import Problem, problem_of
from lift.resolve.bodies.subject import subject_of
from lift.resolve.bodies.sygus import Asked, question, read
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.solvers.cvc5_solver import Cvc5

CLAMP = '''
def clamp(x: int, pair: tuple[int, str]) -> int:
    """D.

    Ensures:
        - ``result >= x and result >= pair[0]``
        - ``result == x or result == pair[0]``
    """
    ...
'''
HARD = '''
def hard(a: int, b: int, c: int) -> int:
    """D.

    Ensures:
        - ``result * result * a + result * b + c * c * result == a * b * c * 91 + 17 * result``
    """
    ...
'''


@pytest.fixture
def solver() -> Iterator[Cvc5]:
    found = Cvc5()
    yield found
    found.close()


def problem(text: str, name: str) -> Problem:
    module = extract(Snapshot("module.py", None, text)).module
    return problem_of(subject_of(module, text, name, Options()))


@pytest.mark.parametrize("level", [0, 1, None])
def test_an_answer_meets_the_specification(solver: Cvc5, level: int | None) -> None:
    wanted = problem(CLAMP, "clamp")
    answer = Asked(solver, wanted, level, 20_000).answer()
    assert answer is not None
    assert wanted.counterexample(answer, 2000) is None
    assert {n.id for n in ast.walk(answer) if isinstance(n, ast.Name)} <= {"x", "pair", "max", "min", "abs"}


def test_a_question_can_be_given_up_and_another_one_asked(solver: Cvc5) -> None:
    assert Asked(solver, problem(HARD, "hard"), 2, 200).answer() is None
    assert Asked(solver, problem(CLAMP, "clamp"), 0, 20_000).answer() is not None


def test_a_grammar_that_is_no_wider_is_not_asked_again() -> None:
    wanted = problem(CLAMP, "clamp")
    assert question(wanted, 0) is not None
    assert question(wanted, 1) != question(wanted, 0)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            "(let ((_let_1 (* (- 1) a0))) (ite (>= (+ a0 _let_1) 0) a0 a1.0))",
            "x if x + -1 * x >= 0 else pair[0]",
        ),
        ("(- (py.max a0 (- 5)))", "-max(x, -5)"),
        ("(str.len a1.1)", "len(pair[1])"),
        ('(str.len (str.++ a1.1 "a""b \\u{5c}"))', "len(pair[1] + 'a\"b \\\\')"),
        ("(py.div a0 a1.0)", "x // pair[0]"),
        ("(mod a0 7)", "x % 7"),
        ("(mod a0 (- 7))", None),
        ("(div a0 0)", None),
        ("(unheard.of a0)", None),
        ("(", None),
    ],
)
def test_answers_are_read_as_python(said: str, text: str | None) -> None:
    wanted = problem(CLAMP, "clamp")
    found = read(wanted, f"( (define-fun f ((a0 Int) (a1.0 Int) (a1.1 String)) Int {said}) )")
    assert (None if found is None else ast.unparse(found)) == text


def test_no_answer_is_none() -> None:
    assert read(problem(CLAMP, "clamp"), "fail") is None
