"""Bookings of one room, as half-open ranges of minutes since midnight."""


def overlap(start: int, end: int, other_start: int, other_end: int) -> int:
    """Minutes that two bookings have in common.

    Requires:
        - ``0 <= start <= end``
        - ``0 <= other_start <= other_end``

    Ensures:
        - ``0 <= result <= end - start``
        - ``result <= other_end - other_start``
        - ``implies(end <= other_start or other_end <= start, result == 0)``
    """
    shared = min(end, other_end) - max(start, other_start)
    return shared if shared > 0 else 0
