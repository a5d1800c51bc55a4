"""Specifications that the body itself states: guards at its head, and assertions at the heads of loops.

A guard says when its exception is raised, but only where nothing else in the body can raise the same one
does it say so exactly. Must not import other parts of lift than this package.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from lift_ir import Invariant, Raises

from lift.extract import notation
from lift.extract.draft import Draft, clause_id
from lift.extract.nodes import span_of

Loop = ast.For | ast.AsyncFor | ast.While
_NOT_A_CONDITION = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
# What Python itself raises without a raise statement: a body may always do that somewhere else too.
_IMPLICIT = frozenset(
    [
        "BaseException",
        "Exception",
        "ArithmeticError",
        "ZeroDivisionError",
        "OverflowError",
        "FloatingPointError",
        "LookupError",
        "IndexError",
        "KeyError",
        "AttributeError",
        "TypeError",
        "NameError",
        "UnboundLocalError",
        "AssertionError",
        "StopIteration",
        "StopAsyncIteration",
        "RecursionError",
        "RuntimeError",
        "MemoryError",
        "ImportError",
        "ModuleNotFoundError",
    ]
)
_SILENT_CALLS = frozenset(
    [
        "len",
        "isinstance",
        "issubclass",
        "abs",
        "bool",
        "str",
        "repr",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "range",
        "enumerate",
        "zip",
        "sorted",
        "reversed",
        "print",
        "id",
        "type",
        "callable",
    ]
)
_SILENT_METHODS = frozenset(
    [
        "append",
        "extend",
        "add",
        "update",
        "copy",
        "keys",
        "values",
        "items",
        "get",
        "clear",
        "sort",
        "reverse",
    ]
)


def read_guards(draft: Draft, body: Sequence[ast.stmt]) -> None:
    """Adds a Raises clause for every ``if c: raise E`` at the head of a body (without its docstring)."""
    if not body or not isinstance(body[0], ast.If):
        return
    guards, rest = _head(body)
    stated = {clause.id for clause in draft.clauses}
    earlier: set[str] = set()
    for test, exception in guards:
        expression = notation.unparse(test)
        if expression is None:
            break
        certain = _raised_only_by_guards(exception, guards, rest)
        identity = clause_id("raises", f"{exception}:{expression}")
        if identity not in stated:
            span = span_of(draft.index, test)
            draft.clauses.append(
                Raises(
                    id=identity,
                    text=draft.index.text_at(span),
                    expression=expression if certain else None,
                    span=span,
                    source="guard",
                    exception=exception,
                    exact=certain and earlier <= {exception},
                )
            )
        earlier.add(exception)


def read_loop_assertions(draft: Draft, loops: Sequence[Loop]) -> None:
    """Adds an Invariant for every assertion that leads the body of a loop."""
    for loop in loops:
        for statement in loop.body:
            if not isinstance(statement, ast.Assert):
                break
            expression = notation.unparse(statement.test)
            if expression is None:
                break
            span = span_of(draft.index, statement.test)
            message = statement.msg
            prose = (
                message.value if isinstance(message, ast.Constant) and isinstance(message.value, str) else ""
            )
            draft.clauses.append(
                Invariant(
                    id=clause_id("invariant", expression),
                    text=draft.index.text_at(span),
                    expression=expression,
                    prose=prose,
                    span=span,
                    source="assert",
                    loop_line=loop.lineno,
                )
            )


def _head(body: Sequence[ast.stmt]) -> tuple[list[tuple[ast.expr, str]], list[ast.stmt]]:
    """The guards at the head of a body as (condition, exception), and the statements after them."""
    guards: list[tuple[ast.expr, str]] = []
    for number, statement in enumerate(body):
        found = _guards_of(statement)
        if found is None:
            return guards, list(body[number:])
        guards.extend(found)
    return guards, []


def _guards_of(statement: ast.stmt) -> list[tuple[ast.expr, str]] | None:
    """The guards that an ``if`` statement and its ``elif`` branches are, None if it is something else."""
    found: list[tuple[ast.expr, str]] = []
    while isinstance(statement, ast.If):
        exception = _raised_by(statement.body)
        if exception is None or any(isinstance(n, _NOT_A_CONDITION) for n in ast.walk(statement.test)):
            return None
        found.append((statement.test, exception))
        if not statement.orelse:
            return found
        if len(statement.orelse) != 1:
            return None
        statement = statement.orelse[0]
    return None


def _raised_by(body: Sequence[ast.stmt]) -> str | None:
    """The exception that a block always raises; it may put its message together first."""
    *before, last = body
    if not isinstance(last, ast.Raise) or last.exc is None:
        return None
    if not all(
        isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant | ast.JoinedStr) for s in before
    ):
        return None
    return _exception_name(last)


def _exception_name(statement: ast.Raise) -> str | None:
    """The class that a raise statement names, None if it raises whatever a variable holds."""
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    parts: list[str] = []
    while isinstance(raised, ast.Attribute):
        parts.append(raised.attr)
        raised = raised.value
    if not isinstance(raised, ast.Name):
        return None
    parts.append(raised.id)
    return ".".join(reversed(parts)) if parts[0][:1].isupper() else None


def _raised_only_by_guards(
    exception: str, guards: list[tuple[ast.expr, str]], rest: Sequence[ast.stmt]
) -> bool:
    """True if no other statement, call or other guard of the function can raise the exception."""
    if exception in _IMPLICIT:
        return False
    if any(other != exception and _related(other, exception) for _, other in guards):
        return False
    # The conditions run too, and what they call may raise.
    for part in (*(test for test, _ in guards), *rest):
        for node in ast.walk(part):
            if isinstance(node, ast.Raise):
                other = _exception_name(node)
                if other is None or _related(other, exception):
                    return False
            elif (isinstance(node, ast.Call) and not _is_silent(node.func)) or isinstance(
                node, ast.Import | ast.ImportFrom | ast.With | ast.AsyncWith | ast.Await
            ):
                return False
    return True


def _is_silent(callee: ast.expr) -> bool:
    if isinstance(callee, ast.Name):
        return callee.id in _SILENT_CALLS or callee.id in _EXCEPTION_NAMES
    return isinstance(callee, ast.Attribute) and callee.attr in _SILENT_METHODS


def _related(one: str, other: str) -> bool:
    """True if catching the one might catch the other; builtins are known, all else may be."""
    first, second = _EXCEPTION_NAMES.get(one), _EXCEPTION_NAMES.get(other)
    if first is None or second is None:
        return True
    return issubclass(first, second) or issubclass(second, first)


_EXCEPTION_NAMES: dict[str, type[BaseException]] = {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
