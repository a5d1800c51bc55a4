"""What differs between the servers of models: how a request is written and how an answer is read.

Data, a Protocol and what all dialects share. Must not import anything of lift but its errors, the IR, and
``lift.generate``'s ``provider`` and ``events``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lift_ir import Tokens

from lift.errors import BadAnswer, ProviderError, RateLimited, Unreachable
from lift.generate.events import Event
from lift.generate.provider import Finish, OutputSchema, Request


@dataclass(frozen=True)
class Form:
    """How a request is written, from everything that it may say to what the server understands.

    Attributes:
        constrained: Whether the schema goes along for the server to enforce.
        without: Fields that the server does not take.
    """

    constrained: bool = True
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outgoing:
    """What is sent."""

    path: str
    body: Mapping[str, Any]


@dataclass
class Reading:
    """What was read of an answer so far.

    Attributes:
        finish: Why it ended; None where the server did not say, which is a broken-off answer.
        ended: Whether nothing more is to come.
    """

    pieces: list[str] = field(default_factory=list)
    finish: Finish | None = None
    model: str = ""
    tokens: Tokens | None = None
    ended: bool = False

    @property
    def text(self) -> str:
        """All pieces."""
        return "".join(self.pieces)


class Dialect(Protocol):
    """One way to talk to a server of models."""

    @property
    def name(self) -> str:
        """The provider's name in the registry."""
        ...

    @property
    def models_path(self) -> str:
        """Where the models are listed."""
        ...

    def write(self, model: str, request: Request, form: Form, rid: str) -> Outgoing:
        """The request as the server wants it, its answer to be streamed.

        Args:
            rid: A name for the request, for servers that can end it by that name.
        """
        ...

    def read(self, document: Any, event: str, reading: Reading) -> str:
        """Takes in one event, or the whole answer of a server that does not stream.

        Returns:
            The next piece of the text.

        Raises:
            ProviderError: It says that something is wrong.
        """
        ...

    def models(self, document: Any) -> tuple[str, ...]:
        """The models of a list."""
        ...

    def lesser(self, form: Form, request: Request, detail: str) -> Form | None:
        """The form to try next after the server refused this one; None if that is hopeless.

        Args:
            detail: What the server said about it.
        """
        ...


def taken_in(dialect: Dialect, event: Event, reading: Reading, place: str) -> str:
    """The text that an event adds.

    Raises:
        ProviderError: It is no event of this dialect, or says that something is wrong.
    """
    if event.data.strip() == "[DONE]":
        reading.ended = True
        return ""
    try:
        document = json.loads(event.data)
        piece = dialect.read(document, event.name, reading)
    except ProviderError as error:
        error.args = (f"{place} {error}",)
        raise
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        raise BadAnswer(
            f"{place} does not speak the protocol of {dialect.name}; check endpoint and provider"
        ) from None
    # Half of a surrogate pair is valid JSON and no text: it could be neither shown nor saved.
    piece = piece.encode("utf-8", "replace").decode("utf-8")
    reading.model = one_line(reading.model)
    if piece:
        reading.pieces.append(piece)
    return piece


def broken(kind: str, message: object) -> ProviderError:
    """An error that comes in the middle of a stream."""
    said = " ".join(str(message or kind).split())[:240].rstrip(".")
    if "rate" in kind or kind in ("429", "RESOURCE_EXHAUSTED"):
        return RateLimited(f"gets too many requests ({said}); try again later, or lower requests-per-minute")
    return Unreachable(f"broke off its answer ({said}); trying again may help")


def one_line(name: str) -> str:
    """A name as a server gives it, fit to be shown."""
    return "".join(c for c in name[:200] if c.isprintable())


def whole(value: object) -> int:
    """A count as servers give it; 0 for what is none."""
    return value if isinstance(value, int) and value >= 0 else 0


def described(system: str, output: OutputSchema | None) -> str:
    """Instructions for a server that cannot be given the schema: it is written into them."""
    if output is None:
        return system
    schema = json.dumps(output.schema, separators=(",", ":"))
    return (
        f"{system}\n\nAnswer with a single JSON value that is valid against this JSON Schema,"
        f" without any text or code fence around it:\n{schema}"
    )


def has_shape(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether a text is JSON of the schema's outermost shape.

    Tells an answer that was held to the schema from one whose server ignored it; whether it is valid is for
    whoever asked to say.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool}
    wanted = kinds.get(str(schema.get("type", "")), object)
    if not isinstance(value, wanted):
        return False
    if isinstance(value, dict):
        if not all(key in value for key in schema.get("required", ())):
            return False
        if schema.get("additionalProperties") is False:
            return all(key in schema.get("properties", {}) for key in value)
    return True
