"""``lift check``: every function of every file goes to the workers at once; results come in file order."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lift.cli.files import chosen, settings
from lift.cli.formats import data, github, sarif, text
from lift.cli.loading import Loaded
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.reports import Checked, FileReport, reported, started, unchecked
from lift.cli.terminal import Line, Progress, Screen, make_printable, screen
from lift.config import Config
from lift.project import Batch, Project
from lift.verify.pool import Pool


@dataclass
class _Work:
    """What has been begun and what has come out; it stays readable when a Ctrl-C breaks it off."""

    batches: list[tuple[Loaded, Batch | None]] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    finished: bool = False


def run(arguments: argparse.Namespace) -> int:
    """Checks what ``arguments`` name and prints it in the format that they name."""
    config = settings(arguments)
    paths = chosen(arguments, config)
    with _ended_by_signals():
        # In file order, so that the first results are the first to be printed.
        pool = Pool(config.workers, newest_first=False)
        project = Project(Path.cwd(), config, pool=pool)
        try:
            if arguments.format == "text":
                work = _as_text(project, paths, screen(arguments), arguments.verbose)
            else:
                work = _collected(project, paths)
                _print(work, arguments.format, config)
        finally:
            project.close()
    if not work.finished:
        return INTERRUPTED
    return FOUND if any(report.is_bad for report in work.reports) else FINE


def _as_text(project: Project, paths: list[str], out: Screen, verbose: bool) -> _Work:
    """Prints each function as soon as it and all before it are there."""
    begun = time.perf_counter()
    with out.progress("checking") as bar:
        work, headed = _Work(), None
        for step in _steps(project, paths, work, bar):
            for line in _lines(step, verbose, headed=headed is step[0]):
                headed = step[0]
                out.write(line)
    if not work.finished:
        left = sum(not checked.finished for report in work.reports for checked in report.functions)
        out.write(Line(((f"interrupted; {left} functions were not checked", "bold yellow"),)))
    out.write(text.summary(work.reports, time.perf_counter() - begun))
    if work.finished and not any(r.functions or r.loaded.fault or r.loaded.problems for r in work.reports):
        hint = "No function states a specification: write Requires: or Ensures: in a docstring."
        out.write(Line(((hint, "dim"),)))
    return work


def _collected(project: Project, paths: list[str]) -> _Work:
    work = _Work()
    for _ in _steps(project, paths, work, None):
        pass
    return work


_Step = tuple[Loaded, Checked | None, FileReport | None]


def _steps(project: Project, paths: list[str], work: _Work, bar: Progress | None) -> Iterator[_Step]:
    """Each function in the order of files and texts, and after a file's last one its report.

    Ctrl-C ends the waiting: the functions that are left are reported as unchecked.
    """
    interrupted = False
    try:
        for path in paths:
            loaded, batch = started(project, path)
            work.batches.append((loaded, batch))
            _watch(batch, bar)
    except KeyboardInterrupt:
        interrupted = True
    for loaded, batch in work.batches:
        functions: list[Checked] = []
        for pending in batch.pending if batch is not None else ():
            checked = unchecked(pending.function)
            try:
                # After a Ctrl-C only what is known already is still taken.
                known = not interrupted or pending.future is None or pending.future.done()
                result = project.finish(batch, pending) if batch is not None and known else None
            except KeyboardInterrupt:
                interrupted, result = True, None
            if result is not None:
                checked = Checked(pending.function, result)
            functions.append(checked)
            yield loaded, checked, None
        report = reported(project, loaded, tuple(functions))
        work.reports.append(report)
        yield loaded, None, report
    work.finished = not interrupted


def _watch(batch: Batch | None, bar: Progress | None) -> None:
    if batch is None or bar is None:
        return
    futures: list[Future] = [p.future for p in batch.pending if p.future is not None]
    bar.grow(len(futures))
    for future in futures:
        future.add_done_callback(lambda _future: bar.step())


def _lines(step: _Step, verbose: bool, *, headed: bool) -> Iterator[Line]:
    """What a step prints; ``headed`` says whether its file has a heading already."""
    loaded, checked, report = step
    body: list[Line] = []
    if checked is not None and checked.finished:
        problems = [p for p in loaded.problems if p.function == checked.function.qualname]
        body += text.function(loaded.path, checked, problems, verbose=verbose)
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


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the command the way Ctrl-C does, so that no worker outlives it."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    try:
        # A signal that nohup had ignored stays ignored.
        before = [
            (number, signal.signal(number, stop))
            for number in signals
            if signal.getsignal(number) == signal.SIG_DFL
        ]
    except ValueError:
        # Signals belong to the main thread; elsewhere there is nothing to install.
        before = []
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
