"""What is suggested for a hole is offered only if it fits, says something, and the body does not break it."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.resolve.suggest.judge import Asked, Judged, Suggestion, judge
from lift.source.text import Snapshot
from lift.verify.options import Options

TEXT = '''\
import os


def save(xs):
    open("f", "w").write(str(xs))


def order(xs: list[int]) -> list[int]:
    """Put numbers in order.

    Ensures:
        - ``len(result) == len(xs)``
        - it comes back in a seemly order
    """
    return sorted(xs)


def arrange(xs: list[int]) -> list[int]:
    """Put numbers in order.

    Ensures:
        - ``len(result) == len(xs)``
        - it comes back in a seemly order
    """
    raise NotImplementedError


def first(xs: list[int]) -> int:
    """Give the first.

    Requires:
        - there is something

    Ensures:
        - ``result == xs[0]``
    """
    return xs[0]


def double(n):
    """Twice a number.

    Ensures:
        - ``result == 2 * n``

    Effects:
        - ``?what``
    """
    return n + n


def use() -> int:
    return double(3)


def spread(xs) -> int:
    """Say how many there are.

    Ensures:
        - ``result == len(xs)``
    """
    return len(xs)


def nameless(n: int) -> int:
    """

    Ensures:
        - ``result == n``
    """
    return n
'''
MODULE = extract(Snapshot("m.py", None, TEXT)).module


def judged(function: str, kind: str, *suggestions: str | Suggestion) -> Judged:
    owner = next(f for f in MODULE.all_functions() if f.qualname == function)
    hole = next(h for h in owner.holes if h.id == kind or h.hole == kind)
    asked = Asked(
        hole=hole.id,
        who="tiny",
        suggestions=tuple(Suggestion(text=s) if isinstance(s, str) else s for s in suggestions),
    )
    return judge(MODULE, TEXT, function, Options(seconds=60), asked.model_dump_json())


def reason(found: Judged) -> str:
    assert found.candidates == ()
    (rejected,) = found.rejected
    return rejected.reason


SORTED = "all(a <= b for a, b in zip(result, result[1:]))"


def test_a_clause_that_the_body_keeps_is_proved_and_shown_by_example() -> None:
    (found,) = judged("order", "clause", SORTED).candidates
    assert found.evidence == "suggested by tiny; proved on the body"
    assert found.provenance.kind == "agent"
    assert found.provenance.model == "tiny"
    holds = {call.partition(" → ")[2]: is_it for call, is_it in ((found.allows, 1), (found.forbids, 0))}
    assert {eval(value) == sorted(eval(value)): is_it for value, is_it in holds.items()} == {
        True: 1,
        False: 0,
    }


def test_what_no_proof_can_say_is_never_written_without_a_choice() -> None:
    from lift.resolve.holes import SURE

    found = judged("order", "clause", SORTED, "result == sorted(xs)").candidates
    assert len(found) == 2
    assert all(c.score < SURE for c in found)


def test_a_clause_that_the_body_breaks_is_refused_with_the_input() -> None:
    found = judged("order", "clause", "result == sorted(xs, reverse=True)")
    assert reason(found).startswith("the body contradicts it: order(")
    example = found.rejected[0].counterexample
    assert example is not None
    assert example.outcome.kind == "returned"


def test_without_a_body_both_orders_are_candidates_and_their_examples_differ() -> None:
    found = judged(
        "arrange", "clause", "result == sorted(xs)", "result == sorted(xs, reverse=True)"
    ).candidates
    assert [c.evidence.rpartition("; ")[2] for c in found] == ["there is no body to try it on"] * 2
    assert len({c.allows for c in found}) == 2
    assert all(c.allows.startswith("arrange(") and c.forbids.startswith("arrange(") for c in found)


def test_a_requirement_says_what_is_proved_under_it() -> None:
    (found,) = judged("first", "clause", Suggestion(text="len(xs) > 0", kind="requires")).candidates
    assert "under it 2 of 2 obligations of the body are proved" in found.evidence
    assert found.forbids == "first([])"


# A suggestion, and a part of why it is refused. Nothing of these is ever evaluated outside the sandbox.
REFUSED = {
    "result == sorted(ys)": "no name `ys`",
    "result ==": "no expression",
    "os.system('true') == 0": "starts or ends processes, and a clause only computes",
    "open('f').read() == ''": "reads or writes files, and a clause only computes",
    "print(result) is None": "writes to the console",
    "eval('True')": "hides what it does",
    "__import__('os').system('true') == 0": "hides what it does",
    "().__class__.__subclasses__() == []": "reaches into the interpreter",
    "save(xs) is None": "files, and a clause only computes",
    "result.sort() is None": "it changes result",
    "xs.append(1) is None": "it changes xs",
    "(y := 3) == 3": "cannot assign",
    "result == xs``: so ``True": "double backticks",
    "len(result) >= 0": "it says nothing",
    "False": "no input could meet it",
    "len(result) == 1 and len(result) == 2": "no input could meet it",
    "result.size == 1": "it has no value",
    "result + 1 == 2": "it has no value",
    'result == """': "own quotes",
    "result == [" + ", ".join("0" * 200) + "]": "characters long",
}


@pytest.mark.parametrize("suggestion", REFUSED)
def test_a_clause_that_is_no_good_is_refused_with_a_reason(suggestion: str) -> None:
    assert REFUSED[suggestion] in reason(judged("arrange", "clause", suggestion))


def test_a_clause_of_another_kind_is_refused() -> None:
    wrong = Suggestion(text="len(xs) > 0", kind="requires")
    assert reason(judged("order", "clause", wrong)) == "it belongs under Requires, not under Ensures"
    raises = Suggestion(text="not xs", kind="raises", exception="ValueError")
    assert "ValueError is raised" in reason(judged("order", "clause", raises))


def test_a_type_is_held_to_the_values_that_arrive_and_to_the_clauses() -> None:
    (found,) = judged("double", "double:type:n", "int").candidates
    assert "the call in line 53" in found.evidence
    assert "with it 1 of 1 clauses are proved" in found.evidence
    refused = {
        "str": "passes int",
        "list[int]": "passes int",
        "Number": "names a type that is not there",
        "os.system('true')": "no annotation",
        "int[str]": "takes no parameters",
        "int, str = 3": "no annotation",
    }
    for suggestion, why in refused.items():
        assert why in reason(judged("double", "double:type:n", suggestion))


def test_a_type_brings_the_import_that_lift_knows_for_it() -> None:
    (found,) = judged("spread", "type", "Sequence[int]").candidates
    assert found.imports == ("from collections.abc import Sequence",)


def test_effects_are_held_to_what_the_body_is_seen_to_do() -> None:
    (found,) = judged("double", "effect", "none").candidates
    assert found.evidence == "suggested by tiny; the body calls nothing that has one"
    assert "nothing that the body calls" in reason(judged("double", "effect", "network"))
    assert "stands alone" in reason(judged("double", "effect", "none, network"))
    assert "no effect" in reason(judged("double", "effect", "everything"))


def test_words_are_offered_as_words() -> None:
    (found,) = judged("nameless", "intent", "Give back the number.").candidates
    assert found.evidence == "suggested by tiny; words, which nothing can prove"
    for suggestion in ("Ensures:", "``False``", "!", "Give back the", ">>> os.system('true')"):
        assert reason(judged("nameless", "intent", suggestion))
