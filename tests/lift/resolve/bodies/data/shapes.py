"""Specifications of loops, changes in place, records, tables and examples, none of which has a body."""

from dataclasses import dataclass
from enum import Enum

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LIMIT = 12


class Color(Enum):
    RED = 1
    GREEN = 2
    YELLOW = 3


@dataclass(frozen=True)
class Point:
    x: int
    y: int


def square(n: int) -> int:
    """A number times itself.

    Ensures:
        - ``result == n * n``
    """
    return n * n


def gcd(a: int, b: int) -> int:
    """The greatest common divisor.

    Requires:
        - ``a > 0 and b > 0``

    Ensures:
        - ``result >= 1``
        - ``a % result == 0 and b % result == 0``
        - ``all(a % d != 0 or b % d != 0 for d in range(result + 1, a + 1))``
    """
    raise NotImplementedError


def isqrt(n: int) -> int:
    """The integer square root.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 0``
        - ``result * result <= n``
        - ``n < (result + 1) * (result + 1)``
    """
    raise NotImplementedError


def quotient(a: int, b: int) -> tuple[int, int]:
    """Division.

    Requires:
        - ``a >= 0 and b > 0``

    Ensures:
        - ``result[0] * b + result[1] == a``
        - ``0 <= result[1] < b``
    """
    raise NotImplementedError


def merged(xs: list[int], ys: list[int]) -> list[int]:
    """Two sorted lists as one.

    Requires:
        - ``all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))``
        - ``all(ys[i] <= ys[i + 1] for i in range(len(ys) - 1))``

    Ensures:
        - ``len(result) == len(xs) + len(ys)``
        - ``all(result[i] <= result[i + 1] for i in range(len(result) - 1))``
        - ``sorted(result) == sorted(xs + ys)``
    """
    raise NotImplementedError


def without_spaces(text: str) -> str:
    """No spaces.

    Ensures:
        - ``result == "".join(c for c in text if c != " ")``
    """
    raise NotImplementedError


def vowels(text: str) -> int:
    """How many vowels.

    Ensures:
        - ``result == sum(1 for c in text if c in "aeiou")``
    """
    raise NotImplementedError


def argmax(xs: list[int]) -> int:
    """The place of the largest.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``0 <= result < len(xs)``
        - ``all(x <= xs[result] for x in xs)``
    """
    raise NotImplementedError


def first_over(xs: list[int], limit: int) -> int | None:
    """The first place of a number over the limit.

    Ensures:
        - ``implies(result is None, all(x <= limit for x in xs))``
        - ``implies(result is not None, 0 <= result < len(xs) and xs[result] > limit)``
        - ``implies(result is not None, all(x <= limit for x in xs[:result]))``
    """
    raise NotImplementedError


def prefix_sums(xs: list[int]) -> list[int]:
    """With a zero in front.

    Ensures:
        - ``len(result) == len(xs) + 1``
        - ``result[0] == 0``
        - ``all(result[i + 1] == result[i] + xs[i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def flatten(rows: list[list[int]]) -> list[int]:
    """All in one.

    Ensures:
        - ``result == [x for row in rows for x in row]``
    """
    raise NotImplementedError


def transpose(rows: list[list[int]], width: int) -> list[list[int]]:
    """Columns as rows.

    Requires:
        - ``width >= 0``
        - ``all(len(row) == width for row in rows)``

    Ensures:
        - ``len(result) == width``
        - ``all(len(column) == len(rows) for column in result)``
        - ``all(result[j][i] == rows[i][j] for i in range(len(rows)) for j in range(width))``
    """
    raise NotImplementedError


def days_of(month: int) -> int:
    """Days of a month.

    Requires:
        - ``1 <= month <= 12``

    Ensures:
        - ``result == DAYS[month - 1]``
    """
    raise NotImplementedError


def within(n: int) -> bool:
    """Under the limit.

    Ensures:
        - ``result == (0 <= n <= LIMIT)``
    """
    raise NotImplementedError


def sum_of_squares(a: int, b: int) -> int:
    """With square.

    Ensures:
        - ``result == square(a) + square(b)``
    """
    raise NotImplementedError


def moved(p: Point, dx: int) -> Point:
    """To the right.

    Ensures:
        - ``result == Point(p.x + dx, p.y)``
    """
    raise NotImplementedError


def extremes(xs: list[int]) -> tuple[int, int]:
    """Smallest and largest.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result[0] in xs and result[1] in xs``
        - ``all(result[0] <= x <= result[1] for x in xs)``
    """
    raise NotImplementedError


def swap_ends(xs: list[int]) -> None:
    """Exchange the first and the last element.

    Requires:
        - ``len(xs) >= 2``

    Modifies:
        - ``xs``

    Ensures:
        - ``len(xs) == len(old(xs))``
        - ``xs[0] == old(xs[-1])``
        - ``xs[-1] == old(xs[0])``
        - ``all(xs[i] == old(xs)[i] for i in range(1, len(xs) - 1))``
    """
    raise NotImplementedError


def reverse(xs: list[int]) -> None:
    """Turn it around.

    Modifies:
        - ``xs``

    Ensures:
        - ``len(xs) == len(old(xs))``
        - ``all(xs[i] == old(xs)[len(xs) - 1 - i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def put_in_order(xs: list[int]) -> None:
    """Sort.

    Modifies:
        - ``xs``

    Ensures:
        - ``xs == sorted(old(xs))``
    """
    raise NotImplementedError


def double_all(xs: list[int]) -> None:
    """Double each in place.

    Modifies:
        - ``xs``

    Ensures:
        - ``len(xs) == len(old(xs))``
        - ``all(xs[i] == 2 * old(xs)[i] for i in range(len(xs)))``
    """
    raise NotImplementedError


def set_limit(limits: dict[str, int], name: str, value: int) -> None:
    """Set.

    Modifies:
        - ``limits``

    Ensures:
        - ``limits[name] == value``
        - ``all(k == name or limits[k] == old(limits)[k] for k in old(limits))``
        - ``all(k == name or k in old(limits) for k in limits)``
    """
    raise NotImplementedError


def push(stack: list[int], value: int) -> None:
    """Push.

    Requires:
        - ``value >= 0``

    Modifies:
        - ``stack``

    Ensures:
        - ``len(stack) == len(old(stack)) + 1``
        - ``stack[-1] == value``
        - ``stack[:-1] == old(stack)``
    """
    raise NotImplementedError


def drop_negative(xs: list[int]) -> None:
    """Only those that are not negative.

    Modifies:
        - ``xs``

    Ensures:
        - ``xs == [x for x in old(xs) if x >= 0]``
    """
    raise NotImplementedError


def remember(seen: set[int], n: int) -> None:
    """Add.

    Modifies:
        - ``seen``

    Ensures:
        - ``n in seen``
        - ``all(x in seen for x in old(seen))``
        - ``all(x == n or x in old(seen) for x in seen)``
    """
    raise NotImplementedError


def lower_bound(xs: list[int], key: int) -> int:
    """The first place whose element is not below the key.

    Requires:
        - ``all(xs[i] <= xs[j] for i in range(len(xs)) for j in range(i, len(xs)))``

    Ensures:
        - ``0 <= result <= len(xs)``
        - ``all(xs[i] < key for i in range(result))``
        - ``all(xs[i] >= key for i in range(result, len(xs)))``
    """
    raise NotImplementedError


def place_in_sorted(xs: list[int], key: int) -> int:
    """Where a key stands, -1 if it does not.

    Requires:
        - ``all(xs[i] <= xs[j] for i in range(len(xs)) for j in range(i, len(xs)))``

    Ensures:
        - ``implies(result == -1, key not in xs)``
        - ``implies(result != -1, 0 <= result < len(xs) and xs[result] == key)``
    """
    raise NotImplementedError


def smallest_divisor(n: int) -> int:
    """At least 2.

    Requires:
        - ``n >= 2``

    Ensures:
        - ``2 <= result <= n``
        - ``n % result == 0``
        - ``all(n % d != 0 for d in range(2, result))``
    """
    raise NotImplementedError


def cube_root(n: int) -> int:
    """Rounded down.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 0 and result ** 3 <= n``
        - ``n < (result + 1) ** 3``
    """
    raise NotImplementedError


def common_sorted(xs: list[int], ys: list[int]) -> list[int]:
    """What two sorted lists share.

    Requires:
        - ``all(xs[i] < xs[i + 1] for i in range(len(xs) - 1))``
        - ``all(ys[i] < ys[i + 1] for i in range(len(ys) - 1))``

    Ensures:
        - ``all(x in xs and x in ys for x in result)``
        - ``all(x in result for x in xs if x in ys)``
        - ``all(result[i] < result[i + 1] for i in range(len(result) - 1))``
    """
    raise NotImplementedError


def mirrored(p: Point) -> Point:
    """Across the diagonal.

    Ensures:
        - ``result.x == p.y``
        - ``result.y == p.x``
    """
    raise NotImplementedError


def middle(p: Point, q: Point) -> Point:
    """Between.

    Ensures:
        - ``result.x == (p.x + q.x) // 2 and result.y == (p.y + q.y) // 2``
    """
    raise NotImplementedError


def color_of(go: bool) -> Color:
    """Green to go.

    Ensures:
        - ``(result == Color.GREEN) == go``
    """
    raise NotImplementedError


def withdraw(balance: int, amount: int) -> int:
    """Take money.

    Ensures:
        - ``result == balance - amount``

    Raises:
        ValueError: If ``amount <= 0``.
        OverflowError: If ``amount > balance``.
    """
    raise NotImplementedError


def split_time(seconds: int) -> tuple[int, int, int]:
    """Hours, minutes, seconds.

    Requires:
        - ``seconds >= 0``

    Ensures:
        - ``result[0] == seconds // 3600``
        - ``result[1] == seconds // 60 % 60``
        - ``result[2] == seconds % 60``
    """
    raise NotImplementedError


def parity(n: int) -> str:
    """Even or odd.

    Examples:
        >>> parity(2)
        'even'
        >>> parity(3)
        'odd'
        >>> parity(10)
        'even'
        >>> parity(7)
        'odd'
    """
    raise NotImplementedError


def evens(xs: list[int]) -> list[int]:
    """Even ones.

    Examples:
        >>> evens([1, 2, 3, 4])
        [2, 4]
        >>> evens([5])
        []
        >>> evens([8, 6])
        [8, 6]
    """
    raise NotImplementedError


def initials(name: str) -> str:
    """First letters.

    Examples:
        >>> initials("ada lovelace")
        'AL'
        >>> initials("grace brewster hopper")
        'GBH'
        >>> initials("x")
        'X'
    """
    raise NotImplementedError


def slug(title: str) -> str:
    """A slug.

    Examples:
        >>> slug("Hello World")
        'hello-world'
        >>> slug("One two three")
        'one-two-three'
    """
    raise NotImplementedError


def tally(words: list[str]) -> dict[str, int]:
    """Counts.

    Examples:
        >>> tally(["a", "b", "a"])
        {'a': 2, 'b': 1}
        >>> tally([])
        {}
    """
    raise NotImplementedError


def ceiling_half(n: int) -> int:
    """How many pairs hold so many, the last perhaps half full.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``2 * result >= n``
        - ``2 * result <= n + 1``
    """
    raise NotImplementedError


def triangular(n: int) -> int:
    """The largest k with 1 + 2 + ... + k not above n.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 0``
        - ``result * (result + 1) // 2 <= n``
        - ``(result + 1) * (result + 2) // 2 > n``
    """
    raise NotImplementedError


def clear_small(xs: list[int], least: int) -> None:
    """Set what is too small to zero.

    Modifies:
        - ``xs``

    Ensures:
        - ``len(xs) == len(old(xs))``
        - ``all(xs[i] == (old(xs)[i] if old(xs)[i] >= least else 0) for i in range(len(xs)))``
    """
    raise NotImplementedError


def forget(table: dict[str, int], key: str) -> None:
    """Take an entry out, if it is there.

    Modifies:
        - ``table``

    Ensures:
        - ``key not in table``
        - ``all(k == key or (k in table and table[k] == old(table)[k]) for k in old(table))``
        - ``all(k in old(table) for k in table)``
    """
    raise NotImplementedError


def above_all(xs: list[int]) -> int:
    """A number above all others.

    Ensures:
        - ``all(x < result for x in xs)``
    """
    raise NotImplementedError


def plural(count: int, noun: str) -> str:
    """With a number.

    Requires:
        - ``count >= 0``

    Ensures:
        - ``implies(count == 1, result == "1 " + noun)``
        - ``implies(count != 1, result == str(count) + " " + noun + "s")``
    """
    raise NotImplementedError


def swapped_case(on: bool) -> Color:
    """The opposite light.

    Ensures:
        - ``on == (result != Color.RED)``
    """
    raise NotImplementedError


def same_line(p: Point, q: Point) -> bool:
    """Whether two points share a coordinate.

    Ensures:
        - ``result == (p.x == q.x or p.y == q.y)``
    """
    raise NotImplementedError


def vat(net: int) -> int:
    """With tax.

    Examples:
        >>> vat(100)
        119
        >>> vat(200)
        238
        >>> vat(300)
        357
    """
    raise NotImplementedError


def vowel_count(word: str) -> int:
    """Letters.

    Examples:
        >>> vowel_count("banana")
        6
        >>> vowel_count("sky")
        3
        >>> vowel_count("")
        0
    """
    raise NotImplementedError


def last_word(text: str) -> str:
    """The last word of a text.

    Requires:
        - ``len(text.split()) > 0``

    Examples:
        >>> last_word("to be or not")
        'not'
        >>> last_word("hello")
        'hello'
        >>> last_word("so long")
        'long'
    """
    raise NotImplementedError
