"""Random typed programs of the verified subset, as Hypothesis strategies of source text and of arguments.

Programs end by construction: ``for`` runs over what is finite, ``while`` burns fuel. Most expressions have
the type that is asked for; now and then one has another, since what Python does with a wrong type is a rule
too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import strategies as st

INT, BOOL, STR, NONE = "int", "bool", "str", "None"
OPT, INTS, STRS, PAIR, DICT, IDICT = (
    "int | None", "list[int]", "list[str]", "tuple[int, int]", "dict[str, int]", "dict[int, int]",
)  # fmt: skip
BOX, POINT = "Box", "Point"
TYPES = (INT, BOOL, STR, OPT, INTS, STRS, PAIR, DICT, IDICT)

_INTS = (0, 1, 2, 3, -1, -2, 5, 7, -4)
_TEXTS = ("", "a", "b", "ab", "ba", "aab", "0", "é")


def _many(rng: Random, options: tuple[object, ...], most: int) -> list[object]:
    return [rng.choice(options) for _ in range(rng.randint(0, most))]


VALUES: dict[str, Callable[[Random], object]] = {
    INT: lambda rng: rng.choice((*_INTS, True, False)),
    BOOL: lambda rng: rng.choice((True, False)),
    STR: lambda rng: rng.choice(_TEXTS),
    OPT: lambda rng: rng.choice((*_INTS, None, None, None)),
    INTS: lambda rng: _many(rng, _INTS, 3),
    STRS: lambda rng: _many(rng, _TEXTS, 2),
    PAIR: lambda rng: (rng.choice(_INTS), rng.choice(_INTS)),
    DICT: lambda rng: {k: rng.choice(_INTS) for k in _many(rng, ("a", "b", "c"), 2)},
    IDICT: lambda rng: {k: rng.choice(_INTS) for k in _many(rng, (0, 1, 2, -1), 2)},
}


@dataclass
class Scope:
    """What a program under construction may use.

    Attributes:
        variables: Names and their types.
        depth: How deep expressions may still nest.
        fresh: How many names were made.
        pure: Whether expressions must not change anything.
    """

    variables: dict[str, str]
    depth: int = 3
    fresh: list[int] = field(default_factory=lambda: [0])
    pure: bool = False
    functions: tuple[str, ...] = ()

    def deeper(self) -> Scope:
        return replace(self, depth=self.depth - 1)

    def with_name(self, name: str, type_: str) -> Scope:
        return replace(self, variables={**self.variables, name: type_}, depth=self.depth - 1)

    def new(self, stem: str) -> str:
        self.fresh[0] += 1
        return f"{stem}{self.fresh[0]}"


def expression(rng: Random, scope: Scope, type_: str) -> str:
    """An expression that mostly has the type."""
    if rng.randint(0, 40) == 7 and scope.depth > 0:
        type_ = rng.choice(TYPES)
    if scope.depth <= 0 or rng.randint(0, 5) == 0:
        return leaf(rng, scope, type_)
    made = rng.choice(_MAKERS[type_])
    inner = scope.deeper()

    def e(wanted: str) -> str:
        return f"({expression(rng, inner, wanted)})" if inner.depth > 0 else leaf(rng, inner, wanted)

    return made(rng, inner, e)


def leaf(rng: Random, scope: Scope, type_: str) -> str:
    """A variable or a constant."""
    names = [n for n, t in scope.variables.items() if t == type_]
    if names and rng.randint(0, 9) > 0:
        return rng.choice(names)
    value = VALUES[type_](rng) or VALUES[type_](rng) if type_ != NONE else None
    if type_ == INT and isinstance(value, bool):
        value = int(value)
    return repr(value)


def _pick(rng: Random, *options: str) -> str:
    return rng.choice(options)


def _loop_over(rng: Random, s: Scope, e: Callable[[str], str]) -> tuple[str, str, str]:
    """A target's name, its type, and what it runs over."""
    name = s.new("v")
    kind = rng.randint(0, 5)
    if kind == 0:
        return name, INT, f"range({_pick(rng, '0', '1', '2', '3')})"
    if kind == 1:
        return name, STR, e(STR)
    if kind == 2:
        return name, STR, e(DICT)
    if kind == 3:
        return name, STR, e(STRS)
    return name, INT, e(INTS)


def _comprehension(rng: Random, s: Scope, e: Callable[[str], str], wanted: str) -> str:
    name, type_, source = _loop_over(rng, s, e)
    inner = replace(s.with_name(name, type_), pure=True)
    body = expression(rng, inner, wanted)
    condition = f" if {expression(rng, inner, BOOL)}" if rng.random() < 0.5 else ""
    return f"{body} for {name} in {source}{condition}"


def _call(rng: Random, s: Scope, e: Callable[[str], str]) -> str:
    if not s.functions or s.pure:
        return e(INT)
    return f"{rng.choice(s.functions)}({e(INT)})"


def _changing(rng: Random, s: Scope, text: Callable[[str], str], type_: str, otherwise: str) -> str:
    names = [n for n, t in s.variables.items() if t == type_]
    return text(rng.choice(names)) if names and not s.pure else otherwise


_BOUND = ("", "0", "1", "-1", "2", "-2", "-0", "None")


def _slice(rng: Random, e: Callable[[str], str]) -> str:
    parts = [e(INT) if rng.randint(0, 6) == 0 else _pick(rng, *_BOUND) for _ in range(2)]
    step = _pick(rng, "", "", "", ":1", ":-1", ":2", ":", ":-2")
    return f"{parts[0]}:{parts[1]}{step}"


_MAKERS: dict[str, list[Callable[..., str]]] = {
    INT: [
        lambda d, s, e: f"{e(INT)} {_pick(d, '+', '-', '*', '//', '%')} {e(INT)}",
        lambda d, s, e: f"{e(INT)} {_pick(d, '+', '-', '//', '%')} {e(INT)}",
        lambda d, s, e: f"{e(INT)} {_pick(d, '<<', '>>', '**')} {_pick(d, '0', '1', '2', '3')}",
        lambda d, s, e: f"{e(INT)} & {_pick(d, '0', '1', '3', '7', '2')}",
        lambda d, s, e: f"{e(BOOL)} {_pick(d, '+', '-', '*', '&', '|', '^')} {e(BOOL)}",
        lambda d, s, e: f"{_pick(d, '-', '+', '~')}{e(INT)}",
        lambda d, s, e: f"{e(INT)} if {e(BOOL)} else {e(INT)}",
        lambda d, s, e: f"{e(INT)} {_pick(d, 'and', 'or')} {e(INT)}",
        lambda d, s, e: f"{e(OPT)} or {e(INT)}",
        lambda d, s, e: f"len({e(_pick(d, STR, INTS, STRS, PAIR, DICT, IDICT))})",
        lambda d, s, e: f"abs({e(INT)})",
        lambda d, s, e: f"int({e(_pick(d, BOOL, INT))})",
        lambda d, s, e: f"{_pick(d, 'min', 'max')}({e(INT)}, {e(INT)})",
        lambda d, s, e: f"{_pick(d, 'min', 'max')}({e(INTS)}{_pick(d, '', ', default=9')})",
        lambda d, s, e: f"sum({e(INTS)}{_pick(d, '', ', 5')})",
        lambda d, s, e: f"{_pick(d, 'sum', 'max', 'min')}({_comprehension(d, s, e, INT)})",
        lambda d, s, e: f"{e(INTS)}[{e(INT)}]",
        lambda d, s, e: f"{e(PAIR)}[{_pick(d, '0', '1', '-1', '2')}]",
        lambda d, s, e: f"{e(DICT)}[{e(STR)}]",
        lambda d, s, e: f"{e(IDICT)}[{e(INT)}]",
        lambda d, s, e: f"{e(DICT)}.get({e(STR)}, {e(INT)})",
        lambda d, s, e: f"{e(STR)}.find({e(STR)})",
        lambda d, s, e: f"{e(STR)}.index({e(STR)})",
        lambda d, s, e: f"{e(STR)}.count({e(STR)})",
        lambda d, s, e: f"{e(INTS)}.count({e(INT)})",
        lambda d, s, e: f"{e(INTS)}.index({e(INT)})",
        lambda d, s, e: f"divmod({e(INT)}, {e(INT)})[{_pick(d, '0', '1')}]",
        lambda d, s, e: _changing(d, s, lambda n: f"{n}.pop({_pick(d, '', '0', '-1', '1')})", INTS, "4"),
        lambda d, s, e: _changing(d, s, lambda n: f"{n}.setdefault({e(STR)}, {e(INT)})", DICT, "4"),
        lambda d, s, e: _changing(d, s, lambda n: f"{n}.pop({e(STR)}{_pick(d, '', ', 8')})", DICT, "4"),
        lambda d, s, e: e(INT) if s.pure else f"({s.new('w')} := {e(INT)})",
        lambda d, s, e: f"(lambda p, q=2: p - q)({e(INT)}{_pick(d, '', ', 1', ', q=3')})",
        _call,
    ],
    BOOL: [
        lambda d, s, e: f"{e(INT)} {_pick(d, '<', '<=', '>', '>=', '==', '!=')} {e(INT)}",
        lambda d, s, e: f"{e(INT)} {_pick(d, '<', '<=', '==')} {e(INT)} {_pick(d, '<', '>', '!=')} {e(INT)}",
        lambda d, s, e: f"{e(STR)} {_pick(d, '<', '<=', '>', '>=', '==', '!=')} {e(STR)}",
        lambda d, s, e: f"{e(PAIR)} {_pick(d, '<', '<=', '>', '==')} {e(PAIR)}",
        lambda d, s, e: f"{e(INTS)} {_pick(d, '==', '!=', '<')} {e(INTS)}",
        lambda d, s, e: f"{e(DICT)} {_pick(d, '==', '!=')} {e(DICT)}",
        lambda d, s, e: f"{e(_pick(d, *TYPES))} {_pick(d, '==', '!=')} {e(_pick(d, *TYPES))}",
        lambda d, s, e: f"{e(_pick(d, OPT, INT, STR))} {_pick(d, 'is', 'is not')} None",
        lambda d, s, e: f"{e(BOOL)} is {_pick(d, 'True', 'False')}",
        lambda d, s, e: f"not {e(_pick(d, *TYPES))}",
        lambda d, s, e: f"bool({e(_pick(d, *TYPES))})",
        lambda d, s, e: f"{e(BOOL)} {_pick(d, 'and', 'or')} {e(BOOL)}",
        lambda d, s, e: f"{e(BOOL)} {_pick(d, '&', '|', '^')} {e(BOOL)}",
        lambda d, s, e: f"{e(INT)} {_pick(d, 'in', 'not in')} {e(_pick(d, INTS, PAIR, IDICT))}",
        lambda d, s, e: f"{e(INT)} in range({e(INT)}, {e(INT)}, {_pick(d, '1', '2', '-1', '-2')})",
        lambda d, s, e: f"{e(STR)} {_pick(d, 'in', 'not in')} {e(_pick(d, STR, DICT, STRS))}",
        lambda d, s, e: f"{e(STR)}.{_pick(d, 'startswith', 'endswith')}({e(STR)})",
        lambda d, s, e: f"{e(STR)}.{_pick(d, 'isdigit', 'isalpha', 'isspace', 'isupper')}()",
        lambda d, s, e: f"isinstance({e(_pick(d, *TYPES))}, {_pick(d, 'int', 'str', 'bool', '(int, list)')})",
        lambda d, s, e: f"{_pick(d, 'any', 'all')}({_comprehension(d, s, e, BOOL)})",
        lambda d, s, e: f"{_pick(d, 'any', 'all')}({e(_pick(d, INTS, STRS))})",
    ],
    STR: [
        lambda d, s, e: f"{e(STR)} + {e(STR)}",
        lambda d, s, e: f"{e(STR)} * {_pick(d, '0', '1', '2', '-1')}",
        lambda d, s, e: f"{e(STR)}[{e(INT)}]",
        lambda d, s, e: f"{e(STR)}[{_slice(d, e)}]",
        lambda d, s, e: f"str({e(_pick(d, INT, BOOL, STR, OPT))})",
        lambda d, s, e: "f'" + "{" + e(_pick(d, INT, STR, OPT)).replace("'", '"') + "}-'",
        lambda d, s, e: f"{e(STR)} if {e(BOOL)} else {e(STR)}",
        lambda d, s, e: f"{e(STR)} {_pick(d, 'and', 'or')} {e(STR)}",
        lambda d, s, e: f"{e(STR)}.join({e(STRS)})",
        lambda d, s, e: f"{e(STR)}.{_pick(d, 'upper', 'lower', 'strip', 'rstrip', 'lstrip', 'title')}()",
        lambda d, s, e: f"{e(STR)}.replace({e(STR)}, {e(STR)})",
        lambda d, s, e: f"{e(STRS)}[{e(INT)}]",
        lambda d, s, e: f"{_pick(d, 'min', 'max')}({e(STR)}, {e(STR)})",
    ],
    OPT: [
        lambda d, s, e: f"{e(INT)} if {e(BOOL)} else None",
        lambda d, s, e: f"{e(DICT)}.get({e(STR)})",
        lambda d, s, e: f"{e(OPT)} {_pick(d, 'and', 'or')} {e(OPT)}",
        lambda d, s, e: "None",
    ],
    INTS: [
        lambda d, s, e: f"[{e(INT)}, {e(INT)}]",
        lambda d, s, e: f"[*{e(_pick(d, INTS, PAIR))}, {e(INT)}]",
        lambda d, s, e: f"{e(INTS)} + {e(INTS)}",
        lambda d, s, e: f"{e(INTS)} * {_pick(d, '0', '1', '2', '-1')}",
        lambda d, s, e: f"{e(INTS)}[{_slice(d, e)}]",
        lambda d, s, e: f"sorted({e(INTS)}{_pick(d, '', ', reverse=True')})",
        lambda d, s, e: f"list({_pick(d, 'reversed', 'sorted', 'tuple')}({e(INTS)}))",
        lambda d, s, e: f"list({e(_pick(d, INTS, PAIR, IDICT))})",
        lambda d, s, e: f"list(range({e(INT)} % 4, {e(INT)} % 5, {_pick(d, '1', '2', '-1')}))",
        lambda d, s, e: f"list({e(DICT)}.values())",
        lambda d, s, e: f"[{_comprehension(d, s, e, INT)}]",
        lambda d, s, e: f"[{_comprehension(d, s, e, INT)}]",
        lambda d, s, e: f"[i * x for i, x in enumerate({e(INTS)}{_pick(d, '', ', 1')})]",
        lambda d, s, e: f"[x - y for x, y in zip({e(INTS)}, {e(INTS)})]",
        lambda d, s, e: f"[x + y for x in {e(INTS)} for y in {e(INTS)} if x != y]",
        lambda d, s, e: f"{e(INTS)}.copy()",
        lambda d, s, e: f"{e(INTS)} if {e(BOOL)} else {e(INTS)}",
    ],
    STRS: [
        lambda d, s, e: f"[{e(STR)}]",
        lambda d, s, e: f"list({e(_pick(d, DICT, STR, STRS))})",
        lambda d, s, e: f"sorted({e(_pick(d, DICT, STRS))})",
        lambda d, s, e: f"[{_comprehension(d, s, e, STR)}]",
        lambda d, s, e: f"{e(STRS)} + {e(STRS)}",
        lambda d, s, e: f"{e(STRS)}[{_slice(d, e)}]",
    ],
    PAIR: [
        lambda d, s, e: f"({e(INT)}, {e(INT)})",
        lambda d, s, e: f"divmod({e(INT)}, {e(INT)})",
        lambda d, s, e: f"tuple({e(INTS)})",
        lambda d, s, e: f"{e(PAIR)}[::{_pick(d, '1', '-1')}]",
        lambda d, s, e: f"{e(PAIR)} if {e(BOOL)} else {e(PAIR)}",
    ],
    DICT: [
        lambda d, s, e: "{" + f"{e(STR)}: {e(INT)}, {e(STR)}: {e(INT)}" + "}",
        lambda d, s, e: "{" + f"v: len(v) for v in {e(STRS)}" + "}",
        lambda d, s, e: "{" + f"k: v + 1 for k, v in {e(DICT)}.items() if v" + "}",
        lambda d, s, e: f"dict({e(DICT)})",
        lambda d, s, e: f"{e(DICT)}.copy()",
        lambda d, s, e: f"dict(a={e(INT)})",
    ],
    IDICT: [
        lambda d, s, e: "{" + f"{e(INT)}: {e(INT)}, {e(_pick(d, INT, BOOL))}: {e(INT)}" + "}",
        lambda d, s, e: "{" + f"v: v * 2 for v in {e(INTS)}" + "}",
        lambda d, s, e: f"dict({e(IDICT)})",
    ],
}


CLASSES = """from dataclasses import dataclass

@dataclass
class Point:
    x: int
    y: int = 2

    def total(self, more: int = 1) -> int:
        return self.x + self.y * more

class Box:
    def __init__(self, n: int, items: list[int]) -> None:
        self.n = n
        self.items = items

    def add(self, x: int) -> int:
        self.items.append(x)
        self.n += 1
        return self.n

    def take(self) -> list[int]:
        return self.items
"""


def block(rng: Random, scope: Scope, size: int, nesting: int, *, in_loop: bool = False) -> list[str]:
    """Statements; the scope learns the names that they certainly bind."""
    lines: list[str] = []
    for _ in range(rng.randint(1, size)):
        lines += statement(rng, scope, nesting, in_loop=in_loop)
    return lines


def _indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def statement(rng: Random, scope: Scope, nesting: int, *, in_loop: bool) -> list[str]:
    """One statement of a random kind."""

    def e(type_: str) -> str:
        return expression(rng, scope, type_)

    def name_of(type_: str) -> str | None:
        names = [n for n, t in scope.variables.items() if t == type_]
        return rng.choice(names) if names else None

    if rng.randint(0, 5) == 0:
        return _on_objects(rng, scope, e)
    kind = rng.randint(0, 21 if nesting > 0 else 13)
    ints, texts, words, number = name_of(INTS), name_of(STRS), name_of(DICT), name_of(INT)
    if kind in (0, 1):
        type_ = rng.choice(TYPES)
        value = e(type_)
        name = scope.new("t")
        scope.variables[name] = type_
        return [f"{name} = {value}"]
    if kind == 2 and number:
        return [f"{number} {_pick(rng, '+=', '-=', '*=', '//=', '%=')} {e(INT)}"]
    if kind == 3 and ints:
        return [_list_change(rng, ints, e)]
    if kind == 4 and ints:
        return [f"{ints}[{e(INT)}] {_pick(rng, '=', '=', '+=')} {e(INT)}"]
    if kind == 5 and words:
        return [f"{words}[{e(STR)}] {_pick(rng, '=', '=', '+=')} {e(INT)}"]
    if kind == 6:
        first, second = scope.new("t"), scope.new("t")
        value = e(_pick(rng, PAIR, PAIR, INTS))
        scope.variables |= {first: INT, second: INT}
        return [f"{first}, {second} = {value}"]
    if kind == 7:
        first, rest = scope.new("t"), scope.new("t")
        value = e(INTS)
        scope.variables |= {first: INT, rest: INTS}
        return [f"{_pick(rng, f'{first}, *{rest}', f'*{rest}, {first}')} = {value}"]
    if kind == 8 and ints:
        other = scope.new("t")
        scope.variables[other] = INTS
        return [f"{other} = {ints}"]
    if kind == 9:
        return [f"assert {e(BOOL)}"]
    if kind == 10 and in_loop:
        return [f"if {e(BOOL)}:", f"    {_pick(rng, 'break', 'continue')}"]
    if kind == 11:
        return [f"if {e(BOOL)}:", f"    return {e(_pick(rng, *TYPES))}"]
    if kind == 12:
        return [f"if {e(BOOL)}:", f"    raise {_pick(rng, 'ValueError', 'KeyError(1)', 'IndexError')}"]
    if kind == 13 and texts:
        return [f"{texts} {_pick(rng, '+= ', '= ')}{e(STRS)}"]
    if nesting <= 0:
        return ["pass"]
    return _compound(rng, scope, nesting, e, in_loop=in_loop)


def _on_objects(rng: Random, scope: Scope, e: Callable[[str], str]) -> list[str]:
    """A statement on an instance, where there is one."""
    boxes = [n for n, t in scope.variables.items() if t == BOX]
    points = [n for n, t in scope.variables.items() if t == POINT]
    if not boxes or not points:
        return ["pass"]
    box, point, name = rng.choice(boxes), rng.choice(points), scope.new("t")
    text, type_ = rng.choice(
        [
            (f"{box}.n {_pick(rng, '=', '+=', '-=')} {e(INT)}", ""),
            (f"{box}.items = {e(INTS)}", ""),
            (f"{box}.items.append({e(INT)})", ""),
            (f"{box}.items[{e(INT)}] = {e(INT)}", ""),
            (f"{box}.items += {e(INTS)}", ""),
            (f"{name} = {box}.add({e(INT)})", INT),
            (f"{name} = {box}.take()", INTS),
            (f"{name} = {box}.items", INTS),
            (f"{name} = {box}.n", INT),
            (f"{name} = {box}", BOX),
            (f"{name} = Box({e(INT)}, {e(INTS)})", BOX),
            (f"{name} = Point({e(INT)}, {_pick(rng, '', 'y=')}{e(INT)})", POINT),
            (f"{point}.x {_pick(rng, '=', '+=')} {e(INT)}", ""),
            (f"{name} = {point} == {rng.choice(points)}", BOOL),
            (f"{name} = {box} is {rng.choice(boxes)} or {box} == {rng.choice(boxes)}", BOOL),
            (f"{name} = {point}.total({_pick(rng, '', '3', 'more=2')})", INT),
            (f"{name} = isinstance({_pick(rng, box, point)}, Point)", BOOL),
        ]
    )
    if type_:
        scope.variables[name] = type_
    return [text]


def _list_change(rng: Random, name: str, e: Callable[[str], str]) -> str:
    kind = rng.randint(0, 8)
    return [
        lambda: f"{name}.append({e(INT)})",
        lambda: f"{name}.append({e(INT)})",
        lambda: f"{name}.extend({e(_pick(rng, INTS, PAIR))})",
        lambda: f"{name}.insert({e(INT)}, {e(INT)})",
        lambda: f"{name}.pop()",
        lambda: f"{name}.reverse()",
        lambda: f"{name}.sort({_pick(rng, '', 'reverse=True')})",
        lambda: f"{name} += {e(_pick(rng, INTS, PAIR))}",
        lambda: f"{name}.clear()",
    ][kind]()


def _compound(
    rng: Random, scope: Scope, nesting: int, e: Callable[[str], str], *, in_loop: bool
) -> list[str]:
    def body(extra: dict[str, str] | None = None, *, loop: bool = in_loop) -> list[str]:
        inner = replace(scope, variables={**scope.variables, **(extra or {})})
        return _indent(block(rng, inner, 2, nesting - 1, in_loop=loop))

    kind = rng.randint(0, 8)
    if kind <= 1:
        lines = [f"if {e(BOOL)}:", *body()]
        return lines + (["else:", *body()] if rng.random() < 0.5 else [])
    if kind <= 3:
        name, type_, source = _loop_over(rng, scope, lambda t: expression(rng, scope.deeper(), t))
        tail = ["else:", *body()] if rng.randint(0, 3) == 0 else []
        return [f"for {name} in {source}:", *body({name: type_}, loop=True), *tail]
    if kind == 4:
        fuel = scope.new("fuel")
        lines = body(loop=True)
        return [f"{fuel} = {_pick(rng, '1', '2', '3')}", f"while {fuel} > 0:", f"    {fuel} -= 1", *lines]
    if kind == 5:
        caught = _pick(
            rng, "", " IndexError", " (KeyError, ValueError)", " Exception", " LookupError", " TypeError"
        )
        lines = ["try:", *body(), f"except{caught}:", *body()]
        lines += ["else:", *body()] if rng.randint(0, 2) == 0 else []
        return lines + (["finally:", *body()] if rng.randint(0, 2) == 0 else [])
    if kind == 6:
        return ["try:", *body(), "finally:", *body()]
    if kind == 7:
        name, parameter = scope.new("g"), scope.new("p")
        default = f"={e(INT)}" if rng.random() < 0.5 else ""
        lines = _indent(["pass"]) + body({parameter: INT}, loop=False)
        result = expression(rng, replace(scope, variables={**scope.variables, parameter: INT}), INT)
        target = scope.new("t")
        call = f"{name}({'' if default and rng.random() < 0.5 else e(INT)})"
        scope.variables[target] = INT
        return [f"def {name}({parameter}{default}):", *lines, f"    return {result}", f"{target} = {call}"]
    target = scope.new("t")
    lines = [f"if {e(BOOL)}:", f"    {target} = {e(INT)}"]
    return [*lines, "try:", f"    {target} = {target} + 1", "except NameError:", f"    {target} = {e(INT)}"]


@dataclass(frozen=True)
class Case:
    """A program and the arguments to try it on."""

    source: str
    inputs: tuple[tuple[object, ...], ...]


def expression_case(rng: Random) -> Case:
    """A function that returns one expression over its parameters."""
    types = [rng.choice(TYPES) for _ in range(rng.randint(2, 4))]
    names = [f"a{i}" for i in range(len(types))]
    scope = Scope(dict(zip(names, types, strict=True)), depth=rng.randint(1, 3))
    result = expression(rng, scope, rng.choice(TYPES))
    head = ", ".join(f"{n}: {t}" for n, t in scope.variables.items())
    source = f"def f({head}):\n    return {result}\n"
    return Case(source, _inputs(rng, types))


def program_case(rng: Random) -> Case:
    """A function of several statements, with another function that it may call."""
    types = [INT, INTS, *(rng.choice(TYPES) for _ in range(rng.randint(0, 2)))]
    names = [f"a{i}" for i in range(len(types))]
    scope = Scope(dict(zip(names, types, strict=True)), depth=2, functions=("helper",))
    head = ", ".join(f"{n}: {t}" for n, t in scope.variables.items())
    start = [
        f"b = Box({expression(rng, scope, INT)}, {leaf(rng, scope, INTS)})",
        f"p = Point({leaf(rng, scope, INT)})",
    ]
    scope.variables |= {"b": BOX, "p": POINT}
    lines = [*start, *block(rng, scope, 5, 2)]
    shown = [n for n, t in scope.variables.items() if n not in names][-4:]
    result = ", ".join([expression(rng, scope, rng.choice(TYPES)), *shown])
    helper = Scope({"p": INT, "q": INT}, depth=2)
    inner = [f"if {expression(rng, helper, BOOL)}:", f"    return {expression(rng, helper, INT)}"]
    inner += [f"return {expression(rng, helper, INT)}"]
    whole = [
        CLASSES,
        "def helper(p: int, q: int = 3):",
        *_indent(inner),
        "",
        f"def f({head}):",
        *_indent(lines),
    ]
    return Case("\n".join([*whole, f"    return {result}", ""]), _inputs(rng, types))


def _inputs(rng: Random, types: list[str]) -> tuple[tuple[object, ...], ...]:
    inputs: list[tuple[object, ...]] = []
    for _ in range(3):
        values = [VALUES[t](rng) for t in types]
        for i, type_ in enumerate(types):
            if "[" in type_ and "tuple" not in type_ and rng.randint(0, 3) == 0:
                values[i] = values[types.index(type_)]
        inputs.append(tuple(values))
    return tuple(inputs)


def cases(make: Callable[[Random], Case]) -> st.SearchStrategy[Case]:
    """Programs from true randomness: Hypothesis is biased to small choices, which make dull programs."""
    return st.randoms(use_true_random=True).map(make)
