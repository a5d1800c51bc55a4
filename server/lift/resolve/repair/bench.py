"""Many small experiments in one sandbox: conditions on inputs, and changed bodies on inputs.

A proof takes a hundred times as long as a run, so that runs decide first what is worth a proof. What is
let through here is still proved afterwards; what is dropped here was shown wrong by a run.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lift_ir import Ensures, Raises, Returned

from lift.resolve.repair.patient import Patient, run_on
from lift.verify.replay import Case
from lift.verify.replay import Program as ReplayProgram

_MOST_INPUTS = 60
_BATCH = 40
_HUGE = re.compile(r"\d{5}")
HOLDS, FAILS, SILENT = "1", "0", "x"


def matrix(patient: Patient, conditions: Sequence[str], inputs: Sequence[Case]) -> list[str]:
    """For each condition a word with a letter an input: it holds, fails, or cannot be evaluated there."""
    names = ", ".join(p.name for p in patient.function.signature.parameters)
    rows: list[str] = []
    for condition in conditions:
        rows.append(f"    try:\n        found.append('1' if ({_plain(condition)}) else '0')")
        rows.append("    except Exception:\n        found.append('x')")
    body = "\n".join(
        ["def __conditions__(" + names + "):", "    found = []", *rows, "    return ''.join(found)"]
    )
    program = ReplayProgram(
        f"{patient.program.source}\n{body}\n",
        patient.program.filename,
        "__conditions__",
        patient.program.parameters,
    )
    columns: list[str] = []
    for case, run in zip(inputs, run_on(patient, list(inputs), program), strict=False):
        del case
        fine = run.status == "ok" and isinstance(run.outcome, Returned)
        columns.append(_text(run.outcome.value) if fine and isinstance(run.outcome, Returned) else "")
    width = len(conditions)
    columns = [c if len(c) == width else SILENT * width for c in columns]
    columns += [SILENT * width] * (len(inputs) - len(columns))
    return ["".join(column[n] for column in columns) for n in range(width)]


def _text(value: str) -> str:
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return ""
    return found if isinstance(found, str) else ""


class _Plain(ast.NodeTransformer):
    """``implies(p, q)`` in Python's own words."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "implies" and len(node.args) == 2:
            return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), node.args[0]), node.args[1]])
        return node


def _plain(condition: str) -> str:
    tree = _Plain().visit(ast.parse(condition, mode="eval"))
    return ast.unparse(ast.fix_missing_locations(tree))


@dataclass(frozen=True)
class Outcome:
    """What a changed body did: whether it broke nothing, and on how many fine inputs it differs now."""

    fine: bool
    changed: int = 0


def judge_bodies(patient: Patient, bodies: Sequence[ast.FunctionDef]) -> list[Outcome]:
    """Run each changed definition on the known inputs.

    Args:
        bodies: Definitions of the function under repair, which stand in for its own.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(bodies), _BATCH):
        if patient.left <= 0.5:
            patient.ran_out = True
            break
        outcomes += _judge_batch(patient, bodies[start : start + _BATCH])
    return outcomes + [Outcome(False)] * (len(bodies) - len(outcomes))


def _judge_batch(patient: Patient, bodies: Sequence[ast.FunctionDef]) -> list[Outcome]:
    source = _bench_source(patient, bodies)
    if source is None:
        # It cannot be put on the bench, for example since it calls super(); proofs alone decide then.
        return [Outcome(True)] * len(bodies)
    program = ReplayProgram(
        source, patient.program.filename, "__bench__", (("number", "positional-or-keyword"),)
    )
    cases = [Case({"number": str(n)}) for n in range(len(bodies))]
    outcomes: list[Outcome] = []
    for run in run_on(patient, cases, program):
        value = run.outcome.value if isinstance(run.outcome, Returned) else "-1"
        number = int(value) if value.lstrip("-").isdigit() else -1
        outcomes.append(Outcome(run.status == "ok" and number >= 0, max(number, 0)))
    return outcomes + [Outcome(False)] * (len(bodies) - len(outcomes))


def _bench_source(patient: Patient, bodies: Sequence[ast.FunctionDef]) -> str | None:
    if any(isinstance(n, ast.Name) and n.id == "super" for n in ast.walk(patient.node)):
        return None
    if patient.target.is_init or {"classmethod", "property"} & set(patient.function.decorators):
        return None
    if any(p.style.startswith("var-") for p in patient.function.signature.parameters):
        return None
    name = patient.node.name
    parts = [patient.program.source]
    for number, body in enumerate(bodies):
        parts.append(_factory(f"__body_{number}__", body, name))
    own = copy.deepcopy(patient.node)
    parts.append(_factory("__body_own__", own, name))
    bad = _moderate(patient.bad)[: _MOST_INPUTS // 2]
    inputs = [*bad, *_moderate(patient.good)[: _MOST_INPUTS // 2]]
    parts += _inputs(patient, inputs)
    parts.append(_judge(patient))
    factories = ", ".join(f"__body_{n}__" for n in range(len(bodies)))
    parts.append(_BENCH.replace("__FACTORIES__", factories).replace("GOOD", str(len(bad))))
    return "\n".join(parts) + "\n"


def _moderate(inputs: Sequence[Case]) -> list[Case]:
    """The inputs without huge numbers, on which a right loop takes for ever just as a wrong one does."""
    small = [c for c in inputs if not any(_HUGE.search(text) for text in c.arguments.values())]
    return small or list(inputs)


def _factory(name: str, body: ast.FunctionDef, own: str) -> str:
    inner = copy.deepcopy(body)
    inner.decorator_list = []
    for argument in [*inner.args.posonlyargs, *inner.args.args, *inner.args.kwonlyargs]:
        argument.annotation = None
    inner.returns = None
    inner.body = _without_docstring(inner.body)
    text = ast.unparse(ast.fix_missing_locations(inner))
    rows = "\n".join(["    " + line for line in text.split("\n")])
    return f"def {name}():\n{rows}\n    return {own}"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1:
        return body[1:]
    return body


def _inputs(patient: Patient, inputs: Sequence[Case]) -> list[str]:
    """A function an input that makes its arguments anew, with defaults where it has none."""
    names = [p.name for p in patient.function.signature.parameters]
    defaults = {p.name: p.default for p in patient.function.signature.parameters if p.default is not None}
    rows: list[str] = []
    for number, case in enumerate(inputs):
        values = {n: case.arguments.get(n, defaults.get(n)) for n in names}
        if any(v is None for v in values.values()):
            rows.append(f"def __input_{number}__():\n    return None")
            continue
        setup = [f"    {line}" for line in case.setup]
        pairs = ", ".join(f"{n!r}: {v}" for n, v in values.items())
        rows.append("\n".join([f"def __input_{number}__():", *setup, f"    return {{{pairs}}}"]))
    rows.append(f"__inputs__ = [{', '.join(f'__input_{n}__' for n in range(len(inputs)))}]")
    return rows


class _Old(ast.NodeTransformer):
    """``old(e)`` as the name of a value that was kept before the call."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1:
            self.kept.append(ast.unparse(node.args[0]))
            return ast.Name(f"__old_{len(self.kept) - 1}__")
        self.generic_visit(node)
        return node


def _judge(patient: Patient) -> str:
    """Code that says of a call whether the clauses held; a clause that cannot be evaluated says nothing."""
    names = ", ".join(p.name for p in patient.function.signature.parameters)
    clauses = patient.function.clauses
    own = any(p.name == "result" for p in patient.function.signature.parameters)
    old = _Old()
    ensures: list[str] = []
    for clause in clauses:
        if isinstance(clause, Ensures) and clause.expression and not clause.holes:
            tree = old.visit(_Plain().visit(ast.parse(clause.expression, mode="eval")))
            ensures.append(ast.unparse(ast.fix_missing_locations(tree)))
    raises = [
        (c.exception, _plain(c.expression) if c.expression else "True", c.exact and bool(c.expression))
        for c in clauses
        if isinstance(c, Raises) and not c.holes
    ]
    keep = ", ".join(f"lambda {names}: {e}" for e in old.kept)
    olds = "".join(f", __old_{n}__" for n in range(len(old.kept)))
    result = "__return__" if own else "__return__, result"
    checks = ", ".join(f"lambda {', '.join(x for x in (names, result) if x)}{olds}: {e}" for e in ensures)
    conditions = ", ".join(f"({k!r}, lambda {names}: {e}, {exact})" for k, e, exact in raises)
    return (
        f"__keep__ = [{keep}]\n__ensures__ = [{checks}]\n__raises__ = [{conditions}]\n"
        f"__outcomes__ = {1 if own else 2}"
    )


_BENCH = '''
def __perform__(function, make):
    """None if nothing can be said, else whether it was fine, and what came out."""
    import copy
    arguments = make()
    if arguments is None:
        return None
    try:
        olds = [copy.deepcopy(keep(**copy.deepcopy(arguments))) for keep in __keep__]
        due = []
        for name, condition, exact in __raises__:
            due.append((name, bool(condition(**copy.deepcopy(arguments))), exact))
    except Exception:
        return None
    try:
        value = function(*arguments.values())
    except Exception as error:
        kinds = [k.__name__ for k in type(error).__mro__]
        return any(holds and name.rpartition(".")[2] in kinds for name, holds, _ in due), type(error).__name__
    except BaseException as error:
        if type(error).__name__ == "CallBreaksRequires":
            return False, "call"
        raise
    if any(holds and exact for _, holds, exact in due):
        return False, value
    for clause in __ensures__:
        try:
            if not clause(*arguments.values(), *[value] * __outcomes__, *olds):
                return False, value
        except Exception:
            return False, value
    return True, value

def __bench__(number):
    function = [__FACTORIES__][number]()
    own = __body_own__()
    changed = 0
    for place, make in enumerate(__inputs__):
        found = __perform__(function, make)
        if found is None:
            continue
        if not found[0]:
            return -1
        if place >= GOOD:
            try:
                before = __perform__(own, make)
                changed += before is None or repr(before[1]) != repr(found[1])
            except Exception:
                changed += 1
    return changed
'''
