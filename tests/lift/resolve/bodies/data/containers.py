"""Functions without bodies whose specifications are about containers; templates are to write them."""


def largest(xs: list[int]) -> int:
    """The largest of some numbers.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result in xs``
        - ``all(x <= result for x in xs)``
    """
    raise NotImplementedError


def positives(xs: list[int]) -> list[int]:
    """The positive numbers, all of them.

    Ensures:
        - ``all(x > 0 for x in result)``
        - ``all(x in result for x in xs if x > 0)``
        - ``all(x in xs for x in result)``
    """
    raise NotImplementedError


def in_order(xs: list[int]) -> list[int]:
    """The numbers, the smallest first.

    Ensures:
        - ``len(result) == len(xs)``
        - ``sorted(result) == sorted(xs)``
        - ``all(result[i] <= result[i + 1] for i in range(len(result) - 1))``
    """
    raise NotImplementedError


def place_of(xs: list[int], key: int) -> int:
    """Where a number stands, -1 if it does not.

    Ensures:
        - ``result == -1 or (0 <= result < len(xs) and xs[result] == key)``
        - ``implies(key in xs, result != -1)``
    """
    raise NotImplementedError


def doubled(xs: list[int]) -> list[int]:
    """Each number twice as large.

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] == 2 * xs[i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def counts(words: list[str]) -> dict[str, int]:
    """How often each word occurs.

    Ensures:
        - ``all(word in result for word in words)``
        - ``all(result[word] == words.count(word) for word in result)``
    """
    raise NotImplementedError


def backwards(xs: list[int]) -> list[int]:
    """The numbers from the last to the first.

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] == xs[len(xs) - 1 - i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def without_repeats(xs: list[int]) -> list[int]:
    """Each number once, in the order of the first places.

    Ensures:
        - ``set(result) == set(xs)``
        - ``len(result) == len(set(result))``
    """
    raise NotImplementedError


def has_negative(xs: list[int]) -> bool:
    """Whether some number is below zero.

    Ensures:
        - ``implies(result, any(x < 0 for x in xs))``
        - ``implies(not result, all(x >= 0 for x in xs))``
    """
    raise NotImplementedError


def smallest_or(xs: list[int], default: int) -> int:
    """The smallest number, or what to take for none.

    Ensures:
        - ``implies(len(xs) == 0, result == default)``
        - ``implies(len(xs) > 0, result in xs)``
        - ``all(result <= x for x in xs)``
    """
    raise NotImplementedError


def summed_pairs(xs: list[int], ys: list[int]) -> list[int]:
    """The sums of what stands in the same place.

    Requires:
        - ``len(xs) == len(ys)``

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] == xs[i] + ys[i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def parted(xs: list[int], pivot: int) -> tuple[list[int], list[int]]:
    """The numbers below a pivot and the others.

    Ensures:
        - ``all(x < pivot for x in result[0])``
        - ``all(x >= pivot for x in result[1])``
        - ``len(result[0]) + len(result[1]) == len(xs)``
        - ``all(x in result[0] or x in result[1] for x in xs)``
    """
    raise NotImplementedError


def scores_above(scores: dict[str, int], least: int) -> dict[str, int]:
    """The entries with at least so many points.

    Ensures:
        - ``all(name in scores and result[name] == scores[name] for name in result)``
        - ``all(result[name] >= least for name in result)``
        - ``all(name in result for name in scores if scores[name] >= least)``
    """
    raise NotImplementedError


def shouted(words: list[str]) -> list[str]:
    """The words in capitals.

    Ensures:
        - ``len(result) == len(words)``

    Examples:
        >>> shouted(["ab", "c"])
        ['AB', 'C']
        >>> shouted([])
        []
    """
    raise NotImplementedError


def initials(words: list[str]) -> str:
    """The first letters of some words, joined.

    Ensures:
        - ``len(result) <= len(words)``

    Examples:
        >>> initials(["ant", "bee"])
        'ab'
        >>> initials(["x", "", "yz"])
        'xy'
    """
    raise NotImplementedError


def running_total(xs: list[int]) -> list[int]:
    """The sums of the numbers up to each place.

    Ensures:
        - ``len(result) == len(xs)``

    Examples:
        >>> running_total([1, 2, 3])
        [1, 3, 6]
        >>> running_total([5, -5, 7])
        [5, 0, 7]
    """
    raise NotImplementedError


def longest(words: list[str]) -> int:
    """The length of the longest word, 0 for none.

    Ensures:
        - ``all(len(word) <= result for word in words)``
        - ``result == 0 or any(len(word) == result for word in words)``
        - ``result >= 0``
    """
    raise NotImplementedError


def common(xs: list[int], ys: list[int]) -> list[int]:
    """The numbers of one list that are in the other.

    Ensures:
        - ``all(x in xs and x in ys for x in result)``
        - ``all(x in result for x in xs if x in ys)``
    """
    raise NotImplementedError


def is_rising(xs: list[int]) -> bool:
    """Whether no number is below the one before it.

    Ensures:
        - ``result == all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))``
    """
    raise NotImplementedError


def by_length(words: list[str]) -> dict[int, list[str]]:
    """The words under their lengths.

    Ensures:
        - ``all(len(word) in result for word in words)``

    Examples:
        >>> by_length(["a", "bb", "c"])
        {1: ['a', 'c'], 2: ['bb']}
        >>> by_length([])
        {}
    """
    raise NotImplementedError


def lookup(table: dict[str, int], key: str) -> int | None:
    """What a table holds, None if it does not.

    Ensures:
        - ``implies(key in table, result == table[key])``
        - ``implies(key not in table, result is None)``
    """
    raise NotImplementedError


def first_even(xs: list[int]) -> int | None:
    """The first even number, None if there is none.

    Ensures:
        - ``result is None or (result in xs and result % 2 == 0)``
        - ``implies(any(x % 2 == 0 for x in xs), result is not None)``
    """
    raise NotImplementedError


def lowest_place(xs: list[int]) -> int:
    """Where the smallest number stands.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``0 <= result < len(xs)``
        - ``all(xs[result] <= x for x in xs)``
    """
    raise NotImplementedError


def inverted(codes: dict[str, int]) -> dict[int, str]:
    """The keys under their values.

    Ensures:
        - ``all(codes[result[value]] == value for value in result)``
        - ``all(codes[name] in result for name in codes)``
    """
    raise NotImplementedError


def pair_sums_to(xs: list[int], total: int) -> bool:
    """Whether two numbers at different places have this sum.

    Ensures:
        - ``implies(result, any(xs[i] + xs[j] == total for i in range(len(xs)) for j in range(i)))``
        - ``implies(not result, all(xs[i] + xs[j] != total for i in range(len(xs)) for j in range(i)))``
    """
    raise NotImplementedError


def highest_so_far(xs: list[int]) -> list[int]:
    """The largest number up to each place.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] >= xs[i] for i in range(len(xs)))``

    Examples:
        >>> highest_so_far([2, 1, 5, 4])
        [2, 2, 5, 5]
        >>> highest_so_far([-3, -4])
        [-3, -3]
        >>> highest_so_far([0, 4, 4, 1, 6])
        [0, 4, 4, 4, 6]
    """
    raise NotImplementedError
