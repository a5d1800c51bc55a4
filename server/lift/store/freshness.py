"""Whether a digest still holds after an edit, told without reading the code again.

The digest of a function rests on the texts of the functions that it may call, on which names the module
defines, and on what stands outside of functions. Somebody who types in one function changes nothing of that
for most of the others. Must not import anything of lift but the IR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lift_ir import Function, Module

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Outline:
    """What of a module the digests of its functions may rest on.

    Attributes:
        functions: Qualified name → digest of the function's own text, or of the texts where a name is bound
            several times.
        outside: The lines that belong to no function, and the names in their order.
    """

    functions: Mapping[str, str]
    outside: str

    def basis(self, digest: str, dependencies: Iterable[str]) -> Basis:
        """What ``digest`` rests on, which was computed for this outline."""
        needs = tuple((name, self.functions.get(name, "")) for name in sorted(dependencies))
        return Basis(digest, needs, self.outside)


@dataclass(frozen=True)
class Basis:
    """A digest and what it rests on.

    Attributes:
        needs: Qualified name and own digest of each function that bears on it.
        outside: As in the outline.
    """

    digest: str
    needs: tuple[tuple[str, str], ...]
    outside: str

    def holds_in(self, outline: Outline) -> bool:
        """Whether the function would have the same digest in a module of this outline."""
        if self.outside != outline.outside:
            return False
        return all(outline.functions.get(name, "") == digest for name, digest in self.needs)


def outline_of(module: Module, text: str) -> Outline:
    """The outline of ``module``, which was made from ``text``."""
    functions = module.all_functions()
    lines = _LINE_END.split(text)
    digests: dict[str, str] = {}
    kept: list[str] = []
    done = 0
    for function in functions:
        kept += _meaningful(lines[done : max(done, function.span.start.line - 1)])
        kept.append(function.qualname)
        digests[function.qualname] = digests.get(function.qualname, "") + function.digest
        if _is_constructor(function):
            # Attributes are declared in it, which makes its text a part of every method's surroundings.
            kept.append(function.digest)
        done = max(done, function.span.end.line)
    kept += _meaningful(lines[done:])
    return Outline(digests, "\n".join(kept))


def _is_constructor(function: Function) -> bool:
    return function.name == "__init__"


def _meaningful(lines: list[str]) -> list[str]:
    """The lines without blank ones and comments, unless these may be parts of a string."""
    if any(mark in line for line in lines for mark in ('"""', "'''", "\\")):
        return lines
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
