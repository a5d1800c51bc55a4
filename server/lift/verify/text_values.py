"""What all methods of strings share: their shape, the empty text, the error of unfit arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify.operators import raises
from lift.verify.state import Engine, Result, State
from lift.verify.values import Term, Value, VStr

Arguments = list[Value]
Method = Callable[[Engine, State, Value, Arguments, ast.Call], list[Result]]
EMPTY = z3.StringVal("")


def text_term(value: Value) -> Term:
    """The term of a value that is known to be a string."""
    assert isinstance(value, VStr)
    return value.term


def wrong(state: State, node: ast.Call, name: str) -> list[Result]:
    """The end of a call whose arguments do not fit."""
    return [raises(state, "TypeError", node, f"the arguments of {name}() do not fit")]
