"""Conditions that cvc5 abduces: that they are said in Python as they were meant, and within the time."""

from __future__ import annotations

import operator
import random
from typing import Any

import pytest
from lift.resolve.repair.abduction import in_python
from lift.verify.solvers.cvc5_solver import Cvc5

NAMES = ["a", "b", "len(xs)"]
SAID = {
    "(not (= abducible0 (- 0 (+ abducible1 abducible1))))": "a + 2 * b != 0",
    "(<= (+ abducible0 1) abducible2)": "a < len(xs)",
    "(< abducible0 (+ abducible2 1))": "a <= len(xs)",
    "(<= (+ abducible0 abducible1) (+ abducible2 (+ 1 1)))": "a + b <= len(xs) + 2",
    "(< 0 abducible0)": "a > 0",
    "(<= 1 abducible0)": "a > 0",
    "(<= abducible0 (- abducible0 abducible1))": "b <= 0",
    "(< (- abducible1) (- 3))": "b > 3",
    "(not (= (+ abducible0 abducible0) 4))": "a != 2",
    "(not (= (+ abducible0 abducible0) 3))": None,
    "(<= abducible0 abducible0)": None,
    "true": None,
    "(or (< abducible0 1) (< abducible1 1))": None,
}


def defined(condition: str) -> str:
    return f"(define-fun found () Bool {condition})"


@pytest.mark.parametrize("condition", SAID)
def test_a_condition_is_said_in_python(condition):
    assert in_python(defined(condition), NAMES) == SAID[condition]


OPERATORS = {"<=": operator.le, "<": operator.lt, "=": operator.ne, "+": operator.add, "-": operator.sub}


def made(chance: random.Random, depth: int) -> Any:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["abducible0", "abducible1", "abducible2", "0", "1", "7", ["-", "2"]])
    return [chance.choice("+-"), made(chance, depth - 1), made(chance, depth - 1)]


def text_of(tree: Any) -> str:
    return tree if isinstance(tree, str) else f"({' '.join(map(text_of, tree))})"


def value_of(tree: Any, values: list[int]) -> Any:
    if isinstance(tree, str):
        return values[int(tree[-1])] if tree.startswith("abducible") else int(tree)
    if len(tree) == 2:
        return -value_of(tree[1], values)
    return OPERATORS[tree[0]](value_of(tree[1], values), value_of(tree[2], values))


@pytest.mark.parametrize("seed", range(60))
def test_what_is_said_in_python_means_what_cvc5_meant(seed):
    chance = random.Random(seed)
    for _ in range(20):
        tree = [chance.choice(["<=", "<", "="]), made(chance, 3), made(chance, 3)]
        text = f"(not {text_of(tree)})" if tree[0] == "=" else text_of(tree)
        said = in_python(defined(text), NAMES)
        for _ in range(20):
            a, b, n = (chance.randint(-9, 9) for _ in NAMES)
            xs = [0] * abs(n)
            wanted = value_of(tree, [a, b, len(xs)])
            if said is not None:
                assert eval(said, {"a": a, "b": b, "xs": xs}) == wanted, (text, said)


ENDLESS = """(set-logic ALL)
(declare-const abducible0 Int)(declare-const abducible1 Int)(declare-const goal Bool)
(assert (= goal (<= (+ abducible0 abducible1) 5)))
(get-abduct found goal ((C Bool) (T Int)) ((C Bool ((<= T T)))
  (T Int (abducible0 abducible1 0 1 (+ T T) (- T T)))))"""


@pytest.fixture
def cvc5():
    solver = Cvc5()
    yield solver
    solver.close()


def test_what_was_found_before_the_time_was_over_is_given(cvc5):
    # There is no end to weaker ones, each of which takes longer than the one before.
    found = cvc5.abducts(ENDLESS, 3000, 1000)
    assert defined("(<= abducible0 (- 0 abducible1))") in found
    assert len(found) < 1000
    question = cvc5.ask("(declare-const x Int)(assert (= (* x x) 145))", 5000)
    assert question is not None
    assert cvc5.wait(question, 5000) == "unsat"


def test_no_more_are_looked_for_than_were_asked_for(cvc5):
    assert len(cvc5.abducts(ENDLESS, 20000, 2)) == 2


def test_a_question_that_cannot_be_read_has_no_abducts(cvc5):
    assert cvc5.abducts("(get-abduct found goal)", 5000, 2) == []
