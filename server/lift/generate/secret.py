"""A key that does not show itself: not in a message, a log, a repr or a traceback.

Must not import anything of lift.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """A text that is written only where ``reveal`` is called.

    Attributes:
        origin: Where it was found, for people: ``OPENAI_API_KEY in the environment``.
    """

    _text: str = field(repr=False)
    origin: str = ""

    def reveal(self) -> str:
        """The text itself, for a header."""
        return self._text

    def __str__(self) -> str:
        return "…"

    def __reduce__(self):
        # A pickle is a file or a pipe, and a key belongs in neither.
        raise TypeError("a key is not written anywhere")


def without(text: str, secrets: tuple[Secret, ...]) -> str:
    """``text`` with each of the secrets cut out, since a server may repeat what it was sent."""
    for secret in secrets:
        # A server that repeats a key leaves away the word before it.
        for part in {secret.reveal(), secret.reveal().removeprefix("Bearer ")}:
            if len(part) >= 4:
                text = text.replace(part, "…")
    return text
