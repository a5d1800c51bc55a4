"""Small changes of a body: the slips that people make, each as the edit that undoes it.

An edit replaces exactly the characters that are wrong, so that formatting and comments stay.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lift_ir import Span

from lift.edit import Edit, apply
from lift.resolve.repair.patient import Patient
from lift.source.positions import LineIndex

_MOST = 400
_COMPARISONS = {
    "<": ("<=", ">", ">="),
    "<=": ("<", ">=", ">"),
    ">": (">=", "<", "<="),
    ">=": (">", "<=", "<"),
}
_EQUALITIES = {"==": ("!=", "<=", ">="), "!=": ("==", "<", ">"), "is": ("is not",), "is not": ("is",)}
_MEMBERS = {"in": ("not in",), "not in": ("in",)}
_COMPARED = {**_COMPARISONS, **_EQUALITIES, **_MEMBERS}
_ARITHMETIC = {
    "+": ("-", "*"),
    "-": ("+",),
    "*": ("+", "//", "**"),
    "//": ("%", "*"),
    "%": ("//",),
    "/": ("//", "*"),
}
_ASSIGNED = {"+=": ("-=", "=", "*="), "-=": ("+=", "="), "*=": ("+=", "="), "//=": ("%=",), "%=": ("//=",)}
_NAMES = {
    "min": ("max",),
    "max": ("min",),
    "any": ("all",),
    "all": ("any",),
    "sorted": ("reversed",),
    "append": ("extend",),
    "extend": ("append",),
    "add": ("discard",),
    "startswith": ("endswith",),
    "endswith": ("startswith",),
    "lower": ("upper",),
    "upper": ("lower",),
    "keys": ("values",),
    "values": ("keys",),
    "break": ("continue",),
    "continue": ("break",),
}
_OPERATOR = re.compile(
    r"<=|>=|==|!=|\bis\s+not\b|\bnot\s+in\b|\bis\b|\bin\b|\*\*|//|[-+*%/<>]|\band\b|\bor\b"
)
_ATOMS = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript)


@dataclass(frozen=True)
class Mutant:
    """A changed body.

    Attributes:
        edits: The change.
        cost: How large a change it is; small ones are what people mean.
        line: Where it is.
        before: What stood there.
        after: What stands there now.
    """

    edits: tuple[Edit, ...]
    cost: int
    line: int
    before: str
    after: str

    @property
    def title(self) -> str:
        """What the menu says."""
        return f"Change `{_short(self.before)}` to `{_short(self.after)}` in line {self.line}"


def mutants_of(patient: Patient) -> list[Mutant]:
    """The changed bodies, each once, the smallest change first."""
    maker = _Maker(patient.index, patient.node)
    found: dict[str, Mutant] = {}
    body = patient.node.body[1:] if patient.function.docstring_span is not None else patient.node.body
    for statement in body:
        for node in _outside_asserts(statement):
            for mutant in maker.of(node):
                changed = apply(patient.text, mutant.edits)
                if changed != patient.text:
                    found.setdefault(changed, mutant)
    ordered = sorted(found.values(), key=lambda m: (m.cost, m.line))
    return ordered[:_MOST]


def _outside_asserts(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without what it asserts, which is specification rather than code."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.Assert):
            yield node
            pending.extend(ast.iter_child_nodes(node))


def mutants_in(patient: Patient, part: ast.AST) -> list[Mutant]:
    """The changes of one part of the body, which may be an assert's condition."""
    maker = _Maker(patient.index, patient.node)
    return [mutant for node in ast.walk(part) for mutant in maker.of(node)]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "..."


@dataclass
class _Maker:
    """Makes mutants of one function's nodes."""

    index: LineIndex
    function: ast.FunctionDef

    def __post_init__(self) -> None:
        arguments = self.function.args
        plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.kinds = {a.arg: ast.unparse(a.annotation) if a.annotation else "" for a in plain}
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                # A variable has no annotation as a rule; a run shows whether it fits.
                self.kinds.setdefault(node.id, "")
        self.called = {id(n.func) for n in ast.walk(self.function) if isinstance(n, ast.Call)}
        self.parents = {
            id(child): node for node in ast.walk(self.function) for child in ast.iter_child_nodes(node)
        }

    def of(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Compare():
                yield from self._compare(node)
            case ast.BinOp():
                yield from self._binary(node)
            case ast.BoolOp(values=values):
                swap = {"and": ("or",), "or": ("and",)}
                if len(values) == 2:
                    yield from self._operator(values[0], values[1], swap, 2, node)
                    yield from self._keep(node, values[0], 6)
                    yield from self._keep(node, values[1], 6)
            case ast.AugAssign(target=target, value=value):
                yield from self._augmented(node, target, value)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield from self._keep(node, operand, 3)
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                yield from self._keep(node, operand, 3)
            case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                yield from self._constant(node)
            case ast.Call():
                yield from self._call(node)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._swap(body, orelse, 3, node)
                yield from self._negated(node.test)
            case ast.If(test=test) | ast.While(test=test):
                yield from self._negated(test)
            case ast.Name(ctx=ast.Load()):
                yield from self._name(node)
            case ast.Attribute(attr=attr) if attr in _NAMES:
                span = self._attribute_span(node)
                if span is not None:
                    for other in _NAMES[attr]:
                        yield self._plain(span, other, 2)
            case ast.Subscript():
                yield from self._subscript(node)
            case ast.Return(value=ast.expr() as value):
                yield from self._returned(value)
            case ast.Break() | ast.Continue():
                word = "break" if isinstance(node, ast.Break) else "continue"
                yield self._plain(self._span(node), _NAMES[word][0], 4)

    def _span(self, node: ast.AST) -> Span:
        assert isinstance(node, ast.expr | ast.stmt)
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.index.span_from_ast(node.lineno, node.col_offset, end_line, end_column)

    def _text(self, node: ast.AST) -> str:
        return self.index.text_at(self._span(node))

    def _plain(self, span: Span, new: str, cost: int) -> Mutant:
        return Mutant((Edit(span, new),), cost, span.start.line, self.index.text_at(span), new)

    def _whole(self, node: ast.AST, edits: Sequence[Edit], cost: int) -> Mutant:
        """A mutant that is shown as the change of all of ``node``."""
        span = self._span(node)
        start, before = self.index.offset(span.start), self._text(node)
        shifted = [
            (self.index.offset(e.span.start) - start, self.index.offset(e.span.end) - start, e.text)
            for e in edits
        ]
        after = before
        for first, last, new in sorted(shifted, reverse=True):
            after = after[:first] + new + after[last:]
        return Mutant(tuple(edits), cost, span.start.line, before, after)

    def _gap(self, left: ast.expr, right: ast.expr) -> tuple[Span, str] | None:
        """The operator between two operands, if it is plain which characters are it."""
        start = self.index.offset(self._span(left).end)
        end = self.index.offset(self._span(right).start)
        gap = self.index.text[start:end]
        found = list(_OPERATOR.finditer(gap))
        if len(found) != 1 or "#" in gap:
            return None
        span = self.index.span(start + found[0].start(), start + found[0].end())
        return span, " ".join(found[0].group().split())

    def _operator(
        self, left: ast.expr, right: ast.expr, table: dict[str, tuple[str, ...]], cost: int, node: ast.AST
    ) -> Iterator[Mutant]:
        found = self._gap(left, right)
        if found is None:
            return
        span, operator = found
        for place, other in enumerate(table.get(operator, ())):
            yield self._whole(node, [Edit(span, other)], cost + place)

    def _compare(self, node: ast.Compare) -> Iterator[Mutant]:
        operands = [node.left, *node.comparators]
        for left, right in itertools.pairwise(operands):
            yield from self._operator(left, right, _COMPARED, 1, node)
        if len(operands) == 2 and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            for operand in operands:
                yield from self._by_one(operand, 3, node)

    def _binary(self, node: ast.BinOp) -> Iterator[Mutant]:
        yield from self._operator(node.left, node.right, _ARITHMETIC, 3, node)
        one = isinstance(node.right, ast.Constant) and node.right.value in (1, 2)
        if one and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv):
            yield from self._keep(node, node.left, 2)
        elif isinstance(node.op, ast.Sub | ast.FloorDiv | ast.Mod):
            yield from self._swap(node.left, node.right, 4, node)
        else:
            yield from self._keep(node, node.left, 6)
            yield from self._keep(node, node.right, 6)

    def _augmented(self, node: ast.AugAssign, target: ast.expr, value: ast.expr) -> Iterator[Mutant]:
        start = self.index.offset(self._span(target).end)
        end = self.index.offset(self._span(value).start)
        match = re.search(r"(\*\*|//|[-+*%/|&^])=", self.index.text[start:end])
        if match is None:
            return
        span = self.index.span(start + match.start(), start + match.end())
        for place, other in enumerate(_ASSIGNED.get(match.group(), ())):
            yield self._whole(node, [Edit(span, other)], 2 + place)

    def _keep(self, node: ast.expr, part: ast.expr, cost: int) -> Iterator[Mutant]:
        """The expression with one part of it left alone."""
        yield self._plain(self._span(node), self._wrapped(part, self._text(part)), cost)

    def _wrapped(self, node: ast.expr, text: str) -> str:
        return text if isinstance(node, _ATOMS) else f"({text})"

    def _swap(self, first: ast.expr, second: ast.expr, cost: int, node: ast.AST) -> Iterator[Mutant]:
        one, two = self._wrapped(first, self._text(first)), self._wrapped(second, self._text(second))
        yield self._whole(node, [Edit(self._span(first), two), Edit(self._span(second), one)], cost)

    def _constant(self, node: ast.expr) -> Iterator[Mutant]:
        parent = self.parents.get(id(node))
        if (
            isinstance(node, ast.Constant)
            and isinstance(parent, ast.UnaryOp)
            and isinstance(parent.op, ast.USub)
        ):
            return
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            return
        span = self._span(node)
        if isinstance(value, bool):
            yield self._plain(span, str(not value), 2)
        elif isinstance(value, int):
            near = [value + 1, value - 1, 0, 1, -value]
            for place, other in enumerate(dict.fromkeys(n for n in near if n != value)):
                yield self._plain(span, str(other), 1 + place)
            yield from self._initial(node, parent)

    def _initial(self, node: ast.expr, parent: ast.AST | None) -> Iterator[Mutant]:
        """The first element in the place of a constant that a search begins with."""
        if not isinstance(parent, ast.Assign):
            return
        for name, kind in self.kinds.items():
            if kind.startswith(("list[", "tuple[", "str")):
                yield self._plain(self._span(node), f"{name}[0]", 4)

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        arguments = node.args
        if any(isinstance(a, ast.Starred) for a in arguments):
            return
        for first, second in itertools.pairwise(arguments):
            yield from self._swap(first, second, 3, node)
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            for argument in arguments:
                yield from self._by_one(argument, 2, node)
            if len(arguments) == 1:
                place = self._span(arguments[0]).start
                yield self._whole(node, [Edit(Span(start=place, end=place), "1, ")], 3)
        if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
            for other in _NAMES[node.func.id]:
                yield self._plain(self._span(node.func), other, 2)

    def _by_one(self, node: ast.expr, cost: int, shown: ast.AST) -> Iterator[Mutant]:
        """One more and one less, where that is not the change of a constant."""
        if isinstance(node, ast.Constant | ast.UnaryOp):
            return
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
            return
        if not isinstance(node, (*_ATOMS, ast.BinOp)):
            return
        text = self._text(node)
        inner = text if isinstance(node, _ATOMS) else f"({text})"
        for sign in ("+", "-"):
            yield self._whole(shown, [Edit(self._span(node), f"{inner} {sign} 1")], cost)

    def _negated(self, test: ast.expr) -> Iterator[Mutant]:
        if isinstance(test, ast.Compare | ast.UnaryOp):
            return
        yield self._plain(self._span(test), f"not {self._wrapped(test, self._text(test))}", 3)

    def _name(self, node: ast.Name) -> Iterator[Mutant]:
        if id(node) in self.called or node.id not in self.kinds:
            return
        kind = self.kinds[node.id]
        others = [n for n, k in self.kinds.items() if n != node.id and (k == kind or "" in (k, kind))]
        for other in others[:6]:
            yield self._plain(self._span(node), other, 4)

    def _attribute_span(self, node: ast.Attribute) -> Span | None:
        end = self.index.offset(self._span(node).end)
        start = end - len(node.attr)
        return self.index.span(start, end) if self.index.text[start:end] == node.attr else None

    def _subscript(self, node: ast.Subscript) -> Iterator[Mutant]:
        inner = node.slice
        if isinstance(inner, ast.Slice):
            for bound in (inner.lower, inner.upper):
                if bound is not None:
                    yield from self._by_one(bound, 2, node)
        elif isinstance(inner, ast.expr) and not isinstance(inner, ast.Tuple):
            yield from self._by_one(inner, 2, node)

    def _returned(self, value: ast.expr) -> Iterator[Mutant]:
        if isinstance(value, ast.Compare | ast.BoolOp):
            yield self._plain(self._span(value), f"not ({self._text(value)})", 4)
        elif isinstance(value, ast.Name | ast.Call | ast.BinOp):
            text = self._wrapped(value, self._text(value))
            yield self._plain(self._span(value), f"-{text}", 5)
            if not isinstance(value, ast.BinOp):
                yield from self._by_one(value, 3, value)
