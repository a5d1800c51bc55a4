"""Deploys, shows and stops the Modal service, by Modal's own command line in a process of its own.

``modal`` is an extra of lift's and imports slowly, so that it is never loaded here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lift.errors import LiftError

FILE = Path(__file__).with_name("modal_service.py")
APP = "lift-model"
_URL = re.compile(r"https://[\w.-]+\.modal\.run\b")
_INSTALL = "pip install 'lift-sys[modal]'"
_ACCOUNT = "run `modal token new`, or set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET; docs/how-to/serve-a-model.md"


class ServingError(LiftError):
    """The service cannot be looked after; the text names the remedy."""


@dataclass(frozen=True)
class Deployed:
    """A service that was deployed.

    Attributes:
        url: Where it answers, None if Modal did not say.
    """

    url: str | None


@dataclass(frozen=True)
class Standing:
    """What Modal says of the service.

    Attributes:
        state: Its word for it: ``deployed``, ``stopped``; None where it knows no such service.
        tasks: How many containers run now.
        created: When it was deployed, as Modal writes it.
    """

    state: str | None
    tasks: int = 0
    created: str = ""


def deploy(
    heard: Callable[[str], None],
    model: str = "default",
    containers: int = 1,
    environ: Mapping[str, str] | None = None,
) -> Deployed:
    """Deploys the service.

    Args:
        heard: Gets each line that Modal prints: building the image takes minutes.
        model: Which of the service's models.
        containers: How many containers may run at once.
        environ: The environment; the process's own if None.

    Raises:
        ServingError: It was not deployed.
    """
    chosen = {"LIFT_SERVED": model, "LIFT_SERVED_CONTAINERS": str(containers)}
    said = _modal(["deploy", str(FILE)], heard, {**(os.environ if environ is None else environ), **chosen})
    found = _URL.findall(said)
    return Deployed(found[-1] if found else None)


def standing(environ: Mapping[str, str] | None = None) -> Standing:
    """How the service stands.

    Raises:
        ServingError: Modal could not be asked, or its answer is not understood.
    """
    said = _modal(["app", "list", "--json"], None, os.environ if environ is None else environ)
    try:
        rows = json.loads(said[said.index("[") : said.rindex("]") + 1])
        named = [{_key(k): v for k, v in row.items()} for row in rows]
    except (ValueError, AttributeError):
        raise ServingError(f"Modal's list of apps is not understood: {_last(said)}") from None
    mine = [row for row in named if APP in (row.get("description"), row.get("name"))]
    if not mine:
        return Standing(None)
    # Apps that were stopped stay in the list for a while.
    row = next((r for r in mine if "stop" not in str(r.get("state"))), mine[0])
    tasks = str(row.get("tasks", "0"))
    created = str(row.get("created_at", ""))
    return Standing(str(row.get("state", "")), int(tasks) if tasks.isdigit() else 0, created)


def stop(environ: Mapping[str, str] | None = None) -> None:
    """Stops the service; its Volume with the weights stays.

    Raises:
        ServingError: It was not stopped.
    """
    _modal(["app", "stop", APP, "--yes"], None, os.environ if environ is None else environ)


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _modal(arguments: Sequence[str], heard: Callable[[str], None] | None, environ: Mapping[str, str]) -> str:
    """What Modal's command line prints.

    Raises:
        ServingError: It is not installed, or ended with an error.
    """
    if importlib.util.find_spec("modal") is None:
        raise ServingError(f"Modal's client is not installed: {_INSTALL}")
    # Modal fits its lines to a terminal, and would break the address in two.
    environ = {**environ, "COLUMNS": "400", "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "modal", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environ,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        try:
            for line in process.stdout:
                lines.append(line)
                if heard is not None:
                    heard(line.rstrip())
        except BaseException:
            process.kill()
            raise
    said = "".join(lines)
    if process.returncode != 0:
        raise ServingError(_explained(said, arguments[0]))
    return said


def _explained(said: str, verb: str) -> str:
    low = said.lower()
    if "token missing" in low or "token id is malformed" in low or "authenticate" in low:
        return f"Modal does not know who you are: {_ACCOUNT}"
    if "no app" in low or "not found" in low or "could not find" in low:
        return f"Modal has no app {APP}: deploy it with `lift serve modal deploy`"
    if "connect" in low or "name resolution" in low:
        return f"Modal cannot be reached; try again when there is a network: {_last(said)}"
    return f"`modal {verb}` failed: {_last(said)}"


def _last(said: str) -> str:
    rows = [row.strip(" │╭╰─╮╯") for row in said.splitlines()]
    return next((row for row in reversed(rows) if row), "it said nothing")[:300]
