"""Results across files: an edit of what is imported is an edit of what rests on it, saved or not.

The pool is worked by hand, as in the project's own tests.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from lift.config import Config
from lift.project import Project
from lift.source.text import Snapshot
from lift.store.cache import Cache
from lift_ir import ClauseResult, FunctionResult, Position, Span

OTHER = '''\
def half(x: int) -> int:
    """Half of it.

    Ensures:
        - ``result <= x or x < 0``
    """
    return x // 2


def unused(x: int) -> int:
    """Nobody imports it.

    Ensures:
        - ``result == x``
    """
    return x
'''
MAIN = '''\
from pkg.other import half


def caller(x: int) -> int:
    """It calls.

    Ensures:
        - ``result <= x or x < 0``
    """
    return half(x)


def alone(x: int) -> int:
    """It does not.

    Ensures:
        - ``result == x``
    """
    return x
'''


class Pool:
    """A pool in which every check ends at once, and that remembers what was asked of it."""

    def __init__(self) -> None:
        self.jobs: list = []

    def submit(self, job) -> Future[FunctionResult]:
        self.jobs.append(job)
        place = Span(start=Position(line=1, column=0), end=Position(line=1, column=1))
        clause = ClauseResult(kind="no-raise", text="nothing", span=place, verdict="proved")
        future: Future[FunctionResult] = Future()
        future.set_result(
            FunctionResult(name=job.qualname, line=1, verdict="proved", digest="d", clauses=(clause,))
        )
        return future

    def cancel(self, future) -> None:
        raise AssertionError("nothing is under way")

    def close(self) -> None:
        pass


class Workspace:
    """A folder with a project in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = Pool()
        self.project = Project(folder, Config(), cache=Cache(None), pool=self.pool)  # type: ignore[arg-type]
        (folder / "pkg").mkdir()
        self.save("__init__", "")
        self.save("other", OTHER)
        self.save("main", MAIN)

    def uri(self, name: str) -> str:
        return (self.folder / "pkg" / f"{name}.py").as_uri()

    def save(self, name: str, text: str) -> None:
        (self.folder / "pkg" / f"{name}.py").write_text(text)

    def open(self, name: str, text: str, version: int = 1) -> None:
        self.project.analyse(Snapshot(self.uri(name), version, text))

    def checked(self, name: str, text: str, version: int = 1) -> list[str]:
        """The functions that a check of a text asks the pool for."""
        before = len(self.pool.jobs)
        batch = self.project.begin(Snapshot(self.uri(name), version, text))
        for pending in batch.pending:
            self.project.finish(batch, pending)
        return [job.qualname for job in self.pool.jobs[before:]]

    def stale(self, name: str) -> set[str]:
        return {n for n, r in self.project.results(self.uri(name)).items() if r.progress == "stale"}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    made = Workspace(tmp_path)
    assert made.checked("main", MAIN) == ["caller", "alone"]
    return made


def test_a_check_is_given_what_the_function_imports(workspace):
    assert [s.name for s in workspace.pool.jobs[0].sources.items if s.module.functions] == ["pkg.other"]


def test_an_edit_of_the_other_contract_is_one_of_its_callers(workspace):
    workspace.save("other", OTHER.replace("``result <= x or", "``result < x or"))
    assert workspace.stale("main") == {"caller"}
    assert workspace.checked("main", MAIN) == ["caller"]
    assert workspace.stale("main") == set()


def test_an_edit_counts_while_it_is_open_and_not_saved(workspace):
    workspace.open("other", OTHER.replace("``result <= x or", "``result < x or"))
    assert workspace.stale("main") == {"caller"}
    assert workspace.project.dependents(workspace.uri("other")) == (workspace.uri("main"),)


def test_closing_without_saving_brings_the_result_back(workspace):
    workspace.open("other", OTHER.replace("``result <= x or", "``result < x or"))
    assert workspace.stale("main") == {"caller"}
    workspace.project.forget(workspace.uri("other"))
    assert workspace.stale("main") == set()
    assert workspace.checked("main", MAIN) == []


LEAVES_ALONE = {
    "another function's contract": OTHER.replace("``result == x``", "``result >= x``"),
    "a comment": OTHER + "\n# Nothing to see.\n",
    "a comment in the function": OTHER.replace("    return x // 2", "    # Rounded down.\n    return x // 2"),
    "lines above": "\n\n\n" + OTHER,
    "another function": OTHER + "\n\ndef more(x: int) -> int:\n    return x\n",
}


@pytest.mark.parametrize("text", LEAVES_ALONE.values(), ids=LEAVES_ALONE)
def test_what_means_nothing_to_the_callers_leaves_them_alone(workspace, text):
    workspace.save("other", text)
    if "def more" in text:
        # A new name may be what an old one meant before.
        assert workspace.checked("main", MAIN) in ([], ["caller"])
        return
    assert workspace.stale("main") == set()
    assert workspace.checked("main", MAIN) == []


def test_a_file_that_comes_into_being_or_goes_is_noticed(workspace):
    text = "from pkg.late import half\n" + MAIN.partition("\n")[2]
    workspace.save("main", text)
    assert workspace.checked("main", text) == ["caller", "alone"]
    workspace.save("late", OTHER)
    assert workspace.stale("main") == {"caller"}
    assert workspace.checked("main", text) == ["caller"]
    (workspace.folder / "pkg" / "late.py").unlink()
    assert workspace.stale("main") == {"caller"}


def test_a_text_that_is_no_file_has_no_neighbours(tmp_path):
    made = Workspace(tmp_path)
    project = made.project
    batch = project.begin(Snapshot("untitled:Untitled-1", 1, MAIN))
    assert [p.function.qualname for p in batch.pending] == ["caller", "alone"]
