"""The threat model keeps its word: every line of ``docs/security.md`` names a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security.md"


def threats() -> list[str]:
    """What stands in the last column of the tables of threats."""
    found: list[str] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.endswith("| test |"):
            inside = True
        elif inside and not line.startswith("|---"):
            found.append(line.rstrip(" |").rpartition("| ")[2])
    return found


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")}


def test_every_threat_names_a_test_that_exists() -> None:
    named = threats()
    assert len(named) > 20
    for one in named:
        found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", one)
        assert found, one
        assert found[2] in names_in(ROOT / found[1]), one


def test_every_attempt_to_break_out_is_in_the_threat_model() -> None:
    file = "tests/lift/verify/test_sandbox.py"
    named = {one.partition("::")[2].rstrip("`") for one in threats() if file in one}
    # What must still work is no threat.
    harmless = {
        "test_a_module_of_the_library_can_still_be_loaded",
        "test_checks_are_judged_by_the_sandbox_of_their_own_case",
    }
    assert names_in(ROOT / file) - harmless == named
