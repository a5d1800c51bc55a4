"""What is particular to servers that speak OpenAI's protocol: what SGLang takes, and what others refuse."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from lift.config import Config
from lift.errors import NotConfigured, Refused
from lift.generate.dialect import Form
from lift.generate.forms import BodyForm
from lift.generate.openai_compatible import Spoken, open_openai_compatible
from lift.generate.provider import Message, OutputSchema, Request
from lift.generate.registry import Opening
from lift.generate.schemas import output_for

from tests.lift.generate.scripted import Fails, Refuses, Says, Script, serving

SCHEMA = OutputSchema("n", {"type": "object", "properties": {"a": {}}, "required": ["a"]})
REQUEST = Request("system", (Message("user", "ask"),), SCHEMA, temperature=0.5, seed=3)


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def opened(endpoint: str, **settings):
    config = Config(provider="openai-compatible", endpoint=endpoint, model_seconds=20, **settings)
    return open_openai_compatible(Opening(config, {}))


async def answered(script: Script, times: int = 1, **serving_as):
    """The last of so many answers, and the server that gave them."""
    with serving(script, **serving_as) as server:
        provider = opened(server.endpoint)
        try:
            for _ in range(times):
                answer = await provider.complete(REQUEST)
        finally:
            await provider.close()
        return answer, server


async def test_sglang_is_recognised_once_and_gets_a_name_for_each_request():
    _, server = await answered(Says('{"a": 1}'), times=2, is_sglang=True)
    assert server.other.count("GET /model_info") == 1
    assert len({asked.body["rid"] for asked in server.asked}) == 2


async def test_other_servers_get_no_field_that_is_not_openais():
    _, server = await answered(Says('{"a": 1}'))
    known = {"model", "messages", "stream", "stream_options", "max_tokens", "temperature", "seed"}
    assert set(server.asked[0].body) == known | {"response_format"}


async def test_a_cancelled_request_ends_at_sglang():
    with serving(Says("x" * 64, waits=1), is_sglang=True) as server:
        provider = opened(server.endpoint)
        begun = asyncio.Event()
        task = asyncio.create_task(provider.complete(REQUEST, lambda _: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await provider.close()
        assert await asyncio.to_thread(server.wait, lambda s: s.hung_up and s.aborted)
        assert server.aborted == [server.asked[0].body["rid"]]


async def test_a_schema_that_is_refused_goes_into_the_instructions_from_then_on():
    script = Refuses(lambda asked: asked.schema is not None, Says('{"a": 1}'))
    answer, server = await answered(script, times=2)
    assert not answer.constrained
    assert [asked.schema is not None for asked in server.asked] == [True, False, False]
    assert '"required":["a"]' in server.asked[1].system


async def test_a_schema_that_is_ignored_is_noticed():
    answer, server = await answered(Says("Certainly! Here it is."), times=2)
    assert not answer.constrained
    assert [asked.schema is not None for asked in server.asked] == [True, False]


@pytest.mark.parametrize("field", ["temperature", "seed", "stream_options"])
async def test_a_field_that_the_server_names_is_left_out(field):
    script = Refuses(lambda asked: field in asked.body, Says('{"a": 1}'), f"Unsupported value: '{field}'")
    answer, server = await answered(script, times=2)
    assert answer.constrained
    assert [field in asked.body for asked in server.asked] == [True, False, False]


async def test_what_is_refused_in_any_form_is_said_as_it_was_first():
    with pytest.raises(Refused, match=r"HTTP 400, the context is too long.*check model"):
        await answered(Fails(400, "the context is too long"))


async def test_without_an_address_nothing_is_asked():
    with pytest.raises(NotConfigured, match="set endpoint, for example"):
        opened("")


async def test_the_model_that_the_server_has_is_taken_where_none_is_set():
    answer, server = await answered(Says('{"a": 1}'), models=("first", "second"))
    assert (answer.model, server.asked[0].body["model"]) == ("first", "first")


def test_openai_itself_is_asked_in_its_own_words():
    body = Spoken("https://api.openai.com/v1").write("m", replace(REQUEST, most_tokens=100), Form(), "r").body
    assert "max_tokens" not in body
    assert body["max_completion_tokens"] > 100


def test_openai_itself_gets_a_schema_without_the_bounds_that_it_refuses():
    request = replace(REQUEST, output=output_for(BodyForm))
    for endpoint, bounded in (("https://api.openai.com/v1", False), ("http://127.0.0.1:1/v1", True)):
        sent = Spoken(endpoint).write("m", request, Form(), "r").body["response_format"]
        assert ("maxLength" in str(sent)) == bounded
