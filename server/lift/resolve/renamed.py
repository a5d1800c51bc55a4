"""Parameters that were renamed while their specification still says the old names.

Told by what stood there when the specification last fitted, and not by how much the names look alike: each
keystroke of a new name makes another text. Must not import a solver.
"""

from __future__ import annotations

from collections.abc import Mapping

from lift_ir import Function, Parameter, TypeExpr

from lift.extract import Extraction


class Signatures:
    """The parameters of each function when its clauses last knew them."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, tuple[Parameter, ...]]] = {}

    def note(self, extraction: Extraction) -> None:
        """Takes a text, of whose functions those are remembered whose clauses name no parameter of before."""
        if extraction.error is not None:
            return
        before = self._known.get(extraction.snapshot.uri, {})
        unknown: dict[str, set[str]] = {}
        for problem in extraction.problems:
            if problem.code == "bad-clause" and problem.function is not None:
                said = extraction.index.text_at(problem.span)
                unknown.setdefault(problem.function, set()).add(said)
        now: dict[str, tuple[Parameter, ...]] = {}
        for function in extraction.module.all_functions():
            if function.specified or function.qualname in unknown:
                name = function.qualname
                old = before.get(name)
                waits = old is not None and any(p.name in unknown.get(name, ()) for p in old)
                now[name] = old if waits and old is not None else function.signature.parameters
        self._known[extraction.snapshot.uri] = now

    def forget(self, uri: str) -> None:
        """Drops what is known of a text."""
        self._known.pop(uri, None)

    def renamed(self, uri: str, function: Function) -> Mapping[str, str]:
        """Old name → new name of the parameters that stand where others stood, with the same type."""
        before, now = self._known.get(uri, {}).get(function.qualname, ()), function.signature.parameters
        if len(before) != len(now):
            return {}
        names, old = {p.name for p in now}, {p.name for p in before}
        return {
            one.name: other.name
            for one, other in zip(before, now, strict=True)
            if one.name not in names and other.name not in old and _kind(one) == _kind(other)
        }


def _kind(parameter: Parameter) -> tuple[str, str | None]:
    """How a parameter is passed and what it is."""
    given = parameter.type
    return parameter.style, given.text if isinstance(given, TypeExpr) else None
