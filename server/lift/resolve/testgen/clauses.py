"""A clause in Python's own words: what is kept before a call, and what is asserted after it. Text only."""

from __future__ import annotations

import ast
import builtins
import copy
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lift.resolve.testgen.expressions import source
from lift.resolve.testgen.layout import quoted, wrapped

_PLAIN_TYPES = frozenset(["int", "float", "str", "bool", "bytes", "none", "char", "literal"])


class Unsayable(Exception):
    """A clause that no test can assert; the text is why."""


@dataclass
class Words:
    """How the clauses of one function are written.

    Attributes:
        names: Names of the specification → names in the test.
        kinds: Names in the test → name of their type, where it is known.
        result: What the result is called in the test.
        hides_result: Whether a parameter is called ``result``, so that the result is ``__return__``.
        kept: Names of old values → the expressions that they keep.
    """

    names: Mapping[str, str]
    kinds: Mapping[str, str]
    result: str = "result"
    hides_result: bool = False
    kept: dict[str, str] = field(default_factory=dict)

    def asserted(self, expression: str) -> list[str]:
        """The lines that assert a clause; fills ``kept``.

        Raises:
            Unsayable: It asks for the identity of an old value.
        """
        tree = ast.parse(expression, mode="eval").body
        return self._lines(tree, "")

    def plain(self, expression: str) -> ast.expr:
        """An expression over the names in the test, without old values."""
        return _Rewrite(self, frozenset()).visit(ast.parse(expression, mode="eval").body)

    def _lines(self, tree: ast.expr, indent: str) -> list[str]:
        match tree:
            case ast.BoolOp(op=ast.And(), values=values):
                return [line for value in values for line in self._lines(value, indent)]
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion], keywords=[]):
                condition = quoted(source(self._rewritten(premise)))
                return [f"{indent}if {condition}:", *self._lines(conclusion, indent + "    ")]
        return wrapped(f"{indent}assert ", quoted(source(self._rewritten(tree))))

    def _rewritten(self, tree: ast.expr) -> ast.expr:
        for node in ast.walk(tree):
            match node:
                case ast.Compare(ops=operators, left=left, comparators=rights) if any(
                    isinstance(o, ast.Is | ast.IsNot) for o in operators
                ):
                    sides = [left, *rights]
                    if any(_speaks_of_old(s) for s in sides) and not any(
                        isinstance(s, ast.Constant) for s in sides
                    ):
                        raise Unsayable(
                            "it asks whether an old value, of which only a copy is kept, is the same object"
                        )
        return _Rewrite(self, frozenset()).visit(copy.deepcopy(tree))

    def keep(self, expression: ast.expr, bound: frozenset[str]) -> ast.expr:
        """What stands for an old value."""
        expression = _Rewrite(self, bound).visit(expression)
        spoken = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
        if spoken & bound:
            # Which of its elements is meant is known only in the clause, so that all of it is kept.
            known = set(self.names.values())
            if not spoken <= bound | known | set(dir(builtins)):
                raise Unsayable("an old value depends on something that is not an argument")
            return _Kept(self, bound).visit(expression)
        text = quoted(source(expression))
        for name, kept in self.kept.items():
            if kept == text or kept == f"copy.deepcopy({text})":
                return ast.Name(name)
        name = self._fresh(expression)
        self.kept[name] = text if self._is_its_own(expression) else f"copy.deepcopy({text})"
        return ast.Name(name)

    def _fresh(self, expression: ast.expr) -> str:
        words = re.findall(r"[a-z0-9]+", source(expression).lower())[:4]
        name = "_".join(["old", *words])
        taken = {*self.kept, *self.names.values()}
        return (
            name
            if name not in taken
            else next(f"{name}_{n}" for n in range(2, 1000) if f"{name}_{n}" not in taken)
        )

    def _is_its_own(self, expression: ast.expr) -> bool:
        """Whether a value is one that the call cannot change."""
        match expression:
            case ast.Call(func=ast.Name(id=function)) if function in (
                "len",
                "sum",
                "str",
                "int",
                "float",
                "bool",
                "abs",
            ):
                return True
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
                return self.kinds.get(source(expression), self.kinds.get(name)) in _PLAIN_TYPES
            case ast.Constant() | ast.Compare() | ast.BoolOp() | ast.UnaryOp():
                return True
        return False


def _speaks_of_old(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "old" for n in ast.walk(node))


@dataclass
class _Rewrite(ast.NodeTransformer):
    """Names of the test for those of the specification, and plain Python for its words."""

    words: Words
    bound: frozenset[str]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.bound:
            return node
        if node.id == "__return__" or (node.id == "result" and not self.words.hides_result):
            return ast.Name(self.words.result)
        return ast.Name(self.words.names.get(node.id, node.id))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(func=ast.Name(id="old"), args=[inner], keywords=[]):
                return self.words.keep(inner, self.bound)
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion], keywords=[]):
                return ast.BoolOp(ast.Or(), [_negated(self.visit(premise)), self.visit(conclusion)])
        return self.generic_visit(node)  # pyright: ignore[reportReturnType]

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        inner = _Rewrite(self.words, self.bound | {a.arg for a in given})
        node.body = inner.visit(node.body)
        return node

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ast.expr:
        targets = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        inner = _Rewrite(self.words, self.bound | targets)
        for number, generator in enumerate(node.generators):
            generator.iter = (self if number == 0 else inner).visit(generator.iter)
            generator.ifs = [inner.visit(test) for test in generator.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = inner.visit(node.key), inner.visit(node.value)
        else:
            node.elt = inner.visit(node.elt)
        return node

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension


@dataclass
class _Kept(ast.NodeTransformer):
    """Copies of the arguments from before the call, in place of the arguments."""

    words: Words
    bound: frozenset[str]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.bound or node.id not in set(self.words.names.values()):
            return node
        return self.words.keep(ast.Name(node.id), frozenset())


def _negated(node: ast.expr) -> ast.expr:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[right]):
            return ast.Compare(left, [ast.IsNot()], [right])
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[right]):
            return ast.Compare(left, [ast.Is()], [right])
    return ast.UnaryOp(ast.Not(), node)


_WORDS = (
    ("==", " is "),
    ("!=", " is not "),
    ("<=", " at most "),
    (">=", " at least "),
    ("<", " below "),
    (">", " above "),
    ("%", " modulo "),
    ("**", " to the power of "),
    ("*", " times "),
    ("+", " plus "),
    ("//", " divided by "),
    ("/", " divided by "),
    (" - ", " minus "),
    ("-", " minus "),
)


def named(base: str, clause: str, prose: str, taken: Collection[str]) -> str:
    """The name of a test that asserts a clause, unlike any that is taken."""
    text = prose if prose and len(prose) <= 60 else _spoken(clause)
    words = re.findall(r"[a-z0-9_]+", text.lower())
    name = f"test_{base}"
    for word in words:
        if len(name) + len(word) > 70:
            break
        name += f"_{word.strip('_')}" if word.strip("_") else ""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _spoken(clause: str) -> str:
    if clause.startswith("implies("):
        match ast.parse(clause, mode="eval").body:
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion]):
                clause = f"{source(conclusion)} if {source(premise)}"
    for sign, words in _WORDS:
        clause = clause.replace(sign, words)
    return clause
