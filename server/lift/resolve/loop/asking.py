"""How candidates are asked of whoever writes them: a question, and replies as they come in.

Data and a Protocol. Must not know any provider.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from lift_ir import Function, Module
from lift_ir.generation import Rejection, Tokens


@dataclass(frozen=True)
class Question:
    """What is wanted.

    Attributes:
        text: The file; ``module`` is its IR and ``function`` the one whose body is wanted.
        count: How many candidates.
        round: From 1.
        failures: What failed in the rounds before, the nearest miss first.
    """

    module: Module
    text: str
    function: Function
    count: int
    round: int = 1
    failures: tuple[Rejection, ...] = ()


@dataclass(frozen=True)
class Written:
    """A candidate.

    Attributes:
        code: The definition, perhaps with imports above it.
        imports: Import statements that stand beside it.
        model: The model that wrote it, as its server names it.
        prompt: Digest of what it was asked, 16 hex digits.
    """

    code: str
    imports: tuple[str, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: Tokens = field(default_factory=Tokens)


@dataclass(frozen=True)
class Unusable:
    """An answer that holds no candidate, and why."""

    text: str
    reason: str
    tokens: Tokens = field(default_factory=Tokens)


@dataclass(frozen=True)
class Remark:
    """Something that a person should know, such as that the server cannot constrain its answers."""

    text: str


@dataclass(frozen=True)
class Heard:
    """Something is coming in.

    Attributes:
        tokens: How many tokens have come in in this round, about: the server counts them at the end only.
    """

    tokens: int


Reply = Written | Unusable | Remark | Heard


class Writer(Protocol):
    """Writes candidates; used from one event loop."""

    @property
    def name(self) -> str:
        """The model's name, for a status line."""
        ...

    def write(self, question: Question) -> AsyncGenerator[Reply, None]:
        """Candidates as they come in. Closing the iterator ends the requests.

        Raises:
            ProviderError: There will be no more; what came before counts.
        """
        ...
