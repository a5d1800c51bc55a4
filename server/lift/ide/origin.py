"""Where a body came from, as far as a record of it was kept. Must not know LSP."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from lift_ir import Function

from lift.config import Config
from lift.ide.markup import Markup
from lift.store.provenance import FILE_NAME, Record, Records
from lift.store.shelf import place


def records(config: Config) -> Records:
    """Where it is kept which model or solver wrote a body."""
    return Records(place(config.cache, FILE_NAME))


def origin_lines(config: Config, function: Function, m: Markup) -> Iterator[str]:
    """A line that says who wrote the function as it stands, nothing if nobody knows."""
    record = records(config).get(function.digest)
    if record is not None:
        yield ""
        yield m.text(_said(record))


def _said(record: Record) -> str:
    who = {"solver": "found by the solver", "template": "built from a template"}.get(
        record.origin, f"written by {record.model or 'a model'}"
    )
    asked = f", prompt {record.prompt}, round {record.round}" if record.prompt else ""
    day = datetime.datetime.fromtimestamp(record.made, datetime.UTC).date().isoformat()
    return f"This body was {who}{asked}, and offered on {day} with {len(record.evidence)} clauses checked."
