"""Rules of classes against CPython: each function of the data files, on a few inputs."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest
from harness import agree

DATA = Path(__file__).parent / "data"
FILES = ("class_operators.py", "class_attributes.py")
TREES = {name: ast.parse((DATA / name).read_text()) for name in FILES}
FUNCTIONS = {(f, n.name): n for f, t in TREES.items() for n in t.body if isinstance(n, ast.FunctionDef)}
INPUTS: dict[str, list[object]] = {
    "int": [-2, -1, 0, 1, 2, 3, True],
    "bool": [True, False],
    "str": ["", "a"],
    "list[int]": [[], [1], [1, 2], [3, 2, 5]],
}
NOT_YET = frozenset(
    [
        "dataclasses_inherited_equality",
        "in_place_missing",
        "ordering_weakly",
        "subtracting",
        "truth_in_loops",
        "unary_that_is_missing",
    ]
)
"""What the verifier says that it does not model, or knows by invariants only."""


@pytest.mark.parametrize(("file", "name"), FUNCTIONS)
def test_functions(file: str, name: str) -> None:
    function = FUNCTIONS[file, name]
    rest = ast.Module([n for n in TREES[file].body if not isinstance(n, ast.FunctionDef)], [])
    kinds = [ast.unparse(a.annotation) for a in function.args.args if a.annotation]
    source = f"{ast.unparse(rest)}\n{ast.unparse(function)}\n"
    report = agree(source, name, list(itertools.product(*(INPUTS[k] for k in kinds))))
    assert report.exact != (name in NOT_YET)
