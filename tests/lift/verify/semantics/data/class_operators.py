"""Programs over classes that define operators, each of which the verifier must run as CPython does."""

from dataclasses import dataclass


class Base:
    def __init__(self, n: int) -> None:
        self.n = n

    def __add__(self, other):
        if isinstance(other, Base):
            return ("Base.add", self.n + other.n)
        return NotImplemented

    def __radd__(self, other):
        if isinstance(other, int):
            return ("Base.radd", other)
        return NotImplemented

    def __lt__(self, other):
        if not isinstance(other, Base):
            return NotImplemented
        return ("Base.lt", self.n < other.n)

    def __gt__(self, other):
        return ("Base.gt", self.n)


class Below(Base):
    def __radd__(self, other):
        return "Below.radd"


class Quiet(Base):
    """It defines nothing anew, so arithmetic asks the left operand first, comparisons the right one."""


class Only:
    def __init__(self, n: int) -> None:
        self.n = n

    def __eq__(self, other):
        if isinstance(other, int):
            return self.n == other
        if isinstance(other, Only):
            return self.n % 2 == other.n % 2
        return NotImplemented

    def __bool__(self) -> bool:
        return self.n > 1

    def __neg__(self):
        return -self.n

    def __pos__(self):
        return +self.n

    def __invert__(self):
        return ~self.n

    def __abs__(self):
        return "abs"

    def __call__(self, a: int, b: int = 3):
        return self.n + a * b


class Odd:
    """It is not equal to itself."""

    def __eq__(self, other) -> bool:
        return False


class NotEqual:
    def __ne__(self, other):
        return "ne"


class Box:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, at: int) -> int:
        return self.items[at]

    def __setitem__(self, at: int, value: int) -> None:
        self.items[at] = value

    def __delitem__(self, at: int) -> None:
        del self.items[at]

    def __contains__(self, value: int):
        return [v for v in self.items if v == value]

    def __iadd__(self, value: int):
        self.items.append(value)
        return self

    def __add__(self, value: int):
        return Box([*self.items, value])


class Length:
    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n


class Loose:
    def __init__(self, n: int) -> None:
        self.n = n

    def __bool__(self):
        return self.n


@dataclass
class Pair:
    a: int
    b: int

    def __mul__(self, by: int):
        return Pair(self.a * by, self.b * by)

    __rmul__ = __mul__


@dataclass(order=True)
class Ordered:
    a: int
    b: int

    def __add__(self, other):
        return Ordered(self.a + other.a, self.b)


@dataclass
class Own:
    a: int

    def __eq__(self, other):
        return "own"


@dataclass
class Empty:
    pass


class BelowEmpty(Empty):
    pass


def adding(n: int, m: int):
    return Base(n) + Base(m)


def adding_below(n: int, m: int):
    return Base(n) + Below(m), Below(n) + Base(m), Base(n) + Quiet(m), Quiet(n) + Below(m)


def adding_reflected(n: int, m: int):
    return n + Base(m), True + Base(m)


def adding_wrong_right(n: int, s: str):
    try:
        return Base(n) + s
    except TypeError:
        return "TypeError"


def adding_wrong_left(n: int, xs: list[int]):
    try:
        return xs + Base(n)
    except TypeError:
        return "TypeError"


def adding_none(n: int):
    return None + Base(n)


def adding_text(n: int, s: str):
    return s + Base(n)


def subtracting(n: int):
    return Base(n) - n


def ordering(n: int, m: int):
    return Base(n) < Base(m), Base(n) > Base(m)


def ordering_below(n: int, m: int):
    return Base(n) < Quiet(m), Quiet(n) < Base(m)


def ordering_foreign(n: int, m: int):
    return Base(n) < m, n < Base(m), n > Base(m)


def ordering_weakly(n: int, m: int):
    return Base(n) <= Base(m)


def equality_of_classes(n: int, m: int):
    return Only(n) == Only(m), Only(n) != Only(m), Only(n) == m, m == Only(n), m != Only(n)


def equality_with_others(n: int, s: str):
    a = Only(n)
    return a == s, a != s, a == None, None != a, a == a, a == (n,), [n] == a  # noqa: E711


def equality_with_itself(n: int):
    a = Odd()
    return a == a, a != a, [a] == [a], a in [a], Odd() in [a], [a] == [Odd()]


def equality_not(n: int):
    return NotEqual() != n, NotEqual() == n, n != NotEqual()


def equality_in_lists(n: int, m: int):
    return [Only(n)] == [Only(m)], (Only(n), 1) == (Only(m), 1), Only(n) in [Only(m), Only(2)], n in [Only(m)]


def counting(n: int, m: int):
    return [Only(n), Only(m)].count(1), [Only(n), Only(m)].index(m)


def truth(n: int, m: int):
    a, b = Only(n), Only(m)
    if not a:
        return "false", bool(b)
    return 1 if b else 2


def truth_of_operands(n: int, m: int):
    a, b = Only(n), Only(m)
    return (a and b).n, (a or b).n, (a and b and 3) == 3, not a


def truth_in_loops(n: int):
    a, rounds = Only(n), 0
    while a:
        a = Only(a.n - 1)
        rounds += 1
    return rounds


def truth_in_comprehensions(n: int, m: int):
    return [a.n for a in [Only(n), Only(m), Only(2)] if a]


def truth_in_asserts(n: int):
    assert Only(n)
    return n


def truth_by_length(n: int):
    return bool(Length(n)), "yes" if Length(n) else "no"


def truth_that_is_no_bool(n: int):
    return not Loose(n + 0)


def unary(n: int):
    return -Only(n), +Only(n), ~Only(n), abs(Only(n))


def unary_that_is_missing(n: int):
    return -Base(n)


def calling(n: int, m: int):
    a = Only(n)
    return a(m), a(m, 2), a(b=1, a=2)


def calling_wrongly(n: int):
    return Only(n)()


def length(n: int):
    return len(Length(n))


def length_of_box(xs: list[int]):
    box = Box(xs)
    return len(box), bool(box), not box


def items(xs: list[int], n: int):
    box = Box(xs)
    return box[n]


def items_set(xs: list[int], n: int):
    box = Box(xs)
    box[n] = 7
    return box[-1], xs


def items_deleted(xs: list[int], n: int):
    box = Box(xs)
    del box[n]
    return xs, len(box)


def items_augmented(xs: list[int], n: int):
    box = Box(xs)
    box[n] += 5
    return xs


def membership(xs: list[int], n: int):
    box = Box(xs)
    return n in box, n not in box


def in_place(xs: list[int], n: int):
    box = Box(xs)
    same = box
    box += n
    return same is box, xs, len(same)


def in_place_by_adding(n: int, m: int):
    a = Base(n)
    b = a
    a += Base(m)
    return a, b.n


def in_place_of_int(n: int, m: int):
    n += Base(m)
    return n


def in_place_missing(n: int):
    a = Base(n)
    a -= 1
    return a


def not_in_place(xs: list[int], n: int):
    box = Box(xs)
    more = box + n
    return xs, more.items, more is box


def reflected_by_name(n: int, m: int):
    return Pair(n, m) * 2 == 2 * Pair(n, m), (3 * Pair(n, 1)).a


def dataclasses_with_operators(n: int, m: int):
    a, b = Ordered(n, 1), Ordered(m, 2)
    return a < b, a <= b, a == b, (a + b).a, a > Ordered(n, 0), a != b


def dataclasses_with_own_equality(n: int):
    return Own(n) == Own(n), Own(n) == 3, 3 == Own(n), Own(n) != Own(n)


def dataclasses_inherited_equality(n: int):
    return BelowEmpty() == BelowEmpty()


def dataclasses_beside_others(n: int, m: int):
    return Pair(n, m) == Only(2), Only(2) == Pair(n, m), Pair(n, m) == Own(n), Own(n) == Pair(n, m)


def chains(n: int, m: int):
    return Only(n) == Only(m) == 1, 0 <= n < m
