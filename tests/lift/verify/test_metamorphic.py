"""Changes that mean nothing: what is proved is never refuted after one of them, nor the other way round."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from lift.extract import Extraction, extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "data"
FILES = ("holds.py", "violated.py", "statements_hold.py", "statements_broken.py")
Change = Callable[[ast.FunctionDef], object]


@functools.cache
def extraction(text: str) -> Extraction:
    return extract(Snapshot("metamorphic.py", None, text))


@functools.cache
def check(text: str, qualname: str) -> FunctionResult:
    return check_function(extraction(text).module, text, qualname, Options(seconds=20))


def changed(text: str, qualname: str, change: Change) -> str:
    """The text with one function changed."""
    tree = ast.parse(text)
    place: ast.AST = tree
    for name in qualname.split("."):
        body = getattr(place, "body", [])
        place = next(n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name)
    assert isinstance(place, ast.FunctionDef)
    change(place)
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def rename(function: ast.FunctionDef) -> None:
    """Another name for each local variable that is only ever a plain name."""
    nodes = list(ast.walk(function))
    taken = {a.arg for n in nodes if isinstance(n, ast.arguments) for a in _arguments(n)}
    taken |= {x for n in nodes if isinstance(n, ast.Global | ast.Nonlocal) for x in n.names}
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - taken
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in names:
            node.id += "_renamed"
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name in names:
            node.name = f"{node.name}_renamed"
        elif isinstance(node, ast.MatchMapping) and node.rest in names:
            node.rest = f"{node.rest}_renamed"
        elif isinstance(node, ast.ExceptHandler) and node.name in names:
            node.name = f"{node.name}_renamed"


def _arguments(node: ast.arguments) -> list[ast.arg]:
    rest = [a for a in (node.vararg, node.kwarg) if a]
    return [*node.posonlyargs, *node.args, *node.kwonlyargs, *rest]


def reorder(function: ast.FunctionDef) -> None:
    """Swap neighbours that give constants or parameters to different variables."""
    parameters = {a.arg for a in _arguments(function.args)}
    for node in ast.walk(function):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for i in range(len(body) - 1):
            if all(_plain(s, parameters) for s in body[i : i + 2]):
                first, second = body[i : i + 2]
                names = {n.id for n in ast.walk(first) if isinstance(n, ast.Name)}
                if not names & {n.id for n in ast.walk(second) if isinstance(n, ast.Name)}:
                    body[i : i + 2] = second, first


def _plain(statement: ast.stmt, parameters: set[str]) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant()):
            return target not in parameters
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Name(id=source)):
            return target not in parameters and source in parameters
    return False


def dead_code(function: ast.FunctionDef) -> None:
    """Statements that nothing depends on, and some that never run."""
    start = 1 if ast.get_docstring(function) is not None else 0
    added = "never = 1\nif never > 1:\n    raise RuntimeError('never')\nif False:\n    never = never / 0"
    function.body[start:start] = ast.parse(added).body


def swap_branches(function: ast.FunctionDef) -> None:
    """The branches of each ``if`` the other way round, under the negated condition."""
    for node in list(ast.walk(function)):
        if isinstance(node, ast.If):
            test = ast.UnaryOp(ast.Not(), node.test)
            node.test, node.body, node.orelse = test, node.orelse or [ast.Pass()], node.body


CHANGES: dict[str, Change] = {f.__name__: f for f in (rename, reorder, dead_code, swap_branches)}


def functions() -> list[tuple[str, str]]:
    return [
        (name, f.qualname)
        for name in FILES
        for f in extraction((DATA / name).read_text()).module.all_functions()
        if f.specified
    ]


def compare(name: str, qualname: str, change: str) -> None:
    text = (DATA / name).read_text()
    before = check(text, qualname)
    after = check(changed(text, qualname, CHANGES[change]), qualname)
    assert {before.verdict, after.verdict} != {"proved", "refuted"}, changed(text, qualname, CHANGES[change])
    kinds = {(c.kind, c.text): c.verdict for c in before.clauses}
    for clause in after.clauses:
        assert {clause.verdict, kinds.get((clause.kind, clause.text))} != {"proved", "refuted"}, clause


ALL = list(itertools.product(functions(), CHANGES))


@pytest.mark.parametrize(("function", "change"), ALL[::17], ids=str)
def test_a_change_that_means_nothing(function: tuple[str, str], change: str) -> None:
    compare(*function, change)


@pytest.mark.slow
@pytest.mark.parametrize("function", functions(), ids=str)
def test_each_change_that_means_nothing(function: tuple[str, str]) -> None:
    for change in CHANGES:
        compare(*function, change)


def test_the_changes_change_something() -> None:
    text = 'def f(a):\n    """Doc."""\n    b = 1\n    c = a\n    if a:\n        return b\n    return c\n'
    shown = {name: changed(text, "f", change) for name, change in CHANGES.items()}
    assert "b_renamed = 1" in shown["rename"]
    assert shown["reorder"].index("c = a") < shown["reorder"].index("b = 1")
    assert "if not a:\n        pass\n    else:\n        return b" in shown["swap_branches"]
    assert "raise RuntimeError" in shown["dead_code"]
