"""Reads what a model answered: a filled-in form, or a typed refusal that says what is wrong with it.

A server that holds answers to a schema is believed no more than one that does not: everything is validated
again. Nothing here raises on what an answer is. Whether code is right is not judged here, and code that
does not parse is let through: the check refuses it with a message that a model can use. Must not import
anything but the forms, the IR and the request's types.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from lift.generate.forms import BodyForm, Form
from lift.generate.provider import Answer
from lift.source.blocks import indented

_MOST_TEXT = 64_000
"""Longest answer that is read, in characters: several times what any form holds."""
_FENCE = re.compile(r"\A```[A-Za-z]*[ \t]*\n(?P<inside>.*?)\n?```\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A<think>.*?</think>", re.DOTALL)
F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Unusable:
    """An answer that cannot be used.

    Attributes:
        reason: A sentence without an initial capital, for people and for the next round.
        text: The answer.
    """

    reason: str
    text: str


@dataclass(frozen=True)
class Body:
    """A body as it is handed to the check.

    Attributes:
        code: The statements, the first of them at the margin; the definition where the model wrote all of it.
        whole: Whether it is the definition.
        imports: Import statements that it needs.
        plan: What the model meant to do.
    """

    code: str
    whole: bool = False
    imports: tuple[str, ...] = ()
    plan: str = ""

    def definition(self, header: str) -> str:
        """The definition with this body: the model's own one, which the check compares, where it wrote one.

        Args:
            header: The definition without its body, its signature at the margin.
        """
        if self.whole:
            return f"{self.code}\n"
        try:
            lines = indented(self.code, "    ")
        except (SyntaxError, tokenize.TokenError):
            # It will not parse in any case, and the message should be about what the model wrote.
            lines = textwrap.indent(self.code, "    ").split("\n")
        return "\n".join([header.rstrip(), *lines, ""])


def read(form: type[F], answer: Answer) -> F | Unusable:
    """The form that an answer fills in, or why it is of no use."""
    text = answer.text
    match answer.finish:
        case "refusal":
            return Unusable("the model declined to answer", text)
        case "length":
            return Unusable(f"the answer was cut off after {answer.tokens.completion:,} tokens", text)
    if len(text) > _MOST_TEXT:
        return Unusable(f"the answer is {len(text):,} characters long", text[:_MOST_TEXT])
    return read_text(form, text)


def read_text(form: type[F], text: str) -> F | Unusable:
    """The same for text alone. A fence round the whole of it, or a thought before it, is taken off."""
    inside = _THOUGHT.sub("", text.strip()).strip()
    if fenced := _FENCE.match(inside):
        inside = fenced["inside"]
    try:
        value = json.loads(inside, object_pairs_hook=_object, parse_constant=_constant)
    except _Duplicate as error:
        return Unusable(f"the answer names {error} twice", text)
    except (ValueError, RecursionError) as error:
        return Unusable(f"the answer is not JSON: {_first_line(error)}", text)
    if (broken := _unwritable(value)) is not None:
        return Unusable(f"the answer holds {broken}", text)
    try:
        # Validated from JSON, where strictness still lets an array be a tuple.
        return form.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        return Unusable(f"the answer is not of the form that was asked for: {_mistakes(error)}", text)


def read_body(answer: Answer, name: str) -> Body | Unusable:
    """A body for the function of this name."""
    form = read(BodyForm, answer)
    if isinstance(form, Unusable):
        return form
    for text in form.imports:
        if not _is_import(text):
            return Unusable(f"{text!r} is not an import statement", answer.text)
    code, whole = code_of(form.body, name)
    if not code:
        return Unusable("the body is empty", answer.text)
    return Body(code, whole, form.imports, form.plan)


def code_of(body: str, name: str) -> tuple[str, bool]:
    """What a model wrote for a body, at the margin, and whether it is the whole definition.

    Understands the slips that models make most: a fence, statements that are indented as they will stand, the
    first line at the margin and the others indented, and the definition in place of its body.
    """
    text = body.replace("\r\n", "\n").strip("\n").rstrip()
    if fenced := _FENCE.match(text.strip()):
        text = fenced["inside"].strip("\n").rstrip()
    first, _, rest = text.partition("\n")
    spelled = (textwrap.dedent(text), f"{first.lstrip()}\n{textwrap.dedent(rest)}".rstrip())
    for candidate in dict.fromkeys(spelled):
        if (tree := _parsed(candidate)) is not None:
            return candidate, _is_definition(tree, name)
    return spelled[0], False


def _parsed(text: str) -> ast.Module | None:
    try:
        # A warning about what a model wrote belongs to nobody.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_definition(tree: ast.Module, name: str) -> bool:
    """Whether this is a text that defines the function, perhaps in its class, rather than its statements."""
    for statement in tree.body:
        inside = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        if any(isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef) and s.name == name for s in inside):
            return True
    return False


def _is_import(text: str) -> bool:
    tree = _parsed(text)
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Import | ast.ImportFrom)


class _Duplicate(ValueError):
    """A key that occurs twice; which of the two counts is said nowhere."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [k for k, _ in pairs]
        raise _Duplicate(repr(next(k for k in keys if keys.count(k) > 1)))
    return value


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unwritable(value: Any) -> str | None:
    """What in a value could not be written into a source file."""
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text:
                if "\0" in text:
                    return "a null character"
                if any("\ud800" <= c <= "\udfff" for c in text):
                    return "half a character (a lone surrogate)"
            case dict() as mapping:
                pending += [*mapping.keys(), *mapping.values()]
            case list() as items:
                pending += items
    return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _mistakes(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    said = [f"{_place(e['loc'])}: {e['msg'][:1].lower()}{e['msg'][1:]}" for e in found[:3]]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(said) + more


def _place(location: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in location)[:80] or "the whole"
