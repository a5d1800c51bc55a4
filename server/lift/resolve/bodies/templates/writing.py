"""Bodies as a person would write them: the element before what it is compared with, no needless brackets."""

from __future__ import annotations

import ast
import io
import tokenize

from lift.resolve.bodies.readable import negated

_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


def polished(body: str) -> str:
    """The same body in better style."""
    tree = ast.parse(body)
    outside = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    tree = ast.fix_missing_locations(_Style(outside - bound).visit(tree))
    return _quoted(_bare(ast.unparse(tree)))


def _quoted(text: str) -> str:
    """With double quotes, where that costs no escape."""
    rows = text.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        one = token.string
        if token.type == tokenize.STRING and one[0] == "'" and not set(one[1:-1]) & set("\"'\\"):
            row, start, end = token.start[0] - 1, token.start[1], token.end[1]
            rows[row] = f'{rows[row][:start]}"{one[1:-1]}"{rows[row][end:]}'
    return "\n".join(rows)


class _Style(ast.NodeTransformer):
    def __init__(self, given: set[str]) -> None:
        self.given = given

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Compare | ast.UnaryOp):
            return negated(node.operand)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        flipped = _FLIPPED.get(type(node.ops[0]))
        if len(node.ops) == 1 and flipped is not None:
            left, right = node.left, node.comparators[0]
            if self._rank(left) > self._rank(right):
                return ast.Compare(right, [flipped()], [left])
        return node

    def _rank(self, node: ast.expr) -> int:
        """What a comparison is about stands first, what it is held against second."""
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return 2 if not names else 1 if names <= self.given else 0


def _bare(text: str) -> str:
    """Without the second pair of brackets around a generator that is a call's only argument."""
    starts = [0]
    encoded = text.encode()
    for line in encoded.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    drop: list[int] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            (argument,) = node.args
            if isinstance(argument, ast.GeneratorExp):
                start = starts[argument.lineno - 1] + argument.col_offset
                end = starts[(argument.end_lineno or 1) - 1] + (argument.end_col_offset or 0)
                if encoded[start - 1 : start + 1] == b"((" and encoded[end - 1 : end + 1] == b"))":
                    drop += [start, end - 1]
    return bytes(b for n, b in enumerate(encoded) if n not in set(drop)).decode()
