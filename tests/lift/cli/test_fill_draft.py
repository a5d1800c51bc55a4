"""``lift fill --draft``: a specification from a description, shown as a difference, and written if wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lift.cli.main import main

from tests.lift.generate.scripted import Says, serving

TEXT = '''\
def largest(xs: list[int]) -> int:
    """Return the largest of xs. xs must not be empty. It should be quick."""
    return max(xs)


def stated(n: int) -> int:
    """Return n.

    Ensures:
        - ``result == n``
    """
    return n
'''


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "m.py").write_text(TEXT)
    return tmp_path / "m.py"


def lift(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["fill", "--draft", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_shows_the_difference_with_the_evidence_and_writes_nothing(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = lift(capsys, "m.py::largest")
    assert status == 0
    assert "largest  2 clauses and 1 bullet left in prose  m.py:1" in out
    assert "from “Return the largest of xs”: the phrasebook's “maximum of”; proved on the body" in out
    assert "+        - ``result == max(xs)``" in out
    assert path.read_text() == TEXT


def test_a_file_means_those_of_it_that_state_nothing_and_apply_writes_them(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = lift(capsys, "m.py", "--apply", "--format", "json")
    assert status == 0
    (draft,) = json.loads(out)["files"][0]["drafts"]
    assert draft["function"] == "largest"
    assert [c["text"] for c in draft["specification"]["clauses"]] == ["len(xs) > 0", "result == max(xs)"]
    assert "- ``result == max(xs)``" in path.read_text()
    assert path.read_text().endswith(TEXT.partition("\n\n\n")[2])
    assert main(["check", "m.py"]) == 0


def test_what_states_something_is_not_drafted(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = lift(capsys, "m.py::stated")
    assert status == 2
    assert "stated has clauses already" in err


def test_a_model_is_asked_only_with_model(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Says("No.")) as server:
        monkeypatch.setenv("LIFT_PROVIDER", "openai-compatible")
        monkeypatch.setenv("LIFT_ENDPOINT", server.endpoint)
        lift(capsys, "m.py::largest")
        assert server.asked == []
        status, out, _ = lift(capsys, "m.py::largest", "--model")
        assert len(server.asked) == 3
        assert status == 0
        assert "an answer was of no use: the answer is not JSON" in out
        assert "+        - ``result == max(xs)``" in out
