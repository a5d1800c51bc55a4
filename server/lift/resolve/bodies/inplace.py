"""Functions that change an argument and return nothing, as functions that return what it is afterwards.

What is looked for is an expression of the argument's old value; it is written as the statement that changes
the argument: ``xs.sort()`` for ``sorted(xs)``. Only the written form is ever run or checked.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from dataclasses import replace

from lift_ir import Modifies

from lift.resolve.bodies.subject import Parameter, Subject
from lift.resolve.bodies.templates.changes import SWAPPED, WITH_ITEM
from lift.verify.types import TDict, TList, TNone, TSet

AFTER = "__after__"
"""What the clauses of a view call the argument's new value."""


def view(subject: Subject) -> Subject | None:
    """The function as one that returns the new value; None if it is no such function."""
    names = [t for c in subject.ir.clauses if isinstance(c, Modifies) for t in c.targets]
    changed = next((p for p in subject.parameters if [p.name] == names), None)
    if changed is None or not isinstance(subject.returns, TNone) or subject.known:
        return None
    if not isinstance(changed.type, TList | TDict) and not (
        isinstance(changed.type, TSet) and not changed.type.frozen
    ):
        return None
    ensures = tuple(_After(changed.name).read(tree) for tree in subject.ensures)
    return replace(
        subject,
        returns=changed.type,
        outcome=AFTER,
        ensures=tuple(e for e in ensures if not _mentions(e, subject.outcome)),
        form=_form(changed),
    )


def _mentions(node: ast.expr, one: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == one for n in ast.walk(node))


class _After(ast.NodeTransformer):
    """The argument as ``AFTER``, except in ``old(…)``, which is what it was."""

    def __init__(self, changed: str) -> None:
        self.changed = changed

    def read(self, tree: ast.expr) -> ast.expr:
        return ast.fix_missing_locations(self.visit(copy.deepcopy(tree)))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1:
            return node.args[0]
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(AFTER, node.ctx) if node.id == self.changed else node


def _form(changed: Parameter) -> Callable[[str], str | None]:
    name = changed.name
    whole = _whole_list if isinstance(changed.type, TList) else _whole_other

    def form(body: str) -> str | None:
        tree = ast.parse(body)
        last = tree.body[-1]
        returns = [n for n in ast.walk(tree) if isinstance(n, ast.Return)]
        if len(returns) != 1 or not isinstance(last, ast.Return) or last.value is None:
            return None
        short = _statement(name, last.value) if len(tree.body) == 1 else None
        written = whole(name, last.value) if short is None else short
        if any(one in written for one in (SWAPPED, WITH_ITEM)):
            return None
        before = "\n".join(ast.unparse(s) for s in tree.body[:-1])
        return f"{before}\n{written}" if before else written

    return form


def _whole_list(name: str, value: ast.expr) -> str:
    return f"{name}[:] = {ast.unparse(value)}"


def _whole_other(name: str, value: ast.expr) -> str:
    return f"changed = {ast.unparse(value)}\n{name}.clear()\n{name}.update(changed)"


def _statement(name: str, value: ast.expr) -> str | None:
    """The method or assignment that says the same of the argument; None if there is none."""
    for pattern, statement in _STATEMENTS.items():
        holes: dict[str, ast.expr] = {}
        if _fits(ast.parse(pattern, mode="eval").body, value, name, holes):
            texts = {key: ast.unparse(node) for key, node in holes.items()}
            found = statement.replace("XS", name)
            for key, shown in texts.items():
                found = found.replace(key, shown)
            return found
    return None


_STATEMENTS = {
    "XS[::-1]": "XS.reverse()",
    "list(reversed(XS))": "XS.reverse()",
    "sorted(XS)": "XS.sort()",
    "sorted(XS, reverse=True)": "XS.sort(reverse=True)",
    "XS + [_A_]": "XS.append(_A_)",
    "[_A_] + XS": "XS.insert(0, _A_)",
    "[_A_, *XS]": "XS.insert(0, _A_)",
    "[*XS, _A_]": "XS.append(_A_)",
    "XS + _A_": "XS.extend(_A_)",
    "XS[:-1]": "XS.pop()",
    "XS[1:]": "XS.pop(0)",
    "XS[:_A_]": "del XS[_A_:]",
    "XS[_A_:]": "del XS[:_A_]",
    "[]": "XS.clear()",
    f"{SWAPPED}(XS, _A_, _B_)": "XS[_A_], XS[_B_] = XS[_B_], XS[_A_]",
    f"{WITH_ITEM}(XS, _A_, _B_)": "XS[_A_] = _B_",
    "{}": "XS.clear()",
    "{**XS, **_A_}": "XS.update(_A_)",
    "XS | {_A_}": "XS.add(_A_)",
    "XS - {_A_}": "XS.discard(_A_)",
    "XS | _A_": "XS |= _A_",
    "XS & _A_": "XS &= _A_",
    "XS - _A_": "XS -= _A_",
}


def _fits(pattern: ast.AST, node: ast.AST, name: str, holes: dict[str, ast.expr]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id in ("_A_", "_B_") and isinstance(node, ast.expr):
        holes[pattern.id] = node
        return True
    if isinstance(pattern, ast.Name) and pattern.id == "XS":
        return isinstance(node, ast.Name) and node.id == name
    if type(pattern) is not type(node):
        return False
    for field in pattern._fields:
        if field == "ctx":
            continue
        one, other = getattr(pattern, field, None), getattr(node, field, None)
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other) or not all(_part(a, b, name, holes) for a, b in zip(one, other)):  # noqa: B905
                return False
        elif not _part(one, other, name, holes):
            return False
    return True


def _part(one: object, other: object, name: str, holes: dict[str, ast.expr]) -> bool:
    if isinstance(one, ast.AST) and isinstance(other, ast.AST):
        return _fits(one, other, name, holes)
    return one == other
