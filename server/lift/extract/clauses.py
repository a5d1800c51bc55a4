"""Docstring sections → clauses, holes and problems, in lift's own notation.

What is in double backticks is checked and can be bad; prose never is. Must not import other parts of lift
than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import get_args

from lift_ir import Effect, EffectWord, Example, Hole, Modifies, Raises

from lift.extract import notation
from lift.extract.draft import (
    CLAUSE_TYPES,
    ClauseText,
    Draft,
    Read,
    clause_id,
    in_literal,
    open_clause,
    read_expression,
    shortened,
    term_hole,
)
from lift.extract.literal import Literal
from lift.extract.names import Moment, all_known, nearest
from lift.extract.sections import Bullet, RaisesEntry, SectionKind, Sections

EFFECT_WORDS: tuple[EffectWord, ...] = get_args(EffectWord)
_CLOSED = re.compile(r"\s*(?:[.;,]?\s*$|:(?=\s|$)\s*)")
_DECLARED = re.compile(r"\?(?P<name>[^\W\d]\w*)\s*(?::\s*(?P<type>.+))?$", re.DOTALL)
_COMPUTES = re.compile(r"[<>=(]| (?:in|is|not|and|or) ")
_CONDITION = re.compile(
    r"(?:raised\s+)?(?P<word>only if|iff|if and only if|if|when|whenever)\s+``", re.IGNORECASE
)
_AFTER = re.compile(r"\s*(?:(?P<end>[.;:(]|$)|,?\s*(?P<word>\w+))")
_TARGET = re.compile(r"[^\W\d][\w.]*(?:\[[^\]]*\])*$")
_PROMPT = re.compile(r"^([ \t]*)>>> ?(.*)$", re.M)
_CONTINUED = re.compile(r"([ \t]*)\.\.\.(?: (.*))?$", re.M)
_TITLES = {"requires": "Requires", "ensures": "Ensures", "invariant": "Invariants", "decreases": "Decreases"}


def read_bullets(draft: Draft, literal: Literal, sections: Sections, *, of_class: bool) -> None:
    """Adds every bullet of our own sections to the draft."""
    for bullet in sections.bullets:
        if bullet.section == "modifies":
            _modifies(draft, literal, bullet)
        elif bullet.section == "effect":
            _effect(draft, literal, bullet)
        elif (bullet.section == "invariant") == of_class:
            _condition(draft, literal, bullet)
        else:
            _misplaced(draft, literal, bullet)


def _condition(draft: Draft, literal: Literal, bullet: Bullet) -> None:
    """A bullet under Requires, Ensures or Invariants."""
    kind = bullet.section
    moment: Moment = "after" if kind == "ensures" else "before"
    draft.written = True
    quoted = checked_part(literal.value, bullet)
    if quoted is not None:
        start, end, prose = quoted
        text = in_literal(draft.index, literal, start, end)
        declared = _DECLARED.match(text.value)
        if declared is not None:
            _declared_hole(draft, kind, text, declared, prose)
        else:
            _add_condition(draft, kind, read_expression(draft, text, moment), prose)
        return
    bare = _bare(draft, literal, bullet, moment)
    if bare is not None:
        text, prose, whole = bare
        read = read_expression(draft, text, moment)
        message = f"`{shortened(read.text)}` is checked; put it in double backticks to say so"
        draft.problem("open-clause", message, whole.place(0, len(whole.value)), f"``{read.text}``")
        _add_condition(draft, kind, read, prose)
        return
    text = in_literal(draft.index, literal, bullet.start, bullet.end)
    span = text.place(0, len(text.value))
    prose = " ".join(text.value.split())
    hole = open_clause(draft, kind, prose, span)
    _add_condition(draft, kind, Read(None, prose, draft.index.text_at(span), span, (hole,)), prose)


def _add_condition(draft: Draft, kind: SectionKind, read: Read, prose: str) -> None:
    draft.clauses.append(CLAUSE_TYPES[kind](**read.fields(kind, "docstring", prose)))


def _declared_hole(
    draft: Draft, kind: SectionKind, text: ClauseText, declared: re.Match[str], prose: str
) -> None:
    """A bullet ``?name: type`` with its question."""
    span = text.place(0, len(text.value))
    type_text = declared["type"]
    if type_text is not None:
        parsed = notation.parse(type_text)
        if parsed.tree is None:
            where = text.place(*declared.span("type"))
            message = f"`{shortened(type_text)}` is no type for `?{declared['name']}`: {parsed.error}"
            draft.problem("bad-clause", message, where)
        type_text = parsed.expression
    mark = text.place(*declared.span("name"))
    hole = term_hole(draft, declared["name"], mark, type_text=type_text, question=prose)
    identity = f"?{declared['name']}: {type_text}"
    _add_condition(draft, kind, Read(None, identity, draft.index.text_at(span), span, (hole,)), prose)


def _misplaced(draft: Draft, literal: Literal, bullet: Bullet) -> None:
    """A checked bullet where it says nothing: silence would look like success."""
    quoted = checked_part(literal.value, bullet)
    if quoted is None:
        return
    text = in_literal(draft.index, literal, quoted[0], quoted[1])
    title = _TITLES[bullet.section]
    owner = "a class" if bullet.section == "invariant" else "a function"
    message = f"`{shortened(text.value)}` is not checked: {title} belong in the docstring of {owner}"
    draft.problem("bad-clause", message, text.place(0, len(text.value)))


def checked_part(value: str, bullet: Bullet) -> tuple[int, int, str] | None:
    """Where the expression of a bullet in double backticks starts and ends, and the prose after it.

    None if the bullet is not in double backticks as a whole: what is only mentioned is not a clause.
    """
    if not value.startswith("``", bullet.start):
        return None
    start = bullet.start + 2
    close = value.find("``", start, bullet.end)
    while close >= 0:
        while value.startswith("`", close + 2) and close + 3 <= bullet.end:
            close += 1
        after = _CLOSED.match(value, close + 2, bullet.end)
        if after is not None:
            end = close
            while start < end and value[start].isspace():
                start += 1
            while end > start and value[end - 1].isspace():
                end -= 1
            return start, end, " ".join(value[after.end() : bullet.end].split())
        close = value.find("``", close + 2, bullet.end)
    return None


def _bare(
    draft: Draft, literal: Literal, bullet: Bullet, moment: Moment
) -> tuple[ClauseText, str, ClauseText] | None:
    """A bullet without double backticks that is plainly an expression: the expression, its prose, and
    the expression with the single backticks that it may stand in."""
    content = literal.value[bullet.start : bullet.end]
    if len(content) > 500 or not _COMPUTES.search(content):
        return None
    start = bullet.start
    candidates = [(0, len(content.rstrip(" .;,")))]
    if (colon := content.find(": ")) > 0:
        candidates.append((0, colon))
    if content.startswith("`") and (tick := content.find("`", 1)) > 0 and _CLOSED.match(content, tick + 1):
        candidates = [(1, tick)]
    known = {*draft.scope.parameters, draft.scope.result, "result"}
    for first, last in candidates:
        tree = notation.parse(content[first:last]).tree
        if tree is None or not notation.is_plainly_expression(tree, known):
            continue
        if all_known(tree, draft.scope, moment):
            prose = " ".join(content[last:].lstrip("`").lstrip(" .;,:").split())
            text = in_literal(draft.index, literal, start + first, start + last)
            return text, prose, in_literal(draft.index, literal, start, start + last + first)
    return None


def read_raises(draft: Draft, literal: Literal, sections: Sections) -> None:
    """Adds every exception of Raises sections and fields; only a condition in backticks specifies."""
    for entry in sections.raises:
        draft.clauses.append(_raises(draft, literal, entry))


def _raises(draft: Draft, literal: Literal, entry: RaisesEntry) -> Raises:
    prose = " ".join(literal.value[entry.start : entry.end].split())
    condition = condition_of(literal.value, entry)
    if condition is not None:
        draft.written = True
        text = in_literal(draft.index, literal, condition.start, condition.end)
        read = read_expression(draft, text, "before")
        rest = " ".join(literal.value[condition.rest : entry.end].lstrip(" .;:,").split())
        identity = f"{entry.exception}:{read.identity}"
        fields = read.fields("raises", "docstring", rest)
        fields["id"] = clause_id("raises", identity)
        exact = condition.exact and read.expression is not None
        return Raises(**fields, exception=entry.exception, exact=exact)
    name = in_literal(draft.index, literal, entry.name_start, entry.name_end)
    span = name.place(0, len(name.value))
    return Raises(
        id=clause_id("raises", f"{entry.exception}:{prose}"),
        text=draft.index.text_at(span),
        expression=None,
        prose=prose,
        span=span,
        exception=entry.exception,
        exact=False,
    )


@dataclass(frozen=True)
class Condition:
    """The condition of an exception; places are offsets in the docstring's value.

    Attributes:
        start: Where the expression starts, without white space.
        end: Where it ends.
        rest: Where the words behind it start.
        exact: Whether the exception is raised exactly if it holds, and not only if.
    """

    start: int
    end: int
    rest: int
    exact: bool


def condition_of(value: str, entry: RaisesEntry) -> Condition | None:
    """The condition in double backticks that an exception is raised under, None if there is none."""
    description = value[entry.start : entry.end]
    condition = _CONDITION.match(description)
    close = description.find("``", condition.end()) if condition else -1
    if condition is None or close < 0:
        return None
    exact = _exactness(condition["word"].lower(), description[close + 2 :])
    if exact is None:
        return None
    first, last = _stripped(description, condition.end(), close)
    return Condition(entry.start + first, entry.start + last, entry.start + close + 2, exact)


def _exactness(word: str, rest: str) -> bool | None:
    """Whether a condition is the whole truth (True), only necessary (False), or merely mentioned (None)."""
    after = _AFTER.match(rest)
    if after is None:
        return None
    if after["end"] is not None:
        return word != "only if"
    # "If ``c`` and it is late" still says that c holds when it is raised; "or", "unless" do not.
    return False if after["word"].lower() in {"and", "while"} else None


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """A part of a text without the white space around it.

    Requires:
        - ``0 <= start <= end <= len(text)``

    Ensures:
        - ``start <= result[0] <= result[1] <= end``
        - ``result[0] == result[1] or not text[result[0]].isspace()``
        - ``result[0] == result[1] or not text[result[1] - 1].isspace()``
    """
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _modifies(draft: Draft, literal: Literal, bullet: Bullet) -> None:
    """A bullet under Modifies: the targets that may change, or ``none``."""
    quoted = checked_part(literal.value, bullet)
    if quoted is None:
        content = literal.value[bullet.start : bullet.end]
        head = re.split(r":\s|\s", content, maxsplit=1)[0].rstrip(".,;:")
        end = bullet.start + len(head)
        rest = literal.value[end : bullet.end].lstrip(" .,;")
        root = head.partition(".")[0].partition("[")[0]
        plain = head == "none" or (_TARGET.match(head) and root in draft.scope.parameters)
        start, end, prose = (
            (bullet.start, end, rest.lstrip(": "))
            if plain and rest[:1] in {"", ":"}
            else (bullet.start, bullet.end, content)
        )
        strict = False
    else:
        start, end, prose = quoted
        plain = strict = True
    draft.written = True
    text = in_literal(draft.index, literal, start, end)
    span = text.place(0, len(text.value))
    targets = _targets(draft, text, strict=strict) if plain else None
    expression = None if targets is None else ", ".join(targets) or "none"
    identity = expression or " ".join(text.value.split())
    read = Read(expression, identity, draft.index.text_at(span), span)
    draft.clauses.append(
        Modifies(**read.fields("modifies", "docstring", " ".join(prose.split())), targets=targets or ())
    )


def _targets(draft: Draft, text: ClauseText, *, strict: bool) -> tuple[str, ...] | None:
    """The targets that the text names, None if one of them is none."""
    if text.value.strip().lower() == "none":
        return ()
    parsed = notation.parse(text.value)
    tree = parsed.tree
    if tree is None:
        if strict:
            message = f"`{shortened(text.value)}` names nothing that can change: {parsed.error}"
            draft.problem("bad-clause", message, text.place(0, len(text.value)))
        return None
    parts = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    for part in parts:
        root: ast.expr = part
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        bad = (
            None if isinstance(root, ast.Name) else "name parameters, attributes such as `self.x`, or globals"
        )
        if bad is None and not all_known(part, draft.scope, "before"):
            assert isinstance(root, ast.Name)
            guess = nearest(root.id, draft.scope.parameters)
            bad = (
                f"nothing here is called that; did you mean `{guess}`?"
                if guess
                else "nothing here is called that"
            )
        if bad is not None:
            if strict:
                where = text.place(*parsed.offset_of(part))
                draft.problem(
                    "bad-clause", f"`{shortened(text.value)}` is no target of a change: {bad}", where
                )
            return None
    return tuple(notation.unparse(part) or "" for part in parts)


def _effect(draft: Draft, literal: Literal, bullet: Bullet) -> None:
    """A bullet under Effects: a standard word, a hole, or prose."""
    quoted = checked_part(literal.value, bullet)
    start, end, prose = quoted or (bullet.start, bullet.end, "")
    text = in_literal(draft.index, literal, start, end)
    span = text.place(0, len(text.value))
    draft.written = True
    word = re.match(r"\w+", text.value)
    head = word[0].lower() if word else ""
    known = head if head in EFFECT_WORDS else None
    holes: tuple[str, ...] = ()
    if quoted is not None and text.value.startswith("?"):
        name = text.value[1:].partition(":")[0].strip() or "effect"
        holes = (f"{draft.owner}:effect:{name}",)
        question = prose or "Which effect does it have?"
        draft.holes[holes[0]] = Hole(id=holes[0], hole="effect", name=name, question=question, span=span)
    elif quoted is not None and known is None:
        guess = nearest(head, EFFECT_WORDS)
        hint = (
            f"did you mean `{guess}`?"
            if guess
            else f"use one of {', '.join(EFFECT_WORDS)}, or prose without backticks"
        )
        draft.problem("bad-clause", f"`{shortened(text.value)}` is no effect: {hint}", span, guess)
    if quoted is None and known is not None:
        prose = text.value[len(head) :].lstrip(" :,.;—-")
        span = text.place(0, len(head))
    elif quoted is None:
        prose = text.value
    # A sentence that merely starts with such a word ("None of this is cached") is prose.
    if quoted is None and known == "none" and text.value[4:5] not in {"", ".", ":", ",", ";"}:
        known, prose, span = None, text.value, text.place(0, len(text.value))
    read = Read(known, known or " ".join(text.value.split()), draft.index.text_at(span), span, holes)
    fields = read.fields("effect", "docstring", " ".join(prose.split()))
    draft.clauses.append(Effect.model_validate({**fields, "word": known}))


def read_examples(draft: Draft, literal: Literal) -> None:
    """Adds every doctest, its expected output as doctest would compare it."""
    value = literal.value
    place = 0
    while prompt := _PROMPT.search(value, place):
        indent = prompt[1]
        lines = [prompt[2]]
        start, end = prompt.start(2), prompt.end()
        place = end + 1
        while continued := _CONTINUED.match(value, place):
            if continued[1] != indent:
                break
            lines.append(continued[2] or "")
            end = continued.end()
            place = end + 1
        want: list[str] = []
        while place < len(value):
            stop = _line_end(value, place)
            line = value[place:stop]
            if not line.strip() or line.lstrip().startswith(">>>"):
                break
            want.append(line[len(indent) :] if line.startswith(indent) else line)
            place = stop + 1
        source = "\n".join(lines).rstrip()
        if source and not source.lstrip().startswith("#"):
            _add_example(draft, literal, start, start + len(value[start:end].rstrip()), source, want)


def _add_example(draft: Draft, literal: Literal, start: int, end: int, source: str, want: list[str]) -> None:
    text = in_literal(draft.index, literal, start, end)
    span = text.place(0, len(text.value))
    expected = "".join(f"{line}\n" for line in want)
    draft.clauses.append(
        Example(
            id=clause_id("example", f"{source}\n{expected}"),
            text=draft.index.text_at(span),
            expression=source,
            span=span,
            want=expected,
        )
    )


def _line_end(value: str, place: int) -> int:
    """Where the line at a place ends.

    Requires:
        - ``0 <= place <= len(value)``

    Ensures:
        - ``place <= result <= len(value)``
        - ``result == len(value) or value[result] == "\\n"``
    """
    end = value.find("\n", place)
    return len(value) if end < 0 else end
