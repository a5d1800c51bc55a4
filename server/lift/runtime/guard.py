"""A function with its specification around it: each call is judged by every clause that can be evaluated.

The wrapper keeps the function's name, signature and documentation. Clauses see the function's own globals;
what they call is not judged in turn, so that a clause may call the function that it is about.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lift_ir import Clause, Ensures, Function, Invariant, Raises, Requires

from lift.runtime.judge import Plans, condition, judge, judge_raises, keep, scope_of
from lift.verify.clause_plans import planned
from lift.verify.sandbox_values import spell

_SHORT = 120
# What the code itself makes sure of.
_ENFORCED = ("icontract", "deal", "guard", "assert")
_busy = threading.local()


class SpecificationError(AssertionError):
    """A call broke its specification, or was made in breach of it.

    Attributes:
        function: Qualified name of the function.
        clause: The clause's text.
        path: File of the clause.
        line: Its line, from 1.
    """

    def __init__(self, message: str, function: str, clause: str, path: str, line: int) -> None:
        super().__init__(message)
        self.function = function
        self.clause = clause
        self.path = path
        self.line = line


@dataclass
class Tally:
    """What was enforced, and what could not be.

    Attributes:
        functions: Those that were wrapped, by file and name, each with how many of its clauses are judged.
        skipped: How many are not, by why not.
        undecided: How often a clause had no value on a call.
        calls: How many calls were judged.
        broken: The breaches since somebody last looked: code under test may swallow an exception.
    """

    functions: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    undecided: int = 0
    calls: int = 0
    broken: list[SpecificationError] = field(default_factory=list)

    def skip(self, why: str) -> None:
        """One more clause is not judged."""
        self.skipped[why] = self.skipped.get(why, 0) + 1


@dataclass
class Guard:
    """The clauses of one function, planned, and where it stands.

    Attributes:
        names: The globals that the clauses see.
        is_method: Whether the first parameter is an instance whose invariants hold around each call.
        makes: Whether it makes the instance, so that invariants only hold after it.
    """

    function: Function
    path: str
    names: dict[str, Any]
    tally: Tally
    plans: Plans
    clauses: dict[str, Clause]
    result_names: tuple[str, ...]
    makes: bool = False

    def check(self, kinds: tuple[str, ...], scope: dict[str, Any], kept: dict[str, dict[str, Any]]) -> None:
        """Judges the clauses of some kinds.

        Raises:
            SpecificationError: One is false.
        """
        __tracebackhide__ = True
        for check in self.plans.of_kind(*kinds):
            inner = scope_of(self.names, {**scope, **kept.get(check["key"], {})})
            holds, detail = judge(self.plans, check, inner)
            if holds is None:
                self.tally.undecided += 1
            elif not holds:
                self.fail(check, detail, scope)

    def fail(
        self, check: dict[str, Any], detail: str, scope: dict[str, Any], cause: BaseException | None = None
    ) -> None:
        """Reports a false clause.

        Raises:
            SpecificationError: Always.
        """
        __tracebackhide__ = True
        clause = self.clauses[check["key"]]
        shown = ", ".join(
            f"{p.name} = {spell(scope[p.name], limit=_SHORT)}"
            for p in self.function.signature.parameters
            if p.name in scope
        )
        kind, line = check["kind"], clause.span.start.line
        said = {
            "requires": "was called in breach of Requires",
            "ensures": "breaks Ensures",
            "raises": "breaks Raises",
            "invariant": "breaks an invariant",
        }[kind]
        text = f"{clause.exception} if {clause.text}" if isinstance(clause, Raises) else clause.text
        lines = [f"{self.function.qualname} {said}: {text}", f"  {detail}"]
        if shown:
            lines.append(f"  with {shown}")
        lines.append(f"  {self.path}:{line}")
        error = SpecificationError("\n".join(lines), self.function.qualname, clause.text, self.path, line)
        self.tally.broken.append(error)
        raise error from cause


def guarded(
    function: Callable[..., Any], ir: Function, path: str, tally: Tally, invariants: tuple[Clause, ...] = ()
) -> Callable[..., Any]:
    """The function with its specification enforced; the function itself where nothing can be enforced.

    Args:
        invariants: Those of the class, for a method that has to keep them.
    """
    code = inspect.unwrap(function)
    names = getattr(code, "__globals__", {})
    generates = inspect.isgeneratorfunction(code) or inspect.isasyncgenfunction(code)
    parameters = frozenset(p.name for p in ir.signature.parameters)
    checks: list[dict[str, Any]] = []
    clauses: dict[str, Clause] = {}
    for number, clause in enumerate((*ir.clauses, *invariants)):
        planned_check = _planned(clause, str(number), parameters, generates, tally)
        if planned_check is not None:
            checks.append(planned_check)
            clauses[str(number)] = clause
    if not checks:
        return function
    tally.functions[f"{path}:{ir.span.start.line} {ir.qualname}"] = len(checks)
    results = ("__return__",) if "result" in parameters else ("result", "__return__")
    makes = ir.name == "__init__"
    guard = Guard(ir, path, names, tally, Plans(checks), clauses, results, makes)
    return _wrapped(function, guard, inspect.signature(function))


def _planned(
    clause: Clause, key: str, parameters: frozenset[str], generates: bool, tally: Tally
) -> dict[str, Any] | None:
    if clause.source in _ENFORCED:
        return None
    match clause:
        case Requires() | Ensures() | Raises():
            kind = clause.kind
        case Invariant(loop_line=None):
            kind = "invariant"
        case _:
            return None
    if clause.holes:
        tally.skip("with holes")
        return None
    if clause.expression is None:
        if isinstance(clause, Raises):
            # It may be raised at any time: there is nothing to judge, but it is declared.
            return {"key": key, "kind": "raises", "exception": clause.exception, "exact": False} | planned(
                "True", parameters
            )
        tally.skip("in words")
        return None
    if generates and kind == "ensures":
        tally.skip("of generators")
        return None
    found = {"key": key, "kind": kind, "exception": None, "exact": True} | planned(
        clause.expression, parameters
    )
    if "bad" in found:
        tally.skip("that cannot be evaluated")
        return None
    if isinstance(clause, Raises):
        found |= {"exception": clause.exception, "exact": clause.exact}
    return found


def _wrapped(function: Callable[..., Any], guard: Guard, signature: inspect.Signature) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def judged_later(*arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            call = _begun(guard, signature, arguments, named)
            try:
                value = await function(*arguments, **named)
            except BaseException as error:
                _raised(call, error)
                raise
            _returned(call, value)
            return value

        return judged_later

    @functools.wraps(function)
    def judged(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        call = _begun(guard, signature, arguments, named)
        try:
            value = function(*arguments, **named)
        except BaseException as error:
            _raised(call, error)
            raise
        _returned(call, value)
        return value

    return judged


@dataclass
class _Call:
    """A call under way, with what was kept of the state before it."""

    guard: Guard
    scope: dict[str, Any]
    kept: dict[str, dict[str, Any]]
    conditions: dict[str, tuple[bool | None, str]]


def _begun(
    guard: Guard, signature: inspect.Signature, arguments: tuple[Any, ...], named: dict[str, Any]
) -> _Call | None:
    """What has to be known before the call; None where the call is not judged.

    Raises:
        SpecificationError: The call is in breach of Requires, or an invariant does not hold before it.
    """
    __tracebackhide__ = True
    if getattr(_busy, "judging", False):
        return None
    try:
        bound = signature.bind(*arguments, **named)
    except TypeError:
        # The call itself says better than we could what is wrong with it.
        return None
    bound.apply_defaults()
    scope = dict(bound.arguments)
    with _judging():
        guard.tally.calls += 1
        guard.check(("requires",) if guard.makes else ("requires", "invariant"), scope, {})
        conditions = {
            c["key"]: condition(guard.plans, c, scope_of(guard.names, scope))
            for c in guard.plans.of_kind("raises")
        }
        kept = {c["key"]: keep(guard.plans, c, guard.names, scope)[0] for c in guard.plans.of_kind("ensures")}
    return _Call(guard, scope, kept, conditions)


def _returned(call: _Call | None, value: Any) -> None:
    """Judges what came back.

    Raises:
        SpecificationError: A clause is false.
    """
    __tracebackhide__ = True
    if call is None:
        return
    guard = call.guard
    with _judging():
        _raises(call, None)
        scope = call.scope | dict.fromkeys(guard.result_names, value)
        guard.check(("ensures", "invariant"), scope, call.kept)


def _raised(call: _Call | None, error: BaseException) -> None:
    """Judges an exception that left the function.

    Raises:
        SpecificationError: It was raised although Raises says otherwise.
    """
    __tracebackhide__ = True
    if call is None or isinstance(error, SpecificationError) or not isinstance(error, Exception):
        return
    with _judging():
        _raises(call, error)


def _raises(call: _Call, error: BaseException | None) -> None:
    __tracebackhide__ = True
    guard = call.guard
    if not call.conditions:
        return
    verdicts = judge_raises(guard.plans, guard.names, call.conditions, error, {})
    for check in guard.plans.of_kind("raises"):
        holds, detail = verdicts[check["key"]]
        if holds is False:
            guard.fail(check, detail, call.scope, error)


@contextmanager
def _judging() -> Iterator[None]:
    _busy.judging = True
    try:
        yield
    finally:
        _busy.judging = False
