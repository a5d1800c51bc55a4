"""What ``lift doctor`` says of the model: which one is set up, whether it answers, what was asked today.

Asks a network only where it is told to.
"""

from __future__ import annotations

import asyncio

from lift.cli.examination import Organ
from lift.config import Config
from lift.errors import LiftError
from lift.generate.budget import budget
from lift.generate.provider import Health, Provider
from lift.generate.registry import PROVIDERS, open_provider

_ADD = "Set LIFT_PROVIDER and LIFT_ENDPOINT, if you want one: docs/how-to/models.md"


def examine_model(config: Config, ask: bool) -> Organ:
    """The model that the settings name.

    Args:
        ask: Whether its server may be asked whether it answers.
    """
    try:
        provider = open_provider(config)
    except LiftError as error:
        return Organ(
            "model", "missing", str(error), f"Correct the setting; providers: {', '.join(PROVIDERS)}."
        )
    if provider is None:
        return Organ("model", "absent", "none is set up, so solvers and templates write alone", _ADD)
    health = asyncio.run(_asked(provider, ask))
    today = _today(config)
    if health is None:
        told = f"{provider.model or 'the first that it offers'}, by {provider.name}{_place(config)}; {today}"
        return Organ("model", "fine", f"{told}; not asked, unless by --models")
    if not health.ready:
        return Organ("model", "missing", f"{provider.name}: {health.message}", "See docs/how-to/models.md.")
    return Organ("model", "fine", f"{health.message}, by {provider.name}, answers; {today}")


async def _asked(provider: Provider, ask: bool) -> Health | None:
    try:
        return await provider.health() if ask else None
    finally:
        await provider.close()


def _place(config: Config) -> str:
    return f" at {config.endpoint}" if config.endpoint else ""


def _today(config: Config) -> str:
    used = budget(config.daily_tokens).refresh()
    of = f" of {config.daily_tokens:,}" if config.daily_tokens else ""
    return f"{used:,}{of} tokens used today"
