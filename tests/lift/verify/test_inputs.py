"""Inputs made from annotations: they conform, cover every arm, come simplest first, and share objects."""

# ruff: noqa: E501

from __future__ import annotations

import ast
import collections.abc
import math
import textwrap
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.inputs import cases
from lift.verify.replay import Case, Program, run

CLASSES = """
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import *
import typing
import collections.abc

class Colour(Enum):
    RED = "red"
    GREEN = "green"

class Point(NamedTuple):
    x: int
    y: int = 0

class Options(TypedDict):
    name: str
    size: int

@dataclass
class Item:
    price: int
    tags: list[str]

@dataclass(frozen=True)
class Frozen:
    value: int

class Node:
    def __init__(self, value: int, following: "Optional[Node]") -> None:
        self.value = value
        self.following = following

class Made:
    def __init__(self, size: int) -> None:
        self.cells = [size]
"""


def made(
    signature: str, constants: tuple[object, ...] = (), limit: int = 300, name: str = "f"
) -> tuple[list[Case], str | None]:
    """The inputs of a function with this signature, in a module with the classes above."""
    text = CLASSES + (signature if "def " in signature else f"def f({signature}):\n    pass\n")
    module = extract(Snapshot("m.py", None, text)).module
    function = next(f for f in module.all_functions() if f.qualname == name)
    return cases(function, module, constants, limit)


def namespace() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(CLASSES, names)
    return names


NAMES = namespace()


def evaluated(case: Case) -> dict[str, Any]:
    scope = dict(NAMES)
    for statement in case.setup:
        exec(statement, scope)
    return {name: eval(text, scope) for name, text in case.arguments.items()}


def all_values(annotation: str, constants: tuple[object, ...] = ()) -> list[Any]:
    found, reason = made(f"x: {annotation}", constants)
    assert reason is None
    return [evaluated(case)["x"] for case in found]


def conforms(value: Any, hint: Any) -> bool:
    """Whether a value is one that an annotation allows. A bool is kept apart from an int here."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object:
        return True
    if hint is None or hint is type(None):
        return value is None
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        return any(conforms(value, arm) for arm in args)
    if origin is typing.Literal:
        return any(value == a and type(value) is type(a) for a in args)
    if origin in (typing.Annotated, typing.Final):
        return conforms(value, args[0])
    if origin is tuple and (len(args) != 2 or args[1] is not ...):
        return type(value) is tuple and len(value) == len(args) and all(map(conforms, value, args))
    if origin is collections.abc.Iterator:
        return hasattr(value, "__next__") and all(conforms(v, args[0]) for v in value)
    if origin in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        return type(value) is dict and all(
            conforms(k, args[0]) and conforms(v, args[1]) for k, v in value.items()
        )
    if origin is not None:
        return (
            isinstance(value, origin)
            and not isinstance(value, str)
            and all(conforms(v, args[0]) for v in value)
        )
    if hint is NAMES["Options"]:
        return type(value) is dict and {k: type(v) for k, v in value.items()} == {"name": str, "size": int}
    if hint is NAMES["Node"]:
        return type(value) is hint and type(value.value) is int and conforms(value.following, hint | None)
    if hint is NAMES["Item"]:
        return type(value) is hint and type(value.price) is int and conforms(value.tags, list[str])
    return type(value) is hint


HASHABLE = st.sampled_from(
    ["int", "str", "bool", "None", "float", "bytes", "Literal[1, 'a', -2]", "Colour", "Point", "Frozen"]
)
# An iterator that a container holds is used up by whoever looks at it first, so that no inputs are made.
HELD = st.recursive(
    HASHABLE | st.sampled_from(["object", "Any", "Options", "Item", "Node", "'Node'", "'list[int]'"]),
    lambda inner: st.one_of(
        st.builds(
            "{}[{}]".format,
            st.sampled_from(
                [
                    "list",
                    "List",
                    "Sequence",
                    "typing.Iterable",
                    "collections.abc.Collection",
                    "Optional",
                    "MutableSequence",
                ]
            ),
            inner,
        ),
        st.builds(
            "{}[{}]".format,
            st.sampled_from(["set", "frozenset", "Set", "FrozenSet", "AbstractSet"]),
            HASHABLE,
        ),
        st.builds(
            "{}[{}, {}]".format,
            st.sampled_from(["dict", "Dict", "Mapping", "MutableMapping"]),
            HASHABLE,
            inner,
        ),
        st.builds("tuple[{}, ...]".format, inner),
        st.builds("Tuple[{}, {}]".format, inner, inner),
        st.builds("Union[{}, {}]".format, inner, inner),
        st.builds("Annotated[{}, 'note']".format, inner),
    ),
    max_leaves=4,
)
ANNOTATIONS = HELD | st.builds("Iterator[{}]".format, HELD)
CONSTANTS = st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.binary()), max_size=4)


@given(st.lists(ANNOTATIONS, min_size=1, max_size=3), CONSTANTS)
def test_inputs_conform_to_their_annotations(annotations: list[str], constants: list[object]) -> None:
    signature = ", ".join(f"p{n}: {text}" for n, text in enumerate(annotations))
    found, reason = made(signature, tuple(constants), limit=120)
    assert reason is None
    assert 0 < len(found) <= 120
    hints = [
        typing.get_type_hints(_annotated(text), dict(NAMES), include_extras=True)["x"] for text in annotations
    ]
    for case in found:
        values = evaluated(case)
        for number, hint in enumerate(hints):
            assert conforms(values[f"p{number}"], hint), (case, annotations)
    assert (found, reason) == made(signature, tuple(constants), limit=120)
    assert len({repr(case) for case in found}) == len(found)


def _annotated(text: str) -> Any:
    def f(x): ...

    f.__annotations__ = {"x": text}
    return f


@pytest.mark.parametrize(
    ("annotation", "wanted"),
    [
        ("int", [0, 1, -1, 2, 2**53 + 1, 10**20, -(10**20), 41, 42, 43]),
        ("bool", [False, True]),
        ("int | None", [None, 0, -1]),
        ("Union[int, str, None]", [None, 0, -1, "", "a", "abc"]),
        ("Literal['a', 2, None]", ["a", 2, None]),
        ("str", ["", " ", "\n", "aa", "²", "٣", "ß", "ı", "needle", "nee", "needlea"]),
        ("float", [0.5, 0.1, math.inf, -math.inf, 1e308, 1.7e308, 5e-324, 2.5, math.nextafter(2.5, 3), math.nextafter(2.5, 2), 42.0]),
        ("bytes", [b"", b"\xff"]),
        ("list[int]", [[], [0], [-1], [1, 1], [1, 2, 3], [3, 2, 1], [42]]),
        ("list[int | str]", [[], [0], [""], ["a"], [1, 0, ""]]),
        ("list[list[int]]", [[], [[]], [[0], []]]),
        ("set[int]", [set(), {0}, {0, 1}]),
        ("frozenset[str]", [frozenset(), frozenset({""}), frozenset({"", "a"})]),
        ("dict[str, int]", [{}, {"": 0}, {"": 1}, {"a": 0}]),
        ("tuple[int, ...]", [(), (0,), (0, 1), (1, 0)]),
        ("tuple[int, str]", [(0, ""), (1, "a")]),
        ("tuple[()]", [()]),
        ("Sequence[int]", [[], [1], (), (0,)]),
        ("list", [[], [0], [None]]),
        ("dict", [{}, {0: 0}, {"": 0}]),
        ("set[Any]", [set(), {0}]),
        ("Colour", [NAMES["Colour"].RED, NAMES["Colour"].GREEN]),
        ("Point", [(0, 0), (0, 1), (1, 0)]),
    ],
)  # fmt: skip
def test_an_annotation_is_covered(annotation: str, wanted: list[Any]) -> None:
    found = all_values(annotation, (42, "needle", 2.5))
    assert [w for w in wanted if w not in found] == []


def test_an_iterator_is_given_as_one() -> None:
    assert [1, 0] in [list(x) for x in all_values("Iterator[int]") if hasattr(x, "__next__")]


def test_the_floats_that_compare_unlike_themselves_are_covered() -> None:
    found = all_values("float")
    assert any(math.isnan(x) for x in found)
    assert any(x == 0 and math.copysign(1, x) < 0 for x in found)


def test_the_simplest_come_first_and_the_huge_last() -> None:
    found, _ = made("a: int, b: list[int]")
    assert found[0].arguments == {"a": "0", "b": "[]"}
    huge = [n for n, c in enumerate(found) if str(10**20) in repr(c)]
    assert huge
    assert min(huge) > len(found) // 2


def shared(signature: str, same: str) -> int:
    """In how many inputs this expression over the parameters is true."""
    found, reason = made(signature)
    assert reason is None
    return sum(bool(eval(same, dict(NAMES), evaluated(case))) for case in found)


@pytest.mark.parametrize(
    ("signature", "same"),
    [
        ("a: list[int], b: list[int]", "a is b"),
        ("a: list[int], b: list[int] | None", "a is b"),
        ("a: dict[str, int], b: dict[str, int]", "a is b"),
        ("a: set[int], b: set[int]", "a is b"),
        ("a: Item, b: Item", "a is b"),
        ("a: list[list[int]]", "len(a) > 1 and a[0] is a[1]"),
        ("a: list[Item]", "len(a) > 1 and a[0] is a[1]"),
        ("a: list[list[int]], b: list[int]", "len(a) > 0 and a[0] is b"),
        ("a: dict[str, int], b: str", "b in a"),
        ("a: list[int], b: int", "b in a and b > 0"),
        ("a: set[str], b: str", "b in a and b > ''"),
        ("a: list[int], b: int", "b == len(a) > 0"),
        ("a: list[int], b: int", "b == -len(a) < 0"),
        ("a: str, b: int", "b == len(a) - 1 > 0"),
        ("a: list[int], b: list[str]", "len(a) == len(b) > 1"),
        ("a: str, b: str", "a == b != ''"),
        ("a: str, b: str", "a in b and '' != a != b"),
        ("a: int, b: int, c: int", "a < b < c"),
        ("a: int, b: int, c: int", "a > b > c"),
    ],
)
def test_arguments_have_to_do_with_each_other(signature: str, same: str) -> None:
    assert shared(signature, same) >= 2


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("x", "no inputs can be made for x: it has no annotation"),
        ("a: int, x: Callable[[], int]", "no inputs can be made for x: the annotation Callable[[], int]"),
        ("x: Nowhere", "no inputs can be made for x: the annotation Nowhere"),
        ("x: 'list['", "no inputs can be made for x: the annotation list["),
        ("x: list[Iterator[int]]", "no inputs can be made for x: the annotation list[Iterator[int]]"),
        ("x: set[list[int]]", "no inputs can be made for x: the annotation set[list[int]]"),
        ("x: other.int", "no inputs can be made for x: the annotation other.int"),
        ("x: list[int, str]", "no inputs can be made for x: the annotation list[int, str]"),
    ],
)
def test_what_no_inputs_can_be_made_for_is_named(signature: str, reason: str) -> None:
    assert made(signature) == ([], reason)


def test_defaults_are_left_in_place_too() -> None:
    found, reason = made("a: int, b: int = 3, c=None, *d, **e: str")
    assert reason is None
    assert any("b" not in c.arguments for c in found)
    assert any("b" in c.arguments for c in found)
    assert not any({"c", "d"} & c.arguments.keys() for c in found)
    assert {k for c in found for k in ast.literal_eval(c.arguments["e"])} & {"a", "b", "c"} == set()


def test_a_function_without_parameters_has_one_input() -> None:
    assert made("") == ([Case({})], None)


def test_a_type_variable_means_one_type_in_an_input() -> None:
    found = [evaluated(c) for c in made("x: list[T], y: T")[0]]
    kinds = [{type(v) for v in [*one["x"], one["y"]]} for one in found]
    assert all(len(k) == 1 for k in kinds)
    assert {int} in kinds
    assert {str} in kinds


METHODS = """
class Account:
    limit: ClassVar[int] = 3

    def __init__(self, balance: int) -> None:
        self.balance: int = balance

    def merge(self, other: "Account") -> None: ...

    @classmethod
    def opened(cls, amount: int) -> "Account": ...

    @staticmethod
    def fee(amount: int) -> int: ...
"""


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("__init__", {"balance"}), ("merge", {"self", "other"}), ("opened", {"amount"}), ("fee", {"amount"})],
)
def test_methods_are_given_what_a_call_needs(name: str, parameters: set[str]) -> None:
    found, reason = made(METHODS, name=f"Account.{name}")
    assert reason is None
    assert {frozenset(c.arguments) for c in found} == {frozenset(parameters)}


@pytest.mark.parametrize(
    ("source", "function", "call"),
    [
        (METHODS, "Account.merge", "Account(balance=0).merge(Account(balance=0))"),
        ("def f(x: Item, y: Point, *z: int, k: str = '', **m: int):\n    pass\n", "f", "f(Item(price=0, tags=[]), Point(x=0, y=0))"),
        ("def f(x: Made):\n    pass\n", "f", "f(Made(cells=[0]))"),
        ("def f(x: Frozen, y: Node):\n    pass\n", "f", "f(Frozen(value=0), Node(value=0, following=None))"),
        ("def f(x: Colour, y: Options):\n    pass\n", "f", "f(Colour.RED, {'name': '', 'size': 0})"),
        ("def f(a: int, /, b: int = 1, *, c: int = 2):\n    pass\n", "f", "f(0)"),
    ],
)  # fmt: skip
def test_every_input_runs(source: str, function: str, call: str) -> None:
    text = textwrap.dedent(CLASSES + source)
    module = extract(Snapshot("m.py", None, text)).module
    ir = next(f for f in module.all_functions() if f.qualname == function)
    found, _ = cases(ir, module, (7,), 100)
    parameters = tuple((p.name, p.style) for p in ir.signature.parameters)
    runs = run(Program(text, "m.py", function, parameters), found, seconds=30)
    assert {r.status for r in runs} == {"ok"}
    assert not any(r.undeclared for r in runs)
    assert runs[0].call == call
