"""Bits, shifts and powers of integers against CPython."""

from __future__ import annotations

import itertools

import pytest
from harness import agree

INTS = (0, 1, -1, 5, -6, 12, 255, -256, 2**70 + 3, True, False)
MASKS = (0, 1, 2, 6, 7, -1, -2, -8, 0b10110, 0xF0F, 2**70, True)


@pytest.mark.parametrize("op", ["&", "|", "^"])
@pytest.mark.parametrize("mask", MASKS)
def test_a_known_operand(op: str, mask: int) -> None:
    source = f"def f(a: int):\n    return a {op} {mask}, {mask} {op} a\n"
    assert agree(source, "f", [(n,) for n in INTS], modes=(False,)).exact


@pytest.mark.parametrize("op", ["&", "|", "^"])
def test_two_bounded_operands(op: str) -> None:
    body = f"    if 0 <= a < 200 and 0 <= b <= 255:\n        return a {op} b\n    return None\n"
    grid = list(itertools.product((0, 1, 6, 85, 199, -1, 300), (0, 7, 170, 255, True)))
    assert agree(f"def f(a: int, b: int):\n{body}", "f", grid, modes=(False,)).exact


@pytest.mark.parametrize("op", ["<<", ">>"])
def test_bounded_shifts(op: str) -> None:
    body = f"    if b <= 9:\n        return a {op} b\n    return None\n"
    grid = list(itertools.product((0, 1, -7, 300, 2**70), (-1, 0, 1, 9, 10, True)))
    assert agree(f"def f(a: int, b: int):\n{body}", "f", grid, modes=(False,)).exact


@pytest.mark.parametrize("exponent", [0, 1, 2, 5])
def test_powers_with_a_modulus(exponent: int) -> None:
    grid = list(itertools.product((0, 2, -3, 7), (-5, -1, 0, 1, 4)))
    source = f"def f(a: int, m: int):\n    return pow(a, {exponent}, m)\n"
    assert agree(source, "f", grid, modes=(False,)).exact


def test_bit_lengths() -> None:
    body = "    if -(2**40) < a < 2**40:\n        return a.bit_length()\n    return None\n"
    grid = [(n,) for n in (0, 1, -1, 2, 3, 255, 256, -256, 2**39, True, 2**41)]
    assert agree(f"def f(a: int):\n{body}", "f", grid, modes=(False,)).exact
    agree("def f(a: int):\n    return a.bit_length()\n", "f", grid)
