"""Repairs of a function: changes after which what was refuted has been proved."""

from __future__ import annotations

from typing import Literal

from lift_ir.base import Frozen, Span

RepairWay = Literal["body", "invariant", "precondition", "guard", "clause"]


class TextEdit(Frozen):
    """Replaces the text at ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


class Repair(Frozen):
    """A change that was checked before it is offered.

    Attributes:
        way: What is changed: the body, a loop's invariant, Requires, a guard with its Raises, or the clause.
        title: What it does, in a line.
        edits: The change, in places of the text that the repairs were made for; they do not overlap.
        evidence: What was shown of the changed text: ``proved: 3 clauses, 4 paths``.
        fixes: The obligations that were broken and are proved now, each as ``KIND:TEXT``.
        breaks: Functions of the file whose calls may break what the change requires.
    """

    way: RepairWay
    title: str
    edits: tuple[TextEdit, ...]
    evidence: str
    fixes: tuple[str, ...]
    breaks: tuple[str, ...] = ()


class Repairs(Frozen):
    """What was found for one function, the best first.

    Attributes:
        function: Qualified name.
        line: The line on which the function starts in the text that the edits are for.
        repairs: Empty if no change that was tried could be shown to help.
        tried: How many changes were tried.
        complete: Whether all that lift knows was tried, rather than as much as time allowed.
    """

    function: str
    line: int
    repairs: tuple[Repair, ...] = ()
    tried: int = 0
    complete: bool = True
