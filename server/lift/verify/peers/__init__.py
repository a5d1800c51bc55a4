"""Other checkers of Python, asked for what they can add: an input that breaks a clause, never a proof.

Must not import any of them: it is asked by the editor's process whether they are there.
"""

from __future__ import annotations

import importlib.util


def missing(backend: str) -> str | None:
    """Why a backend cannot be asked here, with the remedy; None if it can."""
    if backend != "crosshair":
        return None
    for module, name in (("crosshair", "CrossHair"), ("icontract", "icontract")):
        if importlib.util.find_spec(module) is None:
            return f"the backend crosshair needs {name}, which is not installed: {REMEDY}"
    return None


REMEDY = "python -m pip install 'lift-sys[crosshair]'"
