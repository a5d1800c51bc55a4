"""``lift enforce``: the difference, or the file written; what cannot be changed is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TEXT = '''\
def half(n: int) -> int:
    """Half.

    Requires:
        - ``n % 2 == 0``

    Ensures:
        - ``result * 2 == n``
    """
    return n // 2


def plain(n: int) -> int:
    return n


def words(n: int) -> int:
    """W.

    Ensures:
        - Something
    """
    return n
'''


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [str(Path(sys.executable).with_name("lift")), "enforce", *arguments]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)


def test_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    done = run(tmp_path, "a.py", "--style", "assert")
    assert done.returncode == 0
    assert "+    assert n % 2 == 0\n" in done.stdout
    assert "+    assert result * 2 == n\n" in done.stdout
    assert "nothing that can be evaluated" in done.stderr
    assert (tmp_path / "a.py").read_text() == TEXT


def test_writes_what_still_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    done = run(tmp_path, "a.py::half", "--apply")
    assert (done.returncode, done.stdout) == (0, "a.py: written\n")
    after = (tmp_path / "a.py").read_text()
    assert after.startswith("import icontract\n\n\n@icontract.require(lambda n: n % 2 == 0)\n")
    assert run(tmp_path, "a.py", "--apply").stdout == ""
    assert (tmp_path / "a.py").read_text() == after


def test_a_function_that_cannot_be_changed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    done = run(tmp_path, "a.py::words")
    assert (done.returncode, done.stdout) == (1, "")
    assert "a.py:17: words states nothing that can be evaluated" in done.stderr
    assert run(tmp_path, "a.py::nobody").returncode == 2
    (tmp_path / "b.py").write_text("def (")
    assert run(tmp_path, "b.py").returncode == 1
