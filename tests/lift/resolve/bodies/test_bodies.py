"""Bodies that are written for small specifications, proved by the real check each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve import bodies as bodies_package
from lift.resolve.bodies.search import Bodies, find
from lift.source.text import Snapshot
from lift.verify.options import Options

SMALL = (Path(__file__).parent / "data" / "small.py").read_text()


def found(name: str, text: str = SMALL, seconds: float = 20.0) -> Bodies:
    module = extract(Snapshot("module.py", None, text)).module
    return find(module, text, name, Options(seconds=seconds))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("is_leap", "return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)"),
        ("saturating_subtract", "return max(0, a - b)"),
    ],
)
def test_a_body_is_read_off_or_found_by_the_solver(name: str, body: str) -> None:
    result = found(name)
    assert [b.body for b in result.bodies] == [body]
    assert (result.bodies[0].verdict, result.bodies[0].origin) == ("proved", "solver")
    assert result.bodies[0].code.startswith(f"def {name}(")


@pytest.mark.slow
def test_small_specifications_get_proved_bodies() -> None:
    module = extract(Snapshot("module.py", None, SMALL)).module
    names = [f.qualname for f in module.functions]
    assert len(names) == 30
    results = [found(name) for name in names]
    proved = [r.function for r in results if r.bodies and r.bodies[0].verdict == "proved"]
    assert len(proved) >= 24, sorted(set(names) - set(proved))
    bodies = [r.bodies[0] for r in results if r.bodies]
    written = SMALL
    for result in reversed(results):
        if result.bodies:
            written = apply(written, [Edit(e.span, e.text) for e in result.bodies[0].edits])
    assert all(b.code in written for b in bodies)
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "110", "-"],
        input=written,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert formatted == written
    # No specification here is in the code that writes bodies.
    source = "".join(p.read_text() for p in Path(bodies_package.__file__).parent.rglob("*.py"))
    assert not [n for n in names if f"def {n}(" in source or f'"{n}"' in source]


CONTRADICTORY = '''
def f(x: int) -> int:
    """D.

    Ensures:
        - ``result > x``
        - ``result < x``
    """
    ...
'''


def test_no_body_is_named_that_the_check_does_not_prove() -> None:
    result = found("f", CONTRADICTORY, seconds=5.0)
    assert result.bodies == ()
    assert result.reason is not None


def test_a_function_that_says_nothing_gets_no_body() -> None:
    text = 'def f(x: int) -> int:\n    """D.\n\n    Requires:\n        - ``x > 0``\n    """\n    ...\n'
    result = found("f", text)
    assert result.reason == "no clause and no example says what it returns"
