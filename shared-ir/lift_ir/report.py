"""What checking finds: problems, verdicts, counterexamples, and the results that carry them.

Must not import anything but pydantic and this package.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lift_ir.base import Frozen, Span

Code = Literal[
    "refuted",
    "may-raise",
    "call-violates",
    "inconsistent-spec",
    "trivial-clause",
    "bad-clause",
    "open-clause",
    "open-term",
    "open-effect",
    "open-intent",
    "open-type",
    "open-body",
    "unknown",
    "drift",
]
Verdict = Literal["proved", "bounded", "tested", "refuted", "unknown", "unchecked"]
Progress = Literal["current", "stale", "queued", "running"]
ObligationKind = Literal[
    "requires",
    "ensures",
    "raises",
    "no-raise",
    "invariant",
    "modifies",
    "decreases",
    "assert",
    "call",
    "example",
]


class Problem(Frozen):
    """Something that is wrong with how a specification is written.

    Attributes:
        code: Which diagnostic it becomes.
        message: Complete in its first line; names the place and the remedy.
        span: What it is about.
        function: Qualified name of the function or class, None for the file.
        suggestion: Text that would stand at ``span`` if the fix were taken.
    """

    code: Code
    message: str
    span: Span
    function: str | None = None
    suggestion: str | None = None


class Returned(Frozen):
    """The run came back with a value, given as its ``repr``; ``line`` is the return's line, from 1."""

    kind: Literal["returned"] = "returned"
    value: str
    line: int | None = None


class Raised(Frozen):
    """The run ended in an exception raised at ``line`` (from 1)."""

    kind: Literal["raised"] = "raised"
    exception: str
    message: str = ""
    line: int | None = None


Outcome = Annotated[Returned | Raised, Field(discriminator="kind")]


class Step(Frozen):
    """A line that ran on the way to a counterexample.

    Attributes:
        line: Its number, from 1.
        variables: The variables that it set or changed, with their values as Python source.
        skipped: How many lines that ran just before it are left out.
    """

    line: int
    variables: dict[str, str] = Field(default_factory=dict)
    skipped: int = 0


class Counterexample(Frozen):
    """Inputs that were run in CPython and broke a clause.

    Attributes:
        arguments: Parameter name → Python source of the argument, before the call.
        outcome: What came out.
        failing: The conjunct that is false, with its values: ``sum(result) is 0, not 1``.
        call: The call as a person would type it: ``allocate(1, [1, 1])``.
        setup: Lines that must run before ``call`` (shared objects, instances), perhaps empty.
        trace: The lines that ran in the function itself, in order; empty if that was not recorded.
    """

    arguments: dict[str, str]
    outcome: Outcome
    failing: str = ""
    call: str = ""
    setup: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()


class ClauseResult(Frozen):
    """The verdict on one obligation.

    Attributes:
        kind: What kind of obligation.
        text: The clause; for ``no-raise`` and ``call`` a sentence in its place.
        clause: Id of the clause in the IR, None where there is none (``no-raise``, ``call``, ``assert``).
        code: The diagnostic that a bad verdict becomes, None if it becomes none.
        reason: Why the verdict is not better; None when proved.
        reason_line: Line that the reason is about, from 1, for example of a construct that is not modelled.
        evidence: What the verdict rests on, for people: ``Z3, 4 paths``.
        bounds: The bounds of a ``bounded`` verdict.
        tests: How many inputs were run in CPython without breaking it.
        message: The diagnostic's text if ``code`` is set; complete in its first line.
        related: Other places that matter: ``(span, message)``.
    """

    kind: ObligationKind
    text: str
    span: Span
    clause: str | None = None
    verdict: Verdict
    reason: str | None = None
    reason_line: int | None = None
    evidence: str = ""
    bounds: str | None = None
    tests: int = 0
    code: Code | None = None
    message: str = ""
    counterexample: Counterexample | None = None
    related: tuple[tuple[Span, str], ...] = ()


class FoundInvariant(Frozen):
    """Something that holds at the head of each round of a loop, found and proved by the verifier.

    Attributes:
        text: A Python expression; ``old(x)`` in it is the value of ``x`` before the call, or before the loop
            where ``x`` is a variable.
        assertable: Whether Python can evaluate it as the first statement of the loop's body.
    """

    text: str
    assertable: bool = False


class LoopResult(Frozen):
    """What the verifier found out about a loop.

    Attributes:
        line: Line of the loop's ``for`` or ``while``, from 1.
        invariants: What holds at the head of each round.
        rounds: The name by which they speak of the number of rounds done, None if they do not.
    """

    line: int
    invariants: tuple[FoundInvariant, ...] = ()
    rounds: str | None = None


class FunctionResult(Frozen):
    """The verdicts on a function.

    Attributes:
        name: Qualified name.
        line: Line of ``def``, from 1.
        verdict: The weakest of its clauses', refuted first.
        seconds: Wall time that the check took, in seconds.
        assumptions: What ``proved`` rests on beyond the solver, for people.
        digest: Key under which the result is cached.
        progress: Whether this is the last word: ``stale`` results belong to an earlier text.
        loops: The loops of which invariants were found, in the order of the text.
    """

    name: str
    line: int
    verdict: Verdict
    seconds: float = 0.0
    clauses: tuple[ClauseResult, ...] = ()
    assumptions: tuple[str, ...] = ()
    digest: str = ""
    progress: Progress = "current"
    loops: tuple[LoopResult, ...] = ()


_ORDER: tuple[Verdict, ...] = ("refuted", "unknown", "unchecked", "tested", "bounded", "proved")


def weakest(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The verdict of a whole: refuted first, then from knowing least to knowing most."""
    for verdict in _ORDER:
        if verdict in verdicts:
            return verdict
    return "unchecked"
