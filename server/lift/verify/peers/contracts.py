"""Specifications written once more as icontract's decorators, which CrossHair reads.

Text to text: must not import z3, icontract or CrossHair.
"""

from __future__ import annotations

import ast

from lift_ir import Ensures, Function, Module, Raises, Requires

ICONTRACT, COPY = "__icontract__", "__copy__"
"""The names by which the text calls ``icontract`` and ``copy``; no name of a user's hides these."""
HEADER = f"import copy as {COPY}\nimport icontract as {ICONTRACT}\n"


def with_contracts(module: Module, text: str, only: str | None = None) -> str:
    """A module's text with icontract's decorators on what it specifies, to be run after ``HEADER``.

    Classes keep their invariants in any case. That an exception must be raised is an Ensures here: whoever
    returns had no reason to raise.

    Args:
        text: The text that ``module`` was made of, or those of its definitions that matter, on their lines.
        only: The one function to decorate, by its qualified name; all of them without it.
    """
    tree = ast.parse(text)
    functions = {f.span.start.line: f for f in module.all_functions()}
    classes = {c.qualname: c for c in module.classes}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            lines = [node.lineno, *(d.lineno for d in node.decorator_list)]
            ir = next((functions[n] for n in lines if n in functions), None)
            if ir is not None and (ir.specified if only is None else ir.qualname == only):
                _decorate(node, ir)
        elif isinstance(node, ast.ClassDef) and node.name in classes:
            for clause in classes[node.name].invariants:
                if clause.expression and not clause.holes:
                    node.decorator_list.append(_call("invariant", ["self"], clause.expression))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _decorate(node: ast.FunctionDef, ir: Function) -> None:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [a for a in (node.args.vararg, node.args.kwarg) if a is not None]
    names = [a.arg for a in arguments]
    snapshots: list[ast.expr] = []
    made: list[ast.expr] = []
    for clause in ir.clauses:
        if not isinstance(clause, Requires | Ensures | Raises) or not clause.expression or clause.holes:
            continue
        stated = clause.expression
        if isinstance(clause, Raises):
            if not clause.exact:
                continue
            stated = f"not old({stated})"
        tree = _Rewrite(names, snapshots).visit(ast.parse(stated, mode="eval").body)
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        known = names if isinstance(clause, Requires) else [*names, "result", "OLD"]
        kind = "require" if isinstance(clause, Requires) else "ensure"
        made.append(_call(kind, [n for n in known if n in used], ast.unparse(tree)))
    # Without a contract CrossHair would not look at the function at all.
    # A snapshot is taken for the postconditions below it.
    node.decorator_list += [*snapshots, *made] or [_call("ensure", ["result"], "True")]
    raised = [c.exception for c in ir.clauses if isinstance(c, Raises)]
    if raised:
        listed = "".join(f"\n:raises {name}:" for name in raised)
        said = ast.Expr(ast.Constant(f"Declares what it raises.\n{listed}\n"))
        has_docstring = ast.get_docstring(node, clean=False) is not None
        node.body = [said, *node.body[1 if has_docstring else 0 :]]


def _call(kind: str, names: list[str], expression: str, extra: str = "") -> ast.expr:
    text = f"{ICONTRACT}.{kind}(lambda {', '.join(names)}: {expression}{extra})"
    return ast.parse(text, mode="eval").body


class _Rewrite(ast.NodeTransformer):
    """Lift's ``old`` and ``implies`` as icontract has them."""

    def __init__(self, names: list[str], snapshots: list[ast.expr]) -> None:
        self.names, self.snapshots = names, snapshots

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion]):
                negated = ast.UnaryOp(ast.Not(), self.visit(premise))
                return ast.BoolOp(ast.Or(), [negated, self.visit(conclusion)])
            case ast.Call(func=ast.Name(id="old"), args=[inner]):
                used = {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
                name = f"old{len(self.snapshots)}"
                # Inside ``old`` an ``implies`` may stand as well.
                text = f"{COPY}.deepcopy({ast.unparse(self.visit(inner))})"
                known = [n for n in self.names if n in used]
                self.snapshots.append(_call("snapshot", known, text, f", name={name!r}"))
                return ast.Attribute(ast.Name("OLD", ast.Load()), name, ast.Load())
        self.generic_visit(node)
        return node
