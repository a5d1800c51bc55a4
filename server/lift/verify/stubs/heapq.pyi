"""heapq, of lists of integers and of strings."""

from typing import overload

@overload
def heappush(heap: list[int], item: int, /) -> None:
    """Add an item.

    Ensures:
        - ``len(heap) == len(old(heap)) + 1``
        - ``item in heap``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``
        - ``sum(heap) == sum(old(heap)) + item``

    Modifies:
        - ``heap``
    """

@overload
def heappush(heap: list[str], item: str, /) -> None:
    """Add an item.

    Ensures:
        - ``len(heap) == len(old(heap)) + 1``
        - ``item in heap``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``

    Modifies:
        - ``heap``
    """

@overload
def heappop(heap: list[int], /) -> int:
    """Take the first item away.

    Ensures:
        - ``result == old(heap[0])``
        - ``len(heap) == len(old(heap)) - 1``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(result <= x for x in heap))``
        - ``sum(heap) == sum(old(heap)) - result``

    Modifies:
        - ``heap``

    Raises:
        IndexError: If ``len(heap) == 0``.
    """

@overload
def heappop(heap: list[str], /) -> str:
    """Take the first item away.

    Ensures:
        - ``result == old(heap[0])``
        - ``len(heap) == len(old(heap)) - 1``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(result <= x for x in heap))``

    Modifies:
        - ``heap``

    Raises:
        IndexError: If ``len(heap) == 0``.
    """

@overload
def heapify(heap: list[int], /) -> None:
    """Put a list into the order of a heap.

    Ensures:
        - ``len(heap) == len(old(heap))``
        - ``all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))``
        - ``implies(len(heap) > 0, all(heap[0] <= x for x in heap))``
        - ``sum(heap) == sum(old(heap))``

    Modifies:
        - ``heap``
    """

@overload
def heapify(heap: list[str], /) -> None:
    """Put a list into the order of a heap.

    Ensures:
        - ``len(heap) == len(old(heap))``
        - ``all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))``
        - ``implies(len(heap) > 0, all(heap[0] <= x for x in heap))``

    Modifies:
        - ``heap``
    """

@overload
def heappushpop(heap: list[int], item: int, /) -> int:
    """Add an item, then take the first one away.

    Ensures:
        - ``len(heap) == len(old(heap))``
        - ``result <= item``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(result <= x for x in heap))``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``

    Modifies:
        - ``heap``
    """

@overload
def heappushpop(heap: list[str], item: str, /) -> str:
    """Add an item, then take the first one away.

    Ensures:
        - ``len(heap) == len(old(heap))``
        - ``result <= item``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(result <= x for x in heap))``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``

    Modifies:
        - ``heap``
    """

@overload
def heapreplace(heap: list[int], item: int, /) -> int:
    """Take the first item away, then add one.

    Ensures:
        - ``result == old(heap[0])``
        - ``len(heap) == len(old(heap))``
        - ``item in heap``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``

    Modifies:
        - ``heap``

    Raises:
        IndexError: If ``len(heap) == 0``.
    """

@overload
def heapreplace(heap: list[str], item: str, /) -> str:
    """Take the first item away, then add one.

    Ensures:
        - ``result == old(heap[0])``
        - ``len(heap) == len(old(heap))``
        - ``item in heap``
        - ``implies(old(all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap)))), all(heap[(i - 1) // 2] <= heap[i] for i in range(1, len(heap))))``

    Modifies:
        - ``heap``

    Raises:
        IndexError: If ``len(heap) == 0``.
    """

@overload
def nsmallest(n: int, iterable: list[int]) -> list[int]:
    """The smallest items, smallest first.

    Ensures:
        - ``len(result) == min(max(n, 0), len(iterable))``
        - ``all(x in iterable for x in result)``
        - ``result == sorted(iterable)[:max(n, 0)]``
    """

@overload
def nsmallest(n: int, iterable: list[str]) -> list[str]:
    """The smallest items, smallest first.

    Ensures:
        - ``len(result) == min(max(n, 0), len(iterable))``
        - ``all(x in iterable for x in result)``
        - ``result == sorted(iterable)[:max(n, 0)]``
    """

@overload
def nlargest(n: int, iterable: list[int]) -> list[int]:
    """The largest items, largest first.

    Ensures:
        - ``len(result) == min(max(n, 0), len(iterable))``
        - ``all(x in iterable for x in result)``
        - ``result == sorted(iterable, reverse=True)[:max(n, 0)]``
    """

@overload
def nlargest(n: int, iterable: list[str]) -> list[str]:
    """The largest items, largest first.

    Ensures:
        - ``len(result) == min(max(n, 0), len(iterable))``
        - ``all(x in iterable for x in result)``
        - ``result == sorted(iterable, reverse=True)[:max(n, 0)]``
    """
