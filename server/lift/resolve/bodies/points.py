"""Inputs with what the specification says of them, so that many results can be judged in no time.

The clauses are run by ``interpret``, on values that are written out: no code of the user runs here. Where a
clause is not known there, it is left out, and the answer is only a guess until the body is run and checked.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Mapping, Sequence
from typing import Any

from lift.resolve.bodies.interpret import Run, Unreadable, runnable
from lift.resolve.bodies.subject import Subject, plain

_MOST = 28
_SPARE = 300
_AT_ONCE = 4
_RANDOM = 200


class Points:
    """Inputs that meet Requires and that no guard turns away.

    Attributes:
        inputs: The arguments by name.
        spare: More of them, on which only what is right on all points is tried.
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
        self._judged: dict[tuple[int, type, Any], bool] = {}
        self.spare: list[dict[str, Any]] = []
        for case in subject.inputs:
            values = None if case.setup else self.values_of(case.arguments)
            if values is not None and len(self.inputs) < _MOST:
                self.add(values)
            elif values is not None and self._wanted(values):
                self.spare.append(values)
        self._mix()

    def _mix(self) -> None:
        """More spare inputs, from the values that each parameter has in those that there are."""
        chance = random.Random(0)
        values = {n: list({repr(i[n]): i[n] for i in self.inputs}.values()) for n in self._names}
        for name, found in values.items():
            if found and all(type(v) is int for v in found):
                values[name] = [*found, *range(-3, 8)]
        if not all(values.values()):
            return
        for _ in range(_RANDOM):
            point = {p.name: chance.choice(values[p.name]) for p in self.subject.parameters}
            if len(self.spare) < _SPARE and self._wanted(point):
                self.spare.append(point)

    def take_misses(self, node: ast.expr) -> bool:
        """Make points of a few spare inputs on which an expression is wrong; whether there are any."""
        try:
            run = self.run_of(node)
        except Unreadable:
            return False
        found = []
        for point in self.spare:
            try:
                right = self._meets(point, run(dict(point)))
            except Exception:
                right = False
            if not right:
                found.append(point)
                if len(found) == _AT_ONCE:
                    break
        added = [p for p in found if self.add(p)]
        self.spare = [p for p in self.spare if not any(p is a for a in found)]
        return bool(added)

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
        if not self._wanted(point):
            return False
        self.inputs.append(point)
        return True

    def _wanted(self, point: dict[str, Any]) -> bool:
        """Whether an input meets Requires and no guard turns it away."""
        try:
            return all(r(point) for r in self._requires) and not any(g(point) for g in self._guards)
        except Exception:
            return False

    def meets(self, number: int, value: Any) -> bool:
        """Whether a result is what is wanted for the input of that number."""
        key = (number, value.__class__, value if value.__class__ in (int, str, bool) else repr(value))
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
