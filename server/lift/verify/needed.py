"""The few invariants of a loop that a proof needs, out of those that were found.

A proof is run again with fewer and fewer of them; nothing here decides a verdict.
"""

from __future__ import annotations

import ast
import time

from lift_ir import Module

from lift.verify import found_invariants
from lift.verify.digests import program_of
from lift.verify.entry import Target
from lift.verify.obligations import Obligation, obligations_of
from lift.verify.options import Options
from lift.verify.program import own_nodes
from lift.verify.prove import explore
from lift.verify.solvers.selection import using
from lift.verify.sources import NOTHING, Sources
from lift.verify.state import Engine
from lift.verify.values import forget_terms

# What is made from clauses reads better than what a solver of Horn clauses says, which comes last here.
_ATTEMPTS = ((False, 0), (False, 1), (False, 2), (True, 0), (True, 1))


def needed(
    module: Module, text: str, qualname: str, line: int, options: Options, sources: Sources = NOTHING
) -> tuple[str, ...]:
    """The invariants to assert at the head of the loop at ``line``, as Python.

    If a proof goes through with these and no other invariant of that loop, they are the fewest such that were
    found; otherwise they are the fewest that it needs beside those that Python has no words for. Where the
    latter are enough, they are those that say most.

    Returns:
        The texts; none where no proof was found, where no invariant can be asserted, and where assertions
        that stand there already are enough.
    """
    program = program_of(module, text, sources)
    ir = next((f for f in module.all_functions() if f.qualname == qualname), None)
    node = program.definition(qualname) if program is not None else None
    if program is None or ir is None or not isinstance(node, ast.FunctionDef):
        return ()
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{ir.name}"), None)
    target = Target(program, ir, node, owner)
    wanted = [o for o in obligations_of(target) if o.kind not in ("example", "requires") and o.open is None]
    with using(options.solvers):
        return _Search(target, wanted, line, time.monotonic() + options.seconds).run()


class _Search:
    """Proofs of one function with invariants left out."""

    def __init__(self, target: Target, wanted: list[Obligation], line: int, deadline: float) -> None:
        self.target, self.wanted, self.line, self.deadline = target, wanted, line, deadline
        self.attempt = _ATTEMPTS[0]
        loops = [n for n in own_nodes(target.node) if isinstance(n, ast.For | ast.While)]
        self.written = frozenset(
            text for n in loops if n.lineno == line for text in found_invariants.written(n)
        )

    def run(self) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for self.attempt in _ATTEMPTS:
            engine = self._engine()
            if self._proves(engine):
                found = self._assertable(engine)
                break
        chosen: list[str] = []
        for alone in (True, False):
            if not chosen and found and self._holds_with(list(found), alone=alone):
                chosen = self._fewest(list(found), alone=alone)
        if not chosen and not self.written:
            chosen = [t for t in found if found_invariants.is_telling(t)] or list(found)
        return tuple(dict.fromkeys(found[t] for t in chosen))

    def _engine(self) -> Engine:
        forget_terms()
        inline, effort = self.attempt
        program = self.target.program
        left = self.deadline - time.monotonic()
        deadline = time.monotonic() + left / 3
        engine = Engine(program, False, deadline, target=self.target.ir.qualname, inline_specified=inline)
        engine.effort = effort
        return engine

    def _proves(self, engine: Engine) -> bool:
        result = explore(engine, self.target, self.wanted)
        holds = all(f.holds for f in result.findings.values())
        return result.complete and holds and not result.calls

    def _assertable(self, engine: Engine) -> dict[str, str]:
        """Text of a candidate → the text that Python reads."""
        visits = [(h, kept) for n, h, kept in engine.loop_visits if getattr(n, "lineno", 0) == self.line]
        if not visits:
            return {}
        head, kept = visits[-1]
        common = [c for c in kept if all(c.text in {o.text for o in v} for _, v in visits)]
        chosen = found_invariants.reduced(engine, head, common, min(self.deadline, time.monotonic() + 1.0))
        texts = {c.text: found_invariants.texts_of([c]) for c in chosen}
        plain = {t: next(iter(p)) for t, p in texts.items() if any(p.values())}
        return {t: p for t, p in plain.items() if p not in self.written}

    def _holds_with(self, texts: list[str], *, alone: bool) -> bool:
        if time.monotonic() > self.deadline:
            return False
        allowed = {*texts, *self.written}
        engine = self._engine()
        engine.allowed_invariants = {self.line: lambda c: c.text in allowed if c.stated or alone else True}
        return self._proves(engine)

    def _fewest(self, texts: list[str], *, alone: bool) -> list[str]:
        """The texts without any that the proof does without, the longest tried first."""
        for text in sorted(texts, key=len, reverse=True):
            rest = [t for t in texts if t != text]
            if self._holds_with(rest, alone=alone):
                texts = rest
        return texts
