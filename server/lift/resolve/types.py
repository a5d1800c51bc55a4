"""Candidates for a type hole, ranked by what speaks for them: callers, defaults, specification, body, jedi.

A candidate's ``evidence`` says in words what it rests on, its ``score`` how much. Nothing here runs the
user's code. ``jedi`` is asked only if it is installed, and its absence changes nothing else.
"""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lift_ir import Candidate, Function, Module, Parameter, TypeExpr

from lift.resolve.context import Context
from lift.resolve.shapes import NONE, Shape, from_annotation, imports_of, union
from lift.resolve.uses import Known, Use, type_of, uses_of

RETURN = "return"
_MOST = 4
_LONGEST_TYPE = 80


@dataclass(frozen=True)
class Evidence:
    """A type with what speaks for it: ``origin`` groups what is counted together."""

    shape: Shape
    weight: float
    origin: str
    text: str

    @property
    def is_value(self) -> bool:
        """Whether it is a value that is passed, and not an opinion about one."""
        return self.origin.startswith(("caller", "default"))


def candidates_for(
    module: Module, text: str, function: Function, name: str, jedi_types: Iterable[str] = ()
) -> tuple[Candidate, ...]:
    """What could be written as the type of ``name`` (a parameter, or ``return``), the best first.

    Args:
        text: The module's text; a text that does not parse gives no candidates.
        jedi_types: What ``jedi_types_for`` found, if it was asked.
    """
    tree = _parsed(text)
    node = _definition(tree, function) if tree is not None else None
    if tree is None or node is None:
        return ()
    known = _known(module, function)
    if name == RETURN:
        evidence = [*_returned(node, function, known), *_specified("result", function, known)]
    else:
        parameter = next((p for p in function.signature.parameters if p.name == name), None)
        if parameter is None:
            return ()
        evidence = [
            *_default(parameter),
            *_callers(tree, module, function, parameter),
            *_specified(name, function, known),
            *_body(name, node, known),
        ]
    evidence.extend(_asked(jedi_types))
    return _ranked(evidence)


def resolve(context: Context) -> tuple[Candidate, ...]:
    """Candidates for a type hole, see ``lift.resolve.context.Resolver``."""
    function = context.function
    if function is None:
        return ()
    asked = jedi_types_for(context.text, function, context.hole.name) if context.ask_jedi else ()
    return candidates_for(context.module, context.text, function, context.hole.name, asked)


def jedi_types_for(text: str, function: Function, name: str) -> tuple[str, ...]:
    """What jedi infers, nothing if it is not installed. Takes seconds at worst: never call it on the loop."""
    try:
        import jedi
    except ImportError:
        return ()
    place = function.name_span.start
    if name != RETURN:
        parameter = next((p for p in function.signature.parameters if p.name == name), None)
        if parameter is None:
            return ()
        place = parameter.span.start
    try:
        script = jedi.Script(code=text)
        found = script.infer(place.line, place.column)
        if name == RETURN:
            found = [value for definition in found for value in definition.execute()]
        return tuple(dict.fromkeys(value.name for value in found if value.type == "instance"))
    except Exception:
        # jedi raises errors of many kinds on code that it does not understand; it is one voice of several.
        return ()


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definition(tree: ast.Module, function: Function) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function.name:
            if node.lineno == function.name_span.start.line:
                return node
    return None


def _known(module: Module, function: Function) -> Known:
    names: dict[str, Shape] = {}
    for parameter in function.signature.parameters:
        shape = _shape_of(parameter.type)
        if shape is None and parameter.default is not None:
            shape = next((e.shape for e in _default(parameter) if e.shape != NONE), None)
        if shape is not None:
            names[parameter.name] = shape
    result = _shape_of(function.signature.returns)
    if result is not None:
        names["result"] = result
    functions = {
        f.name: shape for f in module.functions if (shape := _shape_of(f.signature.returns)) is not None
    }
    functions.update((c.name, Shape(c.name)) for c in module.classes)
    return Known(names, functions)


def _shape_of(written: object) -> Shape | None:
    return from_annotation(written.text) if isinstance(written, TypeExpr) else None


def _default(parameter: Parameter) -> Iterator[Evidence]:
    if parameter.default is None:
        return
    try:
        node = ast.parse(parameter.default, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return
    shape = type_of(node, Known({}, {}))
    if shape is not None:
        yield Evidence(shape, 0.6, "default", f"the default {_short(parameter.default)}")


def _callers(
    tree: ast.Module, module: Module, function: Function, parameter: Parameter
) -> Iterator[Evidence]:
    if "." in function.qualname and "<locals>" not in function.qualname:
        offset = 1
    else:
        offset = 0
    positional = [p for p in function.signature.parameters if p.style.startswith("positional")]
    place = next((n for n, p in enumerate(positional) if p.name == parameter.name), None)
    for caller, call in sorted(_calls(tree, function.name), key=lambda found: found[1].lineno):
        argument = _argument(call, parameter.name, None if place is None else place - offset)
        if argument is None:
            continue
        shape = type_of(argument, _known_in(caller, module))
        if shape is not None:
            yield Evidence(shape, 0.7, f"caller {call.lineno}", f"the call in line {call.lineno}")


def _calls(tree: ast.Module, name: str) -> Iterator[tuple[ast.AST | None, ast.Call]]:
    todo: list[tuple[ast.AST | None, ast.AST]] = [(None, tree)]
    while todo:
        caller, node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            caller = node
        if isinstance(node, ast.Call):
            called = node.func
            if (isinstance(called, ast.Name) and called.id == name) or (
                isinstance(called, ast.Attribute) and called.attr == name
            ):
                yield caller, node
        todo.extend((caller, child) for child in ast.iter_child_nodes(node))


def _known_in(caller: ast.AST | None, module: Module) -> Known:
    """The annotated parameters of the function that a call stands in."""
    line = getattr(caller, "lineno", None)
    for function in module.all_functions():
        if line == function.name_span.start.line:
            return _known(module, function)
    return Known({}, {c.name: Shape(c.name) for c in module.classes})


def _argument(call: ast.Call, name: str, place: int | None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if place is None or not 0 <= place < len(call.args):
        return None
    before = call.args[: place + 1]
    return None if any(isinstance(a, ast.Starred) for a in before) else call.args[place]


def _specified(name: str, function: Function, known: Known) -> Iterator[Evidence]:
    for clause in function.clauses:
        if clause.expression is None or clause.kind in ("example", "modifies", "effect"):
            continue
        tree = _expression(clause.expression)
        if tree is not None:
            for use in uses_of(name, [tree], known):
                yield Evidence(use.shape, use.weight, "specification", f"the clause {_short(clause.text)}")


def _expression(text: str) -> ast.AST | None:
    try:
        return ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _body(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, known: Known) -> Iterator[Evidence]:
    found: tuple[Use, ...] = uses_of(name, list(node.body), known)
    for use in found:
        yield Evidence(use.shape, use.weight * 0.8, "body", f"its use in {_short(use.text)}")


def _returned(
    node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function, known: Known
) -> Iterator[Evidence]:
    if function.is_generator:
        return
    local = _locals(node, known)
    shapes: list[Shape] = []
    unknown = False
    for statement in _own_statements(node):
        if isinstance(statement, ast.Return):
            shape = NONE if statement.value is None else type_of(statement.value, local)
            unknown = unknown or shape is None
            shapes.extend([] if shape is None else [shape])
    if not shapes and not unknown and not isinstance(node.body[-1], ast.Raise) and not _is_open(function):
        yield Evidence(NONE, 0.6, "body", "no return gives a value")
    joined = union(shapes)
    if joined is not None:
        yield Evidence(joined, 0.4 if unknown else 0.8, "body", "what it returns")


def _is_open(function: Function) -> bool:
    return any(hole.hole == "body" for hole in function.holes)


def _locals(node: ast.FunctionDef | ast.AsyncFunctionDef, known: Known) -> Known:
    names = dict(known.names)
    unsure: set[str] = set()
    for statement in _own_statements(node):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            shape = type_of(statement.value, Known(names, known.functions))
            if isinstance(target, ast.Name) and target.id not in unsure:
                before = names.get(target.id)
                joined = shape if before is None else union(s for s in (before, shape) if s is not None)
                if shape is None or joined is None:
                    unsure.add(target.id)
                    names.pop(target.id, None)
                else:
                    names[target.id] = joined
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            shape = from_annotation(ast.unparse(statement.annotation))
            if shape is not None:
                names[statement.target.id] = shape
    for statement in _own_statements(node):
        _append(statement, names, known.functions)
    return Known(names, known.functions)


def _append(statement: ast.stmt, names: dict[str, Shape], functions: Mapping[str, Shape]) -> None:
    """``xs.append(e)`` says what an empty list is going to hold."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[element])
        ):
            before = names.get(name)
            if before is not None and before.name == "list":
                inner = type_of(element, Known(names, functions))
                joined = union(s for s in (before, Shape("list", (inner,))) if s is not None)
                names[name] = joined or before


def _own_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function, in order, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own_statements(child)


def _asked(names: Iterable[str]) -> Iterator[Evidence]:
    for name in names:
        shape = from_annotation("None" if name == "NoneType" else name)
        if shape is not None:
            yield Evidence(shape, 0.4, "jedi", "jedi")


def _ranked(evidence: list[Evidence]) -> tuple[Candidate, ...]:
    optional = any(e.shape == NONE for e in evidence)
    values = [e for e in evidence if e.shape != NONE]
    if not values:
        return (_candidate(NONE, evidence),) if optional else ()
    groups: dict[str, list[Evidence]] = defaultdict(list)
    for piece in values:
        groups[_family(piece.shape)].append(piece)
    scored = sorted(groups.values(), key=_weight, reverse=True)
    # Callers and defaults are values that do arrive, so that a type has to hold all of them.
    arriving = {_family(e.shape) for e in values if e.is_value}
    if len(arriving) > 1:
        scored.insert(0, [e for e in values if _family(e.shape) in arriving])
    found: list[Candidate] = []
    for group in scored:
        shape = union(e.shape for e in group) or group[0].shape
        if optional:
            nones = [e for e in evidence if e.shape == NONE]
            shape = union((shape, NONE)) or shape
            group = [*group, *nones]
        found.append(_candidate(shape, group))
    unique = {c.text: c for c in reversed(found) if len(c.text) <= _LONGEST_TYPE}
    return tuple(sorted(unique.values(), key=lambda c: -c.score))[:_MOST]


def _family(shape: Shape) -> str:
    """Types that may be one type with more known about it are counted together."""
    return "number" if shape.name in ("int", "float") else shape.name


def _weight(group: list[Evidence]) -> float:
    """The weight of a group: each origin counts once, since ten uses in one body are one opinion."""
    best: dict[str, float] = {}
    for piece in group:
        best[piece.origin] = max(best.get(piece.origin, 0.0), piece.weight)
    doubt = 1.0
    for weight in best.values():
        doubt *= 1.0 - weight
    return 1.0 - doubt


def _candidate(shape: Shape, group: list[Evidence]) -> Candidate:
    text = str(shape)
    reasons = list(dict.fromkeys(e.text for e in sorted(group, key=lambda e: -e.weight)))
    shown = reasons[:3]
    more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return Candidate(
        text=text,
        evidence=f"fits {', '.join(shown)}{more}",
        score=round(_weight(group), 3),
        imports=imports_of(text),
    )


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 50 else flat[:47] + "..."
