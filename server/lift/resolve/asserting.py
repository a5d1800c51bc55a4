"""Found loop invariants as assertions: the few that a proof needs, in a text that is still proved.

What is offered was checked by ``lift.verify.check`` on the very text that would be written.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace

from lift_ir import Frozen, FunctionResult, Module, TextEdit

from lift.edit import Edit, Failure, apply, assert_at_head
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

ENTRY = "lift.resolve.asserting:task"
"""What a worker calls."""

SECONDS = 15.0
"""Wall-clock budget for one loop."""


class Asserted(Frozen):
    """The invariants of a loop as assertions.

    Attributes:
        name: The function's qualified name.
        line: The loop's line.
        invariants: What is asserted; empty if there is nothing to write.
        edits: The change that writes it, in the text that was given.
        reason: Why there is nothing to write.
    """

    name: str
    line: int
    invariants: tuple[str, ...] = ()
    edits: tuple[TextEdit, ...] = ()
    reason: str | None = None


def task(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Asserted:
    """Write the invariants of a loop; what a worker runs.

    Args:
        details: JSON with the ``line`` of the loop, from 1.
    """
    from lift.verify.needed import needed

    line = int(json.loads(details).get("line", 0))
    nothing = Asserted(name=qualname, line=line)
    until = time.monotonic() + options.seconds
    half = replace(options, seconds=options.seconds / 2)
    found = needed(module, text, qualname, line, half, sources)
    if not found:
        return nothing.model_copy(
            update={"reason": "none is needed beside what stands there, or Python has no words for it"}
        )
    edits = assert_at_head(text, line, found)
    if isinstance(edits, Failure):
        return nothing.model_copy(update={"reason": edits.reason})
    left = replace(options, seconds=max(1.0, until - time.monotonic()))
    if not _proved(text, edits, module.path, qualname, left, sources):
        return nothing.model_copy(update={"reason": "with the assertions, it was not proved in time"})
    written = tuple(TextEdit(span=e.span, text=e.text) for e in edits)
    return nothing.model_copy(update={"invariants": found, "edits": written})


def _proved(
    text: str, edits: tuple[Edit, ...], path: str, qualname: str, options: Options, sources: Sources
) -> bool:
    from lift.verify.check import check_function

    asserted = apply(text, edits)
    extraction = extract(Snapshot(path, None, asserted))
    if extraction.error is not None:
        return False
    result = check_function(extraction.module, asserted, qualname, options, sources)
    return _whole(result)


def _whole(result: FunctionResult) -> bool:
    """Whether all that can be checked is proved; an open clause cannot be."""
    closed = [c.verdict for c in result.clauses if c.verdict != "unchecked"]
    return bool(closed) and all(v == "proved" for v in closed)
