"""Leaves the sandbox's process the files of Python itself, and no others; a part of the sandbox's child.

Landlock does it, where the kernel has it (Linux 5.13): what lies elsewhere cannot be opened, nor can the
memory or the environment of another process be read through ``/proc``. Standard library only, as
``sandbox.py``.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# By version of the interface: how many kinds of access to files it knows.
_KINDS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_KINDS = 16
_TCP, _TCP_FROM = 3, 4
_OUTSIDERS, _OUTSIDERS_FROM = 3, 6  # abstract sockets of, and signals to, processes outside of the sandbox

# What Python reads while it runs: shared libraries, zones, a source of randomness.
_NEEDED = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
)


def version(library: object) -> int:
    """The version of Landlock's interface, 0 where the kernel has none."""
    call = library.syscall  # pyright: ignore[reportAttributeAccessIssue]
    return max(0, call(_CREATE, None, ctypes.c_size_t(0), _VERSION))


def confine_files(library: object) -> bool:
    """Take all files from the process but Python's own; False where that cannot be done.

    The process must have given up new privileges before.
    """
    found = version(library)
    if not found:
        return False
    call = library.syscall  # pyright: ignore[reportAttributeAccessIssue]
    wanted = struct.pack("Q", (1 << _KINDS.get(found, _ALL_KINDS)) - 1)
    if found >= _TCP_FROM:
        wanted += struct.pack("Q", _TCP)
    if found >= _OUTSIDERS_FROM:
        wanted += struct.pack("Q", _OUTSIDERS)
    rules = call(_CREATE, wanted, ctypes.c_size_t(len(wanted)), 0)
    if rules < 0:
        return False
    try:
        own = [path for path in sys.path if path and os.path.isabs(path)]
        for path in (*own, os.path.join(sys.base_prefix, "lib"), *_NEEDED):
            _allow(call, rules, path)
        return call(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(call, rules: int, path: str) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access = _READ_FILE | (_READ_FOLDER if os.path.isdir(path) else 0)
        call(_ADD, rules, _BENEATH, struct.pack("=Qi", access, place), 0)
    finally:
        os.close(place)
