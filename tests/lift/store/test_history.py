"""Histories of specifications: what was saved comes back, whatever happens to the file that it is in."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.source.text import Snapshot
from lift.store import history
from lift.store.history import FILE_NAME, History
from lift.store.states import states_of
from lift_ir import ClauseResult, FunctionResult, PastState, Position, Provenance, Span

HERE = Span(start=Position(line=1, column=0), end=Position(line=1, column=1))
PLAIN = '''\
def f(n: int) -> int:
    """Count.

    Ensures:
        - ``result >= 0``
    """
    return abs(n)
'''


def states(text: str, verdict: str = "proved", digest: str = "") -> tuple[tuple[PastState, ...], set[str]]:
    """The states of all functions of a text, each clause of the one verdict."""
    module = extract(Snapshot("a.py", None, text)).module
    functions = module.all_functions()
    results = {
        f.qualname: FunctionResult(
            name=f.qualname,
            line=1,
            verdict=verdict,  # type: ignore[arg-type]
            digest=digest,
            clauses=tuple(
                ClauseResult(kind=c.kind, text=c.text, span=HERE, clause=c.id, verdict=verdict)  # type: ignore[arg-type]
                for c in f.clauses
                if c.kind == "ensures"
            ),
        )
        for f in functions
    }
    return states_of(functions, text, results), {f.qualname for f in functions}


def save(
    store: History, text: str, path: str = "/a.py", verdict: str = "proved", *, typed: bool = True
) -> bool:
    found, present = states(text, verdict)
    return store.record(path, found, present, typed=typed)


def in_file(path: str) -> str:
    """A function that is not the same in two files: one that is would be taken for one that has moved."""
    return PLAIN.replace("abs(n)", f"abs(n) + 0 * len({path!r})")


def numbers(store: History, name: str = "f", path: str = "/a.py") -> list[int]:
    return [s.number for s in store.of(path).get(name, ())]


@pytest.fixture
def store(tmp_path: Path) -> History:
    return History(tmp_path / "new" / FILE_NAME)


def test_a_state_outlives_its_store_and_equal_ones_are_one(store: History) -> None:
    assert store.of("/a.py") == {}
    assert save(store, PLAIN)
    assert save(
        store, PLAIN.replace("Ensures:\n        - ", "Ensures:\n        -   ").replace("n: int", "n:int")
    )
    again = History(store.path)
    (first, second) = again.of("/a.py")["f"]
    # Layout makes no other clause and no other code; the docstring was another one, to the letter.
    assert (first.specification, first.code) == (second.specification, second.code)
    assert save(store, PLAIN.replace("Ensures:\n        - ", "Ensures:\n        -   "))
    assert numbers(store) == [1, 2]
    assert first.clauses[0].text == "result >= 0"
    assert first.clauses[0].verdict == "proved"
    assert first.docstring is not None
    assert first.docstring.splitlines()[2:4] == ["Ensures:", "    - ``result >= 0``"]


def test_who_wrote_a_clause(store: History) -> None:
    save(store, PLAIN)
    offered = PLAIN.replace("result >= 0``", "result >= 0``\n        - ``result >= n``")
    solver = Provenance(kind="solver", reviewer="ada")
    store.offered("/a.py", [states(offered)[0][0].clauses[1].id], solver)
    save(store, offered)
    typed = offered.replace("result >= n``", "result >= n``\n        - ``result >= -n``")
    save(store, typed)
    kinds = [(c.text, c.provenance.kind, c.since) for c in store.of("/a.py")["f"][-1].clauses]
    assert kinds == [
        ("result >= 0", "unknown", 1),
        ("result >= n", "solver", 2),
        ("result >= -n", "human", 3),
    ]
    # Another layout is no other author, and neither is a detour.
    save(store, PLAIN)
    save(store, typed.replace("result >= -n", "result>=-n").replace("result >= n", "(result >= n)"))
    clauses = store.of("/a.py")["f"][-1].clauses
    assert [c.provenance.kind for c in clauses] == ["unknown", "solver", "human"]
    assert clauses[1].provenance.reviewer == "ada"
    assert [c.since for c in clauses] == [1, 5, 5]


def test_what_no_editor_typed_is_nobodys(store: History) -> None:
    save(store, PLAIN)
    save(store, PLAIN.replace(">= 0", ">= 1"), typed=False)
    assert store.of("/a.py")["f"][-1].clauses[0].provenance.kind == "unknown"


def test_more_or_less_knowledge_of_the_same_is_no_other_state(store: History) -> None:
    save(store, PLAIN, verdict="unknown")
    save(store, PLAIN, verdict="proved")
    (state,) = store.of("/a.py")["f"]
    assert (state.verdict, state.clauses[0].verdict) == ("proved", "proved")
    save(store, PLAIN, verdict="unknown")
    assert store.of("/a.py")["f"] == (state,)
    # Refuted while all is as it was: what it calls has changed.
    save(store, PLAIN, verdict="refuted")
    assert [s.verdict for s in store.of("/a.py")["f"]] == ["proved", "refuted"]


def test_a_function_keeps_its_history_under_another_name_and_in_another_file(
    store: History, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(PLAIN)
    save(store, PLAIN, str(old))
    recursive = PLAIN.replace("abs(n)", "f(n)")
    save(store, recursive, str(old))
    save(store, recursive.replace("f(n", "g(n"), str(old))
    assert numbers(store, "f", str(old)) == []
    assert numbers(store, "g", str(old)) == [1, 2, 3]
    # While the old file is there, the other one is a copy with a history of its own.
    save(store, recursive.replace("f(n", "g(n"), str(new))
    assert numbers(store, "g", str(new)) == [1]
    store.forget(str(new))
    old.unlink()
    save(store, recursive.replace("f(n", "g(n"), str(new))
    assert numbers(store, "g", str(new)) == [1, 2, 3]
    assert store.of(str(old)) == {}


def test_of_two_that_were_the_same_none_is_taken(store: History) -> None:
    two = PLAIN + "\n\n" + PLAIN.replace("f(", "g(")
    save(store, two)
    save(store, PLAIN.replace("f(", "h("))
    assert numbers(store, "h") == [1]


def test_a_file_and_a_folder_move(store: History) -> None:
    for path in ("/p/a.py", "/p/b/c.py", "/pa.py"):
        save(store, in_file(path), path)
    assert store.move("/p", "/q")
    assert [numbers(store, path=p) for p in ("/q/a.py", "/q/b/c.py", "/pa.py", "/p/a.py")] == [
        [1],
        [1],
        [1],
        [],
    ]
    assert store.move("/pa.py", "/q/a.py")
    assert (numbers(store, path="/q/a.py"), numbers(store, path="/pa.py")) == ([1], [])
    assert store.forget("/q/a.py", "other")
    assert numbers(store, path="/q/a.py") == [1]
    assert store.forget("/q/a.py", "f")
    assert numbers(store, path="/q/a.py") == []


def test_a_specification_that_was_taken_away_is_a_state(store: History) -> None:
    save(store, PLAIN)
    bare = "def f(n: int) -> int:\n    return abs(n)\n"
    save(store, bare)
    save(store, bare)
    assert [len(s.clauses) for s in store.of("/a.py")["f"]] == [1, 0]
    # Of a function that never stated anything nothing is kept.
    save(store, bare, "/b.py")
    assert store.of("/b.py") == {}


def test_the_first_and_the_newest_stay(store: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_OF_ONE", 4)
    monkeypatch.setattr(history, "_RECORDS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(history.time, "time", itertools.count(1_000_000_000).__next__)
    for bound in range(10):
        save(store, PLAIN.replace("result >= 0", f"result >= -{bound}"))
    assert numbers(store) == [1, 8, 9, 10]
    monkeypatch.setattr(history, "MOST", 5)
    for bound in range(3):
        save(store, in_file("/b.py").replace("result >= 0", f"result >= -{bound}"), "/b.py")
    assert (numbers(store), numbers(store, path="/b.py")) == ([1, 10], [1, 2, 3])
    for path in ("/c.py", "/d.py", "/e.py"):
        save(store, in_file(path), path)
    kept = [numbers(store, path=f"/{p}.py") for p in "abcde"]
    assert sum(map(len, kept)) <= 5
    assert kept[-1] == [1]


def test_the_clock_may_go_back(store: History, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 2_000_000_000
    monkeypatch.setattr(history.time, "time", lambda: now)
    save(store, PLAIN)
    now = 1_000_000_000
    save(store, PLAIN.replace(">= 0", ">= 1"))
    assert [s.made for s in store.of("/a.py")["f"]] == [2_000_000_000] * 2


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("abs(n)", "abs(n) + 0x" + "f" * 5000),
        PLAIN.replace("Count.", "Count \\ud800."),
        PLAIN.replace("result >= 0``", "result >= 0``: half \\udc00"),
        PLAIN.replace("result >= 0", "result != '\\\\ud800'"),
    ],
    ids=["a number that is not written", "half a character", "in prose", "in a clause"],
)
def test_what_is_odd_is_kept_like_the_rest(store: History, text: str) -> None:
    for _ in range(2):
        assert save(store, text)
        assert numbers(store) == [1]


def test_nothing_is_kept_where_nothing_is_to_be() -> None:
    store = History(None)
    assert save(store, PLAIN)
    assert store.of("/a.py") == {}
    assert store.move("/a.py", "/b.py")


def test_a_file_that_is_no_database_is_put_aside(store: History) -> None:
    assert store.path is not None
    store.path.parent.mkdir()
    store.path.write_bytes(b"this is no database at all " * 100)
    assert store.of("/a.py") == {}
    assert save(store, PLAIN)
    assert numbers(store) == [1]


def test_a_row_that_cannot_be_read_costs_itself_only(store: History) -> None:
    save(store, PLAIN)
    save(store, PLAIN.replace(">= 0", ">= 1"))
    assert store.path is not None
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute("UPDATE states SET state = ? WHERE number = 2", (json.dumps({"torn": 1}),))
    connection.close()
    assert numbers(store) == [1]
    assert save(store, PLAIN.replace(">= 0", ">= 2"))
    assert numbers(store) == [1, 3]


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_may_not_be_written_costs_the_state_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert not save(History(tmp_path / "new" / FILE_NAME), PLAIN)
    finally:
        tmp_path.chmod(0o700)


def test_a_store_that_may_only_be_read_costs_the_state_only(store: History) -> None:
    save(store, PLAIN)
    real = sqlite3.connect

    def reading(*args, **options):
        connection = real(*args, **options)
        connection.execute("PRAGMA query_only = ON")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", reading)
        assert not save(store, PLAIN.replace(">= 0", ">= 1"))
        assert not store.move("/a.py", "/b.py")
        assert not store.forget("/a.py")
        assert numbers(store) == [1]


def test_a_place_that_is_no_folder_costs_the_state_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not save(History(tmp_path / "file" / FILE_NAME), PLAIN)


def test_a_full_disk_costs_the_state_only(store: History) -> None:
    save(store, PLAIN)
    real = sqlite3.connect

    def small(*args, **options):
        connection = real(*args, **options)
        # SQLite itself says "database or disk is full" once the file may not grow.
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        assert not save(store, PLAIN.replace("Count.", "Count." + "x" * 200_000))
    assert numbers(store) == [1]
    assert save(store, PLAIN.replace(">= 0", ">= 1"))


def test_a_locked_file_costs_the_state_only(store: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_BUSY_SECONDS", 0.01)
    save(store, PLAIN)
    assert store.path is not None
    other = sqlite3.connect(store.path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        assert not save(store, PLAIN.replace(">= 0", ">= 1"))
        assert store.of("/a.py") == {}
    finally:
        other.close()
    assert numbers(store) == [1]


def _writes(path: str, offset: int) -> None:
    store = History(Path(path))
    for bound in range(20):
        assert save(store, PLAIN.replace("result >= 0", f"result >= -{offset + bound}"))


def test_two_processes_at_once_lose_nothing(store: History) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_writes, args=(str(store.path), offset)) for offset in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert numbers(store) == list(range(1, 41))
    texts = {c.text for s in store.of("/a.py")["f"] for c in s.clauses}
    assert len(texts) == 40


CLAUSES = ["result >= 0", "result >= n", "result >= -n", "result % 2 == 0"]
VERSIONS = st.tuples(
    st.lists(st.sampled_from(CLAUSES), max_size=3, unique=True),
    st.sampled_from(["abs(n)", "n * n", "f(n)"]),
    st.sampled_from(["Count.", "Measure."]),
    st.integers(0, 2),
)


def written(version: tuple[list[str], str, str, int]) -> str:
    clauses, body, summary, spaces = version
    bullets = "".join(f"        - ``{c.replace(' ', ' ' * (1 + spaces))}``\n" for c in clauses)
    section = f"\n\n    Ensures:\n{bullets}    " if clauses else ""
    return f'def f(n: int) -> int:\n    """{summary}{section}"""\n    return {body}\n'


@settings(max_examples=40)
@given(st.lists(VERSIONS, min_size=1, max_size=8))
def test_a_history_replays_the_states_that_were_saved(
    tmp_path_factory: pytest.TempPathFactory, versions: list[tuple[list[str], str, str, int]]
) -> None:
    store = History(tmp_path_factory.mktemp("history") / FILE_NAME)
    expected: list[PastState] = []
    for version in versions:
        text = written(version)
        (state,), _ = states(text)
        save(store, text)
        seen = [(s.specification, s.code, s.docstring) for s in expected[-1:]]
        if (expected or state.clauses) and seen != [(state.specification, state.code, state.docstring)]:
            expected.append(state)
    kept = store.of("/a.py").get("f", ())
    assert [s.number for s in kept] == list(range(1, len(expected) + 1))
    assert [(s.docstring, s.code, [c.id for c in s.clauses]) for s in kept] == [
        (s.docstring, s.code, [c.id for c in s.clauses]) for s in expected
    ]
    for before, after in itertools.pairwise(kept):
        assert before.made <= after.made
        earlier = {c.id: c.since for c in before.clauses}
        assert all(c.since == earlier.get(c.id, after.number) for c in after.clauses)
