"""``lift fill``: what could fill the holes, with the evidence for it, shown or written down."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lift_ir import Candidate, Class, Function, Hole, Module, Provenance

from lift.cli import specifying
from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.formats import data, text
from lift.cli.interactive import ask as ask_person
from lift.cli.interruption import Interruption, interruptible
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.recalling import wrote
from lift.cli.suggesting import ask
from lift.cli.terminal import Line, Screen, make_printable, screen
from lift.cli.writing import write
from lift.edit import Failure, apply, fill_together
from lift.extract import extract
from lift.ide.history import reviewer
from lift.ide.resolutions import resolution
from lift.ide.suggesting import is_asked_about
from lift.project import Project
from lift.resolve.graph import graph_of
from lift.resolve.holes import SHOWN, SURE, Resolution, is_ambiguous
from lift.resolve.suggest.judge import Rejected
from lift.source.text import Snapshot
from lift.verify.pool import Pool, TaskError

# Filling one hole may decide others that were looked at before it.
_ROUNDS = 3


@dataclass
class _Filling:
    """A hole with what was found for it.

    Attributes:
        owner: Qualified name of what has it.
        written: The text that fills it now, None if nothing was written.
        reason: Why nothing was written although that was asked for.
        rejected: What a model suggested and a check refused.
    """

    owner: str
    hole: Hole
    written: str | None = None
    reason: str = ""
    rejected: tuple[Rejected, ...] = ()


@dataclass
class _File:
    """A file with its holes.

    Attributes:
        text: As it is with what was filled so far.
        saved: As it is on the disk; None as long as that is as it was loaded.
        steps: The text before and after each filling, and who wrote that.
    """

    loaded: Loaded
    text: str = ""
    saved: str | None = None
    found: dict[str, _Filling] = field(default_factory=dict)
    steps: list[tuple[str, str, Provenance]] = field(default_factory=list)


@dataclass(frozen=True)
class _Work:
    arguments: argparse.Namespace
    project: Project
    interruption: Interruption


def run(arguments: argparse.Namespace) -> int:
    """Fills what ``arguments`` name; 1 if a file could not be read or parsed."""
    if arguments.draft:
        return specifying.run(arguments)
    names = named_functions(arguments)
    config = settings(arguments)
    files = [_File(load(path)) for path in chosen(arguments, config)]
    wanted = [(f, _wanted(f, names.get(os.path.realpath(f.loaded.path)), arguments)) for f in files]
    _require_one(arguments, sum(len(holes) for _, holes in wanted))
    with interruptible() as interruption:
        project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
        work = _Work(arguments, project, interruption)
        try:
            for file, holes in wanted:
                if not holes or interruption.asked:
                    continue
                if not _writes(arguments):
                    _look(work, file, holes)
                elif not _fill(work, file, holes):
                    break
            for file in files:
                for before, after, provenance in file.steps:
                    wrote(project, file.loaded.path, before, after, _looked_at(provenance, arguments))
        finally:
            project.close()
    if arguments.interactive:
        _print_sum(screen(arguments), files)
    elif arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_document(files, arguments), indent=2))
    else:
        _print(screen(arguments), files, arguments)
    if interruption.asked:
        return INTERRUPTED
    return FOUND if any(f.loaded.fault is not None for f in files) else FINE


def _looked_at(provenance: Provenance, arguments: argparse.Namespace) -> Provenance:
    """Somebody who chooses has looked at it; nobody need have where the evidence decides."""
    return provenance if arguments.apply else provenance.model_copy(update={"reviewer": reviewer()})


def _writes(arguments: argparse.Namespace) -> bool:
    return bool(arguments.apply or arguments.choose or arguments.interactive)


def _wanted(file: _File, only: set[str] | None, arguments: argparse.Namespace) -> list[str]:
    """The ids of the holes that are asked for, in an order in which they can be filled."""
    loaded = file.loaded
    if loaded.fault is not None or loaded.module is None or loaded.snapshot is None:
        return []
    file.text = loaded.snapshot.text
    owners = {o.qualname for o in (*loaded.module.all_functions(), *loaded.module.classes)}
    for missing in sorted((only or set()) - set(owners)):
        raise Misuse(f"{loaded.path} has no function or class {missing}")
    graph = graph_of(loaded.module, file.text)
    return [
        key
        for key, hole in graph.holes.items()
        if hole.hole != "body"
        and (only is None or graph.owners[key].qualname in only)
        and (not arguments.kind or hole.hole in arguments.kind)
        and arguments.hole in (None, key)
    ]


def _require_one(arguments: argparse.Namespace, count: int) -> None:
    if arguments.hole is not None and count == 0:
        raise Misuse(f"there is no hole {arguments.hole}; lift holes --format json lists their ids")
    if arguments.interactive and arguments.format == "json":
        raise Misuse("--interactive asks and answers in words; leave --format out")
    if arguments.choose is not None:
        if count != 1:
            raise Misuse(f"--choose fills one hole, and {count} are meant; name it with --hole")
        if arguments.choose < 1:
            raise Misuse(f"--choose must be a candidate's number from 1, not {arguments.choose}")


def _look(work: _Work, file: _File, wanted: list[str]) -> None:
    """What is found for each hole of a file; the functions go to the workers together."""
    assert file.loaded.snapshot is not None
    module = work.project.analyse(file.loaded.snapshot).module
    holes, owners = _holes(module)
    futures: dict[str, Future[str] | None] = {}
    for key in wanted:
        owner = owners[key].qualname
        if owner not in futures:
            kinds = {holes[k].hole for k in wanted if owners[k].qualname == owner}
            futures[owner] = _started(work, file, owner, work.arguments.hole, sorted(kinds))
    for owner, future in futures.items():
        print(f"lift fill: {file.loaded.path}: {owner}", file=sys.stderr)
        found = work.interruption.wait_for(lambda future=future: _answer(future))
        if found is None:
            return
        for hole in found.holes:
            if hole.id in wanted:
                file.found[hole.id] = _Filling(owner, hole)
    missing = [key for key in wanted if key not in file.found]
    file.found |= {key: _Filling(owners[key].qualname, holes[key]) for key in missing}
    file.found = {key: file.found[key] for key in wanted}
    _ask_model(work, file, wanted)


def _ask_model(work: _Work, file: _File, wanted: list[str]) -> None:
    """Asks a model, if the user wants that, about what nothing was found for, or what was named."""
    snapshot = file.loaded.snapshot
    if not work.arguments.model or snapshot is None or work.interruption.asked:
        return
    snapshot = Snapshot(snapshot.uri, None, file.text)
    owners = _holes(work.project.analyse(snapshot).module)[1]
    asked = [
        f.hole
        for key in wanted
        if (f := file.found.get(key)) is not None
        and f.written is None
        and (not f.hole.candidates or work.arguments.hole is not None)
        and is_asked_about(f.hole, owners[key])
    ]
    answers = work.interruption.wait_for(lambda: ask(work.project, snapshot.uri, asked))
    for key, one in (answers or {}).items():
        file.found[key].hole, file.found[key].rejected = one.hole, one.rejected


def _fill(work: _Work, file: _File, wanted: list[str]) -> bool:
    """Fills one hole after the other, each in the text with those before it; False if the user stopped."""
    left = wanted
    # Whoever skipped a hole is not asked about it again.
    for _ in range(1 if work.arguments.interactive else _ROUNDS):
        before = file.text
        for key in left:
            if not _fill_one(work, file, key):
                _save(file)
                return False
        left = [key for key in left if key in file.found and file.found[key].written is None]
        if file.text == before or not left:
            break
    _save(file)
    return True


def _save(file: _File) -> None:
    """Writes to the disk what was filled since that was last done."""
    if file.saved is None and file.loaded.snapshot is not None:
        file.saved = file.loaded.snapshot.text
    if file.saved is not None and file.text != file.saved:
        write(Path(file.loaded.path), file.saved, file.text)
        file.saved = file.text


def _fill_one(work: _Work, file: _File, key: str) -> bool:
    """Fills a hole if there is a filling to choose; False if the user wants to stop."""
    path = file.loaded.path
    holes, owners = _holes(work.project.analyse(Snapshot(path, None, file.text)).module)
    if key not in holes:
        return True
    owner = owners[key]
    print(f"lift fill: {path}: {key}", file=sys.stderr)
    future = _started(work, file, owner.qualname, key, None)
    found = work.interruption.wait_for(lambda: _answer(future))
    if found is None:
        return False
    hole = next((h for h in found.holes if h.id == key), holes[key])
    filling = file.found[key] = _Filling(owner.qualname, hole)
    _ask_model(work, file, [key])
    hole = filling.hole
    if work.arguments.interactive:
        return _fill_as_told(work, file, owner, filling)
    candidate, filling.reason = _choice(hole, work.arguments.choose)
    if candidate is not None:
        filling.reason = _write_into(file, owner, hole, candidate, together=bool(work.arguments.choose))
        filling.written = None if filling.reason else candidate.text
    return True


def _fill_as_told(work: _Work, file: _File, owner: Function | Class, filling: _Filling) -> bool:
    """Fills a hole with what the person wants, and saves it at once; False if they want to stop."""
    out, path = screen(work.arguments), file.loaded.path
    out.write(*(line.clean for line in _lines(path, filling, len(filling.hole.candidates))))
    answer = work.interruption.wait_for(lambda: ask_person(filling.hole))
    while isinstance(answer, Candidate):
        reason = _write_into(file, owner, filling.hole, answer, together=True)
        if not reason:
            filling.written = answer.text
            _save(file)
            out.write(Line((("✓ ", "green"), (f"filled with {answer.text}", "")), 4), Line())
            return True
        out.write(Line((("· ", "yellow"), (f"not filled: {reason}", "")), 4))
        answer = work.interruption.wait_for(lambda: ask_person(filling.hole))
    out.write(Line())
    return answer == "skip"


def _choice(hole: Hole, number: int | None) -> tuple[Candidate | None, str]:
    """The candidate to write, or why none is."""
    found = hole.candidates
    if number is not None:
        if number > len(found):
            raise Misuse(f"{hole.id} has no candidate {number}; it has {len(found)}")
        return found[number - 1], ""
    if not found:
        return None, "nothing is known that could fill it"
    if found[0].score < SURE:
        return None, f"the evidence is weak ({found[0].score:.2f} of {SURE:.2f}); --choose takes it"
    if is_ambiguous(found):
        return None, f"{found[0].text} and {found[1].text} are about as likely; --choose takes one"
    return found[0], ""


def _write_into(
    file: _File, owner: Function | Class, hole: Hole, candidate: Candidate, *, together: bool
) -> str:
    """Puts a filling into the file's text; what is wrong with the text that would result, if something is.

    Args:
        together: Whether what is tied to the hole is filled in the same edit: it always is for terms, which
            were found together, while types are each worth a look of their own.
    """
    module = extract(Snapshot(file.loaded.path, None, file.text)).module
    fills = candidate.fills if together or hole.hole == "term" else ()
    alone = candidate.model_copy(update={"fills": fills})
    edits = fill_together(file.text, module, owner, hole, alone)
    if isinstance(edits, Failure):
        return edits.reason
    after = apply(file.text, edits)
    before, now = (extract(Snapshot(file.loaded.path, None, t)) for t in (file.text, after))
    if now.error is not None:
        return f"the file would not parse: {now.error.message}"
    left = _holes(now.module)[0]
    if hole.id in left:
        return "the hole would still be open"
    worse = [p.message for p in now.problems if p.code == "bad-clause"]
    if len(worse) > sum(p.code == "bad-clause" for p in before.problems):
        return worse[-1]
    file.steps.append((file.text, after, candidate.provenance))
    file.text = after
    holes, owners = _holes(module)
    for key, value in fills:
        if key not in left:
            file.found[key] = _Filling(owners[key].qualname, holes[key], value)
    return ""


def _holes(module: Module) -> tuple[dict[str, Hole], dict[str, Function | Class]]:
    owners = (*module.classes, *module.all_functions())
    return {h.id: h for o in owners for h in o.holes}, {h.id: o for o in owners for h in o.holes}


def _started(
    work: _Work, file: _File, owner: str, hole: str | None, kinds: list[str] | None
) -> Future[str] | None:
    task = resolution(work.project, file.loaded.path, owner, hole, kinds=kinds)
    return None if task is None else work.project.perform(task)


def _answer(future: Future[str] | None) -> Resolution:
    if future is None:
        return Resolution(function="", line=1)
    try:
        return Resolution.model_validate_json(future.result())
    except TaskError as why:
        print(f"lift fill: {why}", file=sys.stderr)
        return Resolution(function="", line=1)


def _print(out: Screen, files: list[_File], arguments: argparse.Namespace) -> None:
    for file in files:
        if file.found or file.loaded.fault is not None:
            out.write(*text.heading(file.loaded))
            for filling in file.found.values():
                out.write(*(line.clean for line in _lines(file.loaded.path, filling)))
            out.write(Line())
    fillings = [filling for file in files for filling in file.found.values()]
    found, written = sum(bool(f.hole.candidates) for f in fillings), sum(bool(f.written) for f in fillings)
    said = f"{text.count(len(fillings), 'hole')}, candidates for {found}"
    if _writes(arguments):
        said += f", {written} filled"
    elif found:
        said += "; --apply writes those that leave no doubt"
    out.write(Line(((said, "bold"),)))


def _print_sum(out: Screen, files: list[_File]) -> None:
    fillings = [filling for file in files for filling in file.found.values()]
    for file in files:
        if file.loaded.fault is not None:
            out.write(*text.heading(file.loaded))
    said = f"{text.count(len(fillings), 'hole')}, {sum(bool(f.written) for f in fillings)} filled"
    out.write(Line(((said, "bold"),)))


def _lines(path: str, filling: _Filling, most: int = SHOWN) -> Iterator[Line]:
    hole = filling.hole
    yield from text.open_hole(path, hole, filling.owner)
    yield Line(((hole.id, "dim"),), 4)
    for number, candidate in enumerate(hole.candidates[:most], 1):
        strength = f" ({candidate.strength})" if candidate.strength else ""
        score = (f"  {candidate.score:.2f}", "dim")
        shown = (candidate.text, "bold" if filling.written == candidate.text else "")
        yield Line(((f"{number}  ", "dim"), shown, (strength, "dim"), score), 4)
        yield Line(((candidate.evidence, "dim"),), 7)
        examples = [f"allows {candidate.allows}"] if candidate.allows else []
        examples += [f"forbids {candidate.forbids}"] if candidate.forbids else []
        if examples:
            yield Line((("; ".join(examples), "dim"),), 7)
    for one in filling.rejected[:SHOWN]:
        yield Line((("✗ ", "red"), (f"{one.text}: {one.reason}", "dim")), 4)
    rest = hole.candidates[most:]
    if rest:
        numbered = ", ".join(f"{n} {c.text}" for n, c in enumerate(rest, most + 1))
        yield Line(((f"other resolutions: {numbered}", "dim"),), 4)
    if not hole.candidates and not filling.reason:
        yield Line((("· nothing is known that could fill it", "dim"),), 4)
    if filling.written is not None:
        yield Line((("✓ ", "green"), (f"filled with {filling.written}", "")), 4)
    elif filling.reason:
        yield Line((("· ", "yellow"), (f"not filled: {filling.reason}", "")), 4)


def _document(files: list[_File], arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "version": data.VERSION,
        "applied": _writes(arguments),
        "files": [
            {
                "path": file.loaded.path,
                "holes": [
                    {
                        "id": filling.hole.id,
                        "function": filling.owner,
                        **data.hole(filling.hole),
                        "column": filling.hole.span.start.column,
                        "depends_on": filling.hole.depends_on,
                        "constraints": [c.model_dump(mode="json") for c in filling.hole.constraints],
                        "candidates": [
                            c.model_dump(mode="json", exclude={"provenance"}) for c in filling.hole.candidates
                        ],
                        "rejected": [r.model_dump(mode="json") for r in filling.rejected],
                        "written": filling.written,
                        "reason": filling.reason or None,
                    }
                    for filling in file.found.values()
                ],
                "error": None if file.loaded.fault is None else str(file.loaded.fault),
            }
            for file in files
        ],
    }
