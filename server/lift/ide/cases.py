"""A counterexample put into the notation: as a doctest of what should hold, or as inputs to rule out.

The value that a refuted function returned is wrong by its own specification, so that it is never written
down as the expected one: the doctest states the clause for that input, and fails until the code is mended.
Must not know LSP.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lift_ir import Clause, ClauseResult, Counterexample, Function, Raises

_RESULT_NAMES = ("result", "__return__")


def doctest_of(function: Function, clause: Clause | None, found: ClauseResult) -> tuple[str, ...] | None:
    """The lines of a doctest that fails as long as the clause is broken for the input; None if none can.

    ``sum(result) == amount`` refuted by ``allocate(1, [1, 1])`` becomes ``sum(allocate(1, [1, 1])) == 1``.
    """
    case = found.counterexample
    if case is None or not case.call or clause is None or clause.expression is None:
        return None
    setup = tuple(f">>> {line}" for line in case.setup)
    if isinstance(clause, Raises):
        if not clause.exact or case.outcome.kind != "returned":
            return None
        call = f">>> {case.call}  # doctest: +IGNORE_EXCEPTION_DETAIL"
        return (*setup, call, "Traceback (most recent call last):", "    ...", clause.exception)
    if clause.kind != "ensures" or clause.holes:
        return None
    try:
        tree = ast.parse(clause.expression, mode="eval").body
        arguments = {name: ast.parse(text, mode="eval").body for name, text in case.arguments.items()}
        call_tree = ast.parse(case.call, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    used = _names(tree)
    results = sum(used.count(name) for name in _RESULT_NAMES)
    mutable = any(name in used for name in _mutated(function))
    if results == 1 and not mutable and not case.setup:
        condition = _written(_Substitution(arguments, call_tree, _implies(tree)))
        return None if condition is None else (f">>> {condition}", "True")
    return _long_form(case, tree, arguments, setup, used)


def _long_form(
    case: Counterexample,
    tree: ast.expr,
    arguments: dict[str, ast.expr],
    setup: tuple[str, ...],
    used: list[str],
) -> tuple[str, ...] | None:
    """With names for the arguments, for clauses that look at them after the call or at the result twice."""
    named = [name for name in arguments if name in used]
    condition = _written(_Substitution({}, ast.Name("result"), _implies(tree), arguments))
    if condition is None:
        return None
    lines = [*setup, *(f">>> {name} = {case.arguments[name]}" for name in named)]
    try:
        call = ast.parse(case.call, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines.append(f">>> result = {ast.unparse(_with_names(call, arguments, named))}")
    return (*lines, f">>> {condition}", "True")


def _with_names(call: ast.expr, arguments: dict[str, ast.expr], named: list[str]) -> ast.expr:
    """The call with its arguments given by name where the names have been bound above it."""
    if not isinstance(call, ast.Call):
        return call
    by_text = {ast.unparse(arguments[name]): name for name in reversed(named)}
    free = dict(zip(arguments, call.args, strict=False))
    places = {id(node): name for name, node in free.items() if name in named}
    positional = [ast.Name(places[id(a)]) if id(a) in places else a for a in call.args]
    keywords = [
        ast.keyword(k.arg, ast.Name(by_text[ast.unparse(k.value)]) if k.arg in named else k.value)
        if ast.unparse(k.value) in by_text
        else k
        for k in call.keywords
    ]
    return ast.Call(call.func, positional, keywords)


def exclusions_of(function: Function, found: ClauseResult, text: str = "") -> tuple[str, ...]:
    """Preconditions that rule the input out, the simplest first; none if the input cannot be written down.

    Args:
        text: The module, in which the line that raised is looked up.
    """
    case = found.counterexample
    if case is None or case.setup or not case.arguments:
        return ()
    names = {p.name for p in function.signature.parameters}
    if not set(case.arguments) <= names:
        return ()
    values: dict[str, object] = {}
    for name, value in case.arguments.items():
        try:
            values[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return ()
    simple = list(_general(case, values, text))
    exact = [_differs(name, value, values[name]) for name, value in case.arguments.items()]
    if len(exact) > 1:
        same = " and ".join(_equals(n, t, values[n]) for n, t in case.arguments.items())
        exact = [f"not ({same})"]
    return tuple(dict.fromkeys([*simple, *exact]))


def _general(case: Counterexample, values: dict[str, object], text: str) -> Iterator[str]:
    """Conditions that are broken by the one value that is known for the trouble that was seen."""
    if case.outcome.kind != "raised":
        return
    raised = case.outcome.exception
    blamed = _blamed(text, case.outcome.line, raised)
    if raised == "ZeroDivisionError":
        zeros = [n for n, v in values.items() if v == 0 and isinstance(v, (int, float)) and v is not False]
        yield from (f"{name} != 0" for name in _only(zeros, blamed))
    if raised in ("IndexError", "KeyError", "ValueError", "ZeroDivisionError", "StopIteration"):
        empty = [n for n, v in values.items() if isinstance(v, (list, tuple, dict, set, str)) and not v]
        yield from (f"len({name}) > 0" for name in _only(empty, blamed))
    if raised in ("AttributeError", "TypeError"):
        nothing = [n for n, v in values.items() if v is None]
        yield from (f"{name} is not None" for name in _only(nothing, blamed))


def _only(names: list[str], blamed: set[str]) -> list[str]:
    """The one name that can be meant, none if it could be several."""
    chosen = [n for n in names if n in blamed] if len(names) > 1 else names
    return chosen if len(chosen) == 1 else []


def _blamed(text: str, line: int | None, raised: str) -> set[str]:
    """The names that stand where such an exception comes from: divisors, indexed and asked objects."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    places: list[ast.AST] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or not node.lineno <= (line or 0) <= (node.end_lineno or 0):
            continue
        match node:
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=right):
                places.extend([right] if raised == "ZeroDivisionError" else [])
            case ast.Subscript(value=value) | ast.Attribute(value=value):
                places.append(value)
            case ast.Call(func=ast.Name(id="min" | "max" | "next" | "len"), args=[only, *_]):
                places.append(only)
    return {name for place in places for name in _names(place)}


def _equals(name: str, text: str, value: object) -> str:
    # True == 1 in Python, so that a comparison with == would rule out more than was seen.
    return f"{name} is {text}" if value is None or isinstance(value, bool) else f"{name} == {text}"


def _differs(name: str, text: str, value: object) -> str:
    return f"{name} is not {text}" if value is None or isinstance(value, bool) else f"{name} != {text}"


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _mutated(function: Function) -> set[str]:
    return {target.partition(".")[0].partition("[")[0] for target in function.effects.mutates}


class _Substitution(ast.NodeTransformer):
    """Puts values in the place of parameters and of the result, those of before the call into ``old``."""

    def __init__(
        self,
        values: dict[str, ast.expr],
        result: ast.expr,
        tree: ast.expr,
        olds: dict[str, ast.expr] | None = None,
    ) -> None:
        self._values = values
        self._result = result
        self._olds = values if olds is None else olds
        self.tree = tree

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in _RESULT_NAMES:
            return self._result
        return self._values.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1:
            return _Substitution(self._olds, self._result, node.args[0]).substituted()
        self.generic_visit(node)
        return node

    def substituted(self) -> ast.expr:
        return self.visit(self.tree)


class _Implication(ast.NodeTransformer):
    """``implies(p, q)`` is lift's word; a doctest says ``not p or q``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "implies" and len(node.args) == 2:
            return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), node.args[0]), node.args[1]])
        return node


def _implies(tree: ast.expr) -> ast.expr:
    return _Implication().visit(tree)


def _written(substitution: _Substitution) -> str | None:
    try:
        text = ast.unparse(ast.fix_missing_locations(substitution.substituted()))
    except (RecursionError, ValueError):
        return None
    return None if "\n" in text or len(text) > 300 else text
