"""Kinds of code actions, of which a client names those that it wants."""

from __future__ import annotations

from typing import Any


def asked_for(kinds: Any, kind: str) -> bool:
    """Whether a client that wants ``kinds`` wants ``kind``: a kind names all below it, and none names all."""
    names = [str(getattr(one, "value", one)) for one in kinds or ()]
    return not names or any(name in ("", kind) or kind.startswith(name + ".") for name in names)
