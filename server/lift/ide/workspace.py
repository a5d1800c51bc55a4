"""What is to be said about files that nobody has open: the findings of their records in the index.

Must not know LSP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lift_ir import Code, Position, Span

from lift.config import Severity
from lift.ide.findings import CODES, UNTIL_MENDED, Finding
from lift.index.records import Complaint, Gap, Place, Record


def findings_in(record: Record, severity: Mapping[str, Severity]) -> tuple[Finding, ...]:
    """The holes of a file and what is wrong with its specifications, in the order of the text."""
    found = [
        *_unreadable(record),
        *(f for part in record.complaints if (f := _complaint(part, severity))),
        *(f for part in record.gaps if (f := _gap(part, severity))),
    ]
    return tuple(sorted(found, key=lambda f: (f.span.start.line, f.span.start.column)))


def span_of(place: Place) -> Span:
    """A place as a span."""
    first, column, last, end = place
    return Span(start=Position(line=first, column=column), end=Position(line=last, column=end))


def _unreadable(record: Record) -> Iterator[Finding]:
    if record.error is not None:
        message, line = record.error
        yield Finding(None, "error", f"{message}\n{UNTIL_MENDED}", span_of((line, 0, line, 0)))


def _complaint(part: Complaint, severity: Mapping[str, Severity]) -> Finding | None:
    data = {"function": part.function, "suggestion": part.suggestion}
    known = {key: value for key, value in data.items() if value is not None}
    return _finding(part.code, part.message, part.place, known, severity)


def _gap(part: Gap, severity: Mapping[str, Severity]) -> Finding | None:
    data = {"hole": part.id} | ({"function": part.owner} if part.owner is not None else {})
    return _finding(CODES[part.hole], part.question, part.place, data, severity)


def _finding(
    code: Code, message: str, place: Place, data: Mapping[str, str], severity: Mapping[str, Severity]
) -> Finding | None:
    if severity[code] == "off":
        return None
    return Finding(code, severity[code], message, span_of(place), data=data)
