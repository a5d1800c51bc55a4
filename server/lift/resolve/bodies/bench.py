"""Many bodies on many inputs in one sandbox: a proof takes a hundred times as long as a run.

What is let through here is still proved afterwards; what is dropped here was shown wrong by a run.
"""

from __future__ import annotations

import ast
import copy
import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lift_ir import Ensures, Raises, Requires, Returned

from lift.resolve.bodies.subject import Subject, plain
from lift.verify.replay import Case, Run
from lift.verify.replay import Program as ReplayProgram

_MOST_INPUTS = 80
_BATCH = 60
_ENDLESS = -2
_MEMORY_MB, _CASE_SECONDS = 512, 0.1
_HUGE = re.compile(r"\d{5}")


@dataclass(frozen=True)
class Judgement:
    """What a body did.

    Attributes:
        fine: Whether it broke nothing on any input.
        failing: The first input that it broke something on; None if it did not end, or could not be run.
        held: On how many inputs it broke nothing before that.
        endless: Whether it did not end in time, or killed the process.
    """

    fine: bool
    failing: Case | None = None
    held: int = 0
    endless: bool = False


def judged(subject: Subject, bodies: Sequence[str], seconds: float) -> list[Judgement]:
    """Run bodies, each with its guards, on the inputs that meet Requires, and judge every clause there."""
    import time

    until = time.monotonic() + seconds
    found: list[Judgement] = []
    inputs = _moderate(subject.inputs)
    for start in range(0, len(bodies), _BATCH):
        left = until - time.monotonic()
        if left < 0.1:
            break
        batch = bodies[start : start + _BATCH]
        for run in _runs(subject, batch, inputs, "__bench__", left):
            said = run.outcome.value if run.status == "ok" and isinstance(run.outcome, Returned) else ""
            found.append(_read(said, inputs, endless=run.status in ("timeout", "crashed")))
        found += [Judgement(False)] * (start + len(batch) - len(found))
    return found + [Judgement(False)] * (len(bodies) - len(found))


def outcomes(subject: Subject, bodies: Sequence[str], seconds: float = 2.0) -> list[list[str | None]]:
    """What a few bodies return for each of the inputs, written out; None where nothing is wanted."""
    written = [subject.guards + b for b in bodies]
    found: list[list[str | None]] = []
    for run in _runs(subject, written, subject.inputs[:_MOST_INPUTS], "__outcomes__", seconds):
        said = run.outcome.value if run.status == "ok" and isinstance(run.outcome, Returned) else "[]"
        try:
            found.append(ast.literal_eval(said))
        except (ValueError, SyntaxError):
            found.append([])
    return found


def _runs(
    subject: Subject, bodies: Sequence[str], inputs: Sequence[Case], entry: str, seconds: float
) -> Sequence[Run]:
    from lift.verify import trial

    program = ReplayProgram(
        _source(subject, bodies, inputs),
        subject.program.filename,
        entry,
        (("number", "positional-or-keyword"),),
        modules=subject.program.modules,
        links=subject.program.links,
    )
    cases = [Case({"number": str(n)}) for n in range(len(bodies))]
    return list(trial.try_cases(program, cases, seconds, _MEMORY_MB, _CASE_SECONDS))


def _read(said: str, inputs: Sequence[Case], *, endless: bool) -> Judgement:
    try:
        failing, held = ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return Judgement(False, endless=endless)
    if failing == _ENDLESS:
        return Judgement(False, None, held, endless=True)
    if failing < 0:
        return Judgement(held > 0, None, held)
    return Judgement(False, inputs[failing], held)


def _moderate(inputs: Sequence[Case]) -> list[Case]:
    """The inputs without huge numbers, on which a right loop takes for ever just as a wrong one does."""
    small = [c for c in inputs if not any(_HUGE.search(text) for text in c.arguments.values())]
    return (small or list(inputs))[:_MOST_INPUTS]


def _source(subject: Subject, bodies: Sequence[str], inputs: Sequence[Case]) -> str:
    parts = [subject.program.source]
    parts += [_factory(subject, number, body) for number, body in enumerate(bodies)]
    parts += _inputs(subject, inputs)
    parts.append(_judge(subject))
    factories = ", ".join(f"__body_{n}__" for n in range(len(bodies)))
    parts.append(_BENCH.replace("__FACTORIES__", factories))
    return "\n".join(parts) + "\n"


def _factory(subject: Subject, number: int, body: str) -> str:
    """A function that makes the candidate; in it the name of the function is the candidate's."""
    node = copy.deepcopy(subject.node)
    for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
        argument.annotation = None
    header = f"def {node.name}({ast.unparse(node.args)}):"
    try:
        ast.parse(f"{header}\n{textwrap.indent(body, '    ')}")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"__body_{number}__ = None"
    ticking = ast.unparse(ast.fix_missing_locations(_Ticking().visit(ast.parse(body))))
    inner = textwrap.indent(f"{header}\n{textwrap.indent(ticking, '    ')}", "    ")
    return f"def __body_{number}__():\n{inner}\n    return {node.name}"


class _Ticking(ast.NodeTransformer):
    """Rounds of ``while`` are counted: a wrong one that never ends costs no more than a right one."""

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.body.insert(0, ast.parse("__tick__()").body[0])
        return node


def _inputs(subject: Subject, inputs: Sequence[Case]) -> list[str]:
    """A function an input that makes its arguments anew, with defaults where it has none."""
    parameters = subject.ir.signature.parameters
    defaults = {p.name: p.default for p in parameters if p.default is not None}
    rows: list[str] = []
    for number, case in enumerate(inputs):
        values = {p.name: case.arguments.get(p.name, defaults.get(p.name)) for p in parameters}
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
            self.kept.append(ast.unparse(plain(node.args[0])))
            return ast.Name(f"__old_{len(self.kept) - 1}__")
        self.generic_visit(node)
        return node


def _judge(subject: Subject) -> str:
    """Code that says of a call whether the clauses held."""
    names = ", ".join(p.name for p in subject.parameters)
    old = _Old()
    requires: list[str] = []
    ensures: list[str] = []
    raises: list[tuple[str, str, bool]] = []
    for clause in subject.ir.clauses:
        if not isinstance(clause, Requires | Ensures | Raises) or clause.holes:
            continue
        tree = ast.parse(clause.expression, mode="eval").body if clause.expression else None
        if isinstance(clause, Raises):
            condition = "True" if tree is None else ast.unparse(plain(tree))
            raises.append((clause.exception, condition, clause.exact and tree is not None))
        elif tree is not None and isinstance(clause, Requires):
            requires.append(ast.unparse(plain(tree)))
        elif tree is not None:
            ensures.append(ast.unparse(plain(ast.fix_missing_locations(old.visit(tree)))))
    keep = ", ".join(f"lambda {names}: {e}" for e in old.kept)
    olds = [f"__old_{n}__" for n in range(len(old.kept))]
    given = ", ".join([*(p.name for p in subject.parameters), subject.outcome, *olds])
    known = ", ".join(
        f"({json.dumps({n: repr(v) for n, v in k.arguments.items()})}, {k.result!r})" for k in subject.known
    )
    return "\n".join(
        [
            f"__keep__ = [{keep}]",
            f"__requires__ = [{', '.join(f'lambda {names}: {e}' for e in requires)}]",
            f"__ensures__ = [{', '.join(f'lambda {given}: {e}' for e in ensures)}]",
            f"__raises__ = [{', '.join(f'({k!r}, lambda {names}: {e}, {x})' for k, e, x in raises)}]",
            f"__known__ = [{known}]",
        ]
    )


_BENCH = '''
__rounds__ = [0]

class TooManyRounds(BaseException):
    pass

def __tick__():
    __rounds__[0] += 1
    if __rounds__[0] > 3000:
        raise TooManyRounds

def __perform__(function, make):
    """None if nothing can be said, else whether it was fine."""
    import copy
    arguments = make()
    if arguments is None:
        return None
    try:
        if not all(condition(**copy.deepcopy(arguments)) for condition in __requires__):
            return None
        olds = [copy.deepcopy(keep(**copy.deepcopy(arguments))) for keep in __keep__]
        due = []
        for name, condition, exact in __raises__:
            due.append((name, bool(condition(**copy.deepcopy(arguments))), exact))
    except Exception:
        return None
    expected = [
        result
        for given, result in __known__
        if set(given) == set(arguments) and all(repr(v) == given[n] for n, v in arguments.items())
    ]
    __rounds__[0] = 0
    try:
        value = function(*arguments.values())
    except TooManyRounds:
        return "endless"
    except Exception as error:
        kinds = [k.__name__ for k in type(error).__mro__]
        return any(holds and name.rpartition(".")[2] in kinds for name, holds, _ in due)
    except BaseException as error:
        if type(error).__name__ == "CallBreaksRequires":
            return False
        raise
    if any(holds and exact for _, holds, exact in due):
        return False
    if any(repr(value) != repr(result) for result in expected):
        return False
    for clause in __ensures__:
        try:
            if not clause(*arguments.values(), value, *olds):
                return False
        except Exception:
            return False
    return True

def __bench__(number):
    factory = [__FACTORIES__][number]
    if factory is None:
        return -1, 0
    function = factory()
    held = 0
    for place, make in enumerate(__inputs__):
        found = __perform__(function, make)
        if found == "endless":
            return -2, held
        if found is False:
            return place, held
        held += found is True
    return -1, held

def __outcomes__(number):
    import copy
    function = [__FACTORIES__][number]()
    found = []
    for make in __inputs__:
        arguments = make()
        shown = None
        __rounds__[0] = 0
        try:
            if arguments is not None and all(c(**copy.deepcopy(arguments)) for c in __requires__):
                shown = repr(function(*arguments.values()))
        except (Exception, TooManyRounds):
            shown = None
        found.append(shown if shown is None or len(shown) < 200 else None)
    return found
'''
