"""Writes what a docstring states into the code, so that it is enforced where the program runs.

As icontract decorators, or as plain assertions at the head of the body and before each return. What is
written says the same as the docstring, which stays: checks go on, and find both to agree.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lift_ir import Clause, Ensures, Function, Position, Requires, Span

from lift.edit.imports import add_imports
from lift.edit.text import Edit, Failure, line_end
from lift.source.positions import LineIndex

Style = Literal["icontract", "assert"]
_Def = ast.FunctionDef | ast.AsyncFunctionDef


def enforce(text: str, function: Function, style: Style) -> tuple[Edit, ...] | Failure:
    """The edits that enforce the checked Requires and Ensures of a function.

    Args:
        text: The module's text, which ``function`` was extracted from.
    """
    node = _definition(text, function)
    if node is None:
        return Failure("The function is not where its specification says.")
    clauses = [c for c in function.clauses if _can_be_written(c)]
    if not clauses:
        return Failure(
            f"{function.name} states nothing that can be evaluated: no checked clause without holes."
        )
    if function.is_generator and any(isinstance(c, Ensures) for c in clauses):
        return Failure(f"{function.name} is a generator, whose Ensures cannot be enforced at its return.")
    names = frozenset(p.name for p in function.signature.parameters)
    index = LineIndex(text)
    if style == "icontract":
        return _decorated(index, function, node, clauses, names)
    return _asserted(index, function, node, clauses, names)


def _can_be_written(clause: Clause) -> bool:
    if not isinstance(clause, Requires | Ensures) or clause.holes or clause.expression is None:
        return False
    return clause.source in ("docstring", "pep316", "annotated", "field")


def _definition(text: str, function: Function) -> _Def | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, _Def) and (node.name, node.lineno) == (
            function.name,
            function.name_span.start.line,
        ):
            return node
    return None


@dataclass
class _Plain(ast.NodeTransformer):
    """A clause in Python's own words.

    Attributes:
        result: What the result is called.
        old: Gives what stands for an old value.
        olds: The expressions whose values are kept before the call.
    """

    result: str
    old: str
    olds: list[str] = field(default_factory=list)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(func=ast.Name(id="old"), args=[inner], keywords=[]):
                text = ast.unparse(inner)
                if text not in self.olds:
                    self.olds.append(text)
                return ast.parse(self.old.format(self.olds.index(text)), mode="eval").body
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion], keywords=[]):
                negated = ast.UnaryOp(ast.Not(), self.visit(premise))
                return ast.BoolOp(ast.Or(), [negated, self.visit(conclusion)])
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.result, node.ctx) if node.id in ("__return__", "result") else node


def _written(clause: Clause, plain: _Plain, names: frozenset[str]) -> str:
    tree = ast.parse(clause.expression or "", mode="eval").body
    if "result" in names:
        # Here `result` is a parameter, and the result is written `__return__`.
        tree = _Hidden().visit(tree)
    text = ast.unparse(ast.fix_missing_locations(plain.visit(copy.deepcopy(tree))))
    return text.replace(_PARAMETER, "result")


def _spelt_out(expression: str) -> str:
    """A clause without ``implies`` and copies, to compare it with one that a decorator states."""
    plain = _Plain("result", "old({})")
    tree = plain.visit(_Uncopied().visit(ast.parse(expression, mode="eval").body))
    return ast.unparse(ast.fix_missing_locations(tree)) + "; ".join(["", *plain.olds])


class _Uncopied(ast.NodeTransformer):
    """Without the copies that snapshots make."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="copy"), attr="deepcopy"), args=[inner]):
                return inner
        return node


_PARAMETER = "__parameter_result__"


class _Hidden(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(_PARAMETER, node.ctx) if node.id == "result" else node


def _used(text: str, names: Sequence[str]) -> list[str]:
    """Those of ``names`` that an expression speaks of, in their order."""
    found = {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}
    return [name for name in names if name in found]


# Decorators.


def _decorated(
    index: LineIndex, function: Function, node: _Def, clauses: Sequence[Clause], names: frozenset[str]
) -> tuple[Edit, ...] | Failure:
    if names & {"result", "OLD"} and any(isinstance(c, Ensures) for c in clauses):
        return Failure(
            "icontract calls the result `result` and old values `OLD`, as a parameter is called here."
        )
    there = {_spelt_out(c.expression) for c in function.clauses if c.source == "icontract" and c.expression}
    parameters = [p.name for p in function.signature.parameters]
    plain = _Plain("result", "OLD.old_{}")
    rows: list[str] = []
    for clause in clauses:
        if _spelt_out(clause.expression or "") in there:
            continue
        text = _written(clause, plain, names)
        if isinstance(clause, Requires):
            rows.append(f"@icontract.require({_lambda(_used(text, parameters), text)})")
        else:
            rows.append(f"@icontract.ensure({_lambda(_used(text, [*parameters, 'result', 'OLD']), text)})")
    if not rows:
        return Failure("Every clause is enforced by icontract already.")
    # A snapshot wraps what has a postcondition already, and so stands above it.
    kept = [
        f'@icontract.snapshot({_lambda(_used(old, parameters), _copied(old))}, name="old_{n}")'
        for n, old in enumerate(plain.olds)
    ]
    end = line_end(index.text)
    row = index.line(node.lineno)
    indent = row[: len(row) - len(row.lstrip(" \t"))]
    place = Position(line=node.lineno, column=0)
    text = "".join(f"{indent}{line}{end}" for line in (*kept, *rows))
    wanted = ["import icontract", *(["import copy"] if kept else [])]
    return (*add_imports(index.text, wanted), Edit(Span(start=place, end=place), text))


def _lambda(names: Sequence[str], body: str) -> str:
    return f"lambda {', '.join(names)}: {body}" if names else f"lambda: {body}"


def _copied(expression: str) -> str:
    """The value as it is now, whatever the call does to it; a length is a number of its own."""
    match ast.parse(expression, mode="eval").body:
        case ast.Call(func=ast.Name(id="len" | "sum" | "str" | "int")):
            return expression
    return f"copy.deepcopy({expression})"


# Assertions.

_RESULTS = ("result", "returned", "outcome")
_OLDS = ("old_{}", "before_{}")


def _texts(clauses: Sequence[Clause], plain: _Plain, names: frozenset[str]) -> list[str]:
    return [_written(clause, plain, names) for clause in clauses]


def _asserted(
    index: LineIndex, function: Function, node: _Def, clauses: Sequence[Clause], names: frozenset[str]
) -> tuple[Edit, ...] | Failure:
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | names
    there = {ast.dump(n.test) for n in ast.walk(node) if isinstance(n, ast.Assert)}
    for result, prefix in itertools.product(_RESULTS, _OLDS):
        texts = _texts(clauses, _Plain(result, prefix), names)
        if all(ast.dump(ast.parse(text, mode="eval").body) in there for text in texts):
            return Failure("Every clause is asserted already.")
    result = next((name for name in _RESULTS if name not in used), None)
    prefix = next((p for p in _OLDS if not any(u.startswith(p[:-2]) for u in used)), None)
    if result is None or prefix is None:
        return Failure("The function uses every name that its result or its old values could have.")
    plain = _Plain(result, prefix)
    texts = _texts(clauses, plain, names)
    entry = [f"assert {t}" for t, c in zip(texts, clauses, strict=True) if isinstance(c, Requires)]
    exits = [f"assert {t}" for t, c in zip(texts, clauses, strict=True) if isinstance(c, Ensures)]
    olds = [f"{prefix.format(n)} = {_copied(old)}" for n, old in enumerate(plain.olds)]
    found = list(_edits(index, function, node, [*entry, *olds], exits, result))
    failed = next((one for one in found if isinstance(one, Failure)), None)
    if failed is not None:
        return failed
    edits = [one for one in found if isinstance(one, Edit)]
    imports = ["import copy"] if any("copy.deepcopy" in row for row in olds) else []
    return (*add_imports(index.text, imports), *edits)


def _edits(
    index: LineIndex, function: Function, node: _Def, entry: list[str], exits: list[str], result: str
) -> Iterator[Edit | Failure]:
    end = line_end(index.text)
    body = node.body[1:] if function.docstring_span is not None else node.body
    if not body or node.lineno == body[0].lineno:
        yield Failure("The body stands on the header's line; put it on lines of its own first.")
        return
    indent = _indent(index, body[0])
    if indent is None:
        yield Failure("A statement shares its line with another one; put it on a line of its own first.")
        return
    if entry:
        place = Position(line=_first_line(body[0]), column=0)
        yield Edit(Span(start=place, end=place), "".join(f"{indent}{row}{end}" for row in entry))
    if not exits:
        return
    for statement in _returns(body):
        own = _indent(index, statement)
        if own is None:
            yield Failure(
                f"The return in line {statement.lineno} shares its line; put it on a line of its own."
            )
            return
        start = index.from_ast(statement.lineno, statement.col_offset)
        last = index.from_ast(statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
        value = "None" if statement.value is None else _source(index, statement.value)
        rows = [f"{result} = {value}", *exits]
        rows.append(f"return {result}" if statement.value is not None else "return")
        yield Edit(Span(start=start, end=last), f"{end}{own}".join(rows))
    if _falls_off(body):
        rows = [f"{result} = None", *exits] if any(result in row for row in exits) else exits
        place = index.from_ast(node.end_lineno or node.lineno, node.end_col_offset or 0)
        yield Edit(Span(start=place, end=place), "".join(f"{end}{indent}{row}" for row in rows))


def _source(index: LineIndex, node: ast.expr) -> str:
    start = index.from_ast(node.lineno, node.col_offset)
    last = index.from_ast(node.end_lineno or node.lineno, node.end_col_offset or 0)
    text = index.text_at(Span(start=start, end=last))
    # Parentheses around the value are not part of it, and several lines hold together only with them.
    return f"({text})" if "\n" in text or isinstance(node, ast.Tuple) else text


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def _indent(index: LineIndex, statement: ast.stmt) -> str | None:
    """The indentation of a statement that begins its line, else None."""
    before = index.line(statement.lineno)[: index.from_ast(statement.lineno, statement.col_offset).column]
    return before if not before.strip() else None


def _returns(body: Sequence[ast.stmt]) -> Iterator[ast.Return]:
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))


def _falls_off(body: Sequence[ast.stmt]) -> bool:
    """Whether the end may be reached; at worst what is written there is never run."""
    match body[-1]:
        case ast.Return() | ast.Raise():
            return False
        case ast.If(body=then, orelse=other) if other:
            return _falls_off(then) or _falls_off(other)
    return True
