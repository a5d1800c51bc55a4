"""``lift generate``: bodies for a function, each checked against its specification before it is shown."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lift_ir import Function, Generation

from lift.cli.files import Misuse, settings
from lift.cli.interruption import interruptible
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.terminal import Line, Screen, make_printable, screen
from lift.cli.writing import write
from lift.config import Config
from lift.edit import apply
from lift.extract import extract
from lift.ide.describing import Described, stub_for, with_stub
from lift.ide.generating import Limits, written
from lift.ide.proposals import difference, edits_of, evidence, failure, origin, said
from lift.project import Project
from lift.resolve.loop.drafting import checked_in
from lift.resolve.loop.events import Event, Finished, Receiving
from lift.resolve.loop.stub import stub_of
from lift.resolve.suggest.spec import Specification
from lift.source.text import Snapshot
from lift.verify.pool import Pool

_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_REJECTED_SHOWN = 3


@dataclass(frozen=True)
class _Outcome:
    """What was found for one function, and which of it was written."""

    path: str
    text: str
    generation: Generation
    applied: int | None = None


def run(arguments: argparse.Namespace) -> int:
    """Writes bodies for what ``arguments`` name, or a stub for what they describe."""
    path, mark, name = arguments.target.partition("::")
    if mark and not _is_described(path, name):
        return _run_for(arguments, path, name)
    if not mark and os.path.exists(arguments.target):
        raise Misuse(f"name a function of it: {arguments.target}::NAME{_open_bodies(arguments.target)}")
    return _describe(arguments)


def _is_described(path: str, name: str) -> bool:
    """Whether the two sides of a ``::`` are words of a sentence rather than a file and a function."""
    return " " in name.strip() or not name or (" " in path and not os.path.exists(path))


def _open_bodies(path: str) -> str:
    if not os.path.isfile(path):
        return ""
    loaded = load(path)
    functions = loaded.module.all_functions() if loaded.module is not None else ()
    found = [f.qualname for f in functions if any(h.hole == "body" for h in f.holes)]
    return f"; without a body: {', '.join(found[:8])}" if found else ""


def _run_for(arguments: argparse.Namespace, path: str, name: str) -> int:
    config = settings(arguments)
    if not os.path.lexists(path):
        raise Misuse(f"{path!r} does not exist; check the path")
    out = screen(arguments) if arguments.format == "text" else None
    project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
    try:
        loaded = load(path, project.analyse)
        _demand(loaded, name)
        assert loaded.snapshot is not None
        generation = _generated(arguments, config, project, loaded.snapshot.uri, name)
    finally:
        project.close()
    if generation is None:
        return INTERRUPTED
    outcome = _Outcome(path, loaded.snapshot.text, generation)
    if arguments.apply is not None and generation.proposals:
        outcome = _applied(outcome, arguments.apply)
    if out is None:
        make_printable(sys.stdout)
        print(json.dumps(_data(outcome), indent=2, ensure_ascii=False))
    else:
        _print(out, outcome)
    return FINE if generation.proposals else FOUND


def _demand(loaded: Loaded, name: str) -> Function:
    """The function that is named.

    Raises:
        Misuse: The file cannot be read, or has no such function.
    """
    if loaded.fault is not None or loaded.module is None:
        raise Misuse(f"{loaded.path}: {loaded.fault}")
    function = next((f for f in loaded.module.all_functions() if f.qualname == name), None)
    if function is None:
        raise Misuse(f"{loaded.path} has no function {name}{_open_bodies(loaded.path)}")
    return function


def _limits(config: Config, arguments: argparse.Namespace) -> Limits:
    return Limits(arguments.candidates or config.candidates, arguments.rounds, arguments.timeout)


def _generated(
    arguments: argparse.Namespace, config: Config, project: Project, uri: str, name: str
) -> Generation | None:
    """What is found for a function of a text that was analysed; None if a signal ended the search."""
    limits = Limits(arguments.candidates or config.candidates, arguments.rounds, arguments.timeout)
    return asyncio.run(_followed(written(project, uri, name, limits, model=not arguments.no_model)))


async def _followed(events: AsyncGenerator[Event, None]) -> Generation | None:
    """Follow a search to its end, telling how far it is; None if a signal ended it."""
    task = asyncio.ensure_future(_to_the_end(events))
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return None
    finally:
        await events.aclose()


async def _to_the_end(events: AsyncGenerator[Event, None]) -> Generation | None:
    found: Generation | None = None
    async for event in events:
        if isinstance(event, Finished):
            found = event.generation
        elif sys.stderr.isatty() and not isinstance(event, Receiving):
            print(f"lift generate: {event.text}", file=sys.stderr, flush=True)
    return found


def _applied(outcome: _Outcome, choice: int) -> _Outcome:
    """The outcome with the chosen body written into the file.

    Raises:
        Misuse: There is no such candidate, or the file has changed or cannot be written.
    """
    proposals = outcome.generation.proposals
    if choice > len(proposals):
        raise Misuse(f"there is no candidate {choice}; {len(proposals)} passed the checks")
    after = apply(outcome.text, edits_of(proposals[choice - 1]))
    write(Path(outcome.path), outcome.text, after)
    return _Outcome(outcome.path, outcome.text, outcome.generation, choice)


def _print(out: Screen, outcome: _Outcome) -> None:
    generation = outcome.generation
    head = f"{outcome.path}:{generation.line} {generation.function}"
    out.write(Line(((head, "bold"),)))
    for number, proposal in enumerate(generation.proposals, 1):
        title = f"candidate {number} (+{proposal.added} −{proposal.removed}): {evidence(proposal)}"
        done = "  written" if outcome.applied == number else ""
        out.write(Line(((title, "bold"), (done, "green")), 2))
        notice = f"; the specification notices {proposal.killed} of {proposal.mutants} small changes of it"
        out.write(Line(((origin(proposal) + (notice if proposal.mutants else ""), "dim"),), 4))
        if proposal.result.assumptions:
            out.write(Line(((f"assumes: {'; '.join(proposal.result.assumptions)}", "dim"),), 4))
        for row in difference(outcome.text, proposal, outcome.path).splitlines()[2:]:
            out.write(Line(((row, _STYLES.get(row[:1], "")),), 4).clean)
    if not generation.proposals:
        out.write(Line(((failure(generation), "yellow"),), 2).clean)
        for one in generation.rejected[:_REJECTED_SHOWN]:
            out.write(Line((("✗ ", "red"), (said(one), "")), 2).clean)
            for row in one.code.strip("\n").splitlines()[:12]:
                out.write(Line(((row, "dim"),), 6).clean)
    for note in generation.notes:
        out.write(Line((("· ", "dim"), (note, "dim")), 2).clean)


def _data(outcome: _Outcome) -> dict[str, Any]:
    generation = outcome.generation
    found = generation.model_dump(mode="json")
    for shown, proposal in zip(found["proposals"], generation.proposals, strict=True):
        shown["evidence"] = evidence(proposal)
        shown["diff"] = difference(outcome.text, proposal, outcome.path) + "\n"
    return {"version": 1, "path": outcome.path, "applied": outcome.applied, "generation": found}


# A description alone.


def _describe(arguments: argparse.Namespace) -> int:
    """A function with its specification and holes for a sentence, and then its body, where one can be had."""
    plain = stub_of(arguments.target)
    if plain is None or " " not in arguments.target.strip():
        raise Misuse("name a function as PATH::NAME, or describe one in a sentence")
    config = settings(arguments)
    before = _before(arguments.into)
    described = _stub(arguments, config, before)
    if described is None:
        return INTERRUPTED
    stub, notes = described.stub, list(described.notes)
    text = with_stub(before, stub)
    if _function_names(before) & {stub.name}:
        raise Misuse(f"{arguments.into} has a function {stub.name} already; nothing was written")
    generation, applied = None, None
    if checked_in(stub):
        path = arguments.into or f"{stub.name}.py"
        generation = _bodies(arguments, config, path, text, stub.name)
        if generation is None:
            return INTERRUPTED
        if arguments.apply is not None and generation.proposals:
            applied = min(arguments.apply, len(generation.proposals))
    written = text
    if generation is not None and applied is not None:
        written = apply(text, edits_of(generation.proposals[applied - 1]))
    if arguments.into is not None:
        _write_whole(Path(arguments.into), before, written)
    _show_stub(arguments, described, generation, applied, text, notes)
    return FINE if generation is None or generation.proposals else FOUND


def _stub(arguments: argparse.Namespace, config: Config, before: str) -> Described | None:
    """The function that is described, its clauses reviewed; None if a signal ended that."""
    project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
    path = arguments.into or str(Path.cwd() / "described.py")
    with interruptible() as interruption:
        try:
            asked = stub_for(project, path, before, arguments.target, model=not arguments.no_model)
            return interruption.wait_for(lambda: asyncio.run(asked))
        finally:
            project.close()


def _bodies(
    arguments: argparse.Namespace, config: Config, path: str, text: str, name: str
) -> Generation | None:
    """What is found for a function of a text that is not in a file yet."""
    project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
    try:
        project.analyse(Snapshot(path, None, text))
        return _generated(arguments, config, project, path, name)
    finally:
        project.close()


def _show_stub(
    arguments: argparse.Namespace,
    described: Described,
    generation: Generation | None,
    applied: int | None,
    text: str,
    notes: list[str],
) -> None:
    stub, review = described.stub, described.review
    if arguments.format == "json":
        make_printable(sys.stdout)
        shown: dict[str, Any] = {"version": 1, "name": stub.name, "stub": stub.text}
        shown |= {"into": arguments.into, "notes": notes}
        shown["clauses"] = [c.model_dump(mode="json") for c in review.clauses] if review else []
        shown["rejected"] = [r.model_dump(mode="json") for r in review.rejected] if review else []
        shown["applied"] = applied
        shown["generation"] = generation.model_dump(mode="json") if generation is not None else None
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    out = screen(arguments)
    out.write(*(Line(((row, ""),)).clean for row in (*stub.imports, *stub.text.rstrip().split("\n"))))
    for line in _reviewed(review):
        out.write(line.clean)
    if generation is not None:
        out.write(Line())
        _print(out, _Outcome(arguments.into or f"{stub.name}.py", text, generation, applied))
    else:
        out.write(Line((("no code yet: it states nothing that could be checked", "dim"),)))
    if arguments.into is not None:
        out.write(Line(((f"written to {arguments.into}; `lift holes` lists what is open", "dim"),)))
    for note in notes:
        out.write(Line((("· ", "dim"), (note, "dim"))).clean)


def _reviewed(review: Specification | None) -> Iterator[Line]:
    for clause in review.clauses if review is not None else ():
        yield Line((("· ", "dim"), (f"{clause.text}: {clause.evidence}", "dim")))
        examples = [f"allows {clause.allows}"] if clause.allows and clause.kind != "raises" else []
        examples += [f"raised by {clause.allows}"] if clause.allows and clause.kind == "raises" else []
        examples += [f"forbids {clause.forbids}"] if clause.forbids else []
        if examples:
            yield Line((("; ".join(examples), "dim"),), 2)
    for one in review.rejected if review is not None else ():
        yield Line((("✗ ", "red"), (f"{one.text}: {one.reason}", "dim")))


def _before(into: str | None) -> str:
    """The text that the function is added to.

    Raises:
        Misuse: The file cannot be read or does not parse.
    """
    if into is None or not os.path.exists(into):
        return ""
    loaded = load(into)
    if loaded.fault is not None or loaded.snapshot is None:
        raise Misuse(f"{into}: {loaded.fault}")
    return loaded.snapshot.text


def _function_names(text: str) -> set[str]:
    return {f.qualname for f in extract(Snapshot("draft.py", None, text)).module.all_functions()}


def _write_whole(path: Path, before: str, after: str) -> None:
    if path.exists():
        write(path, before, after)
        return
    try:
        path.write_text(after, encoding="utf-8", newline="")
    except OSError as error:
        raise Misuse(f"{path} cannot be written: {error.strerror or error}") from None
