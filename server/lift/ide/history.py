"""The history of specifications: what is remembered of a text, what changed, who wrote what, and going back.

Must not know LSP. Nothing here writes to a file of the user's.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from dataclasses import dataclass

from lift_ir import (
    Class,
    Clause,
    Function,
    FunctionHistory,
    Module,
    PastClause,
    PastState,
    Provenance,
    SpecificationDiff,
)

from lift.edit import Edit, Failure, apply
from lift.edit.restore import restore
from lift.extract import Extraction, extract
from lift.ide.places import function_named
from lift.neighbours import path_of
from lift.project import Project
from lift.resolve.versions import ENTRY, SECONDS, Pair, difference
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.store.chronicle import Seen
from lift.store.states import (
    ClassDocstring,
    code_of,
    docstring_of_class,
    state_of,
    state_of_class,
    stated,
)


@dataclass(frozen=True)
class Restored:
    """A text with an earlier specification in it.

    Attributes:
        edits: The change; empty where the specification is that one already.
        text: The text after it.
    """

    edits: tuple[Edit, ...]
    text: str


def file_of(uri: str) -> str | None:
    """Under which name a file's history is kept; None for a text that is no file."""
    path = path_of(uri)
    return None if path is None else os.path.realpath(path)


def remember(project: Project, uri: str) -> None:
    """A check of a text has ended: its functions' specifications are remembered as they are."""
    extraction, path = project.extraction(uri), file_of(uri)
    if extraction is None or extraction.error is not None or path is None:
        return
    results = {name: r for name, r in project.results(uri).items() if r.progress == "current"}
    snapshot = extraction.snapshot
    typed = snapshot.version is not None
    project.chronicle.remember(Seen(path, extraction.module, snapshot.text, results, typed))


def moved(project: Project, old: str, new: str) -> None:
    """A file or a folder has another name now: its functions keep their history."""
    before, after = file_of(old), file_of(new)
    if before is not None and after is not None and before != after:
        project.chronicle.move(before, after)


def taken(project: Project, uri: str, edits: Iterable[Edit], provenance: Provenance) -> None:
    """Somebody takes what lift wrote for the newest text, and has looked at it.

    The clauses that come in with ``edits`` are of that provenance, and not of whoever saves the text.
    """
    extraction, path = project.extraction(uri), file_of(uri)
    if extraction is None or extraction.error is not None or path is None or provenance.kind == "unknown":
        return
    after = extract(Snapshot(uri, None, apply(extraction.snapshot.text, edits)), extraction)
    if after.error is None:
        wrote(project, uri, extraction.module, after.module, provenance)


def wrote(project: Project, uri: str, before: Module, after: Module, provenance: Provenance) -> None:
    """The same where both texts are known."""
    path = file_of(uri)
    known = {(o.qualname, c.id) for o in (*before.all_functions(), *before.classes) for c in _clauses(o)}
    owners = (*after.all_functions(), *after.classes)
    come = [c.id for o in owners for c in _clauses(o) if (o.qualname, c.id) not in known]
    if path is not None and come and provenance.kind != "unknown":
        project.chronicle.offered(path, come, provenance)


def reviewer() -> str | None:
    """Who accepts what lift offers: the name of the user that lift runs as."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None


def history(project: Project, uri: str, function: str | None = None) -> tuple[FunctionHistory, ...]:
    """The states of the functions of a text, or of one of them; the newest first, functions by name."""
    path = file_of(uri)
    known = project.chronicle.of(path) if path is not None else {}
    return tuple(
        FunctionHistory(name=name, states=tuple(reversed(states)))
        for name, states in sorted(known.items())
        if function is None or name == function
    )


def pair_of(
    project: Project, uri: str, function: str, old: int | None = None, new: int | None = None
) -> Pair | Failure:
    """Two states of a function to compare.

    Args:
        old: Number of the older one; None is the last one before the newer one that says something else.
        new: Number of the newer one; None is the text as it is now.
    """
    states = {s.number: s for h in history(project, uri, function) for s in h.states}
    missing = next((n for n in (old, new) if n is not None and n not in states), None)
    if missing is not None:
        return Failure(_unknown(function, missing, states))
    after = states[new] if new is not None else _now(project, uri, function)
    if after is None:
        return Failure(f"there is no function {function} in the text now; name two states")
    if old is not None:
        return Pair(before=states[old], after=after, current=new is None)
    earlier = [s for s in states.values() if new is None or s.number < new]
    different = [s for s in earlier if _said(s) != _said(after)]
    if not earlier:
        return Failure(f"nothing is remembered of {function} before that; check it with `lift check`")
    before = max(different or earlier, key=lambda s: s.number)
    return Pair(before=before, after=after, current=new is None)


def plain_difference(pair: Pair) -> SpecificationDiff:
    """What differs, without asking the solver which clause is the stronger one."""
    return difference(pair)


def judged_task(project: Project, uri: str, function: str, pair: Pair):
    """The work of telling what differs with the solver's judgement; None where the function is not there."""
    return project.task(uri, function, ENTRY, SECONDS, pair.model_dump_json())


def blame(project: Project, uri: str, function: str) -> tuple[PastClause, ...]:
    """The clauses that a function states now, each with who wrote it and when it came in.

    A clause that no check has seen yet has ``since`` 0.
    """
    now = _now(project, uri, function)
    if now is None:
        return ()
    states = [s for h in history(project, uri, function) for s in h.states]
    known: dict[str, PastClause] = {c.id: c for c in states[0].clauses} if states else {}
    found: list[PastClause] = []
    for clause in now.clauses:
        earlier = known.get(clause.id)
        update: dict[str, object] = {"since": 0, "made": 0}
        if earlier is not None:
            update = {"since": earlier.since, "made": earlier.made, "provenance": earlier.provenance}
            if clause.verdict == "unchecked":
                update["verdict"] = earlier.verdict if states[0].code == now.code else "unchecked"
        found.append(clause.model_copy(update=update))
    return tuple(found)


def owner_named(module: Module, name: str) -> Function | Class | None:
    """The function or the class of a qualified name."""
    return function_named(module, name) or next((c for c in module.classes if c.qualname == name), None)


def restored(extraction: Extraction, owner: Function | Class, state: PastState) -> Restored | Failure:
    """The text with the specification of an earlier state, for exactly the text that was extracted.

    The body is not touched, and what comes out states what was stated then, clause for clause; where that
    cannot be done, the reason.
    """
    text = extraction.snapshot.text
    if extraction.error is not None:
        return Failure(f"line {extraction.error.line}: {extraction.error.message}; mend that first")
    edits = restore(text, _described(owner, text), state.docstring)
    if isinstance(edits, Failure):
        return edits
    after = apply(text, edits)
    again = extract(Snapshot(extraction.snapshot.uri, None, after), extraction)
    found = owner_named(again.module, owner.qualname)
    if again.error is not None or found is None:
        return Failure("the earlier docstring does not fit into the text as it is now")
    if _code(found, after) != _code(owner, text):
        return Failure("the earlier docstring would change the code around it")
    wanted, got = {c.id: c.text for c in state.clauses}, {c.id: c.text for c in _clauses(found)}
    if wanted.keys() != got.keys():
        other = [wanted[i] for i in wanted if i not in got] + [got[i] for i in got if i not in wanted]
        shown = ", ".join(f"`{one}`" for one in other[:3])
        return Failure(
            f"the docstring alone does not say what state {state.number} did: {shown} stands in decorators or"
            " annotations, or reads otherwise with the present parameters; change that by hand"
        )
    return Restored(edits, after)


def _described(owner: Function | Class, text: str) -> Function | ClassDocstring:
    return owner if isinstance(owner, Function) else docstring_of_class(owner, LineIndex(text))


def _clauses(owner: Function | Class) -> tuple[Clause, ...]:
    return stated(owner) if isinstance(owner, Function) else owner.invariants


def _code(owner: Function | Class, text: str) -> tuple[str, ...]:
    """The code of a function, or of all methods of a class."""
    index = LineIndex(text)
    functions = (owner,) if isinstance(owner, Function) else owner.methods
    return tuple(code_of(f, index) for f in functions)


def state_numbered(project: Project, uri: str, function: str, number: int) -> PastState | Failure:
    """An earlier state of a function."""
    states = {s.number: s for h in history(project, uri, function) for s in h.states}
    return states.get(number) or Failure(_unknown(function, number, states))


def _now(project: Project, uri: str, function: str) -> PastState | None:
    extraction = project.extraction(uri)
    found = owner_named(extraction.module, function) if extraction is not None else None
    if extraction is None or found is None:
        return None
    text = extraction.snapshot.text
    results = {name: r for name, r in project.results(uri).items() if r.progress == "current"}
    if isinstance(found, Class):
        return state_of_class(found, text, results)
    return state_of(found, text, results.get(function))


def _said(state: PastState) -> tuple[object, ...]:
    return state.specification, state.code, state.docstring, state.name


def _unknown(function: str, number: int, states: Iterable[int]) -> str:
    numbers = sorted(states)
    if not numbers:
        return f"nothing is remembered of {function}; a state is kept whenever it is checked"
    return f"there is no state {number} of {function}; there are {_ranges(numbers)}"


def _ranges(numbers: list[int]) -> str:
    """``1, 4 to 7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]} to {p[-1]}" for p in parts)
