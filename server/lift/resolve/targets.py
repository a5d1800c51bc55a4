"""A function as the verifier takes it, for resolvers that ask the solver about its clauses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lift_ir import Function, Module

from lift.verify.sources import NOTHING, Sources

if TYPE_CHECKING:
    from lift.verify.entry import Target


def target_of(module: Module, text: str, function: Function, sources: Sources = NOTHING) -> Target | None:
    """The function for the verifier; None where it is none that is modelled."""
    from lift.verify.digests import program_of
    from lift.verify.entry import Target
    from lift.verify.program import refuses

    program = program_of(module, text, sources)
    node = program.definition(function.qualname) if program is not None else None
    if program is None or not isinstance(node, ast.FunctionDef) or refuses(program, node):
        return None
    qualname = function.qualname
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{function.name}"), None)
    return Target(program, function, node, owner)
