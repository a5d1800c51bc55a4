"""A specification as one formula over the parameters and the result, and questions to Z3 about it.

Where a clause cannot be said exactly, it is left out, and the formula is ``partial``: an answer to it may
still break that clause, which the check of the changed text finds. Z3 is imported where it is asked.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lift.resolve.bodies.smt import Translator
from lift.resolve.bodies.sorts import (
    PRELUDE,
    Leaf,
    Sym,
    Untranslatable,
    applied,
    conj,
    equal,
    implied,
    leaves,
    literal,
    neg,
    sort_of,
)
from lift.resolve.bodies.subject import Subject
from lift.verify.types import TLiteral, Type

_MOST_TEXT = 200_000


@dataclass(frozen=True)
class Problem:
    """What is wanted of a function, in SMT-LIB.

    Attributes:
        leaves: The constants that the parameters consist of.
        names: What each parameter stands for.
        sort: The sort of the result, a tuple of sorts for a tuple.
        assumed: What holds of the arguments: Requires, and that no guard raises.
        partial: Whether something of the specification is left out.
    """

    subject: Subject
    leaves: tuple[Leaf, ...]
    names: dict[str, Sym]
    sort: Any
    assumed: str
    ensures: tuple[ast.expr, ...]
    partial: bool

    def translator(self, outcome: Sym | None = None) -> Translator:
        """Reads expressions over the parameters, and over the result where one is given."""
        names = self.names if outcome is None else {**self.names, self.subject.outcome: outcome}
        return Translator(names, self.subject.target.program.constants)

    @property
    def sayable(self) -> bool:
        """Whether anything is wanted of the result that can be said here."""
        return bool(self.ensures or self.subject.known)

    def claim(self, outcome: Sym) -> str:
        """That a result meets every clause that is said here."""
        translator = self.translator(outcome)
        claims = [translator.holds(e) for e in self.ensures]
        return conj(*claims, _within(self.subject.returns, outcome))

    def constraints(self, name: str) -> list[str]:
        """The specification of a function of that name, as the constraints of a synthesis problem."""
        found = applied(self.sort, name, " ".join(leaf.symbol for leaf in self.leaves))
        whole = [implied(self.assumed, self.claim(found))]
        for known in self.subject.known:
            given = [_part(known.arguments, leaf) for leaf in self.leaves]
            result = applied(self.sort, name, " ".join(literal(g).text for g in given))
            whole.append(equal(result, literal(known.result)))
        return [w for w in whole if w != "true"]

    def declarations(self, word: str = "declare-const") -> str:
        """The constants that the parameters consist of."""
        return "".join(f"({word} {leaf.symbol} {leaf.sort})\n" for leaf in self.leaves)

    def counterexample(self, body: ast.expr, milliseconds: int) -> dict[str, Any] | str | None:
        """Arguments for which an expression is not what is wanted.

        Returns:
            Arguments by parameter; None if there are none; else why that is not known.
        """
        try:
            outcome, defined = self.translator().value(body)
            if not _fits(outcome, self.sort):
                return "it is of another type"
            names: list[str] = []
            defines = ""
            named = _named(outcome, names)
            for number, text in enumerate(names):
                defines += f"(define-const r!{number} {_sorts(outcome)[number]} {text})\n"
            formula = f"{defines}(assert {self.assumed})\n(assert {neg(conj(defined, self.claim(named)))})"
        except Untranslatable as why:
            return str(why)
        return self._model(formula, milliseconds)

    def follows(self, facts: Sequence[str], claim: str, milliseconds: int = 60) -> bool:
        """Whether something holds of all arguments that meet what is assumed, and the facts."""
        asserted = "".join(f"(assert {f})\n" for f in (self.assumed, *facts))
        return self._model(f"{asserted}(assert {neg(claim)})", milliseconds) is None

    def _model(self, formula: str, milliseconds: int) -> dict[str, Any] | str | None:
        import z3

        text = PRELUDE + self.declarations() + formula
        if len(text) > _MOST_TEXT:
            return "it is too long"
        solver = z3.Solver()
        solver.set("timeout", milliseconds)
        try:
            solver.add(z3.parse_smt2_string(text))
            answer = solver.check()
        except z3.Z3Exception as error:
            return str(error)
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            return "the solver does not know"
        return self._arguments(solver.model())

    def _arguments(self, model: Any) -> dict[str, Any] | str:
        import z3

        from lift.verify.values import decode_string

        sorts = {"Int": z3.Int, "Bool": z3.Bool, "String": z3.String}
        found: dict[str, Any] = {}
        for leaf in self.leaves:
            value = model.eval(sorts[leaf.sort](leaf.symbol), model_completion=True)
            if leaf.sort == "Int" and z3.is_int_value(value):
                found[leaf.symbol] = value.as_long()
            elif leaf.sort == "Bool":
                found[leaf.symbol] = z3.is_true(value)
            elif leaf.sort == "String" and z3.is_string_value(value):
                found[leaf.symbol] = decode_string(value)
            else:
                return "the solver's model has no value"
        return {p: _rebuilt(self.names[p], found) for p in self.names}


def problem_of(subject: Subject) -> Problem:
    """The specification of a function.

    Raises:
        Untranslatable: A parameter or the result is of a type that has no sort.
    """
    names: dict[str, Sym] = {}
    found: list[Leaf] = []
    assumed: list[str] = []
    partial = False
    for number, parameter in enumerate(subject.parameters):
        name = ast.Name(parameter.name, ast.Load())
        names[parameter.name], parts = leaves(parameter.type, name, f"a{number}")
        found += parts
        assumed.append(_within(parameter.type, names[parameter.name]))
    sort = sort_of(subject.returns)
    translator = Translator(names, subject.target.program.constants)
    for tree in subject.requires:
        try:
            assumed.append(translator.holds(tree))
        except Untranslatable:
            partial = True
    for guard in subject.raises:
        try:
            assumed.append(neg(translator.holds(guard.condition)))
        except Untranslatable:
            partial = True
    ensures: list[ast.expr] = []
    probe = Translator({**names, subject.outcome: applied(sort, "f", "x")}, translator.constants)
    for tree in subject.ensures:
        try:
            probe.holds(tree)
            ensures.append(tree)
        except Untranslatable:
            partial = True
    return Problem(subject, tuple(found), names, sort, conj(*assumed), tuple(ensures), partial)


def _within(type_: Type, value: Sym) -> str:
    if isinstance(type_, TLiteral):
        return "(or " + " ".join(equal(value, literal(v)) for v in type_.values) + ")"
    if value.sort == "Tuple":
        items = getattr(type_, "items", ())
        return conj(*(_within(t, v) for t, v in zip(items, value.items, strict=True)))
    return "true"


def _fits(value: Sym, sort: Any) -> bool:
    if isinstance(sort, str):
        return value.sort == sort
    return value.sort == "Tuple" and len(value.items) == len(sort) and all(map(_fits, value.items, sort))


def _sorts(value: Sym) -> list[str]:
    return [value.sort] if value.sort != "Tuple" else [s for item in value.items for s in _sorts(item)]


def _named(value: Sym, texts: list[str]) -> Sym:
    """The same value with a constant for each part, so that a long term stands in a formula once."""
    if value.sort == "Tuple":
        return Sym("Tuple", items=tuple(_named(item, texts) for item in value.items))
    texts.append(value.text)
    return Sym(value.sort, f"r!{len(texts) - 1}")


def _part(arguments: Any, leaf: Leaf) -> Any:
    """The value that a leaf has in known arguments."""
    node, path = leaf.expression, []
    while isinstance(node, ast.Subscript):
        assert isinstance(node.slice, ast.Constant)
        path.append(node.slice.value)
        node = node.value
    assert isinstance(node, ast.Name)
    value = arguments[node.id]
    for place in reversed(path):
        value = value[place]
    return value


def _rebuilt(value: Sym, found: dict[str, Any]) -> Any:
    if value.sort == "Tuple":
        return tuple(_rebuilt(item, found) for item in value.items)
    return found[value.text]
