"""Which other files of a workspace are read for calls of a function."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.callers import texts_naming

FILES = {
    "a.py": "def f(): ...\n",
    "b.py": "f()\n",
    "sub/c.py": "x.f()\nC()\n",
    "d.py": "format()\n",
    "e.txt": "f()\n",
    ".hidden/f.py": "f()\n",
    "node_modules/g.py": "f()\n",
    "env/pyvenv.cfg": "",
    "env/h.py": "f()\n",
    "binary.py": "f()\0\n",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("qualname", "expected"),
    [
        ("f", ["b.py", "sub/c.py"]),
        ("C.f", ["sub/c.py"]),
        ("C.__init__", ["sub/c.py"]),
        ("g.<locals>.f", []),
        ("nowhere", []),
    ],
)
def test_files_that_name_it(root: Path, qualname: str, expected: list[str]) -> None:
    found = texts_naming(root, root / "a.py", qualname, lambda _: None)
    assert [path for path, _ in found] == expected


def test_an_open_text_stands_for_the_file(root: Path) -> None:
    found = texts_naming(root, root / "a.py", "f", lambda p: "pass\n" if p.name == "b.py" else None)
    assert [path for path, _ in found] == ["sub/c.py"]
