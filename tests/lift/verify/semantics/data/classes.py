"""Programs over classes, each of which the verifier must run as CPython does."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from enum import Enum


class Counter:
    STEP = 2
    name: str = "c"

    def __init__(self, n: int) -> None:
        self.n = n

    @property
    def double(self) -> int:
        return self.n * 2

    @double.setter
    def double(self, value: int) -> None:
        self.n = value // 2

    def up(self) -> int:
        self.n += self.STEP
        return self.n

    @staticmethod
    def add(a: int, b: int) -> int:
        return a + b

    @classmethod
    def make(cls, n: int):
        return cls(n + cls.STEP)


class Fast(Counter):
    STEP = 10

    def __init__(self, n: int, extra: int) -> None:
        super().__init__(n)
        self.extra = extra

    def up(self) -> int:
        return super().up() + self.extra


class Faster(Fast):
    def __init__(self, n: int) -> None:
        super().__init__(n, 1)

    @property
    def double(self) -> int:
        return self.n * 4


class Shape(ABC):
    @abstractmethod
    def area(self) -> int: ...

    def twice(self) -> int:
        return 2 * self.area()


class Square(Shape):
    def __init__(self, side: int) -> None:
        self.side = side

    def area(self) -> int:
        return self.side * self.side


@dataclass
class Point:
    x: int
    y: int = 3
    tags: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.y += 1


@dataclass
class Solid(Point):
    z: int = 0
    y: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        self.z = self.x


@dataclass(order=True, frozen=True)
class Version:
    major: int
    minor: int = 0


def properties(n: int):
    c = Counter(n)
    before = c.double
    c.double = 9
    c.double += 4
    return before, c.n, c.double


def class_attributes(n: int):
    c, f = Counter(n), Fast(n, 0)
    return c.STEP, f.STEP, Counter.STEP, Fast.STEP, c.name, Fast.name


def overriding(n: int):
    f = Fast(n, 5)
    g = Faster(n)
    return f.up(), f.n, g.up(), g.n, g.double, f.double


def dispatch(n: int):
    c = Counter(n) if n > 0 else Fast(n, 1)
    return c.up(), isinstance(c, Fast), isinstance(c, (Counter, int)), type(c) is Counter


def static_and_class(n: int):
    return Counter.add(n, 1), Counter(1).add(2, n), Counter.make(n).n, Faster.make(n).n, Faster(1).make(n).extra


def unbound(n: int):
    f = Fast(n, 1)
    return Counter.up(f), Fast.up(f)


def abstract(n: int):
    try:
        Shape()
    except TypeError:
        return Square(n).twice(), isinstance(Square(n), Shape)


def defaults(n: int):
    a, b = Point(n), Point(n, n)
    a.tags.append(1)
    return a.y, b.y, len(a.tags), len(b.tags), a.tags is b.tags


def inherited_dataclass(n: int):
    s = Solid(n, z=4)
    return s.x, s.y, s.z, len(s.tags), isinstance(s, Point)


def equality(n: int):
    a, b = Point(n), Point(1)
    return a == b, a == a, a != b, Counter(n) == Counter(n), Solid(n) == Point(n)


def replaced(n: int):
    v = Version(n, 2)
    w = replace(v, major=7)
    return w.major, w.minor, v.major


def order(n: int):
    a, b = Version(n, 1), Version(1, 2)
    return a < b, a <= b, a > b, a >= b, a == b, max(a, b).major


def wrong_arguments(n: int):
    try:
        if n > 0:
            Point()
        elif n == 0:
            Counter(1, 2)
        else:
            Version(1, major=2)
    except TypeError:
        return "refused"


def missing(n: int):
    return Counter(n).up() + Square(n).side


def aliased(n: int):
    a = Counter(n)
    b = a
    b.up()
    b.name = "x"
    return a.n, a is b, a.name, Counter(1).name


def in_a_list(n: int):
    xs = [Counter(n), Fast(n, 2)]
    for x in xs:
        x.up()
    return [x.n for x in xs], xs[-1].double


def patterns(n: int):
    v = Version(n, 2) if n > 0 else Point(n)
    match v:
        case Version(1, minor):
            return "one", minor
        case Version(major=m):
            return m
        case Point(x, y=4):
            return x
    return None


def super_twice(n: int):
    class_ = Faster
    return class_(n).up()


LIMIT = 1


class Scoped:
    LIMIT = 5

    def get(self, n: int = LIMIT) -> int:
        return n + LIMIT


@dataclass
class Written:
    x: int

    def __init__(self) -> None:
        self.x = 7


@dataclass
class Generated(Written):
    y: int = 2


def generated_below_a_written_one(n: int):
    return Written().x, Generated(n).x, Generated(n, 4).y


def scope_of_a_default(n: int):
    return Scoped().get(n), n if n < 0 else Scoped().get()


class Color(Enum):
    RED = 1
    GREEN = "g"
    BLUE = 3

    def dark(self) -> bool:
        return self in (Color.RED, Color.BLUE)

    @property
    def first(self) -> str:
        return self.name[0]

    @classmethod
    def best(cls):
        return cls.GREEN


def members(n: int):
    c = Color.RED if n < 1 else Color.GREEN if n == 1 else Color.BLUE
    return c, c.name, c.value, c is Color.RED, c == Color.GREEN, c != Color.BLUE, c == 1, bool(c), c is None


def methods_of_members(n: int):
    c = Color.RED if n < 1 else Color.GREEN
    return c.dark(), c.first, Color.best(), c in (Color.GREEN, None), c in Color, isinstance(c, Color)


def members_by_value(n: int):
    return Color(n), Color("g")


def iteration_over_members(n: int):
    return [c.name for c in Color], [c.value for c in Color if c is not Color.GREEN], list(Color)[n]


def patterns_of_members(n: int):
    c = Color.RED if n < 1 else Color.GREEN if n == 1 else None
    match c:
        case Color.RED | Color.BLUE:
            return "primary"
        case Color():
            return "other"
        case [_]:
            return "never"
    return "none"


def members_without_order(n: int):
    try:
        return Color.RED < Color.BLUE
    except TypeError:
        return n


def members_in_loops(n: int):
    c = Color.RED
    for i in range(n):
        c = Color.GREEN if c is Color.RED else Color.BLUE
    return c
