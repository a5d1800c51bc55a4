"""What could stand where a term is open: constants of the function, and expressions over what is in scope.

Proposals only, each with where it comes from. Runs nothing.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lift.resolve.terms.question import Question
from lift.resolve.terms.slots import Types, element_of, is_sized, type_of_term, types_in_scope

_MOST = 90
_MOST_NAMES = 4


@dataclass(frozen=True)
class Option:
    """A proposal for one term.

    Attributes:
        text: An expression.
        why: Where it comes from, for people; empty where it is nothing in particular.
        named: Whether the function itself says it: a constant of its own, or what the term is called.
    """

    text: str
    why: str = ""
    named: bool = False


def type_wanted(question: Question, name: str) -> str:
    """The type that a term has to have; empty where nothing tells."""
    holes = [h for h in question.function.holes if h.hole == "term" and h.name == name and h.type]
    if holes and holes[0].type is not None:
        return holes[0].type
    types = types_in_scope(question.module, question.function, after=True)
    found = (type_of_term(p.expression, name, types) for p in question.parts if name in p.names)
    return next((t for t in found if t), "")


def options(question: Question, name: str) -> list[Option]:
    """The proposals for a term of a question, the likelier first, each text once."""
    types = types_in_scope(question.module, question.function, after=False)
    return proposals(question, name, type_wanted(question, name), types)


def proposals(question: Question, name: str, wanted: str, types: Types) -> list[Option]:
    """The proposals for a term of a type, the likelier first, each text once.

    Args:
        types: What is in scope where it stands.
    """
    best: dict[str, Option] = {}
    beside = _beside(question, name)
    for option in _all(question, name, wanted, types):
        if _spoken_of(option.text) & beside:
            continue
        known = best.get(option.text)
        if known is None or (option.named and not known.named):
            best[option.text] = option
    found = sorted(best.values(), key=lambda o: not o.named)
    return found[:_MOST]


def _beside(question: Question, name: str) -> set[str]:
    """What the clauses say the term is compared with: nothing is bounded by itself."""
    return {n for p in question.parts if name in p.names for n in _spoken_of(p.expression)}


def _spoken_of(expression: str) -> set[str]:
    """The names and attributes in an expression, called functions left out."""
    tree = ast.parse(expression, mode="eval")
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    held = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return {
        ast.unparse(n)
        for n in ast.walk(tree)
        if isinstance(n, ast.Name | ast.Attribute) and id(n) not in called | held
    }


def integers(question: Question) -> list[int]:
    """The integers that the function and its clauses mention."""
    return [v for v, _ in _constants(question) if isinstance(v, int) and not isinstance(v, bool)]


def _all(question: Question, name: str, wanted: str, types: Types) -> Iterator[Option]:
    called = {n: t for n, t in types.items() if _alike(n, name)}
    for other, type_ in called.items():
        if type_ == wanted or not wanted:
            yield Option(other, f"`{other}`, which is called the same", True)
    if wanted in ("int", "float", ""):
        yield from _numbers(question, name, wanted, types)
    if wanted == "bool":
        yield from _truths(types)
    elif wanted == "str":
        yield from _texts(question, types)
    elif wanted not in ("int", "float"):
        yield from _others(wanted, types)


def _numbers(question: Question, name: str, wanted: str, types: Types) -> Iterator[Option]:
    wide = ("int", "float") if wanted == "float" else ("int",)
    scalars = [n for n, t in types.items() if t in wide]
    lists = [n for n, t in types.items() if element_of(t) in wide and t != "str"]
    sized = [n for n, t in types.items() if is_sized(t)]
    for one in scalars:
        yield Option(one, f"`{one}`")
    for constant in _module_constants(question):
        yield Option(constant, f"the module's `{constant}`", _alike(constant, name))
    if wanted != "float":
        for one in sized:
            yield Option(f"len({one})", f"the size of `{one}`")
            yield Option(f"len({one}) - 1", f"the size of `{one}`")
            yield Option(f"-len({one})", f"the size of `{one}`")
    for value, why in _constants(question):
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if isinstance(value, int) or wanted == "float":
            yield Option(repr(value), why, True)
            if isinstance(value, int):
                yield Option(repr(value - 1), f"beside {value}, {why}")
                yield Option(repr(value + 1), f"beside {value}, {why}")
    yield from (Option(str(v)) for v in (0, 1, -1))
    for one in scalars[:_MOST_NAMES]:
        yield Option(f"{one} + 1", f"beside `{one}`")
        yield Option(f"{one} - 1", f"beside `{one}`")
        yield Option(f"abs({one})", f"from `{one}`")
        yield Option(f"max({one}, 0)", f"from `{one}`")
        if question.kinds != {"requires"}:
            yield Option(f"-{one}", f"from `{one}`")
        yield Option(f"2 * {one}", f"from `{one}`")
    for one in lists[:_MOST_NAMES]:
        for function in ("max", "min", "sum"):
            yield Option(f"{function}({one})", f"from `{one}`")
    for one, other in itertools.combinations(scalars[:_MOST_NAMES], 2):
        both = f"from `{one}` and `{other}`"
        for text in ("min({0}, {1})", "max({0}, {1})", "{0} + {1}", "{0} * {1}", "{0} - {1}", "{1} - {0}"):
            yield Option(text.format(one, other), both)
    if wanted != "float":
        for one, other in itertools.combinations(sized[:_MOST_NAMES], 2):
            both = f"from `{one}` and `{other}`"
            for text in ("min(len({0}), len({1}))", "max(len({0}), len({1}))", "len({0}) + len({1})"):
                yield Option(text.format(one, other), both)


def _truths(types: Types) -> Iterator[Option]:
    for one, type_ in types.items():
        if type_ == "bool":
            yield Option(one, f"`{one}`")
            yield Option(f"not {one}", f"`{one}`")
        elif type_ in ("int", "float"):
            for test in (">= 0", "> 0", "!= 0", "== 0", "< 0"):
                yield Option(f"{one} {test}", f"from `{one}`")
        elif is_sized(type_):
            yield Option(f"len({one}) > 0", f"from `{one}`")
            yield Option(f"len({one}) == 0", f"from `{one}`")
    numbers = [n for n, t in types.items() if t == "int"][:_MOST_NAMES]
    for one, other in itertools.permutations(numbers, 2):
        yield Option(f"{one} < {other}", f"from `{one}` and `{other}`")
        yield Option(f"{one} <= {other}", f"from `{one}` and `{other}`")
    for one, other in itertools.combinations(numbers, 2):
        yield Option(f"{one} == {other}", f"from `{one}` and `{other}`")
        yield Option(f"{one} != {other}", f"from `{one}` and `{other}`")


def _texts(question: Question, types: Types) -> Iterator[Option]:
    texts = [n for n, t in types.items() if t == "str"]
    for one in texts:
        yield Option(one, f"`{one}`")
    for value, why in _constants(question):
        if isinstance(value, str):
            yield Option(repr(value), why, True)
    for one, other in itertools.permutations(texts[:_MOST_NAMES], 2):
        yield Option(f"{one} + {other}", f"from `{one}` and `{other}`")
    for one in texts[:_MOST_NAMES]:
        for method in ("lower", "upper", "strip"):
            yield Option(f"{one}.{method}()", f"from `{one}`")
    yield Option("''")


def _others(wanted: str, types: Types) -> Iterator[Option]:
    for one, type_ in types.items():
        if type_ == wanted or (not wanted and is_sized(type_)) or _same_elements(type_, wanted):
            yield Option(one, f"`{one}`")
            if type_.startswith("list"):
                yield Option(f"sorted({one})", f"from `{one}`")
                yield Option(f"{one}[::-1]", f"from `{one}`")
    if wanted.startswith("list"):
        yield Option("[]")


def _same_elements(type_: str, wanted: str) -> bool:
    return bool(element_of(wanted)) and element_of(type_) == element_of(wanted)


def _constants(question: Question) -> list[tuple[object, str]]:
    """The literals of the function, with where they stand."""
    function, found = question.function, []
    for clause in function.clauses:
        if clause.expression is not None:
            kind = "an example" if clause.kind == "example" else clause.kind.capitalize()
            kind = f"a constant of {kind}"
            found += [(v, kind) for v in _literals(clause.expression)]
        if clause.kind == "example":
            found += [(v, "a constant of an example") for v in _literals(clause.want)]
    for parameter in function.signature.parameters:
        if parameter.default is not None:
            found += [(v, f"the default of `{parameter.name}`") for v in _literals(parameter.default)]
    for node in _body(question):
        found += [(v, "a constant of the body") for v in _values(node)]
    distinct: dict[tuple[str, object], tuple[object, str]] = {}
    for value, why in found:
        distinct.setdefault((type(value).__name__, value), (value, why))
    return list(distinct.values())


def _body(question: Question) -> Iterator[ast.AST]:
    try:
        tree = ast.parse(question.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    line = question.function.name_span.start.line
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno == line:
            yield from node.body[1:] if question.function.docstring_span is not None else node.body


def _literals(text: str) -> list[object]:
    try:
        return _values(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _values(tree: ast.AST) -> list[object]:
    found: list[object] = []
    for node in ast.walk(tree):
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                found.append(-value)
            case ast.Constant(value=bool() | int() | float() | str() as value):
                if not isinstance(value, str) or len(value) <= 40:
                    found.append(value)
    return found


def _module_constants(question: Question) -> Iterator[str]:
    try:
        tree = ast.parse(question.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if value is not None:
                written = value.operand if isinstance(value, ast.UnaryOp) else value
                if isinstance(written, ast.Constant) and type(written.value) is int:
                    yield name


def _alike(name: str, wanted: str) -> bool:
    """Whether two names are one word: ``LIMIT`` and ``limit``, ``max_size`` and ``maxSize``."""
    last = name.rpartition(".")[2]
    return re.sub(r"[\W_]", "", last).lower() == re.sub(r"[\W_]", "", wanted).lower()
