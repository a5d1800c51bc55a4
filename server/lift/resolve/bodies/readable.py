"""Expressions as a person would write them: comparisons, choices, texts and numbers in their shortest form.

Every rewriting keeps the value for integers, truth values and texts. What is written is checked as a whole
afterwards all the same.
"""

from __future__ import annotations

import ast
import copy
import io
import tokenize

_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}
_SHORT = 60


def same(a: ast.AST, b: ast.AST) -> bool:
    """Whether two expressions are written alike."""
    return ast.dump(a) == ast.dump(b)


def negated(node: ast.expr) -> ast.expr:
    """The opposite of a condition, without ``not`` where that can be."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Constant(value=bool(value)):
            return ast.Constant(not value)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return ast.Compare(left, [_NEGATED[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            return ast.BoolOp(other, [negated(v) for v in values])
    return ast.UnaryOp(ast.Not(), node)


def is_condition(node: ast.expr) -> bool:
    """Whether an expression is a truth value for certain, rather than merely used as one."""
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Constant(value=bool()):
            return True
        case ast.BoolOp(values=values):
            return all(map(is_condition, values))
        case ast.IfExp(body=body, orelse=orelse):
            return is_condition(body) and is_condition(orelse)
        case ast.Call(func=ast.Name(id="any" | "all" | "bool" | "isinstance")):
            return True
        case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "isdigit")):
            return True
    return False


class _Tidy(ast.NodeTransformer):
    """From the inside out, one node at a time."""

    def __init__(self, booleans: frozenset[str], *, integers: bool) -> None:
        self.booleans = booleans
        self.integers = integers

    def _boolean(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.booleans
        if isinstance(node, ast.BoolOp):
            return all(map(self._boolean, node.values))
        return is_condition(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            found = negated(node.operand)
            return found if not isinstance(found, ast.BoolOp) else self.visit_BoolOp(found)
        if isinstance(node.op, ast.USub):
            match node.operand:
                case ast.Constant(value=int(value)) if not isinstance(value, bool):
                    return number(-value)
                case ast.UnaryOp(op=ast.USub(), operand=inner):
                    return inner
                case ast.BinOp(left=left, op=ast.Sub(), right=right):
                    return ast.BinOp(right, ast.Sub(), left)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = value_of(node.left), value_of(node.right)
        if left is not None and right is not None and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            total = {"Add": left + right, "Sub": left - right, "Mult": left * right}[type(node.op).__name__]
            return number(total)
        match node.op:
            case ast.Add() if isinstance(node.right, ast.BinOp) and isinstance(
                node.right.op, ast.Add | ast.Sub
            ):
                first = self.visit_BinOp(ast.BinOp(node.left, ast.Add(), node.right.left))
                return ast.BinOp(first, node.right.op, node.right.right)
            case ast.Add():
                if left == 0:
                    return node.right
                if right == 0:
                    return node.left
                if right is not None and right < 0:
                    return ast.BinOp(node.left, ast.Sub(), number(-right))
                if isinstance(node.right, ast.UnaryOp) and isinstance(node.right.op, ast.USub):
                    return ast.BinOp(node.left, ast.Sub(), node.right.operand)
                if isinstance(node.left, ast.UnaryOp) and isinstance(node.left.op, ast.USub):
                    if left is None:
                        return ast.BinOp(node.right, ast.Sub(), node.left.operand)
                if left is not None and isinstance(node.right, ast.Name | ast.Subscript | ast.Call):
                    return self.visit_BinOp(ast.BinOp(node.right, ast.Add(), node.left))
            case ast.Sub():
                if right == 0:
                    return node.left
                if left == 0:
                    return ast.UnaryOp(ast.USub(), node.right)
                if right is not None and right < 0:
                    return ast.BinOp(node.left, ast.Add(), number(-right))
                if isinstance(node.right, ast.UnaryOp) and isinstance(node.right.op, ast.USub):
                    return ast.BinOp(node.left, ast.Add(), node.right.operand)
            case ast.FloorDiv():
                if isinstance(node.right, ast.UnaryOp) and isinstance(node.right.op, ast.USub):
                    return ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right.operand)
            case ast.Mult():
                if left == 1:
                    return node.right
                if right == 1:
                    return node.left
                if left == -1:
                    return ast.UnaryOp(ast.USub(), node.right)
                if right == -1:
                    return ast.UnaryOp(ast.USub(), node.left)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        left, op, right = node.left, node.ops[0], node.comparators[0]
        if isinstance(left, ast.Constant | ast.UnaryOp) and type(op) in _SWAPPED:
            if value_of(left) is not None or (isinstance(left, ast.Constant)):
                if not isinstance(right, ast.Constant) and value_of(right) is None:
                    left, op, right = right, _SWAPPED[type(op)](), left
        if isinstance(right, ast.Constant) and isinstance(right.value, bool) and self._boolean(left):
            if isinstance(op, ast.Eq | ast.Is):
                return left if right.value else negated(left)
            if isinstance(op, ast.NotEq | ast.IsNot):
                return negated(left) if right.value else left
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List | ast.Set):
            if len(right.elts) == 1:
                other = ast.Eq() if isinstance(op, ast.In) else ast.NotEq()
                return ast.Compare(left, [other], [right.elts[0]])
        return balanced(ast.Compare(left, [op], [right]))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        both = isinstance(node.op, ast.And)
        found: list[ast.expr] = []
        for value in node.values:
            parts = (
                value.values if isinstance(value, ast.BoolOp) and type(value.op) is type(node.op) else [value]
            )
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, bool):
                    if part.value is both:
                        continue
                    return ast.Constant(not both) if not found else ast.BoolOp(node.op, [*found, part])
                if not any(same(part, f) for f in found):
                    found.append(part)
        if not found:
            return ast.Constant(both)
        found = _chained(found) if both else _gathered(found)
        return found[0] if len(found) == 1 else ast.BoolOp(node.op, found)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        test, body, orelse = node.test, node.body, node.orelse
        if isinstance(test, ast.Constant) and isinstance(test.value, bool):
            return body if test.value else orelse
        if same(body, orelse):
            return body
        if self._boolean(test):
            made = self._logical(test, body, orelse)
            if made is not None:
                return made
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return ast.IfExp(test.operand, orelse, body)
        if self.integers:
            found = _extreme(test, body, orelse)
            if found is not None:
                return found
        if isinstance(orelse, ast.IfExp) and same(body, orelse.body) and self._boolean(test):
            either = self.visit_BoolOp(ast.BoolOp(ast.Or(), [test, orelse.test]))
            return ast.IfExp(either, body, orelse.orelse)
        return node

    def _logical(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr | None:
        """A choice with a truth value in it, in words of logic."""
        match body, orelse:
            case ast.Constant(value=True), ast.Constant(value=False):
                return test
            case ast.Constant(value=False), ast.Constant(value=True):
                return negated(test)
            case ast.Constant(value=True), _ if self._boolean(orelse):
                return self.visit_BoolOp(ast.BoolOp(ast.Or(), [test, orelse]))
            case ast.Constant(value=False), _ if self._boolean(orelse):
                return self.visit_BoolOp(ast.BoolOp(ast.And(), [negated(test), orelse]))
            case _, ast.Constant(value=False) if self._boolean(body):
                return self.visit_BoolOp(ast.BoolOp(ast.And(), [test, body]))
            case _, ast.Constant(value=True) if self._boolean(body):
                return self.visit_BoolOp(ast.BoolOp(ast.Or(), [negated(test), body]))
        return None

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="min" | "max" as name), args=args) if len(args) > 1:
                flat: list[ast.expr] = []
                for arg in args:
                    match arg:
                        case ast.Call(func=ast.Name(id=inner), args=its) if inner == name and len(its) > 1:
                            flat += its
                        case _:
                            flat.append(arg)
                kept: list[ast.expr] = []
                for one in flat:
                    if not any(same(one, k) for k in kept):
                        kept.append(one)
                return kept[0] if len(kept) == 1 else ast.Call(node.func, kept, [])
        return node


Linear = tuple[dict[str, tuple[ast.expr, int]], int]
"""Terms with how often they occur, by their text, and a constant."""


def balanced(node: ast.Compare) -> ast.Compare:
    """A comparison of sums of integers without subtraction: ``a >= b`` for ``a - b >= 0``."""
    op = type(node.ops[0])
    subtracts = any(isinstance(n, ast.Sub | ast.USub) for n in ast.walk(node))
    if not subtracts or op not in (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq):
        return node
    left, right = _linear(node.left), _linear(node.comparators[0])
    if left is None or right is None:
        return node
    terms, constant = _summed(left, right, -1)
    ups = [(t, c) for t, c in terms.values() if c > 0]
    downs = [(t, -c) for t, c in terms.values() if c < 0]
    limit = -constant
    if not ups:
        ups, downs, limit, op = downs, ups, -limit, _SWAPPED[op]
    if not ups:
        return node
    if downs and limit == 1 and op in (ast.GtE, ast.Lt):
        op, limit = (ast.Gt if op is ast.GtE else ast.LtE), 0
    elif downs and limit == -1 and op in (ast.LtE, ast.Gt):
        op, limit = (ast.Lt if op is ast.LtE else ast.GtE), 0
    lower = max(0, -limit) if downs else 0
    made = ast.Compare(_sum(ups, lower), [op()], [_sum(downs, limit + lower)])
    return made if len(ast.unparse(made)) < len(ast.unparse(node)) else node


def _linear(node: ast.expr) -> Linear | None:
    value = value_of(node)
    if value is not None:
        return {}, value
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _linear(inner)
            return None if found is None else _summed(({}, 0), found, -1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            a, b = _linear(left), _linear(right)
            return None if a is None or b is None else _summed(a, b, 1 if isinstance(op, ast.Add) else -1)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for factor, other in ((value_of(left), right), (value_of(right), left)):
                found = _linear(other)
                if factor is not None and found is not None:
                    return _summed(({}, 0), found, factor)
        case ast.Constant():
            return None
    return {ast.dump(node): (node, 1)}, 0


def _summed(a: Linear, b: Linear, factor: int) -> Linear:
    terms = dict(a[0])
    for key, (node, count) in b[0].items():
        terms[key] = (node, terms.get(key, (node, 0))[1] + factor * count)
    return {k: v for k, v in terms.items() if v[1]}, a[1] + factor * b[1]


def _sum(terms: list[tuple[ast.expr, int]], constant: int) -> ast.expr:
    found: ast.expr | None = None
    for node, count in terms:
        term = node if count == 1 else ast.BinOp(number(count), ast.Mult(), node)
        found = term if found is None else ast.BinOp(found, ast.Add(), term)
    if found is None:
        return number(constant)
    if constant:
        sign = ast.Add() if constant > 0 else ast.Sub()
        found = ast.BinOp(found, sign, number(abs(constant)))
    return found


def number(value: int) -> ast.expr:
    """An integer as it is written."""
    if value >= 0:
        return ast.Constant(value)
    return ast.UnaryOp(ast.USub(), ast.Constant(-value))


def value_of(node: ast.expr) -> int | None:
    """The integer that is written there, None if none is."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))) if not isinstance(
            value, bool
        ):
            return -value
    return None


def _extreme(test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr | None:
    """``min``, ``max`` or ``abs`` for a choice between what was compared."""
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                up = isinstance(op, ast.Gt | ast.GtE)
                if same(body, left) and same(orelse, right):
                    return ast.Call(ast.Name("max" if up else "min", ast.Load()), [left, right], [])
                if same(body, right) and same(orelse, left):
                    return ast.Call(ast.Name("min" if up else "max", ast.Load()), [left, right], [])
                if value_of(right) == 0:
                    keeps, turns = (body, orelse) if up else (orelse, body)
                    if same(keeps, left) and same(turns, ast.UnaryOp(ast.USub(), left)):
                        return ast.Call(ast.Name("abs", ast.Load()), [left], [])
                match keeps_turns(left, right, body, orelse, up=up):
                    case ast.expr() as found:
                        return found
    return None


def keeps_turns(
    left: ast.expr, right: ast.expr, body: ast.expr, orelse: ast.expr, *, up: bool
) -> ast.expr | None:
    """``abs(a - b)`` for the difference that is not negative."""
    first, second = (body, orelse) if up else (orelse, body)
    if same(first, ast.BinOp(left, ast.Sub(), right)) and same(second, ast.BinOp(right, ast.Sub(), left)):
        return ast.Call(ast.Name("abs", ast.Load()), [first], [])
    return None


def _chained(parts: list[ast.expr]) -> list[ast.expr]:
    """``low <= x <= high`` for two comparisons, where the one goes on where the other one ends."""
    found: list[ast.expr] = []
    for part in parts:
        joined = None
        for place, other in enumerate(found):
            joined = _chain(other, part) or _chain(part, other)
            if joined is not None:
                found[place] = joined
                break
        if joined is None:
            found.append(part)
    return found


_UP = (ast.Lt, ast.LtE)


def _chain(first: ast.expr, second: ast.expr) -> ast.expr | None:
    first_, second_ = _upward(first), _upward(second)
    if first_ is None and second_ is None and _all_equal(first) and _all_equal(second):
        assert isinstance(first, ast.Compare)
        assert isinstance(second, ast.Compare)
        first_, second_ = first, second
    if first_ is None or second_ is None:
        return None
    if same(first_.comparators[-1], second_.left) and value_of(second_.left) is None:
        if isinstance(second_.left, ast.Constant):
            return None
        ops = [*first_.ops, *second_.ops]
        return ast.Compare(first_.left, ops, [*first_.comparators, *second_.comparators])
    return None


def _all_equal(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq) for op in node.ops)


def _upward(node: ast.expr) -> ast.Compare | None:
    """A comparison with ``<`` and ``<=`` only."""
    if not isinstance(node, ast.Compare):
        return None
    if all(isinstance(op, _UP) for op in node.ops):
        return node
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Gt | ast.GtE):
        other = _SWAPPED[type(node.ops[0])]()
        return ast.Compare(node.comparators[0], [other], [node.left])
    return None


def _gathered(parts: list[ast.expr]) -> list[ast.expr]:
    """``x in (1, 2)`` for several equalities of one expression with constants."""
    found: list[ast.expr] = []
    for part in parts:
        mine = _alternatives(part)
        place = None
        if mine is not None:
            place = next(
                (n for n, f in enumerate(found) if (a := _alternatives(f)) and same(a[0], mine[0])), None
            )
        if mine is None or place is None:
            found.append(part)
            continue
        before = _alternatives(found[place])
        assert before is not None
        values = list({ast.dump(v): v for v in [*before[1], *mine[1]]}.values())
        found[place] = ast.Compare(mine[0], [ast.In()], [ast.Tuple(values, ast.Load())])
    return found


def _alternatives(node: ast.expr) -> tuple[ast.expr, list[ast.expr]] | None:
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if isinstance(right, ast.Constant) or value_of(right) is not None:
                return left, [right]
        case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=elts)]):
            if all(isinstance(e, ast.Constant) or value_of(e) is not None for e in elts):
                return left, elts
    return None


def tidied(node: ast.expr, booleans: frozenset[str] = frozenset(), *, integers: bool = False) -> ast.expr:
    """An expression in its shortest form.

    Args:
        booleans: Names of truth values.
        integers: Whether its value is an integer, so that choices may become ``min``, ``max`` or ``abs``.
    """
    for _ in range(4):
        before = ast.dump(node)
        node = ast.fix_missing_locations(_Tidy(booleans, integers=integers).visit(copy.deepcopy(node)))
        if ast.dump(node) == before:
            break
    return node


def shown(node: ast.expr) -> str:
    """The text of an expression as a formatter leaves it: with double quotes where that costs no escape."""
    text = ast.unparse(ast.fix_missing_locations(node))
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        text = text[1:-1]
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(tokens):
        if (
            token.type == tokenize.STRING
            and token.string.startswith("'")
            and not token.string.startswith("'''")
        ):
            inner = token.string[1:-1]
            if '"' not in inner and "\\'" not in inner and token.start[0] == 1:
                text = text[: token.start[1]] + f'"{inner}"' + text[token.end[1] :]
    return _unwrapped(text, tokens)


def _unwrapped(text: str, tokens: list[tokenize.TokenInfo]) -> str:
    """A text without the parentheses that ``ast.unparse`` puts around comparisons, ``not`` and generators."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for token in tokens:
        if token.string == "(":
            opened.append(token.start[1])
        elif token.string == ")":
            pairs.append((opened.pop(), token.start[1]))
    meant = ast.dump(ast.parse(text, mode="eval"))
    for start, end in sorted(pairs, reverse=True):
        inside = text[start + 1 : end]
        less = f"{text[:start]}{inside}{text[end + 1 :]}"
        try:
            inner = ast.parse(f"({inside})", mode="eval").body
            same_ = ast.dump(ast.parse(less, mode="eval")) == meant
        except SyntaxError:
            continue
        if same_ and isinstance(inner, ast.Compare | ast.UnaryOp | ast.GeneratorExp) and not _is_sign(inner):
            return _unwrapped(less, list(tokenize.generate_tokens(io.StringIO(less).readline)))
    return text


def _is_sign(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not)


def statements(node: ast.expr) -> str:
    """The body that returns an expression: choices as ``if``, a table where one value decides."""
    table = _lookup(node)
    if table is not None:
        return f"return {table}"
    if not isinstance(node, ast.IfExp):
        return f"return {shown(node)}"
    line = f"return {shown(node)}"
    if len(line) <= _SHORT and not any(isinstance(n, ast.IfExp) for n in (node.body, node.orelse)):
        return line
    rows = [f"if {shown(node.test)}:"]
    rows += [f"    {row}" for row in statements(node.body).split("\n")]
    return "\n".join([*rows, statements(node.orelse)])


_LEAST_ROWS = 5


def _lookup(node: ast.expr) -> str | None:
    """A dict's text for a long choice by what one expression is equal to."""
    rows: list[tuple[ast.expr, ast.expr]] = []
    key: ast.expr | None = None
    cases = 0
    while isinstance(node, ast.IfExp):
        found = _alternatives(node.test)
        if found is None or not _plain(node.body) or (key is not None and not same(key, found[0])):
            return None
        key = found[0]
        rows += [(v, node.body) for v in found[1]]
        node, cases = node.orelse, cases + 1
    if key is None or cases < _LEAST_ROWS or cases < len(rows) / 2 or not _plain(node):
        return None
    seen: dict[str, str] = {}
    for value, result in rows:
        seen.setdefault(shown(value), shown(result))
    pairs = ", ".join(f"{k}: {v}" for k, v in seen.items())
    return f"{{{pairs}}}.get({shown(key)}, {shown(node)})"


def _plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or value_of(node) is not None
