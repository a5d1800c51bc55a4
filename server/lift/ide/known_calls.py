"""The built-in methods and functions that proofs know and that change nothing, with what comes out.

In a type ``{0}`` and ``{1}`` are the arguments of the receiver's type and ``{whole}`` is that type itself;
``{first}`` is the type of the first argument, ``{element}`` that of its elements. Tables only; a test holds
them to those of the proofs.
"""

from __future__ import annotations

from collections.abc import Mapping

_TEST = "bool"
_STR = {
    **dict.fromkeys(("startswith", "endswith"), _TEST),
    **dict.fromkeys(
        (
            *("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal"),
            *("isidentifier", "isascii", "isprintable", "istitle"),
        ),
        _TEST,
    ),
    **dict.fromkeys(("find", "rfind", "index", "rindex", "count"), "int"),
    **dict.fromkeys(("split", "rsplit"), "list[str]"),
    **dict.fromkeys(("partition", "rpartition"), "tuple[str, str, str]"),
    **dict.fromkeys(
        (
            *("join", "replace", "removeprefix", "removesuffix", "ljust", "rjust", "center", "zfill"),
            *("strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "swapcase", "casefold"),
        ),
        "str",
    ),
}
_SET = {
    "copy": "{whole}",
    **dict.fromkeys(("union", "intersection", "difference", "symmetric_difference"), "{whole}"),
    **dict.fromkeys(("issubset", "issuperset", "isdisjoint"), "bool"),
}
METHODS: Mapping[str, Mapping[str, str]] = {
    "str": _STR,
    "list": {"count": "int", "index": "int", "copy": "{whole}"},
    "tuple": {"count": "int", "index": "int"},
    "dict": {
        "get": "{1}",
        "keys": "list[{0}]",
        "values": "list[{1}]",
        "items": "list[tuple[{0}, {1}]]",
        "copy": "{whole}",
    },
    "set": _SET,
    "frozenset": _SET,
    "int": {"bit_length": "int"},
    "float": {"is_integer": "bool"},
}
"""The methods of built-in types that change nothing and that proofs know, with the types of their results."""

_OF_FLOATS = {
    **dict.fromkeys(("isnan", "isinf", "isfinite"), "(x: float) -> bool"),
    **dict.fromkeys(("fabs", "sqrt"), "(x: float) -> float"),
    **dict.fromkeys(("floor", "ceil", "trunc"), "(x: float) -> int"),
    "isclose": "(a: float, b: float, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> bool",
}
MODULES: Mapping[str, Mapping[str, str]] = {"math": _OF_FLOATS}
"""What proofs know of library modules without a stub: the name and its signature."""

BUILTINS: Mapping[str, str] = {
    **dict.fromkeys(("all", "any", "bool", "isinstance"), "bool"),
    **dict.fromkeys(("len", "int", "ord", "round"), "int"),
    **dict.fromkeys(("str", "chr"), "str"),
    **dict.fromkeys(("abs", "pow"), "{first}"),
    **dict.fromkeys(("min", "max", "sum"), "{element}"),
    **dict.fromkeys(("sorted", "list", "reversed"), "list[{element}]"),
    "set": "set[{element}]",
    "frozenset": "frozenset[{element}]",
    "tuple": "tuple[{element}, ...]",
    "dict": "{first}",
    "range": "range",
    "float": "float",
    "type": "type",
    "divmod": "tuple[int, int]",
    "enumerate": "list[tuple[int, {element}]]",
    "zip": "",
}
"""The built-in functions that only compute and that proofs know, with the types of their results."""
