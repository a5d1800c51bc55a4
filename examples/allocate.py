"""Handing out whole units in proportion to weights: seats, cents, delivery slots."""


def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split an amount across weights without losing a unit.

    Requires:
        - ``amount >= 0``
        - ``all(w >= 0 for w in weights)``

    Ensures:
        - ``len(result) == len(weights)``
        - ``sum(result) == amount``: no unit is lost
        - ``?leftover: Literal["first", "largest"]``: who receives the spare units?
        - Shares keep the order of the weights

    Args:
        amount: Units to hand out.
        weights: How much of it each one is due, relative to the others.

    Raises:
        ValueError: If ``sum(weights) == 0``.
    """
    total = sum(weights)
    if total == 0:
        raise ValueError("nobody is due anything")
    return [amount * weight // total for weight in weights]
