"""``extract``: a text → its IR and the problems of its specifications, whatever the text is."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from lift_ir import Module, Problem

from lift.extract.bindings import ModuleNames, bindings_of, is_open
from lift.extract.linking import linked
from lift.extract.python import module_intent, read_piece
from lift.source import LineIndex, Snapshot, digest


@dataclass(frozen=True)
class ParseError:
    """Why a text as a whole does not parse.

    Attributes:
        message: Complete in itself.
        line: Where, from 1.
    """

    message: str
    line: int


@dataclass(frozen=True)
class Extraction:
    """What extraction made of a text.

    Attributes:
        module: The IR; while the text does not parse the last good one, moved along with the edits.
        problems: What is wrong with the specifications.
        error: Why the text as a whole does not parse, None if it does.
        snapshot: The text.
    """

    module: Module
    problems: tuple[Problem, ...]
    error: ParseError | None
    snapshot: Snapshot


def extract(snapshot: Snapshot, previous: Extraction | None = None) -> Extraction:
    """Extracts the IR of a Python text; never raises."""
    text = snapshot.text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return Extraction(
            Module(path=snapshot.uri, digest=digest(text)),
            (),
            ParseError(error.msg, error.lineno or 1),
            snapshot,
        )
    except (ValueError, RecursionError, MemoryError) as error:
        return Extraction(
            Module(path=snapshot.uri, digest=digest(text)), (), ParseError(str(error), 1), snapshot
        )
    index = LineIndex(text)
    names = ModuleNames(bindings_of(text, tree.body), is_open(text, tree.body))
    piece = read_piece(index, tree.body, names, stub=snapshot.uri.endswith(".pyi"))
    everything = [*piece.functions, *(m for c in piece.classes for m in c.methods)]
    effects = linked([(f.function.qualname, f.body) for f in everything], [c.cls for c in piece.classes])
    final = {
        id(f): f.function.model_copy(update={"effects": e}) for f, e in zip(everything, effects, strict=True)
    }
    module = Module(
        path=snapshot.uri,
        intent=module_intent(index, tree.body),
        functions=tuple(final[id(f)] for f in piece.functions),
        classes=tuple(
            c.cls.model_copy(update={"methods": tuple(final[id(m)] for m in c.methods)})
            for c in piece.classes
        ),
        digest=digest(text),
    )
    return Extraction(module, piece.problems, None, snapshot)
