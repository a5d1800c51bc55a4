"""Propose, check, repair: bodies from a solver or a model, of which only what passed every check is offered.

``check`` is what a worker runs on one candidate; ``generate`` asks for candidates, has each checked and sends
what failed back with its counterexample. Must not import anything of the editor or the command line.
"""

ENTRY = "lift.resolve.loop.check:check"
"""What a worker calls to check one candidate."""

SECONDS = 25.0
"""Wall-clock budget for the check of one candidate, all gates together."""
