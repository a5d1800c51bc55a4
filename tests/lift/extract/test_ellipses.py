"""``...`` in the code: a hole where only a value makes sense, and the object itself everywhere else."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift_ir import Hole

STATED = '    """F.\n\n    Ensures:\n        - ``result >= 0``\n    """\n'


def holes(
    body: str, head: str = "def f(x: int) -> int:", stated: str = STATED, path: str = "a.py"
) -> list[Hole]:
    rows = "".join(f"    {row}\n" for row in body.split("\n"))
    text = f"{head}\n{stated}{rows}"
    function = next(f for f in extract(Snapshot(path, None, text)).module.all_functions() if f.name == "f")
    for hole in function.terms_in_code():
        row = text.split("\n")[hole.span.start.line - 1]
        assert row[hole.span.start.column : hole.span.end.column] == "..."
    return list(function.terms_in_code())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return x + ...", [("term", None, "x + ...")]),
        ("return ...", [("returned", "int", "return ...")]),
        ("limit = ...\nreturn min(x, limit)", [("limit", None, "limit = ...")]),
        ("limit: int = ...\nreturn limit", [("limit", "int", "limit: int = ...")]),
        ("if ...:\n    return 1\nreturn 2", [("condition", "bool", "if ...")]),
        ("while x < ...:\n    x += ...\nreturn x", [("term", None, "x < ..."), ("term_2", None, "x += ...")]),
        ("return max(x, ...)", [("term", None, "max(x, ...)")]),
        ("return sum(range(...))", [("term", "int", "range(...)")]),
        ("return -... if x else 3", [("term", None, "-...")]),
        ("return 1 if ... else 2", [("condition", "bool", "1 if ... else 2")]),
        ("return ... and x", [("condition", None, "... and x")]),
    ],
)  # fmt: skip
def test_a_value_that_is_missing_is_a_hole(body: str, expected: list[tuple[str, str | None, str]]) -> None:
    found = [(h.name, h.type, h.question.removeprefix("What is `...` in `")[:-2]) for h in holes(body)]
    assert found == expected


@pytest.mark.parametrize(
    "body",
    [
        "return xs[...]",
        "return xs[..., 0]",
        "return field(...)",
        "return call(default=...)",
        "return [...]",
        "...\nreturn x",
        "y: tuple[int, ...] = (1,)\nreturn y[0]",
        "if x is ...:\n    x = ...\nreturn x",
        "def g():\n    return ...\nreturn g()",
        "class G:\n    y = ...\nreturn x",
        "return (lambda: ...)()",
        'return "..."',
        "return x  # ...",
        "match x:\n    case 1:\n        return 2\n    case _:\n        return Ellipsis",
    ],
)
def test_elsewhere_it_is_the_object(body: str) -> None:
    assert holes(body) == []


def test_a_default_is_a_hole_of_the_parameter() -> None:
    (one,) = holes("return x + step", "def f(x: int, *, step: int = ...) -> int:")
    assert (one.id, one.type, one.question) == ("f:term:step", "int", "What is the default of `step`?")


def test_names_do_not_clash_with_those_of_the_clauses() -> None:
    stated = STATED.replace("result >= 0", "result >= ?limit")
    (one,) = holes("limit = ...\nreturn limit", stated=stated)
    assert one.id == "f:term:limit_2"


@pytest.mark.parametrize(
    ("head", "stated", "path"),
    [
        ("def f(x: int = ...) -> int:", STATED, "a.pyi"),
        ("@overload\ndef f(x: int = ...) -> int:", STATED, "a.py"),
        ("def f(x: int = ...) -> int:", '    """F."""\n', "a.py"),
    ],
)
def test_what_only_declares_or_states_nothing_has_none(head: str, stated: str, path: str) -> None:
    assert holes("return x", head, stated, path) == []


def test_a_body_that_is_open_is_one_hole() -> None:
    assert holes("...") == []
