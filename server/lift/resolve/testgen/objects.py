"""Strategies of a module's own classes: by their constructors, with what those require. Text only."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from lift_ir import Class, Clause, Raises, Requires

from lift.resolve.testgen.names import Names, snake
from lift.resolve.testgen.requires import Plan, plan
from lift.resolve.testgen.strategies import Unwritable
from lift.verify.input_types import Kind, Types

Composite = Callable[[str, Plan, str, str], None]


class Objects:
    """What objects of a module's classes are drawn from.

    Args:
        composite: Writes a strategy of several steps, by its name, its plan, what it returns and what it is.
    """

    def __init__(
        self, classes: Mapping[str, Class], types: Types, names: Names, composite: Composite
    ) -> None:
        self.classes = classes
        self.types = types
        self.names = names
        self.composite = composite
        self.helpers: dict[str, str] = {}
        self.in_progress: set[str] = set()

    def of_class(self, name: str) -> str:
        if name not in self.helpers:
            if name in self.in_progress:
                raise Unwritable(f"{name} holds objects of its own class")
            self.in_progress.add(name)
            try:
                self.helpers[name] = self._made(self.classes[name])
            finally:
                self.in_progress.discard(name)
        return self.helpers[name]

    def _made(self, found: Class) -> str:
        """The strategy of a class: by its constructor, with what that requires."""
        form = self.types.form(found.qualname)
        self.names.need([found.qualname.partition(".")[0]])
        if form == "enum":
            return f"st.sampled_from({found.qualname})"
        constructor = next((m for m in found.methods if m.name == "__init__"), None)
        if form in ("named-tuple", "typed-dict") or constructor is None:
            return self._of_fields(found, form)
        variables: dict[str, Kind] = {}
        for parameter in constructor.signature.parameters[1:]:
            if parameter.style.startswith("var-") or (
                parameter.type.kind != "type" and parameter.default is not None
            ):
                continue
            if parameter.type.kind != "type":
                raise Unwritable(f"an object of {found.name}: {parameter.name} has no annotation")
            variables[parameter.name] = self.types.read(parameter.type.text)
        predicates = [_parsed(c) for c in constructor.clauses if isinstance(c, Requires) and _is_clear(c)]
        predicates += [
            ast.UnaryOp(ast.Not(), _parsed(c))
            for c in constructor.clauses
            if isinstance(c, Raises) and _is_clear(c)
        ]
        return self._builds(found, variables, predicates)

    def _of_fields(self, found: Class, form: str) -> str:
        members = self.types.members(found.qualname)
        if form == "typed-dict":
            pairs = ", ".join(
                f'"{n}": {plan({n: k}, [], self.types, self.of_class).draws[0].strategy}' for n, k in members
            )
            return f"st.fixed_dictionaries({{{pairs}}})"
        is_record = form == "named-tuple" or any("dataclass" in d for d in found.decorators)
        if members and not is_record:
            raise Unwritable(f"an object of {found.name}, which has no constructor here")
        invariants = [_parsed(c) for c in found.invariants if _is_clear(c)]
        return self._builds(found, dict(members), [_Fields().visit(i) for i in invariants])

    def _builds(self, found: Class, variables: Mapping[str, Kind], predicates: Sequence[ast.expr]) -> str:
        made = plan(variables, predicates, self.types, self.of_class)
        if made.independent:
            return (
                f"st.builds({', '.join([found.qualname, *(f'{d.name}={d.strategy}' for d in made.draws)])})"
            )
        for predicate in predicates:
            self.names.need(
                n.id for n in ast.walk(predicate) if isinstance(n, ast.Name) and n.id not in variables
            )
        name = self.names.unique(f"{snake(found.name)}_objects")
        given = ", ".join(f"{d.name}={d.name}" for d in made.draws)
        self.composite(name, made, f"{found.qualname}({given})", f"Objects of ``{found.qualname}``.")
        return f"{name}()"


def _is_clear(clause: Clause) -> bool:
    return clause.expression is not None and not clause.holes


def _parsed(clause: Clause) -> ast.expr:
    return ast.parse(clause.expression or "True", mode="eval").body


class _Fields(ast.NodeTransformer):
    """``self.x`` as ``x``."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return ast.Name(name)
        return self.generic_visit(node)  # pyright: ignore[reportReturnType]
