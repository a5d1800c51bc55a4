"""What the index knows of a folder: after a first reading, after changes, and whatever lies about in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lift.extract import Extraction, extract
from lift.index.index import Index
from lift.index.matching import rank
from lift.index.records import as_json, from_json, record_of
from lift.source.text import LIMIT_BYTES, Snapshot

HALF = '''\
def half(x: int) -> int:
    """Half of it.

    Requires:
        - ``x >= ?least``

    Ensures:
        - ``result <= x``
    """
    return x // 2
'''
CART = '''\
from pkg.half import half
from pkg import half as module


class Cart:
    """A cart.

    Invariants:
        - ``self.total >= 0``
    """

    def __init__(self) -> None:
        self.total = half(4)

    def add(self, amount: int) -> int:
        """Adds."""
        self.total += module.half(amount)
        return self.check()

    def check(self) -> int:
        """Checks."""
        return self.total
'''
PLAIN = "def plain(x):\n    return x\n"
LONG_AGO = 1_600_000_000


@dataclass
class Place:
    """A folder and the indexes that are made of it."""

    folder: Path
    kept: Path
    opened: dict[Path, Extraction] = field(default_factory=dict)
    made: list[Index] = field(default_factory=list)

    def write(self, path: str, text: str) -> Path:
        """Writes a file as if long ago, so that its time can be trusted."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        os.utime(place, (LONG_AGO, LONG_AGO))
        return place

    def index(self, version: str = "1", exclude: tuple[str, ...] = ()) -> Index:
        """An index that has read everything."""
        index = Index(self.folder, exclude, self.kept, version, lambda: self.opened)
        self.made.append(index)
        index.start()
        index.wait()
        return index


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "folder", tmp_path / "cache" / "index.sqlite3")
    place.folder.mkdir()
    yield place
    for index in place.made:
        index.close()


def names(index: Index, query: str = "") -> list[str]:
    return [match.name for match in index.symbols(query)]


def seen(index: Index) -> list[str]:
    return [path.relative_to(index.root).as_posix() for path in index.files()]


def test_functions_classes_and_holes_are_found(place: Place) -> None:
    place.write("pkg/half.py", HALF)
    place.write("pkg/cart.py", CART)
    place.write("pkg/plain.py", PLAIN)
    index = place.index()
    assert index.ready
    assert seen(index) == ["pkg/cart.py", "pkg/half.py"]
    assert sorted(names(index)) == ["?least", "Cart", "__init__", "add", "check", "half"]
    half = index.files()[place.folder / "pkg/half.py"].items[0]
    assert (half.qualname, half.kind, half.place) == ("half", "function", (1, 4, 1, 8))
    assert half.clauses == {"requires": 1, "ensures": 1}
    assert [(m.name, m.container) for m in index.symbols("Cart.ad")] == [("add", "Cart")]
    assert [(m.name, m.container) for m in index.symbols("?lea")] == [("?least", "half")]


def test_the_best_match_comes_first_and_there_are_not_too_many(place: Place) -> None:
    place.write("a.py", HALF + HALF.replace("half", "halve") + HALF.replace("half", "by_half"))
    index = place.index()
    assert names(index, "half") == ["half", "by_half"]
    assert names(index, "hlv") == ["halve"]
    assert names(index, "zzz") == []
    assert len(index.symbols("", most=2)) == 2


@pytest.mark.parametrize(
    ("query", "name", "fits"),
    [("", "x", True), ("CA", "Cart.add", True), ("Ca", "Cart.add", True), ("ca", "Cart.add", True),
     ("cadd", "Cart.add", True), ("dda", "Cart.add", False)],
)  # fmt: skip
def test_letters_match_in_their_order(query: str, name: str, fits: bool) -> None:
    assert (rank(query, name) is not None) == fits


def test_callers_are_found_by_what_their_imports_mean(place: Place) -> None:
    place.write("pkg/__init__.py", "")
    place.write("pkg/half.py", HALF)
    place.write("pkg/cart.py", CART)
    place.write("pkg/near.py", HALF.replace("half", "near").replace("x // 2", "half(x)") + "\n" + PLAIN)
    place.write("other.py", HALF.replace("half", "other").replace("x // 2", "half(x)"))
    place.write(
        "pkg/relative.py",
        "from .half import half as h\n" + HALF.replace("half", "again").replace("x // 2", "h(x)"),
    )
    index = place.index()
    assert [c.caller.qualname for c in index.callers("pkg.half", "half")] == [
        "Cart.__init__",
        "Cart.add",
        "again",
    ]
    assert [c.caller.qualname for c in index.callers("pkg.cart", "Cart.check")] == ["Cart.add"]


def test_a_second_index_reads_only_what_is_different(place: Place) -> None:
    place.write("a.py", HALF)
    place.write("b.py", PLAIN)
    place.write("gone.py", HALF)
    place.index().close()
    place.write("a.py", HALF.replace("half", "other"))
    (place.folder / "gone.py").unlink()
    again = place.index()
    assert seen(again) == ["a.py"]
    assert sorted(names(again)) == ["?least", "other"]
    # One of the two files that are left had to be read.
    assert again.total == 2
    third = place.index()
    assert (seen(third), third.done) == (["a.py"], third.total)


def test_what_another_version_kept_does_not_count(place: Place) -> None:
    place.write("a.py", HALF)
    place.index("1").close()
    other = Index(place.folder, (), place.kept, "2")
    assert other._kept.load() == {}
    assert list(Index(place.folder, (), place.kept, "1")._kept.load()) == ["a.py"]


def test_a_file_that_was_just_written_is_read_again(place: Place) -> None:
    path = place.write("a.py", HALF)
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    place.index().close()
    # The same size and the same time: only the text tells.
    path.write_text(HALF.replace("half", "flah"))
    os.utime(path, ns=(now, now))
    assert "flah" in names(place.index())


def test_changes_are_taken_one_by_one(place: Place) -> None:
    path = place.write("a.py", PLAIN)
    index = place.index()
    before = index.generation
    path.write_text(HALF)
    index.changed([path])
    index.wait()
    assert seen(index) == ["a.py"]
    assert index.generation > before
    made = place.write("deep/er/b.py", HALF)
    index.changed([made])
    index.wait()
    assert seen(index) == ["a.py", "deep/er/b.py"]
    path.unlink()
    index.changed([path])
    index.wait()
    assert seen(index) == ["deep/er/b.py"]
    (place.folder / "deep").rename(place.folder / "down")
    index.changed([place.folder / "deep", place.folder / "down"])
    index.wait()
    assert seen(index) == ["down/er/b.py"]


def test_what_is_excluded_or_foreign_is_left_out(place: Place) -> None:
    for folder in (
        "",
        ".git/",
        "env/",
        "node_modules/x/",
        "__pycache__/",
        ".lift/stubs/",
        "old/",
        "a/site-packages/",
    ):
        place.write(f"{folder}a.py", HALF)
    place.write("env/pyvenv.cfg", "")
    index = place.index(exclude=("old",))
    assert seen(index) == ["a.py"]
    index.changed([place.folder / "env/a.py", place.folder / "old/a.py", place.folder / ".git/a.py"])
    index.wait()
    assert seen(index) == ["a.py"]
    index.configure(())
    index.wait()
    assert seen(index) == ["a.py", "old/a.py"]


def test_odd_things_in_the_folder_hurt_nobody(place: Place) -> None:
    place.write("a.py", HALF)
    os.mkfifo(place.folder / "fifo.py")
    (place.folder / "loop").symlink_to(place.folder)
    (place.folder / "dangling.py").symlink_to(place.folder / "nowhere")
    (place.folder / "itself.py").symlink_to(place.folder / "itself.py")
    (place.folder / "twice.py").symlink_to(place.folder / "a.py")
    (place.folder / "folder.py").mkdir()
    (place.folder / "latin.py").write_bytes(b"# caf\xe9\n" + HALF.encode())
    (place.folder / "nul.py").write_bytes(b"\0" + HALF.encode())
    (place.folder / "empty.py").write_bytes(b"")
    (place.folder / "deep.py").write_text("x = " + "(" * 5000 + "\n" + HALF)
    with open(place.folder / "huge.py", "wb") as stream:
        stream.truncate(100 * LIMIT_BYTES)
    place.write("broken.py", HALF + "\ndef (:\n")
    index = place.index()
    assert index.ready
    assert {"a.py", "broken.py"} <= set(seen(index))
    assert not {"twice.py", "loop/a.py", "huge.py", "nul.py"} & set(seen(index))
    assert index.files()[place.folder / "broken.py"].error is not None


def test_an_open_text_stands_for_its_file(place: Place) -> None:
    path = place.write("a.py", HALF)
    other = place.write("b.py", HALF)
    index = place.index()
    place.opened = {
        path: extract(Snapshot(str(path), 1, HALF.replace("half", "typed"))),
        other: extract(Snapshot(str(other), 1, PLAIN)),
        place.folder / "new.py": extract(Snapshot("new.py", 1, HALF.replace("half", "fresh"))),
        place.folder.parent / "outside.py": extract(Snapshot("outside.py", 1, HALF)),
    }
    assert seen(index) == ["a.py", "new.py"]
    assert sorted(n for n in names(index) if n != "?least") == ["fresh", "typed"]
    place.opened = {}
    assert seen(index) == ["a.py", "b.py"]


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 200])
def test_a_broken_cache_costs_a_reading_and_nothing_else(place: Place, content: bytes) -> None:
    place.write("a.py", HALF)
    place.kept.parent.mkdir()
    place.kept.write_bytes(content)
    assert seen(place.index()) == ["a.py"]
    assert list(place.index()._kept.load()) == ["a.py"]


def test_without_a_cache_it_works_as_well(place: Place) -> None:
    place.write("a.py", HALF)
    place.kept = place.folder
    assert seen(place.index()) == ["a.py"]


def test_cancelled_readings_go_on_where_they_stopped(place: Place) -> None:
    for number in range(60):
        place.write(f"m{number}.py", HALF)
    index = Index(place.folder, (), place.kept, "1")
    place.made.append(index)
    index.start(lambda: index.cancel() if index.done == 20 else None)
    index.wait()
    assert not index.ready
    index.start(lambda: None)
    index.wait()
    assert index.ready
    assert len(index.files()) == 60


def test_a_closed_index_has_no_processes_left(place: Place) -> None:
    place.write("a.py", HALF)
    index = place.index()
    index.start()
    index.close()
    assert not index.is_busy
    index.start()
    assert not index.is_busy


def test_records_outlive_their_way_through_json() -> None:
    text = HALF.replace("def half", "def hälf") + CART + HALF.replace("result <= x", "resul <= x")
    record = record_of(extract(Snapshot("a.py", None, text)))
    assert record is not None
    assert from_json(as_json(record)) == record
    assert record.complaints
    assert record.line(1) == "def hälf(x: int) -> int:"
    assert record.line(2) == ""
