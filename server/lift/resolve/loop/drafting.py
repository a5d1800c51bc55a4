"""A sentence as a function with a specification, drafted by a model: nothing in it that does not check.

A model proposes; what parses and names only what is there becomes a checked clause, what does not stays
prose, which is a hole that a person fills. Nothing is run, and there is no body: that comes afterwards.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from lift_ir import Function, Tokens

from lift.errors import ProviderError
from lift.extract import extract
from lift.generate import answers, prompts
from lift.generate.asking import Outcome, ask_many, notes_on, tokens_of
from lift.generate.forms import DraftClause, DraftForm
from lift.generate.provider import Answer, Provider
from lift.resolve.loop.stub import Stub
from lift.source.text import Snapshot

_LINE = 100
_TYPING = frozenset(["Any", "Literal", "Optional", "Union", "TypeVar", "Final", "NamedTuple", "TypedDict"])
_ABSTRACT = frozenset(
    ["Callable", "Collection", "Iterable", "Iterator", "Mapping", "MutableMapping", "Sequence", "Sized"]
)


@dataclass(frozen=True)
class Drafts:
    """What a model drafted.

    Attributes:
        stubs: The functions, those that say most that can be checked first.
        model: The model's name as its server gives it.
        prompt: Digest of what it was asked, 16 hex digits.
        notes: What a person should know.
    """

    stubs: tuple[Stub, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    notes: tuple[str, ...] = ()


async def drafted(provider: Provider, sentence: str, text: str = "", count: int = 3) -> Drafts:
    """Ask a model for functions that a sentence describes.

    Args:
        text: The file in which the function will stand, which may be empty.
        count: How many drafts it is asked for.

    Raises:
        ProviderError: There was no answer at all.
    """
    known = _names(text)
    request = prompts.draft(sentence, known)
    outcomes: list[Outcome] = []
    async with aclosing(ask_many(provider, request, count)) as asked:
        async for _, outcome in asked:
            outcomes.append(outcome)
    said = [o for o in outcomes if isinstance(o, Answer)]
    failed = [o for o in outcomes if isinstance(o, ProviderError)]
    if failed and not said:
        raise failed[0]
    found: dict[str, Stub] = {}
    notes = list(notes_on(outcomes))
    for one in said:
        form = answers.read(DraftForm, one)
        if isinstance(form, answers.Unusable):
            notes.append(f"an answer was of no use: {form.reason}")
            continue
        stub = stub_of_form(form, text)
        if stub is not None:
            found.setdefault(stub.text, stub)
    stubs = sorted(found.values(), key=lambda s: (-checked_in(s), len(s.text)))
    model = said[0].model if said else provider.model
    return Drafts(
        tuple(stubs), model, prompts.prompt_digest(request), tokens_of(outcomes), tuple(dict.fromkeys(notes))
    )


def checked_in(stub: Stub) -> int:
    """How many postconditions and exceptions of a stub can be checked."""
    function = _function(stub.text, stub.name)
    if function is None:
        return 0
    return sum(
        c.kind in ("ensures", "raises") and c.expression is not None and not c.holes for c in function.clauses
    )


def stub_of_form(form: DraftForm, text: str = "") -> Stub | None:
    """The function that a form describes; None if no definition can be made of it.

    Args:
        text: The file in which it will stand.
    """
    name = _identifier(form.name)
    if name is None:
        return None
    parameters: list[tuple[str, str, str]] = []
    imports: dict[str, None] = {}
    for parameter in form.parameters:
        own = _identifier(parameter.name)
        if own is None or any(own == other for other, _, _ in parameters):
            return None
        annotation = annotation_of(parameter.type, text, imports)
        parameters.append((own, annotation, _prose(parameter.description)))
    returns = annotation_of(form.returns, text, imports)
    shown = ", ".join(f"{n}: {t}" if t else n for n, t, _ in parameters)
    header = f"def {name}({shown}){f' -> {returns}' if returns else ''}:"
    maker = _Maker(name, header, text)
    sections = _sections(form, maker, parameters)
    definition = maker.definition(_sentence(form.summary), sections)
    if _function(f"{text}\n\n{definition}", name) is None:
        return None
    return Stub(name, definition, maker.open, tuple(imports))


@dataclass
class _Maker:
    """Makes definitions and tries clauses out in them."""

    name: str
    header: str
    text: str
    opened: list[str] = field(default_factory=list)

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(self.opened)

    def definition(self, summary: str, sections: Sequence[tuple[str, Sequence[str]]]) -> str:
        lines = [summary]
        for title, bullets in sections:
            if bullets:
                lines += ["", f"{title}:", *(f"    {b}" for b in bullets)]
        raw = any("\\" in line for line in lines)
        quoted = [f'{"r" if raw else ""}"""{lines[0]}', *lines[1:], '"""']
        body = "\n".join(f"    {line}" if line else "" for line in quoted)
        return f"{self.header}\n{body}\n    raise NotImplementedError\n"

    def bullet(self, title: str, clause: DraftClause) -> str | None:
        """A clause as a checked bullet, or as prose if it does not check; None if it says nothing."""
        expression, meaning = clause.expression, _prose(clause.meaning)
        if expression and "`" not in expression and self._checks(title, f"- ``{expression}``"):
            return f"- ``{expression}``" + (f": {meaning}" if meaning else "")
        if not meaning:
            return None
        self.opened.append(meaning)
        return f"- {meaning}"

    def _checks(self, title: str, bullet: str) -> bool:
        return self.clean([(title, [bullet])])

    def clean(self, sections: Sequence[tuple[str, Sequence[str]]]) -> bool:
        """Whether a definition with these sections alone has a specification without mistakes."""
        if any('"""' in b or b.count("``") % 2 for _, bullets in sections for b in bullets):
            return False
        definition = self.definition("Try.", sections)
        before = extract(Snapshot("draft.py", None, self.text))
        after = extract(Snapshot("draft.py", None, f"{self.text}\n\n{definition}"))
        return after.error is None and len(after.problems) <= len(before.problems)


def _sections(
    form: DraftForm, maker: _Maker, parameters: Sequence[tuple[str, str, str]]
) -> list[tuple[str, list[str]]]:
    requires = [b for c in form.requires if (b := maker.bullet("Requires", c)) is not None]
    ensures = [b for c in form.ensures if (b := maker.bullet("Ensures", c)) is not None]
    stated = " ".join([*requires, *ensures])
    for question in form.questions:
        name, asked = _identifier(question.name), _prose(question.question)
        if not asked or (question.hole == "term" and name is not None and f"?{name}" in stated):
            continue
        if question.hole == "term" and name is not None:
            bullet = f"- ``?{name}``: {asked}"
            ensures += [bullet] if maker.clean([("Ensures", [bullet])]) else []
        else:
            maker.opened.append(asked)
            ensures.append(f"- {asked}")
    words = [w for w in dict.fromkeys(form.effects) if w != "none"]
    effects = [f"- ``{w}``" for w in words] or (["- ``none``"] if "none" in form.effects else [])
    arguments = [f"{n}: {d}" for n, _, d in parameters if d]
    raises: list[str] = []
    for one in form.raises:
        name = _exception(one.exception)
        line = f"{name}: If ``{one.expression}``" if one.expression else f"{name}: {_sentence(one.meaning)}"
        if name is not None and "`" not in one.expression and maker.clean([("Raises", [line])]):
            raises.append(line if line.endswith(".") else f"{line}.")
    return [
        ("Requires", requires),
        ("Ensures", ensures),
        ("Effects", effects),
        ("Args", arguments),
        ("Raises", raises),
    ]


def _identifier(name: str) -> str | None:
    found = name.strip().lstrip("?")
    return found if found.isidentifier() and not keyword.iskeyword(found) else None


def _exception(name: str) -> str | None:
    found = getattr(builtins, name.strip(), None)
    is_error = isinstance(found, type) and issubclass(found, Exception)
    return name.strip() if is_error else None


def annotation_of(text: str, module: str, imports: dict[str, None]) -> str:
    """The annotation if all its names mean something, with the imports that it takes; else nothing."""
    found = text.strip()
    if not found or "\n" in found:
        return ""
    try:
        tree = ast.parse(found, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    if not all(isinstance(n, _IN_ANNOTATIONS) for n in ast.walk(tree)):
        return ""
    known = set(_bound(module))
    needed: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and not _is_builtin_type(node.id):
            if node.id in _TYPING:
                needed[f"from typing import {node.id}"] = None
            elif node.id in _ABSTRACT:
                needed[f"from collections.abc import {node.id}"] = None
            else:
                return ""
    imports.update(needed)
    return ast.unparse(tree)


_IN_ANNOTATIONS = (
    ast.Expression,
    ast.Name,
    ast.Load,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.BinOp,
    ast.BitOr,
    ast.Constant,
    ast.Attribute,
    ast.UnaryOp,
    ast.USub,
)


def _is_builtin_type(name: str) -> bool:
    return name == "None" or isinstance(getattr(builtins, name, None), type)


def _bound(text: str) -> list[str]:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [a.asname or a.name.partition(".")[0] for a in node.names]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found += [
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            ]
    return found


def _names(text: str) -> tuple[str, ...]:
    """The imports and the heads of the definitions of a file, for the prompt."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[str] = []
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(f"def {node.name}({ast.unparse(node.args)}): ...")
        elif isinstance(node, ast.ClassDef):
            found.append(f"class {node.name}: ...")
    return tuple(found[:40])


def _function(text: str, name: str) -> Function | None:
    extraction = extract(Snapshot("draft.py", None, text))
    if extraction.error is not None:
        return None
    return next((f for f in reversed(extraction.module.functions) if f.qualname == name), None)


def _prose(text: str) -> str:
    """Words as they may stand in a docstring's bullet: on one line, without what would be read as code."""
    clean = " ".join(text.split()).replace("`", "'").replace("\\", "/").replace('"', "'")
    return "".join(c for c in clean if c.isprintable())[: _LINE * 2].strip().rstrip(".")


def _sentence(text: str) -> str:
    clean = _prose(text) or "Do what it is called"
    return f"{clean[:1].upper()}{clean[1:]}."
