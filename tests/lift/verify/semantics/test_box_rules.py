"""Functions over containers against CPython: orders and keys, nested containers, iterators, conversions.

Each row is a function body with its parameters and the inputs it is run on; the verifier's paths must
contain what CPython does, and where nothing was approximated must contain nothing else.
"""

from __future__ import annotations

import ast
import itertools
import re

import pytest
from harness import agree

LISTS: list[object] = [[], [0], [2, 1], [1, 1], [3, -3, 3], [-1, 2, 0], [True, 1], [1, True, 0]]
TEXTS: list[object] = [[], ["b"], ["bb", "a"], ["a", "bb", "c"], ["B", "a", "A"], ["", "", "a"]]
PAIRS: list[object] = [[], [(1, "a")], [(1, "b"), (1, "a")], [(2, "a"), (0, "b"), (2, "b")]]
DICTS: list[object] = [{}, {"a": 1}, {"a": 1, "b": 1}, {"b": 2, "a": 3}]
MIXED: list[object] = [[], [None], [1, None], [None, 2], [1, 2]]
VALUES: dict[str, list[object]] = {
    "list[int]": LISTS,
    "list[str]": TEXTS,
    "list[tuple[int, str]]": PAIRS,
    "dict[str, int]": DICTS,
    "list[int | None]": MIXED,
    "list[list[int]]": [[], [[]], [[1, 2], [3]], [[1, 1], [1]], [[0], [], [2]]],
    "int": [-2, 0, 1, 2, True],
    "text": ["", "0", "7", "-3", "+12", "007", " 1", "1_0", "x", "1x", "-", "٣", "²", "--1", "1 2"],
    "bool": [True, False],
    "str": ["", "a", "ab", "B"],
}

ORDERS = """
xs: list[int] => return sorted(xs, key=abs)
xs: list[int] => return sorted(xs, key=lambda x: -x)
xs: list[int] => return sorted(xs, key=abs, reverse=True)
xs: list[int] => return sorted(xs, key=None, reverse=False)
xs: list[int] => return sorted(xs, key=lambda x: x % 2)
xs: list[int] => return sorted(xs, key=lambda x: 10 // x)
xs: list[int] => xs.sort(key=lambda x: 10 // x)
xs: list[int] => xs.sort(key=lambda x: (x % 2, x), reverse=True)
xs: list[int] => xs.sort(key=lambda x: len(xs)); return xs
xs: list[int] => ys = xs; xs.sort(key=abs); return ys
xs: list[str] => return sorted(xs, key=len)
xs: list[str] => return sorted(xs, key=len, reverse=True)
xs: list[str] => return sorted(xs)
xs: list[str] => xs.sort(); return xs[:1]
xs: list[str] => return sorted(xs, key=str.lower)
xs: list[str] => return sorted(xs, key=lambda w: (-len(w), w))
xs: list[tuple[int, str]] => return sorted(xs)
xs: list[tuple[int, str]] => return sorted(xs, key=lambda p: p[0])
xs: list[tuple[int, str]] => return sorted(xs, key=lambda p: p[0], reverse=True)
xs: list[tuple[int, str]] => return max(xs, key=lambda p: p[0], default=None)
xs: list[tuple[int, str]] => return min(xs)
xs: list[int | None] => return sorted(xs)
xs: list[int | None] => return sorted(xs, key=lambda x: x or 0)
xs: list[int | None] => return max(xs, key=lambda x: -1 if x is None else x)
xs: list[int | None] => return max(xs, key=lambda x: x)
xs: list[int] => return max(xs, key=abs)
xs: list[int] => return min(xs, key=abs, default=-1)
xs: list[int] => return max(xs, key=lambda x: x % 2, default=None)
xs: list[int] => return min(xs, key=lambda x: 10 // x)
xs: list[int] => return max(xs, key=None)
a: int, b: int => return max(a, b, key=abs), min(a, b, key=abs)
a: int, b: int => return max(a, b, 0, key=lambda v: v * v)
xs: list[str] => return max(xs, key=len)
xs: list[str] => return min(xs, default="?")
d: dict[str, int] => return max(d, key=d.get)
d: dict[str, int] => return min(d, key=lambda k: d[k], default="")
d: dict[str, int] => return sorted(d, key=lambda k: d[k])
d: dict[str, int] => return sorted(d.items(), key=lambda kv: kv[1], reverse=True)
d: dict[str, int] => return max(d.items(), key=lambda kv: kv[1])
d: dict[str, int] => return sorted(d.values(), reverse=True), sorted(d.keys())
a: str, b: str => return max(a, b, key=str.upper), str.startswith(a, b)
xs: list[int] => return sorted(xs, key=str.lower)
"""

MADE = """
n: int => return [[0] * 2 for _ in range(n)]
n: int => return [[i] * 2 for i in range(n)]
n: int => return [(i, [i]) for i in range(n)]
xs: list[int] => return [xs[i:i + 2] for i in range(0, len(xs), 2)]
xs: list[int] => return [[x, [x]] for x in xs]
xs: list[int] => return [xs for x in xs]
xs: list[int] => row = [1]; rows = [row for x in xs]; row.append(2); return rows
xs: list[int] => row = [1]; rows = [[row] for x in xs]; row.append(2); return rows
xs: list[int] => rows = [[x] for x in xs]; return [rows[k][0] for k in range(len(rows))]
xs: list[str] => return [list(x) for x in xs if x]
g: list[list[int]] => return [r for r in g]
g: list[list[int]] => return [r[:] for r in g]
g: list[list[int]] => return [[x + 1 for x in r] for r in g]
g: list[list[int]] => return [len(r) for r in g], [sum(r) for r in g if r]
g: list[list[int]] => s = [r for r in g]; return [[s[j][k] for k in range(len(s[j]))] for j in range(len(s))]
g: list[list[int]] => s = [r for r in g]; return [all(r[k] == r[0] for k in range(len(r))) for r in s]
g: list[list[int]] => s = [r for r in g]; return all(s[0][k] == s[0][0] for k in range(len(g[0]))) if g else 0
g: list[list[int]] => s = [[r] for r in g]; return all(len(s[0][k]) == 2 for k in range(1)) if s else 0
xs: list[int] => return {x: 1 for x in xs}
xs: list[int] => return {x: i for i, x in enumerate(xs)}
xs: list[int] => d = {x: i for i, x in enumerate(xs)}; return [d[x] for x in xs], len(d)
xs: list[str] => return {x: len(x) for x in xs if x}
xs: list[str] => d = {x: len(x) for x in xs if x}; return "a" in d, d.get("a"), sum(d.values()) >= 0
xs: list[str] => return {len(x): x for x in xs}
xs: list[int] => return {x: [x] for x in xs}
d: dict[str, int] => return {v: k for k, v in d.items()}
d: dict[str, int] => return {k: v + 1 for k, v in d.items() if v > 1}
d: dict[str, int] => e = {k: v for k, v in d.items()}; return e == d, len(e) == len(d)
xs: list[int] => return {x: 10 // x for x in xs}
xs: list[tuple[int, str]] => return dict(xs)
xs: list[tuple[int, str]] => return dict((b, a) for a, b in xs)
xs: list[int], ys: list[str] => return dict(zip(xs, ys))
xs: list[int] => return dict(enumerate(xs))
"""

ITERATORS = """
xs: list[int] => return list(map(abs, xs))
xs: list[int] => return list(map(lambda x: 10 // x, xs))
xs: list[int] => return sum(map(abs, xs)), max(map(abs, xs), default=0)
xs: list[str] => return list(map(len, xs)), sorted(map(len, xs))
xs: list[int] => return any(map(lambda x: 10 // x > 2, xs))
xs: list[int] => return "".join(map(str, xs))
xs: list[int], ys: list[int] => return list(map(lambda a, b: a - b, xs, ys))
xs: list[int] => return list(filter(lambda x: x > 0, xs))
xs: list[int] => return list(filter(None, xs)), sum(filter(None, xs))
xs: list[int | None] => return list(filter(None, xs))
xs: list[int | None] => return [x + 1 for x in filter(lambda x: x is not None, xs)]
xs: list[int] => out = []; out += [y for y in map(abs, xs)]; return out
xs: list[int] => total = 0;for y in map(abs, xs[:3]):;    total += y; return total
a: str, b: str => x, y = map(len, [a, b]); return x - y
xs: list[int] => return [*map(abs, xs)], (*filter(None, xs),)
xs: list[int] => return next((x for x in xs if x > 1), None)
xs: list[int] => return next(x for x in xs if x > 1)
xs: list[int] => return next(iter(xs)), next(iter(xs), 0)
xs: list[int] => return next((10 // x for x in xs), None)
xs: list[int] => return next(xs)
d: dict[str, int] => return next(iter(d), ""), next(iter(d.values()), 0)
d: dict[str, int] => return next(d.keys(), 0)
xs: list[int] => return next(enumerate(xs), None), next(map(abs, xs), -1)
xs: list[int] => xs.remove(1)
xs: list[int] => ys = xs; ys.remove(0); return xs, len(ys)
xs: list[str] => xs.remove("a"); return xs
xs: list[int], n: int => return xs.count(n), xs.count(0) > 0
xs: list[str] => return xs.count("a"), xs.index("a")
d: dict[str, int], a: str => return a in d.keys(), a not in d.keys(), 1 in d.values()
d: dict[str, int], a: str => return (a, 1) in d.items(), ("b", 2) in d.items(), (a,) in d.items()
d: dict[str, int] => return 1 in d.keys(), (1, 1) in d.items(), [] in d.keys()
d: dict[str, int] => ks = d.keys(); d["z"] = 1; return "z" in ks
"""

NUMERALS = """
t: text => return int(t)
t: text => return int("1" + t)
t: text => return int("12") + int(" -7\\n") + int("1_0")
t: text => return int("x")
t: text => return int(t[:1] or "5") if t.isdigit() else 0
t: text => return int(t, 16)
a: int => return int(str(a)), int(f"{a}")
a: int => return f"{a:d}", f"{a:4d}", f"{a:<3}|", f"{a:^5}|", f"{a:03d}", f"{a:+}"
a: int => return f"{a:*^6}", f"{a:*=5}", f"{a:>05}", f"{a:<05}", f"{a:1}"
a: bool => return f"{a:d}", f"{a:3}", f"{a}"
a: str => return f"{a:>4}|", f"{a:<4}|", f"{a:^5}|", f"{a:.^4}|", f"{a:2}|", f"{a:s}", f"{a!s:>3}"
a: str => return f"{a:03}|"
a: str => return f"{a:d}"
"""


def rows(table: str) -> list[tuple[str, str]]:
    """The parameters and the body of each row."""
    parts = (line.partition(" => ") for line in table.strip().splitlines())
    return [(parameters, body) for parameters, _, body in parts]


def inputs(parameters: str) -> list[tuple[object, ...]]:
    """All combinations of the values of the parameters' types."""
    function = ast.parse(f"def f({parameters}): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    kinds = [ast.unparse(a.annotation) for a in function.args.args if a.annotation]
    return list(itertools.product(*(VALUES[k] for k in kinds)))


def compare(parameters: str, body: str, header: str = "") -> None:
    """One row against CPython; something must have been compared."""
    lines = "\n".join(f"    {line}" for line in re.split("; ?", body))
    typed = parameters.replace("text", "str")
    report = agree(f"{header}def f({typed}):\n{lines}\n", "f", inputs(parameters))
    assert report.proof or report.exact, "nothing was compared"


@pytest.mark.parametrize(("parameters", "body"), rows(ORDERS))
def test_orders_and_keys(parameters: str, body: str) -> None:
    compare(parameters, body)


@pytest.mark.parametrize(("parameters", "body"), rows(MADE))
def test_what_is_made_for_each_element(parameters: str, body: str) -> None:
    compare(parameters, body)


@pytest.mark.parametrize(("parameters", "body"), rows(ITERATORS))
def test_iterators(parameters: str, body: str) -> None:
    compare(parameters, body)


@pytest.mark.parametrize(("parameters", "body"), rows(NUMERALS))
def test_numerals(parameters: str, body: str) -> None:
    compare(parameters, body)
