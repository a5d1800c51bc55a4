"""What is found of loops, against CPython: every found invariant in every round, every proof on every run.

Nothing is run while the verifier decides, so that nothing takes back what a run contradicts.
``LIFT_DEEP=N pytest -m slow`` tries N programs.
"""

from __future__ import annotations

import ast
import copy
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult, LoopResult, Module
from loop_programs import loop_program

DEEP = int(os.environ.get("LIFT_DEEP", "0"))
DATA = Path(__file__).parents[1] / "data" / "loops_hold.py"
_VALUES = {
    "int": (0, 1, 2, 3, 5, 8, -1, -2, -5, True),
    "list[int]": ([], [0], [1], [1, 2], [2, 1, 1], [-1, 3, 0], [5, -2, 5, 1], [True, 1]),
    "str": ("", "a", "ab", "aab", "é0"),
    "list[str]": ([], ["a"], ["b", ""], ["aa", "b", "a"]),
}


class _Watched(ast.NodeTransformer):
    """The function with its found invariants evaluated at the head of each round."""

    def __init__(self, loops: tuple[LoopResult, ...]) -> None:
        self.loops = {loop.line: loop for loop in loops}

    def _watch(self, node: ast.For | ast.While) -> Any:
        self.generic_visit(node)
        found = self.loops.get(node.lineno)
        if found is None:
            return node
        done, before = f"rounds_{node.lineno}", f"before_{node.lineno}"
        head = f"{done} = 0\n{before} = noted(locals(), entry_)"
        rounds = f"{found.rounds} = {done}" if found.rounds else "pass"
        checks = [f"{rounds}\n{done} += 1"]
        for invariant in found.invariants:
            text = ast.unparse(_Old(before).visit(ast.parse(invariant.text, mode="eval")))
            checks.append(f"watch(lambda: ({text}), {invariant.text!r})")
        node.body = [*ast.parse("\n".join(checks)).body, *node.body]
        return [*ast.parse(head).body, node]

    def visit_For(self, node: ast.For) -> Any:
        return self._watch(node)

    def visit_While(self, node: ast.While) -> Any:
        return self._watch(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        node.body = [*ast.parse("entry_ = noted(locals(), {})").body, *node.body]
        return node


class _Old(ast.NodeTransformer):
    def __init__(self, before: str) -> None:
        self.before = before

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "old":
            return ast.parse(f"{self.before}[{ast.unparse(node.args[0])!r}]", mode="eval").body
        return node


def _noted(variables: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    plain = (int, str, list, tuple, type(None))
    found = {k: copy.deepcopy(v) for k, v in variables.items() if isinstance(v, plain)}
    return {**found, **entry}


def watch(holds: Any, text: str) -> None:
    try:
        fine = holds()
    except Exception as error:
        raise AssertionError(f"UNSOUND: {text} raises {error!r}") from error
    if not fine:
        raise AssertionError(f"UNSOUND: {text} is false")


def checked(text: str, name: str) -> tuple[Module, FunctionResult]:
    module = extract(Snapshot("loops.py", None, text)).module
    return module, check_function(module, text, name, Options(seconds=4.0, run_code=False))


def inputs(module: Module, name: str, most: int) -> Iterator[dict[str, Any]]:
    function = next(f for f in module.all_functions() if f.qualname == name)
    rng = Random(name)
    for _ in range(most):
        yield {
            p.name: copy.deepcopy(rng.choice(_VALUES[p.type.text]))
            for p in function.signature.parameters
            if p.type.kind == "type"
        }


def _holds(condition: str, values: dict[str, Any]) -> bool:
    return bool(eval(condition, {"implies": lambda p, q: not p or q, **values}))


def contradictions(text: str, module: Module, result: FunctionResult, most: int) -> list[str]:
    """What runs say against the result."""
    function = next(f for f in module.all_functions() if f.qualname == result.name)
    tree = _Watched(result.loops).visit(ast.parse(text))
    space: dict[str, Any] = {"watch": watch, "noted": _noted}
    exec(compile(ast.fix_missing_locations(tree), "watched", "exec"), space)
    requires = [c.expression for c in function.clauses if c.kind == "requires" and c.expression]
    proved = [c.text for c in result.clauses if c.kind == "ensures" and c.verdict == "proved"]
    safe = any(c.kind == "no-raise" and c.verdict == "proved" for c in result.clauses)
    found: list[str] = []
    for values in inputs(module, result.name, most):
        if not all(_holds(r, values) for r in requires):
            continue
        try:
            came = space[result.name](**copy.deepcopy(values))
        except Exception as error:
            if safe or "UNSOUND" in str(error):
                found.append(f"{values}: {error!r}")
            continue
        found += [f"{values}: {p}" for p in proved if not _holds(p, {**values, "result": came})]
    return found


def agree(text: str, name: str, most: int = 60) -> FunctionResult:
    module, result = checked(text, name)
    found = contradictions(text, module, result, most)
    assert not found, f"{text}\n{result.loops}\n{found[:3]}"
    return result


@pytest.mark.parametrize("seed", range(5))
def test_random_loops(seed: int) -> None:
    agree(loop_program(Random(seed)), "f")


@pytest.mark.slow
@pytest.mark.skipif(not DEEP, reason="LIFT_DEEP is not set")
def test_deep() -> None:
    rng = Random()
    for _ in range(DEEP):
        agree(loop_program(rng), "f", 120)


@pytest.mark.parametrize("name", ["has_break", "split_by", "gcd", "digit_count", "by_twos", "has_else"])
def test_what_is_found_of_known_loops(name: str) -> None:
    assert agree(DATA.read_text(), name).loops


def test_what_a_target_was_before_the_loop_is_not_what_it_is_inside() -> None:
    text = '''def f(n: int) -> int:
    """Count, with a target that has a value before.

    Ensures:
        - ``result >= 0``
    """
    i, a = 0, 0
    for i in range(3 * n):
        a += 0 if a == 1 else 1
    return a
'''
    assert agree(text, "f").loops


def test_a_wrong_invariant_is_noticed() -> None:
    text = loop_program(Random(0))
    module, result = checked(text, "f")
    line = next(n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.For | ast.While))
    wrong = LoopResult.model_validate({"line": line, "invariants": [{"text": "i != 1 and n != 2"}]})
    assert contradictions(text, module, result.model_copy(update={"loops": (wrong,)}), 60)
