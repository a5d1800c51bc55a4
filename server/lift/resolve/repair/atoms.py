"""Conditions on the parameters that a missing Requires may be made of: from types, code and clauses."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator

from lift_ir import Requires

from lift.resolve.repair.patient import Patient

_SIZED = ("list[", "dict[", "set[", "frozenset[", "tuple[", "str", "bytes", "list", "dict", "set")
_INDEXED = ("list[", "str", "bytes", "list", "tuple[")
_NUMBERS = ("int", "float")
_MOST = 240
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def atoms_of(patient: Patient) -> list[str]:
    """The conditions, each once, those first that the code itself suggests."""
    terms = _terms(patient)
    found: dict[str, None] = {}
    for condition in itertools.chain(
        _from_calls(patient), _from_code(patient), _from_clauses(patient), _from_types(terms)
    ):
        text = _normal(condition)
        if text is not None and len(text) <= 90:
            found.setdefault(text)
    return list(found)[:_MOST]


def negation(condition: str, whole: bool) -> str:
    """The condition's opposite, as a person would write it.

    Args:
        whole: Whether all numbers in it are integers, so that ``not a < b`` is ``a >= b``: NaN is neither.
    """
    tree = ast.parse(condition, mode="eval").body
    match tree:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ast.unparse(operand)
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.Gt()], comparators=[right]) if (
            isinstance(right, ast.Constant) and right.value == 0
        ):
            return f"{ast.unparse(tree.left)} == 0"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            exact = isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn)
            if exact or whole:
                return ast.unparse(ast.Compare(left, [_TURNED[type(op)]()], [right]))
        case ast.Compare() | ast.BoolOp():
            return f"not ({condition})"
    return (
        f"not {condition}" if isinstance(tree, ast.Call | ast.Name | ast.Attribute) else f"not ({condition})"
    )


def is_whole(patient: Patient, condition: str) -> bool:
    """Whether no float can take part in a comparison."""
    kinds = dict(_terms(patient))
    return not any("float" in kinds.get(n, "") for n in _names(ast.parse(condition, mode="eval")))


def _normal(condition: str) -> str | None:
    try:
        tree = ast.parse(condition, mode="eval").body
        text = ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            # The one argument of a call needs no parentheses of its own, which unparse adds.
            inner = ast.unparse(node.args[0])
            text = text.replace(f"({inner})", inner)
    return text


def _terms(patient: Patient) -> list[tuple[str, str]]:
    """What conditions speak of, with annotations: parameters, and their attributes if the class is known."""
    found: list[tuple[str, str]] = []
    classes = {c.name: c for c in patient.module.classes}
    owner = patient.function.qualname.rpartition(".")[0]
    for place, parameter in enumerate(patient.function.signature.parameters):
        kind = parameter.type.text if parameter.type.kind == "type" else ""
        if place == 0 and owner in classes and parameter.name == "self":
            kind = owner
        found.append((parameter.name, kind.strip("'\"")))
        made = classes.get(kind.strip("'\""))
        if made is not None and not patient.target.is_init:
            found += [(f"{parameter.name}.{a.name}", a.type.text) for a in made.attributes if a.type]
    return found


def _from_types(terms: list[tuple[str, str]]) -> Iterator[str]:
    numbers = [n for n, k in terms if k in _NUMBERS]
    sized = [n for n, k in terms if k.startswith(_SIZED)]
    indexed = [n for n, k in terms if k.startswith(_INDEXED)]
    for name, kind in terms:
        if "None" in kind or "Optional" in kind:
            yield f"{name} is not None"
        if kind == "bool":
            yield name
            yield f"not {name}"
    for name in sized:
        yield f"len({name}) > 0"
    for name in numbers:
        yield from (f"{name} {op} 0" for op in ("!=", ">=", ">", "<=", "<"))
        yield f"{name} >= 2"
    for first, second in itertools.permutations(numbers, 2):
        yield f"{first} <= {second}"
        yield f"{first} < {second}"
        if first < second:
            yield f"{first} != {second}"
    whole = [n for n, k in terms if k == "int"]
    for index, name in itertools.product(whole, indexed):
        yield f"0 <= {index} < len({name})"
        yield f"{index} < len({name})"
        yield f"{index} <= len({name})"
        yield f"-len({name}) <= {index} < len({name})"
    for first, second in itertools.permutations(sized, 2):
        if first < second:
            yield f"len({first}) == len({second})"
        yield f"len({first}) <= len({second})"
    for name, kind in terms:
        inner = kind.partition("[")[2].rstrip("]")
        if kind.startswith(("list[", "set[", "tuple[")) and inner.partition(",")[0] in _NUMBERS:
            yield from (f"all(v {op} 0 for v in {name})" for op in ("!=", ">=", ">"))
            yield f"sum({name}) != 0"
            yield f"sum({name}) > 0"
            if kind.startswith("list["):
                yield f"all({name}[i] <= {name}[i + 1] for i in range(len({name}) - 1))"
        elif kind.startswith("list["):
            yield f"all(len(v) > 0 for v in {name})"
        if kind.startswith(("dict[", "set[", "list[")):
            for other, its in terms:
                if its and inner.partition(",")[0].strip() == its:
                    yield f"{other} in {name}"


def _names(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _speaks_of_parameters(patient: Patient, tree: ast.AST) -> bool:
    """Whether an expression means at the entry what it means where it stands."""
    own = {p.name for p in patient.function.signature.parameters}
    set_ = {n.id for n in ast.walk(patient.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = _names(tree) - bound - {"len", "sum", "min", "max", "all", "any", "abs", "range", "set", "sorted"}
    return bool(names) and names <= own - set_


def _from_code(patient: Patient) -> Iterator[str]:
    """Divisors, indices, and what the body itself asks, either way round."""
    for node in ast.walk(patient.node):
        match node:
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=divisor):
                if _speaks_of_parameters(patient, divisor):
                    text = ast.unparse(divisor)
                    inner = divisor
                    if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "len":
                        yield f"{text} > 0"
                    yield f"{text} != 0"
            case ast.BinOp(op=ast.Sub(), left=left, right=right) if _speaks_of_parameters(patient, node):
                yield f"{ast.unparse(left)} >= {ast.unparse(right)}"
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                if _speaks_of_parameters(patient, value):
                    yield f"len({ast.unparse(value)}) > 0"
                    if isinstance(index, ast.Constant) and isinstance(index.value, int):
                        yield f"len({ast.unparse(value)}) > {index.value}"
                if _speaks_of_parameters(patient, node) and not isinstance(index, ast.Constant):
                    yield f"{ast.unparse(index)} in {ast.unparse(value)}"
                    yield f"0 <= {ast.unparse(index)} < len({ast.unparse(value)})"
            case ast.Call(func=ast.Name(id="min" | "max"), args=[only]):
                if _speaks_of_parameters(patient, only):
                    yield f"len({ast.unparse(only)}) > 0"
            case ast.Attribute(value=value) if _speaks_of_parameters(patient, value):
                yield f"{ast.unparse(value)} is not None"
            case ast.Assert(test=test) if _speaks_of_parameters(patient, test):
                yield ast.unparse(test)
            case ast.Compare() if _speaks_of_parameters(patient, node):
                yield from _either_way(node)
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                if not isinstance(test, ast.Compare) and _speaks_of_parameters(patient, test):
                    yield ast.unparse(test)
                    yield f"not ({ast.unparse(test)})"


def _either_way(node: ast.Compare) -> Iterator[str]:
    yield ast.unparse(node)
    if len(node.ops) != 1:
        yield f"not ({ast.unparse(node)})"
        return
    others = {_TURNED[type(node.ops[0])]}
    if isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        others |= {ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.NotEq} - {type(node.ops[0])}
    for other in sorted(others, key=lambda o: o.__name__):
        yield ast.unparse(ast.Compare(node.left, [other()], node.comparators))


def _from_clauses(patient: Patient) -> Iterator[str]:
    """What the specification compares, with the result's place left out."""
    for clause in patient.function.clauses:
        if clause.kind == "example" or not clause.expression:
            continue
        for node in ast.walk(ast.parse(clause.expression, mode="eval")):
            if isinstance(node, ast.Compare) and _speaks_of_parameters(patient, node):
                yield from _either_way(node)
            elif isinstance(node, ast.Compare) and len(node.ops) == 2:
                # What lies between two bounds asks that they are in order.
                outer = ast.Compare(node.left, [ast.LtE()], [node.comparators[1]])
                if _speaks_of_parameters(patient, outer):
                    yield ast.unparse(outer)
                    yield ast.unparse(ast.Compare(node.left, [ast.Lt()], [node.comparators[1]]))


def _from_calls(patient: Patient) -> Iterator[str]:
    """What callees of the file require, said of the arguments that they are given."""
    irs = {f.name: f for f in patient.module.functions}
    for call in ast.walk(patient.node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        callee = irs.get(call.func.id)
        if callee is None:
            continue
        names = [p.name for p in callee.signature.parameters]
        given = dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
        for clause in callee.clauses:
            if not isinstance(clause, Requires) or not clause.expression or clause.holes:
                continue
            tree = _Given(given).visit(copy.deepcopy(ast.parse(clause.expression, mode="eval").body))
            if _speaks_of_parameters(patient, tree):
                yield ast.unparse(ast.fix_missing_locations(tree))


class _Given(ast.NodeTransformer):
    """A callee's clause about its caller's arguments."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._given.get(node.id, node))
