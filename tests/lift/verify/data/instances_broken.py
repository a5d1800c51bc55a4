"""Functions over instances of ordinary classes, each of which breaks its specification."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Account:
    balance: int = 0

    def deposit(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    def withdraw(self, amount: int) -> None:
        """W.

        Requires:
            - ``0 < amount <= self.balance``

        Ensures:
            - ``self.balance == old(self.balance) - amount + 1``
        """
        self.balance -= amount

    def close(self) -> None:
        """Nothing may be there to withdraw.

        Ensures:
            - ``self.balance == 0``
        """
        self.withdraw(self.balance)


def overdraws(account: Account) -> None:
    """O.

    Requires:
        - ``account.balance >= 0``

    Ensures:
        - ``account.balance == old(account.balance) - 10``
    """
    account.withdraw(10)


class Stack:
    def __init__(self) -> None:
        self.items: list[int] = []

    def __len__(self) -> int:
        return len(self.items)


def top(stack: Stack) -> int:
    """T.

    Ensures:
        - ``result == stack.items[-1]``
    """
    return stack.items[-1] if len(stack) > 1 else 0


@dataclass(frozen=True)
class Money:
    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)


def both(a: Money, b: Money) -> Money:
    """B.

    Ensures:
        - ``result.cents == a.cents + b.cents``
    """
    return a + b


def thaws(a: Money) -> int:
    """T.

    Ensures:
        - ``result == 0``
    """
    a.cents = 0  # type: ignore[misc]
    return a.cents


@dataclass
class Item:
    name: str
    price: int


def cheapest(items: list[Item]) -> int:
    """C.

    Requires:
        - ``len(items) > 0``

    Ensures:
        - ``all(result <= i.price for i in items)``
    """
    return items[0].price


@dataclass
class Node:
    value: int
    next: Node | None = None


def second(node: Node) -> int:
    """S.

    Ensures:
        - ``result == node.next.value``
    """
    return node.next.value


def last_is_first(node: Node) -> int:
    """L.

    Ensures:
        - ``result == node.value``
    """
    current = node
    while current.next is not None:
        current = current.next
    return current.value
