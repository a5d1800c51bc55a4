"""Inputs with what the specification says of them, so that many results can be judged in no time.

The clauses are run by ``interpret``, on values that are written out: no code of the user runs here. Where a
clause is not known there, it is left out, and the answer is only a guess until the body is run and checked.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from lift.resolve.bodies.interpret import Run, Unreadable, runnable
from lift.resolve.bodies.subject import Subject, plain

_MOST = 48


class Points:
    """Inputs that meet Requires and that no guard turns away.

    Attributes:
        inputs: The arguments by name.
        partial: Whether a clause is left out.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.inputs: list[dict[str, Any]] = []
        self.partial = False
        self.constants = subject.target.program.constants
        self._names = {p.name for p in subject.parameters}
        self._requires = self._runs(subject.requires)
        self._guards = self._runs([g.condition for g in subject.raises])
        self._ensures = self._runs(subject.ensures)
        self._known = [(dict(k.arguments), k.result) for k in subject.known]
        self._judged: dict[tuple[int, str], bool] = {}
        for case in subject.inputs:
            if len(self.inputs) >= _MOST:
                break
            values = None if case.setup else self.values_of(case.arguments)
            if values is not None:
                self.add(values)

    @property
    def useful(self) -> bool:
        """Whether anything can be said of a result at all."""
        return bool(self.inputs) and bool(self._ensures or self._known)

    def _runs(self, trees: Sequence[ast.expr]) -> list[Run]:
        found: list[Run] = []
        for tree in trees:
            try:
                found.append(self.run_of(tree))
            except Unreadable:
                self.partial = True
        return found

    def run_of(self, tree: ast.expr) -> Run:
        """An expression over the parameters, and perhaps the result, to be run on a point.

        Raises:
            Unreadable: There is something in it that cannot be run here.
        """
        names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
        bound = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        types = {"int", "str", "bool", "list", "tuple"}
        for name in names:
            own = name.id in self._names or name.id in self.constants or name.id == self.subject.outcome
            if not own and name.id not in bound and id(name) not in called and name.id not in types:
                raise Unreadable(name.id)
        return runnable(plain(tree), self.constants)

    def values_of(self, arguments: Mapping[str, str]) -> dict[str, Any] | None:
        """The values of arguments that are written out; None if they are not."""
        defaults = {p.name: p.default for p in self.subject.ir.signature.parameters}
        try:
            texts = {p.name: arguments.get(p.name, defaults[p.name]) for p in self.subject.parameters}
            return {n: ast.literal_eval(t or "") for n, t in texts.items()}
        except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
            return None

    def add(self, values: Mapping[str, Any]) -> bool:
        """Take an input in; False if it is there already, or nothing is wanted of it."""
        point = dict(values)
        if any(repr(point) == repr(p) for p in self.inputs):
            return False
        try:
            if not all(r(point) for r in self._requires) or any(g(point) for g in self._guards):
                return False
        except Exception:
            return False
        self.inputs.append(point)
        return True

    def meets(self, number: int, value: Any) -> bool:
        """Whether a result is what is wanted for the input of that number."""
        key = (number, f"{type(value).__name__}{value!r}")
        found = self._judged.get(key)
        if found is None:
            found = self._judged[key] = self._meets(self.inputs[number], value)
        return found

    def _meets(self, point: dict[str, Any], value: Any) -> bool:
        for arguments, result in self._known:
            if arguments == point and (value != result or type(value) is not type(result)):
                return False
        env = {**point, self.subject.outcome: value}
        try:
            return all(e(env) for e in self._ensures)
        except Exception:
            return False
