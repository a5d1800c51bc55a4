"""The style of bodies, and results that are one of few values or records."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.resolve.bodies.idioms import idiomatic
from lift.resolve.bodies.search import Bodies, find
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.types import TInt, TList, TStr

TYPES = {"n": TInt(), "m": TInt(), "name": TStr(), "xs": TList(TInt()), "word": TStr()}
REWRITTEN = {
    "return 'Hello, ' + (name + '!')": 'return f"Hello, {name}!"',
    "return name + ': ' + str(n + 1)": 'return f"{name}: {n + 1}"',
    "return n + n": "return 2 * n",
    "return 'even' if n % 2 <= 0 else 'odd'": 'return "even" if n % 2 == 0 else "odd"',
    "return n if n % m > 0 else m": None,
    "return 1 if len(xs) == 0 else xs[0]": "return 1 if not xs else xs[0]",
    "if n > m:\n    return True\nreturn False": "return n > m",
    "if n > m:\n    return False\nreturn True": "return n <= m",
    "return (min(xs), max(xs))": "return min(xs), max(xs)",
    "return (n, m)[0]": None,
    "return n ** 2": "return n**2",
    "return (n + 1) ** 2": None,
    "return 1 if n > 0 else 0 if n == 0 else -1": "if n > 0:\n    return 1\nreturn 0 if n == 0 else -1",
    "for i in range(len(xs)):\n    if xs[i] == n:\n        return i\nreturn -1": (
        "for i, x in enumerate(xs):\n    if x == n:\n        return i\nreturn -1"
    ),
    "for i in range(len(xs)):\n    if xs[i] == xs[0]:\n        return i\nreturn -1": (
        "for i, x in enumerate(xs):\n    if x == xs[0]:\n        return i\nreturn -1"
    ),
    "total = 0\nfor i in range(len(xs)):\n    total += xs[i]\nreturn total": (
        "total = 0\nfor x in xs:\n    total += x\nreturn total"
    ),
}
KEPT = [
    # A sum of two texts is as plain as it gets, and braces within a formatted text are not.
    "return name + 's'",
    "return '(' + name.strip(' ') + ')'",
    # Not of integers.
    "return name + name",
    # What is stored is not the element alone.
    "for i in range(len(xs)):\n    xs[i] = xs[i] + 1",
    # The value itself is wanted.
    "return len(xs) == 0",
]


@pytest.mark.parametrize("body", [*REWRITTEN, *KEPT])
def test_style(body: str) -> None:
    wanted = REWRITTEN.get(body) or body
    assert idiomatic(body, TYPES).replace("'", '"') == wanted.replace("'", '"')


HEAD = """from dataclasses import dataclass
from enum import Enum


class Color(Enum):
    RED = 1
    GREEN = 2


@dataclass(frozen=True)
class Point:
    x: int
    y: int


"""


def found(header: str, *ensures: str) -> Bodies:
    rows = "".join(f"        - ``{c}``\n" for c in ensures)
    doc = f'    """D.\n\n    Ensures:\n{rows}    """\n'
    text = f"{HEAD}def {header}:\n{doc}    raise NotImplementedError\n"
    module = extract(Snapshot("module.py", None, text)).module
    return find(module, text, header.partition("(")[0], Options(seconds=20))


@pytest.mark.parametrize(
    ("header", "ensures", "body"),
    [
        ("turned(p: Point) -> Point", ("result.x == p.y", "result.y == p.x"), "return Point(x=p.y, y=p.x)"),
        (
            "light(go: bool) -> Color",
            ("(result == Color.GREEN) == go",),
            "return Color.GREEN if go else Color.RED",
        ),
        (
            "clock(n: int) -> tuple[int, int, int]",
            ("result[0] == n // 3600 and result[1] == n // 60 % 60", "result[2] == n % 60"),
            "return n // 3600, n // 60 % 60, n % 60",
        ),
    ],
)
def test_records_and_members_are_put_together(header: str, ensures: tuple[str, ...], body: str) -> None:
    (one,) = found(header, *ensures).bodies
    assert (one.body, one.verdict) == (body, "proved")


def test_a_record_is_not_made_where_a_field_is_left_open() -> None:
    result = found("moved(p: Point) -> Point", "result.x == p.x + 1")
    assert all("Point(x=" not in b.body for b in result.bodies)


WIDE = (Path(__file__).parent / "data" / "shapes.py").read_text()
PROVED = [
    "argmax",
    "days_of",
    "sum_of_squares",
    "moved",
    "set_limit",
    "push",
    "withdraw",
    "plural",
    "triangular",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVED)
def test_a_body_is_proved_for_specifications_of_other_shapes(name: str) -> None:
    module = extract(Snapshot("module.py", None, WIDE)).module
    (body,) = find(module, WIDE, name, Options(seconds=40)).bodies
    assert body.verdict == "proved"
