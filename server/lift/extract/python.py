"""Python source → IR: the functions and classes of a piece of a module, each with what it specifies.

Works on a list of statements rather than on a whole file, and keeps what an unchanged function gave
before, so that an edit costs what it touches. What needs other functions (effects through calls) is left
to ``lift.extract.linking``. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from lift_ir import Class, Example, Function, Hole, Intent, Problem, Span

from lift.extract import clauses as own
from lift.extract.attributes import declared_attributes, known_attributes, stored_names
from lift.extract.bindings import ModuleNames
from lift.extract.bounds import read_bounds
from lift.extract.contracts import read_contracts
from lift.extract.docstring import read_words
from lift.extract.draft import Draft
from lift.extract.effects import Body, BodyFacts, body_too_deep, read_body
from lift.extract.ellipses import terms_in_code
from lift.extract.guards import read_guards, read_loop_assertions
from lift.extract.literal import Literal, read_literal
from lift.extract.names import ClauseScope, argument_names
from lift.extract.nodes import (
    DEFINITIONS,
    SIMPLE,
    Definition,
    block_span,
    definition_span,
    inner_statements,
    name_span,
    source_of,
    span_of,
)
from lift.extract.pep316 import may_hold, read_pep316
from lift.extract.sections import NOTHING, Sections, read_sections
from lift.extract.signatures import body_hole, intent_hole, read_signature, type_holes
from lift.source import LineIndex, digest

Def = ast.FunctionDef | ast.AsyncFunctionDef
_NO_BODY = re.compile(r"(?:\w+\.)*(?:overload|abstract\w*)\b")


class Context(NamedTuple):
    """What a function's reading depends on besides its own text and the module's names."""

    qualname: str
    column: int
    has_invariants: bool
    protocol: bool


@dataclass(frozen=True)
class Unit:
    """A function with everything in it.

    Attributes:
        function: Its IR; ``effects`` holds only what the body does itself.
        body: What linking needs to know of the body.
        parts: The definitions in its body.
        problems: What is wrong with its specification.
        context: What its reading depended on.
        source: Its text.
        line: Its first line, from 1.
        asked: The names that were asked of the module, those in its parts included.
        attributes: What its class was known to have, empty unless it was asked.
    """

    function: Function
    body: BodyFacts
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    context: Context
    source: str
    line: int
    asked: frozenset[str]
    attributes: tuple[frozenset[str] | None, ...] = ()


@dataclass(frozen=True)
class ClassPart:
    """A class with everything in it; the IR's ``methods`` are left empty here."""

    cls: Class
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]


Part = Unit | ClassPart
Memory = Mapping[tuple[Context, str], Unit]
Shift = Callable[[Unit, int], Unit]


class _Doc(NamedTuple):
    """A docstring: its value, where it stands, and how its places map, None where that cannot be told."""

    value: str
    span: Span
    literal: Literal | None


class _Reader(NamedTuple):
    """The text being read.

    Attributes:
        memory: What functions gave when they were read before.
        shift: Moves a unit down by some lines.
    """

    index: LineIndex
    names: ModuleNames
    stub: bool
    memory: Memory
    shift: Shift


class _Around(NamedTuple):
    """Where a definition stands.

    Attributes:
        prefix: What precedes its name in the qualified name, with the dot.
        owner: The class that it is a method of.
        has_invariants: Whether that class states invariants.
        protocol: Whether that class only says what others do.
        in_function: Whether a function is around it.
        attributes_of: What that class is known to have.
        enclosing_of: Names of the functions around it.
    """

    prefix: str = ""
    owner: str | None = None
    has_invariants: bool = False
    protocol: bool = False
    in_function: bool = False
    attributes_of: Callable[[], frozenset[str] | None] = lambda: None
    enclosing_of: Callable[[], frozenset[str]] = frozenset


class _Recorded:
    """Hands a question on and remembers what the answer was."""

    __slots__ = ("answers", "ask")

    def __init__(self, ask: Callable[[], frozenset[str] | None]) -> None:
        self.ask = ask
        self.answers: tuple[frozenset[str] | None, ...] = ()

    def __call__(self) -> frozenset[str] | None:
        if not self.answers:
            self.answers = (self.ask(),)
        return self.answers[0]


def read_parts(
    index: LineIndex,
    statements: Sequence[ast.stmt],
    names: ModuleNames,
    *,
    stub: bool,
    memory: Memory,
    shift: Shift,
) -> tuple[Part, ...]:
    """Reads the definitions in some statements of a module.

    Args:
        index: The whole text.
        statements: Top-level statements, their places counted in the whole text.
        names: The module's names.
        stub: Whether the file only declares.
        memory: Units that were read before and still hold, by context and source.
        shift: Moves a unit down by some lines.
    """
    return _definitions(_Reader(index, names, stub, memory, shift), statements, _Around())


def module_intent(index: LineIndex, statements: Sequence[ast.stmt]) -> Intent | None:
    """What a module's docstring says, None if its first statement is none."""
    doc = _docstring_of(index, statements)
    return None if doc is None else _intent(doc, NOTHING)[0]


def _definitions(reader: _Reader, statements: Sequence[ast.stmt], around: _Around) -> tuple[Part, ...]:
    """Reads every definition in the statements."""
    return tuple(
        [
            _class(reader, node, around)
            if isinstance(node, ast.ClassDef)
            else _function(reader, node, around)
            if around.in_function
            else _remembered(reader, node, around)
            for node in _definition_nodes(statements)
        ]
    )


def _definition_nodes(statements: Sequence[ast.stmt]) -> Iterator[Definition]:
    """The definitions in a block and its branches, in order, without what is inside them."""
    stack = list(statements)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, DEFINITIONS):
            yield node
        elif type(node) not in SIMPLE:
            stack.extend(inner_statements(node)[::-1])


def _class(reader: _Reader, node: ast.ClassDef, around: _Around) -> ClassPart:
    """Reads a class and everything in it."""
    index = reader.index
    around = _with_type_parameters(around, node)
    qualname = around.prefix + node.name
    attributes_of = cache(lambda: known_attributes(node))
    scope = ClauseScope(frozenset({"self"}), reader.names, "self", attributes_of, around.enclosing_of)
    draft = Draft(qualname, scope, index)
    doc = _docstring_of(index, node.body)
    intent = None
    if doc is not None:
        sections = NOTHING if doc.literal is None else read_sections(doc.value)
        intent, _ = _intent(doc, sections)
        if doc.literal is not None:
            own.read_bullets(draft, doc.literal, sections, of_class=True)
            if may_hold(doc.value):
                read_pep316(draft, doc.literal, of_class=True)
    if node.decorator_list and reader.names.libraries:
        read_contracts(draft, node.decorator_list)
    bases = tuple([source_of(index, base) for base in node.bases])
    inside = _Around(
        f"{qualname}.",
        qualname,
        bool(draft.clauses),
        any("Protocol" in base for base in bases),
        around.in_function,
        attributes_of,
        around.enclosing_of,
    )
    span = definition_span(index, node)
    cls = Class(
        name=node.name,
        qualname=qualname,
        bases=bases,
        decorators=tuple([source_of(index, d) for d in node.decorator_list]),
        intent=intent,
        invariants=tuple(draft.clauses),
        holes=tuple(draft.holes.values()),
        attributes=declared_attributes(index, node),
        digest=digest(index.text_at(span)),
        span=span,
        name_span=name_span(index, node),
    )
    return ClassPart(cls, _definitions(reader, node.body, inside), tuple(draft.problems))


def _remembered(reader: _Reader, node: Def, around: _Around) -> Unit:
    """A function outside of functions: what it gave before, if nothing that it depends on has changed."""
    if not reader.memory:
        return _function(reader, node, around)
    span = definition_span(reader.index, node)
    context = Context(around.prefix + node.name, node.col_offset, around.has_invariants, around.protocol)
    known = reader.memory.get((context, reader.index.text_at(span)))
    if known is None or (known.attributes and known.attributes[0] != around.attributes_of()):
        return _function(reader, node, around)
    reader.names.asked |= known.asked
    return reader.shift(known, span.start.line - known.line)


def _function(reader: _Reader, node: Def, around: _Around) -> Unit:
    """Reads a function and everything in it."""
    names = reader.names.afresh()
    attributes = _Recorded(around.attributes_of)
    inner = reader._replace(names=names)
    unit = _read_function(inner, node, around._replace(attributes_of=attributes), attributes)
    reader.names.asked |= names.asked
    return unit


def _read_function(reader: _Reader, node: Def, around: _Around, attributes: _Recorded) -> Unit:
    index, qualname = reader.index, around.prefix + node.name
    decorators = tuple([source_of(index, d) for d in node.decorator_list])
    receiver = _receiver(node, around, decorators)
    parameters = frozenset(argument_names(node.args))
    around = _with_type_parameters(around, node)
    scope = ClauseScope(parameters, reader.names, receiver, around.attributes_of, around.enclosing_of)
    draft = Draft(qualname, scope, index)
    doc = _docstring_of(index, node.body)
    after_docstring = node.body[1:] if doc is not None else node.body
    intent, descriptions = (None, {}) if doc is None else _docstring(draft, doc)
    body = _body(reader, node, qualname, around.owner, receiver)
    _read_code(draft, node, after_docstring, body)
    public = not node.name.startswith("_") or node.name == "__init__"
    open_body: dict[str, Hole] = {}
    has_body = not (reader.stub or around.protocol or any(map(_NO_BODY.match, decorators)))
    if has_body:
        open_body = body_hole(index, node, qualname, doc is not None)
    # Examples alone state nothing of a function that has a body, but are all that a stub is wanted for.
    wanted = bool(open_body) and any(isinstance(c, Example) for c in draft.clauses)
    specified = draft.written or wanted or (around.has_invariants and public and receiver is not None)
    signature = read_signature(index, node, qualname, descriptions, receiver, around.owner)
    holes = draft.holes
    if specified:
        holes = type_holes(draft, signature, node, qualname) | holes | open_body
        if has_body and not open_body and "..." in index.text_at(definition_span(index, node)):
            holes = holes | terms_in_code(index, node, qualname, after_docstring, holes)
    if draft.written and intent is None:
        holes = intent_hole(index, node, qualname) | holes
    span = definition_span(index, node)
    source = index.text_at(span)
    function = Function(
        name=node.name,
        qualname=qualname,
        intent=intent,
        signature=signature,
        clauses=tuple(draft.clauses),
        holes=tuple(holes.values()),
        calls=body.calls,
        effects=body.facts.facts,
        decorators=decorators,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=body.is_generator,
        specified=specified,
        digest=digest(source),
        span=span,
        name_span=name_span(index, node),
        docstring_span=None if doc is None else doc.span,
        body_span=block_span(index, after_docstring) if after_docstring else None,
    )
    parts = _inside(reader, node, qualname, around, parameters) if body.defines else ()
    context = Context(qualname, node.col_offset, around.has_invariants, around.protocol)
    asked = frozenset(reader.names.asked)
    return Unit(
        function,
        body.facts,
        parts,
        tuple(draft.problems),
        context,
        source,
        span.start.line,
        asked,
        attributes.answers,
    )


def _with_type_parameters(around: _Around, node: Definition) -> _Around:
    """The surroundings with the names in ``def f[T](…)``, which Python has since 3.12."""
    names = frozenset(parameter.name for parameter in getattr(node, "type_params", ()))
    if not names:
        return around
    outside = around.enclosing_of
    return around._replace(enclosing_of=lambda: outside() | names)


def _inside(
    reader: _Reader, node: Def, qualname: str, around: _Around, parameters: frozenset[str]
) -> tuple[Part, ...]:
    """The definitions in a function."""
    enclosing = around.enclosing_of
    locals_of = cache(lambda: enclosing() | parameters | stored_names(node))
    inside = _Around(f"{qualname}.<locals>.", in_function=True, enclosing_of=locals_of)
    return _definitions(reader, node.body, inside)


def _body(reader: _Reader, node: Def, qualname: str, owner: str | None, receiver: str | None) -> Body:
    try:
        return read_body(reader.index, node, reader.names, qualname, owner, receiver)
    except RecursionError:
        return body_too_deep(node)


def _read_code(draft: Draft, node: Def, statements: Sequence[ast.stmt], body: Body) -> None:
    """Adds what the code itself states: decorators, annotations, guards, assertions at the heads of loops."""
    try:
        if node.decorator_list and draft.scope.module.libraries:
            read_contracts(draft, node.decorator_list)
        if draft.scope.module.libraries:
            read_bounds(draft, node)
        if not body.is_generator:
            read_guards(draft, statements)
        if body.loops:
            read_loop_assertions(draft, body.loops)
    except RecursionError:
        # Something is nested so deeply that nobody wrote it by hand; the rest of the function still counts.
        return


def _docstring(draft: Draft, doc: _Doc) -> tuple[Intent | None, dict[str, str]]:
    """Adds a function's docstring to its draft; gives its intent and what it says about parameters."""
    if doc.literal is None:
        return _intent(doc, NOTHING)
    sections = read_sections(doc.value)
    if sections is not NOTHING:
        own.read_bullets(draft, doc.literal, sections, of_class=False)
        own.read_raises(draft, doc.literal, sections)
    if may_hold(doc.value):
        read_pep316(draft, doc.literal, of_class=False)
    if ">>>" in doc.value:
        own.read_examples(draft, doc.literal)
    return _intent(doc, sections)


def _intent(doc: _Doc, sections: Sections) -> tuple[Intent | None, dict[str, str]]:
    words = read_words(doc.value, sections.lines)
    if not words.summary and not words.rationale:
        return None, dict(words.parameters)
    return Intent(summary=words.summary, rationale=words.rationale, span=doc.span), dict(words.parameters)


def _docstring_of(index: LineIndex, body: Sequence[ast.stmt]) -> _Doc | None:
    """The docstring of a block, None if the block does not start with a string."""
    if not body or not isinstance(body[0], ast.Expr):
        return None
    node = body[0].value
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    span = span_of(index, node)
    literal = read_literal(index.text, index.offset(span.start), index.offset(span.end), node.value)
    return _Doc(node.value, span, literal)


def _receiver(node: Def, around: _Around, decorators: tuple[str, ...]) -> str | None:
    """What a method calls its object; None for functions, static and class methods."""
    if around.owner is None or node.name == "__new__":
        return None
    if any(d in {"staticmethod", "classmethod"} for d in decorators):
        return None
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else None
