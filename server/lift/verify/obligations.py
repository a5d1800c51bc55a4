"""What has to be shown of a function, as data: one obligation for each clause and for what is implicit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from lift_ir import (
    ClauseBase,
    Decreases,
    Ensures,
    Example,
    Function,
    Modifies,
    ObligationKind,
    Raises,
    Requires,
    Span,
)

from lift.source.positions import LineIndex
from lift.verify.entry import Target
from lift.verify.program import own_nodes


@dataclass(frozen=True)
class Obligation:
    """Something to prove or refute.

    Attributes:
        key: Handle, unique in the function.
        text: The clause, or a sentence where there is none.
        expression: What must hold at the end; for ``raises`` the condition; None if prose.
        clause: The clause that it comes from.
        line: For an assert its line.
        open: Why it cannot be checked at all: a hole, prose.
    """

    key: str
    kind: ObligationKind
    text: str
    span: Span
    expression: str | None = None
    clause: ClauseBase | None = None
    line: int = 0
    open: str | None = None


NO_RAISE = "no-raise"


def obligations_of(target: Target) -> list[Obligation]:
    """All obligations of a function, in the order of their places; ``no-raise`` last.

    Which inputs a function takes is open while a parameter has no type, so that nothing can be said of the
    exceptions that escape it.
    """
    found: list[Obligation] = []
    for number, clause in enumerate(target.ir.clauses):
        key = f"{clause.kind}:{number}"
        match clause:
            case Requires():
                found.append(_of(key, "requires", clause))
            case Ensures():
                found.append(_of(key, "ensures", clause))
            case Raises() if clause.expression is not None:
                found.append(_of(key, "raises", clause))
            case Modifies() if not any(o.kind == "modifies" for o in found):
                found.append(_modifies(target, key))
            case Decreases():
                found.append(_decreases(key, clause, first=not any(o.kind == "decreases" for o in found)))
            case Example():
                found.append(_of(key, "example", clause))
    for number, clause in enumerate(target.invariants):
        found.append(_of(f"invariant:{number}", "invariant", clause))
    for node in own_nodes(target.node):
        if isinstance(node, ast.Assert):
            found.append(
                Obligation(
                    f"assert:{node.lineno}:{node.col_offset}",
                    "assert",
                    ast.unparse(node.test),
                    span_of(node, target.program.text),
                    line=node.lineno,
                )
            )
    if not untyped(target.ir):
        found.append(Obligation(NO_RAISE, "no-raise", "nothing undeclared escapes", target.ir.name_span))
    return found


def untyped(ir: Function) -> tuple[str, ...]:
    """The parameters that have no type, whose values are therefore not known to be inputs."""
    return tuple(p.name for p in ir.signature.parameters if p.type.kind == "type-hole")


def _of(key: str, kind: ObligationKind, clause: ClauseBase) -> Obligation:
    why: str | None = None
    if clause.holes:
        why = "it has an open hole"
    elif clause.expression is None and kind != "example":
        why = "it does not parse" if kind != "modifies" else None
    return Obligation(key, kind, clause.text, clause.span, clause.expression, clause, open=why)


def _decreases(key: str, clause: Decreases, *, first: bool) -> Obligation:
    found = _of(key, "decreases", clause)
    return found if first else replace(found, open="a function has one measure; write several as a tuple")


def _modifies(target: Target, key: str) -> Obligation:
    """The frame condition: each parameter and attribute that no Modifies clause names stays as it was."""
    clauses = [c for c in target.ir.clauses if isinstance(c, Modifies)]
    targets = {t for c in clauses for t in c.targets}
    named = targets | {t.partition(".")[0] for t in targets if t.partition(".")[0] != "self"}
    parts: list[str] = []
    for parameter in target.ir.signature.parameters:
        name = parameter.name
        if name in named:
            continue
        if name == "self" and target.class_ir is not None:
            held = [a.name for one in target.lineage for a in one.attributes]
            parts += [f"self.{a}" for a in held if f"self.{a}" not in named]
        elif name != "cls":
            parts.append(name)
    expression = " and ".join(f"{p} == old({p})" for p in dict.fromkeys(parts)) or "True"
    first = clauses[0]
    prose = any(c.expression is None for c in clauses)
    why = "it says in words only what changes" if prose else None
    return Obligation(key, "modifies", first.text, first.span, expression, first, open=why)


def span_of(node: ast.expr | ast.stmt, text: str) -> Span:
    """The place of a node."""
    index = LineIndex(text)
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(start=index.from_ast(node.lineno, node.col_offset), end=index.from_ast(end_line, end_column))
