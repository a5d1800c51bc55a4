"""Holes with their candidates through the one table, and which candidate may be written unasked."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.resolve import holes
from lift.resolve.holes import Resolution, choice, resolve, task
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift_ir import Candidate, Hole, Module, Position, Span

TEXT = '''def f(x, y: int = 0):
    """Do.

    Requires:
        - ``x >= 0``
    """
    return 1


def g(s):
    """Do.

    Requires:
        - ``s.startswith("a")``
    """
'''


def module(text: str = TEXT) -> Module:
    return extract(Snapshot("a.py", None, text)).module


def test_all_holes_of_a_module() -> None:
    found = resolve(module(), TEXT)
    assert {h.id for h in found} == {"f:type:x", "f:type:return", "g:type:s", "g:type:return"}
    first = {h.id: h.candidates[0].text for h in found}
    assert first == {"f:type:x": "int", "f:type:return": "int", "g:type:s": "str", "g:type:return": "None"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"hole_id": "g:type:s"}, ["g:type:s"]),
        ({"owner": "g", "kinds": ("type",)}, ["g:type:s", "g:type:return"]),
        ({"kinds": ("body",)}, []),
        ({"hole_id": "g:type:none"}, []),
    ],
)
def test_only_what_is_wanted(arguments: dict[str, object], expected: list[str]) -> None:
    assert sorted(h.id for h in resolve(module(), TEXT, **arguments)) == sorted(expected)  # pyright: ignore


def test_a_worker_gives_the_holes_of_a_function() -> None:
    found = task(module(), TEXT, "g", Options(), '{"jedi": false}')
    assert isinstance(found, Resolution)
    assert (found.function, found.line, found.complete) == ("g", 10, True)
    assert {h.name for h in found.holes} == {"s", "return"}
    assert Resolution.model_validate_json(found.model_dump_json()) == found


def test_no_time_gives_no_candidates() -> None:
    assert [h.candidates for h in resolve(module(), TEXT, "g:type:s", deadline=0.0)] == [()]


def test_every_resolver_is_there() -> None:
    for kind in holes.RESOLVERS:
        assert callable(holes._resolver(kind))


def hole(*scores: float) -> Hole:
    span = Span(start=Position(line=1, column=0), end=Position(line=1, column=1))
    found = tuple(Candidate(text=f"t{n}", evidence="", score=score) for n, score in enumerate(scores))
    return Hole(id="f:type:x", hole="type", name="x", question="", span=span, candidates=found)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((), None),
        ((0.7,), "t0"),
        ((0.7, 0.4), "t0"),
        ((0.7, 0.65), None),
        ((0.5,), None),
        ((0.5, 0.1), None),
    ],
)
def test_only_what_is_sure_is_chosen(scores: tuple[float, ...], expected: str | None) -> None:
    found = choice(hole(*scores))
    assert (found.text if found else None) == expected


def test_a_candidate_fills_what_is_tied_to_it() -> None:
    text = (
        'def f(x):\n    """Do.\n\n    Requires:\n        - ``x.startswith("a")``\n    """\n'
        "    return g(x)\n\n\n"
        'def g(y):\n    """Do.\n\n    Requires:\n        - ``y``\n    """\n    return 1\n'
    )
    (found,) = resolve(module(text), text, "f:type:x")
    assert found.candidates[0].text == "str"
    assert found.candidates[0].fills == (("g:type:y", "str"),)
