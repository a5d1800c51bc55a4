"""Integers as text: ``int(text)``, and the widths of an f-string.

``int`` takes more than decimal digits: spaces around, underscores between, the digits of every script. Texts
of ASCII digits with a sign are read exactly, texts of ASCII characters that no numeral has are refused as
CPython refuses them, and of the rest a proof only knows that one or the other happens.
"""

from __future__ import annotations

import ast
import re

import z3

from lift.verify.operators import raises
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    Term,
    Value,
    VBool,
    VInt,
    VStr,
    as_int,
    as_str,
    fresh_name,
    int_value,
    str_value,
)

_DIGITS_THAT_CONVERT = 640
"""The least limit that ``sys.set_int_max_str_digits`` takes: shorter texts always convert."""

_WIDEST = 20
"""Widths up to this one are written out."""


def decimal(number: Term) -> Term:
    """The digits of an integer, with its sign where it is negative."""
    return z3.If(number >= 0, z3.IntToStr(number), z3.Concat(z3.StringVal("-"), z3.IntToStr(-number)))


def _written(text: Term) -> Term | None:
    """The integer whose digits a text is made of, where its term shows that."""
    if z3.is_app_of(text, z3.Z3_OP_SEQ_CONCAT) and text.num_args() == 2 and as_str(text.arg(0)) == "":
        # An f-string starts from the empty text.
        text = text.arg(1)
    if not z3.is_app_of(text, z3.Z3_OP_ITE) or not z3.is_app_of(text.arg(1), z3.Z3_OP_INT_TO_STR):
        return None
    number = text.arg(1).arg(0)
    return number if decimal(number).eq(text) else None


def parsed(engine: Engine, state: State, text: VStr, node: ast.AST) -> list[Result]:
    """``int(text)``."""
    known = as_str(text.term)
    if known is not None and len(known) <= _DIGITS_THAT_CONVERT:
        try:
            return [(state, int_value(int(known)))]
        except ValueError:
            return [_refused(state, node)]
    term = text.term
    number = _written(term)
    if number is not None:
        # Where it was written, integers of more digits than convert were assumed away.
        return [(state, VInt(number))]
    digits = z3.Plus(z3.Range("0", "9"))
    short = z3.Length(term) <= _DIGITS_THAT_CONVERT
    rest = z3.SubString(term, 1, z3.Length(term) - 1)
    results: list[Result] = []
    left: State | None = state
    for condition, value in (
        (z3.And(z3.InRe(term, digits), short), z3.StrToInt(term)),
        (z3.And(z3.InRe(term, z3.Concat(z3.Re("-"), digits)), short), -z3.StrToInt(rest)),
        (z3.And(z3.InRe(term, z3.Concat(z3.Re("+"), digits)), short), z3.StrToInt(rest)),
        (z3.InRe(term, _no_numeral()), None),
    ):
        if left is None:
            break
        here, left = engine.split(left, condition)
        if here is not None:
            results.append(_refused(here, node) if value is None else (here, VInt(value)))
    if left is None:
        return results
    if engine.exploring:
        engine.truncated.append(getattr(node, "lineno", 0))
        return results
    engine.approximate("int() of a string", node)
    return [*results, (left.fork(), VInt(z3.Int(fresh_name("int")))), _refused(left, node)]


def _refused(state: State, node: ast.AST) -> Result:
    return raises(state, "ValueError", node, "the text may be no integer")


def _no_numeral() -> Term:
    """ASCII texts without a digit, or with a character that stands in no numeral of base 10."""
    allowed = {*map(ord, "0123456789+-_ \t\n\v\f\r"), 0x1C, 0x1D, 0x1E, 0x1F}
    other = [c for c in range(0x80) if c not in allowed]
    anything = z3.Star(z3.Range("\x00", "\x7f"))
    wrong = z3.Concat(anything, z3.Union(*_runs(other)), anything)
    no_digit = z3.Star(z3.Union(*_runs([c for c in range(0x80) if not 0x30 <= c <= 0x39])))
    return z3.Union(no_digit, wrong)


def _runs(codes: list[int]) -> list[Term]:
    """Ranges of consecutive codes."""
    starts = [c for c in codes if c - 1 not in codes]
    ends = [c for c in codes if c + 1 not in codes]
    return [z3.Range(_character(a), _character(b)) for a, b in zip(starts, ends, strict=True)]


def _character(code: int) -> Term:
    value = str_value(chr(code))
    return value.term


_SPEC = re.compile(r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<zero>0)?(?P<width>[1-9]\d?)?(?P<kind>[ds])?")


def padded(engine: Engine, value: Value, spec: str) -> VStr | None:
    """An integer or a string in a width, as a format says; None for a format that is not written out.

    Of a bool a format that is not empty shows the number.
    """
    match = _SPEC.fullmatch(spec)
    if match is None or not spec:
        return None
    fill, align = match["fill"], match["align"]
    width = int(match["width"] or 0)
    if width > _WIDEST or (fill is not None and ord(fill) > 0xFFFF):
        return None
    if isinstance(value, VStr) and match["kind"] != "d" and not match["zero"] and align != "=":
        return _aligned(z3.StringVal(""), value.term, fill or " ", align or "<", width)
    if not isinstance(value, VInt | VBool) or match["kind"] == "s":
        return None
    number: Term = value.term if isinstance(value, VInt) else z3.If(value.term, z3.IntVal(1), z3.IntVal(0))
    if as_int(number) is None:
        engine.assumptions.add("no integer of more than 4,300 digits is converted to text")
    fill = fill or ("0" if match["zero"] else " ")
    align = align or ("=" if match["zero"] else ">")
    if width == 0:
        return VStr(decimal(number))
    sign = z3.If(number < 0, z3.StringVal("-"), z3.StringVal(""))
    digits = z3.If(number >= 0, z3.IntToStr(number), z3.IntToStr(-number))
    return _aligned(sign, digits, fill, align, width)


def _aligned(sign: Term, body: Term, fill: str, align: str, width: int) -> VStr:
    whole = z3.Concat(sign, body)
    missing: Term = width - z3.Length(whole)

    def times(count: Term) -> Term:
        """The fill as often as a count between nothing and the width."""
        out = z3.StringVal("")
        for n in range(1, width + 1):
            out = z3.If(count >= n, str_value(fill * n).term, out)
        return out

    if align == "^":
        before: Term = missing / 2
        return VStr(z3.Concat(times(before), whole, times(missing - before)))
    if align == "=":
        return VStr(z3.Concat(sign, times(missing), body))
    return VStr(z3.Concat(times(missing), whole) if align == ">" else z3.Concat(whole, times(missing)))
