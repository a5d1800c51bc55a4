"""What goes wrong around a server: killed workers, no room, broken files, a clock that runs back, odd pipes.

Real processes throughout. A verdict may cost more time, and never becomes another one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lift.lsp.wire import CAPABILITIES, COMMAND, Wire

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

TEXT = '''\
def clamp(value: int, low: int, high: int) -> int:
    """Bring a value between two bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
    """
    return max(low, min(value, high))


def total(items: list[int]) -> int:
    """Add up.

    Requires:
        - ``all(i >= 0 for i in items)``

    Ensures:
        - ``result >= 0``
    """
    found = 0
    for item in items:
        found += item
    return found


def wrong(n: int) -> int:
    """Say the next number.

    Ensures:
        - ``result > n + 1``
    """
    return n + 1


def third(n: int) -> int:
    """Divide.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``3 * result <= n``
    """
    return n // 3
'''
VERDICTS = {"clamp": "proved", "total": "proved", "wrong": "refuted", "third": "proved"}
WORKER = b"lift.verify.worker"


# Processes -----------------------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:
        pass
    return found


def descendants(pid: int) -> list[int]:
    found = children(pid)
    for child in list(found):
        found += descendants(child)
    return found


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def workers(pid: int) -> list[int]:
    return [child for child in children(pid) if WORKER in command_line(child)]


def marked(mark: str) -> list[int]:
    """Living processes with ``mark`` in their environment, wherever they stand in the tree."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "environ").read_bytes() and not gone(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has ended as well."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def eventually(holds: Callable[[], object], what: str) -> None:
    """Waits for something that another process does."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


# Servers -------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, str]:
    return {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}


@pytest.fixture
def start(root: Path, homes: dict[str, str]) -> Iterator[Callable[..., Wire]]:
    """Starts servers; those that are left are ended with the test."""
    started: list[Wire] = []

    def started_now(environment: dict[str, str] | None = None, **options: Any) -> Wire:
        settings = {"workers": 2, "seconds": 5, **options.pop("settings", {})}
        started.append(Wire(root, homes | (environment or {}), settings, **options))
        return started[-1]

    yield started_now
    for wire in started:
        wire.kill()


def opened(wire: Wire, name: str = "cart.py", text: str = TEXT) -> str:
    uri = (wire.root / name).as_uri()
    wire.open(uri, text)
    return uri


def renamed(number: int) -> str:
    """The same functions under other names, which no cache knows."""
    return TEXT.replace("\ndef ", f"\ndef n{number}_").replace("def clamp", f"def n{number}_clamp", 1)


def verdicts_of(number: int) -> dict[str, str]:
    return {f"n{number}_{name}": verdict for name, verdict in VERDICTS.items()}


def is_well(wire: Wire, number: int = 0) -> None:
    """It answers, checks what it has not seen before, and has nothing to complain about."""
    uri = opened(wire, f"well_{number}.py", renamed(1000 + number))
    assert wire.verdicts(uri) == verdicts_of(1000 + number)
    assert wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert "Traceback" not in wire.log
    assert "Error in" not in wire.log


# Killed processes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_workers_and_sandboxes_that_are_killed_at_random(start: Callable[..., Wire], seed: int) -> None:
    wire, chance = start(), random.Random(seed)
    asked = wire.request("lift/verify", {"textDocument": {"uri": opened(wire)}})
    for _ in range(12):
        eventually(lambda: descendants(wire.process.pid) or wire.answers[asked], "a worker or the answer")
        running = descendants(wire.process.pid)
        for pid in running if chance.random() < 0.3 else running[-1:]:
            kill(pid)
        for _ in range(chance.randrange(40)):
            # Between two answers of the server there are as many moments as one likes.
            wire.ask("lift/status", {})
        if wire.answers[asked]:
            break
    found = wire.answer(asked)["result"]["functions"]
    assert {f["name"] for f in found} == set(VERDICTS)
    for function in found:
        assert function["verdict"] in (VERDICTS[function["name"]], "unknown", "bounded", "tested"), function
        reasons = [c["reason"] for c in function["clauses"] if c["verdict"] == "unknown"]
        assert all(reasons), function
    # Nothing of it is remembered as a result.
    assert wire.verdicts((wire.root / "cart.py").as_uri()) == VERDICTS
    is_well(wire)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything_below_it(
    start: Callable[..., Wire], tmp_path: Path, signum: int
) -> None:
    mark, pages = f"LIFT_MARK_{uuid.uuid4().hex}", tmp_path / "pages"
    pages.mkdir()
    window = {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}
    wire = start({mark: "1", "TMPDIR": str(pages)}, said=CAPABILITIES | window)
    uri = opened(wire)
    wire.ask("workspace/executeCommand", {"command": "lift.showSpecification", "arguments": [uri]})
    assert list(pages.glob("lift-pages-*"))
    wire.request("lift/verify", {"textDocument": {"uri": uri}})
    eventually(lambda: workers(wire.process.pid), "a worker")
    below = descendants(wire.process.pid)
    wire.process.send_signal(signum)
    assert wire.process.wait(60) == 1
    eventually(lambda: all(map(gone, below)) and not marked(mark), "the end of all processes")
    assert not list(pages.glob("lift-pages-*"))
    assert "Traceback" not in wire.log


CLIENT = """
import sys, time
from pathlib import Path
from tests.lift.lsp.wire import Wire
wire = Wire(Path(sys.argv[1]), settings={"seconds": 20})
uri = Path(sys.argv[1], "cart.py").as_uri()
wire.open(uri, sys.stdin.read())
wire.request("lift/verify", {"textDocument": {"uri": uri}})
print(wire.process.pid, flush=True)
time.sleep(600)
"""


def test_a_client_that_is_killed_leaves_nobody_behind(root: Path, homes: dict[str, str]) -> None:
    mark = f"LIFT_MARK_{uuid.uuid4().hex}"
    here = str(Path(__file__).parents[3])
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(root)],
        env={**os.environ, **homes, mark: "1", "PYTHONPATH": here},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    assert client.stdout is not None
    with client:
        client.stdin.write(TEXT)
        client.stdin.close()
        server = int(client.stdout.readline())
        eventually(lambda: workers(server), "a worker")
        below = descendants(server)
        client.kill()
    eventually(lambda: all(map(gone, [server, *below])), "the end of the server's processes")
    eventually(lambda: not marked(mark), "the end of all processes")


# No room, no files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("most_bytes", [4_096, 20_000])
def test_a_full_disk_costs_no_result(start: Callable[..., Wire], most_bytes: int) -> None:
    """No file can grow beyond so many bytes, whoever writes it: the same as a disk without room."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    wire = start(preexec_fn=limit)
    uri = opened(wire)
    assert wire.verdicts(uri) == VERDICTS
    is_well(wire)


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null/home", "/dev/full"])
def test_a_home_that_cannot_be_written_costs_no_result(start: Callable[..., Wire], place: str) -> None:
    where = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TMPDIR"), place)
    wire = start(where)
    assert wire.verdicts(opened(wire)) == VERDICTS
    is_well(wire)


def caches(homes: dict[str, str]) -> list[Path]:
    kept = [Path(homes[f"XDG_{name}_HOME"]) for name in ("CACHE", "STATE")]
    return sorted(file for folder in kept for file in folder.rglob("*") if file.is_file())


def cut(file: Path) -> None:
    os.truncate(file, 0)


def scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    chance = random.Random(len(content))
    with file.open("r+b") as stream:
        stream.write(chance.randbytes(max(len(content), 100)))


def remove(file: Path) -> None:
    file.unlink(missing_ok=True)


SPOILS = [cut, scramble, remove]


@pytest.mark.parametrize("spoil", SPOILS)
def test_files_that_are_spoilt_between_two_runs(
    start: Callable[..., Wire], homes: dict[str, str], spoil: Callable[[Path], None]
) -> None:
    first = start()
    assert first.verdicts(opened(first)) == VERDICTS
    assert first.end() == 0
    assert caches(homes)
    for file in caches(homes):
        spoil(file)
    second = start()
    assert second.verdicts(opened(second)) == VERDICTS
    is_well(second)


@pytest.mark.parametrize("spoil", SPOILS)
def test_files_that_are_spoilt_while_it_runs(
    start: Callable[..., Wire], homes: dict[str, str], spoil: Callable[[Path], None]
) -> None:
    wire = start()
    assert wire.verdicts(opened(wire)) == VERDICTS
    assert caches(homes)
    for number in range(2):
        for file in caches(homes):
            spoil(file)
        is_well(wire, number)
        other = opened(wire, f"other_{number}.py")
        assert wire.verdicts(other) == VERDICTS
    assert wire.end() == 0


def test_two_servers_on_one_folder(start: Callable[..., Wire]) -> None:
    both = [start(), start()]
    uris = [[opened(wire, f"m{n}.py", renamed(n)) for n in range(3)] for wire in both]
    asked = [
        [wire.request("lift/verify", {"textDocument": {"uri": uri}}) for uri in uris[place]]
        for place, wire in enumerate(both)
    ]
    found = [
        [
            {f["name"]: f["verdict"] for f in wire.answer(number)["result"]["functions"]}
            for number in asked[place]
        ]
        for place, wire in enumerate(both)
    ]
    assert found[0] == found[1] == [verdicts_of(n) for n in range(3)]
    assert [wire.end() for wire in both] == [0, 0]
    third = start()
    uri = opened(third, "m0.py", renamed(0))
    # Known from the cache: shown before anything is checked.
    third.until(
        lambda: any(d["code"] == "refuted" for p in third.published[uri] for d in p["diagnostics"]),
        "what the others found",
    )
    assert workers(third.process.pid) == [] or third.verdicts(uri) == verdicts_of(0)


# Time ----------------------------------------------------------------------------------------------------

BACKWARDS = """
import itertools, time
began, steps = time.time(), itertools.count()
time.time = lambda: began - 86_400 * 40 * next(steps)
from lift.lsp.main import main
main([])
"""


def test_a_clock_that_runs_backwards(start: Callable[..., Wire]) -> None:
    """Each look at the clock is forty days before the last one."""
    wire = start(command=[sys.executable, "-c", BACKWARDS])
    uri = opened(wire)
    assert wire.verdicts(uri) == VERDICTS
    better = TEXT.replace("result > n + 1", "result == n + 1")
    wire.change(uri, 2, [{"text": better}])
    assert wire.verdicts(uri) == VERDICTS | {"wrong": "proved"}
    wire.change(uri, 3, [{"text": TEXT}])
    assert wire.verdicts(uri) == VERDICTS
    history = wire.ask("lift/history", {"textDocument": {"uri": uri}, "function": "wrong"})
    made = [state["made"] for function in history["functions"] for state in function["states"]]
    assert made == sorted(made, reverse=True)
    is_well(wire)


# Pipes and descriptors -----------------------------------------------------------------------------------


def test_a_log_that_nobody_reads_does_not_stop_it(start: Callable[..., Wire]) -> None:
    source, sink = os.pipe()
    fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 4096)
    wire = start(stderr=sink, command=[COMMAND, "--log-level", "debug"])
    uri = opened(wire)
    for version in range(2, 200):
        wire.change(uri, version, [{"text": 5}, {"nonsense": "x" * 100}])
    assert wire.verdicts(uri) == VERDICTS
    is_well(wire)
    assert wire.end() == 0
    os.close(sink)
    os.close(source)


def test_what_the_log_leaves_out_is_said_once_there_is_room(start: Callable[..., Wire]) -> None:
    source, sink = os.pipe()
    fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 4096)
    wire = start(stderr=sink)
    os.close(sink)
    uri = opened(wire)
    for version in range(2, 200):
        wire.change(uri, version, [{"nonsense": 5}])
    wire.ask("lift/status", {})
    assert b"didChange" in os.read(source, 1 << 16)
    wire.change(uri, 500, [{"nonsense": 5}])
    assert wire.end() == 0
    with open(source, "rb") as rest:
        assert b"bytes of the log were not read" in rest.read()


@pytest.mark.parametrize("closed", [(2,), (1, 2)])
def test_a_log_that_is_closed_from_the_start(start: Callable[..., Wire], closed: tuple[int, ...]) -> None:
    if 1 in closed:
        # Nobody can be answered; it must end, and not write into whatever has that number now.
        done = subprocess.run(
            [COMMAND],
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: [os.close(n) for n in closed] and None,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        return
    wire = start(stderr=subprocess.DEVNULL, preexec_fn=lambda: os.close(2))
    assert wire.verdicts(opened(wire)) == VERDICTS
    is_well(wire)


def test_an_output_that_is_closed_ends_it(start: Callable[..., Wire]) -> None:
    source, sink = os.pipe()
    wire = start(stdout=sink, greet=False)
    os.close(sink)
    os.close(source)
    wire.send({"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}})
    assert wire.process.wait(60) == 1
    assert "Traceback" not in wire.log


def test_pipes_that_do_not_wait(start: Callable[..., Wire]) -> None:
    """Both of the server's ends are non-blocking, as some clients hand them down."""

    def unblock() -> None:
        os.set_blocking(0, False)
        os.set_blocking(1, False)

    wire = start(preexec_fn=unblock)
    uri = opened(wire)
    assert wire.verdicts(uri) == VERDICTS
    # Answers that do not fit into a pipe.
    many = "\n\n".join(renamed(number) for number in range(120))
    large = opened(wire, "large.py", many)
    numbers = [wire.request("lift/ir", {"textDocument": {"uri": large}}) for _ in range(5)]
    assert [len(wire.answer(n)["result"]["module"]["functions"]) for n in numbers] == [480] * 5
    is_well(wire)


def test_few_descriptors_are_enough(start: Callable[..., Wire]) -> None:
    wire = start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    for number in range(8):
        uri = opened(wire, f"m{number}.py", renamed(number))
        assert wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert wire.verdicts(uri) == verdicts_of(7)
    is_well(wire)
