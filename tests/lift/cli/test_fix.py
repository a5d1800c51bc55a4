"""``lift fix`` in process: what it shows, what it writes, and with which status it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lift.cli.main import main

BROKEN = '''\
def mean(xs: list[int]) -> int:
    """The mean, rounded down.

    Ensures:
        - ``result * len(xs) <= sum(xs)``
    """
    return sum(xs) // len(xs)  # rounded


def smaller(a: int, b: int) -> int:
    """The smaller one.

    Ensures:
        - ``result <= a and result <= b``
        - ``result == a or result == b``
    """
    return max(a,  b)  # as it stands
'''
HOPELESS = '''\
def formula(a: int, b: int) -> int:
    """A formula that is far from the code.

    Ensures:
        - ``result == a * a * b - 17 * b + 3``
    """
    return a
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # Enough on a machine that is busy with other tests; a repair is shown as soon as there are three.
    monkeypatch.setenv("LIFT_SECONDS", "30")
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def lift(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["fix", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_shows_differences_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.py").write_text(BROKEN)
    status, out, _ = lift(capsys, "broken.py::smaller")
    assert status == 1
    assert "broken.py:10 smaller" in out
    assert "1. Change `max` to `min` in line 17" in out
    assert "-    return max(a,  b)  # as it stands\n" in out
    assert "+    return min(a,  b)  # as it stands\n" in out
    assert "mean" not in out
    assert (folder / "broken.py").read_text() == BROKEN


def test_applies_the_first_repair_of_each_function(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Line ends and a byte order mark stay as they are.
    (folder / "broken.py").write_bytes(b"\xef\xbb\xbf" + BROKEN.replace("\n", "\r\n").encode())
    status, out, _ = lift(capsys, "broken.py", "--apply")
    assert status == 0, out
    after = (folder / "broken.py").read_bytes()
    assert after.startswith(b"\xef\xbb\xbfdef mean")
    text = after.decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n")
    plain = text.replace("\r\n", "\n")
    required = "rounded down.\n\n    Requires:\n        - ``len(xs) > 0``\n\n    Ensures:"
    expected = BROKEN.replace("rounded down.\n\n    Ensures:", required).replace("max", "min")
    assert plain == expected
    assert lift(capsys, "broken.py")[:2] == (0, "nothing is refuted\n")


def test_data_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.py").write_text(BROKEN)
    status, out, _ = lift(capsys, "broken.py::mean", "--format", "json")
    (function,) = json.loads(out)["functions"]
    assert status == 1
    assert (function["path"], function["name"], function["line"]) == ("broken.py", "mean", 1)
    ways = {r["way"]: r for r in function["repairs"]}
    assert ways["guard"]["title"] == "Raise ValueError if len(xs) == 0"
    assert '+        raise ValueError("requires len(xs) > 0")\n' in ways["guard"]["diff"]
    assert ways["precondition"]["fixes"] == ["no-raise:nothing undeclared escapes"]


def test_says_so_where_nothing_can_be_proved(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "hopeless.py").write_text(HOPELESS)
    status, out, _ = lift(capsys, "hopeless.py", "--apply")
    assert (status, out.splitlines()[0]) == (
        1,
        "hopeless.py:1 formula  no repair was found that could be proved",
    )
    assert (folder / "hopeless.py").read_text() == HOPELESS


def test_misuse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.py").write_text(BROKEN)
    assert lift(capsys, "broken.py::nothing") == (2, "", "lift fix: broken.py has no function nothing\n")
    assert lift(capsys, "broken.py::")[0] == 2
    assert lift(capsys, "broken.py", "--apply", "0")[0] == 2
    assert lift(capsys, "missing.py")[0] == 2


def test_a_file_that_does_not_parse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.py").write_text("def f(:\n")
    status, out, _ = lift(capsys, "bad.py")
    assert status == 1
    assert out.startswith("bad.py: line 1: ")
