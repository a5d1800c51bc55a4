"""A suggestion in its place, and the word for one that is no good. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from lift_ir import Class, Counterexample, Function, Module


@dataclass(frozen=True)
class Placed:
    """The text with a suggestion in the hole's place.

    Attributes:
        module: The IR of ``text``.
        owner: What had the hole, as it is in ``module``.
        filling: The suggestion, on one line.
        imports: Import statements that came with it.
    """

    text: str
    module: Module
    owner: Function | Class
    filling: str
    imports: tuple[str, ...] = ()


class Refused(Exception):
    """A suggestion failed a check.

    Attributes:
        reason: A sentence without a capital and a full stop.
        counterexample: The input that broke it, where one did.
    """

    def __init__(self, reason: str, counterexample: Counterexample | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.counterexample = counterexample
