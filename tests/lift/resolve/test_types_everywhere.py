"""Type candidates over code that nobody wrote for them: nothing raises, and what is applied still parses."""

from __future__ import annotations

import email
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.edit import Failure, annotate, apply, fill
from lift.extract import extract
from lift.resolve.graph import graph_of
from lift.resolve.holes import resolve
from lift.resolve.types import candidates_for
from lift.source.text import Snapshot, read
from lift_ir import Module, TypeHole

FILES = [
    *sorted(Path(json.__path__[0]).glob("*.py")),
    *(pytest.param(p, marks=pytest.mark.slow) for p in sorted(Path(email.__path__[0]).glob("_h*.py"))),
]


def ids(module: Module) -> list[str]:
    return sorted(c.id for f in module.all_functions() for c in f.clauses)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_standard_library(path: Path) -> None:
    text = read(path).text
    module = extract(Snapshot(str(path), None, text)).module
    assert set(graph_of(module, text).holes) == {h.id for f in module.all_functions() for h in f.holes}
    edits = []
    for function in module.all_functions():
        places = [(p.name, p.type) for p in function.signature.parameters]
        for name, written in (*places, ("return", function.signature.returns)):
            if isinstance(written, TypeHole):
                found = candidates_for(module, text, function, name)
                assert all(0 < c.score <= 1 for c in found)
                assert len({c.text for c in found}) == len(found)
                one = annotate(text, function, name, found[0].text) if found else ()
                edits += [] if isinstance(one, Failure) else list(one)
    after = apply(text, edits)
    compile(after, str(path), "exec", dont_inherit=True)
    assert ids(extract(Snapshot(str(path), None, after)).module) == ids(module)


NAMES = st.sampled_from(["x", "y", "result"])
VALUES = st.sampled_from(["0", "'a'", "None", "[1]", "{'a': 1}", "len(x)", "y", "x", "g(x)", "[*x]", "x[0]"])
CLAUSES = st.one_of(
    st.builds("{} {} {}".format, NAMES, st.sampled_from(["==", ">=", "in", "is"]), VALUES),
    st.builds("all(v == {} for v in {})".format, VALUES, NAMES),
    st.sampled_from(["x.startswith('a')", "isinstance(x, (int, str))", "x", "g(y) == x"]),
)
BODIES = st.sampled_from(
    ["return x", "return g(y)", "x.append(y)", "for v in x:\n        y += v", "return [x, y]", "...", "x = y"]
)
DEFAULTS = st.sampled_from(["", "=None", "=0", "='a'", "=()"])


@st.composite
def modules(draw: st.DrawFn) -> str:
    parts = []
    for name in "fg":
        clauses = "".join(f"        - ``{c}``\n" for c in draw(st.lists(CLAUSES, min_size=1, max_size=3)))
        parts.append(
            f'def {name}(x, y{draw(DEFAULTS)}):\n    """Do.\n\n    Ensures:\n{clauses}    """\n'
            f"    {draw(BODIES)}\n\n\n"
        )
    parts.append(f"{draw(st.sampled_from('fg'))}({draw(VALUES)}, y={draw(VALUES)})\n")
    return "".join(parts)


@given(modules())
@settings(max_examples=40, deadline=None)
def test_what_is_applied_parses_and_leaves_the_clauses_alone(text: str) -> None:
    module = extract(Snapshot("a.py", None, text)).module
    owners = {h.id: f for f in module.all_functions() for h in f.holes}
    for hole in resolve(module, text, kinds=("type",)):
        scores = [c.score for c in hole.candidates]
        assert scores == sorted(scores, reverse=True)
        for candidate in hole.candidates:
            edits = fill(text, owners[hole.id], hole, candidate.text, candidate.imports)
            assert not isinstance(edits, Failure)
            after = extract(Snapshot("a.py", None, apply(text, edits)))
            assert after.error is None
            assert ids(after.module) == ids(module)
            assert hole.id not in {h.id for f in after.module.all_functions() for h in f.holes}
            assert set(dict(candidate.fills)) <= set(owners)
