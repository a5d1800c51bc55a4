"""Spells values as a person would type them; a part of the sandbox's child.

Loaded by ``sandbox.py`` without a package around it: standard library only. Never calls the ``__repr__``
of the user's classes; ``except Exception`` lets the end of a case's time, a BaseException, pass.
"""

from __future__ import annotations

import contextlib
import copy
import sys
from typing import Any

MODULE = "usermodule"
LIMIT = 2000


def spell(value, shared=None, limit=LIMIT):
    """A value as a person would type it, cut off with ``…`` at ``limit`` characters."""
    text = ""
    for piece in _pieces(value, shared or {}, ()):
        text += piece
        if len(text) > limit:
            return text[: limit - 1] + "…"
    return text


def _pieces(value: Any, shared, path):
    kind = type(value)
    if id(value) in shared:
        yield shared[id(value)]
    elif kind is int:
        yield repr(value) if value.bit_length() < 10_000 else hex(value)
    elif kind is float:
        yield repr(value) if value - value == 0 else f'float("{value}")'
    elif kind in (str, bytes):
        yield repr(value if len(value) <= LIMIT else value[: LIMIT + 1])
    elif id(value) in path or len(path) > 40:
        yield "…"
    elif kind in (list, tuple, set, frozenset, dict):
        yield from _container(value, kind, shared, (*path, id(value)))
    elif kind.__module__ == MODULE and not callable(value):
        yield from _instance(value, kind, shared, (*path, id(value)))
    elif kind.__name__ in ("list_iterator", "tuple_iterator"):
        yield "iter("
        rest: Any = copy.copy(value)
        yield from _pieces(list(rest), shared, path)
        yield ")"
    else:
        yield _plain_repr(value, kind)


def _container(value, kind, shared, path):
    if kind in (set, frozenset) and not value:
        yield f"{kind.__name__}()"
        return
    before, after = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})"), dict: "{}"}[kind]
    yield before
    items = value
    if kind in (set, frozenset):
        try:
            items = sorted(value)
        except TypeError:
            items = list(value)
    for number, item in enumerate(items):
        yield ", " if number else ""
        yield from _pieces(item, shared, path)
        if kind is dict:
            yield ": "
            yield from _pieces(value[item], shared, path)
    yield "," + after if kind is tuple and len(value) == 1 else after


def fields(value):
    """The attributes of an instance, in the order in which they were set or declared."""
    found = {}
    for kind in reversed(type(value).__mro__):
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            descriptor: Any = kind.__dict__.get(name)
            if type(descriptor).__name__ == "member_descriptor":
                try:
                    found[name] = descriptor.__get__(value, kind)
                except AttributeError:
                    continue
    with contextlib.suppress(AttributeError):
        found.update(object.__getattribute__(value, "__dict__"))
    return list(found.items())


def _instance(value, kind, shared, path):
    name = kind.__qualname__.rpartition("<locals>.")[2]
    if is_enum(value):
        yield f"{name}.{value._name_}"
        return
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        attributes = list(zip(kind._fields, value, strict=False))
    else:
        attributes = fields(value)
        inside = _inside(value)
        if inside is not _NOTHING:
            yield f"{name}("
            yield from _pieces(inside, shared, path)
            yield ")"
            return
    yield f"{name}("
    for number, (attribute, inner) in enumerate(attributes):
        yield f"{', ' if number else ''}{attribute}="
        yield from _pieces(inner, shared, path)
    yield ")"


_NOTHING = object()


def _inside(value):
    """The plain value in an instance of a class derived from a built-in one."""
    if isinstance(value, BaseException):
        return value.args[0] if len(value.args) == 1 else value.args
    bases: tuple[type, ...] = (list, tuple, set, frozenset, dict, str, bytes, int, float)
    for base in bases:
        if issubclass(type(value), base):
            return base(value)
    return _NOTHING


def is_enum(value):
    """Whether a value is a member of an enumeration."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(value, enum.Enum)


def _plain_repr(value, kind):
    if isinstance(value, type):
        return value.__name__
    try:
        text = repr(value)
    except Exception:
        return f"<{kind.__name__}>"
    if text.startswith("<"):
        return f"<{getattr(value, '__name__', kind.__name__)}>"
    return text


def spell_call(program, target, bound, given):
    """The call as a person would type it, and the lines that make the objects which it shares."""
    names = _shared_names(bound)
    setup = []
    for number, (value, name) in enumerate(names):
        inner = {id(v): n for v, n in names[:number]}
        setup.append(f"{name} = {spell(value, inner)}")
    shared = {id(value): name for value, name in names}
    shown, by_name, receiver = [], False, None
    for name, style in program.parameters:
        if name == "self" and target.owner is not None:
            receiver = spell(bound["self"], shared) if not target.fresh else ""
            continue
        if name not in given:
            by_name = by_name or name in bound
            continue
        if style == "var-positional":
            shown.extend(spell(item, shared) for item in bound[name])
        elif style == "var-keyword":
            shown.extend(f"{key}={spell(item, shared)}" for key, item in bound[name].items())
        else:
            prefix = f"{name}=" if style == "keyword-only" or by_name else ""
            shown.append(prefix + spell(bound[name], shared))
    head = program.function
    if target.fresh:
        head = program.function.rpartition(".")[0]
    elif receiver is not None:
        head = f"{receiver}.{program.function.rpartition('.')[2]}"
    return setup, head if target.is_property else f"{head}({', '.join(shown)})"


def _shared_names(bound):
    """Mutable objects that occur more than once among the arguments, inner ones first, with names."""
    seen, twice, order = set(), set(), []

    def visit(value):
        inner = _parts(value)
        if inner is None or len(seen) > LIMIT:
            return
        if id(value) in seen:
            if not isinstance(value, tuple):
                twice.add(id(value))
            return
        seen.add(id(value))
        for item in inner:
            visit(item)
        order.append(value)

    for value in bound.values():
        visit(value)
    named = {id(v): (type(v).__name__.lower() if n == "self" else n) for n, v in reversed(bound.items())}
    found = []
    for value in order:
        if id(value) in twice:
            found.append((value, named.get(id(value)) or f"shared{len(found) or ''}"))
    return found


def _parts(value):
    """What a container or instance consists of; None for a value without parts that could be shared."""
    kind = type(value)
    if kind in (list, set, tuple):
        return list(value)
    if kind is dict:
        return list(value.values())
    if kind.__module__ == MODULE and not callable(value) and not is_enum(value):
        return list(value) if isinstance(value, tuple) else [part for _, part in fields(value)]
    return None
