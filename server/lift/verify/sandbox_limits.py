"""Confines the sandbox's process through the operating system; a part of the sandbox's child.

Loaded by ``sandbox.py`` without a package around it: standard library only. Each measure that a system
does not have is left out; on Linux a system-call filter denies programs, processes, sockets and writing,
and Landlock the reading of all files but Python's own.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import struct
import sys

import sandbox_calls as calls  # pyright: ignore[reportMissingImports]
import sandbox_files as files  # pyright: ignore[reportMissingImports]
from sandbox_clauses import Expired, State  # pyright: ignore[reportMissingImports]

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 1, 38, 22, 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # the latter: fail with EPERM
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# A handler that finds the code still running after this many seconds raises again: a bare ``except`` may
# have swallowed the first.
_AGAIN = 0.05

# machine → (audit architecture, number of openat, number of open, numbers that are refused). Refused are
# sockets, new processes and programs, signals to others, tracing, changes to files and to limits.
_X86 = (
    *(41, 42, 43, 44, 46, 49, 50, 53, 56, 57, 58, 59, 62, 200, 234, 101, 310, 311, 322, 434, 435, 424, 425),
    *(
        76,
        77,
        82,
        83,
        84,
        85,
        86,
        87,
        88,
        90,
        91,
        92,
        93,
        94,
        132,
        133,
        160,
        161,
        165,
        166,
        188,
        189,
        190,
        235,
    ),
    *(
        258,
        259,
        260,
        261,
        263,
        264,
        265,
        266,
        268,
        280,
        288,
        302,
        308,
        316,
        272,
        248,
        249,
        250,
        298,
        321,
        437,
    ),
    *(29, 30, 31, 68, 69, 71, 240, 452),
)
_ARM = (
    *(
        198,
        199,
        200,
        201,
        202,
        203,
        206,
        211,
        220,
        221,
        129,
        130,
        131,
        117,
        270,
        271,
        281,
        434,
        435,
        424,
        425,
    ),
    *(
        33,
        34,
        35,
        36,
        37,
        38,
        276,
        45,
        46,
        47,
        52,
        53,
        54,
        55,
        88,
        39,
        40,
        5,
        6,
        7,
        161,
        162,
        164,
        261,
        97,
        268,
    ),
    *(217, 218, 219, 241, 280, 437, 51, 186, 187, 189, 190, 194, 195, 196, 452),
)
_CLONES = {0xC000003E: 56, 0xC00000B7: 220}
_CLONE3, _CLONE_THREAD = 435, 0x10000
_UNKNOWN_CALL = 0x00050026  # fail with ENOSYS
_MACHINES = {
    "x86_64": (0xC000003E, 257, 2, (*_X86, *calls.X86)),
    "aarch64": (0xC00000B7, 56, None, (*_ARM, *calls.ARM)),
}
# By architecture: call → the second arguments that are refused.
_BY_ARGUMENT = {
    architecture: {calls.FCNTL[n]: calls.FCNTL_REFUSED, calls.IOCTL[n]: calls.IOCTL_REFUSED}
    for n, architecture in enumerate((0xC000003E, 0xC00000B7))
}


def confine(parent: int, memory_mb: int, cpu_seconds: int, threads: bool = False) -> None:
    """Bind the process to its parent's life and shut it in.

    Args:
        parent: The process id that the parent must still have.
        memory_mb: Address space, in MiB.
        cpu_seconds: Processor time for all cases together.
        threads: Whether it may start threads, as Z3 does for each limit on its time.
    """
    library = None
    if sys.platform.startswith("linux"):
        try:
            import ctypes

            library = ctypes.CDLL(None, use_errno=True)
            library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        except (ImportError, OSError, AttributeError):
            library = None
    if os.getppid() != parent:
        # The parent died before the line above: no signal will ever come.
        os._exit(1)
    # A working folder of its own that has lost its name: nothing can be made in it, and nothing is left
    # behind however the process ends.
    with contextlib.suppress(OSError):
        folder = f"lift-{os.getpid()}-{os.urandom(8).hex()}"
        os.mkdir(folder, 0o700)
        os.chdir(folder)
        os.rmdir(os.path.join(os.pardir, folder))
    _limit(memory_mb, cpu_seconds, threads)
    if library is not None and not _filter_calls(library, threads):
        with contextlib.suppress(AttributeError):
            library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _limit(memory_mb: int, cpu_seconds: int, threads: bool) -> None:
    try:
        import resource
    except ImportError:
        return
    wanted = {
        "RLIMIT_AS": memory_mb << 20,
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_NPROC": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 64,
    }
    if threads:
        # It counts all threads of the user's.
        del wanted["RLIMIT_NPROC"]
    for name, value in wanted.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            continue


def _filter_calls(library: object, threads: bool) -> bool:
    """Install the system-call filter; False where there is none for this system."""
    import ctypes

    machine = _MACHINES.get(platform.machine()) if sys.maxsize > 2**32 else None
    if machine is None:
        return False
    program = _filter_program(*machine, threads=threads)

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))

    whole = Filter(len(program) // 8, program)
    prctl = library.prctl  # pyright: ignore[reportAttributeAccessIssue]
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    with contextlib.suppress(OSError, AttributeError):
        files.confine_files(library)
    return prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0) == 0


def _filter_program(
    architecture: int, openat: int, plain_open: int | None, refused: tuple[int, ...], threads: bool
) -> bytes:
    """The filter as classic BPF. Offsets: the call's number 0, architecture 4, arguments from 16, 8 each."""
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    # Numbers from here on are those of the x32 calls, which would be a way around the list.
    steps += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _REFUSE)]
    if threads:
        clone = _CLONES[architecture]
        # The library falls back to the older call only where the newer one does not exist.
        steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _UNKNOWN_CALL)]
        steps += [(_EQUAL, 0, 5, clone), (_LOAD, 0, 0, 16), (_AND, 0, 0, _CLONE_THREAD)]
        steps += [(_EQUAL, 0, 1, _CLONE_THREAD), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, 0)]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for number, values in _BY_ARGUMENT[architecture].items():
        steps += [(_EQUAL, 0, 2 * len(values) + 2, number), (_LOAD, 0, 0, 16 + 8)]
        for each in values:
            steps += [(_EQUAL, 0, 1, each), (_RETURN, 0, 0, _REFUSE)]
        steps.append((_LOAD, 0, 0, 0))
    for number, argument in ((openat, 2), (plain_open, 1)):
        if number is not None:
            steps += [
                (_EQUAL, 0, 4, number),
                (_LOAD, 0, 0, 16 + 8 * argument),
                (_AND, 0, 0, _WRITING),
                (_EQUAL, 1, 0, 0),
                (_RETURN, 0, 0, _REFUSE),
                (_LOAD, 0, 0, 0),
            ]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def start_timer(seconds: float) -> None:
    """Let the code that follows run for so many seconds of processor time, then raise ``Expired`` in it."""
    signal.signal(signal.SIGPROF, _expire)
    State.armed = True
    signal.setitimer(signal.ITIMER_PROF, seconds)


def stop_timer() -> None:
    """End the time that ``start_timer`` began."""
    State.armed = False
    signal.setitimer(signal.ITIMER_PROF, 0)


def _expire(_number: int, _frame: object) -> None:
    if State.armed:
        signal.setitimer(signal.ITIMER_PROF, _AGAIN)
        raise Expired
