"""When a function raises what it raises on purpose: conditions that hold on just the inputs that raised.

Only for exceptions of the body's own ``raise`` statements; what Python raises by itself, where an input does
not fit, is for Requires. Runs rule out here; the line is proved by whoever asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lift_ir import Raised, Raises

from lift.resolve.infer.requires import atoms_of, raise_lines, truth
from lift.resolve.infer.subject import Subject
from lift.verify.replay import Check

_MOST = 4
_LONGEST = 60
_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def raised(subject: Subject) -> list[tuple[str, list[str]]]:
    """Exceptions that the docstring does not mention, each with the conditions that it may be raised under.

    A condition was true on every input that the exception came out of, and on no other; the shortest first.
    """
    said = {c.exception for c in subject.ir.clauses if isinstance(c, Raises) and c.source != "guard"}
    lines = raise_lines(subject)
    if not lines:
        return []
    runs = subject.run((), seconds=2.0)
    groups: dict[str, set[int]] = {}
    for number, run in enumerate(runs):
        if run.status == "ok" and isinstance(run.outcome, Raised):
            name = run.outcome.exception
            if name not in said and run.outcome.line in lines:
                groups.setdefault(name, set()).add(number)
    if not groups:
        return []
    atoms = [a for a in dict.fromkeys(_conditions(subject)) if len(a) <= _LONGEST]
    checks = [Check(f"atom:{n}", "ensures", a) for n, a in enumerate(atoms)]
    judged = subject.run(checks, [ast.Pass()], seconds=2.0)
    found: list[tuple[str, list[str]]] = []
    for name, bad in groups.items():
        fitting: list[str] = []
        for place, atom in enumerate(atoms):
            values = [truth(run, f"atom:{place}") for run in judged]
            decided = [n for n in range(min(len(values), len(runs))) if runs[n].status == "ok"]
            if all(values[n] is (n in bad) for n in decided) and len(bad) < len(decided):
                fitting.append(atom)
        if fitting:
            found.append((name, sorted(fitting, key=lambda a: (len(a), a))[:_MOST]))
    return found


def _conditions(subject: Subject) -> Iterator[str]:
    """What the body asks, either way round, and what may be asked of the parameters at all."""
    own = {p.name for p in subject.ir.signature.parameters}
    kept = own - {
        n.id for n in ast.walk(subject.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for clause in subject.ir.clauses:
        if isinstance(clause, Raises) and clause.source == "guard" and clause.expression:
            yield clause.expression
    for node in (n for s in subject.body for n in ast.walk(s)):
        if isinstance(node, ast.If) and _speaks(node.test, kept):
            yield from _either_way(node.test)
        elif isinstance(node, ast.Compare) and _speaks(node, kept):
            yield from _either_way(node)
    for atom in atoms_of(subject):
        yield from _either_way(ast.parse(atom, mode="eval").body)
    for one in sorted(own):
        for other in sorted(own):
            if one != other:
                yield f"{one} not in {other}"


def _speaks(node: ast.AST, kept: set[str]) -> bool:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {"len", "min", "max", "abs", "sum"}
    return bool(names) and names <= kept


def _either_way(node: ast.expr) -> Iterator[str]:
    yield ast.unparse(node)
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield ast.unparse(inner)
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len")) as size,
            ops=[ast.Gt()],
            comparators=[ast.Constant(value=0) as zero],
        ):
            yield ast.unparse(ast.Compare(size, [ast.Eq()], [zero]))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _INVERSE:
            # For floats this is another condition than the opposite, which the runs notice.
            yield ast.unparse(ast.Compare(left, [_INVERSE[type(op)]()], [right]))
        case _:
            yield f"not ({ast.unparse(node)})"
