"""Small wrong versions of a body, to see which clauses notice: a clause that notices none says too little.

These are never shown, so that they need no places; ``lift.resolve.infer.judge`` runs them in the sandbox.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

from lift.resolve.infer.subject import Subject

_MOST = 28
_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COMPUTED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mod, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Div: (ast.Mult,),
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "append": "remove", "lower": "upper"}

Body = list[ast.stmt]


def mutants_of(subject: Subject) -> list[Body]:
    """Wrong bodies: one slip each, spread over the body, and then wrong results."""
    slips = list(_slips(subject.body))
    step = max(1, -(-len(slips) // _MOST))
    return [*slips[::step], *_wrong_results(subject.body)]


def _slips(body: Sequence[ast.stmt]) -> Iterator[Body]:
    count = sum(1 for s in body for _ in ast.walk(s))
    for number in range(count):
        for variant in range(3):
            changed = copy.deepcopy(list(body))
            nodes = [n for s in changed for n in ast.walk(s)]
            made = _slip(nodes[number], variant)
            if made:
                yield changed


def _slip(node: ast.AST, variant: int) -> bool:
    """Change a node in place, in one of several ways; whether there is such a way."""
    match node:
        case ast.Compare(ops=[op]) if variant < len(_COMPARED.get(type(op), ())):
            node.ops = [_COMPARED[type(op)][variant]()]
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if variant < len(_COMPUTED.get(type(op), ())):
            node.op = _COMPUTED[type(op)][variant]()
        case ast.BoolOp(op=op) if variant == 0:
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.Constant(value=bool(value)) if variant == 0:
            node.value = not value
        case ast.Constant(value=int(value)) if variant < 2 and not isinstance(value, bool):
            node.value = value + (1, -1)[variant]
        case ast.Constant(value=str(value)) if variant == 0 and value:
            node.value = value[1:]
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) if variant == 0:
            node.test = ast.UnaryOp(ast.Not(), test)
        case ast.If() if variant == 1 and node.orelse:
            node.body = [ast.Pass()]
        case ast.Name(id=name) if variant == 0 and name in _CALLED:
            node.id = _CALLED[name]
        case ast.Slice(lower=lower, upper=upper) if variant == 0 and (lower or upper):
            node.lower, node.upper = (None, upper) if lower else (None, None)
        case ast.Expr() if variant == 0:
            node.value = ast.Constant(None)
        case ast.For(body=inner) if variant == 1:
            node.body = [*inner, ast.Break()]
        case _:
            return False
    return True


def _wrong_results(body: Sequence[ast.stmt]) -> Iterator[Body]:
    """The body with something done to each result, as an expression in which ``__r`` is the result."""
    for text in _WRONG:
        changed = copy.deepcopy(list(body))
        wrapped = _Wrap(text)
        yield [wrapped.visit(s) for s in changed]


_WRONG = (
    "not __r if isinstance(__r, bool) else __r + 1 if isinstance(__r, (int, float)) else __r[1:]"
    " if isinstance(__r, (list, str, bytes)) else __r",
    "__r if isinstance(__r, bool) else __r - 1 if isinstance(__r, (int, float)) else __r + __r"
    " if isinstance(__r, (list, str, bytes)) else __r",
    "__r if isinstance(__r, bool) else -__r - 1 if isinstance(__r, (int, float)) else __r[:0]"
    " if isinstance(__r, (list, str, bytes)) else __r",
    "True if isinstance(__r, bool) else 0 if isinstance(__r, int) else __r[::-1]"
    " if isinstance(__r, (list, str, bytes, tuple)) else __r",
    "False if isinstance(__r, bool) else 1000003 if isinstance(__r, int) else 'z' + __r"
    " if isinstance(__r, str) else __r + __r[:1] if isinstance(__r, list) else __r",
    "tuple(v + 1 if isinstance(v, int) else v[1:] if isinstance(v, str) else v for v in __r)"
    " if isinstance(__r, tuple) else __r",
)


class _Wrap(ast.NodeTransformer):
    def __init__(self, text: str) -> None:
        self._text = text

    def visit_Return(self, node: ast.Return) -> ast.Return:
        if node.value is None:
            return node
        called = ast.parse(f"(lambda __r: {self._text})(0)", mode="eval").body
        assert isinstance(called, ast.Call)
        called.args = [node.value]
        return ast.copy_location(ast.Return(called), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node
