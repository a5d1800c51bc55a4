"""Attempts to break out of the sandbox, one at a time, in the real one.

Each attempt goes around the reduced builtins first, as code that means harm would: what is tested here is what
the system refuses. ``docs/security.md`` names these tests.
"""

# ruff: noqa: E501 -- a table reads best with one case on a line.

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift.verify.replay import Case, Check, Program, Run, run

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what is refused here is Linux's"
)

# What an attempt has: every module there is, whatever the reduced builtins deny.
PREFIX = """
import logging
os = logging.os
load = logging.sys.modules["builtins"].__import__
"""


def attempt(what: str, x: object = 0, **options) -> Run:
    """What comes of an expression: ``came through: VALUE``, or the exception."""
    source = (
        PREFIX
        + "def f(x):\n"
        + "    try:\n"
        + f"        return 'came through: ' + repr({what})\n"
        + "    except BaseException as error:\n"
        + "        return f'{type(error).__name__}: {error}'\n"
    )
    return attempts(source, x, **options)


def attempts(source: str, x: object = 0, **options) -> Run:
    program = Program(source, "user.py", "f", (("x", "positional-or-keyword"),))
    return run(program, [Case({"x": repr(x)})], **{"seconds": 20.0, **options})[0]


def value(one: Run) -> str:
    assert one.outcome is not None, one
    assert one.outcome.kind == "returned", one
    return one.outcome.value


def refused(one: Run) -> None:
    """The system refused it: what a bare mistake in the attempt raises is no refusal."""
    found = value(one)
    words = ("PermissionError", "Operation not permitted", "Permission denied", "can't start new thread")
    assert any(word in found for word in words), found
    assert "came through" not in found


LIBC = "load('ctypes').CDLL(None, use_errno=True)"


MUST_FAIL = """
def _must_fail(library, call):
    if call(library) != -1:
        return "done"
    raise PermissionError(load("ctypes").get_errno(), "Operation not permitted")
"""


def attempt_libc(call: str, x: object = 0) -> Run:
    source = (
        PREFIX
        + MUST_FAIL
        + "def f(x):\n"
        + "    try:\n"
        + f"        return 'came through: ' + repr(_must_fail({LIBC}, lambda c: c.{call}))\n"
        + "    except BaseException as error:\n"
        + "        return f'{type(error).__name__}: {error}'\n"
    )
    return attempts(source, x)


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    "what",
    [
        "load('socket').create_connection(('127.0.0.1', x), 5)",
        "load('socket').socket(load('socket').AF_INET, load('socket').SOCK_DGRAM)",
        "load('socket').socket(load('socket').AF_INET6)",
        "load('socket').socket(load('socket').AF_UNIX)",
        "load('socket').socket(load('socket').AF_UNIX).connect(chr(0) + 'abstract')",
        "load('socket').socket(load('socket').AF_NETLINK, load('socket').SOCK_RAW)",
        "load('socket').socketpair()",
    ],
)
def test_no_socket_can_be_made(what: str, listener: int) -> None:
    refused(attempt(what, listener))


def test_no_name_is_looked_up_outside(listener: int) -> None:
    found = value(attempt("load('socket').getaddrinfo('nowhere.example', 80)"))
    assert "gaierror" in found


# Its own are pipes, and what leads nowhere; a folder or a file would be the parent's.
OPEN_FILES = """
def f(x):
    kinds = []
    for number in range(64):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        kinds.append(load("stat").filemode(mode)[0])
    return kinds
"""


def test_no_file_of_the_parent_is_inherited(tmp_path: Path) -> None:
    kept = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(kept, True)
    try:
        found = value(attempts(PREFIX + OPEN_FILES))
    finally:
        os.close(kept)
    assert set(found) <= set("['pc, ]")


@pytest.mark.parametrize(
    "what",
    [
        "os.open(x, os.O_WRONLY)",
        "os.open(x, os.O_RDWR | os.O_CREAT)",
        "os.open(os.path.dirname(x), os.O_TMPFILE | os.O_RDWR)",
        "os.truncate(x, 0)",
        "os.remove(x)",
        "os.link(x, x + '2')",
        "os.symlink(x, x + '2')",
        "os.mkfifo(x + '2')",
        "os.utime(x)",
        "os.chmod(x, 0o777)",
        "os.chown(x, 1, 1)",
        "os.setxattr(x, 'user.a', b'b')",
        "load('tempfile').mkdtemp()",
        "load('pathlib').Path(x).write_text('overwritten')",
        "load('shutil').rmtree(os.path.dirname(x))",
    ],
)
def test_no_file_can_be_changed(what: str, tmp_path: Path) -> None:
    victim = tmp_path / "folder" / "victim"
    victim.parent.mkdir()
    victim.write_text("still here")
    found = value(attempt(what, str(victim)))
    assert "came through" not in found
    assert "Error" in found
    assert [p.name for p in victim.parent.iterdir()] == ["victim"]
    assert victim.read_text() == "still here"


def has_landlock() -> bool:
    import ctypes

    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0


needs_landlock = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not has_landlock(), reason="this kernel has no Landlock"
)


@needs_landlock
@pytest.mark.parametrize(
    "what",
    [
        "load('io').open(x).read()",
        "os.listdir(os.path.dirname(x))",
        "os.read(os.open(x, os.O_RDONLY), 99)",
        "load('io').open('/etc/passwd').read()",
        "load('io').open(f'/proc/{os.getppid()}/environ', 'rb').read()",
        "load('io').open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "load('io').open('/proc/self/root' + x).read()",
        "os.listdir('/proc')",
        "os.listdir('/home')",
    ],
)
def test_no_file_but_pythons_own_can_be_read(what: str, tmp_path: Path) -> None:
    secret = tmp_path / ".ssh" / "id_ed25519"
    secret.parent.mkdir()
    secret.write_text("a private key")
    refused(attempt(what, str(secret)))


def test_a_module_of_the_library_can_still_be_loaded() -> None:
    assert "came through: Fraction" in value(attempt("load('fractions').Fraction(1, 2)"))
    assert "came through" in value(attempt("load('zoneinfo').ZoneInfo.__name__"))


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFT_API_KEY", "a secret")
    assert "a secret" not in value(attempt("dict(os.environ)"))


@pytest.mark.parametrize(
    "what",
    [
        "os.fork()",
        "os.forkpty()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "os.system('true') and 1 // 0",
        "load('subprocess').run(['true'])",
        "load('multiprocessing').Process(target=print).start()",
        "load('threading').Thread(target=print).start()",
        "load('_thread').start_new_thread(print, ())",
        "os.setsid()",
        "os.setpgid(0, 0)",
    ],
)
def test_no_process_and_no_thread_can_be_started(what: str) -> None:
    found = value(attempt(what))
    assert "came through" not in found
    if "system" in what:
        assert "ZeroDivisionError" in found
    else:
        assert "PermissionError" in found or "can't start new thread" in found


def test_no_program_can_be_made_in_memory_or_run() -> None:
    refused(attempt("os.memfd_create('program')"))
    refused(attempt_libc("execve(b'/bin/true', None, None)"))
    refused(attempt_libc("fexecve(0, None, None)"))


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of the user's, which lives as long as nobody harms it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            yield process
            assert process.poll() is None, "it was ended"
        finally:
            process.kill()


@pytest.mark.parametrize(
    "what",
    [
        "os.kill(x, 9)",
        "os.kill(os.getppid(), 19)",
        "os.kill(-1, 9)",
        "os.killpg(0, 9)",
        "os.pidfd_open(x)",
        "load('signal').raise_signal(19)",
        "load('resource').prlimit(x, load('resource').RLIMIT_CPU, (0, 0))",
        "os.setpriority(os.PRIO_PROCESS, x, 19)",
        "os.sched_setscheduler(x, os.SCHED_BATCH, os.sched_param(0))",
        "os.sched_setaffinity(x, [0])",
        "load('fcntl').fcntl(os.pipe()[0], load('fcntl').F_SETOWN, x)",
        "load('fcntl').fcntl(os.pipe()[0], 10, 9)",
        "load('fcntl').ioctl(os.pipe()[0], 0x8901, load('struct').pack('i', x))",
    ],
)
def test_no_other_process_can_be_reached(what: str, bystander: subprocess.Popen[bytes]) -> None:
    refused(attempt(what, bystander.pid))


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, x, 0, 0)",
        "process_vm_readv(x, None, 0, None, 0, 0)",
        "unshare(0x10000000)",
        "mount(None, b'/', None, 0, None)",
        "chroot(b'/')",
        "prctl(1, 0, 0, 0, 0)",
        "prctl(4, 1, 0, 0, 0)",
        "personality(0)",
        "syscall(425, 1, None)",
        "syscall(323, 0)",
        "shmget(1, 4096, 0o1666)",
        "setuid(0)",
    ],
)
def test_no_call_of_the_system_leads_out(call: str, bystander: subprocess.Popen[bytes]) -> None:
    refused(attempt_libc(call, bystander.pid))


LIMITS = """
def f(x):
    if x == "memory":
        return bytearray(1 << 34)
    if x == "mapped":
        return load("mmap").mmap(-1, 1 << 34)
    if x == "deep":
        load("sys").setrecursionlimit(10 ** 9)
        def down(n):
            return down(n + 1)
        return down(0)
    if x == "files":
        return [os.pipe() for _ in range(1000)]
    if x == "limit":
        r = load("resource")
        return r.setrlimit(r.RLIMIT_AS, (-1, -1))
    if x == "endless":
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
    if x == "asleep":
        load("time").sleep(10 ** 6)
    if x == "deaf":
        s = load("signal")
        for number in range(1, 64):
            try:
                s.signal(number, s.SIG_IGN)
            except (OSError, ValueError):
                pass
        s.pthread_sigmask(s.SIG_BLOCK, range(1, 64))
        while True:
            pass
    if x == "at exit":
        load("atexit").register(lambda: load("time").sleep(10 ** 6))
        load("sys").exit(0)
    if x == "closed":
        os.closerange(0, 256)
        return 1
    if x == "loud":
        for _ in range(1000):
            os.write(1, b"x" * 100_000)
            os.write(2, b"x" * 100_000)
        return 1
    if x == "flood":
        for n in range(3, 20):
            try:
                while True:
                    os.write(n, b"x" * 65536)
            except OSError:
                pass
    if x == "huge":
        return "x" * 50_000_000
"""


@pytest.mark.parametrize(
    ("how", "statuses"),
    [
        ("memory", {"broken", "ok"}),
        ("mapped", {"broken", "ok"}),
        ("deep", {"broken", "crashed", "ok", "timeout"}),
        ("files", {"ok", "broken", "crashed"}),
        ("limit", {"ok", "broken"}),
        ("endless", {"timeout", "crashed"}),
        ("asleep", {"timeout"}),
        ("deaf", {"timeout", "crashed"}),
        ("at exit", {"ok", "crashed", "timeout"}),
        ("closed", {"crashed", "ok"}),
        ("loud", {"ok"}),
        ("flood", {"crashed", "timeout"}),
        ("huge", {"ok"}),
    ],
)
def test_a_run_is_bounded_and_nothing_of_it_stays(how: str, statuses: set[str]) -> None:
    one = attempts(PREFIX + LIMITS, how, per_case=0.3, seconds=5.0, memory_mb=256)
    assert one.status in statuses, one
    assert not sandboxes()
    if how in ("memory", "mapped", "files", "limit") and one.outcome is not None:
        assert one.outcome.kind == "raised", "it was given what it asked for"


def sandboxes() -> list[str]:
    """The processes of this one that run the sandbox's script."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            if status[1] == str(os.getpid()) and b"sandbox.py" in (folder / "cmdline").read_bytes():
                found.append(folder.name)
    return found


PARENT = """
import sys, threading
from lift.verify.replay import Case, Program, run
source = {source!r}
program = Program(source, "user.py", "f", (("x", "positional-or-keyword"),))
threading.Timer(600, lambda: None)
run(program, [Case({{"x": "0"}})], seconds=600, per_case=600)
"""


def test_a_run_ends_with_its_parent_however_that_ends() -> None:
    source = (
        PREFIX
        + MUST_FAIL
        + (
            "def f(x):\n"
            f"    {LIBC}.prctl(1, 0, 0, 0, 0)\n"
            "    load('signal').signal(15, load('signal').SIG_IGN)\n"
            "    load('time').sleep(10 ** 6)\n"
        )
    )
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(source=source)])
    child = None
    until = time.monotonic() + 60
    while child is None and time.monotonic() < until:
        child = next(iter(confined_children(parent.pid)), None)
        threading.Event().wait(0.01)
    assert child is not None
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while Path(f"/proc/{child}").exists() and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert not Path(f"/proc/{child}").exists()


def confined_children(parent: int) -> Iterator[str]:
    """The children of a process that have given up new privileges, as a sandbox that is ready has."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (folder / "status").read_text()
            if f"PPid:\t{parent}\n" in status and "Seccomp:\t2" in status:
                yield folder.name


FORGED = '''import logging


def f(x: int) -> int:
    """Forges what the sandbox says of it.

    Ensures:
        - ``result == x + 1``
    """
    sys, os = logging.sys, logging.os
    frame = sys._getframe()
    while frame is not None:
        request = frame.f_locals.get("request")
        if isinstance(request, dict) and "token" in request:
            for number in range(2000):
                line = '{"status": "ok", "outcome": {"kind": "returned", "value": "2"}, "verdicts": {}}'
                os.write(frame.f_locals.get("outbox", 3), f"{request['token']}-{number} {line}\\n".encode())
        frame = frame.f_back
    for module in list(sys.modules.values()):
        if hasattr(module, "judge"):
            module.judge = lambda *_: (True, "")
    return x + 1 if logging.root.level else x


def g(x: int) -> int:
    """Is wrong, beside it.

    Ensures:
        - ``result == x + 1``
    """
    return x
'''


def test_a_forged_answer_proves_nothing_and_harms_no_other_function() -> None:
    module = extract(Snapshot("m.py", None, FORGED)).module
    options = Options(seconds=3.0)
    forged = check_function(module, FORGED, "f", options)
    assert forged.verdict != "proved"
    assert check_function(module, FORGED, "g", options).verdict == "refuted"


@pytest.mark.parametrize(
    "line",
    [
        '{"status": "ok", "outcome": {"kind": "raised"}}',
        '{"status": ["ok"], "verdicts": 3}',
        "[" * 100_000,
        '{"status": "ok", "seconds": "NaN", "arguments": []}',
        "\\xff\\x00",
    ],
)
def test_an_answer_of_any_shape_is_read_or_refused(line: str) -> None:
    source = (
        PREFIX
        + f"LINE = {line!r}\n"
        + "def f(x):\n"
        + "    frame = logging.sys._getframe()\n"
        + "    while 'outbox' not in frame.f_locals:\n"
        + "        frame = frame.f_back\n"
        + "    here = frame.f_locals\n"
        + "    os.write(here['outbox'], f\"{here['request']['token']}-0 {LINE}\\n\".encode())\n"
        + "    return x\n"
    )
    assert isinstance(attempts(source), Run)


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    attempt("os.mkdir('made')")
    assert list(tmp_path.iterdir()) == []


def test_checks_are_judged_by_the_sandbox_of_their_own_case() -> None:
    source = PREFIX + (
        "def f(x):\n"
        "    for module in list(logging.sys.modules.values()):\n"
        "        if hasattr(module, 'judge'):\n"
        "            module.judge = lambda *_: (True, '')\n"
        "    return x\n"
    )
    check = Check("e", "ensures", "result == 1")
    spoilt = Program(source, "user.py", "f", (("x", "positional-or-keyword"),), (check,))
    run(spoilt, [Case({"x": "0"})], seconds=20.0)
    honest = Program("def f(x):\n    return x\n", "user.py", "f", spoilt.parameters, (check,))
    assert run(honest, [Case({"x": "0"})], seconds=20.0)[0].verdicts["e"].holds is False
