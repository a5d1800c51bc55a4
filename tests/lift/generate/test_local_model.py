"""A real model, small and in this process's reach: what is held to a schema is valid, 200 times out of 200.

The model (SmolLM2, 135 million parameters) knows little; it is here for what cannot be scripted: tokens that
a grammar has to hold, answers that nobody thought of. Bounds on text are narrowed, so that it comes to an end
soon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lift.extract import extract
from lift.generate import prompts
from lift.generate.answers import read
from lift.generate.asking import ask_many
from lift.generate.forms import (
    BodyForm,
    ClausesForm,
    DraftForm,
    EffectsForm,
    Form,
    IntentForm,
    TypesForm,
)
from lift.generate.local import Local
from lift.generate.provider import Answer, OutputSchema, Request
from lift.generate.schemas import BOUNDED
from lift.generate.subject import Subject, subject_of
from lift.source.text import Snapshot

TEXT = '''def helper(x: int) -> int:
    """Help.

    Ensures:
        - ``result >= x``
    """
    return x + 1
'''
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
async def model(local_model_file: Path) -> AsyncIterator[Local]:
    provider = Local(local_model_file, 120.0)
    yield provider
    await provider.close()


def narrowed(schema: Any) -> Any:
    """A schema of the same shape with tighter bounds."""
    match schema["type"]:
        case "object":
            return {**schema, "properties": {n: narrowed(p) for n, p in schema["properties"].items()}}
        case "array":
            return {**schema, "items": narrowed(schema["items"]), "maxItems": 1}
    return schema if "enum" in schema else {**schema, "maxLength": 6}


def subject(qualname: str) -> Subject:
    found = subject_of(extract(Snapshot("cart.py", None, TEXT)).module, TEXT, qualname)
    assert found is not None
    return found


ASKED: list[tuple[type[Form], int, Callable[[], Request]]] = [
    (BodyForm, 40, lambda: prompts.body(subject("helper"))),
    (ClausesForm, 10, lambda: prompts.clause(subject("helper"), "the result is larger than x")),
    (TypesForm, 28, lambda: prompts.types(subject("helper"), names=("x", "return"))),
    (IntentForm, 100, lambda: prompts.intent(subject("helper"))),
    (EffectsForm, 20, lambda: prompts.effects(subject("helper"))),
    (DraftForm, 2, lambda: prompts.draft("the larger of two numbers")),
]


async def test_200_answers_of_200_are_of_their_form(model: Local) -> None:
    valid = 0
    for form, count, make in ASKED:
        request = make()
        assert request.output is not None
        schema = narrowed(request.output.schema)
        request = replace(
            request, output=OutputSchema(f"{request.output.name}_narrow", schema), most_tokens=400
        )
        async for _, answer in ask_many(model, request, count):
            assert isinstance(answer, Answer), answer
            assert answer.constrained
            found = read(form, answer)
            assert isinstance(found, form), (found, answer.text)
            jsonschema.validate(found.model_dump(mode="json"), BOUNDED[form])
            valid += 1
    assert valid == sum(count for _, count, _ in ASKED) == 200


async def test_asking_is_ended_by_cancelling(model: Local) -> None:
    heard = asyncio.Event()
    request = replace(prompts.body(subject("helper")), most_tokens=4000)
    asking = asyncio.ensure_future(anext(ask_many(model, request, 3, lambda *_: heard.set())))
    await heard.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    # The next request does not have to wait for what nobody waits for any more.
    short = replace(request, output=None, most_tokens=1)
    assert (await model.complete(short)).finish == "length"
