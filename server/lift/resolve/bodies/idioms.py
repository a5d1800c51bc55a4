"""A body that was proved as a Python programmer would rather write it; what comes out is proved again.

Only forms are exchanged here, one construct for another that means the same where the body was right: a
formatted text for a sum of texts, ``enumerate`` for places, ``not xs`` for a length of zero.
"""

from __future__ import annotations

import ast
import copy

from lift.resolve.bodies.readable import is_condition, negated, same, statements
from lift.resolve.bodies.templates.scope import singulars
from lift.resolve.bodies.templates.writing import polished
from lift.verify.types import TInt, Type


def idiomatic(body: str, types: dict[str, Type]) -> str:
    """The body in better style; the same text where there is nothing to do.

    Args:
        types: Of the parameters.
    """
    integers = [n for n, t in types.items() if isinstance(t, TInt)]
    tree = ast.parse(body)
    before = ast.dump(tree)
    tree = _Places(types).visit(tree)
    tree = ast.fix_missing_locations(_Idioms(frozenset(types), frozenset(integers)).visit(tree))
    tree.body = _straight(tree.body)
    if ast.dump(ast.fix_missing_locations(tree)) == before:
        return _spaced(_open(body))
    return _spaced(_open(polished(ast.unparse(tree))))


class _Idioms(ast.NodeTransformer):
    def __init__(self, containers: frozenset[str], integers: frozenset[str]) -> None:
        self.containers = containers - integers
        self.integers = integers

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Add):
            text = _formatted(_summands(node))
            if text is not None:
                return text
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=ast.Name(id=one), op=ast.Add(), right=ast.Name(id=other)) if one == other:
                if one in self.integers:
                    return ast.BinOp(ast.Constant(2), ast.Mult(), node.left)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Compare(
                left=ast.BinOp(op=ast.Mod(), right=ast.Constant(value=int(divisor))),
                ops=[op],
                comparators=[ast.Constant(value=int(limit))],
            ) if divisor > 0:
                if (type(op), limit) in ((ast.LtE, 0), (ast.Lt, 1)):
                    return ast.Compare(node.left, [ast.Eq()], [ast.Constant(0)])
                if (type(op), limit) in ((ast.Gt, 0), (ast.GtE, 1)):
                    return ast.Compare(node.left, [ast.NotEq()], [ast.Constant(0)])
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        node.test = self._asked(node.test)
        if is_condition(node.test) and _is(node.body, True) and _is(node.orelse, False):
            return node.test
        if is_condition(node.test) and _is(node.body, False) and _is(node.orelse, True):
            return negated(node.test)
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        node.test = self._asked(node.test)
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.test = self._asked(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        node.ifs = [self._asked(test) for test in node.ifs]
        return node

    def _asked(self, test: ast.expr) -> ast.expr:
        """A condition that only counts as true or false: ``xs`` says that there is something in it."""
        match test:
            case ast.BoolOp(op=op, values=values):
                return ast.BoolOp(op, [self._asked(v) for v in values])
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name) as held]),
                ops=[op],
                comparators=[ast.Constant(value=int(limit))],
            ) if name in self.containers:
                if (type(op), limit) in ((ast.Eq, 0), (ast.LtE, 0), (ast.Lt, 1)):
                    return ast.UnaryOp(ast.Not(), held)
                if (type(op), limit) in ((ast.NotEq, 0), (ast.Gt, 0), (ast.GtE, 1)):
                    return held
        return test


def _is(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _summands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_summands(node.left), *_summands(node.right)]
    return [node]


def _formatted(parts: list[ast.expr]) -> ast.JoinedStr | None:
    """A sum of three texts and more, some of them constant, as one text with the others in it."""
    constant = [isinstance(p, ast.Constant) and isinstance(p.value, str) for p in parts]
    if len(parts) < 3 or not any(constant) or all(constant):
        return None
    values: list[ast.expr] = []
    for part, fixed in zip(parts, constant, strict=True):
        inner = [n for n in ast.walk(part) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        if fixed:
            values.append(part)
        elif inner or isinstance(part, ast.IfExp | ast.Dict | ast.Lambda):
            # Texts and braces within a formatted text are harder to read than a sum.
            return None
        else:
            match part:
                case ast.Call(func=ast.Name(id="str"), args=[shown], keywords=[]):
                    values.append(ast.FormattedValue(shown, -1))
                case _:
                    values.append(ast.FormattedValue(part, -1))
    return ast.JoinedStr(values)


class _Places(ast.NodeTransformer):
    """``for i in range(len(xs))`` by the elements, where places are only used to read them."""

    def __init__(self, types: dict[str, Type]) -> None:
        self.types = types

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        found = self._named(node.target, node.iter, node.body)
        if found is not None:
            node.target, node.iter = found[0], found[1]
            node.body = [s for s in found[2] if isinstance(s, ast.stmt)]
        return node

    def _named(
        self, target: ast.expr, iterable: ast.expr, body: list[ast.stmt]
    ) -> tuple[ast.expr, ast.expr, list[ast.AST]] | None:
        match target, iterable:
            case (
                ast.Name(id=place),
                ast.Call(
                    func=ast.Name(id="range"),
                    args=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=of)])],
                ),
            ) if of in self.types:
                pass
            case _:
                return None
        used = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name)} | set(self.types)
        fresh = (n for n in singulars(of, self.types[of]) if n not in used)
        name = next(fresh, None)
        renamed = _Element(of, place, name or "")
        made: list[ast.AST] = [renamed.visit(copy.deepcopy(s)) for s in body]
        if name is None or not renamed.count or renamed.stored:
            return None
        left = any(isinstance(n, ast.Name) and n.id == place for s in made for n in ast.walk(s))
        element = ast.Name(name, ast.Store())
        if not left:
            return element, ast.Name(of, ast.Load()), made
        both = ast.Tuple([ast.Name(place, ast.Store()), element], ast.Store())
        each = ast.Call(ast.Name("enumerate", ast.Load()), [ast.Name(of, ast.Load())], [])
        return both, each, made


class _Element(ast.NodeTransformer):
    """``xs[i]`` under a name of its own; a value that is stored there, or in ``xs``, forbids it."""

    def __init__(self, of: str, place: str, name: str) -> None:
        self.of, self.place, self.name = of, place, name
        self.count = 0
        self.stored = False

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        match node:
            case ast.Subscript(value=ast.Name(id=one), slice=ast.Name(id=other)) if (
                one == self.of and other == self.place
            ):
                self.count += 1
                self.stored |= not isinstance(node.ctx, ast.Load)
                return ast.Name(self.name, ast.Load())
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        self.stored |= not isinstance(node.ctx, ast.Load) and node.id in (self.of, self.place)
        return node


def _straight(body: list[ast.stmt]) -> list[ast.stmt]:
    """``return c`` for ``if c: return True`` and ``return False``; long choices as statements."""
    match body:
        case [*before, ast.If(test=test, body=[ast.Return(value=one)], orelse=[]), ast.Return(value=other)]:
            if one is not None and other is not None and is_condition(test):
                if _is(one, True) and _is(other, False):
                    return [*before, ast.Return(test)]
                if _is(one, False) and _is(other, True):
                    return [*before, ast.Return(negated(test))]
                if same(one, other):
                    return [*before, ast.Return(one)]
        case [*before, ast.Return(value=ast.IfExp() as choice)]:
            if any(isinstance(n, ast.IfExp) for n in (choice.body, choice.orelse)):
                return [*before, *ast.parse(statements(choice)).body]
    return body


def _quoted(body: str) -> str:
    """Formatted texts in double quotes; ``ast.unparse`` writes single ones."""
    rows = [row.encode() for row in body.split("\n")]
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.JoinedStr) and node.lineno == node.end_lineno:
            row, end = rows[node.lineno - 1], node.end_col_offset or 0
            one = row[node.col_offset : end]
            if one.startswith(b"f'") and one.endswith(b"'") and not set(one[2:-1]) & set(b"'\"\\"):
                rows[node.lineno - 1] = row[: node.col_offset] + b'f"' + one[2:-1] + b'"' + row[end:]
    return b"\n".join(rows).decode()


def _open(body: str) -> str:
    """``return a, b`` without brackets."""
    rows = body.split("\n")
    for number, row in enumerate(rows):
        start = row.strip()
        if not start.startswith("return (") or not start.endswith(")"):
            continue
        value = ast.parse(start[len("return ") :], mode="eval").body
        bare = start[len("return (") : -1]
        if isinstance(value, ast.Tuple) and len(value.elts) > 1:
            try:
                if same(ast.parse(bare, mode="eval").body, value):
                    rows[number] = row.replace(start, f"return {bare}")
            except SyntaxError:
                continue
    return "\n".join(rows)


def _spaced(body: str) -> str:
    """``n**2``, as formatters write a power of simple operands, and double quotes."""
    body = _quoted(body)
    tree = ast.parse(body)
    powers = [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    simple = all(isinstance(p, ast.Name | ast.Constant) for n in powers for p in (n.left, n.right))
    if not powers or not simple or any("**" in t for t in texts):
        return body
    return body.replace(" ** ", "**")
