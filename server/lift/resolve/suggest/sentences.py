"""Suggested words for what a function is for: no proof can judge them, and their evidence says so."""

from __future__ import annotations

import re

from lift_ir import Candidate

from lift.resolve.context import Context
from lift.resolve.suggest.placed import Placed, Refused

_SCORE = 0.3
_MARKUP = re.compile(r"``|\"\"\"|'''|^\s*>>>|^\w+:\s*$")


def judged(context: Context, placed: Placed) -> Candidate:
    """The candidate.

    Raises:
        Refused: It is no sentence, or would be read as something else than words.
    """
    if _MARKUP.search(placed.filling):
        raise Refused("it would be read as a part of the specification, and not as words")
    words = re.findall(r"[^\W\d_]{2,}", placed.filling)
    # A model that is cut off ends in the middle of one.
    if len(words) < 2 or not placed.filling.endswith((".", "!", "?")):
        raise Refused("it is no sentence")
    return Candidate(text=placed.filling, evidence="words, which nothing can prove", score=_SCORE)
