"""lift's stubs of the standard library against the standard library: every clause holds for all inputs tried.

A stub's function is given the real one as its body and then tested as a user's function is, in the sandbox:
Ensures at every return, Raises both ways, Modifies, and no other exception.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.neighbours import OWN_STUBS
from lift.source.text import Snapshot, read
from lift.verify import trial
from lift.verify.entry import Target, parameter_types
from lift.verify.inputs import cases
from lift.verify.obligations import obligations_of
from lift.verify.program import load
from lift.verify.replay import Case, Run
from lift.verify.types import TBool, TDict, TInt, TList, TLiteral, TNone, TStr, TTuple, TTupleOf, TUnion, Type

SMALL = st.integers(-3, 12)
NUMBERS = st.one_of(SMALL, SMALL, st.integers(-(10**6), 10**6), st.booleans())
WIDE = st.one_of(NUMBERS, st.integers())


def values(type_: Type, *, wide: bool = True) -> st.SearchStrategy:
    """Values of a type, as a type checker understands it: a bool is an int."""
    match type_:
        case TInt():
            return WIDE if wide else st.integers(-3, 300)
        case TBool():
            return st.booleans()
        case TStr():
            return st.one_of(st.sampled_from(["", "a", "ab", "b"]), st.text(max_size=6))
        case TNone():
            return st.none()
        case TLiteral(values=options):
            return st.sampled_from(options)
        case TUnion(arms=arms):
            return st.one_of(*(values(a) for a in arms))
        case TList(element=element):
            lists = st.lists(values(element), max_size=7)
            return st.one_of(lists, lists.map(sorted)) if isinstance(element, TInt | TStr) else lists
        case TTuple(items=items):
            return st.tuples(*map(values, items))
        case TTupleOf(element=element):
            return st.lists(values(element), max_size=5).map(tuple)
        case TDict(key=key, value=value):
            return st.dictionaries(values(key), values(value), max_size=5)
    raise AssertionError(f"no values of {type_}")


def variants(path, text: str) -> list[tuple[str, str]]:
    """Each declaration of a stub as a module of its own, whose body calls the real function."""
    module = path.stem
    tree = ast.parse(text)
    found: list[tuple[str, str]] = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        args = [a.arg for a in [*node.args.posonlyargs, *node.args.args]]
        node.decorator_list = []
        call = f"return __real__.{node.name}({', '.join(args)})"
        node.body = [node.body[0], *ast.parse(call).body]
        name = f"{node.name}({', '.join(ast.unparse(n) for n in _annotations(node))})"
        found.append((f"{module}.{name}", f"import {module} as __real__\n\n{ast.unparse(node)}\n"))
    return found


def _annotations(node: ast.FunctionDef) -> list[ast.expr]:
    return [a.annotation for a in [*node.args.posonlyargs, *node.args.args] if a.annotation is not None]


def target_of(text: str) -> Target:
    module = extract(Snapshot("stub_under_test.py", None, text)).module
    program = load(module, text)
    ir = module.functions[0]
    node = program.functions[ir.name]
    assert isinstance(node, ast.FunctionDef)
    return Target(program, ir, node, None)


def tried(target: Target, inputs: Sequence[Case]) -> list[Run]:
    fit = trial.runnable(target, obligations_of(target))
    assert fit.program is not None, fit.reason
    return trial.try_cases(fit.program, list(inputs), 60.0, 512, 2.0)


def broken(runs: Sequence[Run]) -> list[str]:
    """What the runs show to be wrong, as a person would read it."""
    return [
        f"{r.call}: {[k for k, v in r.verdicts.items() if v.holds is False]} {r.outcome}"
        for r in runs
        if r.status == "ok" and r.failed
    ]


STUBS = sorted(OWN_STUBS.glob("**/*.pyi"))
ALL = [v for path in STUBS for v in variants(path, read(path).text)]


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_a_stub_is_well_written_and_names_what_is_there(path):
    found = extract(read(path))
    assert found.error is None
    assert found.problems == ()
    real = importlib.import_module(path.stem)
    program = load(found.module, found.snapshot.text)
    assert [n for n in program.functions if not callable(getattr(real, n, None))] == []
    assert {n: v for n, v in program.constants.items() if getattr(real, n) != v} == {}


@pytest.mark.parametrize(("name", "text"), ALL, ids=[n for n, _ in ALL])
def test_every_clause_holds_for_the_inputs_that_lift_would_try(name, text):
    target = target_of(text)
    inputs, _ = cases(target.ir, target.program.module, trial.constants_of(target), 150)
    runs = tried(target, inputs)
    assert any(r.status == "ok" for r in runs)
    assert broken(runs) == []


# What takes time or memory in proportion to its arguments is tried with small ones.
GROWING = {"factorial", "comb", "perm"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), ALL, ids=[n for n, _ in ALL])
def test_every_clause_holds_for_random_inputs(name, text):
    target = target_of(text)
    wide = target.ir.name not in GROWING
    rows = st.tuples(*(values(t, wide=wide) for _, t in parameter_types(target)))
    names = [n for n, _ in parameter_types(target)]

    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(rows, min_size=120, max_size=150))
    def holds(inputs):
        runs = tried(target, [Case({n: repr(v) for n, v in zip(names, row, strict=True)}) for row in inputs])
        assert broken(runs) == []

    holds()


WRONG = {
    "an Ensures": "Ensures:\n        - ``result > 0``",
    "a Raises that is not raised": "Raises:\n        ValueError: If ``a < 0``.",
}


@pytest.mark.parametrize("clause", WRONG.values(), ids=WRONG)
def test_a_wrong_clause_is_noticed(clause):
    doc = f'"""G.\n\n    {clause}\n    """'
    [(_, text)] = variants(OWN_STUBS / "math.pyi", f"def gcd(a: int, b: int, /) -> int:\n    {doc}\n")
    target = target_of(text)
    inputs, _ = cases(target.ir, target.program.module, [], 150)
    assert broken(tried(target, inputs))


def test_a_change_that_is_not_declared_is_noticed():
    stub = (
        'def heapify(heap: list[int], /) -> None:\n    """H.\n\n    Modifies:\n        - ``none``\n    """\n'
    )
    [(_, text)] = variants(OWN_STUBS / "heapq.pyi", stub)
    assert broken(tried(target_of(text), [Case({"heap": "[3, 1, 2]"})]))
