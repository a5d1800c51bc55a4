"""Every error that lift raises on purpose, so that callers can catch one tree.

    LiftError                 a user's mistake or a broken surrounding, with a remedy in its text
    ├── SourceError           a file that cannot be read as source text
    ├── ConfigError           a setting that cannot be used
    └── ProviderError         a model provider that cannot answer
        ├── NotConfigured     something that it needs is not set up
        ├── Unreachable       nobody answers at its address, or the server is broken
        ├── Unauthorized      the key is missing, wrong, or not for this model
        ├── Refused           the server does not take the request
        ├── RateLimited       too many requests, by the server's or the user's own limit
        ├── OverBudget        the user's tokens of the day are used up
        ├── TimedOut          it took too long
        └── BadAnswer         what came back is no answer

Verdicts are not errors: what could not be decided is said by a verdict. Imports nothing of lift.
"""

from __future__ import annotations

from pathlib import Path


class LiftError(Exception):
    """The root: its text is meant for the user and names the remedy."""


class SourceError(LiftError):
    """A file cannot be read as source text.

    Attributes:
        path: The file.
        message: What is wrong and what to do about it.
        line: Where, from 1; None when no line can be named.
    """

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.line = line

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line is not None else str(self.path)
        return f"{place}: {self.message}"


class ConfigError(LiftError):
    """A setting cannot be used; the text names the setting and what would be accepted."""


class ProviderError(LiftError):
    """A model provider cannot answer; the text says where, what to do, and whether trying again can help.

    Attributes:
        again: Whether the same request may be answered a little later.
        wait: Seconds after which the server wants to be asked again, if it said so.
    """

    again: bool = False
    wait: float | None = None


class NotConfigured(ProviderError):
    """Something that the provider needs is missing on this machine: a package, a file, a name."""


class Unreachable(ProviderError):
    """Nobody answers at the address, or the server says that it is broken."""

    again = True


class Unauthorized(ProviderError):
    """The key is missing, wrong, or not for this model."""


class Refused(ProviderError):
    """The server does not take the request, and will not take the same one later.

    Attributes:
        status: The HTTP status, 0 if it is not that.
        detail: What the server says, in one line.
    """

    status: int = 0
    detail: str = ""


class RateLimited(ProviderError):
    """Too many requests, by the server's limit or by the user's own."""

    again = True


class OverBudget(ProviderError):
    """The tokens that the user allows for a day are used up; nothing was asked."""


class TimedOut(ProviderError):
    """No answer within the time that there is."""

    again = True


class BadAnswer(ProviderError):
    """What came back is no answer: broken off, not the protocol, or far too long."""

    again = True
