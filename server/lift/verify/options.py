"""The bounds under which a check runs; data only, so that every layer may name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SolverChoice = Literal["z3", "both", "agree"]
Backend = Literal["lift", "crosshair"]

NOT_TRUSTED = "the workspace is not trusted: set trusted = true in initializationOptions"


@dataclass(frozen=True)
class Options:
    """Bounds and permissions of a check.

    Attributes:
        seconds: Wall-clock budget for one function.
        float_seconds: How much more a function has that computes with floats, whose proofs take longer.
        memory_mb: Memory limit of a worker, in MiB.
        run_code: Whether the user's code may run in the sandbox. Without it nothing is ever refuted,
            since a refutation has to be replayed.
        untrusted: Whether that is so because nobody trusts the workspace; then people are told that.
        tests: How many inputs a function is run on at most.
        unroll: How often a loop without an invariant is unrolled in search of a counterexample.
        list_bound: Longest container that the search for a counterexample considers.
        solvers: ``z3`` alone; ``both``, cvc5 beside it where it is slow; ``agree``, where cvc5 is asked to
            confirm every proof as well.
        backend: ``crosshair`` asks CrossHair as well for inputs that break what is still open.
    """

    seconds: float = 6.0
    float_seconds: float = 6.0
    memory_mb: int = 2048
    run_code: bool = True
    untrusted: bool = False
    tests: int = 300
    unroll: int = 8
    list_bound: int = 3
    solvers: SolverChoice = "both"
    backend: Backend = "lift"

    @property
    def forbidden(self) -> str:
        """Why the user's code may not run, as the second half of a sentence; empty where it may."""
        if self.run_code:
            return ""
        return NOT_TRUSTED if self.untrusted else "running code is off here"

    @property
    def backend_seconds(self) -> float:
        """The time that another backend has for one function after lift's own check."""
        return 0.0 if self.backend == "lift" else 2 * self.seconds
