"""``lift fill --model``: a model is asked only where that is wanted, and what it says is checked first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lift.cli.main import main

from tests.lift.generate.scripted import Asked, Behaviour, Fails, Says, Scripted, serving

TEXT = '''\
def order(xs: list[int]) -> list[int]:
    """Put in order.

    Ensures:
        - it comes back in a seemly order
        - it is sorted
    """
    return sorted(xs)
'''
HOLE = "order:clause:it-comes-back-in-a"
SORTED = "all(a <= b for a, b in zip(result, result[1:]))"
ANSWER = json.dumps(
    {
        "clauses": [
            {"kind": "ensures", "exception": "", "expression": e, "meaning": ""}
            for e in (SORTED, "result == xs")
        ]
    }
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LIFT_PROVIDER", "openai-compatible")
    (tmp_path / "order.py").write_text(TEXT)
    return tmp_path


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def play(script: Any, *arguments: str) -> tuple[Scripted, int, str, str]:
        with serving(script) as server:
            monkeypatch.setenv("LIFT_ENDPOINT", server.endpoint)
            status = main(["fill", "order.py", *arguments])
        printed = capsys.readouterr()
        return server, status, printed.out, printed.err

    return play


def test_without_the_option_nothing_is_asked(folder: Path, played) -> None:
    server, status, out, _ = played(Says(ANSWER))
    assert (status, server.asked) == (0, [])
    assert SORTED not in out.partition("it is sorted")[0]


def test_a_model_is_asked_where_nothing_else_is_found(folder: Path, played) -> None:
    server, status, out, _ = played(Says(ANSWER), "--model")
    assert status == 0
    assert all("it comes back in a seemly order" in asked.turns[-1] for asked in server.asked)
    assert "suggested by scripted-model; proved on the body" in out
    assert "✗ result == xs: the body contradicts it: order(" in out
    assert (folder / "order.py").read_text() == TEXT


def test_what_only_a_model_says_is_not_written_unless_it_is_chosen(folder: Path, played) -> None:
    _, _, out, _ = played(Says(ANSWER), "--model", "--apply", "--hole", HOLE)
    assert "not filled: the evidence is weak" in out
    assert (folder / "order.py").read_text() == TEXT
    _, _, out, _ = played(Says(ANSWER), "--model", "--choose", "1", "--hole", HOLE, "--format", "json")
    (hole,) = json.loads(out)["files"][0]["holes"]
    assert hole["written"] == SORTED
    assert [r["text"] for r in hole["rejected"]] == ["result == xs"]
    assert f"- ``{SORTED}``: it comes back in a seemly order" in (folder / "order.py").read_text()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [(Fails(401, "no such key"), "does not accept the key"), (Says("No."), "not JSON")],
)
def test_what_went_wrong_is_said_and_nothing_is_written(
    behaviour: Behaviour, said: str, folder: Path, played
) -> None:
    def play(_: Asked) -> Behaviour:
        return behaviour

    _, status, out, err = played(play, "--model", "--choose", "1", "--hole", "order:clause:it-is-sorted")
    assert said in err
    assert status == 0
    assert "filled with" in out
    _, status, out, err = played(play, "--model", "--apply", "--hole", HOLE)
    assert said in err
    assert "not filled: nothing is known" in out


def test_without_a_model_the_remedy_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIFT_PROVIDER")
    assert main(["fill", "order.py", "--model", "--hole", HOLE]) == 0
    assert "To add one, set provider" in capsys.readouterr().err
