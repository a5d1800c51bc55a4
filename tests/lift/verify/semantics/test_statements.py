"""Statements against CPython: patterns, handlers, managers, nested functions, on a few inputs each."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest
from harness import agree

SOURCE = (Path(__file__).parent / "data" / "statements.py").read_text()
TREE = ast.parse(SOURCE)
FUNCTIONS = {n.name: n for n in TREE.body if isinstance(n, ast.FunctionDef)}
REST = "\n".join(ast.unparse(n) for n in TREE.body if not isinstance(n, ast.FunctionDef))
INPUTS: dict[str, list[object]] = {
    "int": [-2, -1, 0, 1, 2, 3, True, False],
    "bool": [True, False],
    "str": ["", "a", "c", "ab"],
    "list[int]": [[], [1], [1, 2], [1, 2, 3], [0, 2, 5]],
    "dict[str, int]": [{}, {"a": 1}, {"a": 2}, {"a": 2, "b": 3}, {"b": 3}],
    "int | str | None | tuple[int, int]": [None, 3, (1, 2), "a"],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_statements(name: str) -> None:
    kinds = [ast.unparse(a.annotation) for a in FUNCTIONS[name].args.args if a.annotation]
    source = f"{REST}\n{ast.unparse(FUNCTIONS[name])}\n"
    report = agree(source, name, list(itertools.product(*(INPUTS[k] for k in kinds))))
    assert report.proof
