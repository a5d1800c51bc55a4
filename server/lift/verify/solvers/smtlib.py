"""Z3's formulas as SMT-LIB that another solver reads the same way.

Only what is known to mean the same there is written: for anything else (functions that are defined by
recursion, arrays given by a lambda, Z3's own operators) there is no text, and the question is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import z3

# A longer text, in characters, takes the other solver longer to read than it has time.
_LONGEST = 400_000

_PLAIN = frozenset(
    (
        *(z3.Z3_OP_TRUE, z3.Z3_OP_FALSE, z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT, z3.Z3_OP_ITE),
        *(z3.Z3_OP_AND, z3.Z3_OP_OR, z3.Z3_OP_XOR, z3.Z3_OP_NOT, z3.Z3_OP_IMPLIES),
        *(z3.Z3_OP_ANUM, z3.Z3_OP_LE, z3.Z3_OP_GE, z3.Z3_OP_LT, z3.Z3_OP_GT),
        *(z3.Z3_OP_ADD, z3.Z3_OP_SUB, z3.Z3_OP_UMINUS, z3.Z3_OP_MUL, z3.Z3_OP_DIV),
        *(z3.Z3_OP_IDIV, z3.Z3_OP_MOD, z3.Z3_OP_TO_REAL, z3.Z3_OP_TO_INT, z3.Z3_OP_IS_INT),
        *(z3.Z3_OP_UNINTERPRETED, z3.Z3_OP_SELECT, z3.Z3_OP_STORE, z3.Z3_OP_CONST_ARRAY),
        *(z3.Z3_OP_DT_CONSTRUCTOR, z3.Z3_OP_DT_IS, z3.Z3_OP_DT_RECOGNISER, z3.Z3_OP_DT_ACCESSOR),
        *(z3.Z3_OP_SEQ_UNIT, z3.Z3_OP_SEQ_EMPTY, z3.Z3_OP_SEQ_CONCAT, z3.Z3_OP_SEQ_PREFIX),
        *(z3.Z3_OP_SEQ_SUFFIX, z3.Z3_OP_SEQ_CONTAINS, z3.Z3_OP_SEQ_EXTRACT, z3.Z3_OP_SEQ_REPLACE),
        *(z3.Z3_OP_SEQ_AT, z3.Z3_OP_SEQ_LENGTH, z3.Z3_OP_SEQ_INDEX, z3.Z3_OP_SEQ_TO_RE),
        *(z3.Z3_OP_SEQ_IN_RE, z3.Z3_OP_RE_PLUS, z3.Z3_OP_RE_STAR, z3.Z3_OP_RE_OPTION),
        *(z3.Z3_OP_RE_CONCAT, z3.Z3_OP_RE_UNION, z3.Z3_OP_RE_RANGE, z3.Z3_OP_RE_COMPLEMENT),
        *(z3.Z3_OP_RE_INTERSECT, z3.Z3_OP_STR_TO_INT, z3.Z3_OP_INT_TO_STR),
        *(z3.Z3_OP_STRING_LT, z3.Z3_OP_STRING_LE, z3.Z3_OP_STR_TO_CODE, z3.Z3_OP_STR_FROM_CODE),
        *(z3.Z3_OP_FPA_RM_NEAREST_TIES_TO_EVEN, z3.Z3_OP_FPA_RM_TOWARD_ZERO),
        *(z3.Z3_OP_FPA_RM_TOWARD_NEGATIVE, z3.Z3_OP_FPA_RM_TOWARD_POSITIVE, z3.Z3_OP_FPA_NUM),
        *(z3.Z3_OP_FPA_PLUS_INF, z3.Z3_OP_FPA_MINUS_INF, z3.Z3_OP_FPA_NAN, z3.Z3_OP_FPA_PLUS_ZERO),
        *(z3.Z3_OP_FPA_MINUS_ZERO, z3.Z3_OP_FPA_ADD, z3.Z3_OP_FPA_SUB, z3.Z3_OP_FPA_NEG),
        *(z3.Z3_OP_FPA_MUL, z3.Z3_OP_FPA_DIV, z3.Z3_OP_FPA_ABS, z3.Z3_OP_FPA_SQRT),
        *(z3.Z3_OP_FPA_ROUND_TO_INTEGRAL, z3.Z3_OP_FPA_EQ, z3.Z3_OP_FPA_LT, z3.Z3_OP_FPA_GT),
        *(z3.Z3_OP_FPA_LE, z3.Z3_OP_FPA_GE, z3.Z3_OP_FPA_IS_NAN, z3.Z3_OP_FPA_IS_INF),
        *(z3.Z3_OP_FPA_IS_ZERO, z3.Z3_OP_FPA_IS_NORMAL, z3.Z3_OP_FPA_IS_SUBNORMAL),
        *(z3.Z3_OP_FPA_IS_NEGATIVE, z3.Z3_OP_FPA_IS_POSITIVE),
    )
)
# What Z3 is weak at, so that another solver is asked soon.
_STRINGS = frozenset(
    (
        *range(z3.Z3_OP_SEQ_UNIT, z3.Z3_OP_STR_FROM_CODE + 1),
        *(z3.Z3_OP_STRING_LT, z3.Z3_OP_STRING_LE),
    )
)


@dataclass(frozen=True)
class Shape:
    """What formulas are made of.

    Attributes:
        readable: Whether all of it means the same to every solver.
        hard: Whether it has texts, quantifiers or nonlinear arithmetic, at which solvers differ most.
    """

    readable: bool
    hard: bool


def shape(formulas: Sequence[Any]) -> Shape:
    """What formulas are made of."""
    hard = False
    seen: set[int] = set()
    open_: list[Any] = list(formulas)
    while open_:
        term = open_.pop()
        number = term.get_id()
        if number in seen:
            continue
        seen.add(number)
        if z3.is_quantifier(term):
            if term.is_lambda():
                return Shape(False, hard)
            hard = True
            open_.append(term.body())
            continue
        if z3.is_var(term):
            continue
        kind = term.decl().kind()
        if kind not in _PLAIN and not (z3.is_string_value(term) or z3.is_fp_value(term)):
            return Shape(False, hard)
        children = term.children()
        open_ += children
        if kind in _STRINGS:
            hard = True
        elif kind in (z3.Z3_OP_MUL, z3.Z3_OP_IDIV, z3.Z3_OP_MOD, z3.Z3_OP_DIV):
            hard |= sum(not z3.is_int_value(c) and not z3.is_rational_value(c) for c in children) > 1
    return Shape(True, hard)


def script(formulas: Sequence[Any]) -> str | None:
    """Declarations and assertions, without the command to check them; None if there is no such text."""
    solver = z3.Solver()
    solver.add(*formulas)
    text = solver.to_smt2()
    if len(text) > _LONGEST:
        return None
    body, _, _ = text.rpartition("(check-sat)")
    return f"(set-logic ALL)\n{body}"
