"""One table a rule: operators on every pair of kinds, subscripts, slices, methods, dictionary order.

Numbers and strings are symbolic and pinned to a grid; for pairs of unlike kinds constants do, since only
the kinds matter there.
"""

from __future__ import annotations

import itertools

import pytest
from harness import agree

INTS = (-3, -1, 0, 1, 2, 5)
BOOLS = (True, False)
TEXTS = ("", "a", "ab", "ba", "é")
KINDS = ("3", "True", "None", "'a'", "[1]", "[]", "(1, 2)", "{'a': 1}", "range(3)")
EMPTY = ("0", "False", "''", "()", "{}", "range(0)")
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "@")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
OTHERS = ("is", "is not", "in", "not in", "and", "or")


def values(source: str, inputs: list[tuple[object, ...]], **options: object) -> None:
    """Compare a function ``f`` with CPython on all inputs."""
    agree(source, "f", inputs, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("op", ["+", "-", "*", "//", "%", "<", "<=", ">", ">=", "==", "!="])
def test_numbers(op: str) -> None:
    grid = list(itertools.product((*INTS, *BOOLS), repeat=2))
    values(f"def f(a: int, b: int):\n    return a {op} b\n", grid, modes=(False,))
    values(f"def f(a: bool, b: bool):\n    return a {op} b\n", list(itertools.product(BOOLS, BOOLS)))
    values(f"def f(a: bool, b: int):\n    return a {op} b\n", list(itertools.product(BOOLS, INTS)))


@pytest.mark.parametrize("op", ["&", "|", "^", "and", "or", "is", "is not"])
def test_truth_values(op: str) -> None:
    values(f"def f(a: bool, b: bool):\n    return a {op} b\n", list(itertools.product(BOOLS, BOOLS)))


@pytest.mark.parametrize(
    "text", ["a << 3", "a >> 2", "a & 7", "a ** 3", "a ** 0", "-a", "+a", "~a", "abs(a)", "not a"]
)
def test_one_number(text: str) -> None:
    values(
        f"def f(a: int):\n    return {text}\n",
        [(n,) for n in (*INTS, *BOOLS, 2**70, -(2**70))],
        modes=(False,),
    )


@pytest.mark.parametrize("divisor", [-7, -2, -1, 1, 3])
def test_division_by_a_constant(divisor: int) -> None:
    source = f"def f(a: int):\n    return a // {divisor}, a % {divisor}, divmod(a, {divisor})\n"
    values(source, [(n,) for n in range(-9, 10)], modes=(False,))


@pytest.mark.parametrize("op", [*ARITHMETIC, *COMPARISONS, *OTHERS])
def test_every_pair_of_kinds(op: str) -> None:
    for left, right in itertools.product(KINDS, KINDS):
        values(f"def f():\n    return {left} {op} {right}\n", [()], modes=(False,))


@pytest.mark.parametrize("op", COMPARISONS)
def test_texts_in_order(op: str) -> None:
    grid = list(itertools.product(TEXTS, TEXTS))
    values(f"def f(a: str, b: str):\n    return a {op} b\n", grid, modes=(False,))


@pytest.mark.parametrize("kind", ["{}", "not {}", "bool({})", "1 if {} else 2"])
def test_truth(kind: str) -> None:
    for text in (*KINDS, *EMPTY):
        values(f"def f():\n    return {kind.format(text)}\n", [()], modes=(False,))


BOUNDS = ("", *map(str, range(-4, 5)), "None")


@pytest.mark.parametrize("step", ["", ":1", ":2", ":-1", ":-2"])
@pytest.mark.parametrize("annotation", ["str", "list[int]", "tuple[int, int, int]"])
def test_slices(annotation: str, step: str) -> None:
    """All slices with constant bounds at once, over symbolic contents."""
    inputs: dict[str, list[tuple[object, ...]]] = {
        "str": [("",), ("a",), ("abc",)],
        "list[int]": [([],), ([1],), ([1, 2, 3],)],
        "tuple[int, int, int]": [((1, 2, 3),)],
    }
    parts = [f"xs[{i}:{j}{step}]" for i, j in itertools.product(BOUNDS, BOUNDS)]
    source = f"def f(xs: {annotation}):\n    return ({', '.join(parts)})\n"
    values(source, inputs[annotation], modes=(True,))
    if step == "" or annotation.startswith("tuple"):
        values(source, inputs[annotation], modes=(False,))
    elif annotation == "list[int]":
        # A proof takes a formula for each of them, so some of all kinds must do.
        few = f"def f(xs: {annotation}):\n    return ({', '.join(parts[::11])})\n"
        values(few, inputs[annotation], modes=(False,))


@pytest.mark.parametrize("part", ["i:j", "i:", ":j", "i:j:1", "i:j:2", "i:j:-1", ":j:-2", "i::-3", "i::3"])
@pytest.mark.parametrize("annotation", ["str", "list[int]"])
def test_slices_with_unknown_bounds(annotation: str, part: str) -> None:
    contents: list[object] = ["", "abc"] if annotation == "str" else [[], [7, 8, 9]]
    grid = list(itertools.product(contents, (-4, -3, -1, 0, 2, 4), (-4, -2, 0, 1, 3, 4)))
    values(f"def f(xs: {annotation}, i: int, j: int):\n    return xs[{part}]\n", grid, modes=(False,))


@pytest.mark.parametrize("annotation", ["str", "list[int]", "tuple[int, int]"])
def test_subscripts(annotation: str) -> None:
    contents: dict[str, list[object]] = {
        "str": ["", "a", "ab"],
        "list[int]": [[], [7], [7, 8]],
        "tuple[int, int]": [(7, 8)],
    }
    grid = list(itertools.product(contents[annotation], range(-3, 4)))
    values(f"def f(xs: {annotation}, i: int):\n    return xs[i]\n", grid)


CHANGES = (
    "xs.append(i)",
    "xs.pop()",
    "xs.pop(i)",
    "xs.insert(i, 9)",
    "xs.extend(xs)",
    "xs.reverse()",
    "xs.sort()",
    "xs.sort(reverse=True)",
    "xs.clear()",
    "xs.index(i)",
    "xs.count(i)",
    "xs.copy()",
    "xs[i] = 9",
    "xs[i] += 9",
    "xs += [i]",
    "xs += (i, i)",
    "xs += 'ab'",
    "del xs",
    "del xs[i]",
    "del xs[i:]",
    "del xs[:i]",
    "del xs[-2:i]",
    "del xs[::2]",
    "del xs[0], xs[i]",
    "del xs['a']",
    "xs[i:] = xs",
    "xs[:i] = [7, 8]",
    "xs[1:0] = 'ab'",
    "xs[:] = i",
    "xs[i:1] = (i,)",
    "ys = xs\n    ys[:] = []",
    "i in {1, 2}",
    "xs in {1, 2}",
    "i in {1, xs}",
    "i not in {1, True, None, 'a'}",
    "(i, 1) in {(0, 1), (1, 2)}",
    "xs * 2",
    "xs + xs",
    "sorted(xs)",
    "min(xs)",
    "max(xs)",
    "sum(xs, i)",
    "list(enumerate(xs, i))",
    "list(reversed(xs))",
    "tuple(xs)",
    "i in xs",
    "any(xs)",
    "all(xs)",
)


@pytest.mark.parametrize("change", CHANGES)
def test_lists(change: str) -> None:
    plain = "=" in change.replace("reverse=", "").replace("==", "") or change.startswith("del")
    body = f"    {change}\n    return 0\n" if plain else f"    return {change}\n"
    grid = list(itertools.product(([], [1], [2, 1], [1, 2, 1]), (-2, 0, 1)))
    values(f"def f(xs: list[int], i: int):\n{body}", grid)


DICTIONARIES = (
    "d[k] = 9",
    "d[k] += 9",
    "d.setdefault(k, 9)",
    "d.get(k)",
    "d.get(k, 9)",
    "d.pop(k)",
    "d.pop(k, 9)",
    "d.clear()",
    "del d[k]",
    "del d[k], d['a']",
    "del d[[]]",
    "{**d, k: 9}",
    "{k: 9, **d}",
    "{'a': 5, **d, 'c': 6}",
    "{**d, **{k: 9}}",
    "{**d, 'n': d.pop(k, 0)}",
    "{**d, **k}",
    "{**d, **d}",
    "d | {k: 9}",
    "{k: 9} | d",
    "d | d",
    "d | k",
    "d.update({k: 9})",
    "d.update(d)",
    "d[k]",
    "k in d",
    "list(d)",
    "list(d.keys())",
    "list(d.values())",
    "list(d.items())",
    "len(d)",
    "dict(d)",
    "d == {'a': 1}",
    "sorted(d)",
    "list(reversed(d))",
    "{**d}",
    "{'a': 0, k: 1}",
    "[v for v in d.values()]",
)


@pytest.mark.parametrize("change", DICTIONARIES)
def test_dictionaries(change: str) -> None:
    plain = "= 9" in change or change.startswith("del")
    body = f"    {change}\n    return list(d)\n" if plain else f"    r = {change}\n    return r, d\n"
    grid = list(itertools.product(({}, {"a": 1}, {"b": 2, "a": 1}), ("a", "b", "c")))
    values(f"def f(d: dict[str, int], k: str):\n{body}", grid)


TEXT_METHODS = (
    "s.startswith(t)",
    "s.endswith(t)",
    "s.find(t)",
    "s.index(t)",
    "s.count(t)",
    "s.replace(t, 'x')",
    "s.split(t)",
    "s.strip(t)",
    "s.lstrip(t)",
    "s.rstrip(t)",
    "s.upper()",
    "s.lower()",
    "s.title()",
    "s.capitalize()",
    "s.swapcase()",
    "s.isdigit()",
    "s.isalpha()",
    "s.isalnum()",
    "s.isspace()",
    "s.isupper()",
    "s.islower()",
    "s.isidentifier()",
    "s.isascii()",
    "s.isprintable()",
    "s.split()",
    "s.join([t, t])",
    "s.join(t)",
    "t in s",
    "s + t",
    "s * 2",
    "s * -1",
    "len(s)",
    "list(s)",
    "s[::-1]",
    "min(s, t)",
    "max([s, t])",
    "sorted([s, t])",
    "f'{s}-{t}'",
    "f'{s:>4}'",
    "s % t",
    "[c for c in s if c != t]",
    "''.join(reversed(s))",
    "str(s)",
    "bool(s)",
    "int(s)",
    "s.zfill(3)",
    "s.removeprefix(t)",
    "s.removesuffix(t)",
    "s.startswith((t, 'A'))",
    "s.endswith(('x', t))",
    "s.startswith(())",
    "s.rfind(t)",
    "s.rindex(t)",
    "s.partition(t)",
    "s.rpartition(t)",
    "s.partition('a')",
    "s.rpartition('a')",
    "s.ljust(4)",
    "s.rjust(2, 'x')",
    "s.center(4, t)",
    "s.zfill(-3)",
    "'-1'.zfill(5)",
    "'ab'.center(5, '*')",
    "s in {t, 'a'}",
    "s not in {'Ab', ''}",
)


@pytest.mark.parametrize("text", TEXT_METHODS)
def test_texts(text: str) -> None:
    grid = list(itertools.product(("", "a", "Ab", " a ", "aa1", "ß"), ("", "a", "b")))
    values(f"def f(s: str, t: str):\n    return {text}\n", grid, modes=(False,))


SHOWN = ("str(a)", "f'{a}'", "f'{a!r}'", "f'{a:5}'", "[str(a), str(a + 0)]", "str(-a)", "isinstance(a, bool)")


@pytest.mark.parametrize("text", SHOWN)
@pytest.mark.parametrize("annotation", ["int", "bool", "int | None"])
def test_numbers_as_texts(annotation: str, text: str) -> None:
    given = [True, False] if annotation == "bool" else [-12, 0, 1, 10, True]
    given += [None] if "None" in annotation else []
    values(f"def f(a: {annotation}):\n    return {text}\n", [(a,) for a in given], modes=(False,))
