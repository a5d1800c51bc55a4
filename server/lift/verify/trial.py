"""Runs of the function itself: on generated inputs, and on the inputs of a solver's model.

Prepares the clean-namespace program (the function's own source and the definitions that it needs, on their
own lines) for ``replay``. A callee's Requires are checked at the call, so that a call that breaks them shows.
"""

from __future__ import annotations

import ast
import copy
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import z3
from lift_ir import Function, Raises, Requires

from lift.verify.entry import Entry, Target
from lift.verify.linking import Links
from lift.verify.mentioned import mentioned
from lift.verify.obligations import Obligation
from lift.verify.program import FunctionNode, Program, refuses
from lift.verify.replay import Case, Check, Run, run
from lift.verify.replay import Program as ReplayProgram
from lift.verify.set_elements import shown
from lift.verify.state import DictObject, InstanceObject, ListObject, SetObject, State
from lift.verify.values import (
    Unsupported,
    Value,
    VBool,
    VClass,
    VFloat,
    VInt,
    VMember,
    VNone,
    VRef,
    VStr,
    VTuple,
    VUnion,
    as_float,
    decode_string,
)

VIOLATION = "CallBreaksRequires"
"""Name of the exception by which a replay says that a call broke the callee's Requires."""


@dataclass(frozen=True)
class Runnable:
    """A function that can be run on its own, or why it cannot."""

    program: ReplayProgram | None
    reason: str | None = None
    line: int | None = None


def runnable(target: Target, wanted: Sequence[Obligation]) -> Runnable:
    """Collect what the function needs to run in a clean namespace."""
    try:
        made = linked(target)
    except Unsupported as stop:
        return Runnable(None, stop.construct, stop.line)
    checks = tuple(_checks(target, wanted))
    parameters = tuple((p.name, p.style) for p in target.ir.signature.parameters)
    source = "\n".join([made.source, *_measured(target, wanted)])
    return Runnable(replace(made, source=source, parameters=parameters, checks=checks))


def linked(target: Target, also: Sequence[str] = ()) -> ReplayProgram:
    """The function with the definitions that it needs, of its own module and of other files.

    Args:
        also: Names that are needed beside the function itself.

    Raises:
        Unsupported: One of them cannot be had in a clean namespace.
    """
    links = Links(target.program, _guard)
    source = _source(target.program, (target.ir.qualname.partition(".")[0],), links, also)
    source = "\n".join([source, *_method_guards(target, source)])
    modules = links.modules(_source)
    path, name = target.program.module.path, target.ir.qualname
    return ReplayProgram(source, path, name, (), (), modules, links.links())


def _checks(target: Target, wanted: Sequence[Obligation]) -> list[Check]:
    checks: list[Check] = []
    for number, clause in enumerate(target.ir.clauses):
        if isinstance(clause, Requires) and clause.expression is not None and not clause.holes:
            checks.append(Check(f"requires:{number}", "requires", clause.expression))
        elif isinstance(clause, Raises) and not clause.holes:
            exact = clause.exact and clause.expression is not None
            checks.append(
                Check(f"raises:{number}", "raises", clause.expression or "True", clause.exception, exact)
            )
    for obligation in wanted:
        if obligation.expression is None or obligation.open:
            continue
        if obligation.kind in ("ensures", "modifies"):
            checks.append(Check(obligation.key, "ensures", obligation.expression))
    checks += _validity(target)
    for number, clause in enumerate(target.invariants):
        if clause.expression is not None and not clause.holes:
            checks.append(Check(f"invariant:{number}", "invariant", clause.expression))
    return checks


def _validity(target: Target) -> list[Check]:
    """Instances among the arguments, at any depth, meet their classes' invariants, as they do at run time."""
    if not any(c.invariants for c in target.program.module.classes):
        return []
    names = [p.name for p in target.ir.signature.parameters][1 if target.is_init else 0 :]
    return [Check(f"valid:{n}", "requires", f"__valid__({n})") for n in names]


def _invariant_judge(program: Program) -> str:
    """Code that judges the invariants of an object and of all that it holds."""
    rows: list[str] = []
    for one in program.module.classes:
        checked = [k.expression for k in one.invariants if k.expression and not k.holes]
        rows.append(f"{one.name!r}: lambda self: [{', '.join(checked)}]")
    table = ", ".join(rows)
    return _VALID.replace("__TABLE__", "({" + table + "})")


_VALID = """
def __valid__(value, seen=None):
    def implies(p, q):
        return not p or q
    seen = set() if seen is None else seen
    if id(value) in seen or value is None or isinstance(value, (int, float, str, bytes)):
        return True
    seen.add(id(value))
    inner = list(value) if isinstance(value, (list, tuple, set, frozenset)) else []
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    if hasattr(value, "__dict__"):
        inner += value.__dict__.values()
    # Objects of a class that derives from another one keep the invariants of both.
    judges = [__TABLE__[k.__name__] for k in type(value).__mro__ if k.__name__ in __TABLE__]
    return all(all(judge(value)) for judge in judges) and all(__valid__(one, seen) for one in inner)
"""


def _source(program: Program, tops: tuple[str, ...], links: Links, also: Sequence[str] = ()) -> str:
    """The text of the definitions that these names need, each on the lines that it has in the user's file.

    Args:
        also: Names that are needed as well; unlike the others they check their Requires.
    """
    lines = program.text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").split("\n")
    kept = [""] * (len(lines) + 1)
    pending, seen, callees = [*tops, *also], set(), []
    nodes: list[ast.AST] = []
    taken: set[str] = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in program.imports and links.take(program, name, nodes):
            taken.add(name)
            continue
        for statement in _statements(program, name):
            for number in range(_first_line(statement), (statement.end_lineno or statement.lineno) + 1):
                kept[number - 1] = lines[number - 1]
            nodes.append(statement)
            pending += _free_names(program, statement)
            if isinstance(statement, ast.FunctionDef) and name not in tops:
                callees.append(name)
        # An argument may be of any class that derives from the annotated one.
        pending += [c.name for c in program.classes.values() if name in c.ancestors and not c.unsupported]
        stated = _clause_trees(program, name)
        nodes += stated
        pending += [n for tree in stated for n in _free_names(program, tree)]
    for name in taken:
        # Attributes of it may have come to light since.
        links.take(program, name, nodes)
    judge = [_invariant_judge(program)] if any(c.invariants for c in program.module.classes) else []
    return "\n".join([*kept, *_guards(program, callees), *judge])


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _statements(program: Program, name: str) -> list[ast.stmt]:
    """The module-level statements that give a name its meaning.

    Raises:
        Unsupported: The name's meaning cannot be had in a clean namespace.
    """
    found: list[ast.stmt] = []
    for node in program.tree.body:
        match node:
            case ast.FunctionDef(name=n) | ast.ClassDef(name=n) if n == name:
                found.append(node)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                shown = {(a.asname or a.name.partition(".")[0]) for a in names}
                if name not in shown:
                    continue
                if isinstance(node, ast.ImportFrom) and node.level:
                    raise Unsupported(f"{name}, which comes from {'.' * node.level}{node.module or ''}", node)
                found.append(node)
            case ast.Assign(targets=[ast.Name(id=n)]) | ast.AnnAssign(target=ast.Name(id=n)) if n == name:
                if name not in program.constants:
                    raise Unsupported(f"the global {name}", node)
                found.append(node)
    if not found and name in program.rebound:
        raise Unsupported(f"the global {name}")
    if any(a.lineno == b.lineno for a, b in itertools.pairwise(found)):
        raise Unsupported(f"several definitions of {name} on one line")
    return found


def _free_names(program: Program, node: ast.AST) -> list[str]:
    """The module-level names that a definition mentions, outside annotations that are never evaluated."""
    own = program.functions.keys() | program.classes.keys() | program.constants.keys()
    known = own | program.imports.keys() | program.rebound
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in known]


def _clause_trees(program: Program, name: str) -> list[ast.AST]:
    clauses = [c for q, ir in program.irs.items() if q.partition(".")[0] == name for c in ir.clauses]
    clauses += [c for k in program.module.classes if k.qualname == name for c in k.invariants]
    return [ast.parse(c.expression) for c in clauses if c.expression and c.kind != "example"]


def _guards(program: Program, callees: list[str]) -> list[str]:
    """Code that makes each specified callee check its Requires when it is called."""
    lines = [line for name in callees if (line := _checked(program, name, name, name))]
    return [_GUARD, *lines] if lines else []


def _method_guards(target: Target, source: str) -> list[str]:
    """Code that makes the specified methods of the classes in a text check their Requires, but the target."""
    program = target.program
    lines: list[str] = []
    for info in program.classes.values():
        if not re.search(rf"^class {info.name}\b", source, re.MULTILINE):
            continue
        for name, node in info.methods.items():
            qualname = f"{info.name}.{name}"
            plain = (
                isinstance(node, ast.FunctionDef) and not node.decorator_list and not name.startswith("__")
            )
            if not plain or qualname == target.ir.qualname or refuses(program, node):
                continue
            defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
            line = _judged(program.irs.get(qualname), node, qualname, qualname, qualname)
            # Names in a class's body, and private ones, mean something else outside it.
            own = "__" in line.partition("lambda")[2] if line else False
            if line and not own and all(isinstance(d, ast.Constant) for d in defaults):
                lines.append(line)
    return [_GUARD, *lines] if lines else []


def _guard(program: Program, name: str, checked: str, written: str) -> str | None:
    """Code for another file that binds ``checked`` to a function of it that checks its Requires."""
    line = _checked(program, name, checked, written)
    return f"{_GUARD}\n{line}" if line else None


def _checked(program: Program, name: str, checked: str, written: str) -> str | None:
    return _judged(program.irs.get(name), program.functions.get(name), name, checked, written)


def _judged(
    ir: Function | None, node: FunctionNode | None, name: str, checked: str, written: str
) -> str | None:
    if ir is None or node is None:
        return None
    conditions = [
        (c.text, c.expression)
        for c in ir.clauses
        if isinstance(c, Requires) and c.expression and not c.holes and "old(" not in c.expression
    ]
    function = name
    if any(h.hole == "body" for h in ir.holes):
        # What it would return is not known, and None is no answer to hold against its callers.
        function = f"__open__({name}, {written!r})"
    if not conditions or node.args.vararg or node.args.kwarg:
        return f"{checked} = {function}" if function != name else None
    signature = copy.deepcopy(node.args)
    for argument in [*signature.posonlyargs, *signature.args, *signature.kwonlyargs]:
        argument.annotation = None
    judge = (
        f"lambda {ast.unparse(signature)}: ["
        + ", ".join(f"({t!r}, lambda: {e})" for t, e in conditions)
        + "]"
    )
    return f"{checked} = __checked__({function}, {written!r}, {judge})"


NOT_SMALLER = "MeasureNotSmaller"
"""Name of the exception by which a replay says that a recursive call did not make the measure smaller."""


def _measured(target: Target, wanted: Sequence[Obligation]) -> list[str]:
    """Code that compares the measure of each recursive call with that of the call around it.

    What catches every exception could catch the one that says so, and then the run would be another one.
    """
    clause = next((o for o in wanted if o.kind == "decreases" and o.expression and not o.open), None)
    args = target.node.args
    catching = ast.Try | ast.TryStar | ast.With
    if clause is None or "." in target.ir.qualname or args.vararg or args.kwarg:
        return []
    if any(isinstance(n, catching) for n in ast.walk(target.program.tree)):
        return []
    signature = copy.deepcopy(args)
    for argument in [*signature.posonlyargs, *signature.args, *signature.kwonlyargs]:
        argument.annotation = None
    name = target.ir.qualname
    measure = f"lambda {ast.unparse(signature)}: ({clause.expression})"
    return [_MEASURED, f"{name} = __measured__({name}, {measure})"]


_MEASURED = f"""
class {NOT_SMALLER}(BaseException):
    pass

def __measured__(function, measure):
    import functools
    def implies(p, q):
        return not p or q
    stack = []
    def parts(value):
        found = value if isinstance(value, tuple) else (value,)
        return found if all(isinstance(v, int) for v in found) else None
    def smaller(new, old):
        for a, b in zip(new, old):
            if a != b:
                return a < b and b >= 0
        return False
    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            now = parts(measure(*args, **kwargs))
        except Exception:
            now = None
        if stack and now is not None and stack[-1] is not None and len(now) == len(stack[-1]):
            if not smaller(now, stack[-1]):
                shown = [v[0] if len(v) == 1 else v for v in (now, stack[-1])]
                raise {NOT_SMALLER}(f"{{shown[0]!r}}\\0{{shown[1]!r}}")
        stack.append(now)
        try:
            return function(*args, **kwargs)
        finally:
            stack.pop()
    return call
"""


_GUARD = f"""
class {VIOLATION}(BaseException):
    pass

def __checked__(function, name, judge):
    import functools
    def implies(p, q):
        return not p or q
    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            conditions = judge(*args, **kwargs)
        except TypeError:
            conditions = []
        for text, holds in conditions:
            if not holds():
                raise {VIOLATION}(name + "\\0" + text)
        return function(*args, **kwargs)
    return call

def __open__(function, name):
    import functools
    @functools.wraps(function)
    def call(*args, **kwargs):
        function(*args, **kwargs)
        raise NotImplementedError(f"the body of {{name}} is open")
    return call
"""


def constants_of(target: Target) -> list[object]:
    """The constants that the function and its specification mention, as hints for inputs."""
    clauses = [*target.ir.clauses, *target.invariants]
    return mentioned(target.node, [c.expression for c in clauses if c.expression and c.kind != "example"])


def case_of(engine: Any, target: Target, entry: Entry, state: State, bad: Any) -> Case | None:
    """The inputs of a model in which a path ends badly, as small as a few tries make them."""
    numbers = [t for v in entry.variables.values() for t in _terms(entry.state, v)]
    sizes = [z3.Length(t) if t.sort() == z3.StringSort() else t for t in numbers]
    wishes = [[c for s in sizes for c in (s <= bound, s >= -bound)] for bound in (1, 3, 10, 100)]
    model = engine.backend.model([*engine.facts, *state.pc, bad], wishes, 2000)
    if model is None:
        return None
    return _written(target, entry, model)


def _terms(state: State, value: Value) -> list[Any]:
    found: list[Any] = []
    pending = [value]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        match one:
            case VInt(term=t) | VStr(term=t):
                found.append(t)
            case VTuple(seq=s):
                pending += s.items or ()
            case VUnion(arms=arms):
                pending += [v for _, v in arms]
            case VRef(address=address) if address not in seen:
                seen.add(address)
                obj = state.heap[address]
                if isinstance(obj, ListObject):
                    pending += obj.seq.items or ()
                elif isinstance(obj, SetObject):
                    pending += shown(obj)
                elif isinstance(obj, InstanceObject):
                    pending += [v for _, v in obj.fields]
                elif isinstance(obj, DictObject) and obj.keys is not None and obj.keys.items is not None:
                    pending += [*obj.keys.items, *(obj.get(k) for k in obj.keys.items)]
    return found


def _written(target: Target, entry: Entry, model: Any) -> Case | None:
    setup: list[str] = []
    names: dict[int, str] = {}
    arguments: dict[str, str] = {}
    shared = _shared(list(entry.variables.values()))
    try:
        for name, value in entry.variables.items():
            if target.is_init and name == target.ir.signature.parameters[0].name:
                continue
            if isinstance(value, VClass):
                if value.name != target.ir.qualname.rpartition(".")[0]:
                    return None
                continue
            arguments[name] = _literal(entry.state, value, model, setup, names, shared)
    except Unsupported:
        return None
    return Case(arguments, tuple(setup))


def _shared(values: list[Value]) -> set[int]:
    addresses = [v.address for v in values if isinstance(v, VRef)]
    return {a for a in addresses if addresses.count(a) > 1}


def _literal(
    state: State, value: Value, model: Any, setup: list[str], names: dict[int, str], shared: set[int]
) -> str:
    def inner(one: Value) -> str:
        return _literal(state, one, model, setup, names, shared)

    match value:
        case VNone():
            return "None"
        case VMember(class_name=name, name=member):
            return f"{name}.{member}"
        case VBool(term=t):
            return str(z3.is_true(model.eval(t, model_completion=True)))
        case VInt(term=t):
            return str(model.eval(t, model_completion=True).as_long())
        case VFloat(term=t):
            number = as_float(model.eval(t, model_completion=True))
            if number is None:
                raise Unsupported("a float that the model leaves open")
            return repr(number) if math.isfinite(number) else f"float({str(number)!r})"
        case VStr(term=t):
            return repr(decode_string(model.eval(t, model_completion=True)))
        case VUnion(arms=arms):
            for guard, arm in arms:
                if z3.is_true(model.eval(guard, model_completion=True)):
                    return inner(arm)
        case VTuple(seq=seq) if seq.items is not None:
            items = [inner(v) for v in seq.items]
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        case VRef(address=address):
            if address in names:
                return names[address]
            obj = state.heap[address]
            if isinstance(obj, InstanceObject):
                name = names[address] = f"object_{address}"
                fields = [(n, inner(v)) for n, v in obj.fields]
                setup.append(f"{name} = object.__new__({obj.class_name})")
                setup.extend(f"object.__setattr__({name}, {n!r}, {text})" for n, text in fields)
                return name
            text = _container(obj, inner)
            if address in shared:
                name = names[address] = f"shared_{address}"
                setup.append(f"{name} = {text}")
                return name
            return text
    raise Unsupported("a value that cannot be written down")


def _container(obj: Any, inner: Any) -> str:
    if isinstance(obj, ListObject) and obj.seq.items is not None:
        return f"[{', '.join(inner(v) for v in obj.seq.items)}]"
    if isinstance(obj, DictObject) and obj.keys is not None and obj.keys.items is not None:
        return "{" + ", ".join(f"{inner(k)}: {inner(obj.get(k))}" for k in obj.keys.items) + "}"
    if isinstance(obj, SetObject) and obj.entries is not None:
        items = ", ".join(inner(v) for v in shown(obj))
        text = f"{{{items}}}" if items else "set()"
        return f"frozenset({text if items else ''})" if obj.frozen else text
    raise Unsupported("a container that cannot be written down")


def try_cases(
    program: ReplayProgram,
    cases: Sequence[Case],
    seconds: float,
    memory_mb: int,
    per_case: float = 0.5,
    *,
    steps: bool = False,
) -> list[Run]:
    """Run the cases; an empty list if there are none."""
    if not cases:
        return []
    return run(program, cases, seconds=seconds, per_case=per_case, memory_mb=memory_mb, steps=steps)
