"""Python source → IR: the functions and classes of a piece of a module, each with what it specifies.

Works on a list of statements rather than on a whole file, so that an edit costs what it touches. What
needs other functions (effects through calls) is left to ``lift.extract.linking``. Must not import other
parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from lift_ir import (
    Attribute,
    Class,
    Constraint,
    Function,
    Hole,
    Intent,
    Parameter,
    Position,
    Problem,
    Signature,
    SignatureType,
    Span,
    TypeExpr,
    TypeHole,
)

from lift.extract import clauses as own
from lift.extract.bindings import ModuleNames
from lift.extract.bounds import read_bounds
from lift.extract.contracts import read_contracts
from lift.extract.docstring import read_words
from lift.extract.draft import Draft, span_of
from lift.extract.effects import BodyFacts, read_body
from lift.extract.guards import read_guards, read_loop_assertions
from lift.extract.literal import Literal, read_literal
from lift.extract.names import ClauseScope, argument_names
from lift.extract.pep316 import may_hold, read_pep316
from lift.extract.sections import NOTHING, Sections, read_sections
from lift.source import LineIndex, digest

Def = ast.FunctionDef | ast.AsyncFunctionDef
_DEF_NAME = re.compile(r"(?:async(?:\s|\\\r?\n)+)?(?:def|class)(?:\s|\\\r?\n)+(\w+)")
_OPEN_BASES = frozenset({"object", "ABC", "abc.ABC"})
_DATACLASS = re.compile(r"(?:dataclasses\.)?dataclass\b")
_NO_BODY = re.compile(r"(?:\w+\.)*(?:overload|abstract\w*)\b")


@dataclass(frozen=True)
class FunctionFacts:
    """A function as far as its own text tells, and what its body does.

    Attributes:
        function: Its IR; ``effects`` holds only what the body does itself.
        body: What linking needs to know of the body.
        owner: Qualified name of its class, None outside classes.
    """

    function: Function
    body: BodyFacts
    owner: str | None = None


@dataclass(frozen=True)
class ClassFacts:
    """A class whose methods are listed apart, since linking changes them."""

    cls: Class
    methods: tuple[FunctionFacts, ...]


@dataclass(frozen=True)
class Piece:
    """What some statements of a module define.

    Attributes:
        functions: Functions that are not methods, nested ones included.
        classes: Classes, nested ones included.
        problems: What is wrong with their specifications.
    """

    functions: tuple[FunctionFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Doc:
    """A docstring: its value, where it stands, and how its places map, None where that cannot be told."""

    value: str
    span: Span
    literal: Literal | None


@dataclass
class _Reader:
    """The text being read, and what was found in it so far."""

    index: LineIndex
    names: ModuleNames
    stub: bool
    functions: list[FunctionFacts] = field(default_factory=list)
    classes: list[ClassFacts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Around:
    """Where a definition stands.

    Attributes:
        prefix: What precedes its name in the qualified name, with the dot.
        owner: The class that it is a method of.
        has_invariants: Whether that class states invariants.
        protocol: Whether that class only says what others do.
        attributes_of: What that class is known to have.
        enclosing_of: Names of the functions around it.
    """

    prefix: str = ""
    owner: str | None = None
    has_invariants: bool = False
    protocol: bool = False
    attributes_of: Callable[[], frozenset[str] | None] = lambda: None
    enclosing_of: Callable[[], frozenset[str]] = frozenset


def read_piece(index: LineIndex, statements: Sequence[ast.stmt], names: ModuleNames, *, stub: bool) -> Piece:
    """Reads the definitions in some statements of a module."""
    reader = _Reader(index, names, stub)
    _definitions(reader, statements, _Around())
    return Piece(tuple(reader.functions), tuple(reader.classes), tuple(reader.problems))


def module_intent(index: LineIndex, statements: Sequence[ast.stmt]) -> Intent | None:
    """What a module's docstring says, None if its first statement is none."""
    doc = _docstring_of(index, statements)
    return None if doc is None else _intent(doc, NOTHING)[0]


def _definitions(reader: _Reader, statements: Sequence[ast.stmt], around: _Around) -> list[FunctionFacts]:
    """Reads every definition below the statements; gives the functions that belong to ``around``."""
    found: list[FunctionFacts] = []
    for node in _definition_nodes(statements):
        if isinstance(node, ast.ClassDef):
            _class(reader, node, around)
        else:
            found.append(_function(reader, node, around))
    if around.owner is None:
        reader.functions.extend(found)
    return found


def _definition_nodes(statements: Sequence[ast.stmt]) -> Iterator[Def | ast.ClassDef]:
    """The definitions in a block and its branches, in order, without what is inside them."""
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            continue
        for name in node._fields:
            inner = getattr(node, name)
            if name in _BLOCKS and inner:
                yield from _definition_nodes(inner)
            elif name in _CASES:
                for case in inner:
                    yield from _definition_nodes(case.body)


_BLOCKS = frozenset({"body", "orelse", "finalbody"})
_CASES = frozenset({"handlers", "cases"})


def _class(reader: _Reader, node: ast.ClassDef, around: _Around) -> None:
    """Reads a class and everything in it."""
    index = reader.index
    qualname = around.prefix + node.name
    attributes_of = cache(lambda: _known_attributes(node))
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
    read_contracts(draft, node.decorator_list)
    bases = tuple(_source(index, base) for base in node.bases)
    inside = _Around(
        f"{qualname}.",
        qualname,
        bool(draft.clauses),
        any("Protocol" in base for base in bases),
        attributes_of,
        around.enclosing_of,
    )
    place = len(reader.classes)
    methods = _definitions(reader, node.body, inside)
    span = _definition_span(index, node)
    reader.problems.extend(draft.problems)
    cls = Class(
        name=node.name,
        qualname=qualname,
        bases=bases,
        decorators=tuple(_source(index, d) for d in node.decorator_list),
        intent=intent,
        invariants=tuple(draft.clauses),
        holes=tuple(draft.holes.values()),
        attributes=_attributes(index, node),
        digest=digest(index.text_at(span)),
        span=span,
        name_span=_name_span(index, node),
    )
    reader.classes.insert(place, ClassFacts(cls, tuple(methods)))


def _function(reader: _Reader, node: Def, around: _Around) -> FunctionFacts:
    """Reads a function and everything in it."""
    index = reader.index
    qualname = around.prefix + node.name
    decorators = tuple(_source(index, d) for d in node.decorator_list)
    receiver = _receiver(node, around, decorators)
    parameters = frozenset(argument_names(node.args))
    scope = ClauseScope(parameters, reader.names, receiver, around.attributes_of, around.enclosing_of)
    draft = Draft(qualname, scope, index)
    doc = _docstring_of(index, node.body)
    intent, descriptions = None, {}
    if doc is not None:
        intent, descriptions = _docstring(draft, doc)
    if node.decorator_list:
        read_contracts(draft, node.decorator_list)
    read_bounds(draft, node)
    body = read_body(index, node, reader.names, qualname, around.owner, receiver)
    after_docstring = node.body[1:] if doc is not None else node.body
    if not body.is_generator:
        read_guards(draft, after_docstring)
    read_loop_assertions(draft, after_docstring)
    public = not node.name.startswith("_") or node.name == "__init__"
    specified = draft.written or (around.has_invariants and public and receiver is not None)
    signature = _signature(index, node, qualname, descriptions, receiver, around)
    holes = draft.holes
    if specified:
        holes = _type_holes(draft, signature, node, qualname) | holes
        if not (reader.stub or around.protocol or any(map(_NO_BODY.match, decorators))):
            holes |= _body_hole(index, node, qualname, doc is not None)
    span = _definition_span(index, node)
    function = Function(
        name=node.name,
        qualname=qualname,
        intent=intent,
        signature=signature,
        clauses=tuple(draft.clauses),
        holes=tuple(holes.values()),
        calls=body.calls,
        decorators=decorators,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=body.is_generator,
        specified=specified,
        digest=digest(index.text_at(span)),
        span=span,
        name_span=_name_span(index, node),
        docstring_span=None if doc is None else doc.span,
        body_span=_block_span(index, after_docstring) if after_docstring else None,
    )
    reader.problems.extend(draft.problems)
    enclosing = around.enclosing_of
    names = cache(lambda: enclosing() | parameters | _stored_names(node))
    _definitions(reader, node.body, _Around(f"{qualname}.<locals>.", enclosing_of=names))
    return FunctionFacts(function, body, around.owner)


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
    return _Doc(
        node.value,
        span,
        read_literal(index.text, index.offset(span.start), index.offset(span.end), node.value),
    )


def _receiver(node: Def, around: _Around, decorators: tuple[str, ...]) -> str | None:
    """What a method calls its object; None for functions, static and class methods."""
    if around.owner is None or node.name == "__new__":
        return None
    if any(d in {"staticmethod", "classmethod"} for d in decorators):
        return None
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else None


def _signature(
    index: LineIndex,
    node: Def,
    qualname: str,
    descriptions: dict[str, str],
    receiver: str | None,
    around: _Around,
) -> Signature:
    """The parameters with their types, and the type of the result."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    first_of_method = around.owner is not None and bool(positional)
    parameters: list[Parameter] = []

    def add(argument: ast.arg, style: str, default: ast.expr | None) -> None:
        kind: SignatureType
        if argument.annotation is not None:
            note = argument.annotation
            kind = TypeExpr(text=_source(index, note), span=span_of(index, note))
        elif first_of_method and argument is positional[0] and (known := _implied(node, receiver, around)):
            kind = TypeExpr(text=known)
        else:
            kind = TypeHole(hole=f"{qualname}:type:{argument.arg}")
        start = index.from_ast(argument.lineno, argument.col_offset)
        parameters.append(
            Parameter(
                name=argument.arg,
                style=style,  # type: ignore[arg-type]
                type=kind,
                default=None if default is None else _source(index, default),
                description=descriptions.get(argument.arg, ""),
                span=Span(
                    start=start, end=Position(line=start.line, column=start.column + len(argument.arg))
                ),
            )
        )

    for number, argument in enumerate(positional):
        style = "positional-only" if number < len(arguments.posonlyargs) else "positional-or-keyword"
        add(argument, style, defaults[number])
    if arguments.vararg is not None:
        add(arguments.vararg, "var-positional", None)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        add(argument, "keyword-only", default)
    if arguments.kwarg is not None:
        add(arguments.kwarg, "var-keyword", None)
    returns: SignatureType
    if node.returns is not None:
        returns = TypeExpr(text=_source(index, node.returns), span=span_of(index, node.returns))
    elif around.owner is not None and node.name == "__init__":
        returns = TypeExpr(text="None")
    else:
        returns = TypeHole(hole=f"{qualname}:type:return")
    return Signature(parameters=tuple(parameters), returns=returns)


def _implied(node: Def, receiver: str | None, around: _Around) -> str | None:
    """The type of a method's first parameter, which nobody writes."""
    if receiver is not None:
        return around.owner
    if node.name == "__new__" or any(
        isinstance(d, ast.Name) and d.id == "classmethod" for d in node.decorator_list
    ):
        return f"type[{around.owner}]"
    return None


def _type_holes(draft: Draft, signature: Signature, node: Def, qualname: str) -> dict[str, Hole]:
    """The annotations that a specified function lacks."""
    found: dict[str, Hole] = {}
    for parameter in signature.parameters:
        if isinstance(parameter.type, TypeHole):
            question = f"What type is `{parameter.name}`?"
            found[parameter.type.hole] = Hole(
                id=parameter.type.hole,
                hole="type",
                name=parameter.name,
                question=question,
                span=parameter.span,
                constraints=_bearing_on(draft, parameter.name),
            )
    if isinstance(signature.returns, TypeHole):
        found[signature.returns.hole] = Hole(
            id=signature.returns.hole,
            hole="type",
            name="return",
            question=f"What type does `{node.name}` return?",
            span=_name_span(draft.index, node),
            constraints=_bearing_on(draft, draft.scope.result),
        )
    return found


def _bearing_on(draft: Draft, name: str) -> tuple[Constraint, ...]:
    """The clauses that mention a name."""
    mention = re.compile(rf"\b{re.escape(name)}\b")
    return tuple(
        Constraint(text=clause.expression, origin=clause.kind, span=clause.span)
        for clause in draft.clauses
        if clause.expression is not None and clause.kind != "example" and mention.search(clause.expression)
    )


def _body_hole(index: LineIndex, node: Def, qualname: str, documented: bool) -> dict[str, Hole]:
    """The hole that a body of ``...`` or ``raise NotImplementedError`` is."""
    body = node.body[1:] if documented else node.body
    if len(body) != 1 or not _is_open_body(body[0]):
        return {}
    key = f"{qualname}:body:body"
    question = f"How does `{node.name}` do it?"
    return {key: Hole(id=key, hole="body", name="body", question=question, span=span_of(index, body[0]))}


def _is_open_body(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def _attributes(index: LineIndex, node: ast.ClassDef) -> tuple[Attribute, ...]:
    """The attributes that the class's body and its ``__init__`` declare."""
    found: dict[str, Attribute] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            _add_attribute(index, found, statement.target.id, statement.target, statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    _add_attribute(index, found, target.id, target, statement)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__" and statement.args.args:
            receiver = statement.args.args[0].arg
            for inner in _statements(statement.body):
                if not isinstance(inner, ast.Assign | ast.AnnAssign):
                    continue
                for target in inner.targets if isinstance(inner, ast.Assign) else [inner.target]:
                    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                        if target.value.id == receiver:
                            _add_attribute(index, found, target.attr, target, inner, of_class=False)
    return tuple(found.values())


def _add_attribute(
    index: LineIndex,
    found: dict[str, Attribute],
    name: str,
    target: ast.expr,
    statement: ast.Assign | ast.AnnAssign,
    *,
    of_class: bool = True,
) -> None:
    if name in found and (found[name].type is not None or isinstance(statement, ast.Assign)):
        return
    note = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    default = statement.value if of_class else None
    found[name] = Attribute(
        name=name,
        type=None if note is None else TypeExpr(text=_source(index, note), span=span_of(index, note)),
        default=None if default is None else _source(index, default),
        span=span_of(index, target),
    )


def _known_attributes(node: ast.ClassDef) -> frozenset[str] | None:
    """The names that instances are known to have; None if a base or decorator may add others."""
    if any(ast.unparse(base) not in _OPEN_BASES for base in node.bases) or node.keywords:
        return None
    if any(not _DATACLASS.match(ast.unparse(decorator)) for decorator in node.decorator_list):
        return None
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            # Whatever is stored under any name may be stored in this object by another.
            if not isinstance(inner.ctx, ast.Load):
                found.add(inner.attr)
        elif (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id in {"setattr", "vars"}
        ):
            return None
    for statement in _statements(node.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(statement.name)
            if statement.name in {"__getattr__", "__getattribute__"}:
                return None
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            return None
        else:
            found.update(
                n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            )
            if any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(statement)):
                # __slots__ and the like name attributes in strings.
                found.update(
                    n.value
                    for n in ast.walk(statement)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                )
    return frozenset(found)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of its branches, not those of definitions in it."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, name, ()))
        for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _statements(branch.body)


def _stored_names(node: Def) -> frozenset[str]:
    """The names that a function's own body binds."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            found.add(inner.id)
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(inner.name)
        elif isinstance(inner, ast.alias):
            found.add(inner.asname or inner.name.partition(".")[0])
        elif isinstance(inner, ast.ExceptHandler) and inner.name:
            found.add(inner.name)
    return frozenset(found)


def _source(index: LineIndex, node: ast.expr) -> str:
    """The source text of an expression."""
    end_line = node.end_lineno or node.lineno
    start = index.offset_at(node.lineno, index.column_of_byte(node.lineno, node.col_offset))
    return index.text[
        start : index.offset_at(end_line, index.column_of_byte(end_line, node.end_col_offset or 0))
    ]


def _definition_span(index: LineIndex, node: Def | ast.ClassDef) -> Span:
    """From the first decorator's ``@`` to the end of the body."""
    line = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    return Span(
        start=index.from_ast(line, node.col_offset),
        end=index.from_ast(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
    )


def _block_span(index: LineIndex, statements: Sequence[ast.stmt]) -> Span:
    """From the start of the first statement to the end of the last."""
    first, last = statements[0], statements[-1]
    line = first.lineno
    if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and first.decorator_list:
        line = first.decorator_list[0].lineno
    return Span(
        start=index.from_ast(line, first.col_offset),
        end=index.from_ast(last.end_lineno or last.lineno, last.end_col_offset or 0),
    )


def _name_span(index: LineIndex, node: Def | ast.ClassDef) -> Span:
    """The name behind ``def`` or ``class``."""
    start = index.offset_at(node.lineno, index.column_of_byte(node.lineno, node.col_offset))
    match = _DEF_NAME.match(index.text, start)
    if match is None:
        return span_of(index, node)
    return index.span(match.start(1), match.end(1))
