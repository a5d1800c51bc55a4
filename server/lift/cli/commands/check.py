"""``lift check``: every function of every file goes to the workers at once; results come in file order."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from lift.cli.files import chosen, settings
from lift.cli.formats import data, github, sarif, text
from lift.cli.interruption import Interruption, interruptible
from lift.cli.loading import Loaded
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.reports import Checked, FileReport, reported, started, unchecked
from lift.cli.terminal import Line, Progress, Screen, make_printable, screen
from lift.config import Config
from lift.neighbours import stub_problems
from lift.project import Batch, Pending, Project
from lift.verify.pool import Pool


@dataclass
class _Work:
    """What has been begun and what has come out; it stays readable when a Ctrl-C breaks it off."""

    interruption: Interruption
    batches: list[tuple[Loaded, Batch | None]] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether it came to its end."""
        return not self.interruption.asked


def run(arguments: argparse.Namespace) -> int:
    """Checks what ``arguments`` name and prints it in the format that they name."""
    config = settings(arguments)
    paths = chosen(arguments, config)
    for problem in stub_problems(Path.cwd()):
        print(f"lift: warning: {problem}", file=sys.stderr)
    with interruptible() as interruption:
        work = _Work(interruption)
        # In file order, so that the first results are the first to be printed.
        pool = Pool(config.workers, newest_first=False)
        project = Project(Path.cwd(), config, pool=pool)
        try:
            if arguments.format == "text":
                detail = text.Detail(arguments.verbose, arguments.explain)
                _as_text(project, paths, work, screen(arguments), detail)
            else:
                for _ in _steps(project, paths, work, None):
                    pass
                _print(work, arguments.format, config)
        finally:
            project.close()
    if not work.finished:
        return INTERRUPTED
    return FOUND if any(report.is_bad for report in work.reports) else FINE


def _as_text(project: Project, paths: list[str], work: _Work, out: Screen, detail: text.Detail) -> None:
    """Prints each function as soon as it and all before it are there."""
    begun = time.perf_counter()
    with out.progress("checking") as bar:
        headed = None
        for step in _steps(project, paths, work, bar):
            lines = list(_lines(step, detail, headed=headed is step[0]))
            if lines:
                headed = step[0]
                out.write(*lines)
    if not work.finished:
        left = sum(not checked.finished for report in work.reports for checked in report.functions)
        out.write(Line(((f"interrupted; {text.count(left, 'function')} not checked", "bold yellow"),)))
    out.write(text.summary(work.reports, time.perf_counter() - begun))
    if work.finished and not any(r.functions or r.loaded.fault or r.loaded.problems for r in work.reports):
        hint = "No function states a specification: write Requires: or Ensures: in a docstring."
        out.write(Line(((hint, "dim"),)))


_Step = tuple[Loaded, Checked | None, FileReport | None]


def _steps(project: Project, paths: list[str], work: _Work, bar: Progress | None) -> Iterator[_Step]:
    """Each function in the order of files and texts, and after a file's last one its report.

    Ctrl-C ends the waiting: the functions that are left are reported as unchecked.
    """
    for path in paths:
        if work.interruption.asked:
            break
        loaded, batch = started(project, path)
        work.batches.append((loaded, batch))
        _watch(batch, bar)
    for loaded, batch in work.batches:
        functions: list[Checked] = []
        for pending in batch.pending if batch is not None else ():
            functions.append(_checked(project, batch, pending, work.interruption))
            yield loaded, functions[-1], None
        report = reported(project, loaded, tuple(functions))
        work.reports.append(report)
        yield loaded, None, report


def _checked(project: Project, batch: Batch | None, pending: Pending, interruption: Interruption) -> Checked:
    """The result of a function, waiting for it unless the user wants to stop."""
    result = None
    if batch is not None and (pending.future is None or pending.future.done()):
        result = project.finish(batch, pending)
    elif batch is not None:
        result = interruption.wait_for(lambda: project.finish(batch, pending))
    return unchecked(pending.function) if result is None else Checked(pending.function, result)


def _watch(batch: Batch | None, bar: Progress | None) -> None:
    if batch is None or bar is None:
        return
    futures: list[Future] = [p.future for p in batch.pending if p.future is not None]
    bar.grow(len(futures))
    for future in futures:
        future.add_done_callback(lambda _future: bar.step())


def _lines(step: _Step, detail: text.Detail, *, headed: bool) -> Iterator[Line]:
    """What a step prints; ``headed`` says whether its file has a heading already."""
    loaded, checked, report = step
    body: list[Line] = []
    if checked is not None and checked.finished:
        body += text.function(loaded, checked, detail)
    elif report is not None:
        body += text.rest(report)
    if not headed and (body or (report is not None and loaded.fault)):
        yield from text.heading(loaded)
        headed = True
    yield from body
    if report is not None and headed:
        yield Line()


def _print(work: _Work, form: str, config: Config) -> None:
    make_printable(sys.stdout)
    if form == "json":
        print(json.dumps(data.document(work.reports), indent=2))
    elif form == "sarif":
        print(json.dumps(sarif.document(work.reports, config.severity, finished=work.finished), indent=2))
    else:
        for line in github.workflow_commands(work.reports):
            print(line)
