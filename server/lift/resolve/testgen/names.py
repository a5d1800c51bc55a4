"""What names of a tested module mean in its test module: the imports that bring them. Text only."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lift.resolve.testgen.layout import WIDTH


@dataclass(frozen=True)
class Import:
    """Where a name comes from: ``import text``, or ``from inside import text``."""

    text: str
    inside: str | None = None


class Names:
    """The names of one test module.

    Attributes:
        bindings: Names of the tested module; the empty text for what it defines itself.
        integers: Those that are integer constants.
        taken: Names that the test module defines.
        modules: Modules that are imported as such, and ``hypothesis`` names that are imported from there.

    Args:
        module: The tested module's dotted name, and ``package`` the one that it is in.
    """

    def __init__(self, tree: ast.Module, module: str, package: str) -> None:
        self.bindings = _bindings(tree, package)
        self.integers = frozenset(_integers(tree))
        self.taken: set[str] = set()
        self.modules: set[str] = set()
        self.hypothesis: set[str] = set()
        self._module = module
        self._from: dict[str, set[str]] = {}

    def need(self, names: Iterable[str]) -> None:
        """See to it that names of the tested module mean the same in the test."""
        for name in names:
            origin = self.bindings.get(name)
            if origin is None:
                continue
            if isinstance(origin, str):
                self._from.setdefault(self._module, set()).add(name)
            elif origin.inside is None:
                self.modules.add(origin.text)
            else:
                self._from.setdefault(origin.inside, set()).add(origin.text)

    def unique(self, base: str) -> str:
        """A name that nothing has, from now on taken."""
        name, number = base, 2
        while name in self.taken or name in self.bindings:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name

    def imports(self) -> str:
        """The import statements, in the three groups that people expect."""
        standard = [f"import {n}" for n in sorted(self.modules) if n != "pytest" and _is_standard(n)]
        others = [f"import {n}" for n in sorted(self.modules) if n != "pytest" and not _is_standard(n)]
        standard += [_from(m, n) for m, n in sorted(self._from.items()) if _is_standard(m)]
        tools = ["import pytest"] if "pytest" in self.modules else []
        named = self.hypothesis - {"st"}
        tools += [_from("hypothesis", named)] if named else []
        tools += ["from hypothesis import strategies as st"] if "st" in self.hypothesis else []
        others += [_from(m, n) for m, n in sorted(self._from.items()) if not _is_standard(m)]
        return "\n\n".join("\n".join(group) for group in (standard, tools, others) if group)


def _from(module: str, names: Iterable[str]) -> str:
    found = sorted(names)
    line = f"from {module} import {', '.join(found)}"
    return (
        line
        if len(line) <= WIDTH
        else "\n".join([f"from {module} import (", *(f"    {n}," for n in found), ")"])
    )


def _bindings(tree: ast.Module, package: str) -> dict[str, Import | str]:
    """What names of the module stand for: imports, and for everything else the empty text."""
    found: dict[str, Import | str] = {}
    for node in tree.body:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    bound = alias.asname or alias.name.partition(".")[0]
                    found[bound] = Import(f"{alias.name} as {alias.asname}" if alias.asname else alias.name)
            case ast.ImportFrom(names=aliases, module=module, level=level):
                inside = _inside(module or "", level, package)
                for alias in aliases:
                    if alias.name != "*" and inside is not None:
                        text = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                        found[alias.asname or alias.name] = Import(text, inside)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = ""
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                found |= {
                    n.id: ""
                    for n in ast.walk(node)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                }
    return found


def _integers(tree: ast.Module) -> Iterator[str]:
    """Names that a module binds once, to an integer."""
    stored = Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                number = value.operand if isinstance(value, ast.UnaryOp) else value
                if stored[name] == 1 and isinstance(number, ast.Constant) and type(number.value) is int:
                    yield name


def _inside(module: str, level: int, package: str) -> str | None:
    if not level:
        return module
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def snake(name: str) -> str:
    """A class's name as it stands within a function's."""
    return re.sub(r"_+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def variable(name: str, taken: Iterable[str]) -> str:
    """A name for an argument that is none of some."""
    found = name
    while found in set(taken) or keyword.iskeyword(found):
        found += "_"
    return found
