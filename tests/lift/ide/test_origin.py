"""Hover says where a body came from, until somebody changes it."""

from __future__ import annotations

from pathlib import Path

from lift.config import Config
from lift.ide.hover import hover_at
from lift.ide.origin import records
from lift.project import Project
from lift.source.text import Snapshot
from lift.store.provenance import Record
from lift_ir import Position

TEXT = '''def twice(n: int) -> int:
    """Double a number.

    Ensures:
        - ``result == 2 * n``
    """
    return n + n
'''


def shown(text: str, folder: Path) -> str:
    project = Project(folder, Config(cache=str(folder)))
    project.analyse(Snapshot("a.py", 1, text))
    found = hover_at(project, "a.py", Position(line=1, column=5))
    assert found is not None
    return found.text


def test_hover_says_who_wrote_the_body(tmp_path: Path) -> None:
    assert "This body was" not in shown(TEXT, tmp_path)
    project = Project(tmp_path, Config(cache=False))
    function = project.analyse(Snapshot("a.py", 1, TEXT)).module.functions[0]
    record = Record(
        function=function.digest,
        qualname="twice",
        path="a.py",
        origin="model",
        model="qwen",
        prompt="0123456789abcdef",
        evidence=(("result == 2 * n", "proved", 300),),
        made=1_700_000_000,
    )
    assert records(Config(cache=str(tmp_path))).put(record)
    assert "This body was written by qwen, prompt 0123456789abcdef, round 1" in shown(TEXT, tmp_path)
    assert "This body was" not in shown(TEXT.replace("n + n", "2 * n"), tmp_path)
    assert records(Config(cache=False)).get(function.digest) is None
