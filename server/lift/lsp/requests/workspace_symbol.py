"""``workspace/symbol``: the specified functions and the holes of all folders, opened or not.

Plain data in and out, since there may be hundreds of them at every letter that somebody types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lift.lsp.convert import from_column
from lift.lsp.greeting import Encoding
from lift.lsp.refusals import invalid_params
from lift.lsp.uris import from_path

if TYPE_CHECKING:
    from lift.index.records import Place, Record
    from lift.lsp.session import Session

METHOD = "workspace/symbol"
_MOST = 500
# SymbolKind of the protocol; a hole is shown as what has no value yet.
_KINDS = {"class": 5, "method": 6, "function": 12}
_HOLE = 21


def handle(session: Session, params: Any) -> list[dict[str, Any]]:
    """What the query means, the best first; while the folders are being read, what is known so far.

    Raises:
        RequestFailed: If the query is no text.
    """
    query = params.get("query") if isinstance(params, Mapping) else None
    if not isinstance(query, str):
        raise invalid_params("query: a text is wanted")
    found: list[dict[str, Any]] = []
    for project in session.indexing.projects():
        for match in project.index.symbols(query, _MOST - len(found)):
            place = range_of(match.found.place, match.record, session.client.encoding)
            found.append(
                {
                    "name": match.name,
                    "kind": _KINDS.get(getattr(match.found, "kind", ""), _HOLE),
                    "containerName": match.container,
                    "location": {"uri": from_path(str(match.path)), "range": place},
                }
            )
    return found


def range_of(place: Place, record: Record, encoding: Encoding) -> dict[str, Any]:
    """A place in a file that is not open, as the client counts."""
    first, column, last, end = place
    wide, wider = record.line(first), record.line(last)
    return {
        "start": {"line": first - 1, "character": from_column(wide, column, encoding) if wide else column},
        "end": {"line": last - 1, "character": from_column(wider, end, encoding) if wider else end},
    }
