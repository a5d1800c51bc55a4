"""The names that a module binds, and what each stands for; what was asked of them is remembered.

An edit that changes a module's names touches only the parts of it that asked for one of those, which is
what makes extraction incremental. Must not import other parts of lift.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lift.extract.nodes import DEFINITIONS, SIMPLE, inner_statements

BindingKind = Literal["import", "function", "class", "variable"]
EVERYTHING = "*"
_LIBRARIES = ("icontract", "deal", "annotated_types", "pydantic", "msgspec")
_GLOBAL = re.compile(r"^[ \t]*global[ \t]+([^\n#;]+)", re.M)
_DYNAMIC = re.compile(r"\bglobals\(\)|^def __getattr__\b", re.M)


@dataclass(frozen=True)
class Binding:
    """What a module-level name stands for.

    Attributes:
        kind: How it is bound; a name bound in several ways is a variable.
        target: For an import the dotted name of what is imported, else the name itself.
    """

    kind: BindingKind
    target: str


@dataclass
class ModuleNames:
    """A module's names, recording every question.

    Attributes:
        bindings: Name → what it stands for.
        open: True if the module may have names that cannot be seen (``from x import *``).
        libraries: Whether the module imports one whose contracts or bounds are read.
        asked: The names that were asked for; holds ``EVERYTHING`` once all of them were.
    """

    bindings: Mapping[str, Binding] = field(default_factory=dict)
    open: bool = False
    libraries: bool = False
    asked: set[str] = field(default_factory=set)

    def afresh(self) -> ModuleNames:
        """The same names, of which nothing was asked yet."""
        return ModuleNames(self.bindings, self.open, self.libraries)

    def has(self, name: str) -> bool:
        """True if the module binds the name, or if that cannot be told."""
        self.asked.add(name)
        return name in self.bindings or self.open

    def get(self, name: str) -> Binding | None:
        """What the name stands for, None if the module does not bind it."""
        self.asked.add(name)
        return self.bindings.get(name)

    def all_names(self) -> Iterable[str]:
        """Every name; whoever asks depends on all of them."""
        self.asked.add(EVERYTHING)
        return self.bindings


def has_libraries(bindings: Mapping[str, Binding]) -> bool:
    """True if one of the names is imported from a library whose contracts or bounds are read."""
    return any(b.kind == "import" and b.target.startswith(_LIBRARIES) for b in bindings.values())


def is_open(text: str, statements: Iterable[ast.stmt]) -> bool:
    """True if the text may bind names that cannot be seen by reading it."""
    if "import *" in text or "import(" in text:
        for node in _all_statements(statements):
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                return True
    return bool(_DYNAMIC.search(text)) if "globals()" in text or "__getattr__" in text else False


def bindings_of(text: str, statements: list[ast.stmt]) -> dict[str, Binding]:
    """The names that top-level statements bind, also those in their branches and ``global`` statements."""
    found: dict[str, Binding] = {}

    def bind(name: str, kind: BindingKind, target: str) -> None:
        binding = Binding(kind, target)
        found[name] = binding if found.get(name, binding) == binding else Binding("variable", name)

    for node in _all_statements(statements):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bind(node.name, "function", node.name)
        elif isinstance(node, ast.ClassDef):
            bind(node.name, "class", node.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                bind(name, "import", alias.name if alias.asname else name)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            for alias in node.names:
                bind(alias.asname or alias.name, "import", f"{prefix}.{alias.name}" if prefix else alias.name)
        else:
            for target in _targets(node):
                for leaf in (target,) if type(target) is ast.Name else ast.walk(target):
                    if isinstance(leaf, ast.Name) and not isinstance(leaf.ctx, ast.Load):
                        bind(leaf.id, "variable", leaf.id)
    if "global" in text:
        for match in _GLOBAL.finditer(text):
            for name in match[1].split(","):
                if name.strip().isidentifier():
                    bind(name.strip(), "variable", name.strip())
    if ":=" in text:
        for statement in statements:
            for node in ast.walk(statement):
                if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
                    found.setdefault(node.target.id, Binding("variable", node.target.id))
    return found


def _all_statements(statements: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    """The statements of a module's own scope: branches are entered, functions and classes are not."""
    stack = list(statements)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, DEFINITIONS) and type(node) not in SIMPLE:
            stack.extend(inner_statements(node)[::-1])


def _targets(node: ast.stmt) -> list[ast.AST]:
    """What a statement that is neither import nor definition binds."""
    if isinstance(node, ast.Assign):
        return list(node.targets)
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        return [node.target]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.optional_vars for item in node.items if item.optional_vars is not None]
    if isinstance(node, ast.Try | ast.TryStar):
        return [ast.Name(handler.name, ast.Store()) for handler in node.handlers if handler.name]
    if isinstance(node, ast.Match):
        names = [
            part.name
            for case in node.cases
            for part in ast.walk(case.pattern)
            if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name
        ]
        return [ast.Name(name, ast.Store()) for name in names]
    return []
