"""Records of where bodies come from: kept across processes, and never in the way of anything."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from lift.store import provenance
from lift.store.provenance import FILE_NAME, Record, Records

RECORD = Record(
    function="0123456789abcdef",
    qualname="Cart.add",
    path="shop.py",
    origin="model",
    model="qwen",
    prompt="fedcba9876543210",
    round=2,
    evidence=(("result >= 0", "tested", 2000),),
    made=1_700_000_000,
)


def test_a_record_outlives_its_store(tmp_path: Path) -> None:
    path = tmp_path / "folder" / FILE_NAME
    assert Records(path).get(RECORD.function) is None
    assert Records(path).put(RECORD)
    assert Records(path).get(RECORD.function) == RECORD
    assert Records(path).get("something else") is None


def test_the_last_record_of_a_text_counts(tmp_path: Path) -> None:
    records = Records(tmp_path / FILE_NAME)
    assert records.put(RECORD)
    assert records.put(RECORD.model_copy(update={"model": "other"}))
    found = records.get(RECORD.function)
    assert found is not None
    assert found.model == "other"


def test_without_a_file_nothing_is_kept() -> None:
    assert not Records(None).put(RECORD)
    assert Records(None).get(RECORD.function) is None


def test_a_file_that_is_no_database_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"this is no database at all " * 100)
    assert Records(path).get(RECORD.function) is None
    assert Records(path).put(RECORD)
    assert Records(path).get(RECORD.function) == RECORD
    assert path.with_name(f"{FILE_NAME}.broken").exists()


def test_a_folder_that_cannot_be_made_costs_the_record_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not Records(tmp_path / "file" / FILE_NAME).put(RECORD)


def test_a_full_disk_costs_the_record_only(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    assert Records(path).put(RECORD)
    real = sqlite3.connect

    def small(*args, **options):
        connection = real(*args, **options)
        # SQLite itself says "database or disk is full" once the file may not grow.
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        large = RECORD.model_copy(update={"function": "large", "path": "x" * 100_000})
        assert not Records(path).put(large)
    assert Records(path).get(RECORD.function) == RECORD


def test_a_locked_file_costs_the_record_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "_BUSY_SECONDS", 0.01)
    path = tmp_path / FILE_NAME
    assert Records(path).put(RECORD)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        assert not Records(path).put(RECORD)
    finally:
        other.close()


def test_the_oldest_records_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "MOST_RECORDS", 2)
    records = Records(tmp_path / FILE_NAME)
    for number in range(4):
        assert records.put(RECORD.model_copy(update={"function": str(number), "made": 100 + number}))
    assert [records.get(str(n)) is not None for n in range(4)] == [False, False, True, True]
