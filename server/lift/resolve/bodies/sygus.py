"""Syntax-guided synthesis by cvc5: the problem with a grammar made from the specification, and its answer.

The grammar is small first: parameters, constants, choices, comparisons, ``min`` and ``max``; then what the
specification computes with. cvc5 runs in a process of its own, since it can be stopped in no other way.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lift.resolve.bodies.problem import Problem
from lift.resolve.bodies.readable import value_of
from lift.resolve.bodies.sorts import PRELUDE, Untranslatable, literal
from lift.verify.solvers.cvc5_solver import Cvc5

_MOST_CONSTANTS = 8
_NAME = "f"
LEVELS = 3
"""How many grammars there are, each wider than the one before."""


def question(problem: Problem, level: int | None) -> str | None:
    """The synthesis problem in SyGuS's language; None if the level adds nothing to the one before.

    Args:
        level: How wide the grammar is, from 0; None for none at all, where cvc5 solves the case that the
            result is named once by elimination.
    """
    flat = list(_flat(problem.sort, _NAME))
    rules = [] if level is None else [_grammar(problem, sort, level) for _, sort in flat]
    if level and rules == [_grammar(problem, sort, level - 1) for _, sort in flat]:
        return None
    parameters = " ".join(f"({leaf.symbol} {leaf.sort})" for leaf in problem.leaves)
    rows = ["(set-logic ALL)", PRELUDE]
    if level is None:
        rows.insert(0, "(set-option :sygus-si all)")
    for number, (name, sort) in enumerate(flat):
        rows.append(f"(synth-fun {name} ({parameters}) {sort} {rules[number] if rules else ''})")
    rows.append(problem.declarations("declare-var"))
    rows += [f"(constraint {c})" for c in problem.constraints(_NAME)]
    rows.append("(check-synth)")
    return "\n".join(rows)


def _flat(sort: Any, name: str) -> Iterator[tuple[str, str]]:
    """The functions to be found, one a part of the result."""
    if isinstance(sort, str):
        yield name, sort
        return
    for number, part in enumerate(sort):
        yield from _flat(part, f"{name}.{number}")


_SIGNS = {"Int": "I", "Bool": "B", "String": "S"}


def _grammar(problem: Problem, sort: str, level: int) -> str:
    words = problem.subject.words
    rules = {s: [leaf.symbol for leaf in problem.leaves if leaf.sort == s] for s in _SIGNS}
    constants = [literal(c) for c in _constants(problem)]
    for kind in _SIGNS:
        rules[kind] += [c.text for c in constants if c.sort == kind and c.text not in rules[kind]]
    texts = bool(rules["String"]) or sort == "String"
    rules["Int"] += [n for n in ("0", "1") if n not in rules["Int"]]
    rules["Int"] += ["(py.max I I)", "(py.min I I)", "(ite B I I)"]
    rules["Bool"] += ["(<= I I)", "(< I I)", "(= I I)", "(ite B B B)" if sort == "Bool" else "(not B)"]
    if sort == "Bool" or level:
        rules["Bool"] += ["(and B B)", "(or B B)", "(not B)"]
    if "abs" in words or level:
        rules["Int"].append("(py.abs I)")
    if level or {"Add", "Sub"} & words:
        rules["Int"] += ["(+ I I)", "(- I I)"]
    if level and {"USub", "Sub"} & words:
        rules["Int"].append("(- I)")
    if (level and "Mult" in words) or level > 1:
        rules["Int"].append("(* I I)")
    if (level and {"FloorDiv", "Mod"} & words) or level > 1:
        rules["Int"] += ["(py.div I I)", "(py.mod I I)"]
    elif {"FloorDiv", "Mod"} & words:
        divisors = [c.text for c in constants if c.sort == "Int" and c.text.isdigit() and int(c.text) > 1]
        for name in [w for w, k in (("div", "FloorDiv"), ("mod", "Mod")) if k in words]:
            rules["Int"] += [f"({name} I {d})" for d in divisors]
    if texts:
        rules["String"] += ['""', "(ite B S S)"] if '""' not in rules["String"] else ["(ite B S S)"]
        rules["Bool"].append("(= S S)")
        if "str" in words or level:
            rules["String"].append("(py.str I)")
        if "Add" in words or level:
            rules["String"].append("(str.++ S S)")
        if "len" in words or level:
            rules["Int"].append("(str.len S)")
        if "Subscript" in words or level > 1:
            rules["String"] += ["(py.at S I)", "(py.slice S I I)"]
        rules["Bool"] += [
            f"({name} S S)"
            for name, word in (
                ("str.prefixof", "startswith"),
                ("str.suffixof", "endswith"),
                ("str.contains", "In"),
            )
            if word in words
        ]
    order = [sort, *(s for s in _SIGNS if s != sort and (s != "String" or texts))]
    heads = " ".join(f"({_SIGNS[s]} {s})" for s in order)
    bodies = " ".join(f"({_SIGNS[s]} {s} ({' '.join(dict.fromkeys(rules[s]))}))" for s in order)
    return f"({heads}) ({bodies})"


def _constants(problem: Problem) -> list[object]:
    found: list[object] = []
    for constant in problem.subject.constants:
        if isinstance(constant, int | str) and constant not in found:
            try:
                literal(constant)
            except Untranslatable:
                continue
            found.append(constant)
    numbers = [c for c in found if isinstance(c, int)][:_MOST_CONSTANTS]
    return [*numbers, *[c for c in found if isinstance(c, str)][:_MOST_CONSTANTS]]


class Asked:
    """A question to cvc5 under way."""

    def __init__(self, solver: Cvc5, problem: Problem, level: int | None, milliseconds: int) -> None:
        self.problem = problem
        self._solver = solver
        text = question(problem, level)
        self._question = None if text is None else solver.ask_synthesis(text, milliseconds)
        self._left = milliseconds

    @property
    def ready(self) -> bool:
        """Whether there is an answer."""
        return self._question is not None and self._solver.said

    def answer(self) -> ast.expr | None:
        """Wait for what it found, as an expression over the parameters; None if it found nothing."""
        if self._question is None:
            return None
        said = self._solver.solution(self._question, self._left)
        return None if said is None else read(self.problem, said)


def read(problem: Problem, said: str) -> ast.expr | None:
    """An answer of cvc5 as Python; None if it says that there is none, or says it in other words."""
    try:
        whole = _parsed(said)
        bodies = {str(d[1]): _expression(problem, d[4], {}) for d in whole[0] if d[0] == "define-fun"}
        return _assembled(problem.sort, _NAME, bodies)
    except (Untranslatable, IndexError, KeyError, ValueError, TypeError):
        return None


def _assembled(sort: Any, name: str, bodies: dict[str, ast.expr]) -> ast.expr:
    if isinstance(sort, str):
        return bodies[name]
    parts = [_assembled(s, f"{name}.{n}", bodies) for n, s in enumerate(sort)]
    return ast.Tuple(parts, ast.Load())


_TOKEN = re.compile(r'\s+|("(?:[^"]|"")*")|([()])|([^\s()"]+)')


def _parsed(text: str) -> list[Any]:
    """The S-expressions of a text."""
    stack: list[list[Any]] = [[]]
    for match in _TOKEN.finditer(text):
        string, paren, atom = match.groups()
        if paren == "(":
            stack.append([])
        elif paren == ")":
            done = stack.pop()
            stack[-1].append(done)
        elif string or atom:
            stack[-1].append(string or atom)
    return stack[0]


_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "str.++": ast.Add,
    "py.div": ast.FloorDiv,
    "py.mod": ast.Mod,
    "div": ast.FloorDiv,
    "mod": ast.Mod,
}
_COMPARED: dict[str, type[ast.cmpop]] = {"=": ast.Eq, "<=": ast.LtE, "<": ast.Lt, ">=": ast.GtE, ">": ast.Gt}
_CALLS = {"py.max": "max", "py.min": "min", "py.abs": "abs", "py.str": "str", "str.len": "len"}


def _expression(problem: Problem, term: Any, bound: dict[str, ast.expr]) -> ast.expr:
    if isinstance(term, str):
        return _atom(problem, term, bound)
    head = term[0]
    if head == "let":
        inner = dict(bound)
        for name, value in term[1]:
            inner[name] = _expression(problem, value, bound)
        return _expression(problem, term[2], inner)
    args = [_expression(problem, t, bound) for t in term[1:]]
    match head:
        case "-" if len(args) == 1:
            return ast.UnaryOp(ast.USub(), args[0])
        case "div" | "mod" if (value_of(args[1]) or 0) <= 0:
            # Of a negative divisor, and of 0, SMT-LIB says something else than Python.
            raise Untranslatable(head)
        case "ite":
            return ast.IfExp(*args)
        case "and" | "or":
            return ast.BoolOp(ast.And() if head == "and" else ast.Or(), args)
        case "not":
            return ast.UnaryOp(ast.Not(), args[0])
        case "=>":
            return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), args[0]), args[1]])
        case "xor":
            return ast.Compare(args[0], [ast.NotEq()], [args[1]])
        case "str.prefixof" | "str.suffixof":
            name = "startswith" if head == "str.prefixof" else "endswith"
            return ast.Call(ast.Attribute(args[1], name, ast.Load()), [args[0]], [])
        case "str.contains":
            return ast.Compare(args[1], [ast.In()], [args[0]])
        case "py.at":
            return ast.Subscript(args[0], args[1], ast.Load())
        case "py.slice":
            return ast.Subscript(args[0], ast.Slice(args[1], args[2]), ast.Load())
    if head in _CALLS:
        return ast.Call(ast.Name(_CALLS[head], ast.Load()), args, [])
    if head in _COMPARED and len(args) >= 2:
        return ast.Compare(args[0], [_COMPARED[head]() for _ in args[1:]], args[1:])
    if head in _BINARY:
        return _left(args, _BINARY[head])
    raise Untranslatable(str(head))


def _left(args: Sequence[ast.expr], op: type[ast.operator]) -> ast.expr:
    found = args[0]
    for arg in args[1:]:
        found = ast.BinOp(found, op(), arg)
    return found


def _atom(problem: Problem, text: str, bound: dict[str, ast.expr]) -> ast.expr:
    if text in bound:
        return bound[text]
    for leaf in problem.leaves:
        if leaf.symbol == text:
            return leaf.expression
    if text in ("true", "false"):
        return ast.Constant(text == "true")
    if text.isdigit():
        return ast.Constant(int(text))
    if text.startswith('"'):
        inner = text[1:-1].replace('""', '"')
        return ast.Constant(re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: chr(int(m[1], 16)), inner))
    raise Untranslatable(text)
