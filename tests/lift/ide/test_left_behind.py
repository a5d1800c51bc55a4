"""What is said and offered when another tool renames a parameter and leaves the specification behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.config import Config
from lift.edit import apply
from lift.ide import Action, Finding, actions_at, findings_of
from lift.project import Project
from lift.source.text import Snapshot

URI = "file:///split.py"
SPLIT = '''\
def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split an amount.

    Requires:
        - ``amount >= 0 and amount < 9 and amount != 7 and amount != 8``
        - ``all(amount > 0 for amount in weights)``

    Ensures:
        - ``sum(result) == amount``: the amount

    Args:
        amount: The amount.
        weights: How.

    Examples:
        >>> allocate(amount=1, weights=[1])
        [1]
    """
    return [amount * w // sum(weights) for w in weights]
'''


def by_another_server(text: str, old: str, new: str) -> str:
    """A rename of the code that does not know of specifications."""
    head, quotes, rest = text.partition('"""')
    doc, more, body = rest.partition('"""')
    return head.replace(old, new) + quotes + doc + more + body.replace(old, new)


def carried(text: str, new: str) -> str:
    """What the text should be when the specification follows a rename of ``amount``."""
    after = by_another_server(text, "amount", new)
    for part in ("``amount", "and amount", "== amount", "  amount: The", "(amount="):
        after = after.replace(part, part.replace("amount", new))
    return after


def project_after(*texts: str) -> Project:
    project = Project(Path.cwd(), Config(cache=False))
    for version, text in enumerate(texts):
        project.analyse(Snapshot(URI, version, text))
    return project


def bad(project: Project) -> list[Finding]:
    return [f for f in findings_of(project, URI) if f.code == "bad-clause"]


def fixes(project: Project) -> list[Action]:
    return [a for f in bad(project) for a in actions_at(project, URI, f.span)]


def test_the_finding_says_what_happened_and_one_action_mends_it_all() -> None:
    after = by_another_server(SPLIT, "amount", "total")
    project = project_after(SPLIT, after)
    assert {f.message.partition(": ")[2] for f in bad(project)} == {
        "`amount` was renamed to `total`, and the specification still says `amount`"
    }
    for action in fixes(project):
        assert action.preferred
        assert action.title == "Rename `amount` to `total` in the specification of allocate"
        assert apply(after, action.edits) == carried(SPLIT, "total")
    assert not bad(project_after(carried(SPLIT, "total")))


@given(st.integers(0, 5), st.sampled_from(["total", "a", "amounts", "größe"]))
def test_the_new_name_may_come_letter_by_letter(kept: int, new: str) -> None:
    """The old name is deleted to some letters, and the new one typed; the code follows at the end."""
    typed = (
        ["amount"[:n] for n in range(6, kept, -1)]
        + ["amount"[:kept]]
        + [new[:n] for n in range(len(new) + 1)]
    )
    texts = [SPLIT.replace("(amount:", f"({name}:") for name in typed]
    last = by_another_server(SPLIT, "amount", new)
    project = project_after(*texts, last, last)
    assert {f.data["renamed"] for f in bad(project)} == {"amount"}
    assert {apply(last, a.edits) for a in fixes(project)} == {carried(SPLIT, new)}


@pytest.mark.parametrize(
    "header",
    [
        "(total: str, weights: list[int])",
        "(weights: list[int])",
        "(total: int, weights: list[int], cap: int)",
        "(weights: list[int], total: int)",
        "(*, total: int, weights: list[int])",
    ],
)
def test_another_signature_is_no_rename(header: str) -> None:
    after = SPLIT.replace("(amount: int, weights: list[int])", header)
    project = project_after(SPLIT, after)
    assert bad(project)
    assert not any("renamed" in f.data for f in bad(project))
    assert not any(a.title.startswith("Rename") for a in fixes(project))


def test_two_renames_are_told_apart_by_their_places() -> None:
    both = by_another_server(by_another_server(SPLIT, "amount", "total"), "weights", "shares")
    project = project_after(SPLIT, both)
    assert {(f.data["renamed"], f.data["suggestion"]) for f in bad(project)} == {
        ("amount", "total"),
        ("weights", "shares"),
    }


def test_a_misspelt_name_is_what_it_was() -> None:
    text = SPLIT.replace("``sum(result) == amount", "``sum(result) == amuont")
    (finding,) = bad(project_after(SPLIT, text))
    assert "did you mean `amount`?" in finding.message
    assert "renamed" not in finding.data


def test_a_text_that_is_closed_is_forgotten() -> None:
    after = by_another_server(SPLIT, "amount", "total")
    project = project_after(SPLIT)
    project.forget(URI)
    project.analyse(Snapshot(URI, 2, after))
    assert not any("renamed" in f.data for f in bad(project))
