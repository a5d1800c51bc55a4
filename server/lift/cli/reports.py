"""What a check found out about each file, as values that every output format reads."""

from __future__ import annotations

from dataclasses import dataclass

from lift_ir import ClauseResult, Function, FunctionResult

from lift.cli.loading import Loaded, load
from lift.ide.findings import Finding, findings_of
from lift.ide.history import remember
from lift.project import Batch, Project


@dataclass(frozen=True)
class Checked:
    """A function and what is known about it; ``finished`` is False if the check was broken off."""

    function: Function
    result: FunctionResult
    finished: bool = True


@dataclass(frozen=True)
class FileReport:
    """A file, its functions in the order of the text, and what is to be said of it."""

    loaded: Loaded
    functions: tuple[Checked, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def path(self) -> str:
        """As the user would name it."""
        return self.loaded.path

    @property
    def is_bad(self) -> bool:
        """Whether something in the file is refuted, broken or ill-written, as its severities have it."""
        return (
            self.loaded.fault is not None
            or any(checked.result.verdict == "refuted" for checked in self.functions)
            or any(finding.severity == "error" for finding in self.findings)
        )


def started(project: Project, path: str) -> tuple[Loaded, Batch | None]:
    """Reads ``path`` and begins checking its functions; returns without waiting for them."""
    loaded = load(path, project.analyse)
    return loaded, project.begin(loaded.snapshot) if loaded.snapshot is not None else None


def reported(project: Project, loaded: Loaded, functions: tuple[Checked, ...]) -> FileReport:
    """The report on a file whose functions have been checked, which its history takes note of."""
    remember(project, loaded.path)
    # A text that does not parse is the report's own fault, which every format shows in its own way.
    findings = (f for f in findings_of(project, loaded.path) if f.code is not None)
    return FileReport(loaded, functions, tuple(findings))


def unchecked(function: Function) -> Checked:
    """``function`` without a verdict, for a check that was broken off."""
    line = function.name_span.start.line
    result = FunctionResult(name=function.qualname, line=line, verdict="unchecked")
    return Checked(function, result, finished=False)


def message_of(clause: ClauseResult) -> str:
    """The clause's own message, or one made of what it does say."""
    if clause.message:
        return clause.message
    reason = f": {clause.reason}" if clause.reason else ""
    return f"``{clause.text}`` is {clause.verdict}{reason}"
