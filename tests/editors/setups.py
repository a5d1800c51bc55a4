"""Set-ups of editors as the documentation gives them, and the editors themselves."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "editors.md"
BIN = Path(sys.executable).parent

# Named ``x``, without types, and wrong for 0: a hole to fill, a name to change, a clause to refute.
MODULE = '''def absolute(x):
    """The size of a number.

    Ensures:
        - ``result > 0``: never negative
        - ``result == x or result == -x``
    """
    return x if x > 0 else -x
'''
# The same after the hole is filled and the parameter renamed.
RENAMED = MODULE.replace("(x)", "(number: int)").replace("x", "number")


def documented(language: str) -> str:
    """The set-up as ``docs/how-to/editors.md`` gives it in its one block of that language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 1
    return blocks[0]


def installed(name: str, remedy: str) -> Path:
    """The editor's program; skips, or in CI fails, where there is none."""
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        missing(f"{name} is not installed; {remedy}")
    return Path(str(found))


def missing(reason: str) -> None:
    """Skips, or in CI fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def workspace(folder: Path, module: str = MODULE) -> dict[str, str]:
    """Writes ``module.py`` and its settings; gives the environment for an editor in that folder."""
    (folder / "module.py").write_text(module, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.lift]\ncache = ".cache"\n', encoding="utf-8")
    folders = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **folders, "HOME": str(folder), "PATH": path}
