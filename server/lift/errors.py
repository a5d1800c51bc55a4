"""Every error that lift raises on purpose, so that callers can catch one tree.

    LiftError                 a user's mistake or a broken surrounding, with a remedy in its text
    ├── SourceError           a file that cannot be read as source text
    ├── ConfigError           a setting that cannot be used
    └── ProviderError         a model provider that cannot answer

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
    """A model provider cannot answer; the text says whether trying again can help."""
