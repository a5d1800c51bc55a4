"""How many requests go out: at most so many in any minute, for all providers of one address in this process.

Must not import anything of lift.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bucket:
    """A token bucket, made so that no 60 seconds see more than ``per_minute`` requests.

    A few may go at once, since the candidates of a round are asked together; the rest of the minute's
    requests come in evenly.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._burst = max(1.0, min(16.0, per_minute / 2))
        self._rate = max(per_minute - self._burst, 1.0) / 60
        self._left = self._burst
        self._at = clock()
        self._lock = threading.Lock()

    def take(self, patience: float) -> float | None:
        """Takes a place in the queue.

        Returns:
            Seconds to wait before the request goes out; None, and no place taken, where that would be
            more than ``patience``.
        """
        with self._lock:
            now = self._clock()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            wait = max(0.0, (1 - self._left) / self._rate)
            if wait > patience:
                return None
            # Below zero is a debt: whoever comes next waits until it is paid back.
            self._left -= 1
            return wait


_buckets: dict[tuple[str, int], Bucket] = {}
_guard = threading.Lock()


def bucket(place: str, per_minute: int) -> Bucket | None:
    """The bucket of a server, the same one for everybody in this process; None for no limit (0)."""
    if per_minute <= 0:
        return None
    with _guard:
        return _buckets.setdefault((place, per_minute), Bucket(per_minute))
