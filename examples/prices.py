"""Prices as they leave the shop's old system: floating-point euros."""


def discounted(price: float, percent: float) -> float:
    """The price after a discount.

    Requires:
        - ``0.0 <= price <= 1_000_000.0``
        - ``0.0 <= percent <= 100.0``

    Ensures:
        - ``result <= price``
    """
    return price - price * percent / 100.0
