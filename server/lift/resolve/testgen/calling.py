"""How a function is called in a test: with which arguments, and what they are called there. Text only."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lift_ir import Class, Function

from lift.resolve.testgen.clauses import Words
from lift.resolve.testgen.hints import Hints, hints_of
from lift.resolve.testgen.names import Names, snake, variable
from lift.verify.input_types import Kind, Types, Unreadable

_OWN = frozenset(
    ["st", "draw", "given", "assume", "settings", "copy", "pytest", "asyncio", "arguments", "HealthCheck"]
)
"""Names that tests give a meaning of their own."""


_LASTING_WORDS = {
    "filesystem": "files",
    "network": "the network",
    "process": "processes",
    "database": "a database",
    "environment": "the environment",
}
_LASTING = _LASTING_WORDS.keys()
"""Effects that outlast a test."""


class NotCallable(Exception):
    """A function that no test can call; the text is why."""


@dataclass
class Case:
    """One function, ready to be called.

    Attributes:
        base: What its tests are called after ``test_``.
        call: The call's text.
        variables: Names in the test → types.
        names: Names of the specification → names in the test.
        subject: What ``self`` is called, None without one.
        hints: What it is like.
        owner: The class that it is a method of.
    """

    function: Function
    base: str
    call: str
    variables: dict[str, Kind]
    names: dict[str, str]
    subject: str | None
    hints: Hints
    owner: Class | None


class Calls:
    """The functions of a module, as tests call them."""

    def __init__(self, tree: ast.Module, classes: Mapping[str, Class], types: Types, names: Names) -> None:
        self.nodes = _definitions(tree)
        self.classes = classes
        self.types = types
        self.names = names

    def case(self, function: Function) -> Case:
        """A function with its call.

        Raises:
            NotCallable: No test can call it.
        """
        node = self.nodes.get((function.qualname, function.name_span.start.line))
        if node is None or "<locals>" in function.qualname:
            raise NotCallable("it is defined inside of another function")
        if function.is_generator:
            raise NotCallable("it is a generator, whose result is not there when it returns")
        owner_name, _, name = function.qualname.rpartition(".")
        owner = self.classes.get(owner_name)
        if owner_name and owner is None:
            raise NotCallable("its class is not in the file")
        touched = sorted(_LASTING & set(function.effects.effects))
        if touched:
            raise NotCallable(f"it may touch {_LASTING_WORDS[touched[0]]}, where drawn inputs do harm")
        decorators = set(function.decorators)
        if any(d.endswith((".setter", ".deleter")) for d in decorators):
            raise NotCallable("it sets a property")
        if any("abstract" in d or "overload" in d for d in decorators):
            raise NotCallable("it has no body of its own")
        parameters = list(function.signature.parameters)
        bound = owner is not None and "staticmethod" not in decorators
        self_name = parameters.pop(0).name if bound and parameters else None
        on_class = "classmethod" in decorators
        named: dict[str, str] = {}
        variables: dict[str, Kind] = {}
        subject: str | None = None
        root = (owner_name or name).partition(".")[0]
        self.names.need([root])
        taken = {root, *_OWN, "old", "implies"}
        if owner is not None and self_name is not None and not on_class:
            subject = variable(snake(owner.name), taken | {p.name for p in parameters})
            named[self_name] = subject
            if name != "__init__":
                variables[subject] = Kind("class", text=owner.qualname)
        elif self_name is not None:
            named[self_name] = owner_name
        given: list[str] = []
        for parameter in parameters:
            if parameter.type.kind != "type":
                if parameter.default is not None or parameter.style.startswith("var-"):
                    continue
                raise NotCallable(f"its parameter {parameter.name} has no annotation")
            try:
                kind = self.types.read(parameter.type.text)
            except Unreadable as why:
                if parameter.default is not None or parameter.style.startswith("var-"):
                    continue
                raise NotCallable(f"no inputs can be made for {parameter.name}: {why}") from None
            mine = variable(parameter.name, taken)
            named[parameter.name] = mine
            if parameter.style == "var-positional":
                kind, text = Kind("tuple-of", (kind,)), f"*{mine}"
            elif parameter.style == "var-keyword":
                continue
            elif parameter.style == "keyword-only" or len(given) < len(
                parameters[: parameters.index(parameter)]
            ):
                # One that is left at its default stands before it.
                text = f"{parameter.name}={mine}"
            else:
                text = mine
            variables[mine] = kind
            given.append(text)
        for kind in variables.values():
            self._check(kind)
        call = self._call(function, owner_name, name, subject, given)
        return Case(
            function, base_of(function), call, variables, named, subject, hints_of(node, function), owner
        )

    def _check(self, kind: Kind) -> None:
        try:
            if kind.name == "class":
                self.types.form(kind.text)
        except Unreadable as why:
            raise NotCallable(f"no inputs can be made: {why}") from None

    def _call(
        self, function: Function, owner: str, name: str, subject: str | None, given: Sequence[str]
    ) -> str:
        if name == "__init__":
            return f"{owner}({', '.join(given)})"
        if any(d.endswith("property") for d in function.decorators):
            return f"{subject}.{name}"
        place = f"{subject or owner}." if owner else ""
        if subject is not None and keyword.iskeyword(name):
            raise NotCallable("its name cannot be called")
        text = f"{place}{name}({', '.join(given)})"
        if function.is_async:
            self.names.modules.add("asyncio")
            return f"asyncio.run({text})"
        return text

    def words(self, case: Case) -> Words:
        """How the clauses of a function are written for its call."""
        hides = any(p.name == "result" for p in case.function.signature.parameters)
        result = variable("result", set(case.variables) | ({case.subject} if case.subject else set()))
        kinds = {n: k.name for n, k in case.variables.items()}
        for name, kind in case.variables.items():
            if kind.name == "class" and self.types.form(kind.text) != "enum":
                kinds |= {f"{name}.{a}": k.name for a, k in self.types.members(kind.text)}
        return Words(case.names, kinds, result, hides)

    def facts(self, case: Case) -> list[ast.expr]:
        """What classes state of the objects that are drawn."""
        found: list[ast.expr] = []
        for name, kind in case.variables.items():
            owner = self.classes.get(kind.text) if kind.name == "class" else None
            for clause in owner.invariants if owner is not None else ():
                if clause.expression is not None and not clause.holes:
                    found.append(Words({"self": name}, {}).plain(clause.expression))
        return found


def base_of(function: Function) -> str:
    """What tests of a function are called after ``test_``."""
    owner, _, name = function.qualname.rpartition(".")
    return snake(f"{owner.rpartition('.')[2]}_{name}" if owner else name).strip("_")


def _definitions(tree: ast.Module) -> dict[tuple[str, int], ast.FunctionDef | ast.AsyncFunctionDef]:
    found: dict[tuple[str, int], ast.FunctionDef | ast.AsyncFunctionDef] = {}

    def walk(body: Iterable[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{prefix}{node.name}", node.lineno] = node
            elif isinstance(node, ast.ClassDef):
                walk(node.body, f"{prefix}{node.name}.")

    walk(tree.body, "")
    return found
