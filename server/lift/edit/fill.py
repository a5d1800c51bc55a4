"""Writes what fills a hole into its place: a type, a term, a clause, an effect, a summary.

A filling touches its hole alone; prose that a person wrote stays, behind the colon of what is checked now.
Bodies are other edits: ``lift.resolve`` makes them together with their proof.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from lift_ir import Candidate, Class, Clause, Function, Hole, Module, Position, Span

from lift.edit.annotate import annotate
from lift.edit.docstring import Quoted, escaped, literal_of
from lift.edit.imports import add_imports
from lift.edit.text import Edit, Failure, apply, line_end
from lift.source.positions import LineIndex

_STRING = r'"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'"
_BACKTICKS = "``"


def fill(
    text: str, owner: Function | Class, hole: Hole, filling: str, imports: Iterable[str] = ()
) -> tuple[Edit, ...] | Failure:
    """The edits that fill ``hole``.

    Args:
        text: The module's text, in which the places of ``owner`` and ``hole`` count.
        owner: The function or class that has the hole.
        filling: A type, an expression, one or more effects (between commas), or a sentence, as the hole's
            kind wants it.
        imports: Import statements that the filling needs.
    """
    filling = " ".join(filling.split())
    if not filling:
        return Failure("There is nothing to fill the hole with.")
    match hole.hole:
        case "type":
            if not isinstance(owner, Function):
                return Failure(f"{owner.name} is a class, whose attributes are annotated by hand.")
            return annotate(text, owner, hole.name, filling, imports)
        case "term" if isinstance(owner, Function) and hole.id in {h.id for h in owner.terms_in_code()}:
            edits = _in_code(text, hole, filling)
        case "term" | "clause" | "effect":
            edits = _in_docstring(text, owner, hole, filling)
        case "intent":
            edits = _summary(text, owner, filling)
        case _:
            return Failure(f"A body is written with lift generate, which checks it: {owner.qualname}.")
    return edits if isinstance(edits, Failure) else (*add_imports(text, imports), *edits)


def fill_together(
    text: str, module: Module, owner: Function | Class, hole: Hole, candidate: Candidate
) -> tuple[Edit, ...] | Failure:
    """The edits of a candidate and of what it fills beside its own hole, as one change.

    Args:
        module: The module of ``text``, in which the other holes are looked for.
    """
    edits = fill(text, owner, hole, candidate.text, candidate.imports)
    if isinstance(edits, Failure):
        return edits
    made = list(edits)
    owners = (*module.classes, *module.all_functions())
    for key, filling in candidate.fills:
        other, its = next(((o, h) for o in owners for h in o.holes if h.id == key), (None, None))
        if other is None or its is None:
            return Failure(f"{key}, which is filled with it, is not open.")
        more = fill(text, other, its, filling)
        if isinstance(more, Failure):
            return more
        made += [edit for edit in more if edit not in made]
    return tuple(made)


def _in_docstring(text: str, owner: Function | Class, hole: Hole, filling: str) -> tuple[Edit, ...] | Failure:
    index = LineIndex(text)
    literal = _docstring(index, owner)
    if literal is None:
        return Failure("The docstring is put together from several strings; write it as one.")
    written = escaped(filling, literal)
    if literal.quote in written or (len(literal.quote) == 1 and "\n" in written):
        return Failure("The filling holds the docstring's own quotes.")
    if _BACKTICKS in filling:
        return Failure("The filling holds double backticks, which end a clause.")
    clauses = owner.clauses if isinstance(owner, Function) else owner.invariants
    places = [c for c in clauses if hole.id in c.holes]
    if not places:
        return Failure(f"The place of {hole.name} was not found.")
    if hole.hole == "clause":
        return _clause(index, places[0], filling, written)
    if hole.hole == "effect":
        return _effect(index, places[0], written)
    return _term(index, hole, places, filling, written)


def _in_code(text: str, hole: Hole, filling: str) -> tuple[Edit, ...] | Failure:
    """``...`` becomes the filling, in parentheses where it would fall apart without them."""
    index = LineIndex(text)
    if index.text_at(hole.span) != "...":
        return Failure(f"The place of {hole.name} was not found.")
    try:
        value = ast.parse(filling, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Failure(f"{filling} is no expression.")
    bare, closed = Edit(hole.span, filling), Edit(hole.span, f"({filling})")
    if isinstance(value, ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript):
        return (bare,)
    try:
        same = ast.dump(ast.parse(apply(text, [bare]))) == ast.dump(ast.parse(apply(text, [closed])))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        same = False
    return (bare if same else closed,)


def _clause(index: LineIndex, clause: Clause, filling: str, written: str) -> tuple[Edit, ...] | Failure:
    """A prose bullet becomes a checked one, its prose behind the colon."""
    if not _parses(filling):
        return Failure(f"{filling} is no expression.")
    start = clause.span.start
    row = index.line(start.line)
    # A bullet that is quoted as a whole would be read as an expression with prose behind it.
    if row[: start.column].endswith(_BACKTICKS):
        return Failure("The bullet stands in double backticks already.")
    return (Edit(Span(start=start, end=start), f"{_BACKTICKS}{written}{_BACKTICKS}: "),)


def _effect(index: LineIndex, clause: Clause, written: str) -> tuple[Edit, ...] | Failure:
    """``?name`` becomes an effect's word; a question that is answered goes, other prose stays."""
    words = [word.strip() for word in written.split(",")]
    start, stop = index.offset(clause.span.start), index.offset(clause.span.end)
    inside = index.text[start - 2 : start] == _BACKTICKS and index.text[stop : stop + 2] == _BACKTICKS
    if not inside:
        return Failure("The place of the effect was not found.")
    row = index.line(clause.span.start.line)
    bullet = row[: clause.span.start.column - 2]
    end = line_end(index.text)
    more = "".join(f"{end}{bullet}{_BACKTICKS}{word}{_BACKTICKS}" for word in words[1:])
    tail = _after(index, stop + 2)
    answered = clause.prose.rstrip().endswith("?") and tail is not None
    if answered and tail is not None:
        return (Edit(index.span(start, tail), f"{words[0]}{_BACKTICKS}{more}"),)
    if not more:
        return (Edit(clause.span, words[0]),)
    if tail is None:
        return Failure("The bullet goes on over several lines; write the effects by hand.")
    rest = index.text[stop:tail]
    return (Edit(index.span(start, tail), f"{words[0]}{rest}{more}"),)


def _after(index: LineIndex, offset: int) -> int | None:
    """The end of the line at ``offset``, None if the bullet there goes on in the next line."""
    place = index.position(offset)
    row = index.line(place.line).rstrip("\r\n")
    if place.line < index.line_count:
        following = index.line(place.line + 1)
        indent = len(following) - len(following.lstrip())
        own = len(row) - len(row.lstrip())
        if following.strip() and indent > own and not following.lstrip().startswith(("'''", '"""')):
            return None
    return index.offset(Position(line=place.line, column=0)) + len(row.rstrip())


def _term(
    index: LineIndex, hole: Hole, places: list[Clause], filling: str, written: str
) -> tuple[Edit, ...] | Failure:
    """``?name`` becomes the filling wherever it stands in the owner's clauses."""
    if not _parses(filling):
        return Failure(f"{filling} is no expression.")
    uses = [c for c in places if c.expression is not None]
    declared = [c for c in places if c.expression is None]
    if not uses:
        if hole.type != "bool" or len(declared) != 1:
            return Failure(f"?{hole.name} stands in no clause, where a filling would say something.")
        return (Edit(declared[0].span, written),)
    edits = [edit for clause in uses for edit in _replaced(index, hole.name, clause, filling, written)]
    for clause in declared:
        removal = _bullet(index, clause)
        if removal is None:
            return Failure(f"The bullet that declares ?{hole.name} goes on over several lines.")
        edits.append(Edit(removal, ""))
    return tuple(edits)


def _replaced(index: LineIndex, name: str, clause: Clause, filling: str, written: str) -> Iterator[Edit]:
    text = index.text_at(clause.span)
    found = re.compile(rf"(?P<string>{_STRING})|\?{re.escape(name)}(?!\w)", re.DOTALL)
    uses = [match for match in found.finditer(text) if match["string"] is None]
    start = index.offset(clause.span.start)
    bare = _means_the_same(text, uses, name, filling)
    for use in uses:
        span = index.span(start + use.start(), start + use.end())
        yield Edit(span, written if bare else f"({written})")


def _means_the_same(text: str, uses: list[re.Match[str]], name: str, filling: str) -> bool:
    """Whether the filling needs no parentheses where it goes."""
    mark = f"__hole_{name}"
    others = re.compile(rf"(?P<string>{_STRING})|\?(?P<hole>[^\W\d]\w*)", re.DOTALL)

    whole = text
    for use in reversed(uses):
        whole = whole[: use.start()] + mark + whole[use.end() :]
    plain = text
    for use in reversed(uses):
        plain = plain[: use.start()] + filling + plain[use.end() :]

    def readable(one: str) -> str:
        flat = " ".join(one.split())
        return others.sub(lambda m: m[0] if m["hole"] is None else f"__hole_{m['hole']}", flat)

    try:
        wanted = ast.parse(readable(whole), mode="eval")
        value = ast.parse(filling, mode="eval").body
        got = ast.parse(readable(plain), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return ast.dump(_Put(mark, value).visit(wanted)) == ast.dump(got)


class _Put(ast.NodeTransformer):
    """Puts an expression in a name's place."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name else node


def _bullet(index: LineIndex, clause: Clause) -> Span | None:
    """The whole line of a bullet on one line, with its line end; None if the bullet is longer."""
    line = clause.span.start.line
    stop = _after(index, index.offset(clause.span.end))
    if clause.span.end.line != line or stop is None or line >= index.line_count:
        return None
    if not re.match(r"[ \t]*[-*][ \t]+``$", index.line(line)[: clause.span.start.column]):
        return None
    return Span(start=Position(line=line, column=0), end=Position(line=line + 1, column=0))


def _summary(text: str, owner: Function | Class, sentence: str) -> tuple[Edit, ...] | Failure:
    """The sentence becomes the docstring's first line."""
    index, end = LineIndex(text), line_end(text)
    if not isinstance(owner, Function):
        return Failure(f"{owner.name} is a class; write its summary by hand.")
    if owner.docstring_span is None:
        return _new_docstring(index, owner, sentence, end)
    literal = _docstring(index, owner)
    if literal is None:
        return Failure("The docstring is put together from several strings; write it as one.")
    written = escaped(sentence, literal)
    if literal.quote in written or (literal.quote[0] == written[-1:]):
        return Failure("The sentence holds the docstring's own quotes.")
    content = text[literal.start : literal.end]
    rest = content.lstrip()
    base = _indent(index, literal.start)
    if not rest:
        return (Edit(index.span(literal.start, literal.end), written),)
    if len(literal.quote) == 1:
        return Failure("The docstring has single quotes, which cannot hold several lines; use three.")
    start = literal.start + len(content) - len(rest)
    if "\n" in content[: len(content) - len(rest)]:
        # The first section starts on a line of its own, whose indentation stays.
        start = index.starts[index.position(start).line - 1]
        return (Edit(index.span(literal.start, start), f"{written}{end}{end}"),)
    return (Edit(index.span(literal.start, start), f"{written}{end}{end}{base}"),)


def _new_docstring(index: LineIndex, owner: Function, sentence: str, end: str) -> tuple[Edit, ...] | Failure:
    if owner.body_span is None:
        return Failure(f"{owner.name} has no body to write a docstring into.")
    start = owner.body_span.start
    base = index.line(start.line)[: start.column]
    if base.strip():
        return Failure(f"The body of {owner.name} stands on the line of its def; put it below.")
    if '"""' in sentence or sentence.endswith('"'):
        return Failure("The sentence holds the docstring's own quotes.")
    raw = "r" if "\\" in sentence else ""
    return (Edit(Span(start=start, end=start), f'{raw}"""{sentence}"""{end}{base}'),)


def _docstring(index: LineIndex, owner: Function | Class) -> Quoted | None:
    span = owner.docstring_span if isinstance(owner, Function) else _docstring_of_class(index, owner)
    return literal_of(index, span) if span is not None else None


def _docstring_of_class(index: LineIndex, owner: Class) -> Span | None:
    try:
        tree = ast.parse(index.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == owner.name:
            span = _docstring_span(index, node)
            # Of several classes of one name it is the one whose docstring stands behind this name.
            if span is not None and span.start.line >= owner.name_span.start.line:
                if index.offset(span.end) <= index.offset(owner.span.end):
                    return span
    return None


def _docstring_span(index: LineIndex, node: ast.ClassDef) -> Span | None:
    first = node.body[0] if node.body else None
    value = first.value if isinstance(first, ast.Expr) else None
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return None
    end_line, end_column = value.end_lineno or value.lineno, value.end_col_offset or 0
    return index.span_from_ast(value.lineno, value.col_offset, end_line, end_column)


def _indent(index: LineIndex, place: int) -> str:
    row = index.line(index.position(place).line)
    return row[: len(row) - len(row.lstrip(" \t"))]


def _parses(expression: str) -> bool:
    try:
        ast.parse(re.sub(r"\?(?=[^\W\d])", "__hole_", expression), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
