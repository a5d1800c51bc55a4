"""A specification drafted from a description: each clause judged, and nothing of the prose lost."""

from __future__ import annotations

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.suggest.judge import Suggestion
from lift.resolve.suggest.spec import AskedFor, Reading, Specification, draft
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift_ir import Function

PICK = '''\
def pick(xs: list[int], low):
    """Return the largest of xs. The list is not empty. The result is at least low.

    It was written on a Friday. The result is always pretty!
    Raises ValueError if low is negative.

    Args:
        xs: Must not be empty.
        low: A non-negative number.
    """
    if low < 0:
        raise ValueError(low)
    return max([*xs, low])


pick([1], 3)
'''
ORDER = """\
class A:
    def order(self, xs: list[int]) -> list[int]:
        "Return xs sorted. The result has the same length as xs."
        return xs + xs
"""
OPEN = '''\
def add(one: int, other: int) -> int:
    """Add two numbers.

    The result must be positive. It must be quick.
    """
    raise NotImplementedError
'''


def drafted(text: str, name: str, asked: AskedFor | None = None) -> tuple[Specification, str, Function]:
    module = extract(Snapshot("m.py", None, text)).module
    details = (asked or AskedFor()).model_dump_json()
    found = draft(module, text, name, Options(seconds=120), details)
    after = apply(text, [Edit(e.span, e.text) for e in found.edits])
    extraction = extract(Snapshot("m.py", None, after))
    assert extraction.error is None
    assert extraction.problems == ()
    function = next(f for f in extraction.module.all_functions() if f.qualname == name)
    return found, after, function


def test_what_the_phrasebook_reads_is_written_and_the_description_stays() -> None:
    found, after, function = drafted(PICK, "pick")
    assert [(c.kind, c.text) for c in found.clauses] == [
        ("raises", "ValueError: low < 0"),
        ("requires", "len(xs) > 0"),
        ("ensures", "result >= low"),
    ]
    assert all("proved" in c.evidence for c in found.clauses)
    assert found.types == (("low", "int"), ("return", "int"))
    assert found.open == ("The result is always pretty",)
    assert {h.name for h in function.holes if h.hole == "clause"} == {"the-result-is-always-pretty"}
    # What the body breaks, and what would make the exception impossible, is refused and said.
    assert {r.text: r.reason.partition(":")[0] for r in found.rejected} == {
        "low >= 0": "it would rule out what raises ValueError",
        "result == max(xs)": "the body contradicts it",
    }
    lines = after.split("\n")
    assert [line for line in PICK.split("\n")[1:] if line not in lines] == []
    assert lines[0] == "def pick(xs: list[int], low: int) -> int:"


def test_a_docstring_of_one_line_and_one_quote_gets_its_sections() -> None:
    found, after, _ = drafted(ORDER, "A.order")
    assert [c.text for c in found.clauses] == []
    assert [r.reason.partition(":")[0] for r in found.rejected] == ["the body contradicts it"] * 2
    assert found.open == ("The result has the same length as xs",)
    assert '        """Return xs sorted. The result has the same length as xs.\n' in after


def test_without_a_body_clauses_are_shown_by_example() -> None:
    found, _, function = drafted(OPEN, "add")
    (clause,) = found.clauses
    assert clause.text == "result > 0"
    assert clause.evidence.endswith("there is no body to try it on")
    assert (clause.allows, clause.forbids) == ("add(0, 0) → 1", "add(0, 0) → 0")
    assert found.open == ("It must be quick",)
    assert any(h.hole == "body" for h in function.holes)


def test_what_a_model_reads_is_judged_like_the_rest() -> None:
    readings = (
        Reading(
            sentence="Add two numbers",
            clauses=(
                Suggestion(text="result == one + other", kind="ensures"),
                Suggestion(text="result == other + one", kind="ensures"),
                Suggestion(text="result == onne + other", kind="ensures"),
                Suggestion(text="__import__('os').system('true') == 0", kind="ensures"),
                Suggestion(text="one < 0", kind="raises", exception="system"),
                Suggestion(text="result == 1``: so ``True", kind="ensures"),
                Suggestion(text="?hidden == 1", kind="ensures"),
            ),
        ),
    )
    found, _, function = drafted(OPEN, "add", AskedFor(who="tiny", readings=readings))
    assert [c.text for c in found.clauses] == ["result == one + other", "result > 0"]
    assert found.clauses[0].evidence.startswith("suggested by tiny; ")
    assert len(found.rejected) == 6
    assert [c.expression for c in function.clauses if c.expression] == ["result == one + other", "result > 0"]


def test_a_models_type_is_taken_where_nothing_else_is_known_and_it_fits() -> None:
    text = 'def double(n):\n    """Return n, positive."""\n    return n\n\n\ndouble(1)\n'
    found, _, _ = drafted(text, "double", AskedFor(who="tiny", types=(("n", "str"), ("return", "float"))))
    assert dict(found.types)["n"] == "int"
    text = 'def double(n):\n    """Return n twice."""\n    ...\n'
    found, _, _ = drafted(text, "double", AskedFor(who="tiny", types=(("n", "Nothing"), ("n", "int"))))
    assert dict(found.types) == {"n": "int"}
    assert [r.text for r in found.rejected] == ["n: Nothing"]


@pytest.mark.parametrize("text", ["def f(x: int) -> int:\n    return x\n"])
def test_what_is_not_described_has_no_draft(text: str) -> None:
    found, after, _ = drafted(text, "f")
    assert found.reason == "its docstring describes nothing"
    assert after == text


def test_line_ends_stay() -> None:
    text = OPEN.replace("\n", "\r\n")
    _, after, _ = drafted(text, "add")
    assert after.count("\n") == after.count("\r\n") > text.count("\r\n")
