"""Candidates judged by runs: which were never false, and which wrong versions of the body each notices.

Runs rule out and rank; they prove nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from lift_ir import Returned

from lift.resolve.infer.grammar import Candidate
from lift.resolve.infer.mutants import mutants_of
from lift.resolve.infer.subject import Subject, fine
from lift.verify.replay import Check, Run

_MOST_JUDGED = 700
_MOST_RANKED = 150
_GIVEN = "given"


@dataclass(frozen=True)
class Ranked:
    """Candidates that no run contradicts.

    Attributes:
        kills: Candidate's text → the numbers of the wrong versions that it notices.
        mutants: Those wrong versions that give something else than the body on some input.
        noticed: Those that the clauses which are there already notice.
        inputs: On how many inputs each candidate held.
    """

    candidates: tuple[Candidate, ...] = ()
    kills: dict[str, frozenset[int]] = field(default_factory=dict)
    mutants: frozenset[int] = frozenset()
    noticed: frozenset[int] = frozenset()
    inputs: int = 0


def result_types(runs: Sequence[Run]) -> list[str]:
    """The types of what came out, as annotations, where these are plain values."""
    found: dict[str, None] = {}
    for run in runs:
        if isinstance(run.outcome, Returned):
            try:
                text = _type_of(ast.literal_eval(run.outcome.value))
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
            if text:
                found[text] = None
    # An empty list says less than one that holds something.
    return [t for t in found if not any(o != t and o.startswith(t + "[") for o in found)]


def _type_of(value: object) -> str:
    match value:
        case None:
            return "None"
        case bool() | int() | float() | str() | bytes():
            return type(value).__name__
        case tuple():
            parts = [_type_of(v) for v in value]
            return f"tuple[{', '.join(parts)}]" if parts and all(parts) else ""
        case list() | set():
            inner = {_type_of(v) for v in value}
            name = type(value).__name__
            return f"{name}[{inner.pop()}]" if len(inner) == 1 and "" not in inner else name
    return ""


def judged(subject: Subject, candidates: Sequence[Candidate]) -> Ranked:
    """The candidates that held on every run that returned, with the mutants that they notice."""
    tried = candidates[:_MOST_JUDGED]
    checks = [Check(f"new:{n}", "ensures", c.text) for n, c in enumerate(tried)]
    seen = fine(subject.run(checks, seconds=4.0))
    if not seen:
        return Ranked()
    alive = [c for n, c in enumerate(tried) if all(_holds(r, f"new:{n}") for r in seen)]
    alive = alive[:_MOST_RANKED]
    checks = [Check(f"new:{n}", "ensures", c.text) for n, c in enumerate(alive)]
    truth = {_key(r): _outcome(r) for r in seen}
    kills: dict[str, set[int]] = {c.text: set() for c in alive}
    different: set[int] = set()
    noticed: set[int] = set()
    for number, body in enumerate(mutants_of(subject)):
        if subject.left < 1.0:
            break
        runs = [r for r in fine(subject.run(checks, body, seconds=0.6)) if _key(r) in truth]
        failing = {k for r in runs for k, v in r.verdicts.items() if v.holds is False}
        changed = any(_outcome(r) != truth[_key(r)] for r in runs)
        if not changed and not failing:
            continue
        different.add(number)
        if any(not k.startswith("new:") for k in failing):
            noticed.add(number)
        for place, candidate in enumerate(alive):
            if f"new:{place}" in failing:
                kills[candidate.text].add(number)
    return Ranked(
        tuple(alive),
        {t: frozenset(k) for t, k in kills.items()},
        frozenset(different),
        frozenset(noticed),
        len(seen),
    )


def _holds(run: Run, key: str) -> bool:
    verdict = run.verdicts.get(key)
    return verdict is not None and verdict.holds is True


def _key(run: Run) -> str:
    return repr(run.arguments)


def _outcome(run: Run) -> str:
    return run.outcome.value if isinstance(run.outcome, Returned) else ""
