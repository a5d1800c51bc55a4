"""What the specification in a docstring is about: the function or class with what can be named of it.

The header is read from the text as it is now, since it counts while the rest does not parse; what the IR
adds may be of the text that parsed last. Must not know LSP.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lift_ir import Class, EffectFacts, Function, TypeExpr

from lift.extract import Extraction
from lift.ide.docstrings import Docstring, owner_of, width
from lift.ide.places import class_at
from lift.ide.term_types import Home, Member, members_of
from lift.neighbours import path_of
from lift.project import Project

_CLASS = re.compile(r"([ \t]*)class[ \t]+([^\W\d]\w*)")
_DEFINITION = re.compile(r"([ \t]*)(?:(?:async[ \t]+)?def|class)[ \t]+[^\W\d]\w*")


@dataclass(frozen=True)
class Subject:
    """A function or class whose specification is written.

    Attributes:
        owner: The function or class in the IR, None if it is not there.
        parameters: Parameter → the text of its type, empty where there is none; ``self`` for a class.
        returns: The text of the result's type, empty where there is none.
        receiver: What it calls its object, empty if it has none.
        cls: The class that it belongs to, or is.
        home: Its module.
    """

    extraction: Extraction
    docstring: Docstring
    owner: Function | Class | None
    parameters: Mapping[str, str]
    returns: str
    receiver: str
    cls: Class | None
    home: Home

    @property
    def text(self) -> str:
        """The module's text."""
        return self.extraction.snapshot.text

    @property
    def name(self) -> str:
        """The name of the function or class."""
        return self.docstring.name

    @property
    def qualname(self) -> str:
        """Its qualified name; its name, where the IR does not know it."""
        return self.owner.qualname if self.owner is not None else self.docstring.name

    @property
    def result(self) -> str:
        """How the result is written."""
        return "__return__" if "result" in self.parameters else "result"

    @property
    def content(self) -> str:
        """The docstring's text."""
        return self.text[self.docstring.start : self.docstring.end]

    @property
    def effects(self) -> EffectFacts | None:
        """What its body is seen to do."""
        return self.owner.effects if isinstance(self.owner, Function) else None

    @property
    def is_recursive(self) -> bool:
        """Whether it calls itself, as far as can be seen."""
        if not isinstance(self.owner, Function):
            return False
        names = {self.name, f"{self.receiver}.{self.name}"}
        return any(call.callee in names for call in self.owner.calls)

    @property
    def body(self) -> str:
        """The text of its body, as far as it is known."""
        span = self.owner.body_span if isinstance(self.owner, Function) else None
        if span is None:
            return ""
        return self.text[self.docstring.end : self.extraction.index.offset(span.end)]

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """The module's functions by name."""
        return {f.qualname: f for f in self.home.module.functions}

    def members(self) -> list[Member]:
        """What its object has."""
        return list(members_of(self.cls, self.home)) if self.cls is not None else []


def home_of(project: Project, uri: str) -> Home | None:
    """The module of a text under analysis, None if it is none."""
    extraction = project.extraction(uri)
    return None if extraction is None else _home(project, uri, extraction)


def _home(project: Project, uri: str, extraction: Extraction) -> Home:
    around = project.neighbours(uri)
    neighbours = around.apart(path_of(uri)) if around is not None else None
    package = neighbours.package if neighbours is not None else ""
    module, text = extraction.module, extraction.snapshot.text
    return Home(module, text, extraction.names.bindings, neighbours, package)


def subject_of(project: Project, uri: str, extraction: Extraction, docstring: Docstring) -> Subject:
    """What a docstring is about."""
    owner = owner_of(extraction, docstring)
    home = _home(project, uri, extraction)
    cls = _class(extraction, docstring, owner)
    parameters, returns = _signature(extraction, docstring, owner)
    receiver = ""
    if docstring.is_class:
        receiver = "self"
    elif cls is not None and not (isinstance(owner, Function) and "staticmethod" in owner.decorators):
        receiver = next(iter(parameters), "")
    return Subject(extraction, docstring, owner, parameters, returns, receiver, cls, home)


def parameters_of(
    extraction: Extraction, docstring: Docstring, owner: Function | Class | None
) -> Mapping[str, str]:
    """The parameters that a docstring may name with their types; ``self`` for a class."""
    return _signature(extraction, docstring, owner)[0]


def _signature(extraction: Extraction, docstring: Docstring, owner: Function | Class | None) -> _Header:
    if docstring.is_class:
        return {"self": docstring.name}, ""
    header = extraction.snapshot.text[docstring.header : docstring.opening]
    return _header(header.strip()) or _from_ir(owner)


def _class(extraction: Extraction, docstring: Docstring, owner: Function | Class | None) -> Class | None:
    """The class that a docstring's owner is or belongs to."""
    classes = extraction.module.classes
    if isinstance(owner, Class):
        return owner
    if isinstance(owner, Function):
        above = owner.qualname.rpartition(".")[0]
        return next((c for c in reversed(classes) if c.qualname == above), None)
    if docstring.is_class or not docstring.outer:
        return None
    # It is not in the IR yet: the nearest line above that is less indented says what it stands in.
    index = extraction.index
    margin = width(docstring.outer)
    for number in range(docstring.line - 1, 0, -1):
        line = index.line(number)
        found = _DEFINITION.match(line)
        if found is not None and width(found[1]) < margin:
            named = _CLASS.match(line)
            position = index.position(index.offset_at(number, len(found[0])))
            return class_at(extraction.module, position) if named is not None else None
    return None


_Header = tuple[dict[str, str], str]


@lru_cache(maxsize=512)
def _header(source: str) -> _Header | None:
    """The parameters and the result's type; None if the header does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(f"{source}\n pass").body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    given = node.args
    parameters: dict[str, str] = {}
    for one in (*given.posonlyargs, *given.args):
        parameters[one.arg] = _note(one.annotation)
    if given.vararg is not None:
        note = _note(given.vararg.annotation)
        parameters[given.vararg.arg] = f"tuple[{note}, ...]" if note else "tuple"
    for one in given.kwonlyargs:
        parameters[one.arg] = _note(one.annotation)
    if given.kwarg is not None:
        note = _note(given.kwarg.annotation)
        parameters[given.kwarg.arg] = f"dict[str, {note}]" if note else "dict"
    return parameters, _note(node.returns)


def _note(note: ast.expr | None) -> str:
    try:
        return "" if note is None else ast.unparse(note)
    except (RecursionError, ValueError):
        return ""


def _from_ir(owner: Function | Class | None) -> _Header:
    """The same of the header that parsed last."""
    if not isinstance(owner, Function):
        return {}, ""
    signature = owner.signature
    kinds = {p.name: p.type.text if isinstance(p.type, TypeExpr) else "" for p in signature.parameters}
    returns = signature.returns
    return kinds, returns.text if isinstance(returns, TypeExpr) else ""
