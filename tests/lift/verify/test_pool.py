"""Functions checked in real worker processes: results, bounds, cancelling, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.pool import Job, Pool, Task, TaskError
from lift_ir import FunctionResult, Module

CHECKS = '''
"""What the workers of these tests run in place of a check."""
import os, sys, time
from pathlib import Path
from lift_ir import FunctionResult

HERE = Path(__file__).parent

def wait_for(name):
    while not (HERE / name).exists():
        time.sleep(0.005)

def check(module, text, qualname, options, sources=None):
    with open(HERE / "order", "a") as log:
        log.write(f"{module.path}:{qualname}\\n")
    (HERE / f"pid-{qualname}").write_text(str(os.getpid()))
    word = qualname.partition("_")[0]
    if word == "gate":
        wait_for("open-gate")
    elif word == "exit":
        os._exit(3)
    elif word == "segfault":
        os.kill(os.getpid(), 11)
    elif word == "endless":
        while True:
            pass
    elif word == "big":
        bytearray(1 << 30)
    elif word == "error":
        raise KeyError("oh")
    elif word == "noise":
        print("{noise}")
        os.write(1, b"[noise]\\n")
        assert sys.stdin.read() == ""
    elif word == "sandbox":
        from lift.verify.replay import Case, Program, run
        program = Program("def f():\\n    while True:\\n        pass\\n", "f.py", "f", ())
        run(program, [Case({})], seconds=600, per_case=600)
    return FunctionResult(name=qualname, line=len(text), verdict="proved", digest=str(id(module)))

def task(module, text, qualname, options, details, sources):
    result = check(module, text, qualname, options)
    return result.model_copy(update={"name": f"{qualname} with {details}"})
'''
OPTIONS = Options(seconds=20.0, memory_mb=300)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "checks_of_tests.py").write_text(CHECKS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def pool(folder: Path) -> Iterator[Pool]:
    made = Pool(workers=1, entry="checks_of_tests:check")
    yield made
    made.close()


def module_of(path: str, *names: str) -> tuple[Module, str]:
    lines = [
        f'def {n}() -> int:\n    """Do.\n\n    Ensures:\n        - ``result == 1``\n    """\n    return 1\n'
        for n in names
    ]
    text = "\n".join(lines)
    return extract(Snapshot(path, None, text)).module, text


def submit(pool: Pool, name: str, path: str = "a.py", options: Options = OPTIONS) -> Future[FunctionResult]:
    return pool.submit(Job(*module_of(path, name), name, options))


def perform(pool: Pool, name: str, options: Options = OPTIONS, details: str = "{}") -> Future[str]:
    return pool.perform(Task(*module_of("a.py", name), name, options, "checks_of_tests:task", details))


def reasons(future: Future[FunctionResult]) -> set[str | None]:
    result = future.result(60)
    assert result.verdict == "unknown"
    assert {c.kind for c in result.clauses} == {"ensures", "no-raise"}
    return {c.reason for c in result.clauses}


def eventually(what: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has ended as well."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def pid_of(folder: Path, name: str) -> int:
    file = folder / f"pid-{name}"
    eventually(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(c) for c in (task / "children").read_text().split()]
    return found


def test_results_come_back(pool: Pool, folder: Path) -> None:
    module, text = module_of("a.py", *(f"f{n}" for n in range(300)))
    futures = [pool.submit(Job(module, text, f"f{n}", OPTIONS)) for n in range(20)]
    results = [f.result(60) for f in futures]
    assert [r.name for r in results] == [f"f{n}" for n in range(20)]
    assert {r.line for r in results} == {len(text)}
    # One and the same object in the worker: the module crossed over once.
    assert len({r.digest for r in results}) == 1
    assert pid_of(folder, "f0") == pid_of(folder, "f19") != os.getpid()


def test_a_warm_worker_does_the_first_job(pool: Pool, folder: Path) -> None:
    before = set(children(os.getpid()))
    pool.warm()
    eventually(lambda: set(children(os.getpid())) - before)
    (ahead,) = set(children(os.getpid())) - before
    pool.warm()
    submit(pool, "f0").result(60)
    assert pid_of(folder, "f0") == ahead
    pool.close()
    assert gone(ahead)
    pool.warm()
    assert set(children(os.getpid())) <= before


@pytest.mark.parametrize(
    ("newest_first", "order"),
    [
        (True, ["a:gate", "c:c1", "c:c2", "b:b1", "b:b2", "a:a1"]),
        (False, ["a:gate", "a:a1", "b:b1", "b:b2", "c:c1", "c:c2"]),
    ],
)
def test_the_newest_document_goes_first(folder: Path, newest_first: bool, order: list[str]) -> None:
    pool = Pool(workers=1, newest_first=newest_first, entry="checks_of_tests:check")
    first = submit(pool, "gate", "a")
    pid_of(folder, "gate")
    futures = [submit(pool, n, n[0]) for n in ("a1", "b1", "b2", "c1", "c2")]
    (folder / "open-gate").touch()
    for future in (first, *futures):
        future.result(60)
    pool.close()
    assert (folder / "order").read_text().split() == order


def test_two_workers_work_at_once(folder: Path) -> None:
    pool = Pool(workers=2, entry="checks_of_tests:check")
    try:
        gate = submit(pool, "gate")
        assert submit(pool, "f").result(60).verdict == "proved"
        assert not gate.done()
        (folder / "open-gate").touch()
        assert gate.result(60).verdict == "proved"
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("exit", "the checker ended with status 3"),
        ("segfault", "the checker was ended by SIGSEGV"),
        ("big", "it needs more than 300 MiB"),
        ("error", "an error in lift itself: KeyError: 'oh'"),
    ],
)
def test_a_check_without_an_end_is_unknown_and_the_next_one_works(pool: Pool, name: str, reason: str) -> None:
    futures = [submit(pool, "f1"), submit(pool, name), submit(pool, "f2")]
    assert reasons(futures[1]) == {reason}
    assert [futures[n].result(60).verdict for n in (0, 2)] == ["proved", "proved"]


def test_a_check_that_does_not_end_is_killed(pool: Pool, folder: Path) -> None:
    stuck = submit(pool, "endless", options=Options(seconds=0.0, float_seconds=0.0, memory_mb=300))
    assert reasons(stuck) == {"timeout: no end after 2 s"}
    assert gone(pid_of(folder, "endless"))
    assert submit(pool, "f").result(60).verdict == "proved"


def test_what_a_check_prints_goes_nowhere(pool: Pool, capfd: pytest.CaptureFixture[str]) -> None:
    assert submit(pool, "noise").result(60).verdict == "proved"
    assert capfd.readouterr().out == ""


def test_a_running_job_is_cancelled(pool: Pool, folder: Path) -> None:
    running, waiting, last = submit(pool, "endless"), submit(pool, "f1"), submit(pool, "f2")
    pid = pid_of(folder, "endless")
    pool.cancel(waiting)
    pool.cancel(running)
    with pytest.raises(CancelledError):
        running.result(60)
    assert waiting.cancelled()
    assert last.result(60).verdict == "proved"
    assert gone(pid)


def test_cancelling_at_any_moment_leaves_the_pool_working(pool: Pool) -> None:
    for round in range(30):
        future = submit(pool, f"f{round}")
        deadline = time.monotonic() + round / 2000
        while time.monotonic() < deadline and not future.done():
            pass
        pool.cancel(future)
        assert submit(pool, "next").result(60).verdict == "proved"
        assert future.done()


def test_closing_ends_everything(folder: Path) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    pool = Pool(workers=2, entry="checks_of_tests:check")
    futures = [submit(pool, n) for n in ("endless_1", "endless_2", "f")]
    pids = [pid_of(folder, n) for n in ("endless_1", "endless_2")]
    pool.close()
    pool.close()
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(0)
    # A process that was ended and not waited for would still be there.
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists()
    assert len(os.listdir("/proc/self/fd")) == descriptors
    with pytest.raises(RuntimeError):
        submit(pool, "f")


def test_a_callback_may_submit_and_close(folder: Path) -> None:
    pool = Pool(workers=1, entry="checks_of_tests:check")
    seen: list[str] = []
    second: list[Future[FunctionResult]] = []

    def after_second(future: Future[FunctionResult]) -> None:
        seen.append(future.result().name)
        pool.close()

    def after_first(future: Future[FunctionResult]) -> None:
        seen.append(future.result().name)
        second.append(submit(pool, "f2"))
        second[0].add_done_callback(after_second)

    submit(pool, "f1").add_done_callback(after_first)
    eventually(lambda: seen == ["f1", "f2"])
    pool.close()


def test_a_task_is_done_by_its_entry(pool: Pool) -> None:
    done = perform(pool, "f", details='{"n": 1}').result(60)
    assert FunctionResult.model_validate_json(done).name == 'f with {"n": 1}'
    assert submit(pool, "f").result(60).name == "f"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("exit", "the checker ended with status 3"),
        ("big", "it needs more than 300 MiB"),
        ("error", "an error in lift itself: KeyError: 'oh'"),
    ],
)
def test_a_task_without_an_end_says_why(pool: Pool, name: str, reason: str) -> None:
    with pytest.raises(TaskError, match=reason):
        perform(pool, name).result(60)
    assert submit(pool, "f").result(60).verdict == "proved"


def test_a_task_that_does_not_end_is_killed(pool: Pool, folder: Path) -> None:
    with pytest.raises(TaskError, match="timeout: no end after 2 s"):
        perform(pool, "endless", Options(seconds=0.0, float_seconds=0.0, memory_mb=300)).result(60)
    assert gone(pid_of(folder, "endless"))


def test_checks_go_before_tasks(folder: Path) -> None:
    pool = Pool(workers=1, newest_first=False, entry="checks_of_tests:check")
    gate = submit(pool, "gate")
    pid_of(folder, "gate")
    task, check = perform(pool, "t"), submit(pool, "c")
    (folder / "open-gate").touch()
    for future in (gate, task, check):
        future.result(60)
    pool.close()
    assert (folder / "order").read_text().split() == ["a.py:gate", "a.py:c", "a.py:t"]


def test_tasks_leave_a_worker_free_for_checks(folder: Path) -> None:
    pool = Pool(workers=2, entry="checks_of_tests:check")
    gate, waiting = perform(pool, "gate"), perform(pool, "t")
    pid_of(folder, "gate")
    assert submit(pool, "c").result(60).verdict == "proved"
    assert not waiting.done()
    (folder / "open-gate").touch()
    gate.result(60)
    waiting.result(60)
    pool.close()


def test_a_task_makes_room_in_the_only_worker_and_begins_again(pool: Pool, folder: Path) -> None:
    task = perform(pool, "gate")
    first = pid_of(folder, "gate")
    assert submit(pool, "c").result(60).verdict == "proved"
    assert gone(first)
    (folder / "open-gate").touch()
    assert FunctionResult.model_validate_json(task.result(60)).name == "gate with {}"


@pytest.mark.parametrize("end", [Pool.cancel, lambda pool, _: pool.close()])
def test_a_task_that_waits_to_begin_again_can_be_ended(
    pool: Pool, folder: Path, end: Callable[[Pool, Future[str]], None]
) -> None:
    task = perform(pool, "endless_task")
    pid_of(folder, "endless_task")
    check = submit(pool, "endless")
    pid_of(folder, "endless")
    end(pool, task)
    with pytest.raises(CancelledError):
        task.result(60)
    pool.cancel(check)
    with pytest.raises(CancelledError):
        check.result(60)


def test_a_running_task_is_cancelled(pool: Pool, folder: Path) -> None:
    task = perform(pool, "endless")
    pid = pid_of(folder, "endless")
    pool.cancel(task)
    with pytest.raises(CancelledError):
        task.result(60)
    assert gone(pid)


OWNER = """
import sys
sys.path.insert(0, {folder!r})
from test_pool import submit
from lift.verify.pool import Pool
pool = Pool(workers=2, entry="checks_of_tests:check")
first, second = submit(pool, "sandbox"), submit(pool, "endless")
first.result()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_owner(folder: Path, number: int) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER.format(folder=str(Path(__file__).parent))])
    workers = [pid_of(folder, name) for name in ("sandbox", "endless")]
    eventually(lambda: children(workers[0]))
    sandboxes = children(workers[0])
    owner.send_signal(number)
    owner.wait(60)
    eventually(lambda: all(map(gone, [*workers, *sandboxes])))


def test_a_cancelled_check_takes_its_sandbox_along(pool: Pool, folder: Path) -> None:
    future = submit(pool, "sandbox")
    pid = pid_of(folder, "sandbox")
    eventually(lambda: children(pid))
    sandboxes = children(pid)
    pool.cancel(future)
    eventually(lambda: all(map(gone, sandboxes)))


def test_the_real_check_runs_in_a_worker() -> None:
    pool = Pool(workers=1)
    try:
        assert submit(pool, "one", options=Options()).result(60).verdict == "proved"
    finally:
        pool.close()
