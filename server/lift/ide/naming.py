"""Every name of a text with what it means, in the code and in its specifications alike.

A clause is Python with a scope of its own: the parameters, the result, and what the module around shows.
Must not know LSP.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lift_ir import Class, Clause, Function, Raises

from lift.extract import Extraction, notation
from lift.extract.literal import Literal, read_literal
from lift.extract.names import RESULT_NAMES
from lift.extract.nodes import DEFINITIONS, first_line
from lift.extract.sections import read_sections
from lift.ide.scopes import (
    RESULT,
    Callees,
    Dotted,
    FunctionNode,
    Key,
    Occurrence,
    Passed,
    Place,
    Reader,
    Scope,
    arguments_of,
    by_name,
)
from lift.source.positions import LineIndex

_CONTRACTS = frozenset({"icontract", "deal"})
_NAME = r"[^\W\d]\w*"
_DECLARED = re.compile(rf"\?(?P<name>{_NAME})\s*(?::\s*(?P<type>.+))?$", re.DOTALL)
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_ARGUMENTS = re.compile(
    r"^(?P<indent>[ \t]*)(?:Args|Arguments|Parameters|Params|Keyword Arg(?:ument)?s|Other Parameters"
    r"|Other Args)[ \t]*(?P<colon>:?)[ \t]*$"
)
_DASHES = re.compile(r"[ \t]*-{3,}[ \t]*$")
_GOOGLE = re.compile(rf"[ \t]*\*{{0,2}}(?P<name>{_NAME})[ \t]*(?:\([^\n]*?\))?[ \t]*:(?:[ \t]|$)")
_NUMPY = re.compile(rf"[ \t]*(?P<names>\*{{0,2}}{_NAME}(?:[ \t]*,[ \t]*\*{{0,2}}{_NAME})*)[ \t]*(?::|$)")
_FIELD = re.compile(
    r"^[ \t]*[:@](?:param|parameter|arg|argument|key|keyword|kwarg|type)[ \t]+"
    rf"(?:[^:\n]*[ \t])?\**(?P<name>{_NAME})[ \t]*:",
    re.M,
)
_WORD = re.compile(_NAME)
_KEPT = 4


@dataclass(frozen=True)
class Names:
    """The names of one text.

    Attributes:
        occurrences: Every name that means a binding, in the order of the text.
        keys: Binding → where it occurs.
        owners: The number of a function's or class's scope → what the IR knows of it.
        nodes: The number of a function's or class's scope → its definition.
        scopes: All scopes by their numbers.
        results: The number of a function's scope → where the type of its result stands.
        unresolved: Arguments by name whose call may mean any function.
        obstacles: The number of a function's scope → the line of a contract that cannot be carried along.
        dotted: Every name behind a dot.
        imported: Binding → the module and the name in it, where an import binds it.
        aliased: The module, the name in it, and where that stands, of each ``from m import name as other``.
        callees: What calls mean.
    """

    occurrences: tuple[Occurrence, ...]
    keys: Mapping[Key, tuple[Occurrence, ...]]
    owners: Mapping[int, Function | Class]
    nodes: Mapping[int, FunctionNode | ast.ClassDef]
    scopes: tuple[Scope, ...]
    results: Mapping[int, tuple[int, int]]
    unresolved: tuple[Passed, ...]
    obstacles: Mapping[int, int]
    dotted: tuple[Dotted, ...]
    imported: Mapping[Key, tuple[str, str]]
    aliased: tuple[tuple[str, str, int], ...]
    callees: Callees

    def at(self, offset: int) -> Occurrence | None:
        """The name at a place; its end counts, since a cursor stands between characters."""
        found = [o for o in self.occurrences if o.start <= offset <= o.end and o.start >= 0]
        return found[-1] if found else None

    def definition(self, key: Key) -> FunctionNode | ast.ClassDef | None:
        """The function or class that a binding is, if it is nothing else."""
        found = self.callees.definitions.get(key, [])
        return found[0] if len(found) == 1 else None


_known: dict[str, Names] = {}


def names_of(extraction: Extraction) -> Names | None:
    """The names of a text, None while it does not parse."""
    if extraction.error is not None:
        return None
    text = extraction.index.text
    key = f"{extraction.snapshot.uri}\0{text}"
    found = _known.get(key)
    if found is None:
        found = _read(extraction, text)
        if found is None:
            return None
        while len(_known) >= _KEPT:
            del _known[next(iter(_known))]
        _known[key] = found
    return found


def names_near(extraction: Extraction, offset: int) -> Names | None:
    """The names of a text without those inside of definitions in which a place is not.

    What is bound in the definition around the place is whole; the rest may lack uses. Takes a tenth of the
    time of ``names_of`` in a long text, after every edit.
    """
    if extraction.error is not None:
        return None
    text = extraction.index.text
    known = _known.get(f"{extraction.snapshot.uri}\0{text}")
    return known or _read(extraction, text, extraction.index.position(offset).line)


def _read(extraction: Extraction, text: str, line: int | None = None) -> Names | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        reader = _Specified(extraction, text)
        reader.read([n for n in tree.body if line is None or _is_at(n, line)], reader.module)
        return reader.names()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_at(node: ast.stmt, line: int) -> bool:
    """Whether a statement is in a line, or is no definition."""
    if not isinstance(node, DEFINITIONS):
        return True
    return first_line(node) <= line <= (node.end_lineno or node.lineno)


class _Specified(Reader):
    """Reads the specifications as well."""

    def __init__(self, extraction: Extraction, text: str) -> None:
        self._index: LineIndex = extraction.index
        super().__init__(text, self._in_code)
        module = extraction.module
        everything: list[Function | Class] = [*module.all_functions(), *module.classes]
        self._by_place = {self._index.offset(one.name_span.start): one for one in everything}
        self._libraries = {
            name
            for name, binding in extraction.names.bindings.items()
            if binding.kind == "import" and binding.target.partition(".")[0] in _CONTRACTS
        }
        self._contract: Scope | None = None
        self._owners: dict[int, Function | Class] = {}
        self._nodes: dict[int, FunctionNode | ast.ClassDef] = {}
        self._obstacles: dict[int, int] = {}
        self._results: dict[int, tuple[int, int]] = {}

    def names(self) -> Names:
        """All that was read."""
        found = list(self.occurrences())
        definitions: dict[Key, list[FunctionNode | ast.ClassDef | None]] = {}
        nodes = {self._name_place(node): node for node in self._nodes.values()}
        for one in found:
            if one.role in {"definition", "binding", "import"}:
                definitions.setdefault(one.key, []).append(
                    nodes.get(one.start) if one.role == "definition" else None
                )
        scopes = {id(node): self.scopes[number] for number, node in self._nodes.items()}
        callees = Callees(scopes, definitions)
        unresolved: list[Passed] = []
        for passed in self.passed:
            node = callees.called(passed.callee, passed.scope)
            if node is None or passed.name not in by_name(node.args):
                unresolved.append(passed)
            else:
                key = Key(scopes[id(node)].number, passed.name)
                found.append(Occurrence(passed.start, passed.end, key, "keyword", passed.line))
        found.sort(key=lambda one: (one.start, one.end))
        keys: dict[Key, list[Occurrence]] = {}
        for one in found:
            keys.setdefault(one.key, []).append(one)
        return Names(
            tuple(found),
            {key: tuple(places) for key, places in keys.items()},
            self._owners,
            self._nodes,
            tuple(self.scopes),
            self._results,
            tuple(unresolved),
            self._obstacles,
            tuple(self.dotted),
            dict(self._imported()),
            tuple(self._aliased()),
            callees,
        )

    def _imported(self) -> Iterator[tuple[Key, tuple[str, str]]]:
        for node, alias, _, scope in self.imports:
            if isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                yield scope.key(alias.asname or alias.name), (module, alias.name)
            elif alias.asname:
                yield scope.key(alias.asname), (alias.name, "")
            else:
                yield scope.key(alias.name.partition(".")[0]), (alias.name.partition(".")[0], "")

    def _aliased(self) -> Iterator[tuple[str, str, int]]:
        for node, alias, start, _ in self.imports:
            if isinstance(node, ast.ImportFrom) and alias.asname:
                yield "." * node.level + (node.module or ""), alias.name, start

    def _in_code(self, node: ast.AST) -> tuple[int, int]:
        start = self._offset(getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        end = self._offset(getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))
        return start, end

    def _offset(self, line: int, byte_column: int) -> int:
        return self._index.offset_at(line, self._index.column_of_byte(line, byte_column))

    def _name_place(self, node: FunctionNode | ast.ClassDef) -> int:
        start = self._in_code(node)[0]
        match = re.compile(rf"[^(:\[]*?\b(?:def|class)\b\W*?({node.name})\b").match(self.text, start)
        return match.start(1) if match else -1

    # Contracts in decorators ----------------------------------------------------------------------------

    def decorators(self, node: FunctionNode | ast.ClassDef, inner: Scope) -> None:
        """A lambda of a contract names the parameters of what it decorates."""
        for decorator in node.decorator_list:
            if not self._is_contract(decorator) or not isinstance(decorator, ast.Call):
                self.read(decorator, self.scope)
                continue
            if any(isinstance(a, ast.Name | ast.Attribute) for a in decorator.args):
                self._obstacles[inner.number] = decorator.lineno
            before, self._contract = self._contract, inner
            self.read(decorator, self.scope)
            self._contract = before

    def _is_contract(self, decorator: ast.expr) -> bool:
        root = decorator.func if isinstance(decorator, ast.Call) else decorator
        while isinstance(root, ast.Attribute):
            root = root.value
        return isinstance(root, ast.Name) and root.id in self._libraries

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A function without a name; that of a contract shares its parameters with the decorated one."""
        contract = self._contract
        if contract is None:
            super().visit_Lambda(node)
            return
        inner = self.inside("function", self.scope, node)
        for argument in arguments_of(node.args):
            if argument.arg in contract.bound:
                inner.known[argument.arg] = Key(contract.number, argument.arg)
            else:
                inner.bound.add(argument.arg)
            self.note(argument.arg, self.place(argument)[0], inner, "clause", argument.lineno)
        self._contract = None
        self.read([*node.args.defaults], self.scope, "clause")
        self._contract = contract
        self.read(node.body, inner, "clause")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``_.x`` and ``OLD.x`` of a contract name parameters."""
        contract = self._contract
        if contract is not None and isinstance(node.value, ast.Name) and node.value.id in {"_", "OLD"}:
            if node.attr in contract.bound:
                known = self.inside("inner", self.scope)
                known.known[node.attr] = Key(contract.number, node.attr)
                start = self.place(node)[1] - len(node.attr)
                self.note(node.attr, start, known, "clause", node.lineno)
        super().visit_Attribute(node)

    # Docstrings -----------------------------------------------------------------------------------------

    def described(self, node: FunctionNode | ast.ClassDef, inner: Scope) -> None:
        """Reads the clauses and the names of parameters in a docstring."""
        owner = self._by_place.get(self._name_place(node))
        self._nodes[inner.number] = node
        if owner is not None:
            self._owners[inner.number] = owner
        if isinstance(node, FunctionNode) and node.returns is not None:
            self._results[inner.number] = self._in_code(node.returns)
        literal = self._docstring(node)
        if owner is None or literal is None:
            return
        scope = self._clause_scope(node, inner)
        clauses = owner.clauses if isinstance(owner, Function) else owner.invariants
        for clause in clauses:
            if clause.source in {"docstring", "pep316"} and clause.kind != "example":
                self._clause(clause, literal, scope)
        if isinstance(owner, Function):
            self._examples(owner, literal)
            line = node.body[0].lineno
            sections = read_sections(literal.value)
            for entry in sections.raises:
                name = entry.exception.partition(".")[0]
                self.note(name, literal.source(entry.name_start, entry.name_start)[0], scope, "clause", line)
            for name, start in entries(literal.value, sections.lines):
                if name in inner.bound and isinstance(node, FunctionNode):
                    if name in {argument.arg for argument in arguments_of(node.args)}:
                        self.note(name, literal.source(start, start + 1)[0], scope, "entry", line)

    def _clause_scope(self, node: FunctionNode | ast.ClassDef, inner: Scope) -> Scope:
        scope = self.inside("clause", inner.parent or self.module, node)
        if isinstance(node, ast.ClassDef):
            scope.known["self"] = Key(inner.number, "self")
            return scope
        parameters = [argument.arg for argument in arguments_of(node.args)]
        for name in parameters:
            scope.known[name] = Key(inner.number, name)
        return scope

    def _docstring(self, node: FunctionNode | ast.ClassDef) -> Literal | None:
        first = node.body[0] if node.body else None
        if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
            return None
        value = first.value.value
        return read_literal(self.text, *self._in_code(first.value), value) if isinstance(value, str) else None

    def _clause(self, clause: Clause, literal: Literal, scope: Scope) -> None:
        if any(":clause:" in hole for hole in clause.holes):
            return
        if isinstance(clause, Raises) and clause.expression is None and clause.text == clause.exception:
            return
        start = _value_offset(literal, self._index.offset(clause.span.start))
        end = _value_offset(literal, self._index.offset(clause.span.end))
        said = literal.value[start:end]
        if clause.kind in {"modifies", "effect"} and clause.expression is None and not said.startswith("?"):
            return
        if clause.kind == "effect" and not said.startswith("?"):
            return
        if clause.kind == "modifies" and said.strip().lower() == "none":
            return
        line = clause.span.start.line
        if clause.kind == "ensures":
            scope = self._with_result(scope)
        declared = _DECLARED.match(said)
        if declared is None:
            self._expression(said, start, literal, scope, line)
            return
        self._hole(declared["name"], literal.source(start, start + 1)[0], scope, line)
        if declared["type"]:
            self._expression(declared["type"], start + declared.start("type"), literal, scope, line)

    def _with_result(self, scope: Scope) -> Scope:
        owner = self.functions.get(id(scope.node))
        inner = self.inside("clause", scope.parent or self.module, scope.node)
        inner.known = dict(scope.known)
        if owner is not None:
            for name in RESULT_NAMES - set(scope.known):
                inner.known[name] = Key(owner.number, RESULT)
        return inner

    def _hole(self, name: str, place: int, scope: Scope, line: int) -> None:
        owner = self.functions.get(id(scope.node))
        if owner is not None:
            known = self.inside("clause", self.module, scope.node)
            known.known[f"?{name}"] = Key(owner.number, f"?{name}")
            self.note(f"?{name}", place, known, "hole", line)

    def visit_Name(self, node: ast.Name) -> None:
        """A name, or a hole that is written as one."""
        if node.id.startswith(notation.HOLE_PREFIX) and self._holes is not None:
            name = node.id.removeprefix(notation.HOLE_PREFIX)
            self._hole(name, self.place(node)[0], self._holes, node.lineno)
        else:
            super().visit_Name(node)

    _holes: Scope | None = None

    def _expression(self, said: str, base: int, literal: Literal, scope: Scope, line: int) -> None:
        parsed = notation.parse(said)
        if parsed.tree is None:
            return

        def place(node: ast.AST) -> tuple[int, int]:
            start, end = parsed.offset_of(node)  # pyright: ignore[reportArgumentType]
            return literal.source(base + start, base + end)

        self._at_place(place, parsed.tree, scope, line)

    def _at_place(self, place: Place, tree: ast.AST | list[ast.AST], scope: Scope, line: int) -> None:
        """Reads what stands in a docstring; its nodes' lines are not those of the text."""
        before, holes = self.place, self._holes
        self.place, self._holes = place, scope
        first, passed, dotted = len(self.pending), len(self.passed), len(self.dotted)
        try:
            self.read(tree, scope, "clause")
        finally:
            self.place, self._holes = before, holes
        self.pending[first:] = [p.at_line(line) for p in self.pending[first:]]
        self.passed[passed:] = [p.at_line(line) for p in self.passed[passed:]]
        self.dotted[dotted:] = [d.at_line(line) for d in self.dotted[dotted:]]

    def _examples(self, owner: Function, literal: Literal) -> None:
        examples = [c for c in owner.clauses if c.kind == "example" and c.source == "docstring"]
        if not examples:
            return
        scope = self.inside("function", self.module)
        for clause in examples:
            start = _value_offset(literal, self._index.offset(clause.span.start))
            end = _value_offset(literal, self._index.offset(clause.span.end))
            self._example(literal, start, end, scope, clause.span.start.line)

    def _example(self, literal: Literal, start: int, end: int, scope: Scope, line: int) -> None:
        rows: list[tuple[int, str]] = []
        place = start
        for row in literal.value[start:end].split("\n"):
            prompt = _PROMPT.match(row) if rows else None
            skipped = prompt.end() if prompt else 0
            rows.append((place + skipped, row[skipped:]))
            place += len(row) + 1
        try:
            tree = ast.parse("\n".join(row for _, row in rows))
        except (SyntaxError, ValueError):
            return

        def offset(number: int, byte_column: int) -> int:
            base, row = rows[number - 1]
            column = len(row.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore"))
            return literal.source(base + column, base + column)[0]

        def place_of(node: ast.AST) -> tuple[int, int]:
            first = offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
            last = offset(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))
            return first, last

        self._at_place(place_of, list(tree.body), scope, line)


def described(extraction: Extraction, function: Function, name: str) -> Iterator[tuple[int, int]]:
    """Where a function's docstring describes a parameter of that name, whether or not it has one."""
    span, index = function.docstring_span, extraction.index
    if span is None:
        return
    start, end = index.offset(span.start), index.offset(span.end)
    try:
        value = ast.literal_eval(index.text[start:end])
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    literal = read_literal(index.text, start, end, value) if isinstance(value, str) else None
    if literal is not None:
        for said, place in entries(literal.value, read_sections(literal.value).lines):
            if said == name:
                yield literal.source(place, place + len(name))


def _value_offset(literal: Literal, source: int) -> int:
    """The inverse of ``Literal.source`` for a place that starts a code point or ends the value."""
    if literal.starts is None:
        return source - literal.base
    return bisect_left(literal.starts, source)


def entries(value: str, specification_lines: frozenset[int]) -> Iterator[tuple[str, int]]:
    """The parameters that a docstring describes, each with where its name starts.

    Args:
        specification_lines: Numbers (from 0) of the lines of lift's own sections.
    """
    lines = value.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    number = 0
    while number < len(lines):
        header = _ARGUMENTS.match(lines[number]) if number not in specification_lines else None
        number += 1
        if header is None:
            continue
        dashed = number < len(lines) and bool(_DASHES.match(lines[number]))
        if not dashed and not header["colon"]:
            continue
        number += dashed
        margin = len(header["indent"].expandtabs())
        level: int | None = margin if dashed else None
        while number < len(lines):
            line = lines[number]
            indent = len(line.expandtabs()) - len(line.expandtabs().lstrip())
            if line.strip():
                level = indent if level is None else level
                ends = indent <= margin if not dashed else indent < margin
                if ends or (dashed and number + 1 < len(lines) and _DASHES.match(lines[number + 1])):
                    break
                if indent == level:
                    yield from _entry(line, starts[number], dashed)
            number += 1
    for field in _FIELD.finditer(value):
        if value.count("\n", 0, field.start()) not in specification_lines:
            yield field["name"], field.start("name")


def _entry(line: str, start: int, dashed: bool) -> Iterator[tuple[str, int]]:
    match = (_NUMPY if dashed else _GOOGLE).match(line)
    if match is None:
        return
    if not dashed:
        yield match["name"], start + match.start("name")
        return
    for name in _WORD.finditer(match["names"]):
        yield name[0], start + match.start("names") + name.start()
