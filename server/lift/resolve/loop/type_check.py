"""A candidate's types as a type checker sees them: what is wrong with the new text and was not with the old.

The checker is Pyrefly, in a process of its own and over copies of the two texts: nothing of theirs runs or is
imported. What a project's own checker complains of already is no candidate's fault.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lift_ir import Function

from lift.resolve.loop.refusal import Refusal
from lift.source.positions import LineIndex

SECONDS = 10.0
"""Wall-clock limit of one run, many times what a file takes."""
# That an import leads somewhere is told elsewhere, in words that name the remedy, and by what is installed.
_NOT_TYPES = frozenset(["missing-import", "missing-source", "missing-source-for-stubs", "untyped-import"])
_CONFIG = """\
preset = "default"
skip-interpreter-query = true
disable-search-path-heuristics = true
python-platform = {platform}
python-version = "{version}"
search-path = {roots}
site-package-path = {installed}
enabled-ignores = []
"""


@dataclass(frozen=True)
class Finding:
    """One finding of the checker.

    Attributes:
        name: The kind of the finding, such as ``bad-return``.
        text: What it says, in one line.
        line: Where, from 1.
    """

    name: str
    text: str
    line: int


def types(before: str, old: Function, after: str, new: Function, roots: Iterable[str]) -> None:
    """Nothing in a body is of a type that does not fit, as far as a type checker tells.

    Args:
        before: The user's text.
        old: The function in ``before``.
        after: The text with the candidate in it.
        new: The function in ``after``.
        roots: Folders of the project's own modules.

    Raises:
        Refusal: The checker finds something in the candidate that is not the signature's own fault.
    """
    found = _findings([before, after], roots)
    if found is None:
        return
    body = old.body_span.start.line if old.body_span is not None else old.span.end.line
    header = range(old.span.start.line, body)
    # That paths end without a value is said where the annotation stands, and of a stub as well.
    known = {(f.name, f.text) for f in found[0] if f.line in header and f.name != "bad-return"}
    for finding in found[1]:
        mine = new.span.start.line <= finding.line <= new.span.end.line
        if mine and (finding.name, finding.text) not in known:
            line = LineIndex(after).line(finding.line).strip()
            raise Refusal("types", f"`{_short(line)}`: {_sentence(finding.text)} ({finding.name})")


def _short(line: str) -> str:
    return line if len(line) <= 60 else line[:57] + "..."


def _sentence(text: str) -> str:
    """Without its capital, which the sentence around it does not need."""
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}".rstrip(".") if first.isalpha() else text.rstrip(".")


def _findings(texts: Sequence[str], roots: Iterable[str]) -> list[list[Finding]] | None:
    """What the checker says of each text; None where there is no checker, or it does not answer."""
    with tempfile.TemporaryDirectory(prefix="lift-types-", ignore_cleanup_errors=True) as folder:
        config = Path(folder, "pyrefly.toml")
        config.write_text(_settings(roots), encoding="utf-8")
        files = [Path(folder, f"text_{n}", "candidate.py") for n in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.parent.mkdir()
            file.write_text(text, encoding="utf-8", newline="")
        said = _run(
            ["check", "--config", str(config), "--output-format", "json", "-j", "1", *map(str, files)], folder
        )
        if said is None:
            return None
        found: list[list[Finding]] = [[] for _ in texts]
        places = {os.path.realpath(file): n for n, file in enumerate(files)}
        for error in said:
            number = places.get(os.path.realpath(os.path.join(folder, error["path"])))
            if number is not None and error["name"] not in _NOT_TYPES:
                found[number].append(Finding(error["name"], error["concise_description"], error["line"]))
        return found


def _settings(roots: Iterable[str]) -> str:
    installed = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    # JSON's strings and lists of strings are TOML's too.
    return _CONFIG.format(
        platform=json.dumps(sys.platform),
        version=f"{sys.version_info.major}.{sys.version_info.minor}",
        roots=json.dumps(list(roots)),
        installed=json.dumps(installed),
    )


def _run(arguments: Sequence[str], folder: str) -> list[dict] | None:
    try:
        from pyrefly.__main__ import get_pyrefly_bin

        ended = subprocess.run(
            [get_pyrefly_bin(), *arguments],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("PYREFLY_")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
        said = json.loads(ended.stdout)["errors"]
    except (ImportError, OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        # A checker that is missing or broken says nothing about the candidate, which is run and proved still.
        return None
    return said if isinstance(said, list) else None
