"""What a candidate may import: the standard library, what is installed, and the project's own files.

Nothing is imported to find that out: looking a dotted name up the usual way would run its packages.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from lift.verify.sources import NOTHING, Sources


@dataclass(frozen=True)
class Installed:
    """Where modules are looked for.

    Attributes:
        roots: The project's folders, in which its own modules are.
        folder: The folder of the file itself, for relative imports; None if it has none.
        sources: The files that the module imports from already.
    """

    roots: tuple[str, ...] = ()
    folder: str | None = None
    sources: Sources = NOTHING

    def missing(self, node: ast.Import | ast.ImportFrom) -> str | None:
        """Why an import statement would fail, None if nothing says so."""
        if isinstance(node, ast.ImportFrom):
            if any(a.name == "*" for a in node.names):
                return "an import of everything hides what it brings"
            if node.level:
                return self._missing_near(node)
            return self._missing(node.module or "")
        for alias in node.names:
            why = self._missing(alias.name)
            if why is not None:
                return why
        return None

    def _missing(self, dotted: str) -> str | None:
        if dotted == "__future__":
            return None
        if self.sources.get(dotted) or self.sources.is_package(dotted):
            return None
        top, _, rest = dotted.partition(".")
        if top in sys.builtin_module_names and not rest:
            return None
        places = _find(top, [*self.roots, *sys.path])
        if places is None:
            return f"there is no module {top} in the project, and none is installed"
        return _inside(top, places, rest)

    def _missing_near(self, node: ast.ImportFrom) -> str | None:
        if self.folder is None:
            return "the file is in no package"
        folder = Path(self.folder)
        for _ in range(node.level - 1):
            folder = folder.parent
        names = [a.name for a in node.names]
        if node.module:
            top, _, rest = node.module.partition(".")
            places = _find(top, [str(folder)])
            if places is None:
                return f"there is no module {node.module} beside this file"
            return _inside(top, places, rest)
        return (
            None
            if (folder / "__init__.py").exists() or _all_found(folder, names)
            else "there is no such module"
        )


def _all_found(folder: Path, names: Sequence[str]) -> bool:
    return all(_find(name, [str(folder)]) is not None for name in names)


def _find(name: str, path: Sequence[str]) -> list[str] | None:
    """The folders of a package, none for a module; None if there is neither."""
    if name in sys.builtin_module_names:
        return []
    try:
        spec = PathFinder.find_spec(name, list(path))
    except (ImportError, ValueError, OSError):
        return None
    if spec is None:
        return None
    return list(spec.submodule_search_locations or ())


_NAMES_OF_MODULES = frozenset(["os.path"])
"""Modules that are names of another one rather than files."""


def _inside(top: str, places: list[str], rest: str) -> str | None:
    """Why ``top.rest`` is not there."""
    reached = top
    for part in filter(None, rest.split(".")):
        found = _find(part, places) if places else None
        if f"{reached}.{part}" in _NAMES_OF_MODULES:
            found = []
        if found is None:
            return f"{reached} has no module {part}"
        reached, places = f"{reached}.{part}", found
    return None
