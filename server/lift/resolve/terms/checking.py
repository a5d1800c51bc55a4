"""What the verifier says of a text in which open terms are filled."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lift_ir import ClauseResult, FunctionResult, Module, Returned

from lift.edit import Failure, apply
from lift.edit.docstring import add_lines
from lift.resolve.terms.question import Assignment, Question, extracted, filled, substituted

State = Literal["proved", "open", "broken", "impossible", "empty"]

_LEAST_SECONDS = 0.3
_SECONDS = 3.0


@dataclass(frozen=True)
class Verdict:
    """How a filled text stands.

    Attributes:
        state: ``proved``: every clause that was filled is proved, and under a filled Requires every clause;
            ``broken``: a run breaks one; ``impossible``: clauses contradict each other; ``empty``: what is
            filled says nothing; ``open``: it is not known.
        why: The reason, for people; empty for a proof.
        clauses: How many clauses were proved under it.
        arguments: An input that breaks it, with the lines that make its objects.
    """

    state: State
    why: str = ""
    clauses: int = 0
    arguments: Mapping[str, str] = field(default_factory=dict)
    setup: tuple[str, ...] = ()


def checked(question: Question, assignment: Assignment, until: float) -> Verdict:
    """The verdict on the very text that the filling gives."""
    made = filled(question, assignment)
    if made is None:
        return Verdict("impossible", "it does not fit there")
    text, module, function = made
    result = _result(question, module, text, until)
    if result is None:
        return Verdict("open", "there was no time to check it")
    if any(c.code == "inconsistent-spec" for c in result.clauses):
        return Verdict("impossible", "it contradicts the other clauses")
    wanted = {(c.kind, substituted(c.expression, assignment)) for c in question.clauses if c.expression}
    spans = [c.span for c in function.clauses if c.expression and (c.kind, _plain(c.expression)) in wanted]
    whole = "requires" in question.kinds
    counted = [c for c in result.clauses if c.verdict != "unchecked"]
    mine = [c for c in counted if c.span in spans]
    looked = [c for c in counted if c.kind != "requires"] if whole else mine
    if not looked or len(mine) < len(wanted):
        return Verdict("open", "nothing of it is checked")
    return _judged(looked)


def keeps_without(question: Question, until: float) -> bool:
    """Whether every clause is proved although what is open is not required."""
    result = _result(question, question.module, question.text, until)
    counted = (
        [c for c in result.clauses if c.verdict != "unchecked" and c.kind != "requires"] if result else []
    )
    return bool(counted) and all(c.verdict == "proved" for c in counted)


def _plain(expression: str) -> str:
    return substituted(expression, {})


def checked_code(question: Question, values: Assignment, until: float) -> Verdict:
    """The verdict on a function whose code is filled: on every clause that says something of what it does."""
    made = filled(question, values)
    if made is None:
        return Verdict("impossible", "it does not fit there")
    text, module, function = made
    result = _result(question, module, text, until)
    if result is None or function.terms_in_code():
        return Verdict("open", "there was no time to check it")
    counted = [c for c in result.clauses if c.verdict != "unchecked" and c.kind != "requires"]
    verdict = _judged(counted) if counted else Verdict("open", "no clause says anything of it")
    if verdict.state == "proved" and all(c.kind == "no-raise" for c in counted):
        return Verdict("open", "no clause says what comes out")
    return verdict


def checked_together(question: Question, texts: Sequence[str], until: float) -> dict[str, Verdict]:
    """Verdicts on what one term of an Ensures may be, from one check of a text that states all of them."""
    rows = {t: [substituted(p.expression, {question.name: t}) for p in question.parts] for t in texts}
    lines = list(dict.fromkeys(f"- ``{row}``" for t in texts for row in rows[t] if "``" not in row))
    edits = add_lines(question.text, question.function, "Ensures", lines)
    if isinstance(edits, Failure):
        return {t: checked(question, {question.name: t}, until) for t in texts}
    made = extracted(apply(question.text, edits), question.module.path, question.function.qualname)
    result = _result(question, made[1], made[0], until) if made is not None else None
    if result is None:
        return {t: Verdict("open", "there was no time to check it") for t in texts}
    by_text = {c.text: c for c in result.clauses if c.kind == "ensures"}
    found: dict[str, Verdict] = {}
    for text in texts:
        looked = [by_text[row] for row in rows[text] if row in by_text]
        complete = len(looked) == len(rows[text])
        found[text] = _judged(looked) if complete else Verdict("impossible", "it does not fit there")
    return found


def _result(question: Question, module: Module, text: str, until: float) -> FunctionResult | None:
    from lift.verify.check import check_function

    left = until - time.monotonic()
    if left < _LEAST_SECONDS:
        return None
    context = question.context
    options = replace(context.options, seconds=min(_SECONDS, left), float_seconds=0.0, backend="lift")
    return check_function(module, text, question.function.qualname, options, context.sources)


def _judged(looked: Sequence[ClauseResult]) -> Verdict:
    broken = next((c for c in looked if c.verdict == "refuted"), None)
    if broken is not None:
        case = broken.counterexample
        arguments, setup = (dict(case.arguments), case.setup) if case is not None else ({}, ())
        return Verdict("broken", breaks(broken), arguments=arguments, setup=tuple(setup))
    undecided = next((c for c in looked if c.verdict != "proved"), None)
    if undecided is not None:
        said = undecided.reason or undecided.verdict
        return Verdict(
            "open", said if undecided.reason_line is None else f"{said}, line {undecided.reason_line}"
        )
    if all(c.code == "trivial-clause" for c in looked):
        return Verdict("empty", "it says nothing")
    return Verdict("proved", clauses=len(looked))


def breaks(result: ClauseResult) -> str:
    """``f(3) gives 4``, for what a run broke."""
    case = result.counterexample
    if case is None:
        return result.reason or ""
    if result.kind == "example":
        return f"the example `{result.text}` gives something else"
    outcome = case.outcome
    gives = f"gives {outcome.value}" if isinstance(outcome, Returned) else f"raises {outcome.exception}"
    return f"{case.call} {gives}"
