"""Functions with one slip each; `test_repair.py` says what mends them."""


def biggest(xs: list[int]) -> int:
    """The biggest.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``all(x <= result for x in xs)``
        - ``result in xs``
    """
    best = 0  # where the search begins
    for x in xs:
        if x > best:
            best = x
    return best


def total(n: int) -> int:
    """The sum of the numbers up to n.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == n * (n + 1) // 2``
    """
    s = 0
    for i in range(n):
        s += i
    return s


def absolute(x: int) -> int:
    """The distance from zero.

    Ensures:
        - ``result >= 0``
        - ``result == x or result == -x``
    """
    return -x if x > 0 else x


def count(xs: list[int], x: int) -> int:
    """How often x is among them.

    Ensures:
        - ``result == sum(1 for y in xs if y == x)``
    """
    n = 1
    for y in xs:
        if y == x:
            n += 1
    return n


def index_of(xs: list[int], x: int) -> int:
    """Where x is, -1 if it is nowhere.

    Ensures:
        - ``implies(result >= 0, xs[result] == x)``
        - ``implies(result == -1, all(y != x for y in xs))``
        - ``-1 <= result < len(xs)``
    """
    for i in range(1, len(xs)):
        if xs[i] == x:
            return i
    return -1


def clamp(x: int, low: int, high: int) -> int:
    """The nearest value between two bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``result == max(low, min(x, high))``
    """
    if x < low:
        return low
    if x > high:
        return low
    return x


def is_even(n: int) -> bool:
    """Whether n is even.

    Ensures:
        - ``result == (n % 2 == 0)``
    """
    return n % 2 == 1


def inside(x: int, low: int, high: int) -> bool:
    """Whether x is between the bounds.

    Ensures:
        - ``result == (low <= x <= high)``
    """
    return low <= x or x <= high


def last(xs: list[int]) -> int:
    """The last one.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result == xs[-1]``
    """
    return xs[len(xs) - 2]


def without_first(xs: list[int]) -> list[int]:
    """All but the first.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result == xs[1:]``
    """
    return xs[2:]


def difference(a: int, b: int) -> int:
    """How much b is more than a.

    Ensures:
        - ``result + a == b``
    """
    return a - b


def smaller(a: int, b: int) -> int:
    """The smaller one.

    Ensures:
        - ``result <= a and result <= b``
        - ``result == a or result == b``
    """
    return max(a, b)


def product(xs: list[int]) -> int:
    """Twice the sum.

    Ensures:
        - ``result == 2 * sum(xs)``
    """
    return 3 * sum(xs)


def power_of_two(n: int) -> int:
    """Two to the n, by doubling.

    Requires:
        - ``0 <= n <= 3``

    Ensures:
        - ``implies(n == 0, result == 1)``
        - ``implies(n > 0, result == 2 * n or result == 8)``
    """
    if n == 0:
        return 0
    if n == 1:
        return 2
    return 4 if n == 2 else 8


def first(xs: list[int]) -> int:
    """The first one.

    Ensures:
        - ``result == xs[0]``
    """
    return xs[0]


def mean(xs: list[int]) -> int:
    """The mean, rounded down.

    Ensures:
        - ``result * len(xs) <= sum(xs)``
    """
    return sum(xs) // len(xs)


def quotient(a: int, b: int, safe: bool) -> int:
    """The quotient, 0 where it is asked to be safe.

    Ensures:
        - ``implies(not safe, result == a // b)``
    """
    if safe:
        return 0
    return a // b


def look_up(table: dict[str, int], key: str) -> int:
    """What the table says.

    Ensures:
        - ``result == table[key]``
    """
    return table[key]


def letters(name: str | None) -> int:
    """How long the name is.

    Ensures:
        - ``result >= 0``
    """
    return len(name)


def half(n: int) -> int:
    """Half of it.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 0``
    """
    return n // 2


def half_below(k: int) -> int:
    """Half of what comes before.

    Ensures:
        - ``result >= 0``
    """
    return half(k - 1)


def between(low: int, high: int) -> int:
    """A number between the bounds.

    Ensures:
        - ``low <= result <= high``
    """
    return low


def counted(n: int) -> int:
    """Count up.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == n``
    """
    i = 0
    while i < n:
        assert 0 <= i <= n - 2
        i += 1
    return i


def counted_down(n: int) -> int:
    """Count down.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == 0``
    """
    i = n
    while i > 0:
        assert 0 < i < n
        i -= 1
    return i


def below_both(a: int, b: int) -> int:
    """The smaller one, which is promised to be smaller than it can be.

    Ensures:
        - ``result < a or result < b or a == b``
        - ``result < a``
    """
    return a if a < b else b


def doubled(x: int) -> int:
    """Twice x, which is not always more.

    Ensures:
        - ``result == 2 * x and result > x``
    """
    return x + x


def rows(matrix: list[list[int]], i: int) -> int:
    """How long a row is.

    Ensures:
        - ``result >= 0``
    """
    return len(matrix[i])


def ordered(low: int, high: int) -> int:
    """How many numbers there are between two.

    Ensures:
        - ``result >= 0``
    """
    return high - low


def share_of(whole: int, others: int) -> int:
    """A share, where the divisor is made in two steps.

    Ensures:
        - ``True``
    """
    mine = whole + others
    parts = mine + others
    return 100 // parts


def room_left(used: int, more: int) -> int:
    """What is left of 64.

    Requires:
        - ``used >= 0 and more >= 0``

    Ensures:
        - ``result >= 0``
    """
    total = used + more
    return 64 - total


def window_end(xs: list[int], start: int, size: int) -> int:
    """The last of a window.

    Requires:
        - ``start >= 0``
        - ``size > 0``

    Ensures:
        - ``True``
    """
    last = start + size - 1
    return xs[last]
