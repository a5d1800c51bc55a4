"""What a person reads: a line a function, and below it what is wrong, what is open, and where.

A mark says what the evidence is: only a proof has the tick.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lift_ir import ClauseResult, Counterexample, Function, FunctionResult, Hole, Problem, Span, Verdict

from lift.cli.loading import Loaded, loose_holes, place
from lift.cli.reports import Checked, FileReport, message_of
from lift.cli.terminal import Line, Segment
from lift.ide.walk import told

MARKS: Mapping[Verdict, str] = {
    "proved": "✓",
    "bounded": "◐",
    "tested": "◔",
    "refuted": "✗",
    "unknown": "?",
    "unchecked": "·",
}
STYLES: Mapping[Verdict, str] = {
    "proved": "green",
    "bounded": "cyan",
    "tested": "cyan",
    "refuted": "bold red",
    "unknown": "yellow",
    "unchecked": "dim",
}
_ORDER: tuple[Verdict, ...] = ("proved", "bounded", "tested", "refuted", "unknown", "unchecked")
_CODE = re.compile(r"(``.+?``|`[^`]+`)", re.DOTALL)


def heading(loaded: Loaded) -> Iterator[Line]:
    """The file's name, and why it could not be read if it could not."""
    yield Line(((loaded.path, "bold"),))
    if loaded.fault is not None:
        yield _marked("✗", "bold red", ("cannot be checked", "red"))
        yield Line(((loaded.fault.message, ""),), 6)
        if loaded.fault.line is not None:
            yield _at(place(loaded.path, loaded.fault.line))


@dataclass(frozen=True)
class Detail:
    """How much is shown.

    Attributes:
        verbose: The clauses that hold as well.
        explain: The lines on the way to each counterexample, with the values.
    """

    verbose: bool = False
    explain: bool = False


def function(loaded: Loaded, checked: Checked, detail: Detail) -> Iterator[Line]:
    """A function: its verdict, then each clause that did not hold, what is ill-written, and the holes."""
    path = loaded.path
    result = checked.result
    style = STYLES[result.verdict]
    stamp = f"  {seconds(result.seconds)}" if checked.finished else ""
    yield _marked(
        MARKS[result.verdict], style, (result.name, "bold"), (f"  {result.verdict}", style), (stamp, "dim")
    )
    shown = [
        c for c in result.clauses if detail.verbose or not _is_told_elsewhere(c, checked.function, loaded)
    ]
    for clause in shown:
        if not _shares_its_reason(clause):
            yield from _clause(path, clause)
            if detail.explain and clause.counterexample is not None and loaded.snapshot is not None:
                for row in told(clause.counterexample, loaded.snapshot.text):
                    yield Line(((row, "dim"),), 8)
    yield from _undecided(path, [c for c in shown if _shares_its_reason(c)])
    if detail.explain:
        yield from _loops(path, result)
    if detail.verbose and result.verdict in ("proved", "bounded") and result.assumptions:
        for assumption in result.assumptions:
            yield Line((("assuming ", "dim"), (assumption, "dim")), 6)
    for problem in loaded.problems:
        if problem.function == checked.function.qualname:
            yield from _problem(path, problem)
    for hole in checked.function.holes:
        yield from open_hole(path, hole)


def _loops(path: str, result: FunctionResult) -> Iterator[Line]:
    """The invariants that were found, loop by loop."""
    for loop in result.loops:
        yield Line(
            (("↻ ", "green"), ("invariants found and proved", ""), (f"  {place(path, loop.line)}", "blue")), 4
        )
        for invariant in loop.invariants:
            yield Line(_prose(f"`{invariant.text}`"), 8)
        if loop.rounds is not None:
            yield Line(((f"where {loop.rounds} is the number of rounds done", "dim"),), 8)


def rest(report: FileReport) -> Iterator[Line]:
    """What is ill-written or open in a file outside of its functions, and what drifted."""
    named = {checked.function.qualname for checked in report.functions}
    for problem in report.loaded.problems:
        if problem.function not in named:
            yield from _problem(report.path, problem)
    for hole in loose_holes(report.loaded.module):
        yield from open_hole(report.path, hole)
    for finding in report.findings:
        if finding.code == "drift":
            where = (f"  {place(report.path, finding.span)}", "blue")
            yield Line((("drift  ", "yellow"), *_prose(finding.message), where), 2)


def open_hole(path: str, hole: Hole, owner: str = "") -> Iterator[Line]:
    """A hole with its question and its place; ``owner`` names its function where nothing else does."""
    named: tuple[Segment, ...] = ((f"{owner}  ", "bold"),) if owner else ()
    where = (f"  {place(path, hole.span)}", "blue")
    yield Line(
        (("○ ", "magenta"), (f"open {hole.hole}  ", "magenta"), *named, *_prose(hole.question), where),
        2 if owner else 4,
    )


def summary(reports: list[FileReport], elapsed: float) -> Line:
    """One line over everything: ``3 functions · 1 proved · 1 refuted · 1 unknown · 4 holes · 0.9 s``."""
    functions = [checked for report in reports for checked in report.functions]
    verdicts = Counter(checked.result.verdict for checked in functions)
    holes = sum(len(c.function.holes) for c in functions)
    holes += sum(len(loose_holes(report.loaded.module)) for report in reports)
    problems = sum(p.code == "bad-clause" for report in reports for p in report.loaded.problems)
    faults = sum(report.loaded.fault is not None for report in reports)
    parts: list[Segment] = [(count(len(functions), "function"), "bold")]
    parts += [(f"{verdicts[v]} {v}", STYLES[v]) for v in _ORDER if verdicts[v]]
    parts += [(count(holes, "hole"), "magenta")] if holes else []
    parts += [(f"{problems} ill-written", "yellow")] if problems else []
    parts += [(f"{count(faults, 'file')} not readable", "bold red")] if faults else []
    parts += [(seconds(elapsed), "dim")]
    joined = [piece for part in parts for piece in ((" · ", "dim"), part)][1:]
    return Line(tuple(joined))


def seconds(value: float) -> str:
    """A time for people."""
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s"


def count(number: int, what: str) -> str:
    """``1 hole``, ``2 holes``.

    Ensures:
        - ``result == f"{number} {what}" or (number != 1 and result == f"{number} {what}s")``
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def _is_told_elsewhere(clause: ClauseResult, function: Function, loaded: Loaded) -> bool:
    """Whether the function's own line, one of its holes or a problem says all that there is to say."""
    if clause.verdict == "unchecked":
        open_clauses = {c.id for c in function.clauses if c.holes}
        is_open = clause.clause in open_clauses or any(hole.hole == "body" for hole in function.holes)
        return is_open or any(_is_inside(problem.span, clause.span) for problem in loaded.problems)
    return clause.verdict == "proved" and clause.code in (None, "unknown")


def _is_inside(inner: Span, outer: Span) -> bool:
    start, first, last = [(p.line, p.column) for p in (inner.start, outer.start, outer.end)]
    return first <= start <= last


def _shares_its_reason(clause: ClauseResult) -> bool:
    return clause.verdict in ("unknown", "unchecked") and clause.reason is not None


def _undecided(path: str, clauses: list[ClauseResult]) -> Iterator[Line]:
    """Clauses without a verdict, each reason once, and those that contradict each other together."""
    groups: dict[tuple[Verdict, str | None, int | None], list[ClauseResult]] = {}
    for clause in clauses:
        groups.setdefault((clause.verdict, clause.reason, clause.reason_line), []).append(clause)
    for (verdict, reason, line), members in groups.items():
        mark = (f"{MARKS[verdict]} ", STYLES[verdict])
        if members[0].code not in (None, "unknown"):
            # Nothing is undecided here: the clauses cannot be true together, which the message says.
            yield Line((("! ", "bold red"), *_prose(message_of(members[0]).partition("\n")[0])), 4)
            for clause in members:
                yield Line((*_named(clause), (f"  {place(path, clause.span)}", "blue")), 6)
            continue
        if len(members) == 1:
            yield Line((mark, *_standing(members[0])), 4)
            yield _at(place(path, line if line is not None else members[0].span))
            continue
        lead = _LEADS.get(verdict, "").strip()
        yield Line((mark, (f"{lead}: ", ""), *_prose(reason or ""), *_tests(members[0])), 4)
        if line is not None:
            yield _at(place(path, line))
        for clause in members:
            where = (f"  {place(path, clause.span)}", "blue")
            yield Line((*_named(clause), where), 6)


def _clause(path: str, clause: ClauseResult) -> Iterator[Line]:
    mark = (f"{MARKS[clause.verdict]} ", STYLES[clause.verdict])
    if clause.verdict == "refuted" or clause.code not in (None, "unknown"):
        first, *rest = message_of(clause).splitlines() or [""]
        yield Line((mark, *_prose(first)), 4)
        for line in rest:
            yield Line(_prose(line), 6)
    else:
        yield Line((mark, *_standing(clause)), 4)
    yield _at(place(path, clause.span))
    # An example is its own input, and a call that breaks Requires goes no further than the place just named.
    if clause.counterexample is not None and clause.kind not in ("example", "call"):
        yield from _run(path, clause.counterexample, message_of(clause), clause.related)
    together: dict[str, list[str]] = {}
    for span, text in clause.related:
        together.setdefault(text, []).append(place(path, span))
    for text, places in together.items():
        yield _at(", ".join(places), text)


def _named(clause: ClauseResult) -> tuple[Segment, ...]:
    if clause.clause is not None or clause.kind == "assert":
        # A clause may go over several lines, which are of no use here.
        return (f"{clause.kind} ", "dim"), *_prose(f"`{' '.join(clause.text.split())}`")
    # Such an obligation is written nowhere; its text is a sentence.
    return _prose(clause.text)


def _standing(clause: ClauseResult) -> tuple[Segment, ...]:
    """What holds of a clause that is not refuted, with the evidence or the reason."""
    parts: list[Segment] = list(_named(clause))
    if clause.verdict == "bounded" and clause.bounds:
        parts.append((f" holds for {clause.bounds}", "cyan"))
    if clause.verdict == "proved" and clause.evidence:
        parts.append((f"  {clause.evidence}", "dim"))
    if clause.reason and clause.verdict != "proved":
        parts += [(f"{_LEADS.get(clause.verdict, '')}: ", ""), *_prose(clause.reason)]
    return (*parts, *_tests(clause))


_LEADS: Mapping[Verdict, str] = {"unknown": " could not be decided", "unchecked": " is not checked"}


def _tests(clause: ClauseResult) -> tuple[Segment, ...]:
    if not clause.tests or clause.verdict in ("proved", "refuted"):
        return ()
    return ((f"; {count(clause.tests, 'test')} passed", "cyan"),)


def _run(
    path: str, found: Counterexample, told: str, related: tuple[tuple[Span, str], ...]
) -> Iterator[Line]:
    """What of a counterexample the message does not tell: how to run it, and where it came out."""
    if found.call and (found.setup or found.call not in told):
        label = "to run it: "
        for line in (*found.setup, found.call):
            yield Line(((label, "dim"), (line, "bold")), 6)
            label = " " * len(label)
    if found.failing and found.failing not in told:
        yield Line(_prose(found.failing), 6)
    outcome = found.outcome
    if outcome.line is not None and outcome.line not in {span.start.line for span, _ in related}:
        yield _at(place(path, outcome.line), f"{outcome.kind} here")


def _problem(path: str, problem: Problem) -> Iterator[Line]:
    yield Line((("! ", "yellow"), (f"{problem.code}  ", "yellow"), *_prose(problem.message)), 4)
    yield _at(place(path, problem.span))


def _marked(mark: str, style: str, *segments: Segment) -> Line:
    return Line(((f"{mark} ", style), *segments), 2)


def _at(where: str, what: str = "") -> Line:
    return Line(((where, "blue"), (f"  {what}" if what else "", "dim")), 6)


def _prose(text: str) -> tuple[Segment, ...]:
    """Text with its code set apart; the backticks stay, since a pipe shows nothing else."""
    parts = _CODE.split(text)
    return tuple((part, "bold" if index % 2 else "") for index, part in enumerate(parts) if part)
