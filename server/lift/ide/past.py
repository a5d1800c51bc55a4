"""How the past is put into words, so that every view says the same. Must not know LSP."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Iterator

from lift_ir import Change, FunctionHistory, PastClause, PastState, Provenance, SpecificationDiff

from lift.ide import words
from lift.ide.hover import Page
from lift.ide.markup import MARKDOWN
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


def ago(made: int, now: float | None = None) -> str:
    """How long something is past, for people: ``just now``, ``3 hours ago``, ``yesterday``, a date."""
    moment = datetime.datetime.fromtimestamp(made).astimezone()
    present = datetime.datetime.fromtimestamp(time.time() if now is None else now).astimezone()
    seconds = (present - moment).total_seconds()
    days = (present.date() - moment.date()).days
    if seconds < 600:
        # Also where the clock was set back meanwhile.
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} minutes ago"
    if days == 0 or seconds < 6 * 3600:
        hours = int(seconds // 3600)
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 31 else moment.date().isoformat()


def verdict(state: PastState | PastClause) -> str:
    """A verdict with its sign; what a precondition requires is no matter of proof."""
    if isinstance(state, PastClause) and state.kind == "requires":
        return "· required"
    return f"{words.SYMBOLS[state.verdict]} {state.verdict}"


def author(provenance: Provenance) -> str:
    """Who wrote something and who looked at it."""
    return words.provenance(provenance) or "author not known"


def authors(state: PastState) -> Iterator[str]:
    """Who wrote the clauses that came in with a state, where anybody knows."""
    for clause in state.clauses:
        if clause.since == state.number and clause.provenance.kind != "unknown":
            yield f"`{clause.text}` {author(clause.provenance)}"


def history_page(name: str, histories: Iterable[FunctionHistory]) -> Page:
    """The states of some functions as a page for clients that have no view for them.

    Args:
        name: What the page is about: a function, or a file.
    """
    m = MARKDOWN
    rows: list[str] = []
    for history in histories:
        rows += [f"## {m.text(history.name)}", ""]
        for state, changes in steps(history):
            when = datetime.datetime.fromtimestamp(state.made).astimezone().strftime("%Y-%m-%d %H:%M")
            rows.append(f"- **State {state.number}**, {when}, {verdict(state)}")
            said = phrases(changes) if changes is not None else ("first state that was checked",)
            rows += [f"  - {text}" for text in (*said, *authors(state))]
        rows.append("")
    body = rows or ["Nothing is remembered; a state is kept whenever it is checked."]
    return Page(f"History of {name}", "\n".join([f"# History of {m.text(name)}", "", *body]))
