"""The judge of clauses from the sandbox, in this process: what a check refutes, a test breaks in its words.

The sandbox's modules are loaded there without a package around them and import each other so; here they are
found under those names for as long as the import takes.
"""

from __future__ import annotations

import sys
from typing import Any


def _loaded() -> Any:
    from lift.verify import sandbox_values

    before = sys.modules.get("sandbox_values")
    sys.modules["sandbox_values"] = sandbox_values
    try:
        from lift.verify import sandbox_clauses
    finally:
        if before is None:
            del sys.modules["sandbox_values"]
        else:
            sys.modules["sandbox_values"] = before
    return sandbox_clauses


_clauses = _loaded()
judge, condition, judge_raises = _clauses.judge, _clauses.condition, _clauses.judge_raises
keep, scope_of = _clauses.keep, _clauses.scope_of


class Plans:
    """The checks of one function, as the judge wants them."""

    def __init__(self, checks: list[dict[str, Any]]) -> None:
        self.checks = checks
        self._compiled: dict[str, Any] = {}

    def expression(self, text: str) -> Any:
        """An expression's code, compiled once."""
        if text not in self._compiled:
            self._compiled[text] = compile(text, "<specification>", "eval", 0, dont_inherit=True)
        return self._compiled[text]

    def of_kind(self, *kinds: str) -> list[dict[str, Any]]:
        """The checks of these kinds."""
        return [c for c in self.checks if c["kind"] in kinds]
