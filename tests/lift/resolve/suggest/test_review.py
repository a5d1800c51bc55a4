"""The review of a drafted stub: what fails goes back to its words, what can be read becomes a clause."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.suggest.review import needs_review, review
from lift.resolve.suggest.spec import Specification
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift_ir import Function

HEAD = 'def pick(xs: list[int], low: int) -> int:\n    """Pick a number.\n'
TAIL = '    """\n    raise NotImplementedError\n'


def stub(requires: list[str], ensures: list[str]) -> str:
    text = HEAD
    for header, bullets in (("Requires", requires), ("Ensures", ensures)):
        if bullets:
            text += f"\n    {header}:\n" + "".join(f"        - {b}\n" for b in bullets)
    return text + TAIL


def reviewed(text: str, who: str = "tiny") -> tuple[Specification, str, Function]:
    module = extract(Snapshot("m.py", None, text)).module
    found = review(module, text, "pick", Options(seconds=120), who)
    after = apply(text, [Edit(e.span, e.text) for e in found.edits])
    extraction = extract(Snapshot("m.py", None, after))
    assert extraction.error is None
    assert extraction.problems == ()
    return found, after, extraction.module.functions[0]


def test_what_holds_among_the_others_stays_as_it_was_written() -> None:
    text = stub(["``len(xs) > 0``: there are some"], ["``result in xs``: it is one of them"])
    found, after, _ = reviewed(text)
    assert after == text
    assert [(c.kind, c.text, c.sentence) for c in found.clauses] == [
        ("requires", "len(xs) > 0", "there are some"),
        ("ensures", "result in xs", "it is one of them"),
    ]
    assert all(c.evidence.startswith("suggested by tiny; ") for c in found.clauses)
    assert all(c.allows and c.forbids for c in found.clauses)


# A clause with its words, and a part of why it goes back to them.
BAD = [
    ("``result >= min(xs) or True``: not too small", "it says nothing"),
    ("``result > result``: it grows", "no input could meet it"),
    ("``result.size == 1``: it is small", "it has no value"),
    ("``print(result) is None``: it is said", "writes to the console"),
    ("``xs.sort() is None``: sorts as well", "it changes xs"),
]


@pytest.mark.parametrize(("bullet", "reason"), BAD)
def test_what_fails_goes_back_to_its_words(bullet: str, reason: str) -> None:
    found, after, function = reviewed(stub(["``len(xs) > 0``"], ["``result in xs``", bullet]))
    assert [c.text for c in found.clauses] == ["len(xs) > 0", "result in xs"]
    assert [reason in r.reason for r in found.rejected] == [True]
    words = bullet.partition("``: ")[2]
    assert f"        - {words}\n" in after
    assert [c.text for c in function.clauses if c.expression is None] == [words]


def test_nothing_that_does_more_than_compute_is_evaluated_even_in_the_sandbox(tmp_path: Path) -> None:
    target = tmp_path / "touched"
    bullets = [f"``open({str(target)!r}, 'w') is not None``", "``result in xs``"]
    found, after, _ = reviewed(stub([], bullets))
    assert [c.text for c in found.clauses] == ["result in xs"]
    assert "open(" not in after
    assert not target.exists()


def test_where_nothing_is_left_the_question_is_asked_again() -> None:
    _, after, function = reviewed(stub([], ["``result > result``"]))
    assert "- ``?outcome: bool``" in after
    assert {h.hole for h in function.holes} == {"term", "body"}


def test_prose_that_can_be_read_becomes_a_clause_under_its_header() -> None:
    text = stub([], ["xs must not be empty", "The result is at least low", "It is quick"])
    found, after, function = reviewed(text, "")
    assert [(c.kind, c.text) for c in function.clauses if c.expression] == [
        ("requires", "len(xs) > 0"),
        ("ensures", "result >= low"),
    ]
    assert "- ``len(xs) > 0``: xs must not be empty" in after
    assert "- ``result >= low``: The result is at least low" in after
    assert found.open == ("It is quick",)


def test_what_there_is_to_review_is_known_without_a_worker() -> None:
    def asks(text: str) -> bool:
        return needs_review(extract(Snapshot("m.py", None, text)).module.functions[0])

    assert asks(stub(["``low > 0``"], []))
    assert asks(stub([], ["The result is at least low"]))
    assert not asks(stub([], ["It is quick"]))
