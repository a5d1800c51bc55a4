"""Puts the specifications of modules around their functions as the modules are imported.

The code on disk stays as it is. Of a module only what its own source defines is wrapped, found by the line of
its definition, so that nothing is mistaken for something of the same name.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib.abc
import importlib.machinery
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from lift_ir import Class, Clause, Function, Module

from lift.runtime.guard import Tally, guarded

# Reading a module takes a while; one that says none of this has nothing to enforce.
_SECTION = re.compile(
    rb"^[ \t]*(?:[\"']{3})?(?:Requires|Ensures|Raises|Invariants|Preconditions|Postconditions"
    rb"|Representation Invariants|pre|post|inv)[ \t]*:?|Annotated\[|Field\(",
    re.MULTILINE,
)


@dataclass
class Enforcer(importlib.abc.MetaPathFinder):
    """Wraps the functions of modules below some folders while they are imported.

    Attributes:
        folders: Only modules whose files are below one of them.
        only: Patterns of ``module.function``, of which one has to fit; none lets all through.
        except_: Folders below ``folders`` that are left alone, such as installed packages.
    """

    folders: tuple[Path, ...]
    tally: Tally
    only: tuple[str, ...] = ()
    except_: tuple[Path, ...] = ()
    _looking: set[str] = field(default_factory=set)

    def install(self) -> None:
        """Wraps what is imported from now on, and what has been imported already."""
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if path is not None and isinstance(module, ModuleType) and self._is_ours(path):
                self.enforce(module)
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Leaves modules alone again; what is wrapped stays wrapped."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec that the other finders give, with a loader that wraps what it has loaded."""
        if fullname in self._looking:
            return None
        self._looking.add(fullname)
        try:
            spec = self._others(fullname, path, target)
        finally:
            self._looking.discard(fullname)
        if spec is None or spec.origin is None or not self._is_ours(spec.origin):
            return spec
        loader = spec.loader
        # Each spec has a source loader of its own; a loader of another kind may load other modules as well.
        if type(loader) is importlib.machinery.SourceFileLoader:
            execute = loader.exec_module

            @functools.wraps(execute)
            def execute_and_wrap(module: ModuleType) -> None:
                execute(module)
                self.enforce(module)

            loader.exec_module = execute_and_wrap
        return spec

    def _others(self, name: str, path: Any, target: Any) -> importlib.machinery.ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None

    def _is_ours(self, origin: str) -> bool:
        if not origin.endswith(".py"):
            return False
        try:
            path = Path(origin).resolve()
        except (OSError, RuntimeError):
            return False
        return any(path.is_relative_to(f) for f in self.folders) and not any(
            path.is_relative_to(f) for f in self.except_
        )

    def _shown(self, path: str) -> str:
        """The path as a person would name it."""
        whole = Path(path).resolve()
        found = (whole.relative_to(f) for f in self.folders if whole.is_relative_to(f))
        return str(next(found, whole))

    def enforce(self, module: ModuleType) -> None:
        """Wraps the specified functions of a module that has been loaded. Never raises."""
        path = module.__file__ or ""
        try:
            data = Path(path).read_bytes()
        except OSError:
            return
        if not _SECTION.search(data):
            return
        from lift.errors import SourceError
        from lift.extract import extract
        from lift.source.text import read

        try:
            extraction = extract(read(Path(path)))
        except SourceError:
            return
        if extraction.error is None:
            self._wrap(module, extraction.module, self._shown(path))

    def _wrap(self, module: ModuleType, ir: Module, path: str) -> None:
        for function in ir.functions:
            if "." not in function.qualname and self._wants(module, function):
                self._replace(module, vars(module), function, path, ())
        for owner in ir.classes:
            found = _class_named(module, owner.qualname)
            if found is None:
                continue
            for method in owner.methods:
                if self._wants(module, method):
                    self._replace(found, dict(vars(found)), method, path, _invariants(owner, method))

    def _wants(self, module: ModuleType, function: Function) -> bool:
        name = f"{module.__name__}.{function.qualname}"
        return not self.only or any(fnmatch.fnmatch(name, pattern) for pattern in self.only)

    def _replace(
        self, place: Any, names: dict[str, Any], function: Function, path: str, invariants: tuple[Clause, ...]
    ) -> None:
        """Puts the wrapped function where the function stands."""
        if not (function.specified or invariants):
            return
        held = names.get(_mangled(function))

        def wrap(inner: Callable[..., Any]) -> Callable[..., Any]:
            return guarded(inner, function, path, self.tally, invariants)

        match held:
            case FunctionType() if _is_definition(held, function):
                new: Any = wrap(held)
            case staticmethod() | classmethod() if _is_definition(held.__func__, function):
                new = type(held)(wrap(held.__func__))
            case property():
                parts = [held.fget, held.fset, held.fdel]
                wrapped = [wrap(p) if p is not None and _is_definition(p, function) else p for p in parts]
                new = property(wrapped[0], wrapped[1], wrapped[2], held.__doc__)
            case _:
                if function.clauses:
                    self.tally.skip("behind decorators")
                return
        if new is not held:
            setattr(place, _mangled(function), new)


def _is_definition(found: Any, function: Function) -> bool:
    """Whether it is what stands at the function's place in the source, perhaps behind decorators."""
    try:
        inner = inspect.unwrap(found)
    except ValueError:
        return False
    code = getattr(inner, "__code__", None)
    return (
        isinstance(found, FunctionType)
        and code is not None
        and code.co_firstlineno == function.span.start.line
    )


def _class_named(module: ModuleType, qualname: str) -> type | None:
    found: Any = module
    for name in qualname.split("."):
        found = vars(found).get(name) if hasattr(found, "__dict__") else None
    # A class that was imported, or made by a decorator from another one, keeps its own module's name.
    return found if isinstance(found, type) and found.__module__ == module.__name__ else None


def _mangled(function: Function) -> str:
    owner = function.qualname.rpartition(".")[0].rpartition(".")[2].lstrip("_")
    private = function.name.startswith("__") and not function.name.endswith("__")
    return f"_{owner}{function.name}" if owner and private else function.name


def _invariants(owner: Class, method: Function) -> tuple[Clause, ...]:
    """What holds around a method: the class's invariants if it is public, and after the instance is made."""
    first = next(_names(method), None)
    is_public = not method.name.startswith("_") or method.name == "__init__"
    static = {"staticmethod", "classmethod"} & set(method.decorators)
    return owner.invariants if is_public and first == "self" and not static else ()


def _names(method: Function) -> Iterator[str]:
    return (p.name for p in method.signature.parameters)
