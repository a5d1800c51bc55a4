"""The texts beside a module: files of the workspace that it imports from, and stubs of what others wrote.

A check gets them as data, with their specifications extracted already. Must not import z3: digests are
computed from them in the editor's process.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from lift_ir import EffectFacts, Ensures, Function, Modifies, Module, Raises, Requires

if TYPE_CHECKING:
    from lift.verify.program import FunctionNode, Program

SourceKind = Literal["file", "stub", "library"]
_LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Source:
    """A module that others import from.

    Attributes:
        name: Its dotted name.
        module: Its specification, made from ``text``.
        kind: ``file``: a file of the workspace, whose specifications are relied on only when they are
            proved; ``stub``: what the user says of somebody else's module; ``library``: lift's own stub.
        package: Whether it is a package's ``__init__``.
    """

    name: str
    module: Module
    text: str
    kind: SourceKind = "file"
    package: bool = False

    @property
    def trusted(self) -> bool:
        """Whether its specifications are taken as they stand, since there is no body to prove them of."""
        return self.kind != "file"

    @property
    def surroundings(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.package else self.name.rpartition(".")[0]


class Finder(Protocol):
    """Looks sources up when they are first asked for."""

    def find(self, name: str) -> tuple[Source, ...]:
        """The sources of a dotted name."""
        ...

    def is_package(self, name: str) -> bool:
        """Whether a dotted name is a folder of modules."""
        ...


@dataclass(frozen=True)
class Sources:
    """What a module may import from.

    Attributes:
        items: The sources that are at hand.
        name: The module's own dotted name, empty if it has none.
        package: The package that its relative imports start from.
        finder: Where the others are looked up; None if there are none.
    """

    items: tuple[Source, ...] = ()
    name: str = ""
    package: str = ""
    finder: Finder | None = field(default=None, compare=False, repr=False)

    def get(self, name: str) -> tuple[Source, ...]:
        """The sources of a dotted name: the user's stub first, then lift's own."""
        found = tuple(s for s in self.items if s.name == name)
        return found or (self.finder.find(name) if self.finder is not None else ())

    def is_package(self, name: str) -> bool:
        """Whether there are modules of this dotted name or under it."""
        inside = any(s.name == name or s.name.startswith(f"{name}.") for s in self.items)
        return inside or (self.finder is not None and self.finder.is_package(name))

    def seen_from(self, source: Source) -> Sources:
        """The same sources, for a check of a function of one of them."""
        return Sources(self.items, source.name, source.surroundings, self.finder)

    def label(self, qualname: str) -> str:
        """A name of one of the module's functions that no other module's has."""
        return f"{self.name}:{qualname}"


NOTHING = Sources()


@dataclass(frozen=True)
class Contract:
    """A function of another module.

    Attributes:
        variants: Its definition and specification; several where a stub overloads it, and none where it
            states nothing.
    """

    source: Source
    program: Program
    name: str
    variants: tuple[tuple[FunctionNode, Function], ...] = field(repr=False)

    @property
    def origin(self) -> str:
        """Its dotted name."""
        return f"{self.source.name}.{self.name}"


@dataclass(frozen=True)
class Constant:
    """A constant of another module."""

    value: object
    source: Source
    program: Program
    name: str


@dataclass(frozen=True)
class Package:
    """A module as a value: something to take attributes of."""

    name: str


Found = Contract | Constant | Package


def absolute(origin: str, package: str) -> str | None:
    """The dotted name behind an import's origin, which may begin with dots; None outside of any package."""
    level = len(origin) - len(origin.lstrip("."))
    if level == 0:
        return origin
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], origin[level:]])


def imported(program: Program, name: str) -> Found | None:
    """What an imported name of a module stands for; None if nothing is known of it."""
    origin = program.imports.get(name)
    if origin is None or name in program.rebound or not _runs(program, name):
        return None
    return located(program.sources, absolute(origin, program.sources.package))


def _runs(program: Program, name: str) -> bool:
    """Whether the import of a name runs: one that only a type checker sees gives it no value."""
    return any(
        (alias.asname or alias.name.partition(".")[0]) == name
        for node in program.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def located(sources: Sources, dotted: str | None, chain: int = 0) -> Found | None:
    """What a dotted name stands for."""
    if not dotted or chain > _LONGEST_CHAIN:
        return None
    inside, _, name = dotted.rpartition(".")
    for source in sources.get(inside):
        found = _in_source(sources, source, name, chain)
        if found is not None:
            return found
    return Package(dotted) if sources.is_package(dotted) else None


def _in_source(sources: Sources, source: Source, name: str, chain: int) -> Found | None:
    from lift.verify.digests import program_of

    program = program_of(source.module, source.text, sources.seen_from(source))
    if program is None:
        return None
    if source.trusted:
        variants = tuple(_variants(program, name))
        if variants:
            return Contract(source, program, name, variants)
    elif name in program.rebound:
        return None
    node, ir = program.functions.get(name), program.irs.get(name)
    if node is not None:
        stated = ir is not None and ir.specified and _states(ir)
        return Contract(source, program, name, ((node, ir),) if ir is not None and stated else ())
    if name in program.constants:
        return Constant(program.constants[name], source, program, name)
    origin = program.imports.get(name)
    if origin is not None and not source.trusted:
        return located(sources, absolute(origin, source.surroundings), chain + 1)
    return None


def _states(ir: Function) -> bool:
    return any(isinstance(c, Requires | Ensures | Raises) for c in ir.clauses)


def _variants(program: Program, name: str) -> Iterator[tuple[FunctionNode, Function]]:
    """The declarations of a name in a stub, with what its Modifies says in place of what a body shows."""
    for node in program.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name != name:
            continue
        for ir in program.module.functions:
            if ir.name_span.start.line == node.lineno and ir.qualname == name:
                targets = tuple(t for c in ir.clauses if isinstance(c, Modifies) for t in c.targets)
                plain = copy.copy(node)
                plain.decorator_list = []
                yield plain, ir.model_copy(update={"effects": EffectFacts(mutates=targets)})


def reached(program: Program, names: Iterable[str], attributes: Iterable[str]) -> list[Found]:
    """All that names of a function, and attributes of them, may mean in other modules."""
    found: list[Found] = []
    taken = tuple(attributes)
    for name in names:
        one = imported(program, name) if name in program.imports else None
        pending: list[Any] = [] if one is None else [one]
        while pending:
            one = pending.pop()
            found.append(one)
            if isinstance(one, Package):
                inner = (located(program.sources, f"{one.name}.{a}") for a in taken)
                pending += [i for i in inner if i is not None]
    return found


def packed(sources: Sources) -> dict[str, Any]:
    """Sources as JSON, without a finder."""
    rows = [[s.name, s.module.model_dump_json(), s.text, s.kind, s.package] for s in sources.items]
    return {"items": rows, "name": sources.name, "package": sources.package}


def unpacked(found: dict[str, Any]) -> Sources:
    """The sources that ``packed`` wrote."""
    items = tuple(
        Source(name, Module.model_validate_json(module), text, kind, package)
        for name, module, text, kind, package in found["items"]
    )
    return Sources(items, found["name"], found["package"])
