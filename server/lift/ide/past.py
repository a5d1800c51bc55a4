"""How the past is put into words, so that every view says the same. Must not know LSP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lift_ir import Change, FunctionHistory, PastState, SpecificationDiff

from lift.resolve.versions import Pair, difference

_DID = {
    "added": "added",
    "removed": "removed",
    "same": "reworded, says the same:",
    "weaker": "weakened",
    "stronger": "strengthened",
    "changed": "changed",
    "moved": "moved",
    "prose": "prose of",
}
_REQUIRES = {
    "same": "asks the same of callers",
    "weaker": "asks less of callers",
    "stronger": "asks more of callers",
}
_ENSURES = {"same": "promises the same", "weaker": "promises less", "stronger": "promises more"}


def steps(history: FunctionHistory) -> Iterator[tuple[PastState, tuple[Change, ...] | None]]:
    """Each state, the newest first, with what changed against the one before; None for the first."""
    states = history.states
    for place, state in enumerate(states):
        before = states[place + 1] if place + 1 < len(states) else None
        if before is None:
            yield state, None
        else:
            yield state, difference(Pair(before=before, after=state)).changes


def phrases(changes: Iterable[Change]) -> Iterator[str]:
    """A line a change; one where nothing but the verdict is another."""
    said = False
    for change in changes:
        said = True
        yield phrase(change)
    if not said:
        yield "nothing, but what it rests on"


def phrase(change: Change) -> str:
    """One change: ``strengthened ensures `result >= 0` to `result > 0` ``."""
    if change.kind == "code":
        return "code changed"
    if change.kind == "name":
        return f"renamed from {change.before}"
    if change.kind == "intent":
        return f"summary changed to “{change.after}”" if change.after else "summary removed"
    if change.clause is None:
        return "prose changed"
    did = _DID[change.kind]
    if change.kind == "prose":
        return f"prose of {change.clause} changed to “{change.after}”" if change.after else "prose removed"
    if change.kind in ("added", "removed", "moved"):
        return f"{did} {change.clause} `{change.after or change.before}`"
    text = f"{did} {change.clause} `{change.before}` to `{change.after}`"
    if change.example:
        allows = "now allowed" if change.kind == "weaker" else "no longer allowed"
        text += f"; {allows}: {change.example}"
    return text


def together(diff: SpecificationDiff) -> str | None:
    """What the whole asks and promises now, as far as the solver shows it; None where that is nothing."""
    parts = [
        _REQUIRES.get(diff.requires or ""),
        _ENSURES.get(diff.ensures or ""),
    ]
    return ", ".join(p for p in parts if p) or None
