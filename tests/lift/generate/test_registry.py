"""Providers by name: what is opened, what is refused with which words, and that nothing is loaded before."""

from __future__ import annotations

import pytest
from lift.config import Config
from lift.errors import ConfigError, NotConfigured, ProviderError
from lift.generate.registry import PROVIDERS, how_to_add, open_provider


def opened(**settings):
    return open_provider(Config(**settings), {}, lambda *_: None)


def test_nothing_is_opened_where_nothing_is_set_up_and_the_message_says_how():
    assert opened() is None
    assert "LIFT_PROVIDER" in how_to_add()


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(ConfigError, match="the nearest is anthropic"):
        opened(provider="antropic", model="m")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"provider": "openai-compatible"}, "set endpoint"),
        ({"provider": "anthropic"}, "set model"),
        ({"provider": "google"}, "set model"),
        ({"provider": "local"}, "set model-file"),
        ({"provider": "local", "model_file": "/nowhere/m.gguf"}, "No such file.*set model-file"),
        ({"provider": "local", "model_file": __file__}, "is no GGUF file"),
    ],
)
def test_what_is_missing_is_said_when_it_is_opened(settings, words):
    with pytest.raises(NotConfigured, match=words):
        opened(**settings)


async def test_a_file_that_is_no_whole_model_is_said_when_it_is_asked(tmp_path):
    from lift.generate.provider import Message, Request

    (tmp_path / "m.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    provider = opened(provider="local", model_file=str(tmp_path / "m.gguf"))
    assert provider is not None
    with pytest.raises(ProviderError, match="cannot be loaded as a model"):
        await provider.complete(Request("", (Message("user", "hi"),)))
    await provider.close()


async def test_without_the_package_a_local_model_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NotConfigured, match=r"pip install 'lift-sys\[local\]'"):
        opened(provider="local", model_file=__file__)


@pytest.mark.parametrize("name", [n for n in PROVIDERS if n != "local"])
async def test_opening_asks_nobody(name):
    provider = opened(provider=name, model="m", endpoint="http://127.0.0.1:9")
    assert provider is not None
    assert (provider.name, provider.model) == (name, "m")
    await provider.close()
