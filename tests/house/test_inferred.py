"""The page of specifications inferred for the standard library: true in CPython, and still proved."""

from __future__ import annotations

import ast
import copy
import importlib
import importlib.util
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]


def tool() -> ModuleType:
    """``tools/stdlib_inference.py``, which is no package."""
    spec = importlib.util.spec_from_file_location("stdlib_inference", ROOT / "tools" / "stdlib_inference.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


TOOL = tool()
PAGE = TOOL.PAGE.read_text(encoding="utf-8")
SAID = TOOL.said_on(PAGE)
VERSION = re.search(r"Python (\d+\.\d+)", PAGE)

# Sizes that a machine has, and numbers that are no size of any; those between would take all memory.
NUMBERS = st.integers(-40, 40) | st.integers(-10_000, 10_000) | st.sampled_from([2**70, -(2**70), 2**63])
VALUES = {
    "int": NUMBERS,
    "bool": st.booleans(),
    "str": st.text(alphabet="ab &<>\"'/.:\n \té0", max_size=8) | st.text(max_size=5),
    "None": st.none(),
    "float": st.floats(),
    "list[int]": st.lists(st.integers(-3, 3) | NUMBERS, max_size=6),
}
VALUES |= {f"{kind} | None": VALUES[kind] | st.none() for kind in ("int", "str")}


def parameters(said: Any) -> dict[str, str]:
    return {name: kind for name, kind in said.subject.types.items() if name != "return"}


class Old(ast.NodeTransformer):
    """Gives each ``old(e)`` a name."""

    def __init__(self) -> None:
        self.olds: dict[str, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "old":
            name = f"__old{len(self.olds)}"
            self.olds[name] = ast.unparse(node.args[0])
            return ast.Name(name, ast.Load())
        self.generic_visit(node)
        return node


def judged(expression: str, names: dict[str, Any]) -> bool:
    return bool(eval(expression, {"implies": lambda p, q: not p or q, **names}))


def check(said: Any, arguments: dict[str, Any]) -> None:
    """Call the library's own function, and judge each clause by it."""
    assume(all(judged(c, arguments) for c in said.expressions("Requires")))
    rewritten = Old()
    ensures = [ast.unparse(rewritten.visit(ast.parse(c, mode="eval"))) for c in said.expressions("Ensures")]
    before = {n: copy.deepcopy(eval(e, {}, arguments)) for n, e in rewritten.olds.items()}
    raises = {row.partition(":")[0]: row for row in said.lines.get("Raises", ())}
    expected = {n: judged(re.findall("``(.+)``", row)[0], arguments) for n, row in raises.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        function = getattr(importlib.import_module(said.subject.module), said.subject.name)
    passed = copy.deepcopy(arguments)
    error: Exception | None = None
    result = None
    try:
        result = function(*(passed[n] for n in parameters(said)))
    except Exception as caught:
        error = caught
    if error is not None:
        # Without a Requires, what nothing was said of may be raised.
        assert expected.get(type(error).__name__, not said.expressions("Requires")), (arguments, error)
        return
    assert not any(expected.values()), arguments
    # A parameter that the body rebinds still means what was passed.
    for clause in ensures:
        assert judged(clause, {**passed, **before, "result": result}), (clause, arguments, result)


def test_the_page_tells_of_twenty_functions_and_says_something_of_each():
    labels = [s.subject.label for s in SAID]
    assert labels == re.findall(r"^## `(\S+)`$", PAGE, re.MULTILINE)
    assert len(labels) == len(set(labels)) >= 20
    assert all(s.lines for s in SAID)
    count = sum(len(s.expressions(n)) for s in SAID for n in TOOL.SECTIONS)
    assert f": {count} clauses" in PAGE
    assert max(len(line) for line in PAGE.splitlines() if not line.startswith("|")) <= 110


@pytest.mark.parametrize("said", SAID, ids=lambda s: s.subject.label)
def test_each_clause_holds_for_the_librarys_own_function(said):
    arguments = st.fixed_dictionaries({n: VALUES[k] for n, k in parameters(said).items()})

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    @given(arguments)
    def run(made: dict[str, Any]) -> None:
        check(said, made)

    run()


def version_of_the_page() -> bool:
    return VERSION is not None and VERSION[1] == ".".join(map(str, sys.version_info[:2]))


@pytest.mark.slow
@pytest.mark.skipif(not version_of_the_page(), reason="the page is about another Python's library")
@pytest.mark.parametrize("said", SAID, ids=lambda s: s.subject.label)
def test_each_clause_is_proved_of_the_librarys_source(said):
    # To find them anew: .venv/bin/python tools/stdlib_inference.py
    assert TOOL.unproved(said) == []
