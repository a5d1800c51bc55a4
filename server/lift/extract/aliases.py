"""Which objects a name may stand for: how far inside or outside of what the function was given.

A root ``(name, attribute, depth)`` says that an expression may be the object of ``name`` (or of
``name.attribute``) itself (0), a part of it (-1), or a new object that contains it (1 or more). Changing
an object whose depth is 1 or more leaves what it contains alone. Aliases are flow-insensitive, so they
over-approximate. Imports nothing of lift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Root = tuple[str, str | None, int]
Roots = tuple[Root, ...]
Aliases = Mapping[tuple[str, str | None], Iterable[Root]]
NONE: Roots = ()
_MANY = 12


def part_of(roots: Roots) -> Roots:
    """What a subscript, an iteration or an attribute of these may be."""
    return tuple([(n, a, d - 1 if d >= 0 else -1) for n, a, d in roots])


def attribute_of(roots: Roots, attribute: str) -> Roots:
    """What an attribute of these may be."""
    if len(roots) == 1:
        name, path, depth = roots[0]
        if path is None and depth == 0:
            return ((name, attribute, 0),)
        return ((name, path, depth - 1 if depth >= 0 else -1),)
    return tuple(
        [(n, attribute, 0) if a is None and d == 0 else (n, a, d - 1 if d >= 0 else -1) for n, a, d in roots]
    )


def holding(roots: Roots) -> Roots:
    """A new object that contains these."""
    return tuple([(n, a, d + 1 if d >= 0 else 1) for n, a, d in roots])


def union(parts: Iterable[Roots]) -> Roots:
    """Any of these; duplicates are dropped once there are many."""
    found: list[Root] = []
    for part in parts:
        if part:
            found.extend(part)
    return tuple(found) if len(found) <= _MANY else tuple(dict.fromkeys(found))


def resolve(root: Root, aliases: Aliases, is_outside: Callable[[str], bool]) -> set[Root]:
    """The roots outside the function (parameters, globals, captured names) that a root may be."""
    found: set[Root] = set()
    seen: set[Root] = set()
    stack = [root]
    while stack:
        one = stack.pop()
        if one in seen:
            continue
        seen.add(one)
        name, attribute, depth = one
        if is_outside(name):
            found.add(one)
        for other, path, inner in aliases.get((name, None), ()):
            if attribute is None:
                stack.append((other, path, _composed(inner, depth)))
            elif inner == 0 and path is None:
                stack.append((other, attribute, depth))
            else:
                stack.append((other, path, _composed(max(inner - 1, -1), depth)))
        if attribute is not None:
            for other, path, inner in aliases.get((name, attribute), ()):
                stack.append((other, path, _composed(inner, depth)))
    return found


def _composed(inner: int, outer: int) -> int:
    """The depth of something at depth ``outer`` in something at depth ``inner``.

    Requires:
        - ``-1 <= inner <= 3 and -1 <= outer <= 3``

    Ensures:
        - ``-1 <= result <= 3``
        - ``implies(inner == 0, result == outer)``: what is the whole of something keeps its depth
    """
    if outer > 0:
        return min(max(inner, 0) + outer, 3)
    return max(inner + outer, -1)
