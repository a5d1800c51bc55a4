"""Of which type an open term is, from what stands beside it in a clause.

Text work, on types as they are written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from lift_ir import Class, Function, Module

from lift.resolve.terms.question import PREFIX

Types = Mapping[str, str]
"""Names and attributes (``self.size``) in scope, with their types as they are written."""

_NUMBERS = ("int", "float")
_OF_NUMBERS = ("min", "max", "abs", "sum", "round")
_SIZED = re.compile(r"(?:list|tuple|set|frozenset|dict|Sequence|Mapping|Collection|str|bytes)\b")
_ELEMENT = re.compile(r"(?:list|set|frozenset|Sequence|Iterable|Collection)\[(.*)\]$")


def is_sized(type_: str) -> bool:
    """Whether values of a type have a length."""
    return _SIZED.match(type_) is not None


def element_of(type_: str) -> str:
    """The type of what a container holds, empty if that is not written."""
    found = _ELEMENT.match(type_)
    if found is not None:
        return found[1].strip()
    homogeneous = re.match(r"tuple\[([^,]*), *\.\.\.\]$", type_)
    return homogeneous[1].strip() if homogeneous is not None else "str" if type_ == "str" else ""


def types_in_scope(module: Module, function: Function, *, after: bool) -> dict[str, str]:
    """The parameters, their attributes and the result, with their types.

    Args:
        after: Whether there is a result.
    """
    found: dict[str, str] = {}
    classes = {c.name: c for c in module.classes}
    around = next((c for c in module.classes if function.qualname == f"{c.qualname}.{function.name}"), None)
    for number, parameter in enumerate(function.signature.parameters):
        written = parameter.type.text.strip("'\"") if parameter.type.kind == "type" else ""
        if parameter.style.startswith("var"):
            continue
        if number == 0 and around is not None and "staticmethod" not in function.decorators:
            found |= _attributes(parameter.name, around)
            continue
        found[parameter.name] = written
        if written in classes:
            found |= _attributes(parameter.name, classes[written])
    returns = function.signature.returns
    if after and returns.kind == "type":
        own = any(p.name == "result" for p in function.signature.parameters)
        name = "__return__" if own else "result"
        found[name] = returns.text.strip("'\"")
        if returns.text in classes:
            found |= _attributes(name, classes[returns.text])
    return found


def _attributes(name: str, holder: Class) -> Iterator[tuple[str, str]]:
    for attribute in holder.attributes:
        if attribute.type is not None:
            yield f"{name}.{attribute.name}", attribute.type.text


def type_of_term(expression: str, name: str, types: Types) -> str:
    """The type that a term has to have where it stands; empty where nothing tells."""
    tree = ast.parse(expression, mode="eval")
    found = [t for t in asked(tree.body, PREFIX + name, _with_bound(tree, types), "bool") if t]
    return found[0] if found else ""


def _with_bound(tree: ast.AST, types: Types) -> Types:
    """The names in scope and those that comprehensions bind."""
    known = dict(types)
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name):
            known[node.target.id] = element_of(type_of(node.iter, known))
    return known


def asked(node: ast.expr, name: str, types: Types, wanted: str) -> Iterator[str]:
    """The types that the places of a name ask for, below an expression that is to be of type ``wanted``."""

    def below(one: ast.expr, type_: str) -> Iterator[str]:
        return asked(one, name, types, type_)

    match node:
        case ast.Name(id=found) if found == name:
            yield wanted
        case ast.BoolOp(values=values):
            for one in values:
                yield from below(one, "bool")
        case ast.UnaryOp(op=op, operand=operand):
            yield from below(operand, "bool" if isinstance(op, ast.Not) else wanted)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            sides = [left, *rights]
            for a, op, b in zip(sides, ops, rights, strict=False):
                if isinstance(op, ast.In | ast.NotIn):
                    yield from below(a, element_of(type_of(b, types)))
                    inner = type_of(a, types)
                    yield from below(b, f"list[{inner}]" if inner else "")
                else:
                    yield from below(a, type_of(b, types))
                    yield from below(b, type_of(a, types))
        case ast.BinOp(left=left, right=right):
            yield from below(left, type_of(right, types) or wanted)
            yield from below(right, type_of(left, types) or wanted)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield from below(test, "bool")
            yield from below(body, type_of(orelse, types) or wanted)
            yield from below(orelse, type_of(body, types) or wanted)
        case ast.Call(func=ast.Name(id="implies"), args=args):
            for one in args:
                yield from below(one, "bool")
        case ast.Call(func=ast.Name(id="range"), args=args):
            for one in args:
                yield from below(one, "int")
        case ast.Call(func=ast.Name(id=called), args=args) if called in _OF_NUMBERS:
            known = [t for t in (type_of(a, types) for a in args) if t]
            for one in args:
                yield from below(one, known[0] if known else wanted)
        case ast.Subscript(value=value, slice=index):
            yield from below(value, "")
            yield from below(index, "int" if not type_of(value, types).startswith("dict") else "")
        case ast.Slice(lower=lower, upper=upper):
            for one in (lower, upper):
                if one is not None:
                    yield from below(one, "int")
        case ast.GeneratorExp(elt=elt, generators=generators) | ast.ListComp(elt=elt, generators=generators):
            yield from below(elt, "")
            for one in generators:
                yield from below(one.iter, "")
                for test in one.ifs:
                    yield from below(test, "bool")
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from below(child, "")


def type_of(node: ast.expr, types: Types) -> str:
    """The type of an expression; empty where it cannot be told from the text."""
    match node:
        case ast.Name() | ast.Attribute():
            return types.get(ast.unparse(node), "")
        case ast.Constant(value=value):
            return type(value).__name__ if isinstance(value, bool | int | float | str | bytes) else ""
        case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
            return "bool"
        case ast.UnaryOp(operand=operand):
            return type_of(operand, types)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = type_of(left, types), type_of(right, types)
            if isinstance(op, ast.Div):
                return "float"
            if a in _NUMBERS and b in _NUMBERS:
                return "float" if "float" in (a, b) else "int"
            return a or b
        case ast.Call(func=ast.Name(id="len" | "ord" | "int"), args=_):
            return "int"
        case ast.Call(func=ast.Name(id="old"), args=[one]):
            return type_of(one, types)
        case ast.Call(func=ast.Name(id="sorted" | "list"), args=[one, *_]):
            inner = element_of(type_of(one, types))
            return f"list[{inner}]" if inner else ""
        case ast.Call(func=ast.Name(id="sum" | "min" | "max"), args=[one]):
            if isinstance(one, ast.GeneratorExp | ast.ListComp):
                return type_of(one.elt, _with_bound(one, types))
            return element_of(type_of(one, types))
        case ast.Call(func=ast.Name(id="min" | "max" | "abs"), args=args) if args:
            return next((t for t in (type_of(a, types) for a in args) if t), "")
        case ast.Subscript(value=value, slice=index):
            whole = type_of(value, types)
            return whole if isinstance(index, ast.Slice) else element_of(whole)
    return ""
