"""What ``...`` in the code may be: what the whole function is proved with.

Scores: 0.9 proved, and nothing else that was tried is; 0.8 proved, and named by somebody or one thing; 0.65
proved; 0.45 and 0.25 where nothing says what it has to be.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lift_ir import Candidate, Function, Hole, Provenance

from lift.edit import Edit, apply
from lift.resolve.context import Context
from lift.resolve.targets import target_of
from lift.resolve.terms.checking import Verdict, checked_code
from lift.resolve.terms.edges import ends
from lift.resolve.terms.pool import Option, integers, proposals
from lift.resolve.terms.question import PREFIX, NotModelled, Question, extracted, typed_question
from lift.resolve.terms.slots import Types, asked, element_of, type_of, types_in_scope
from lift.resolve.terms.trying import examples_of

_SECONDS = 12.0
_MOST_CHECKED = 16
_MOST_TOGETHER = 24
_OFFERED = 6
_ONLY, _PLAIN, _PROVED, _NAMED, _POSSIBLE, _BROKEN = 0.9, 0.8, 0.65, 0.45, 0.25, 0.1
_WITH_TYPES = 0.5


@dataclass(frozen=True)
class _Template:
    """The function with a name in the place of each ``...``."""

    function: Function
    node: ast.FunctionDef | ast.AsyncFunctionDef
    text: str


@dataclass(frozen=True)
class _Tried:
    options: tuple[Option, ...]
    verdict: Verdict


def resolve(context: Context) -> tuple[Candidate, ...]:
    """Candidates for a term that stands in the code."""
    until = min(context.deadline, time.monotonic() + _SECONDS)
    try:
        question = typed_question(context)
    except NotModelled:
        return ()
    template = _template(question)
    if template is None:
        return ()
    holes = question.function.terms_in_code()
    own = next((h for h in holes if h.id == context.hole.id), None)
    if own is None:
        return ()
    ordered = [own, *(h for h in holes if h is not own)]
    pools = [list(_options(question, template, hole)) for hole in ordered]
    if len(ordered) == 1:
        pools[0] = _distinct([*_solved(question, template, own, until), *pools[0]])
    tried = list(_tried(question, ordered, pools, until))
    return tuple(_candidates(question, template, ordered, tried))


def _template(question: Question) -> _Template | None:
    edits = [Edit(h.span, PREFIX + h.name) for h in question.function.terms_in_code()]
    text = apply(question.text, edits)
    read = extracted(text, question.module.path, question.function.qualname)
    if read is None:
        return None
    line = read[2].name_span.start.line
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno == line:
            return _Template(read[2], node, text)
    return None


# Proposals.


def _options(question: Question, template: _Template, hole: Hole) -> Iterator[Option]:
    if _is_default(template, hole):
        yield from proposals(question, hole.name, hole.type or "", {})
        return
    types = {**types_in_scope(question.module, question.function, after=False), **_locals(template, hole)}
    yield from proposals(question, hole.name, _type_wanted(template, hole, types), types)


def _is_default(template: _Template, hole: Hole) -> bool:
    arguments = template.node.args
    given = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
    return any(isinstance(d, ast.Name) and d.id == PREFIX + hole.name for d in given)


def _locals(template: _Template, hole: Hole) -> Types:
    """The variables that are bound before a term, as far as their types can be told."""
    known = {p.name: p.type.text for p in template.function.signature.parameters if p.type.kind == "type"}
    own = dict[str, str]()
    for node in ast.walk(template.node):
        line = getattr(node, "lineno", 0)
        if line >= hole.span.start.line and not isinstance(node, ast.For):
            continue
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                own.setdefault(name, type_of(value, {**known, **own}))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                own[name] = ast.unparse(annotation)
            case ast.For(target=ast.Name(id=name), iter=source) if _holds_line(node, hole):
                is_range = isinstance(source, ast.Call) and ast.unparse(source.func) == "range"
                own[name] = "int" if is_range else element_of(type_of(source, {**known, **own}))
    return {name: type_ for name, type_ in own.items() if type_}


def _holds_line(node: ast.For, hole: Hole) -> bool:
    return node.lineno < hole.span.start.line <= (node.end_lineno or 0)


def _type_wanted(template: _Template, hole: Hole, types: Types) -> str:
    """The type that a term has to have where it stands, or where the variable that it is given to is used."""
    if hole.type is not None:
        return hole.type
    returns = ast.unparse(template.node.returns) if template.node.returns is not None else ""
    name = PREFIX + hole.name
    found: list[str] = []
    for node in ast.walk(template.node):
        match node:
            case ast.Return(value=value) if value is not None:
                found += asked(value, name, types, returns)
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name(id=one)) if one == name:
                for other in ast.walk(template.node):
                    match other:
                        case ast.Return(value=value) if value is not None:
                            found += asked(value, target, types, returns)
                        case ast.BinOp() | ast.Compare() | ast.Call():
                            found += asked(other, target, types, "")
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                found += asked(value, name, types, types.get(target, ""))
            case ast.AugAssign(target=ast.Name(id=target), value=value):
                found += asked(value, name, types, types.get(target, ""))
            case ast.BinOp() | ast.Compare() | ast.Call() | ast.BoolOp() | ast.IfExp():
                found += asked(node, name, types, "")
    return next((t for t in found if t), "")


def _solved(question: Question, template: _Template, hole: Hole, until: float) -> Iterator[Option]:
    """The integers with which the solver says that every clause is kept: one, and the last ones."""
    types = {**types_in_scope(question.module, question.function, after=False), **_locals(template, hole)}
    wanted = hole.type or _type_wanted(template, hole, types)
    if wanted != "int" or _is_default(template, hole):
        return
    read = extracted(template.text, question.module.path, question.function.qualname)
    target = target_of(read[1], read[0], read[2], question.context.sources) if read is not None else None
    if target is None:
        return
    from lift.verify.term_bounds import bounds_of

    result = (
        "__return__" if any(p.name == "result" for p in template.function.signature.parameters) else "result"
    )
    examples = [
        f"implies({' and '.join(f'{n} == {v}' for n, v in given.items()) or 'True'}, {result} == {out})"
        for given, out in examples_of(question)
    ]
    seconds = (until - time.monotonic()) / 3
    made = bounds_of(target, PREFIX + hole.name, examples=examples, seconds=seconds)
    if made is None:
        return
    one = made.solution()
    if one is None:
        return
    mentioned = [v + d for v in integers(question) for d in (-1, 0, 1)]
    far = [s << e for s in (1, -1) for e in range(3, 34, 6)]
    ladder = sorted({*range(-4, 5), *range(one - 3, one + 4), *mentioned, *far})
    named = {o.text: o for o in _options(question, template, hole)}
    kept = ends(lambda values: [made.kept(v) == "yes" for v in values], ladder, points=1)
    found = {one: "", **{e.inside: f"with {e.outside} a clause is broken" for e in kept}}
    for value, why in found.items():
        known = named.get(str(value))
        said = ", ".join(part for part in (known.why if known and known.named else "", why) if part)
        yield Option(str(value), said, True)


def _distinct(options: Sequence[Option]) -> list[Option]:
    best: dict[str, Option] = {}
    for option in options:
        best.setdefault(option.text, option)
    return list(best.values())


# Checks.


def _tried(
    question: Question, holes: Sequence[Hole], pools: Sequence[Sequence[Option]], until: float
) -> Iterator[_Tried]:
    """Fillings with what the verifier says of them, as many as there is time for."""
    room = _MOST_CHECKED if len(holes) == 1 else _MOST_TOGETHER
    each = room if len(holes) == 1 else max(2, int(_MOST_TOGETHER ** (1 / len(holes))))
    ordered = [sorted(pool, key=_likely)[:each] for pool in pools]
    proved = 0
    for options in itertools.islice(itertools.product(*ordered), room):
        if time.monotonic() > until - 0.5 or proved >= _OFFERED:
            return
        values = {hole.name: option.text for hole, option in zip(holes, options, strict=True)}
        verdict = checked_code(question, values, until)
        proved += verdict.state == "proved"
        yield _Tried(options, verdict)


def _likely(option: Option) -> tuple[bool, bool, int]:
    return not option.named, not is_plain(option.text), len(option.text)


def is_plain(text: str) -> bool:
    """Whether an expression is one name, attribute, size or constant."""
    tree = ast.parse(text, mode="eval").body
    if isinstance(tree, ast.UnaryOp):
        tree = tree.operand
    sized = isinstance(tree, ast.Call) and ast.unparse(tree.func) == "len"
    return sized or isinstance(tree, ast.Name | ast.Attribute | ast.Constant)


def _candidates(
    question: Question, template: _Template, holes: Sequence[Hole], tried: Sequence[_Tried]
) -> Iterator[Candidate]:
    proved = [t for t in tried if t.verdict.state == "proved"]
    standing = proved or [t for t in tried if t.verdict.state == "open"]
    standing = standing or [t for t in tried if t.verdict.state == "broken"][:2]
    decides = bool(proved) and not any(_is_default(template, h) for h in holes)
    for one in standing[:_OFFERED]:
        option = one.options[0]
        if decides:
            plain = option.named or is_plain(option.text)
            score = _ONLY if len(proved) == 1 else _PLAIN if plain else _PROVED
        elif one.verdict.state == "broken":
            score = _BROKEN
        else:
            score = _NAMED if option.named else _POSSIBLE
        yield Candidate(
            text=option.text,
            evidence=_evidence(question, holes, one, decides=decides),
            score=min(score, _WITH_TYPES) if question.assumed else score,
            fills=tuple((h.id, o.text) for h, o in zip(holes[1:], one.options[1:], strict=True)),
            provenance=Provenance(kind="reverse"),
        )


def _evidence(question: Question, holes: Sequence[Hole], one: _Tried, *, decides: bool) -> str:
    said = [one.options[0].why] if one.options[0].why else []
    count = one.verdict.clauses
    if decides:
        said.append(f"with it the function is proved to keep {count} clause{'' if count == 1 else 's'}")
    elif one.verdict.state == "broken":
        said.append(f"the function breaks its clauses with it: {one.verdict.why}")
    elif one.verdict.state == "proved":
        said.append("no clause depends on it")
    elif one.verdict.why.startswith("no clause"):
        said.append(one.verdict.why)
    else:
        said.append(f"no run breaks a clause; not proved: {one.verdict.why}")
    others = [f"{h.name} is {o.text}" for h, o in zip(holes[1:], one.options[1:], strict=True)]
    if others:
        said.append(f"where {' and '.join(others)}")
    if question.assumed:
        said.append("if " + " and ".join(f"{n} is {t}" for n, t in question.assumed.items()))
    return ", ".join(said)
