"""What a call in a clause takes, while somebody writes its arguments.

For ``old``, ``implies`` and the functions and methods that the module knows. Must not know LSP.
"""

from __future__ import annotations

from dataclasses import dataclass

from lift_ir import Function, Position

from lift.extract.notation import parse
from lift.ide.completion_names import types_here
from lift.ide.subject import Subject, subject_of
from lift.ide.term_types import ancestors, class_of, function_in, shown_parameters, shown_result, type_of
from lift.ide.terms import Spot, spot_at
from lift.ide.writing import place_at
from lift.project import Project

_NOTATION = {
    "old": (("e",), "the value of e before the call"),
    "implies": (("p", "q"), "q holds whenever p does"),
}


@dataclass(frozen=True)
class Signature:
    """What a call takes.

    Attributes:
        label: The whole of it on one line.
        parameters: Where each parameter stands in the label.
        active: The number of the one that is being written, None where that is none.
        says: What the call is, in words.
    """

    label: str
    parameters: tuple[tuple[int, int], ...]
    active: int | None
    says: str


def signature_at(project: Project, uri: str, position: Position) -> Signature | None:
    """The innermost call around a position of a clause that something is known about."""
    extraction = project.extraction(uri)
    if extraction is None:
        return None
    offset = extraction.index.offset(position)
    place = place_at(extraction, offset)
    if place is None or place.spot != "clause" or place.section is None:
        return None
    spot = spot_at(place.text, offset - place.offset)
    if not spot.calls:
        return None
    after = place.section.part == "ensures"
    subject = subject_of(project, uri, extraction, place.docstring)
    found = (_signature(subject, spot, name, at, after=after) for name, at in spot.calls)
    return next((one for one in found if one is not None), None)


def _signature(subject: Subject, spot: Spot, name: str, at: int, *, after: bool) -> Signature | None:
    home = subject.home
    if name in subject.parameters or any(bound.name == name for bound in spot.names):
        return None
    if name in _NOTATION and name not in home.bindings and (after or name != "old"):
        parameters, says = _NOTATION[name]
        return _written(name, list(parameters), "", at, says)
    base, _, last = name.rpartition(".")
    function, bound = _function(subject, spot, base, last, after=after)
    if function is None:
        return None
    parameters = shown_parameters(function)[1 if bound else 0 :]
    says = function.intent.summary if function.intent is not None else ""
    return _written(name, parameters, shown_result(function), at, says)


def _function(
    subject: Subject, spot: Spot, base: str, name: str, *, after: bool
) -> tuple[Function | None, bool]:
    """The function that is called, and whether its first argument stands before the dot."""
    home = subject.home
    if not base:
        found = function_in(name, home)
        return (found[0] if found is not None else None), False
    tree = parse(base).tree
    kind = type_of(tree, types_here(subject, spot, after=after), home) if tree is not None else None
    owner = class_of(kind) if kind is not None else None
    for cls, _ in ancestors(*owner) if owner is not None else ():
        for method in cls.methods:
            if method.name == name:
                return method, "staticmethod" not in method.decorators
    return None, False


def _written(name: str, parameters: list[str], result: str, at: int, says: str) -> Signature:
    label, places = f"{name}(", []
    for number, one in enumerate(parameters):
        label += ", " if number else ""
        places.append((len(label), len(label) + len(one)))
        label += one
    active: int | None = at
    if at >= len(parameters):
        # What is too much goes where several fit, if it fits anywhere.
        active = len(parameters) - 1 if parameters and parameters[-1].startswith("*") else None
    return Signature(f"{label}){result}", tuple(places), active, says)
