"""What a sentence says is passed: ``the median of a non-empty list of integers`` is of one list. Text work.

Only for a few phrases that leave no doubt; what they do not say, such as the type of a list's elements,
stays open. Nothing here knows what the function does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADJECTIVES = r"(?:(?:non-?empty|sorted|positive|non-?negative|negative|even|odd)\s+)*"
_ELEMENTS = {
    "integers": "int",
    "ints": "int",
    "whole numbers": "int",
    "floats": "float",
    "strings": "str",
    "words": "str",
    "texts": "str",
}
_LIST = re.compile(
    rf"\b(?:an?|the|one)\s+(?P<adjectives>{_ADJECTIVES})list(?:\s+of\s+(?P<inner>{_ADJECTIVES})"
    rf"(?P<elements>{'|'.join(_ELEMENTS)}))?\b",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    rf"\b(?:an?|one)\s+(?P<adjectives>{_ADJECTIVES})(?P<noun>integer|whole number|int|string|text|float)\b",
    re.IGNORECASE,
)
_NOUNS = {
    "integer": ("number", "int"),
    "whole number": ("number", "int"),
    "int": ("number", "int"),
    "float": ("number", "float"),
    "string": ("text", "str"),
    "text": ("text", "str"),
}
_OF = re.compile(r"\b(?:of|from|in|for|across|over)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Passed:
    """A parameter that a sentence names.

    Attributes:
        type: Its annotation; empty where the sentence leaves it open.
        family: The type without what is open in it, for those that read the adjectives.
        adjectives: What the sentence says of it: ``non-empty``.
        start: Where the words that introduce it begin in the sentence.
    """

    name: str
    type: str
    family: str
    adjectives: tuple[str, ...] = ()
    start: int = 0


def passed_in(sentence: str) -> Passed | None:
    """The one parameter that a sentence names; None where it names none, or more."""
    found = [*_LIST.finditer(sentence), *_SINGLE.finditer(sentence)]
    if len(found) != 1:
        return None
    (match,) = found
    before = _OF.search(sentence[: match.start()])
    if before is None:
        # "Return a list" says what comes out.
        return None
    said = match.groupdict()
    adjectives = tuple(re.split(r"\s+", said["adjectives"].lower().strip())) if said["adjectives"] else ()
    if "noun" in said:
        name, kind = _NOUNS[said["noun"].lower()]
        return Passed(name, kind, kind, adjectives, before.start())
    element = _ELEMENTS.get((said.get("elements") or "").lower())
    if said.get("inner"):
        # What is said of each element takes an expression of its own.
        return None
    kind = f"list[{element}]" if element else ""
    return Passed("values", kind, kind or "list", adjectives, before.start())
