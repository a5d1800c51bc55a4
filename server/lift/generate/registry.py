"""Which providers there are, by name; the code of each is loaded when it is opened.

Must not import a provider, or anything that asks a network.
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lift.config import Config
from lift.errors import ConfigError
from lift.generate.keys import Keyring
from lift.generate.provider import Provider

PROVIDERS: Mapping[str, str] = {
    "openai-compatible": "lift.generate.openai_compatible:open_openai_compatible",
    "anthropic": "lift.generate.anthropic:open_anthropic",
    "google": "lift.generate.google:open_google",
    "local": "lift.generate.local:open_local",
}


@dataclass(frozen=True)
class Opening:
    """What a provider is opened with.

    Attributes:
        environ: Where keys are looked for first.
        keyring: Where they are looked for next.
    """

    config: Config
    environ: Mapping[str, str]
    keyring: Keyring | None = None


def open_provider(
    config: Config, environ: Mapping[str, str] | None = None, keyring: Keyring | None = None
) -> Provider | None:
    """The provider that the settings name; None where they name none.

    Opens no connection and starts nothing. May ask the system's keyring, which can take seconds: call it on
    a thread where that matters.

    Args:
        environ: Where keys are looked for; None is this process's.
        keyring: Where they are looked for next; None is the system's.

    Raises:
        ConfigError: No provider has that name.
        ProviderError: It lacks something that it needs.
    """
    if not config.provider:
        return None
    path = PROVIDERS.get(config.provider)
    if path is None:
        near = difflib.get_close_matches(config.provider, PROVIDERS, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"there is no provider of that name; the nearest is {near}, and there are {', '.join(PROVIDERS)}"
        )
    from lift.generate.keys import system_keyring

    module, _, name = path.partition(":")
    opener: Callable[[Opening], Provider] = getattr(importlib.import_module(module), name)
    return opener(
        Opening(
            config, os.environ if environ is None else environ, system_keyring if keyring is None else keyring
        )
    )


def how_to_add() -> str:
    """How a model is added, for people, to stand beside what was found without one."""
    return (
        "No model is set up, so only solvers and templates were tried. To add one, set provider (such as"
        " openai-compatible, with endpoint) in your editor's settings for lift, or LIFT_PROVIDER and"
        " LIFT_ENDPOINT in the environment; docs/how-to/models.md"
    )
