"""What a specification was: its states over time, and what differs between two of them.

Must not import anything but pydantic and this package.
"""

from __future__ import annotations

from typing import Literal

from lift_ir.base import Frozen
from lift_ir.model import Provenance
from lift_ir.report import Verdict

ChangeKind = Literal[
    "added", "removed", "same", "weaker", "stronger", "changed", "moved", "prose", "intent", "code", "name"
]
Relation = Literal["same", "weaker", "stronger", "unknown"]


class PastClause(Frozen):
    """A clause as it was in some state of a specification.

    Attributes:
        kind: Which kind of clause, as in the IR.
        id: Its identity, as in the IR.
        text: The clause as it stood in the source, an exception before its condition.
        expression: The same normalised; None for prose.
        prose: What followed the expression for people.
        verdict: The weakest verdict on it then.
        since: Number of the state that it came in with.
        made: When that was, in seconds since 1970.
        provenance: Who wrote it, and who looked at it.
    """

    kind: str
    id: str
    text: str
    expression: str | None = None
    prose: str = ""
    verdict: Verdict = "unchecked"
    since: int = 1
    made: int = 0
    provenance: Provenance = Provenance()


class PastState(Frozen):
    """One state of the specification of one function, as it was when it was checked.

    Attributes:
        number: Counts the states of the function from 1; stays as it is when older states are dropped.
        name: The function's qualified name then.
        made: When it was first checked, in seconds since 1970; never before the state before it.
        specification: Digest of what the clauses say, whatever their order and layout.
        code: Digest of the rest of the definition, whatever its layout and the function's name.
        summary: The docstring's first paragraph.
        docstring: The literal as it stood in the source, without the indentation of its lines; None for none.
        verdict: The function's verdict then.
        clauses: The clauses in the order of the text.
        obligations: What else was checked: kind, text and verdict.
        result: Digest of all that the verdicts depended on; empty where the check did not come to an end.
    """

    number: int = 1
    name: str
    made: int = 0
    specification: str
    code: str
    summary: str = ""
    docstring: str | None = None
    verdict: Verdict = "unchecked"
    clauses: tuple[PastClause, ...] = ()
    obligations: tuple[tuple[str, str, Verdict], ...] = ()
    result: str = ""


class Change(Frozen):
    """One difference between two states of a specification.

    Attributes:
        kind: What happened. ``weaker`` and ``stronger`` are what the solver shows of the new clause;
            ``changed`` is a clause of which neither is known, ``same`` another wording that says the same.
        clause: Kind of the clause, None where it is about something else.
        before: The text then, None where there was none.
        after: The text later.
        example: For ``weaker`` a call that only the new clause allows, for ``stronger`` one that it does not.
    """

    kind: ChangeKind
    clause: str | None = None
    before: str | None = None
    after: str | None = None
    example: str = ""


class SpecificationDiff(Frozen):
    """What differs between two states of a function's specification.

    Attributes:
        name: The function's qualified name in the newer one.
        old: Number of the older state.
        new: Number of the newer state; None for the text as it is now.
        changes: The differences in the order of the newer state.
        requires: What all preconditions together ask for now, against before; None if none changed.
        ensures: What all postconditions together promise now, against before; None if none changed.
    """

    name: str
    old: int
    new: int | None
    changes: tuple[Change, ...] = ()
    requires: Relation | None = None
    ensures: Relation | None = None


class FunctionHistory(Frozen):
    """The states of one function's specification.

    Attributes:
        name: Its qualified name now.
        states: The newest first.
    """

    name: str
    states: tuple[PastState, ...]
