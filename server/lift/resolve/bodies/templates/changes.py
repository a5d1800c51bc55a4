"""Operators for what a statement does to a container, as expressions of its value before and after.

They are no Python: ``inplace`` writes them as the statements that they stand for. Must not import z3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lift.resolve.bodies.templates.terms import Operator
from lift.resolve.bodies.templates.vocabulary import INT
from lift.verify.types import TDict, TList, TSet, Type

SWAPPED, WITH_ITEM = "__swapped__", "__with_item__"


def changes(type_: Type) -> Iterator[Operator]:
    """The changes of a container of this type."""
    if isinstance(type_, TList):
        yield Operator(f"{SWAPPED}(_0, _1, _2)", "", (type_, INT, INT), type_, _swapped)
        yield Operator(f"{WITH_ITEM}(_0, _1, _2)", "", (type_, INT, type_.element), type_, _with_item)
    elif isinstance(type_, TDict):
        takes = (type_, type_.key, type_.value)
        yield Operator(f"{WITH_ITEM}(_0, _1, _2)", "", takes, type_, lambda d, k, v: {**d, k: v})
    elif isinstance(type_, TSet):
        yield Operator("_0 | {_1}", "", (type_, type_.element), type_, lambda s, x: s | {x})
        yield Operator("_0 - {_1}", "", (type_, type_.element), type_, lambda s, x: s - {x})


def _swapped(values: list[Any], one: int, other: int) -> list[Any]:
    found = list(values)
    found[one], found[other] = found[other], found[one]
    return found


def _with_item(values: list[Any], place: int, value: Any) -> list[Any]:
    found = list(values)
    found[place] = value
    return found
