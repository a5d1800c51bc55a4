"""The values that inputs are made of: for each type, simplest first, covering what code gets wrong.

A value is Python text with parts, so that two places can be given one and the same object. Runs nothing
and must not import z3.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from lift.verify.input_types import Kind, Types

_HUGE = 40  # A cost that puts an input after all the others, as it may take long to run on.


@dataclass(frozen=True, eq=False)
class Value:
    """A value to be, as text with parts.

    Attributes:
        before: Text before the parts; all of it where there are none.
        parts: What it contains.
        after: Text after the parts.
        cost: How hard it is to read, or how long it may take to run on.
        fields: For an instance: the attributes that the parts are stored in; ``before`` makes the object.
        shared: Whether all places where this very object stands get one and the same object.
    """

    before: str
    parts: tuple[Value, ...] = ()
    after: str = ""
    cost: int = 1
    fields: tuple[str, ...] | None = None
    shared: bool = False


SEQUENCES = ("list", "sequence", "tuple-of", "iterator")
CONTAINERS = (*SEQUENCES, "set", "frozenset", "dict")
_BRACKETS = {
    "list": ("[", "]"),
    "sequence": ("[", "]"),
    "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"),
    "iterator": ("iter([", "])"),
}
_DEEPEST = 3


class Domain:
    """The values of types, worked out once each.

    Attributes:
        types: How annotations are read.

    Args:
        constants: Values to make others around.
        parameters: The names of the function's parameters.
    """

    def __init__(self, types: Types, constants: tuple[object, ...], parameters: frozenset[str]) -> None:
        self.types = types
        # A keyword that is a parameter's name would be bound twice.
        self._keywords = [name for name in _KEYWORDS if name not in parameters]
        self._known: dict[tuple[Kind, int], list[Value]] = {}
        numbers = [c for c in constants if isinstance(c, int) and not isinstance(c, bool)]
        floats = [c for c in constants if isinstance(c, float)]
        self._texts = [c for c in constants if isinstance(c, str) and len(c) <= 60][:12]
        self._bytes = [c for c in constants if isinstance(c, bytes) and len(c) <= 60][:12]
        self._numbers = numbers[:12]
        self._floats = [*floats, *(float(n) for n in numbers if abs(n) < 2**53)][:8]

    def arms(self, kind: Kind) -> tuple[Kind, ...]:
        """The types of which a union consists; the type itself where it is none."""
        return kind.args if kind.name == "union" else (kind,)

    def mutable(self, kind: Kind) -> bool:
        """Whether two places can share a value of a type and see each other's changes."""
        if kind.name == "class":
            return self.types.form(kind.text) in ("instance", "made")
        return kind.name in ("list", "sequence", "set", "dict", "typed-dict", "iterator")

    def values(self, kind: Kind, depth: int = 0) -> list[Value]:
        """Values of a type, simplest first; none where its values would never end."""
        if depth > _DEEPEST:
            return []
        key = (kind, depth)
        if key not in self._known:
            self._known[key] = []
            self._known[key] = self._make(kind, depth)
        return self._known[key]

    def _make(self, kind: Kind, depth: int) -> list[Value]:
        match kind.name:
            case "int":
                return self._ints()
            case "float":
                return self._reals()
            case "str":
                return self._strings()
            case "bytes":
                return [_plain(v) for v in dict.fromkeys([*_BYTES, *self._bytes])]
            case "bool":
                return [Value("False"), Value("True")]
            case "none":
                return [Value("None")]
            case "literal":
                return [Value(kind.text)]
            case "object":
                return [Value(text) for text in _OBJECTS]
            case "union":
                return _in_turn([self.values(arm, depth) for arm in kind.args])
            case "tuple":
                groups = [self.values(item, depth) for item in kind.args]
                return [tuple_of(parts) for parts in _combined(groups, 40)]
            case "dict":
                return self._dicts(*(self.values(item, depth) for item in kind.args))
            case "keywords":
                names = [Value(repr(name)) for name in self._keywords[:3]]
                return self._dicts(names, self.values(kind.args[0], depth))
            case "class" | "typed-dict":
                return self._instances(kind, depth)
        return self._containers(kind, depth)

    def _ints(self) -> list[Value]:
        around = [m for n in self._numbers for m in (n, n - 1, n + 1, -n)]
        found = [0, 1, -1, 2, 3, -2, *around, 4, 5, 7, 10, -3, -10, 100, 2**53 + 1, 10**20, -(10**20)]
        return [integer(n) for n in dict.fromkeys(found)]

    def _reals(self) -> list[Value]:
        around = [
            near
            for x in self._floats
            for near in (x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf))
        ]
        found = [0.0, 1.0, -1.0, 0.5, 2.0, -0.0, 0.1, *around, 1.5, -2.5, 3.0, 0.3, 100.0, *_EXTREMES]
        distinct = dict.fromkeys(map(repr, found))
        return [Value(_NAMED.get(text, text), cost=min(len(text), 12) - 2) for text in distinct]

    def _strings(self) -> list[Value]:
        around: list[str] = []
        for text in self._texts:
            around += [
                text,
                text[: len(text) // 2],
                text[len(text) // 2 :],
                text + "a",
                text + text,
                text.swapcase(),
            ]
        first, rest = _STRINGS[:8], _STRINGS[8:]
        return [_plain(text) for text in dict.fromkeys([*first, *around, *rest])]

    def _containers(self, kind: Kind, depth: int) -> list[Value]:
        """Values of a container of like elements."""
        elements = self.values(kind.args[0], depth + 1)
        if not elements:
            return [group(kind, ())]
        if kind.name in ("set", "frozenset"):
            return [group(kind, parts) for parts in _distinct(elements)]
        found = [group(kind, parts) for parts in _sequences(elements, kind.args[0] == Kind("int"))]
        if self.mutable(kind.args[0]) or kind.args[0].name == "union":
            found[3:3] = [group(kind, parts) for parts in self._aliased(kind.args[0], depth)]
        if kind.name == "sequence":
            # What is only read may as well be a tuple.
            found[12:12] = [tuple_of(parts, 3) for parts in _sequences(elements[:3], False)[:6]]
        return found

    def _aliased(self, kind: Kind, depth: int) -> Iterator[tuple[Value, ...]]:
        for arm in self.arms(kind):
            if self.mutable(arm):
                values = self.values(arm, depth + 1)
                for value in values[:3]:
                    both = share(value)
                    yield both, both
                    yield both, values[0], both

    def _dicts(self, keys: list[Value], values: list[Value]) -> list[Value]:
        found: list[Value] = [dict_of(())]
        if not keys or not values:
            return found
        for length in (1, 2, 3):
            for shift in range(3):
                chosen = [keys[(shift + n) % len(keys)] for n in range(length)]
                if len({k.before for k in chosen}) == length or chosen[0].parts:
                    found.append(
                        dict_of(tuple((k, values[(shift + n) % len(values)]) for n, k in enumerate(chosen)))
                    )
        found += [dict_of(((key, values[0]),)) for key in keys[1:20]]
        found += [dict_of(((keys[0], value),)) for value in values[1:20]]
        return found

    def _instances(self, kind: Kind, depth: int) -> list[Value]:
        form, members = self.types.form(kind.text), self.types.members(kind.text)
        if form == "enum":
            return [Value(f"{kind.text}.{name}", cost=2) for name, _ in members]
        groups = [self.values(member, depth + 1) for _, member in members]
        names = tuple(name for name, _ in members)
        found: list[Value] = []
        for parts in _combined(groups, 24):
            cost = 2 + sum(p.cost for p in parts)
            if form == "typed-dict":
                found.append(dict_of(tuple(zip((Value(repr(n)) for n in names), parts, strict=True))))
            elif form == "instance":
                found.append(Value(f"object.__new__({kind.text})", parts, "", cost, fields=names))
            else:
                found.append(Value(f"{kind.text}(", parts, ")", cost))
        return found

    def _drawn_float(self, luck: random.Random) -> Value:
        """A float by chance: a short decimal, or any within one of the constants or within 1."""
        if luck.random() < 0.3:
            number = round(luck.uniform(-100, 100), luck.choice((1, 2)))
        else:
            bound = luck.choice([1.0, 100.0, *(abs(x) for x in self._floats if math.isfinite(x))])
            number = luck.uniform(0, bound) * luck.choice((1, 1, -1))
        return Value(repr(number), cost=10)

    def draw(self, kind: Kind, luck: random.Random, depth: int = 0) -> Value | None:
        """A value by chance, perhaps a longer one than those tried one by one."""
        arm = luck.choice(self.arms(kind))
        known = self.values(arm, depth)
        if not known:
            return None
        if arm.name not in CONTAINERS or arm.name == "dict" or depth > 1:
            if arm == Kind("int") and luck.random() < 0.5:
                return integer(luck.randint(-12, 25))
            if arm == Kind("float") and luck.random() < 0.5:
                return self._drawn_float(luck)
            return luck.choice(known[: max(12, len(known) // 2)])
        few = [
            v for v in (self.draw(arm.args[0], luck, depth + 1) for _ in range(luck.choice((1, 2, 3)))) if v
        ]
        parts = [luck.choice(few) for _ in range(luck.randint(0, 6))] if few else []
        if luck.random() < 0.6:
            drawn = (self.draw(arm.args[0], luck, depth + 1) for _ in range(luck.randint(0, 6)))
            parts = [v for v in drawn if v is not None]
        if arm.name in ("set", "frozenset"):
            parts = list({written(v): v for v in parts}.values())
        if arm.args[0] == Kind("int") and luck.random() < 0.4:
            parts.sort(key=lambda v: int(v.before))
        return group(arm, tuple(parts))


_STRINGS = [
    *("", "a", "b", "ab", "aa", " ", "A", "abc"),
    *("ba", "aba", "\n", "a b", "0", "12", "-1", " a ", "aB", "a\n", "a,b", "a\tb", "é", "ß", "ı", "²", "٣"),
    *("İ", "😋", "a😋b", "_", "'", '"', "\\", "abcabc", "aaaaaaaaaa", "\x00", "\r\n", "(", "()", "e\u0301"),
]
_KEYWORDS = ["a", "b", "key", "other", "first", "second", "more"]
_BYTES = [b"", b"a", b"\x00", b"ab", b"aa", b"\xff", b" ", b"abc", b"\n", b"ba", b"A"]
_OBJECTS = [
    "0",
    "''",
    "None",
    "1",
    "'a'",
    "[]",
    "True",
    "1.5",
    "(1,)",
    "{}",
    "[1, 'a']",
    "-1",
    "{'a': 1}",
    "b'a'",
]
_EXTREMES = [1e-9, 1e16, 1e308, 1.7e308, 5e-324, -1e308, math.inf, -math.inf, math.nan]
_ROWS = [(1, 2, 3), (3, 2, 1), (2, 1, 3), (1, 1, 2), (2, 3, 1, 2), (5, 3, 5, 1), (1, 2, 3, 4, 5), (4, -1, 4)]
_NAMED = {"inf": 'float("inf")', "-inf": 'float("-inf")', "nan": 'float("nan")'}


def _plain(value: str | bytes) -> Value:
    text = repr(value)
    return Value(text, cost=1 + len(text) // 4 + (0 if text.isascii() else 3))


def integer(number: int) -> Value:
    digits = len(str(abs(number)))
    return Value(str(number), cost=digits + (number < 0) + (_HUGE if digits > 6 else 0))


def group(kind: Kind, parts: tuple[Value, ...]) -> Value:
    if kind.name == "tuple-of":
        return tuple_of(parts)
    if not parts and kind.name in ("set", "frozenset"):
        return Value(f"{kind.name}()")
    before, after = _BRACKETS[kind.name]
    return Value(before, parts, after, 1 + sum(p.cost for p in parts))


def tuple_of(parts: tuple[Value, ...], more: int = 0) -> Value:
    after = ",)" if len(parts) == 1 else ")"
    return Value("(", parts, after, 1 + more + sum(p.cost for p in parts))


def dict_of(items: tuple[tuple[Value, Value], ...]) -> Value:
    pairs = tuple(Value("", (key, value), ":", key.cost + value.cost) for key, value in items)
    return Value("{", pairs, "}", 1 + sum(p.cost for p in pairs))


def share(value: Value) -> Value:
    if value.fields is not None or value.after == ",)":
        return Value("", (value,), "", value.cost + 1, shared=True)
    return Value(value.before, value.parts, value.after, value.cost + 1, shared=True)


def _in_turn(groups: list[list[Value]]) -> list[Value]:
    longest = max(map(len, groups), default=0)
    return [group[n] for n in range(longest) for group in groups if n < len(group)]


def _combined(groups: list[list[Value]], most: int) -> Iterator[tuple[Value, ...]]:
    """One of each group: simple ones first, then each value of each group once."""
    if not all(groups):
        return
    if not groups:
        yield ()
        return
    few = [group[: 3 if len(groups) < 4 else 2] for group in groups]
    yield from islice(sorted(product(*few), key=lambda parts: sum(p.cost for p in parts)), most // 2)
    for rank in range(2, max(map(len, groups))):
        if most <= 0:
            return
        most -= 1
        yield tuple(group[(rank + 2 * n) % len(group)] for n, group in enumerate(groups))


def _sequences(e: list[Value], numbers: bool) -> list[tuple[Value, ...]]:
    """Contents of a list: empty, single, equal, ordered both ways, mixed, and each element alone."""
    a, b, c = e[0], e[1 % len(e)], e[2 % len(e)]
    found: list[tuple[Value, ...]] = [(), (a,), (b,), (a, b), (b, a), (b, b), (c,), (a, a), (c, a, b), (b, c)]
    if numbers:
        for row in (
            (1, 2, 3),
            (3, 2, 1),
            (2, 1, 3),
            (1, 1, 2),
            (2, 3, 1, 2),
            (5, 3, 5, 1),
            (1, 2, 3, 4, 5),
            (4, -1, 4),
        ):
            found.append(tuple(map(integer, row)))
    found += [(b, b, c), (a, b, c, b), tuple(e[:5]), tuple(reversed(e[:4])), (a,) * 4]
    found += [(element,) for element in e[3:24]]
    found += [(a, element, b) for element in e[3:16]]
    found.append(tuple(islice((v for _ in range(4) for v in e[:4]), 9)))
    return found


def _distinct(e: list[Value]) -> list[tuple[Value, ...]]:
    found: list[tuple[Value, ...]] = [(), *((element,) for element in e[:2])]
    found += [tuple(e[:n]) for n in (2, 3, 5) if len(e) >= n]
    found += [tuple(e[n : n + 2]) for n in range(1, min(len(e) - 1, 6))]
    return found + [(element,) for element in e[2:20]]


def written(value: Value, setup: list[str] | None = None, names: dict[int, str] | None = None) -> str:
    """A value as an expression, after the statements that it needs have been added to ``setup``."""
    setup = [] if setup is None else setup
    names = {} if names is None else names
    if id(value) in names:
        return names[id(value)]
    parts = [written(part, setup, names) for part in value.parts]
    if value.fields is not None:
        name = f"_v{len(setup)}"
        setup.append(f"{name} = {value.before}")
        # Past a ``__setattr__`` of the class's own, such as that of a frozen dataclass.
        setup += [f"object.__setattr__({name}, {f!r}, {p})" for f, p in zip(value.fields, parts, strict=True)]
        return name
    text = ": ".join(parts) if value.after == ":" else value.before + ", ".join(parts) + value.after
    if value.shared:
        name = f"_v{len(setup)}"
        setup.append(f"{name} = {text}")
        names[id(value)] = name
        return name
    return text
