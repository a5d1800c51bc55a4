"""``lift serve modal``: deploys a model of one's own on Modal, says how it stands, and stops it."""

from __future__ import annotations

import argparse
import sys

from lift.cli.main import FINE, FOUND
from lift.serving import commands
from lift.serving.commands import ServingError


def run(arguments: argparse.Namespace) -> int:
    """Does what was asked of the service; 1 where Modal did not."""
    try:
        if arguments.verb == "deploy":
            _deploy(arguments)
        elif arguments.verb == "status":
            _status()
        else:
            commands.stop()
            print(f"{commands.APP} is stopped; its weights stay in the Volume lift-model-cache.")
    except ServingError as error:
        print(f"lift serve: {error}", file=sys.stderr)
        return FOUND
    return FINE


def _deploy(arguments: argparse.Namespace) -> None:
    def heard(line: str) -> None:
        print(f"  {line}", file=sys.stderr, flush=True)

    print("lift serve: Modal builds the image the first time, which takes minutes", file=sys.stderr)
    found = commands.deploy(heard, arguments.model, arguments.containers)
    url = found.url or "the address that Modal shows above"
    print("Deployed. It starts with the first request, and ends minutes after the last one. To use it:")
    print("  export LIFT_PROVIDER=openai-compatible")
    print(f"  export LIFT_ENDPOINT={url}{'/v1' if found.url else ''}")
    print("and a proxy token (modal.com/settings, Proxy Auth Tokens):")
    print("  export MODAL_KEY=wk-…  MODAL_SECRET=ws-…")


def _status() -> None:
    found = commands.standing()
    if found.state is None:
        print(f"{commands.APP} is not deployed; `lift serve modal deploy` does it")
        return
    running = f"{found.tasks} container{'' if found.tasks == 1 else 's'} running"
    when = f", since {found.created}" if found.created else ""
    print(f"{commands.APP}: {found.state}{when}; {running}")
