"""What a pool of workers is doing at one moment; data, and how to read a process's memory.

Standard library only.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkerPicture:
    """A worker process that lives.

    Attributes:
        busy: Whether it has a job.
    """

    pid: int
    busy: bool


@dataclass(frozen=True)
class PoolPicture:
    """A pool.

    Attributes:
        queued: Jobs and tasks that wait for a worker.
        seconds: Wall time of the last checks, the oldest first.
    """

    queued: int = 0
    workers: tuple[WorkerPicture, ...] = ()
    seconds: tuple[float, ...] = ()


def quantile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that ``share`` of ``values`` do not exceed; None of no values.

    Requires:
        - ``0 < share <= 1``
    """
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def resident_bytes(pid: int) -> int | None:
    """Memory of a process, None where the system does not say."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
