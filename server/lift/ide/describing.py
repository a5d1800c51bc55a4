"""A description as a stub: a signature, a specification and holes, reviewed before anybody sees it.

A model drafts it where the user has one and wants it asked; the phrasebook and a few words do without one.
What comes out stands nowhere yet. Must not know LSP.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lift_ir import Function

from lift.edit import Edit, add_imports, apply
from lift.edit.text import line_end
from lift.errors import ProviderError
from lift.extract import extract
from lift.ide.generating import ProjectWorkers, model_of
from lift.project import Project
from lift.resolve.loop.drafting import drafted
from lift.resolve.loop.stub import Stub, stub_of
from lift.resolve.suggest.review import ENTRY, SECONDS, needs_review
from lift.resolve.suggest.search import Report
from lift.resolve.suggest.spec import Specification
from lift.resolve.suggest.specify import reviewed
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.verify.pool import Task

_DEF = re.compile(r"#+\s*def\s*:\s*", re.IGNORECASE)
_NO_WORDS = re.compile(
    r"#(?:!|\s*(?:type:|noqa|pragma|pylint|fmt:|ruff|mypy|region|endregion|todo|fixme|%%|[-=#*~]))",
    re.IGNORECASE,
)
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Described:
    """A stub, with what is known of its clauses.

    Attributes:
        review: What the review said; None where there was nothing to review or it came to no end.
        model: The model that drafted it; empty for none.
        notes: What a person should know.
    """

    stub: Stub
    review: Specification | None = None
    model: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comment:
    """A comment that describes a function.

    Attributes:
        first: Its first line, from 1.
        last: Its last one.
        text: Its words on one line.
    """

    first: int
    last: int
    text: str


async def stub_for(
    project: Project,
    path: str,
    before: str,
    description: str,
    *,
    model: bool = True,
    report: Report | None = None,
) -> Described | None:
    """The function that a description asks for; None if it holds no words.

    Args:
        path: The file in which it will stand, and ``before`` the text of that file.
        model: Whether a model is asked if there is one.
        report: Told how far it is.
    """
    plain = stub_of(description)
    if plain is None:
        return None
    tell = report or (lambda _: None)
    found, name, notes = (None, "", ())
    if model:
        found, name, notes = await _of_model(project, before, description, tell)
    stub = found or plain
    text = with_stub(before, stub)
    module = extract(Snapshot(path, None, text)).module
    function = _last(module.functions, stub.name)
    if function is None or not needs_review(function):
        return Described(stub, None, name if found else "", notes)
    tell("judging the clauses of the stub")
    options = replace(project.options, seconds=SECONDS, backend="lift")
    task = Task(module, text, stub.name, options, ENTRY, name if found else "")
    result = await reviewed(ProjectWorkers(project, path, task), ENTRY, name if found else "", SECONDS)
    if isinstance(result, str):
        return Described(stub, None, name if found else "", (*notes, result))
    after = apply(text, [Edit(e.span, e.text) for e in result.edits])
    function = _last(extract(Snapshot(path, None, after)).module.functions, stub.name)
    if function is not None:
        definition = LineIndex(after).text_at(function.span).replace("\r\n", "\n")
        stub = replace(stub, text=f"{definition.rstrip()}\n", clauses=result.open)
    return Described(stub, result, name if found else "", notes)


async def _of_model(
    project: Project, before: str, description: str, tell: Report
) -> tuple[Stub | None, str, tuple[str, ...]]:
    provider, why = await model_of(project.config)
    if provider is None:
        return None, "", (why,)
    tell(f"asking {provider.model or provider.name} for a draft")
    try:
        found = await drafted(provider, description, before)
    except ProviderError as error:
        return None, "", (str(error),)
    finally:
        await provider.close()
    if not found.stubs:
        said = "no draft could be used; this is what the sentence alone says"
        return None, found.model, (*found.notes, said)
    return keeping(found.stubs[0], description), found.model, found.notes


def keeping(stub: Stub, description: str) -> Stub:
    """The stub with the words that asked for it, so that none of them are lost."""
    words = " ".join(description.replace("\0", " ").replace("\\", "/").replace('"', "'").split())
    if words.rstrip(".").lower() in " ".join(stub.text.split()).lower():
        return stub
    head, quotes, rest = stub.text.partition('"""')
    summary, end, more = rest.partition("\n")
    if not quotes or not end:
        return stub
    return replace(stub, text=f"{head}{quotes}{summary}\n\n    {_wrapped(words)}\n{more}")


def _wrapped(words: str) -> str:
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + len(word) > 87:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n    ".join([*lines, line])


def _last(functions: Sequence[Function], name: str) -> Function | None:
    return next((f for f in reversed(functions) if f.qualname == name), None)


def with_stub(before: str, stub: Stub) -> str:
    """The text with the function at its end, and the imports at its head."""
    end = line_end(before)
    head = before.rstrip("\r\n")
    after = (head + end * 3 if head else "") + stub.text.replace("\n", end)
    return apply(after, add_imports(after, stub.imports))


# A comment.


def comment_at(text: str, line: int) -> Comment | None:
    """The comment at the module's margin that has this line, if it describes a function to be written.

    A comment above code is about that code; one that parses is code that somebody took out.

    Args:
        line: From 1.
    """
    rows = LineIndex(text)
    count = len(rows.starts)

    def row(number: int) -> str:
        return rows.line(number).rstrip("\r\n") if 1 <= number <= count else ""

    if not row(line).startswith("#"):
        return None
    first = last = line
    while first > 1 and row(first - 1).startswith("#") and not _DEF.match(row(first)):
        first -= 1
    while last < count and row(last + 1).startswith("#") and not _DEF.match(row(last + 1)):
        last += 1
    block = [row(n) for n in range(first, last + 1)]
    named = _DEF.match(block[0]) is not None
    if any(_NO_WORDS.match(r) for r in block) or (row(last + 1).strip() and not named):
        return None
    words = " ".join(_DEF.sub("", r).lstrip("#").strip() for r in block).strip()
    if len(re.findall(r"[^\W\d_]+", words)) < (1 if named else _LEAST_WORDS) or _is_code(words):
        return None
    return Comment(first, last, words)


def _is_code(words: str) -> bool:
    try:
        ast.parse(words)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return " " in words


def in_place(text: str, comment: Comment, stub: Stub) -> tuple[Edit, ...]:
    """The edits that put a stub where a comment stands; its words stand in the docstring then."""
    index, end = LineIndex(text), line_end(text)
    start = index.starts[comment.first - 1]
    stop = index.starts[comment.last] if comment.last < len(index.starts) else len(text)
    before, after = text[:start], text[stop:]
    above = end * max(0, 2 - _blank(before.splitlines()[::-1])) if before.strip() else ""
    below = end * max(0, 2 - _blank(after.splitlines())) if after.strip() else ""
    edit = Edit(index.span(start, stop), f"{above}{stub.text.replace(chr(10), end)}{below}")
    return (*add_imports(text, stub.imports), edit)


def _blank(rows: Sequence[str]) -> int:
    """How many empty lines come first."""
    return next((n for n, row in enumerate(rows) if row.strip()), len(rows))
