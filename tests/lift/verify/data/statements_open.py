"""Functions over statements whose truth no proof may claim: each clause here is false or not modelled."""

from typing import List


def hidden_failure(x: int) -> int:
    """The assert fails, although its failure never gets out.

    Ensures:
        - ``result == 1``
    """
    try:
        assert x > 0
    finally:
        return 1


def replaced_failure(x: int) -> int:
    """The assert's failure is replaced by a declared exception.

    Raises:
        ValueError: If ``x <= 0``.
    """
    try:
        assert x > 0
    finally:
        if x <= 0:
            raise ValueError
    return x
