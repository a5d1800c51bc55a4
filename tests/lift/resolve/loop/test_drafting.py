"""Functions drafted from a sentence: what a model says becomes a clause only if it checks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from lift.errors import ProviderError
from lift.extract import extract
from lift.generate.forms import DraftForm
from lift.generate.provider import Answer, Health, Request
from lift.resolve.loop.drafting import Drafts, checked_in, drafted, stub_of_form
from lift.resolve.loop.stub import Stub
from lift.source.text import Snapshot

FORM: dict[str, Any] = {
    "name": "allocate",
    "summary": "split an amount across weights without losing a unit.",
    "parameters": [
        {"name": "amount", "type": "int", "description": "Units to hand out."},
        {"name": "weights", "type": "Sequence[int]", "description": "How much each gets."},
    ],
    "returns": "list[int]",
    "requires": [{"expression": "amount >= 0", "meaning": ""}],
    "ensures": [
        {"expression": "sum(result) == amount", "meaning": "no unit is lost"},
        {"expression": "len(result) <= ?limit", "meaning": ""},
        {"expression": "result is fair", "meaning": "Shares are fair."},
        {"expression": "", "meaning": "Keeps the order"},
    ],
    "raises": [{"exception": "ValueError", "expression": "sum(weights) == 0", "meaning": "nobody gets any"}],
    "effects": ["none"],
    "questions": [
        {"hole": "term", "name": "limit", "question": "how many shares at most?"},
        {"hole": "clause", "name": "spare", "question": "Who receives the spare units?"},
    ],
}
EXPECTED = '''\
def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount across weights without losing a unit.

    Requires:
        - ``amount >= 0``

    Ensures:
        - ``sum(result) == amount``: no unit is lost
        - ``len(result) <= ?limit``
        - Shares are fair
        - Keeps the order
        - Who receives the spare units?

    Effects:
        - ``none``

    Args:
        amount: Units to hand out
        weights: How much each gets

    Raises:
        ValueError: If ``sum(weights) == 0``.
    """
    raise NotImplementedError
'''


def stub(text: str = "", **changes: Any) -> Stub | None:
    return stub_of_form(DraftForm.model_validate_json(json.dumps(FORM | changes)), text)


def test_a_form_becomes_a_function_with_clauses_and_holes() -> None:
    found = stub()
    assert found is not None
    assert found.text == EXPECTED
    assert found.imports == ("from collections.abc import Sequence",)
    assert found.clauses == ("Shares are fair", "Keeps the order", "Who receives the spare units?")
    assert checked_in(found) == 2
    extraction = extract(Snapshot("a.py", None, found.text))
    assert extraction.problems == ()
    assert {h.hole for h in extraction.module.functions[0].holes} == {"body", "clause", "term"}


# What a form says that cannot be taken as it stands, and what must not be in the function then.
ODD = [
    ({"returns": "Nothing[int]"}, "-> Nothing"),
    ({"returns": "__import__('os').system('x')"}, "__import__"),
    ({"returns": "int: pass\ndef evil()"}, "evil"),
    ({"summary": 'Ends """ early. \\'}, '"""" '),
    ({"ensures": [{"expression": 'result == "\\n"', "meaning": ""}]}, "zzz"),
    ({"ensures": [{"expression": "nobody > 1", "meaning": "it is more"}]}, "nobody"),
    ({"ensures": [{"expression": "(x := 1) == result", "meaning": "one"}]}, ":="),
    ({"ensures": [{"expression": "result >= 0``: and ``1 == 1", "meaning": "fine"}]}, "1 == 1"),
    ({"ensures": [{"expression": '"""\nimport os\n"""', "meaning": "fine"}]}, "import os"),
    ({"raises": [{"exception": "NoSuchError", "expression": "amount > 1", "meaning": ""}]}, "NoSuchError"),
    ({"raises": [{"exception": "KeyError", "expression": "amount >", "meaning": ""}]}, "KeyError"),
    ({"requires": [{"expression": "result > 1", "meaning": ""}]}, "result > 1"),
]


@pytest.mark.parametrize(("changes", "gone"), ODD)
def test_what_does_not_check_is_no_clause(changes: dict[str, Any], gone: str) -> None:
    found = stub(**changes)
    assert found is not None
    extraction = extract(Snapshot("a.py", None, found.text))
    assert extraction.error is None
    assert extraction.problems == ()
    assert [f.name for f in extraction.module.functions] == ["allocate"]
    assert gone not in found.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "two words"},
        {"name": "class"},
        {"parameters": [{"name": "a b", "type": "", "description": ""}]},
        {"parameters": [{"name": "a", "type": "", "description": ""}] * 2},
    ],
)
def test_what_is_no_definition_is_none(changes: dict[str, Any]) -> None:
    assert stub(**changes) is None


def test_names_of_the_file_may_be_used() -> None:
    text = "class Cart:\n    size: int = 0\n\n\ndef helper(n: int) -> int:\n    return n\n"
    ensures = [{"expression": "helper(amount) == result", "meaning": ""}]
    found = stub(text, returns="Cart", ensures=ensures)
    assert found is not None
    assert "-> Cart:" in found.text
    assert "``helper(amount) == result``" in found.text


@dataclass
class Model:
    answers: Sequence[str | ProviderError]
    requests: list[Request] = field(default_factory=list)
    name: str = "scripted"
    model: str = "m"

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        self.requests.append(request)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, ProviderError):
            raise answer
        return Answer(answer, "stop", "m", constrained=True)

    async def health(self) -> Health:
        return Health(True, "")

    async def close(self) -> None:
        return


def asked(*answers: str | ProviderError) -> Drafts:
    return asyncio.run(drafted(Model(answers), "split an amount", count=len(answers)))


def test_the_draft_that_says_most_comes_first() -> None:
    less = json.dumps(FORM | {"ensures": [], "raises": []})
    found = asked(less, "{half", json.dumps(FORM), json.dumps(FORM))
    assert [checked_in(s) for s in found.stubs] == [2, 0]
    assert found.notes[0].startswith("an answer was of no use: the answer is not JSON")
    assert (found.model, len(found.prompt)) == ("m", 16)


def test_no_answer_at_all_is_an_error() -> None:
    with pytest.raises(ProviderError, match="down"):
        asked(ProviderError("the server is down"), ProviderError("the server is down"))
    assert len(asked(ProviderError("down"), json.dumps(FORM)).stubs) == 1
