"""Histories that are written beside the work: nobody waits for them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.store import chronicle, history
from lift.store.chronicle import Chronicle, Seen
from lift.store.history import FILE_NAME
from lift_ir import FunctionResult, Provenance

from tests.lift.store.test_history import PLAIN, in_file


def seen(text: str = PLAIN, path: str = "/a.py", *checked: str) -> Seen:
    module = extract(Snapshot(path, None, text)).module
    names = checked or tuple(f.qualname for f in module.all_functions())
    results = {n: FunctionResult(name=n, line=1, verdict="proved") for n in names}
    return Seen(path, module, text, results, typed=True)


@pytest.fixture
def kept(tmp_path: Path):
    one = Chronicle(tmp_path / FILE_NAME)
    yield one
    one.close()


def test_what_was_checked_is_there_after_a_flush_and_after_the_end(kept: Chronicle, tmp_path: Path) -> None:
    kept.remember(seen())
    kept.flush()
    assert [s.verdict for s in kept.of("/a.py")["f"]] == ["proved"]
    kept.remember(seen(in_file("/b.py"), "/b.py"))
    kept.close()
    # A thread that has ended is followed by another one.
    kept.remember(seen(PLAIN.replace(">= 0", ">= 1")))
    kept.close()
    kept.close()
    later = Chronicle(tmp_path / FILE_NAME)
    assert [len(later.of(p)["f"]) for p in ("/a.py", "/b.py")] == [2, 1]


def test_only_what_was_checked_and_states_something(kept: Chronicle) -> None:
    text = PLAIN + "\n\n" + PLAIN.replace("f(", "g(") + "\n\ndef h():\n    pass\n"
    kept.remember(seen(text, "/a.py", "f", "h"))
    kept.flush()
    assert set(kept.of("/a.py")) == {"f"}


def test_what_another_process_wrote_is_seen(kept: Chronicle, tmp_path: Path) -> None:
    assert kept.of("/a.py") == {}
    other = Chronicle(tmp_path / FILE_NAME)
    other.remember(seen())
    other.close()
    assert set(kept.of("/a.py")) == set(kept.good("/a.py")) == {"f"}
    other.move("/a.py", "/b.py")
    other.close()
    assert (kept.of("/a.py"), set(kept.of("/b.py"))) == ({}, {"f"})


def test_nobody_waits_for_a_file_that_is_locked(
    kept: Chronicle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_BUSY_SECONDS", 60.0)
    kept.remember(seen())
    kept.flush()
    monkeypatch.setattr(chronicle, "_FLUSH_SECONDS", 0.01)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        kept.remember(seen(PLAIN.replace(">= 0", ">= 1")))
        kept.offered("/a.py", ["id"], Provenance(kind="solver"))
        # It comes back although nothing could be written.
        kept.flush()
        assert kept.of("/a.py").keys() <= {"f"}
        other.execute("ROLLBACK")
    finally:
        other.close()
    monkeypatch.setattr(chronicle, "_FLUSH_SECONDS", 60.0)
    kept.flush()
    assert len(kept.of("/a.py")["f"]) == 2


def test_one_text_that_goes_wrong_keeps_no_other_from_being_remembered(
    kept: Chronicle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(chronicle, "states_of", lambda *_: 1 / 0)
        kept.remember(seen())
        kept.flush()
    assert "the history of a text was not kept" in caplog.text
    kept.remember(seen())
    kept.flush()
    assert set(kept.of("/a.py")) == {"f"}


def test_nothing_is_kept_where_nothing_is_to_be() -> None:
    kept = Chronicle(None)
    kept.remember(seen())
    kept.offered("/a.py", ["id"], Provenance(kind="solver"))
    kept.move("/a.py", "/b.py")
    kept.flush()
    assert (kept.of("/a.py"), kept.good("/a.py")) == ({}, {})
    kept.close()
