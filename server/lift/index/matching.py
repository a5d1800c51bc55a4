"""Which names a query in an editor's symbol box means, and which of them first. Knows nothing of files."""

from __future__ import annotations

_NONE = 100


def rank(query: str, name: str) -> int | None:
    """How well a name fits: the lower the better, None if the query's letters do not occur in its order.

    Case does not matter. An empty query fits everything.
    """
    if not query:
        return 0
    plain, wanted = name.lower(), query.lower()
    last = name.rpartition(".")[2].lower()
    if last == wanted:
        return 0
    if last.startswith(wanted):
        return 1
    if wanted in last:
        return 2
    if wanted in plain:
        return 3
    place = -1
    gaps = 0
    for letter in wanted:
        found = plain.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found != place + 1
        place = found
    return min(4 + gaps, _NONE)
