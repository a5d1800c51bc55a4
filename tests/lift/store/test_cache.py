"""The cache saves time or does nothing: whatever state its file is in, no call raises."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from lift.store import cache as module
from lift.store.cache import FILE_NAME, Cache
from lift_ir import FunctionResult

RESULT = FunctionResult(name="f", line=3, verdict="proved", seconds=0.25, digest="d")


def file_in(folder: Path) -> Path:
    return folder / FILE_NAME


def works(cache: Cache) -> bool:
    """Whether what is put comes back."""
    cache.put("d", RESULT)
    kept = cache.get("d")
    cache.close()
    return kept == RESULT


def test_a_result_outlives_the_cache_that_kept_it(tmp_path):
    assert works(Cache(file_in(tmp_path / "new" / "folder")))
    again = Cache(file_in(tmp_path / "new" / "folder"))
    assert (again.get("d"), again.get("other"), again.size()) == (RESULT, None, 1)
    again.close()


def test_anchors_come_back_with_the_result(tmp_path):
    cache = Cache(file_in(tmp_path))
    cache.put("d", RESULT, {3: ("f", 3, -1, 0), 9: ("g", 8, 1, 2)})
    entry = cache.entry("d")
    assert entry is not None
    assert entry.anchors == {3: ("f", 3, -1, 0), 9: ("g", 8, 1, 2)}
    cache.close()


def test_another_solver_version_sees_nothing(tmp_path):
    assert works(Cache(file_in(tmp_path), "z3 5.4.1"))
    other = Cache(file_in(tmp_path), "z3 5.4.2")
    assert other.get("d") is None
    other.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database, but long enough to be taken for one" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000),
    ],
    ids=["empty", "text", "truncated", "header only", "overwritten"],
)
def test_a_spoilt_file_is_made_anew(tmp_path, spoil):
    assert works(Cache(file_in(tmp_path)))
    spoil(file_in(tmp_path))
    spoilt = Cache(file_in(tmp_path))
    spoilt.get("d")
    assert works(spoilt)


def test_a_table_of_another_shape_is_made_anew(tmp_path):
    connection = sqlite3.connect(file_in(tmp_path))
    connection.execute("CREATE TABLE results (a, b)")
    connection.close()
    assert works(Cache(file_in(tmp_path)))


@pytest.mark.parametrize("column", ["result", "anchors"])
@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 3}', '{"x": [1]}'])
def test_a_row_that_makes_no_sense_is_dropped(tmp_path, column, content):
    assert works(Cache(file_in(tmp_path)))
    connection = sqlite3.connect(file_in(tmp_path))
    connection.execute(f"UPDATE results SET {column} = ?", (content,))
    connection.commit()
    connection.close()
    cache = Cache(file_in(tmp_path))
    assert (cache.get("d"), cache.size()) == (None, 0)
    assert works(cache)


def test_a_file_of_another_name_is_never_removed(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_bytes(b"years of work" * 1000)
    assert not works(Cache(precious))
    assert precious.read_bytes() == b"years of work" * 1000


@pytest.mark.parametrize("there", ["folder", "file as folder", "fifo"])
def test_a_path_that_cannot_be_a_database_is_done_without(tmp_path, there):
    path = file_in(tmp_path)
    if there == "folder":
        path.mkdir()
    elif there == "file as folder":
        (tmp_path / "plain").write_text("")
        path = file_in(tmp_path / "plain")
    else:
        path = Path("/dev/null") / FILE_NAME
    assert not works(Cache(path))


def test_a_folder_that_may_not_be_written_is_done_without(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    script = (
        "import os, sys, pathlib\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "from lift.store.cache import Cache\n"
        "from lift_ir import FunctionResult\n"
        "cache = Cache(pathlib.Path(sys.argv[1]))\n"
        "cache.put('d', FunctionResult(name='f', line=1, verdict='proved'))\n"
        "print(cache.get('d'), cache.size())\n"
    )
    # Root may write everywhere, so that the try has to be made by somebody else; that one may not be able
    # to read the sources either, in which case they are imported before.
    script = "import lift.store.cache, lift_ir\n" + script
    done = subprocess.run(
        [sys.executable, "-c", script, str(file_in(folder))], capture_output=True, text=True, check=False
    )
    folder.chmod(stat.S_IRWXU)
    assert (done.stdout, done.returncode) == ("None None\n", 0), done.stderr


def test_a_locked_file_is_done_without(tmp_path, monkeypatch):
    assert works(Cache(file_in(tmp_path)))
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.001)
    other = sqlite3.connect(file_in(tmp_path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    cache = Cache(file_in(tmp_path))
    for _ in range(5):
        cache.put("e", RESULT)
        cache.get("d")
    other.execute("ROLLBACK")
    other.close()
    cache.close()
    assert works(Cache(file_in(tmp_path)))


def test_without_a_path_nothing_is_kept():
    cache = Cache(None)
    cache.put("d", RESULT)
    assert (cache.get("d"), cache.size()) == (None, None)


def test_old_results_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    cache = Cache(file_in(tmp_path))
    for number in range(20):
        cache.put(str(number), RESULT)
    cache.close()
    assert cache.size() == 5
    cache.close()


def test_a_cache_that_stays_open_makes_room_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    monkeypatch.setattr(module, "_PUTS_BETWEEN_LOOKS", 4)
    cache = Cache(file_in(tmp_path))
    for number in range(100):
        cache.put(str(number), RESULT)
    size = cache.size()
    assert size is not None
    assert size <= 14
    cache.close()


def test_what_was_not_used_for_longest_goes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_ENTRIES", 10)
    cache = Cache(file_in(tmp_path))
    for number in range(11):
        cache.put(str(number), RESULT)
    cache.close()
    with sqlite3.connect(file_in(tmp_path)) as connection:
        connection.execute("UPDATE results SET used = used - 9 WHERE key < ':5'")
    connection.close()
    assert cache.get("9") == RESULT
    assert [n for n in range(11) if cache.get(str(n)) is None] == [0, 1, 2, 3, 4, 10]
    cache.close()


def test_the_file_has_a_bound_as_well(tmp_path, monkeypatch):
    path = file_in(tmp_path)
    cache = Cache(path)
    large = RESULT.model_copy(update={"assumptions": ("x" * 10_000,)})
    for number in range(100):
        cache.put(str(number), large)
    cache.close()
    before = path.stat().st_size
    monkeypatch.setattr(module, "MOST_BYTES", 500_000)
    assert cache.size() == 50
    cache.close()
    assert path.stat().st_size < before * 0.7


_ENDLESS = """
import pathlib, sys
from lift.store.cache import Cache
from lift_ir import FunctionResult
cache = Cache(pathlib.Path(sys.argv[1]))
number = 0
while True:
    cache.put(f"{sys.argv[2]} {number}", FunctionResult(name="f", line=number + 1, verdict="proved"))
    cache.get(f"{sys.argv[2]} {number // 2}")
    number += 1
    if number == 20:
        print("running", flush=True)
"""


@pytest.mark.parametrize("others", [0, 1])
def test_a_process_that_is_killed_while_it_writes_harms_nothing(tmp_path, others):
    path = file_in(tmp_path)
    for attempt in range(3):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", _ENDLESS, str(path), f"{attempt}-{n}"], stdout=subprocess.PIPE
            )
            for n in range(1 + others)
        ]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"running\n"
        for process in running:
            process.kill()
            process.communicate()
        cache = Cache(path)
        for n in range(1 + others):
            # What was written before the kill is there, whole and under its own name.
            found = [cache.get(f"{attempt}-{n} {i}") for i in range(15)]
            assert [r.line for r in found if r is not None] == [*range(1, 16)]
        assert works(cache)
        cache.close()
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


_FILL = """
import pathlib, sys
from lift.store.cache import Cache
from lift_ir import FunctionResult
cache = Cache(pathlib.Path(sys.argv[1]))
for number in range(50):
    cache.put(f"{sys.argv[2]} {number}", FunctionResult(name="f", line=1, verdict="proved"))
"""


def test_two_processes_at_once_lose_nothing(tmp_path):
    path = file_in(tmp_path)
    assert works(Cache(path))
    both = [subprocess.Popen([sys.executable, "-c", _FILL, str(path), name]) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    cache = Cache(path)
    assert cache.size() == 101
    cache.close()


def test_two_threads_may_share_a_cache(tmp_path):
    cache = Cache(file_in(tmp_path))

    def fill(name: str) -> None:
        for number in range(50):
            cache.put(f"{name} {number}", RESULT)

    both = [threading.Thread(target=fill, args=(name,)) for name in ("one", "two")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert cache.size() == 100
    cache.close()
