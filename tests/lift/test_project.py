"""A project: what is checked, what is remembered, and what is dropped when the text has moved on.

The pool is worked by hand here, so that a test decides when which result comes; the real one has tests of
its own, and the command line's tests run it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest
from lift.config import Config
from lift.project import Project, checkable
from lift.source.text import Snapshot
from lift.store.cache import FILE_NAME, Cache
from lift_ir import ClauseResult, FunctionResult, Position, Span, Verdict

ONE = '''\
def one(x: int) -> int:
    """One.

    Ensures:
        - ``result == x``
    """
    return x
'''
TWO = '''\
def two(x: int) -> int:
    """Two.

    Ensures:
        - ``result == x + 1``
    """
    return one(x) + 1
'''
PLAIN = "def plain(x: int) -> int:\n    return x\n"
TEXT = f"{ONE}\n\n{TWO}\n\n{PLAIN}"


class HandPool:
    """A pool whose jobs end when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, Future[FunctionResult]]] = []
        self.killed: list[str] = []
        self.closed = False
        self.options = []

    def submit(self, job) -> Future[FunctionResult]:
        future: Future[FunctionResult] = Future()
        future.set_running_or_notify_cancel()
        self.jobs.append((job.qualname, future))
        self.options.append(job.options)
        return future

    def cancel(self, future: Future[FunctionResult]) -> None:
        self.killed += [name for name, known in self.jobs if known is future]

    def close(self) -> None:
        self.closed = True

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.jobs]

    def finish(self, name: str, verdict: Verdict = "proved", line: int = 1, **more) -> None:
        """Ends the newest job of ``name``."""
        future = next(f for n, f in reversed(self.jobs) if n == name)
        place = Span(start=Position(line=line, column=4), end=Position(line=line, column=7))
        clause = ClauseResult(kind="no-raise", text="nothing escapes", span=place, verdict=verdict)
        result = {"digest": "d", "seconds": 0.1, "clauses": (clause,), **more}
        future.set_result(FunctionResult(name=name, line=line, verdict=verdict, **result))


def project_of(cache: Cache | None = None, **settings) -> tuple[Project, HandPool]:
    pool = HandPool()
    project = Project(Path.cwd(), Config(**settings), cache=cache or Cache(None), pool=pool)  # type: ignore[arg-type]
    return project, pool


def snapshot(text: str, version: int = 1, uri: str = "file:///a.py") -> Snapshot:
    return Snapshot(uri, version, text)


async def start(project: Project, text: str, version: int = 1, names=None) -> tuple[asyncio.Task, list]:
    """A check that runs beside the test, and the list that its results go to."""
    results: list[FunctionResult] = []

    async def collect() -> None:
        iterator = project.check(snapshot(text, version), names)
        try:
            async for result in iterator:
                results.append(result)
        finally:
            await iterator.aclose()  # type: ignore[attr-defined]

    task = asyncio.create_task(collect())
    await asyncio.sleep(0)
    return task, results


def told(results) -> list[tuple[str, str, int]]:
    return [(r.name, r.verdict, r.line) for r in results]


async def test_specified_functions_are_checked_and_come_as_they_end():
    project, pool = project_of()
    task, results = await start(project, TEXT)
    assert pool.names == ["one", "two"]
    pool.finish("two", "refuted", line=10)
    while not results:
        await asyncio.sleep(0)
    assert told(results) == [("two", "refuted", 10)]
    pool.finish("one")
    await task
    assert told(results) == [("two", "refuted", 10), ("one", "proved", 1)]
    assert set(project.results("file:///a.py")) == {"one", "two"}


async def test_some_functions_may_be_named():
    project, pool = project_of()
    task, _ = await start(project, TEXT, names=["two", "plain", "nobody"])
    assert pool.names == ["two"]
    pool.finish("two", line=10)
    await task


async def test_what_is_known_comes_at_once_and_is_not_checked_again():
    project, pool = project_of()
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    task, results = await start(project, TEXT, version=2)
    await task
    assert told(results) == [("one", "proved", 1), ("two", "proved", 10)]
    assert pool.names == ["one", "two"]


async def test_a_change_of_a_callee_is_a_change_of_its_callers():
    project, pool = project_of()
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    changed = TEXT.replace("``result == x``", "``result >= x``")
    project.analyse(snapshot(changed, 2))
    results = project.results("file:///a.py")
    assert {name: r.progress for name, r in results.items()} == {"one": "stale", "two": "stale"}
    await stop(await start(project, changed, 3))
    assert pool.names == ["one", "two", "one", "two"]


async def test_a_function_that_only_moved_keeps_its_result():
    project, pool = project_of()
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    project.analyse(snapshot("# new\n\n" + TEXT, 2))
    results = project.results("file:///a.py")
    assert told(results.values()) == [("one", "proved", 3), ("two", "proved", 12)]
    assert {r.progress for r in results.values()} == {"current"}
    assert results["two"].clauses[0].span.start.line == 12


LONG = """\
def long(x: int) -> int:
    \"\"\"Long.

    Ensures:
        - ``result == x``
    \"\"\"
    y = x
    return y
"""
FORMATTED = {
    "a comment in the body": (LONG.replace("    y = x", "    # First.\n\n    y = x  # same"), 10),
    "a value over several lines": (LONG.replace("y = x", "y = (\n        x\n    )"), 10),
    "other spaces": (LONG.replace("y = x", "y=x"), 8),
    "a comment in the signature": (LONG.replace("(x: int)", "(\n    x: int,  # whole\n)"), 10),
    "a semicolon": (LONG.replace("    y = x\n    return y", "    y = x; return y"), 7),
}


@pytest.mark.parametrize(("text", "line"), FORMATTED.values(), ids=FORMATTED)
async def test_comments_and_formatting_are_not_checked_again_and_lines_move_with_the_code(text, line):
    project, pool = project_of()
    task, _ = await start(project, LONG)
    place = Span(start=Position(line=8, column=4), end=Position(line=8, column=12))
    clause = ClauseResult(kind="no-raise", text="nothing escapes", span=place, verdict="proved")
    pool.finish("long", clauses=(clause,))
    await task
    task, results = await start(project, text, version=2)
    await task
    assert pool.names == ["long"]
    [result] = results
    assert result.progress == "current"
    assert result.clauses[0].span.start.line == line


def test_typing_reads_the_code_no_second_time(monkeypatch):
    project, _ = project_of()
    project.analyse(snapshot(TEXT, 1))
    assert project.results("file:///a.py") == {}
    parsed = []
    monkeypatch.setattr("lift.verify.digests.load", lambda *given: parsed.append(given))
    for version in range(2, 6):
        project.analyse(snapshot(TEXT.replace("return x\n", f"return x + {version}\n"), version))
        assert project.results("file:///a.py") == {}
    assert parsed == []


async def test_an_edit_that_is_taken_back_brings_the_result_back():
    project, pool = project_of()
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    project.analyse(snapshot(TEXT.replace("return x\n", "return -x\n", 1), 2))
    assert project.results("file:///a.py")["one"].progress == "stale"
    project.analyse(snapshot(TEXT, 3))
    assert project.results("file:///a.py")["one"].progress == "current"


async def test_a_result_for_a_text_that_has_moved_on_is_dropped():
    project, pool = project_of()
    task, results = await start(project, TEXT)
    project.analyse(snapshot(TEXT.replace("return x\n", "return -x\n", 1), 2))
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    assert results == []
    assert project.results("file:///a.py") == {}


async def test_a_result_is_moved_along_with_edits_made_while_it_was_found():
    project, pool = project_of()
    task, results = await start(project, TEXT)
    project.analyse(snapshot("\n\n" + TEXT, 2))
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    assert sorted(told(results)) == [("one", "proved", 3), ("two", "proved", 12)]


async def test_an_older_text_than_the_newest_is_not_checked():
    project, pool = project_of()
    project.analyse(snapshot(PLAIN + ONE, 5))
    task, results = await start(project, TEXT, version=4)
    await task
    assert (results, pool.names) == ([], [])


async def test_while_the_text_does_not_parse_nothing_is_checked_and_results_stay():
    project, pool = project_of()
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    torn = "x = (\n" + TEXT
    task, results = await start(project, torn, 2)
    await task
    assert (results, pool.names) == ([], ["one", "two"])
    assert set(project.results("file:///a.py")) == {"one", "two"}


async def stop(started) -> None:
    task, _ = started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelling_a_check_kills_its_jobs():
    project, pool = project_of()
    await stop(await start(project, TEXT))
    assert pool.killed == ["one", "two"]


async def test_a_job_that_another_check_waits_for_lives_on():
    project, pool = project_of()
    first = await start(project, TEXT, 1)
    second = await start(project, TEXT, 2)
    assert pool.names == ["one", "two"]
    await stop(first)
    assert pool.killed == []
    pool.finish("one")
    pool.finish("two", line=10)
    await second[0]
    assert sorted(told(second[1])) == [("one", "proved", 1), ("two", "proved", 10)]


async def test_after_a_killed_check_a_new_one_starts_anew():
    project, pool = project_of()
    await stop(await start(project, ONE))
    task, results = await start(project, ONE, 2)
    pool.finish("one")
    await task
    assert (pool.names, told(results)) == (["one", "one"], [("one", "proved", 1)])


async def test_results_outlive_the_project(tmp_path):
    path = tmp_path / FILE_NAME
    project, pool = project_of(Cache(path))
    task, _ = await start(project, TEXT)
    pool.finish("one")
    pool.finish("two", line=10)
    await task
    project.close()
    assert pool.closed
    again, pool = project_of(Cache(path))
    task, results = await start(again, "\n" + TEXT)
    await task
    assert (told(results), pool.names) == ([("one", "proved", 2), ("two", "proved", 11)], [])
    again.close()


@pytest.mark.parametrize(
    ("verdict", "more", "kept"),
    [
        ("proved", {"seconds": 5.9}, True),
        ("refuted", {"seconds": 5.9}, True),
        ("unknown", {"seconds": 0.2}, True),
        ("unknown", {"seconds": 5.9}, False),
        ("bounded", {"seconds": 5.9}, False),
        ("unknown", {"digest": ""}, False),
    ],
)
async def test_what_a_busy_machine_or_a_dead_worker_left_open_is_tried_again(tmp_path, verdict, more, kept):
    path = tmp_path / FILE_NAME
    project, pool = project_of(Cache(path))
    task, _ = await start(project, ONE)
    pool.finish("one", verdict, **more)
    await task
    project.close()
    again, pool = project_of(Cache(path))
    started = await start(again, ONE)
    assert (pool.names == []) == kept
    started[0].cancel()
    again.close()


@pytest.mark.parametrize(
    ("settings", "allowed"), [({}, True), ({"run_code": False}, False), ({"trusted": False}, False)]
)
async def test_code_runs_only_where_the_settings_and_the_trust_allow_it(settings, allowed):
    project, pool = project_of(**settings)
    await stop(await start(project, ONE))
    assert [options.run_code for options in pool.options] == [allowed]


async def test_new_settings_hold_from_the_next_check_on():
    project, pool = project_of()
    task, _ = await start(project, ONE)
    pool.finish("one")
    await task
    project.configure(Config(seconds=1.0))
    assert project.results("file:///a.py")["one"].progress == "stale"
    await stop(await start(project, ONE, 2))
    assert [options.seconds for options in pool.options] == [6.0, 1.0]


def test_a_forgotten_text_has_no_results():
    project, _ = project_of()
    project.analyse(snapshot(TEXT))
    assert project.extraction("file:///a.py") is not None
    project.forget("file:///a.py")
    assert (project.extraction("file:///a.py"), project.results("file:///a.py")) == (None, {})


def test_collect_waits_and_keeps_the_order_of_the_text():
    project, pool = project_of()
    batch = project.begin(snapshot(TEXT))
    pool.finish("two", line=10)
    pool.finish("one")
    assert [r.name for r in project.collect(batch)] == ["one", "two"]


def test_methods_of_a_class_with_invariants_are_checked():
    project, _ = project_of()
    text = 'class A:\n    """A.\n\n    Invariants:\n        - ``self.x > 0``\n    """\n\n'
    text += "    def __init__(self) -> None:\n        self.x: int = 1\n\n\nclass B:\n    def f(self): ...\n"
    module = project.analyse(snapshot(text)).module
    assert [f.qualname for f in checkable(module)] == ["A.__init__"]
