"""What every resolver of holes is given: the hole with all that is around it. Data only.

Must not import a resolver: each of them imports this, and ``lift.resolve.holes`` imports each of them when
its kind is first asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lift_ir import Candidate, Class, Function, Hole, Module

from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

DEFAULTS = Options()


@dataclass(frozen=True)
class Neighbour:
    """Another text of the workspace that may call what has the hole.

    Attributes:
        path: As a person would write it, for messages.
        text: Its newest text.
    """

    path: str
    text: str


@dataclass(frozen=True)
class Context:
    """One hole to resolve.

    Attributes:
        text: The module's text, which parses.
        owner: The function or class that has the hole.
        options: Bounds and permissions; ``options.run_code`` says whether the user's code may be run.
        sources: What the module imports from.
        neighbours: Other texts of the workspace that name the owner.
        deadline: On ``time.monotonic()``'s clock; candidates that were found until then are returned.
        ask_jedi: Whether jedi may be asked, which takes up to seconds.
    """

    module: Module
    text: str
    owner: Function | Class
    hole: Hole
    options: Options = DEFAULTS
    sources: Sources = NOTHING
    neighbours: tuple[Neighbour, ...] = ()
    deadline: float = field(default=float("inf"), compare=False)
    ask_jedi: bool = False

    @property
    def function(self) -> Function | None:
        """The function that has the hole, None where a class has it."""
        return self.owner if isinstance(self.owner, Function) else None

    @property
    def ran_out(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.deadline


Resolver = Callable[[Context], tuple[Candidate, ...]]
"""Candidates for one hole, in any order; none where nothing is known. It never raises for odd code."""
