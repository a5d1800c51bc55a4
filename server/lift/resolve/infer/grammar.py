"""What may be said of a function: expressions over its parameters, their old values and its result.

Made from types, from constants and conditions of the body, and from templates. Whether one is true is not
decided here: a false one costs a run, and none leaves ``lift.resolve.infer`` unproved.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lift_ir import TypeExpr

from lift.resolve.infer.subject import Subject

NUMBERS = frozenset({"int", "float", "bool"})
_SEQUENCES = ("list", "tuple-of")
_PURE = frozenset(
    {"len", "sum", "min", "max", "all", "any", "abs", "range", "set", "sorted", "ord", "divmod"}
)


@dataclass(frozen=True)
class Term:
    """An expression with its kind: ``int``, ``str``, ``list``, …; ``inner`` is the kind of its elements."""

    text: str
    kind: str
    inner: str = ""


@dataclass(frozen=True)
class Candidate:
    """Something that may be true at each return; ``cost`` is how hard it is to read."""

    text: str
    cost: float


def kind_of(annotation: str) -> Iterator[tuple[str, str]]:
    """The arms of an annotation as (kind, kind of the elements)."""
    try:
        tree = ast.parse(annotation, mode="eval").body
    except (SyntaxError, ValueError):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield from kind_of(tree.value)
        return
    pending = [tree]
    while pending:
        node = pending.pop(0)
        match node:
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                pending[:0] = [left, right]
            case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
                pending[:0] = [inner, ast.Constant(None)]
            case ast.Constant(value=None):
                yield "None", ""
            case ast.Name(id=name):
                yield name, "str" if name == "str" else ""
            case ast.Subscript(
                value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[inner, ast.Constant(value=v)])
            ):
                if v is ...:
                    yield "tuple-of", ast.unparse(inner)
                else:
                    yield "tuple", ""
            case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
                yield "tuple", ", ".join(ast.unparse(p) for p in parts)
            case ast.Subscript(value=ast.Name(id="Sequence" | "Iterable"), slice=inner):
                yield "list", ast.unparse(inner)
            case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, _])):
                yield "dict", ast.unparse(key)
            case ast.Subscript(value=ast.Name(id=name), slice=inner):
                yield name, ast.unparse(inner)


def candidates(subject: Subject, result_types: Iterable[str]) -> list[Candidate]:
    """The candidates, each once, the simplest first.

    Args:
        result_types: Annotations of what it returns; one where it is annotated, else what runs have shown.
    """
    names = _terms(subject)
    found: dict[str, float] = {}
    arms = [arm for text in result_types for arm in kind_of(text)]
    plain = [arm for arm in dict.fromkeys(arms) if arm[0] != "None"]
    result = "result" if all(t.text != "result" for t in names) else "__return__"
    for kind, inner in plain:
        made = list(_about(subject, Term(result, kind, inner), names))
        if len(plain) < len(set(arms)):
            made = [
                *((f"{result} is None or {_bracketed(t)}", c + 1) for t, c in made if " is " not in t),
                *_about_none(subject, result, names),
            ]
        for text, cost in made:
            found.setdefault(text, cost)
    for text, cost in _about_changes(subject):
        found.setdefault(text, cost)
    body = _repeats(subject, result)
    kept = [Candidate(t, c + len(t) / 40) for t, c in found.items() if not _says_body(t, body)]
    return sorted(kept, key=lambda c: (c.cost, c.text))


def _bracketed(text: str) -> str:
    return f"({text})" if " or " in text or " if " in text else text


def _parameters(subject: Subject) -> list[Term]:
    found = []
    set_ = _assigned(subject)
    for parameter in subject.ir.signature.parameters:
        if isinstance(parameter.type, TypeExpr) and parameter.style.startswith(("positional", "keyword")):
            arms = list(kind_of(parameter.type.text))
            if len(arms) == 1:
                found.append(Term(parameter.name, *arms[0]))
    # A clause speaks of what was passed, whatever the body calls by the name afterwards.
    return sorted(found, key=lambda t: t.text in set_)


def _assigned(subject: Subject) -> set[str]:
    return {n.id for n in ast.walk(subject.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _attributes(subject: Subject) -> list[Term]:
    owner = subject.ir.qualname.rpartition(".")[0]
    cls = next((c for c in subject.module.classes if c.qualname == owner), None)
    first = subject.ir.signature.parameters[:1]
    if cls is None or not first or first[0].name != "self":
        return []
    found = []
    for attribute in cls.attributes:
        if isinstance(attribute.type, TypeExpr):
            arms = list(kind_of(attribute.type.text))
            if len(arms) == 1:
                found.append(Term(f"self.{attribute.name}", *arms[0]))
    return found


def _terms(subject: Subject) -> list[Term]:
    return [*_parameters(subject), *_attributes(subject)]


def _constants(subject: Subject) -> list[str]:
    found = {"0": None, "1": None, "-1": None}
    nodes = [n for s in subject.body for n in ast.walk(s)]
    for node in nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int)
            and not isinstance(node.value, bool)
        ):
            if abs(node.value) < 10**9:
                found[str(node.value)] = None
                if isinstance(node.value, int) and node.value > 1:
                    found[str(node.value - 1)] = None
    return list(found)[:10]


def _numeric(subject: Subject, names: list[Term]) -> Iterator[tuple[str, float]]:
    """Terms that a number may be compared with."""
    plain = [t.text for t in names if t.kind in ("int", "float")]
    sized = [t for t in names if t.kind in ("list", "tuple-of", "str", "set", "frozenset", "dict", "bytes")]
    yield from ((c, 1.0 if c in ("0", "1", "-1") else 1.5) for c in _constants(subject))
    yield from ((p, 1.0) for p in plain)
    yield from ((f"len({t.text})", 1.2) for t in sized)
    for term in sized:
        if term.inner in NUMBERS and term.kind != "dict":
            yield from ((f"{f}({term.text})", 1.5) for f in ("sum", "min", "max"))
    yield from ((f"-{p}", 1.6) for p in plain)
    yield from ((f"abs({p})", 1.7) for p in plain)
    yield from ((f"{p} {op} 1", 1.8) for p in plain for op in "+-")
    for one, other in itertools.combinations(plain[:4], 2):
        yield from ((f"{f}({one}, {other})", 2.0) for f in ("min", "max"))
        yield from ((f"{one} {op} {other}", 2.0) for op in "+*-")
        yield f"{other} - {one}", 2.1
        yield f"abs({one} - {other})", 2.4


def _conditions(subject: Subject, names: list[Term]) -> list[str]:
    """What the body asks of its parameters, while they still are what was passed."""
    own = {p.name for p in subject.ir.signature.parameters} - _assigned(subject)
    found: dict[str, None] = {}
    for statement in subject.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Compare | ast.Call | ast.UnaryOp) and _is_condition(node, own):
                found[ast.unparse(node)] = None
    for term in names:
        if term.kind == "int":
            found[f"{term.text} >= 0"] = None
            found[f"{term.text} <= 0"] = None
        elif term.kind in ("list", "str", "tuple-of", "dict", "set"):
            found[f"len({term.text}) == 0"] = None
            found[f"len({term.text}) > 0"] = None
    plain = [t.text for t in names if t.kind == "int"]
    for one, other in itertools.permutations(plain[:3], 2):
        found[f"{one} <= {other}"] = None
    return list(found)[:14]


def _is_condition(node: ast.expr, own: set[str]) -> bool:
    if isinstance(node, ast.Call):
        test = isinstance(node.func, ast.Attribute) and node.func.attr in (
            "startswith",
            "endswith",
            "isdigit",
        )
        if not test:
            return False
    if isinstance(node, ast.UnaryOp):
        return False
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - bound - _PURE
    return bool(names) and names <= own and len(ast.unparse(node)) <= 40


def _about(subject: Subject, result: Term, names: list[Term]) -> Iterator[tuple[str, float]]:
    r = result.text
    match result.kind:
        case "bool":
            yield from _about_bool(subject, r, names)
        case "int" | "float":
            yield from _about_number(subject, r, result.kind, names)
        case "str" | "bytes":
            yield from _about_text(subject, result, names)
        case "list" | "tuple-of" | "set" | "frozenset":
            yield from _about_collection(result, names)
            yield from _kept(subject, r)
        case "tuple":
            yield from _about_tuple(subject, result, names)
    for term in names:
        if term.kind == result.kind and result.kind not in ("bool", "int", "float"):
            yield f"{r} == {term.text}", 1.0
        holds = term.inner == _written(result) or (term.kind == "dict" and term.inner == result.kind)
        if holds and term.kind in ("list", "tuple-of", "set", "frozenset", "dict"):
            yield f"{r} in {term.text}", 1.0
            if result.kind in ("int", "float", "str"):
                yield f"all(v <= {r} for v in {term.text})", 1.6
                yield f"all(v >= {r} for v in {term.text})", 1.6
                yield f"any(v == {r} for v in {term.text})", 2.4


def _written(term: Term) -> str:
    return (
        term.kind if term.kind in ("int", "str", "bool", "float", "bytes") else f"{term.kind}[{term.inner}]"
    )


def _about_bool(subject: Subject, r: str, names: list[Term]) -> Iterator[tuple[str, float]]:
    for condition in _conditions(subject, names):
        yield f"{r} == ({condition})", 1.2
        yield f"implies({r}, {condition})", 1.6
        yield f"implies({condition}, {r})", 1.6
        yield f"implies({condition}, not {r})", 1.8
        yield f"implies(not {r}, {condition})", 1.9
    for one in names:
        for other in names:
            if one is not other and one.kind == other.kind:
                yield f"implies({one.text} == {other.text}, {r})", 1.8
                yield f"implies({one.text} == {other.text}, not {r})", 1.8
                yield f"{r} == ({one.text} == {other.text})", 1.4
            if one.inner and one.kind != "str" and one.inner.partition(",")[0] == other.kind:
                yield f"{r} == ({other.text} in {one.text})", 1.3


def _about_number(subject: Subject, r: str, kind: str, names: list[Term]) -> Iterator[tuple[str, float]]:
    terms = [t for t in _numeric(subject, names) if not (kind == "float" and "/" in t[0])]
    constants = [int(c) for c in _constants(subject)]
    for term, cost in terms:
        yield f"{r} == {term}", cost
        yield f"{r} >= {term}", cost + 0.2
        yield f"{r} <= {term}", cost + 0.2
        yield f"{r} > {term}", cost + 0.3
        yield f"{r} < {term}", cost + 0.3
        if cost <= 1.0:
            # What is excluded is one value of many: only if nothing else says as much.
            yield f"{r} != {term}", cost + 2.5
    for low, high in itertools.combinations(sorted(constants), 2):
        yield f"{low} <= {r} <= {high}", 1.6
    simple = [(t, c) for t, c in terms if c <= 1.2]
    for term, cost in simple:
        for low in ("0", "1", "-1"):
            if term not in ("0", "1", "-1"):
                yield f"{low} <= {r} <= {term}", cost + 0.3
                yield f"{low} <= {r} < {term}", cost + 0.3
        for other, more in simple:
            if term != other and not (term.lstrip("-").isdigit() and other.lstrip("-").isdigit()):
                yield f"{term} <= {r} <= {other}", cost + more + 0.1
    for number in constants:
        if number > 1:
            yield f"{r} % {number} == 0", 1.9
    plain = [t.text for t in names if t.kind == "int"]
    for name in plain:
        yield f"{r} % {name} == 0", 2.0
        yield f"{name} % {r} == 0", 2.0
        yield f"{r} * {r} <= {name}", 2.4
        yield f"{name} < ({r} + 1) * ({r} + 1)", 2.6
    choices = [n.text for n in names if n.kind in ("int", "float")]
    for few in (*itertools.combinations(choices[:4], 2), *itertools.combinations(choices[:4], 3)):
        yield f"{r} in ({', '.join(few)})", 1.6 + 0.1 * len(few)
    for few in itertools.combinations(sorted(constants), 2):
        yield f"{r} in ({few[0]}, {few[1]})", 1.7
        if 0 <= few[0] < few[1]:
            yield f"{r} in ({few[0]}, {few[1]}, {-few[1]})", 2.2
    for condition in _conditions(subject, names):
        for term, cost in terms[:16]:
            yield f"implies({condition}, {r} == {term})", cost + 1.2
        for text in (f"{r} == 0", f"{r} > 0", f"{r} < 0", f"{r} >= 0", f"{r} != 0"):
            yield f"({text}) == ({condition})", 2.6
        for term, cost in simple[:8]:
            yield f"implies({condition}, {r} >= {term})", cost + 1.4
            yield f"implies({condition}, {r} <= {term})", cost + 1.4
    for sequence in [t for t in names if t.kind in _SEQUENCES and t.inner in ("int", "float", "str")]:
        for other in [t.text for t in names if t.kind == sequence.inner]:
            yield f"all(v < {other} for v in {sequence.text}[:{r}])", 2.0
            yield f"all(v <= {other} for v in {sequence.text}[:{r}])", 2.0
            yield f"all(v >= {other} for v in {sequence.text}[{r}:])", 2.0
            yield f"all(v > {other} for v in {sequence.text}[{r}:])", 2.0
            yield f"implies({r} >= 0, {sequence.text}[{r}] == {other})", 2.0
            yield f"implies({r} < 0, {other} not in {sequence.text})", 2.0
            yield f"{r} == {sequence.text}.count({other})", 1.8


def _about_text(subject: Subject, result: Term, names: list[Term]) -> Iterator[tuple[str, float]]:
    r = result.text
    empty = "''" if result.kind == "str" else "b''"
    yield f"len({r}) > 0", 1.4
    yield f"{r} != {empty}", 1.3
    for constant in _texts(subject, result.kind):
        yield f"{r} == {constant}", 1.2
        yield f"{r}.startswith({constant})", 1.5
        yield f"{r}.endswith({constant})", 1.5
        yield f"{constant} in {r}", 1.6
        yield f"{constant} not in {r}", 1.6
        for term in [t for t in names if t.kind == result.kind]:
            yield f"implies({constant} not in {term.text}, {r} == {term.text})", 2.2
    for term in [t for t in names if t.kind == result.kind]:
        s = term.text
        for shape, cost in (
            ("{s} in {r}", 1.2), ("{r} in {s}", 1.2),
            ("{r}.startswith({s})", 1.4), ("{r}.endswith({s})", 1.4),
            ("{s}.startswith({r})", 1.4), ("{s}.endswith({r})", 1.4), ("len({r}) == len({s})", 1.4),
            ("len({r}) >= len({s})", 1.6), ("len({r}) <= len({s})", 1.6), ("len({r}) > len({s})", 1.7),
            ("implies(len({s}) == 0, {r} == {s})", 2.2),
        ):  # fmt: skip
            yield shape.format(r=r, s=s), cost
        for condition in _conditions(subject, names):
            yield f"implies({condition}, {r} == {s})", 2.2
    for other, _ in _numeric(subject, names):
        if len(other) <= 14:
            yield f"len({r}) == {other}", 1.9
            yield f"len({r}) >= {other}", 2.1
            yield f"len({r}) <= {other}", 2.1
    pair = [t.text for t in names if t.kind == result.kind]
    for one, other in itertools.permutations(pair[:3], 2):
        yield f"{r} == {one} + {other}", 1.5
        yield f"len({r}) == len({one}) + len({other})", 2.2
        if len(pair) > 1:
            yield f"{r} in ({one}, {other})", 1.6


def _texts(subject: Subject, kind: str) -> list[str]:
    wanted = str if kind == "str" else bytes
    return list(
        dict.fromkeys(
            repr(n.value)
            for s in subject.body
            for n in ast.walk(s)
            if isinstance(n, ast.Constant) and isinstance(n.value, wanted) and 0 < len(n.value) <= 12
        )
    )[:5]


def _about_collection(result: Term, names: list[Term]) -> Iterator[tuple[str, float]]:
    r = result.text
    yield f"len({r}) > 0", 1.7
    if result.inner in ("int", "float"):
        yield f"all(v >= 0 for v in {r})", 1.6
        yield f"all(v > 0 for v in {r})", 1.6
        yield f"sum({r}) == 0", 2.4
    if result.kind in _SEQUENCES and result.inner in ("int", "float", "str"):
        yield f"all({r}[i] <= {r}[i + 1] for i in range(len({r}) - 1))", 1.5
        yield f"all({r}[i] < {r}[i + 1] for i in range(len({r}) - 1))", 1.5
    if result.kind in _SEQUENCES:
        yield f"len(set({r})) == len({r})", 1.8
    sequences = [t for t in names if t.kind in (*_SEQUENCES, "set", "frozenset", "dict", "str")]
    for term in sequences:
        s = term.text
        yield f"len({r}) == len({s})", 1.0
        yield f"len({r}) <= len({s})", 1.3
        yield f"len({r}) >= len({s})", 1.3
        if term.inner == result.inner or not term.inner or not result.inner:
            yield f"all(v in {s} for v in {r})", 1.4
            yield f"all(v in {r} for v in {s})", 1.4
            if term.kind in _SEQUENCES and result.kind in _SEQUENCES:
                yield f"sorted({r}) == sorted({s})", 1.4
                yield f"sorted({r}) == {r}", 2.6
                yield f"sum({r}) == sum({s})", 2.0
                yield f"{r} == {s}[::-1]", 1.2
                yield f"{r}[:len({s})] == {s}", 1.6
            if term.kind == result.kind:
                yield f"{r} == {s}", 1.0
                for other in [t for t in names if t.kind == term.inner]:
                    yield f"{other.text} in {r}", 1.2
                    yield f"{other.text} not in {r}", 1.2
                    yield f"{r} == {s} + [{other.text}]", 1.6
                    yield f"len({r}) == len({s}) + 1", 1.4
    for one, other in itertools.permutations([t.text for t in sequences][:3], 2):
        yield f"len({r}) == len({one}) + len({other})", 1.8
        yield f"len({r}) == min(len({one}), len({other}))", 2.0
        yield f"all(v in {one} and v in {other} for v in {r})", 2.4
        yield f"all(v in {one} or v in {other} for v in {r})", 2.4
        yield f"all(v not in {other} for v in {r})", 1.8
    for number in [t.text for t in names if t.kind == "int"]:
        yield f"len({r}) == {number}", 1.2
        yield f"len({r}) == max({number}, 0)", 1.6
        yield f"sum({r}) == {number}", 1.6
        yield f"len({r}) <= {number}", 1.6
        for op in ("<", "<=", ">=", ">", "!="):
            yield f"all(v {op} {number} for v in {r})", 1.6


def _kept(subject: Subject, r: str) -> Iterator[tuple[str, float]]:
    """What a comprehension or a loop asks of the elements that it keeps, said of those of the result."""
    tests: list[tuple[ast.expr, ast.expr]] = []
    for node in (n for s in subject.body for n in ast.walk(s)):
        if isinstance(node, ast.comprehension):
            tests += [(node.target, test) for test in node.ifs]
        elif isinstance(node, ast.For):
            tests += [(node.target, n.test) for n in node.body if isinstance(n, ast.If)]
    own = {p.name for p in subject.ir.signature.parameters} - _assigned(subject)
    for target, test in tests:
        names = {n.id for n in ast.walk(test) if isinstance(n, ast.Name)}
        if isinstance(target, ast.Name) and target.id in names <= ({target.id} | own | _PURE):
            yield f"all({ast.unparse(test)} for {target.id} in {r})", 1.4
            yield f"all(not ({ast.unparse(test)}) for {target.id} in {r})", 1.8


def _about_tuple(subject: Subject, result: Term, names: list[Term]) -> Iterator[tuple[str, float]]:
    r = result.text
    kinds = [k.strip() for k in result.inner.split(",")] if "[" not in result.inner else []
    numbers = [n for n, k in enumerate(kinds) if k in ("int", "float")]
    texts = [n for n, k in enumerate(kinds) if k == "str"]
    terms = [t for t in _numeric(subject, names) if t[1] <= 1.6]
    for n in numbers:
        for term, cost in terms:
            yield from ((f"{r}[{n}] {op} {term}", cost + 0.4) for op in ("==", ">=", "<=", "<", ">"))
        constants = sorted(int(c) for c in _constants(subject))
        for low, high in itertools.combinations(constants, 2):
            yield f"{low} <= {r}[{n}] <= {high}", 1.9
        for name in [t.text for t in names if t.kind == "int"]:
            yield f"0 <= {r}[{n}] < {name}", 1.6
    for one, other in itertools.combinations(numbers, 2):
        yield f"{r}[{one}] <= {r}[{other}]", 1.2
        plain = [t.text for t in names if t.kind == "int"]
        for name in plain:
            yield f"{r}[{one}] + {r}[{other}] == {name}", 1.8
        for a, b in itertools.permutations(plain, 2):
            yield f"{r}[{one}] * {b} + {r}[{other}] == {a}", 1.6
            yield f"{r}[{one}] + {r}[{other}] == {a} + {b}", 1.8
    for n in texts:
        for s in [t.text for t in names if t.kind == "str"]:
            yield f"{s}.startswith({r}[{n}])", 1.5
            yield f"{s}.endswith({r}[{n}])", 1.5
            yield f"{r}[{n}] in {s}", 1.7
            yield f"{r}[{n}] == {s}", 1.6
    for few in (texts, texts[:2], texts[1:]):
        for s in [t.text for t in names if t.kind == "str"]:
            if len(few) > 1:
                yield f"{' + '.join(f'{r}[{n}]' for n in few)} == {s}", 1.2


def _about_none(subject: Subject, r: str, names: list[Term]) -> Iterator[tuple[str, float]]:
    yield f"{r} is not None", 1.0
    for condition in _conditions(subject, names):
        yield f"({r} is None) == ({condition})", 1.4
        yield f"implies({condition}, {r} is None)", 1.6
        yield f"implies({r} is None, {condition})", 1.6
    for one in names:
        for other in names:
            if one.inner and one.kind != "str" and one.inner.partition(",")[0] == other.kind:
                yield f"({r} is None) == ({other.text} not in {one.text})", 1.4


def _about_changes(subject: Subject) -> Iterator[tuple[str, float]]:
    """What the function does to what it was given."""
    parameters, attributes = _parameters(subject), _attributes(subject)
    changed = _changed(subject)
    numbers = [t.text for t in parameters if t.kind in ("int", "float")]
    for term in [t for t in attributes if t.text in changed and t.kind in ("int", "float")]:
        name = term.text
        yield f"{name} >= 0", 1.8
        yield from ((f"{name} == old({name}) {op} 1", 1.4) for op in "+-")
        yield f"{name} >= old({name})", 1.8
        for other in numbers:
            yield f"{name} == {other}", 1.2
            yield from ((f"{name} == old({name}) {op} {other}", 1.4) for op in "+-")
    for term in [
        t for t in (*parameters, *attributes) if t.text in changed and t.kind in ("list", "set", "dict")
    ]:
        name = term.text
        yield from ((f"len({name}) == len(old({name})) {op} 1", 1.4) for op in "+-")
        yield f"len({name}) == len(old({name}))", 1.4
        yield f"len({name}) == 0", 1.4
        yield f"all(v in {name} for v in old({name}))", 1.8
        if term.kind == "list":
            yield f"sorted({name}) == sorted(old({name}))", 1.5
            yield f"{name} == old({name})[::-1]", 1.4
            if term.inner in ("int", "str", "float"):
                yield f"all({name}[i] <= {name}[i + 1] for i in range(len({name}) - 1))", 1.6
        for other in parameters:
            if other.kind == term.inner:
                yield f"{other.text} in {name}", 1.3
                yield f"{other.text} not in {name}", 1.3
                if term.kind == "list":
                    yield f"{name} == old({name}) + [{other.text}]", 1.3


def _changed(subject: Subject) -> set[str]:
    """The expressions that the body may change: targets, and what methods are called on."""
    found: set[str] = set()
    for statement in subject.body:
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del()):
                    found.add(ast.unparse(node))
                case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                    found.add(ast.unparse(value))
                case ast.Call(func=ast.Attribute(value=value)):
                    found.add(ast.unparse(value))
                case ast.AugAssign(target=target):
                    found.add(ast.unparse(target))
    return found


# A clause that only says the body once more tells a reader nothing.


def _repeats(subject: Subject, result: str) -> frozenset[str]:
    """What the body returns where it does nothing else, in a form in which order does not count."""
    if len(subject.body) != 1 or not isinstance(subject.body[0], ast.Return):
        return frozenset()
    value = subject.body[0].value
    return frozenset() if value is None else frozenset({_shape(value)})


def _says_body(text: str, body: frozenset[str]) -> bool:
    if not body:
        return False
    tree = ast.parse(text, mode="eval").body
    match tree:
        case ast.Compare(left=ast.Name(), ops=[ast.Eq()], comparators=[right]):
            return _shape(right) in body
    return False


def _shape(node: ast.expr) -> str:
    return " ".join(
        sorted(
            type(n).__name__
            + str(getattr(n, "id", getattr(n, "value", "") if isinstance(n, ast.Constant) else ""))
            for n in ast.walk(node)
        )
    )
