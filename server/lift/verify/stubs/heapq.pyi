"""heapq: what its functions promise of lists of ints and of strings."""

from typing import overload

@overload
def heappush(heap: list[int], item: int, /) -> None:
    """Add an item.

    Modifies:
        - ``heap``

    Ensures:
        - ``len(heap) == len(old(heap)) + 1``
        - ``item in heap``
    """

@overload
def heappush(heap: list[str], item: str, /) -> None:
    """Add an item.

    Modifies:
        - ``heap``

    Ensures:
        - ``len(heap) == len(old(heap)) + 1``
        - ``item in heap``
    """
