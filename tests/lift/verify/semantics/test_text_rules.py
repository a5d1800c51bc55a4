"""The methods of strings against CPython: on a grid of texts, and on every code point where it matters."""

from __future__ import annotations

import itertools

import pytest
from harness import agree

TEXTS = ("", "a", "ab", "aba", " a b ", "=", "a=b=c", "==", "\t\n", "ß", "É", "-7", "+x", "12", "aaa")
PARTS = ("", "a", "ab", "=", "==", "b", "aa")
PLACES = (None, -9, -2, -1, 0, 1, 2, 9)


@pytest.mark.parametrize(
    "method",
    [
        *("find", "rfind", "index", "rindex", "startswith", "endswith", "count"),
        *("partition", "rpartition", "removeprefix", "removesuffix", "split", "rsplit"),
    ],
)
def test_methods_of_a_part(method: str) -> None:
    source = f"def f(s: str, t: str):\n    return s.{method}(t)\n"
    agree(source, "f", list(itertools.product(TEXTS, PARTS)))


@pytest.mark.parametrize("method", ["find", "rfind", "startswith", "endswith"])
def test_searches_within_bounds(method: str) -> None:
    source = f"def f(s: str, t: str, a: int | None, b: int | None):\n    return s.{method}(t, a, b)\n"
    inputs = list(itertools.product(("", "aba", "a=b=c"), ("", "a", "b=c"), PLACES, PLACES))
    agree(source, "f", inputs[::7], modes=(False,))


@pytest.mark.parametrize(
    "call",
    [
        *("split('=', 1)", "rsplit('=', 1)", "split('=', 0)", "split(None)", "split()", "split('', 1)"),
        *("strip()", "lstrip()", "rstrip()", "strip('a ')", "lstrip('-+')", "rstrip('=')", "strip('')"),
        *("upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()"),
        *("isspace()", "isdigit()", "isdecimal()", "isnumeric()", "isalpha()", "isalnum()", "isascii()"),
        *("isupper()", "islower()", "istitle()", "isidentifier()", "isprintable()"),
        *("startswith(('a', '='))", "endswith(())", "find('a', 1)", "replace('=', '-')", "replace('', '-')"),
        *("replace('a', '')", "replace('aa', 'a')", "index('b')", "startswith(1)", "find()", "upper(1)"),
    ],
)
def test_calls(call: str) -> None:
    agree(f"def f(s: str):\n    return s.{call}\n", "f", [(t,) for t in TEXTS])


@pytest.mark.parametrize("method", ["ljust", "rjust", "center", "zfill"])
def test_padding(method: str) -> None:
    inputs = list(itertools.product(("", "a", "ab", "-7", "+x"), (-1, 0, 1, 2, 3, 4, 5)))
    agree(f"def f(s: str, n: int):\n    return s.{method}(n)\n", "f", inputs, modes=(False,))


@pytest.mark.parametrize("fill", ["'*'", "'**'", "''", "1"])
def test_padding_with_a_fill(fill: str) -> None:
    agree(f"def f(s: str):\n    return s.center(4, {fill})\n", "f", [("",), ("a",), ("ab",), ("abcde",)])


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("known", ["b", "\n", "é"])
def test_order_against_a_character(op: str, known: str) -> None:
    texts = [(t,) for t in ("", "a", "b", "c", "ba", "bb", "ab", "é", "éa", "\n", "\n\n", "\t")]
    agree(f"def f(s: str):\n    return s {op} {known!r}, {known!r} {op} s\n", "f", texts)


def test_characters_and_their_numbers() -> None:
    texts = [(t,) for t in ("", "a", "ab", "é", "\ud7ff", "😀")]
    agree("def f(s: str):\n    return ord(s)\n", "f", texts)
    agree("def f(s: str):\n    return chr(ord(s) + 1)\n", "f", texts)
    agree("def f(n: int):\n    return chr(n)\n", "f", [(n,) for n in (-1, 0, 97, 0xE9, 0x1F600, 0x110000)])


@pytest.mark.parametrize("name", ["upper", "lower", "title", "capitalize", "swapcase", "casefold"])
def test_no_case_mapping_shortens_a_character(name: str) -> None:
    assert all(len(getattr(chr(code), name)()) >= 1 for code in range(0x110000))
    assert all(len(getattr(chr(code), name)()) == 1 for code in range(128))


def test_reversal() -> None:
    texts = [(t,) for t in TEXTS]
    agree("def f(s: str):\n    return s[::-1], ''.join(reversed(s))\n", "f", texts)
    agree("def f(s: str):\n    return s[::-1][::-1] == s, ''.join(s) == s\n", "f", texts)
    agree("def f(s: str):\n    return ''.join([c for c in s])\n", "f", texts)
    agree("def f(s: str):\n    return ''.join(c for c in s if c != 'a')\n", "f", texts)
    agree("def f(s: str):\n    return '-'.join(s)\n", "f", texts)
