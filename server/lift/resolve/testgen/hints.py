"""What a function is like, as far as that bears on which of the inputs that it allows are worth drawing.

Nothing runs here.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from lift_ir import Function

from lift.verify.mentioned import mentioned

_PLAIN = frozenset(
    [
        "abs",
        "min",
        "max",
        "len",
        "sum",
        "sorted",
        "int",
        "float",
        "str",
        "bool",
        "round",
        "divmod",
        "isinstance",
        "list",
        "dict",
        "set",
        "tuple",
        "zip",
        "any",
        "all",
        "repr",
        "enumerate",
        "reversed",
        "map",
        "filter",
        "ord",
        "chr",
        "hash",
        "frozenset",
        "bytes",
        "ValueError",
        "TypeError",
        "KeyError",
        "IndexError",
    ]
)


_MOST_NUMBERS, _MOST_TEXTS, _LARGEST, _LONGEST = 16, 6, 10**6, 20


@dataclass(frozen=True)
class Hints:
    """What strategies of a function's arguments may know.

    Attributes:
        small: Whether numbers have to stay small, since they decide how long a call takes.
        numbers: Integers around those that it mentions, and ``texts`` those that it mentions.
    """

    small: bool = False
    numbers: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()


NO_HINTS = Hints()


def hints_of(node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> Hints:
    """What a function is like."""
    clauses = [c.expression for c in function.clauses if c.expression and c.kind != "example"]
    constants = mentioned(node, clauses)
    numbers = sorted({int(c) for c in constants if isinstance(c, int) and abs(c) <= _LARGEST} | {0}, key=abs)
    around = sorted({n + d for n in numbers for d in (0, 1, -1)}, key=lambda n: (abs(n), n < 0))
    texts = [c for c in constants if isinstance(c, str) and 0 < len(c) <= _LONGEST and c.isprintable()]
    return Hints(_is_heavy(node, function), tuple(sorted(around[:_MOST_NUMBERS])), tuple(texts[:_MOST_TEXTS]))


def _is_heavy(node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> bool:
    """Whether numbers may decide how long a call takes, or how much memory it does; True in doubt."""
    if any("range(" in (c.expression or "") for c in function.clauses):
        return True
    for inner in ast.walk(node):
        match inner:
            case ast.While() | ast.BinOp(op=ast.Pow() | ast.LShift()):
                return True
            case ast.AugAssign(op=ast.Pow() | ast.LShift()):
                return True
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                # A text or a list, repeated.
                if not all(map(_is_number, (left, right))) and any(map(_is_container, (left, right))):
                    return True
            case ast.Call(func=ast.Name(id=name)) if name not in _PLAIN:
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self" | "cls"))):
                return True
    return False


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_container(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str() | bytes()) | ast.List() | ast.Tuple() | ast.JoinedStr():
            return True
    return False
