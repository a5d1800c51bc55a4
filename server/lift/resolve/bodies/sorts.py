"""Values in SMT-LIB: terms with their sorts, and the few operations of Python that act on them directly.

Texts are the solvers' own: code points up to 0x2FFFF. Must not import a solver: this is text only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lift.verify.types import TBool, TInt, TLiteral, TStr, TTuple, Type

PRELUDE = """\
(define-fun py.div ((a Int) (b Int)) Int (ite (> b 0) (div a b) (div (- a) (- b))))
(define-fun py.mod ((a Int) (b Int)) Int (ite (> b 0) (mod a b) (- (mod (- a) (- b)))))
(define-fun py.abs ((a Int)) Int (ite (>= a 0) a (- a)))
(define-fun py.max ((a Int) (b Int)) Int (ite (>= a b) a b))
(define-fun py.min ((a Int) (b Int)) Int (ite (<= a b) a b))
(define-fun py.str ((a Int)) String (ite (>= a 0) (str.from_int a) (str.++ "-" (str.from_int (- a)))))
(define-fun py.place ((i Int) (n Int)) Int
  (ite (< i 0) (ite (< (+ i n) 0) 0 (+ i n)) (ite (> i n) n i)))
(define-fun py.slice ((s String) (i Int) (j Int)) String
  (str.substr s (py.place i (str.len s)) (- (py.place j (str.len s)) (py.place i (str.len s)))))
(define-fun py.at ((s String) (i Int)) String (str.at s (ite (< i 0) (+ i (str.len s)) i)))
"""
_LAST_CHARACTER = 0x2FFFF


class Untranslatable(Exception):
    """What cannot be said exactly in SMT-LIB."""


@dataclass(frozen=True)
class Sym:
    """A value: a term of a sort, or a tuple of values.

    Attributes:
        sort: ``Int``, ``Bool``, ``String`` or ``Tuple``.
    """

    sort: str
    text: str = ""
    items: tuple[Sym, ...] = ()


@dataclass(frozen=True)
class Leaf:
    """A constant of SMT-LIB that stands for a parameter, or for a part of one."""

    symbol: str
    sort: str
    expression: ast.expr


def conj(*parts: str) -> str:
    """``and``, without what is true anyhow."""
    kept = list(dict.fromkeys(p for p in parts if p != "true"))
    if "false" in kept:
        return "false"
    return "true" if not kept else kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


def disj(*parts: str) -> str:
    """``or``, without what is false anyhow."""
    kept = list(dict.fromkeys(p for p in parts if p != "false"))
    if "true" in kept:
        return "true"
    return "false" if not kept else kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})"


def neg(part: str) -> str:
    """``not``."""
    return {"true": "false", "false": "true"}.get(part, f"(not {part})")


def implied(p: str, q: str) -> str:
    """``=>``."""
    return q if p == "true" else "true" if q == "true" or p == "false" else f"(=> {p} {q})"


def number(value: int) -> str:
    """An integer's literal."""
    return str(value) if value >= 0 else f"(- {-value})"


def literal(value: object) -> Sym:
    """A constant of Python.

    Raises:
        Untranslatable: It is no integer, truth value, text or tuple of them.
    """
    if isinstance(value, bool):
        return Sym("Bool", "true" if value else "false")
    if isinstance(value, int):
        return Sym("Int", number(value))
    if isinstance(value, str):
        return Sym("String", _quoted(value))
    if isinstance(value, tuple):
        return Sym("Tuple", items=tuple(literal(v) for v in value))
    raise Untranslatable(repr(value))


def _quoted(value: str) -> str:
    if any(ord(c) > _LAST_CHARACTER for c in value):
        raise Untranslatable("a character that the solver does not have")
    shown = (
        c if " " <= c <= "~" and c not in '\\"' else '""' if c == '"' else f"\\u{{{ord(c):x}}}" for c in value
    )
    return '"' + "".join(shown) + '"'


def sort_of(type_: Type) -> str | tuple[Any, ...]:
    """The sort of a type; a tuple of sorts for a tuple.

    Raises:
        Untranslatable: There is none.
    """
    match type_:
        case TInt():
            return "Int"
        case TBool():
            return "Bool"
        case TStr():
            return "String"
        case TTuple(items=items) if items:
            return tuple(sort_of(i) for i in items)
        case TLiteral(values=values):
            sorts = {literal(v).sort for v in values}
            if len(sorts) == 1:
                return sorts.pop()
    raise Untranslatable(f"the type {type_}")


def leaves(type_: Type, expression: ast.expr, prefix: str) -> tuple[Sym, list[Leaf]]:
    """A value of a type made of constants, and these.

    Args:
        expression: What stands for the value in Python.
        prefix: What the constants' names begin with.
    """
    return _leaves(sort_of(type_), expression, prefix)


def _leaves(sort: str | tuple[Any, ...], expression: ast.expr, prefix: str) -> tuple[Sym, list[Leaf]]:
    if isinstance(sort, str):
        return Sym(sort, prefix), [Leaf(prefix, sort, expression)]
    parts = [
        _leaves(s, ast.Subscript(expression, ast.Constant(n), ast.Load()), f"{prefix}.{n}")
        for n, s in enumerate(sort)
    ]
    return Sym("Tuple", items=tuple(p for p, _ in parts)), [leaf for _, found in parts for leaf in found]


def applied(sort: str | tuple[Any, ...], name: str, arguments: str) -> Sym:
    """The result of a function to be found; one function a part where it is a tuple."""
    if isinstance(sort, str):
        return Sym(sort, f"({name} {arguments})" if arguments else name)
    return Sym("Tuple", items=tuple(applied(s, f"{name}.{n}", arguments) for n, s in enumerate(sort)))


def constant_of(node: ast.expr) -> int | None:
    """The integer that is written there, None if none is."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
    return None


def as_int(value: Sym) -> str:
    """A value as an integer: a truth value is 1 or 0."""
    if value.sort == "Int":
        return value.text
    if value.sort == "Bool":
        return {"true": "1", "false": "0"}.get(value.text, f"(ite {value.text} 1 0)")
    raise Untranslatable(f"{value.sort} for a number")


def as_truth(value: Sym) -> str:
    """Whether a value counts as true."""
    match value.sort:
        case "Bool":
            return value.text
        case "Int":
            return f"(not (= {value.text} 0))"
        case "String":
            return f'(not (= {value.text} ""))'
    return "true" if value.items else "false"


def as_text(value: Sym) -> Sym:
    """``str()`` of a value."""
    match value.sort:
        case "String":
            return value
        case "Int":
            return Sym("String", f"(py.str {value.text})")
        case "Bool":
            return Sym("String", f'(ite {value.text} "True" "False")')
    raise Untranslatable("a tuple as a text")


def joined(parts: Sequence[Sym]) -> Sym:
    """Texts put together."""
    texts = [p.text for p in parts if p.text != '""']
    if len(texts) < 2:
        return Sym("String", texts[0] if texts else '""')
    return Sym("String", f"(str.++ {' '.join(texts)})")


def folded(name: str, texts: Sequence[str]) -> str:
    """A function of two arguments applied to many, from the left."""
    found = texts[0]
    for text in texts[1:]:
        found = f"({name} {found} {text})"
    return found


def chosen(condition: str, yes: Sym, no: Sym) -> Sym:
    """One value or the other one.

    Raises:
        Untranslatable: They are of different sorts.
    """
    if condition in ("true", "false") or yes == no:
        return yes if condition != "false" else no
    if yes.sort != no.sort or len(yes.items) != len(no.items):
        raise Untranslatable("a choice between types")
    if yes.sort == "Tuple":
        pairs = zip(yes.items, no.items, strict=True)
        return Sym("Tuple", items=tuple(chosen(condition, a, b) for a, b in pairs))
    return Sym(yes.sort, f"(ite {condition} {yes.text} {no.text})")


def equal(a: Sym, b: Sym) -> str:
    """``==``."""
    if a.sort == b.sort == "Tuple":
        if len(a.items) != len(b.items):
            return "false"
        return conj(*(equal(x, y) for x, y in zip(a.items, b.items, strict=True)))
    if a.sort == b.sort:
        return "true" if a.text == b.text else f"(= {a.text} {b.text})"
    if {a.sort, b.sort} <= {"Int", "Bool"}:
        return f"(= {as_int(a)} {as_int(b)})"
    return "false"


def compared(op: ast.cmpop, a: Sym, b: Sym) -> str:
    """A comparison."""
    match op:
        case ast.Eq():
            return equal(a, b)
        case ast.NotEq():
            return neg(equal(a, b))
        case ast.Is() | ast.IsNot() if a.sort == b.sort == "Bool":
            return equal(a, b) if isinstance(op, ast.Is) else neg(equal(a, b))
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
            sign = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}[type(op).__name__]
            if a.sort == b.sort == "String":
                if sign in (">", ">="):
                    a, b, sign = b, a, sign.replace(">", "<")
                return f"(str.{sign} {a.text} {b.text})"
            if a.sort == b.sort == "Tuple":
                return _lexicographic(op, a.items, b.items)
            return f"({sign} {as_int(a)} {as_int(b)})"
    raise Untranslatable(type(op).__name__)


def _lexicographic(op: ast.cmpop, a: Sequence[Sym], b: Sequence[Sym]) -> str:
    if not a or not b:
        compare: Callable[[int, int], bool] = {
            "Lt": int.__lt__,
            "LtE": int.__le__,
            "Gt": int.__gt__,
            "GtE": int.__ge__,
        }[type(op).__name__]
        return "true" if compare(len(a), len(b)) else "false"
    rest = _lexicographic(op, a[1:], b[1:])
    strict = ast.Lt() if isinstance(op, ast.Lt | ast.LtE) else ast.Gt()
    same = equal(a[0], b[0])
    return disj(conj(neg(same), compared(strict, a[0], b[0])), conj(same, rest))
