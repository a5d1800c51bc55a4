"""Two ways of writing the same short text: Markdown, and plain for clients that show no other.

What comes from a program is never taken for markup: a value such as ``__x__`` or ``*`` is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKS = re.compile(r"([\\`*_\[\]<>])")
_TICKS = re.compile(r"`+")
_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_LONGEST = 400


@dataclass(frozen=True)
class Markup:
    """How to write; ``rich`` is Markdown."""

    rich: bool

    def bold(self, text: str) -> str:
        """A title or a name."""
        return f"**{self.text(text)}**" if self.rich else text

    def code(self, text: str) -> str:
        """Source text, on one line."""
        text = shortened(" ".join(text.split()))
        if not self.rich:
            return text
        longest = max((len(run) for run in _TICKS.findall(text)), default=0)
        fence = "`" * (longest + 1)
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def text(self, text: str) -> str:
        """Words, in which lift itself writes source text in backticks."""
        text = shortened(text)
        if not self.rich:
            return text
        # What the pattern captures stands at the odd places.
        parts = _CODE.split(text)
        return "".join(p if n % 2 else _MARKS.sub(r"\\\1", p) for n, p in enumerate(parts))

    def block(self, text: str, language: str = "") -> str:
        """Source text on lines of its own, whatever backticks stand in it."""
        if not self.rich:
            return text
        longest = max((len(run) for run in _TICKS.findall(text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{language}\n{text}\n{fence}"


MARKDOWN = Markup(True)
PLAIN = Markup(False)


def shortened(text: str) -> str:
    """At most a few lines' worth of a text.

    Ensures:
        - ``len(result) <= _LONGEST``
        - ``implies(len(text) <= _LONGEST, result == text)``
    """
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
