"""The function that a specification is looked for: its text with types, and how to run it.

Must not decide anything about clauses. Z3 is imported where the function is run.
"""

from __future__ import annotations

import ast
import copy
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lift_ir import Function, Module, Raised

from lift.edit import Edit, Failure, annotate, apply
from lift.extract import extract
from lift.resolve.types import candidates_for
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

if TYPE_CHECKING:
    from lift.verify.replay import Case, Check, Program, Run

_INPUTS = 160
_MEMORY_MB = 512
_CASE_SECONDS = 0.05


class NotModelled(Exception):
    """Why no specification can be proved; the text is meant for the user."""


@dataclass
class Subject:
    """A function under study.

    Attributes:
        text: The module's text, with the types that are assumed written into it.
        assumed: Parameter → the type that it was given.
        deadline: By ``time.monotonic``.
    """

    module: Module
    text: str
    ir: Function
    node: ast.FunctionDef
    program: Program
    inputs: list[Case]
    options: Options
    sources: Sources
    assumed: Mapping[str, str]
    deadline: float

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def body(self) -> list[ast.stmt]:
        """The body without its docstring."""
        return self.node.body[1:] if self.ir.docstring_span is not None else self.node.body

    def run(
        self, checks: Sequence[Check], body: Sequence[ast.stmt] | None = None, seconds: float = 2.0
    ) -> list[Run]:
        """Run the function, or another body in its place, on the inputs, and judge ``checks``."""
        from lift.verify import trial

        program = self.program if body is None else self._with_body(body)
        program = replace(program, checks=(*program.checks, *checks))
        limit = max(0.2, min(seconds, self.left))
        return trial.try_cases(program, self.inputs, limit, _MEMORY_MB, _CASE_SECONDS)

    def _with_body(self, body: Sequence[ast.stmt]) -> Program:
        node = copy.deepcopy(self.node)
        node.body = list(body)
        node.decorator_list = []
        written = textwrap.indent(ast.unparse(ast.fix_missing_locations(node)), " " * self.node.col_offset)
        lines = self.program.source.split("\n")
        first, last = self.node.lineno - 1, self.node.end_lineno or self.node.lineno
        return replace(self.program, source="\n".join([*lines[:first], written, *lines[last:]]))


def with_types(text: str, qualname: str, path: str) -> tuple[str, Module, Function, dict[str, str]]:
    """The text in which each parameter of the function has a type, the likeliest where it had none.

    Raises:
        NotModelled: The text does not parse, the function is not there, or nothing tells a type.
    """
    module, ir = _extracted(text, qualname, path)
    assumed: dict[str, str] = {}
    edits: list[Edit] = []
    owner = qualname.rpartition(".")[0]
    for number, parameter in enumerate(ir.signature.parameters):
        if parameter.type.kind == "type":
            continue
        if number == 0 and any(c.qualname == owner for c in module.classes):
            if "staticmethod" not in ir.decorators:
                continue
        found = [c for c in candidates_for(module, text, ir, parameter.name) if not c.imports]
        if not found:
            raise NotModelled(f"{parameter.name} has no type, and nothing tells what it takes")
        made = annotate(text, ir, parameter.name, found[0].text)
        if isinstance(made, Failure):
            raise NotModelled(made.reason)
        assumed[parameter.name] = found[0].text
        edits.extend(made)
    if edits:
        text = apply(text, edits)
        module, ir = _extracted(text, qualname, path)
    return text, module, ir, assumed


def _extracted(text: str, qualname: str, path: str) -> tuple[Module, Function]:
    extraction = extract(Snapshot(path, None, text))
    if extraction.error is not None:
        raise NotModelled("the file does not parse")
    ir = next((f for f in extraction.module.all_functions() if f.qualname == qualname), None)
    if ir is None:
        raise NotModelled(f"there is no function {qualname}")
    return extraction.module, ir


def subject_of(
    module: Module,
    text: str,
    ir: Function,
    options: Options,
    assumed: Mapping[str, str],
    seconds: float,
    sources: Sources = NOTHING,
) -> Subject:
    """The function with inputs to run it on.

    Raises:
        NotModelled: It is outside of what is modelled, or cannot be run.
    """
    from lift.verify import inputs, trial
    from lift.verify.digests import program_of
    from lift.verify.entry import Target
    from lift.verify.obligations import obligations_of
    from lift.verify.refusals import unfit

    if not options.run_code:
        raise NotModelled(f"candidates are tried out first, and {options.forbidden}")
    program = program_of(module, text, sources)
    if program is None:
        raise NotModelled("the file does not parse")
    node = program.definition(ir.qualname)
    reason = unfit(program, ir, node)
    if reason is not None:
        _, why, line = reason
        raise NotModelled(why if line is None else f"{why} at line {line}")
    if not isinstance(node, ast.FunctionDef):
        raise NotModelled("it is no plain function")
    owner = next((c for c in module.classes if ir.qualname == f"{c.qualname}.{ir.name}"), None)
    target = Target(program, ir, node, owner)
    fit = trial.runnable(target, obligations_of(target))
    if fit.program is None:
        raise NotModelled(f"it cannot be run on its own: {fit.reason}")
    found, why = inputs.cases(ir, module, trial.constants_of(target), _INPUTS)
    if not found:
        raise NotModelled(why or "no inputs could be made")
    deadline = time.monotonic() + seconds
    return Subject(module, text, ir, node, fit.program, found, options, sources, assumed, deadline)


def fine(runs: Iterable[Run]) -> list[Run]:
    """The runs that returned."""
    return [r for r in runs if r.status == "ok" and not isinstance(r.outcome, Raised)]
