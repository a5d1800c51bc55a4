"""The one way to ask a model: a request, an answer, and the Protocol that every provider keeps.

Data and a Protocol only, so that whoever prepares or reads requests loads no network code. Which providers
there are is said by ``lift.generate.registry``; that each keeps what is promised here, by one conformance
suite. Must not import anything of lift but its errors and the IR.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from lift_ir import Tokens

Role = Literal["user", "assistant"]
Finish = Literal["stop", "length", "refusal"]


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True)
class OutputSchema:
    """The JSON Schema that an answer has to meet, with the name under which servers cache it.

    Attributes:
        schema: What every server that holds answers to a schema can be given.
        bounded: The same with bounds on the length of text, None if there are none. For llama.cpp, where
            they keep a small model from going on for ever; under XGrammar a bounded string takes no escapes,
            so that no line could end in it.
    """

    name: str
    schema: Mapping[str, Any]
    bounded: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Request:
    """What a model is asked.

    Requests that share ``system`` and their first messages share a prefix, which servers keep in a cache.

    Attributes:
        system: Instructions; no text of the user's code belongs here.
        messages: The conversation, the user's turn last.
        output: The form of the answer; None for free text.
        temperature: From 0 to 2; None leaves it to the server. Ignored where a model takes none.
        seed: Makes an answer repeatable where the server can; None for none.
        most_tokens: Longest answer, in tokens.
    """

    system: str
    messages: tuple[Message, ...]
    output: OutputSchema | None = None
    temperature: float | None = None
    seed: int | None = None
    most_tokens: int = 2048


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Attributes:
        text: All of it. Where ``constrained`` it is JSON of the schema's shape unless ``finish`` is not
            ``stop``; it is to be validated all the same.
        finish: Why it ended.
        model: The model's name as the server gives it.
        constrained: Whether the server held the answer to the schema while it was written.
        tokens: What it cost.
    """

    text: str
    finish: Finish
    model: str
    constrained: bool = False
    tokens: Tokens = field(default_factory=Tokens)


@dataclass(frozen=True)
class Health:
    """What a provider says of itself.

    Attributes:
        ready: Whether a request would be answered now.
        message: For people; names the remedy where it is not ready.
        models: The models that it offers, if it says so.
    """

    ready: bool
    message: str
    models: tuple[str, ...] = ()


class Provider(Protocol):
    """A model behind a server or in this process. Used from one event loop."""

    @property
    def name(self) -> str:
        """The name in the registry, for example ``openai-compatible``."""
        ...

    @property
    def model(self) -> str:
        """The model that is asked."""
        ...

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        """Asks the model. Cancelling the task ends the work at the server as well, where it can be told.

        Args:
            heard: Called with each piece of the answer as it comes in.

        Raises:
            ProviderError: There is no answer; the text says what to do about it.
        """
        ...

    async def health(self) -> Health:
        """Whether the model can be asked. Never raises ``ProviderError``."""
        ...

    async def close(self) -> None:
        """Gives back what it holds."""
        ...
