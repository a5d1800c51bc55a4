"""What tells a file of tests that was left as it was written from one that somebody changed."""

from __future__ import annotations

import hashlib

MARK = "# Written by `lift testgen`"


def digest(text: str) -> str:
    """What tells whether a written file was changed by hand."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_untouched(text: str) -> bool:
    """Whether a file is as it was written."""
    first, _, rest = text.partition("\n")
    return first == f"{MARK}; its digest is {digest(rest)}."
