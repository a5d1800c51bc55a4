"""What a function needs of other files of the workspace, as texts that run beside its own.

Only the definitions that are needed go along, as with the function's own module: no other file is imported as
a whole, so that nothing that it does when it is imported happens. Must not import z3.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lift.verify.program import Program
from lift.verify.sources import Constant, Contract, Found, Package, imported, located

Slice = Callable[[Program, tuple[str, ...], "Links"], str]


@dataclass(frozen=True)
class Link:
    """A name that stands for something of another module.

    Attributes:
        module: The dotted name of the module that it stands in, empty for the function's own.
        path: The name, and attributes of it if it is a package.
        target: The other module.
        name: What it is called there.
    """

    module: str
    path: tuple[str, ...]
    target: str
    name: str


@dataclass
class Links:
    """What the slices of a run take from other modules.

    Attributes:
        entry: The function's own module.
        guard: Code for a callee's module that checks its Requires, given the program, the callee, the name
            of the checked function and how the caller writes it; None where it has none.
    """

    entry: Program
    guard: Callable[[Program, str, str, str], str | None]
    _programs: dict[str, Program] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _guards: dict[str, list[str]] = field(default_factory=dict)
    _links: dict[tuple[str, tuple[str, ...]], Link] = field(default_factory=dict)

    def take(self, program: Program, name: str, nodes: list[ast.AST]) -> bool:
        """Whether a name stands for something of another file, which is then taken along.

        Args:
            nodes: Where it is used.
        """
        found = imported(program, name)
        if found is None:
            return False
        attributes = {n.attr for node in nodes for n in ast.walk(node) if isinstance(n, ast.Attribute)}
        here = "" if program is self.entry else program.sources.name
        taken = False
        pending: list[tuple[tuple[str, ...], Found]] = [((name,), found)]
        while pending:
            path, one = pending.pop()
            if isinstance(one, Package):
                inner = ((a, located(program.sources, f"{one.name}.{a}")) for a in sorted(attributes))
                pending += [((*path, a), i) for a, i in inner if i is not None]
            elif one.source.kind == "file":
                taken = True
                self._add(program, here, path, one)
        return taken

    def _add(self, program: Program, here: str, path: tuple[str, ...], found: Contract | Constant) -> None:
        if (here, path) in self._links:
            return
        where, name = found.source.name, found.name
        target = name
        self._programs[where] = found.program
        self._names.setdefault(where, set()).add(name)
        if isinstance(found, Contract) and not here:
            checked = f"__checked_{len(self._links)}__"
            guard = self.guard(found.program, name, checked, ".".join(path))
            if guard is not None:
                self._guards.setdefault(where, []).append(guard)
                target = checked
        self._links[here, path] = Link(here, path, where, target)

    def modules(self, slice_of: Slice) -> tuple[tuple[str, str, str], ...]:
        """The other modules: dotted name, path and text of each."""
        texts: dict[str, str] = {}
        done: dict[str, int] = {}
        while any(len(names) != done.get(where) for where, names in self._names.items()):
            for where, names in list(self._names.items()):
                if done.get(where) != len(names):
                    done[where] = len(names)
                    texts[where] = slice_of(self._programs[where], tuple(sorted(names)), self)
        return tuple(
            (where, self._programs[where].module.path, "\n".join([text, *self._guards.get(where, ())]))
            for where, text in texts.items()
        )

    def links(self) -> tuple[Link, ...]:
        """Every name that stands for something of another module."""
        return tuple(self._links.values())


def as_request(modules: tuple[tuple[str, str, str], ...], links: tuple[Link, ...]) -> dict[str, Any]:
    """The modules and links as the sandbox reads them."""
    return {
        "modules": [list(m) for m in modules],
        "links": [[one.module, list(one.path), one.target, one.name] for one in links],
    }
