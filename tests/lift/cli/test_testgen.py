"""``lift testgen`` in process: what it prints, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lift.cli.main import main

HALF = '''\
def half(n: int) -> int:
    """Half of an even number.

    Requires:
        - ``n % 2 == 0``
        - ``n * n < 90``

    Ensures:
        - ``2 * result == n``: nothing is lost
        - It is quick
    """
    return n // 2
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "half.py").write_text(HALF, encoding="utf-8")
    return tmp_path


def lift(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["testgen", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_prints_tests_and_says_what_they_leave_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = lift(capsys, "half.py")
    assert status == 0
    assert "def test_half_nothing_is_lost(n):" in out
    assert err == (
        "half.py:10: not tested: `It is quick` of half: it is in words; formalise it first\n"
        "half.py: half: inputs are drawn, then kept only if `n * n < 90`\n"
    )
    assert sorted(p.name for p in folder.iterdir()) == ["half.py", "pyproject.toml"]


def test_writes_them_into_the_folder_of_tests_once_and_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tests").mkdir()
    for _ in range(2):
        status, out, _ = lift(capsys, "half.py", "--write")
        assert (status, out) == (0, "tests/test_half_spec.py: 1 test\n")
    lift(capsys, "half.py::half", "--write")
    assert (folder / "tests" / "test_half_half_spec.py").is_file()


def test_what_was_changed_by_hand_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lift(capsys, "half.py", "--output", "mine.py")
    changed = (folder / "mine.py").read_text(encoding="utf-8").replace("2 * result", "result * 2")
    (folder / "mine.py").write_text(changed, encoding="utf-8")
    status, _, err = lift(capsys, "half.py", "--output", "mine.py")
    assert status == 2
    assert "mine.py is not as `lift testgen` left it" in err
    assert (folder / "mine.py").read_text(encoding="utf-8") == changed
    assert lift(capsys, "half.py", "--output", "mine.py", "--force")[0] == 0
    assert (folder / "mine.py").read_text(encoding="utf-8") != changed


def test_what_a_check_refuted_is_tested_from_then_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "half.py"
    file.write_text(HALF.replace("n // 2", "n // 2 + (n == 4)"), encoding="utf-8")
    assert main(["check", "half.py"]) == 1
    file.write_text(HALF, encoding="utf-8")
    capsys.readouterr()
    _, out, _ = lift(capsys, "half.py")
    assert "def test_half_past_counterexample_1():" in out
    assert "    n = 4\n" in out


MISUSES = [
    (["half.py::third"], "half.py has no function third"),
    (["nowhere.py"], "'nowhere.py' does not exist; check the path"),
    (["half.py", "--output", "no/such/folder.py"], "no/such/folder.py cannot be written"),
    (["half.py", "more.py", "--output", "x.py"], "--output takes the tests of one file"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), MISUSES, ids=range(len(MISUSES)))
def test_misuse(folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "more.py").write_text("x = 1\n", encoding="utf-8")
    status, out, err = lift(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err


def test_a_broken_file_does_not_keep_the_others_from_their_tests(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (folder / "plain.py").write_text("x = 1\n", encoding="utf-8")
    status, out, _ = lift(capsys, ".", "--format", "json")
    assert status == 1
    found = {f["path"]: (len(f["tests"]), f["error"] is None) for f in json.loads(out)["files"]}
    assert found == {"broken.py": (0, False), "half.py": (1, True), "plain.py": (0, True)}
