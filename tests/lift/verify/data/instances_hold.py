"""Functions over instances of ordinary classes, all of which hold."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field


@dataclass
class Account:
    balance: int = 0

    def deposit(self, amount: int) -> int:
        """D.

        Requires:
            - ``amount > 0``

        Ensures:
            - ``self.balance == old(self.balance) + amount``
        """
        self.balance += amount
        return self.balance


def pays_in(account: Account, amount: int) -> int:
    """P.

    Requires:
        - ``amount >= 0``

    Ensures:
        - ``result == old(account.balance) + amount + 1``
    """
    return account.deposit(amount + 1)


class Stack:
    def __init__(self) -> None:
        self.items: list[int] = []

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return len(self.items) > 0

    def push(self, x: int) -> None:
        """P.

        Ensures:
            - ``len(self) == old(len(self)) + 1``
        """
        self.items.append(x)

    def pop(self) -> int:
        """P.

        Requires:
            - ``self``

        Ensures:
            - ``len(self) == old(len(self)) - 1``
        """
        return self.items.pop()


def pushed_and_popped(stack: Stack, x: int) -> int:
    """P.

    Ensures:
        - ``result == x``
        - ``len(stack) == old(len(stack))``
    """
    stack.push(x)
    return stack.pop()


@dataclass(frozen=True, order=True)
class Money:
    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)


def larger(a: Money, b: Money) -> Money:
    """L.

    Ensures:
        - ``result >= a and result >= b``
        - ``result == a or result == b``
    """
    return a if a > b else b


def stays_frozen(a: Money) -> bool:
    """S.

    Ensures:
        - ``result``
    """
    try:
        a.cents = 0  # type: ignore[misc]
    except FrozenInstanceError:
        return True
    return False


@dataclass
class Item:
    name: str
    price: int
    count: int = 1


@dataclass
class Order:
    items: list[Item] = field(default_factory=list)
    discount: int = 0

    def total(self) -> int:
        """T.

        Requires:
            - ``all(i.price >= 0 and i.count >= 0 for i in self.items)``

        Ensures:
            - ``result >= 0``
        """
        total = 0
        for item in self.items:
            total += item.price * item.count
        return total


def names(items: list[Item]) -> list[str]:
    """N.

    Ensures:
        - ``len(result) == len(items)``
        - ``all(result[k] == items[k].name for k in range(len(items)))``
    """
    return [item.name for item in items]


def price_of(stock: dict[str, Item], name: str) -> int:
    """P.

    Ensures:
        - ``implies(name in stock, result == stock[name].price)``
    """
    return stock[name].price if name in stock else 0


@dataclass
class Node:
    value: int
    next: Node | None = None


def second(node: Node, default: int) -> int:
    """S.

    Ensures:
        - ``implies(node.next is None, result == default)``
        - ``implies(node.next is not None, result == node.next.value)``
    """
    return default if node.next is None else node.next.value


def length(node: Node | None) -> int:
    """L.

    Ensures:
        - ``result >= 0``
    """
    count = 0
    current = node
    while current is not None:
        count += 1
        current = current.next
    return count
