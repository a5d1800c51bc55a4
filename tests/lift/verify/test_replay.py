"""Functions run on inputs in the real sandbox: what came out, which clauses held, and that nothing escapes."""

# ruff: noqa: E501 -- a table reads best with one case on a line.

from __future__ import annotations

import ast
import os
import textwrap
from pathlib import Path

import pytest
from lift.verify.replay import Case, Check, Program, Run, run

POSITIONAL = "positional-or-keyword"
STYLES = {"/": "positional-only", "*": "var-positional", "**": "var-keyword", "!": "keyword-only"}


def parameters_of(source: str, function: str) -> tuple[tuple[str, str], ...]:
    """Names and styles, as extraction would give them."""
    tree = ast.parse(source)
    node = tree
    for part in function.split("."):
        node = next(n for n in node.body if getattr(n, "name", None) == part)
    a = node.args
    found = [(p.arg, "positional-only") for p in a.posonlyargs] + [(p.arg, POSITIONAL) for p in a.args]
    found += [(a.vararg.arg, "var-positional")] if a.vararg else []
    found += [(p.arg, "keyword-only") for p in a.kwonlyargs]
    found += [(a.kwarg.arg, "var-keyword")] if a.kwarg else []
    return tuple(found)


def run_all(source: str, cases: list[Case], checks: tuple[Check, ...] = (), **options) -> list[Run]:
    """Run the last definition of a source, or the one that ``function`` names."""
    source = textwrap.dedent(source)
    function = options.pop("function", None) or ast.parse(source).body[-1].name
    program = Program(source, "user.py", function, parameters_of(source, function), checks)
    return run(program, cases, **{"seconds": 20.0} | options)


def run_one(
    source: str, arguments: dict[str, str], *checks: Check, setup: tuple[str, ...] = (), **options
) -> Run:
    return run_all(source, [Case(arguments, setup)], checks, **options)[0]


def ensures(expression: str) -> Check:
    return Check("e", "ensures", expression)


def verdict(source: str, arguments: dict[str, str], *checks: Check, **options) -> tuple[bool | None, str]:
    one = run_one(source, arguments, *checks, **options)
    assert one.status == "ok", one
    found = one.verdicts[checks[-1].key]
    return found.holds, found.detail


IDENTITY = "def f(x):\n    return x\n"
PAIR = "def f(x, y):\n    return x\n"


# --- what a failing clause says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "x", "detail"),
    [
        ("result == 1", "0", "result is 0, not 1"),
        ("sum(result) == amount", "[0, 0]", "sum(result) is 0, not 7"),
        ("result >= 0 and result == 4", "3", "result is 3, not 4"),
        ("result >= 0 and result == 4", "-3", "result is -3, not >= 0"),
        ("0 <= result < 3", "5", "result is 5, not < 3"),
        ("0 <= result < 3", "-5", "result is -5, not >= 0"),
        ("result != 2", "2", "result is 2"),
        ("result != x", "2", "result and x are both 2"),
        ("result is None", "[]", "result is [], not None"),
        ("result is not None", "None", "result is None"),
        ("result is not x", "[]", "result is the same object as x"),
        ("result in [1, 2]", "4", "result is 4, not in [1, 2]"),
        ("result not in [1, 2]", "1", "result is 1, which is in [1, 2]"),
        ("not result", "True", "`result` is True"),
        ("not result", "[3]", "`result` is [3]"),
        ("result", "[]", "`result` is []"),
        ("isinstance(result, int)", "'a'", "`isinstance(result, int)` is False"),
        ("result == 1 or result == 2", "3", "result is 3, not 1; result is 3, not 2"),
        ("all(0 <= r for r in result)", "[1, -2]", "for r = -2: r is -2, not >= 0"),
        ("all(result[i] == i for i in range(len(result)))", "[0, 1, 7]", "for i = 2: result[i] is 7, not 2"),
        ("all([r == s for r in result for s in x if s < r])", "[1, 2]", "for r = 2, s = 1: r is 2, not 1"),
        ("all(r == s for r, s in zip(result, [1, 2]))", "[1, 3]", "for r = 3, s = 2: r is 3, not 2"),
        ("implies(len(x) > 1, result == [])", "[1, 2]", "`len(x) > 1` holds, but result is [1, 2], not []"),
        ("result == 1 if x else result == 2", "0", "result is 0, not 2"),
        ("result[0] == 1", "[]", "`result[0] == 1` raises IndexError: list index out of range"),
        (
            "len(x) == 1 and result[4] == 1",
            "[1]",
            "`result[4] == 1` raises IndexError: list index out of range",
        ),
        ("result == 0.5", "float('nan')", 'result is float("nan"), not 0.5'),
    ],
)
def test_a_false_clause_is_explained(expression: str, x: str, detail: str) -> None:
    assert verdict("amount = 7\n" + IDENTITY, {"x": x}, ensures(expression)) == (False, detail)


@pytest.mark.parametrize(
    ("source", "arguments", "expression"),
    [
        (IDENTITY, {"x": "[]"}, "implies(len(x) > 0, x[0] == 1)"),
        (IDENTITY, {"x": "[]"}, "len(x) == 0 or result[0] == 1"),
        ("def f(x):\n    x.append(1)\n", {"x": "[]"}, "len(x) == old(len(x)) + 1"),
        ("def f(x):\n    x.append(1)\n", {"x": "[5]"}, "x[:-1] == old(x)"),
        ("def f(x):\n    x.append(1)\n", {"x": "[5]"}, "all(x[i] == old(x[i]) for i in range(len(x) - 1))"),
        # Raises at entry, but is not used.
        ("def f(x):\n    x.append(1)\n", {"x": "[]"}, "implies(len(x) > 1, x[0] == old(x[0]))"),
        ("def f(result):\n    return -result\n", {"result": "3"}, "__return__ == -3 and result == 3"),
        ("def f(x):\n    x = x + 1\n    return x\n", {"x": "3"}, "x == 3 and result == 4"),
        ("LIMIT = 3\ndef f(x):\n    return x\n", {"x": "3"}, "all(result <= LIMIT for _ in [1])"),
        (
            "def double(n):\n    return 2 * n\ndef f(x):\n    return x + x\n",
            {"x": "3"},
            "result == double(x)",
        ),
        (IDENTITY, {"x": "None"}, "old(x) is None"),
        (
            "from enum import Enum\nclass E(Enum):\n    A = 1\ndef f(x):\n    return x\n",
            {"x": "[E.A]"},
            "result == old(x)",
        ),
        ("N = 0\ndef f(x):\n    global N\n    N += x\n    return N\n", {"x": "3"}, "N == old(N) + x"),
    ],
)
def test_a_clause_holds(source: str, arguments: dict[str, str], expression: str) -> None:
    assert verdict(source, arguments, ensures(expression)) == (True, "")


@pytest.mark.parametrize(
    ("source", "arguments", "expression", "detail"),
    [
        (IDENTITY, {"x": "1"}, "nowhere == 1", "name 'nowhere' is not defined"),
        (IDENTITY, {"x": "1"}, "result ==", "cannot be evaluated"),
        (IDENTITY, {"x": "1"}, "(" * 1000 + "x" + ")" * 1000, "cannot be evaluated"),
        (IDENTITY, {"x": "1"}, "open('x')", "open does not run"),
        (IDENTITY, {"x": "1"}, "str(10 ** 5000) == ''", "digits"),
        (
            "def deep(n):\n    return deep(n)\ndef f(x):\n    return x\n",
            {"x": "1"},
            "deep(x) == 0",
            "recursion",
        ),
        ("class C: pass\ndef f(x):\n    return x\n", {"x": "[C()]"}, "result == old(x)", "identity"),
        ("def f(x):\n    raise KeyError(x)\n", {"x": "1"}, "result == 1", "the function raises"),
        (IDENTITY, {"x": "[]"}, "result is old(x)", "identity of an old value"),
    ],
)
def test_a_clause_cannot_be_judged(
    source: str, arguments: dict[str, str], expression: str, detail: str
) -> None:
    holds, said = verdict(source, arguments, ensures(expression))
    assert holds is None
    assert detail in said


# --- when the function raises ---------------------------------------------------------------------------

RAISING = """
class Short(ValueError):
    pass

def f(x):
    if x < 0:
        raise ValueError("negative")
    if x == 1:
        raise Short()
    return [][x]
"""


def raises(condition: str, exception: str, exact: bool = True, key: str = "r") -> Check:
    return Check(key, "raises", condition, exception, exact)


@pytest.mark.parametrize(
    ("x", "checks", "holds", "undeclared"),
    [
        ("-1", [raises("x < 0", "ValueError")], True, False),
        ("-1", [raises("x < -5", "ValueError")], False, True),
        ("-1", [raises("x < -5", "ValueError", exact=False)], False, True),
        (
            "-1",
            [raises("x < -5", "ValueError", key="q"), raises("x < 0", "builtins.ValueError")],
            True,
            False,
        ),
        ("-1", [raises("True", "KeyError", exact=False)], True, True),
        ("-1", [raises("x < 0", "KeyError")], False, True),
        ("-1", [raises("x < 0", "ValueError", key="q"), raises("x < 0", "KeyError")], True, False),
        ("1", [raises("x < 0 or x == 1", "ValueError")], True, False),
        ("1", [raises("x == 1", "Short")], True, False),
        ("5", [raises("True", "LookupError", exact=False)], True, False),
        ("5", [], None, True),
        ("-1", [raises("x[0]", "ValueError")], None, False),
    ],
)
def test_raises_are_judged_both_ways(
    x: str, checks: list[Check], holds: bool | None, undeclared: bool
) -> None:
    one = run_one(RAISING, {"x": x}, *checks)
    assert one.status == "ok"
    assert one.undeclared is undeclared
    assert [v.holds for k, v in one.verdicts.items() if k == "r"] == ([holds] if checks else [])


def test_an_exception_that_does_not_come_is_told() -> None:
    assert verdict(IDENTITY, {"x": "3"}, raises("x > 2", "ValueError")) == (
        False,
        "`x > 2` holds, but it returns instead of raising ValueError",
    )


def test_the_line_of_a_raise_and_of_a_return_are_those_of_the_text() -> None:
    source = (
        "\n" * 9
        + "def f(x):\n    if x:\n        return g(x)\n    return 0\n\ndef g(x):\n    return 1 // (x - 1)\n"
    )
    runs = run_all(
        source, [Case({"x": "1"}), Case({"x": "2"}), Case({"x": "0"})], (ensures("result < 0"),), function="f"
    )
    assert [r.outcome.line for r in runs if r.outcome] == [16, 12, 13]


# --- which inputs are judged ----------------------------------------------------------------------------


def requires(expression: str) -> Check:
    return Check("q", "requires", expression)


@pytest.mark.parametrize(
    ("source", "arguments", "check", "status", "reason"),
    [
        (IDENTITY, {"x": "1"}, requires("x > 1"), "skipped", "x > 1 does not hold: x is 1, not > 1"),
        (IDENTITY, {"x": "[]"}, requires("x[0] > 1"), "skipped", "IndexError"),
        (IDENTITY, {"x": "1"}, requires("nowhere"), "broken", "nowhere"),
        (IDENTITY, {"x": "nowhere"}, requires("True"), "broken", "arguments cannot be made: NameError"),
        (IDENTITY, {"x": "(("}, requires("True"), "broken", "arguments cannot be made: SyntaxError"),
        (IDENTITY, {}, requires("True"), "broken", "there is no argument for x"),
        ("import os\ndef f(x):\n    return x\n", {"x": "1"}, requires("True"), "broken", "module os"),
        ("def f(x):\n    import socket\n", {"x": "1"}, requires("True"), "broken", "module socket"),
        ("def f(x):\n    try:\n        open(x)\n    except BaseException:\n        return 1\n", {"x": "'a'"}, requires("True"), "broken", "open does not"),
        ("def f(x):\n    return helper(x)\n", {"x": "1"}, requires("True"), "broken", "helper"),
        ("def f(x):\n    yield x\n", {"x": "1"}, requires("True"), "broken", "a generator"),
        ("def f(x):\n    return map(str, [x])\n", {"x": "1"}, requires("True"), "broken", "a map"),
        ("async def f(x):\n    return x\n", {"x": "1"}, requires("True"), "broken", "a coroutine"),
        ("1 // 0\ndef f(x):\n    return x\n", {"x": "1"}, requires("True"), "broken", "ZeroDivisionError"),
        ("def f(x):\n    return f(x)\n", {"x": "1"}, requires("True"), "broken", "recursion limit"),
        ("def f(x):\n    return [0] * 10 ** x\n", {"x": "10"}, requires("True"), "broken", "memory limit"),
        ("def f(x):\n    return str(10 ** x)\n", {"x": "5000"}, requires("True"), "broken", "digits"),
        ("def f(x):\n    while True:\n        try:\n            x += 1\n        except Exception:\n            pass\n", {"x": "1"}, requires("True"), "timeout", "0.1 s"),
    ],
)  # fmt: skip
def test_nothing_is_concluded(
    source: str, arguments: dict[str, str], check: Check, status: str, reason: str
) -> None:
    one = run_one(source, arguments, check, per_case=0.1)
    assert (one.status, reason in (one.reason or "")) == (status, True), one
    assert one.outcome is None


def test_a_source_that_does_not_compile_breaks_every_case() -> None:
    program = Program("def f(:\n", "user.py", "f", ())
    runs = run(program, [Case({}), Case({})], seconds=20)
    assert [r.status for r in runs] == ["broken"] * 2
    assert "do not compile" in (runs[0].reason or "")


@pytest.mark.parametrize("function", ["g", "C.f", "f.g"])
def test_a_function_that_is_not_there(function: str) -> None:
    [one] = run(Program(IDENTITY, "user.py", function, ()), [Case({})], seconds=20)
    assert one.status == "broken"


# --- arguments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "arguments", "call"),
    [
        ("def f(a, /, b, *c, d, **e):\n    pass\n", {"a": "1", "b": "2", "c": "(3, 4)", "d": "5", "e": "{'g': 6}"}, "f(1, 2, 3, 4, d=5, g=6)"),
        ("def f(a, b=2, c=3):\n    return [a, b, c]\n", {"a": "1", "c": "4"}, "f(1, c=4)"),
        ("def f(a=1, *, b=[]):\n    return [a, b]\n", {}, "f()"),
        ("def f(x):\n    x.clear()\n", {"x": "{'a': [1]}"}, "f({'a': [1]})"),
        ("def f(x):\n    pass\n", {"x": "float('-inf')"}, 'f(float("-inf"))'),
        ("def f(x):\n    pass\n", {"x": "set()"}, "f(set())"),
        ("def f(x):\n    pass\n", {"x": "frozenset({2, 1})"}, "f(frozenset({1, 2}))"),
        ("def f(x):\n    pass\n", {"x": "(1,)"}, "f((1,))"),
        ("def f(x):\n    pass\n", {"x": "iter([1, 2])"}, "f(iter([1, 2]))"),
        ("from enum import Enum\nclass E(Enum):\n    A = 1\ndef f(x):\n    pass\n", {"x": "E.A"}, "f(E.A)"),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\ndef f(x):\n    pass\n", {"x": "[P(1)]"}, "f([P(x=1)])"),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: Nowhere\ndef f(x):\n    pass\n", {"x": "P(1)"}, "f(P(x=1))"),
        ("class S:\n    __slots__ = ('a',)\n    def __repr__(self):\n        return 1 // 0\n    def __init__(self, a):\n        self.a = a\ndef f(x):\n    pass\n", {"x": "S([])"}, "f(S(a=[]))"),
        ("class L(list):\n    pass\ndef f(x):\n    pass\n", {"x": "L([1])"}, "f(L([1]))"),
        ("def set():\n    pass\ndef f(x):\n    pass\n", {"x": "set([1])"}, "f({1})"),
    ],
)  # fmt: skip
def test_the_call_reads_as_typed(source: str, arguments: dict[str, str], call: str) -> None:
    one = run_one(source, arguments)
    assert (one.status, one.call, one.setup) == ("ok", call, ()), one


@pytest.mark.parametrize(
    ("case", "setup", "call"),
    [
        (Case({"x": "a", "y": "a"}, ("a = [1]",)), ("x = [1]",), "f(x, x)"),
        (Case({"x": "[a, a]", "y": "0"}, ("a = [1]",)), ("shared = [1]",), "f([shared, shared], 0)"),
        (
            Case({"x": "[a, b]", "y": "b"}, ("a = [1]", "b = [a]")),
            ("shared = [1]", "y = [shared]"),
            "f([shared, y], y)",
        ),
        (Case({"x": "(1, 2)", "y": "'ab'"}), (), "f((1, 2), 'ab')"),
    ],
)
def test_shared_objects_are_made_first(case: Case, setup: tuple[str, ...], call: str) -> None:
    [one] = run_all(PAIR, [case])
    assert (one.setup, one.call) == (setup, call)


def test_arguments_are_shown_as_they_were_before_the_call() -> None:
    one = run_one("def f(x, y=[7]):\n    x.clear()\n    y.clear()\n    return x\n", {"x": "[1, 2]"})
    assert one.arguments == {"x": "[1, 2]", "y": "[7]"}
    assert one.outcome is not None
    assert one.outcome.kind == "returned"
    assert one.outcome.value == "[]"


def test_a_precondition_does_not_use_up_an_iterator() -> None:
    source = "def f(x):\n    return list(x)\n"
    assert verdict(
        source, {"x": "iter([1, 2])"}, requires("all(i > 0 for i in x)"), ensures("len(result) == 2")
    )[0]


def test_a_huge_value_is_cut_off() -> None:
    for expression in ("[0] * 10 ** 6", "'a' * 10 ** 6", "10 ** 4000", "1 << 10 ** 6"):
        one = run_one(IDENTITY, {"x": expression})
        assert one.status == "ok"
        assert len(one.call) < 2100
        assert "…" in one.call


# --- methods --------------------------------------------------------------------------------------------

ACCOUNT = """
class Account:
    def __init__(self, balance):
        self.balance = balance
    def withdraw(self, amount):
        self.balance -= amount
        return self.balance
    def merge(self, other):
        self.balance += other.balance
        other.balance = 0
    @property
    def empty(self):
        return self.balance == 0
    @classmethod
    def opened(cls, amount):
        return cls(amount)
    @staticmethod
    def fee(amount):
        return amount // 100
"""
EMPTY = ("self = object.__new__(Account)", "self.balance = 0")


@pytest.mark.parametrize(
    ("method", "arguments", "setup", "checks", "status", "call", "detail"),
    [
        ("withdraw", {"self": "self", "amount": "1"}, EMPTY, [Check("i", "invariant", "self.balance >= 0")], "ok", "Account(balance=0).withdraw(1)", "self.balance is -1, not >= 0"),
        ("withdraw", {"self": "self", "amount": "1"}, (*EMPTY, "self.balance = -2"), [Check("i", "invariant", "self.balance >= 0")], "skipped", "", ""),
        ("withdraw", {"self": "self", "amount": "1"}, EMPTY, [ensures("result == old(self.balance) + amount")], "ok", "Account(balance=0).withdraw(1)", "result is -1, not 1"),
        ("__init__", {"balance": "-1"}, (), [Check("i", "invariant", "self.balance >= 0")], "ok", "Account(-1)", "self.balance is -1, not >= 0"),
        ("merge", {"self": "self", "other": "self"}, (*EMPTY, "self.balance = 3"), [ensures("self.balance == 2 * old(self.balance)")], "ok", "account.merge(account)", "self.balance is 0, not 6"),
        ("empty", {"self": "self"}, EMPTY, [ensures("not result")], "ok", "Account(balance=0).empty", "`result` is True"),
        ("opened", {"amount": "3"}, (), [ensures("result.balance == 4")], "ok", "Account.opened(3)", "result.balance is 3, not 4"),
        ("fee", {"amount": "300"}, (), [ensures("result == 4")], "ok", "Account.fee(300)", "result is 3, not 4"),
    ],
)  # fmt: skip
def test_methods(
    method: str,
    arguments: dict[str, str],
    setup: tuple[str, ...],
    checks: list[Check],
    status: str,
    call: str,
    detail: str,
) -> None:
    one = run_one(ACCOUNT, arguments, *checks, setup=setup, function=f"Account.{method}")
    assert (one.status, one.call) == (status, call)
    assert [v.detail for v in one.verdicts.values()] == ([detail] if status == "ok" else [])


def test_an_invariant_sees_globals_behind_parameters_of_the_same_name() -> None:
    source = "limit = 5\nclass C:\n    def f(self, limit):\n        self.n = 4\n"
    checks = [Check("i", "invariant", "self.n < limit")]
    one = run_one(source, {"self": "c", "limit": "0"}, *checks, setup=("c = C()", "c.n = 1"), function="C.f")
    assert one.verdicts["i"].holds


@pytest.mark.parametrize(
    "source",
    [
        "import icontract\n@icontract.require(lambda x: x > 0)\n@icontract.ensure(lambda result: False)\ndef f(x):\n    return x\n",
        "from icontract import require, ViolationError\n@require(lambda x: x > 0, 'positive')\ndef f(x):\n    return x\n",
        "import deal\n@deal.pre(lambda x: x > 0)\n@deal.raises(ValueError)\n@deal.pure\n@deal.has()\ndef f(x):\n    return x\n",
        "from deal import chain, safe, pre\n@chain(safe, pre(lambda x: x > 0))\ndef f(x):\n    return x\n",
        "import functools\n@functools.lru_cache(maxsize=None)\ndef f(x):\n    return x\n",
    ],
)
def test_decorators_of_contract_libraries_are_passed_through(source: str) -> None:
    assert verdict(source, {"x": "-1"}, ensures("result == x")) == (True, "")


# --- cases do not influence each other ------------------------------------------------------------------


def test_state_does_not_leak_between_cases() -> None:
    source = "SEEN = []\ndef f(x, into=[]):\n    into.append(x)\n    SEEN.append(x)\n    return len(into) + len(SEEN)\n"
    runs = run_all(source, [Case({"x": "1"})] * 3, (ensures("result == 2"),))
    assert [r.verdicts["e"].holds for r in runs] == [True] * 3


HOSTILE = """
import typing
def f(x):
    os = typing.sys.modules["os"]
    if x == 1:
        while True:
            try:
                while True:
                    pass
            except:
                pass
    if x == 2:
        os._exit(0)
    if x == 3:
        typing.sys.modules["ctypes"].string_at(0)
    if x == 4:
        sum(range(10 ** 12))
    if x == 5:
        for _ in range(20_000):
            print("x" * 100)
    if x == 6:
        keep = []
        while True:
            keep.append(bytes(50_000_000))
    if x == 7:
        for number in range(256):
            try:
                os.write(number, b"{}\\n[[[[\\n")
            except OSError:
                pass
    if x == 8:
        raise SystemExit(3)
    return x
"""


def test_every_other_case_gets_its_result() -> None:
    cases = [Case({"x": str(n % 10)}) for n in range(18)]
    runs = run_all(HOSTILE, cases, (ensures("result == x"),), per_case=0.1, memory_mb=256)
    statuses = [r.status for r in runs]
    good = [n for n in range(18) if n % 10 in (0, 5, 9)]
    assert len(runs) == 18
    assert [statuses[n] for n in good] == ["ok"] * len(good)
    assert statuses[1] == statuses[4] == "timeout"
    assert statuses[2] == statuses[3] == statuses[7] == "crashed"
    assert statuses[6] == "broken"
    assert runs[8].outcome is not None
    assert runs[8].undeclared


def test_it_stops_after_failures_and_when_the_time_is_up() -> None:
    cases = [Case({"x": str(n)}) for n in range(10)]
    assert len(run_all(IDENTITY, cases, (ensures("result < 2"),), stop_after_failures=2)) == 4
    endless = "def f(x):\n    while x:\n        pass\n"
    runs = run_all(endless, cases, seconds=0.5, per_case=60)
    assert [r.status for r in runs] == ["ok", "timeout"]


# --- the process is confined ----------------------------------------------------------------------------

SYSTEM = """
import typing
os = typing.sys.modules["os"]
def f(x):
    try:
        return {what}
    except BaseException as error:
        return type(error).__name__ + " " + str(error.__class__.__mro__)
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system-call filter is Linux's")
@pytest.mark.parametrize(
    "what",
    [
        "os.getcwd()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.open(x, os.O_WRONLY | os.O_CREAT)",
        "os.mkdir(x)",
        "os.unlink(x)",
        "os.symlink(x, x + 'b')",
        "os.rename(x, x + 'b')",
        "os.chmod(x, 0)",
        "os.system('true') and 1 // 0",
        "__builtins__['__import__']('typing').sys.modules['posix'].posix_spawn('/bin/true', ['true'], {})",
        "typing.sys.modules['resource'].setrlimit(typing.sys.modules['resource'].RLIMIT_AS, (-1, -1))",
    ],
)
def test_the_system_is_out_of_reach(what: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("still here")
    one = run_one(SYSTEM.format(what=what), {"x": repr(str(victim))})
    assert one.outcome is not None
    assert one.outcome.kind == "returned"
    assert "Error" in one.outcome.value
    assert list(tmp_path.iterdir()) == [victim]
    assert victim.read_text() == "still here"


SOCKET = """
import typing
def f(x):
    modules = typing.sys.modules
    library = modules["ctypes"].CDLL(None, use_errno=True)
    return library.socket(2, 1, 0)
"""


def test_there_is_no_network() -> None:
    one = run_one(SOCKET, {"x": "0"})
    assert one.outcome is not None
    assert one.outcome.kind == "returned"
    assert one.outcome.value == "-1"


def test_it_sees_no_environment_no_input_and_no_folder() -> None:
    os.environ["LIFT_TEST_SECRET"] = "secret"
    source = "import typing\nos = typing.sys.modules['os']\ndef f(x):\n    return 'LIFT_TEST_SECRET' in os.environ, os.read(0, 9)\n"
    try:
        one = run_one(source, {"x": "0"})
    finally:
        del os.environ["LIFT_TEST_SECRET"]
    assert one.outcome is not None
    assert one.outcome.kind == "returned"
    assert one.outcome.value == "(False, b'')"


def children() -> set[str]:
    """The ids of this process's children, those that nobody has waited for included."""
    me = str(os.getpid())
    # What follows the name in parentheses: the state, then the parent.
    return {p.parent.name for p in Path("/proc").glob("[0-9]*/stat") if _parent(p) == me}


def _parent(stat: Path) -> str | None:
    try:
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
    except OSError:
        return None


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    descriptors = len(os.listdir("/proc/self/fd"))
    before = children()
    for x in ("1", "2"):
        run_one(HOSTILE, {"x": x}, per_case=0.05, seconds=0.4)
        assert children() <= before
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert list(tmp_path.iterdir()) == []
