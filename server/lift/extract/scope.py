"""What is gathered while a body is read: names, aliases, changes, calls.

Filled by ``lift.extract.walking`` and ``lift.extract.calling``. Must not import other parts of lift than
``source`` and this package.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import NamedTuple

from lift_ir import Call, EffectWord

from lift.extract.aliases import Root, Roots, holding
from lift.extract.annotations import Mutability
from lift.extract.bindings import ModuleNames
from lift.source import LineIndex


class Edge(NamedTuple):
    """A call of a function of the same module.

    Attributes:
        callee: ``name`` of a function or class of the module, ``Class.method``, or the qualified name of
            a nested function.
        text: The call as written, for when it turns out that the module has no such function.
        receiver: Whether the first argument is the object before the dot.
        positional: What each positional argument may be.
        keywords: What each keyword argument may be; ``*`` stands for starred arguments.
    """

    callee: str
    text: str
    receiver: bool
    positional: tuple[Roots, ...]
    keywords: tuple[tuple[str, Roots], ...]


@dataclass
class Walk:
    """One body being read.

    Attributes:
        qualname: The function's qualified name.
        owner: Its class, None outside classes.
        receiver: What it calls its object, None if it has none.
        kinds: Its parameters → what of them may change.
        renamed: Names that currently stand for something else: variables of comprehensions, and
            parameters that were bound anew.
        loads: Names that the body reads.
        own: Names that the body binds.
        outer: Those of them that are declared global or nonlocal.
        nested: Names of functions that the body defines → their qualified names.
        imported: Names that the body imports → dotted names.
        aliases: What each name and attribute may be.
        changes: What the body changes.
        defines: Whether it defines functions or classes.
        loops: Its loops whose bodies start with an assertion.
        stores: Attributes that it gives another value to, as (name, attribute).
    """

    index: LineIndex
    names: ModuleNames
    qualname: str
    owner: str | None
    receiver: str | None
    kinds: dict[str, Mutability]
    renamed: dict[str, str] = field(default_factory=dict)
    loads: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    nested: dict[str, str] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    aliases: dict[tuple[str, str | None], list[Root]] = field(default_factory=dict)
    changes: list[Root] = field(default_factory=list)
    stores: list[tuple[str, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    effects: set[EffectWord] = field(default_factory=set)
    opaque: dict[str, None] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    generator: bool = False
    closures: bool = False
    defines: bool = False
    loops: list[ast.For | ast.AsyncFor | ast.While] = field(default_factory=list)
    fresh: int = 0

    def change(self, roots: Roots) -> None:
        """Notes that these may change."""
        for root in roots:
            if root[2] <= 0:
                self.changes.append(root)

    def alias(self, name: str, attribute: str | None, roots: Roots) -> None:
        """Notes that a name, or an attribute of it, may be these."""
        if roots:
            self.aliases.setdefault((name, attribute), []).extend(roots)

    def store_into(self, targets: Roots, content: Roots) -> None:
        """Notes that the targets now contain the content."""
        if content:
            inside = holding(content)
            for name, attribute, _ in targets:
                self.alias(name, attribute, inside)

    def is_local(self, name: str) -> bool:
        """Whether a name, as far as the body was read, is bound by the function itself."""
        return name in self.kinds or (name in self.own and name not in self.outer) or name in self.renamed

    def import_target(self, name: str) -> str | None:
        """The dotted name that a name was imported as, None if it is no import."""
        if name in self.imported:
            return self.imported[name]
        if self.is_local(name):
            return None
        binding = self.names.get(name)
        return binding.target if binding is not None and binding.kind == "import" else None

    def new_name(self, name: str) -> str:
        """A name that stands for ``name`` where it means something else."""
        self.fresh += 1
        new = f"{name}~{self.fresh}"
        self.own.add(new)
        return new
