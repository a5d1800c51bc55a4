"""statistics, where the result is one of the data."""

from typing import overload

@overload
def median_low(data: list[int]) -> int:
    """The lower of the middle values.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
        - ``result == sorted(data)[(len(data) - 1) // 2]``
    """

@overload
def median_low(data: list[str]) -> str:
    """The lower of the middle values.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
        - ``result == sorted(data)[(len(data) - 1) // 2]``
    """

@overload
def median_high(data: list[int]) -> int:
    """The higher of the middle values.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
        - ``result == sorted(data)[len(data) // 2]``
    """

@overload
def median_high(data: list[str]) -> str:
    """The higher of the middle values.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
        - ``result == sorted(data)[len(data) // 2]``
    """

@overload
def mode(data: list[int]) -> int:
    """The commonest value.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
    """

@overload
def mode(data: list[str]) -> str:
    """The commonest value.

    Requires:
        - ``len(data) > 0``

    Ensures:
        - ``result in data``
    """
