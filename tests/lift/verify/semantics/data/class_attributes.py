"""Programs over attributes: frozen ones, those that hold instances, and those of expressions."""

from dataclasses import FrozenInstanceError, dataclass, field


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0

    @property
    def both(self) -> int:
        return self.x + self.y

    @both.setter
    def both(self, value: int) -> None:
        raise ValueError

    def move(self) -> None:
        self.x += 1


@dataclass(frozen=False)
class Thawed:
    x: int


@dataclass(frozen=True)
class Fixed:
    x: int

    def __post_init__(self) -> None:
        if self.x > 1:
            self.x = 1


@dataclass
class Node:
    value: int
    next: "Node | None" = None

    def last(self) -> "Node":
        node = self
        while node.next is not None:
            node = node.next
        return node


@dataclass
class Line:
    start: Node
    nodes: list[Node] = field(default_factory=list)


def frozen(n: int):
    p = Point(n)
    try:
        p.x = 3
    except FrozenInstanceError:
        return p.x, "frozen"
    return 0


def frozen_is_an_attribute_error(n: int):
    p = Point(n)
    try:
        p.y += 3
    except AttributeError:
        return p.both


def frozen_escapes(n: int):
    Point(n).move()


def frozen_property(n: int):
    Point(n).both = 3


def frozen_in_post_init(n: int):
    return Fixed(n).x


def thawed(n: int):
    p = Thawed(n)
    p.x += 1
    return p.x


def linked(n: int, m: int):
    a = Node(n, Node(m))
    b = a.next
    if b is not None:
        b.value += 1
        b.next = a
    return a.next.value, a.next.next is a


def linked_end(n: int, m: int):
    a = Node(n)
    a.next = Node(m)
    a.next.next = Node(3, a.next.next)
    a.last().value *= 2
    return a.next.next.value, a.next.next.next


def linked_none(n: int):
    return Node(n).next.value


def nested(n: int, m: int):
    line = Line(Node(n))
    line.start.value += m
    line.start.next = line.start
    line.start.next.value -= 1
    line.nodes.append(line.start)
    line.nodes[0].value *= 2
    return line.start.value, len(line.nodes), line.nodes[-1] is line.start
