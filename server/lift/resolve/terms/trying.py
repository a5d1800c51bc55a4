"""What runs and examples say of a term: inputs under which the clauses that it fills are broken.

The user's code runs in the sandbox only. Runs rule out; they prove nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lift_ir import Raised

from lift.resolve.infer.requires import truth
from lift.resolve.infer.subject import NotModelled, Subject, subject_of
from lift.resolve.terms.question import Assignment, Question, substituted
from lift.verify.replay import Case, Check, Run

_MOST_CHECKS = 600
_SECONDS = 3.0


@dataclass
class Runs:
    """The function with inputs."""

    question: Question
    subject: Subject

    def learn(self, arguments: dict[str, str], setup: Sequence[str]) -> bool:
        """Take an input that a check broke a clause with; False if it is known."""
        case = Case(dict(arguments), tuple(setup))
        if case in self.subject.inputs:
            return False
        self.subject.inputs.append(case)
        return True

    def breaking(self, assignments: Sequence[Assignment]) -> list[Run | None]:
        """For each assignment a run that breaks the clauses that it fills, None where there is none."""
        found: list[Run | None] = []
        size = max(1, _MOST_CHECKS // max(1, len(self.question.parts)))
        for start in range(0, len(assignments), size):
            found += self._breaking(assignments[start : start + size])
        return found

    def _breaking(self, assignments: Sequence[Assignment]) -> list[Run | None]:
        before, after = [], []
        for number, assignment in enumerate(assignments):
            for place, part in enumerate(self.question.parts):
                check = Check(f"term:{number}:{place}", "ensures", substituted(part.expression, assignment))
                (after if part.kind == "ensures" else before).append(check)
        runs = self.subject.run(after, seconds=_SECONDS)
        starts = self.subject.run(before, [ast.Pass()], seconds=_SECONDS) if before else [None] * len(runs)
        found: list[Run | None] = [None] * len(assignments)
        for run, start in zip(runs, starts, strict=False):
            if run.status != "ok" or (start is not None and start.status != "ok"):
                continue
            for number in range(len(assignments)):
                if found[number] is None and self._is_broken(run, start, number):
                    found[number] = run
        return found

    def _is_broken(self, run: Run, start: Run | None, number: int) -> bool:
        wrong = False
        asked = False
        for place, part in enumerate(self.question.parts):
            key = f"term:{number}:{place}"
            if part.kind == "ensures":
                wrong |= truth(run, key) is False
            elif part.kind == "requires":
                asked = True
                if start is None or truth(start, key) is not True:
                    return False
            elif part.kind == "raises" and start is not None:
                condition = truth(start, key)
                raised = isinstance(run.outcome, Raised) and _is_kind(run.outcome.exception, part.exception)
                wrong |= condition is not None and condition is not raised
        return wrong or (asked and _fails(run))


def _is_kind(raised: str, declared: str) -> bool:
    return raised.rpartition(".")[2] == declared.rpartition(".")[2]


def _fails(run: Run) -> bool:
    """Whether a run breaks a clause that nothing is open in, or lets an exception escape."""
    others = any(v.holds is False for k, v in run.verdicts.items() if not k.startswith("term:"))
    return run.undeclared or others


def runs_of(question: Question, seconds: float) -> Runs | None:
    """The function with inputs to run it on; None where it cannot be run on its own.

    Args:
        seconds: For all runs together.
    """
    if not question.has_body:
        return None
    context = question.context
    try:
        subject = subject_of(
            question.module,
            question.text,
            question.function,
            replace(context.options, float_seconds=0.0),
            question.assumed,
            seconds,
            context.sources,
        )
    except NotModelled:
        return None
    return Runs(question, subject)


def examples_of(question: Question) -> list[tuple[dict[str, str], str]]:
    """The calls of doctests with literals: each argument, and what comes out."""
    function = question.function
    names = [p.name for p in function.signature.parameters]
    found: list[tuple[dict[str, str], str]] = []
    for clause in function.clauses:
        if clause.kind != "example" or not clause.expression:
            continue
        try:
            call = ast.parse(clause.expression, mode="eval").body
            result = repr(ast.literal_eval(clause.want.strip()))
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != function.name:
                continue
            given = {**dict(zip(names, call.args, strict=False)), **{k.arg: k.value for k in call.keywords}}
            arguments = {str(k): repr(ast.literal_eval(v)) for k, v in given.items()}
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            continue
        found.append((arguments, result))
    return found
