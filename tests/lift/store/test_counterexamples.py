"""Inputs that broke something, kept by file and function, whatever happens to the file that they are in."""

from __future__ import annotations

from pathlib import Path

from lift.store.counterexamples import FILE_NAME, MOST_OF_ONE, Counterexamples
from lift.store.shelf import place
from lift_ir import ClauseResult, Counterexample, FunctionResult, Position, Returned, Span

HERE = Span(start=Position(line=1, column=0), end=Position(line=1, column=1))


def result(*inputs: int, name: str = "f", verdict: str = "refuted") -> FunctionResult:
    clauses = [
        ClauseResult(
            kind="ensures",
            text="result",
            span=HERE,
            verdict=verdict,  # type: ignore[arg-type]
            counterexample=Counterexample(arguments={"n": str(n)}, outcome=Returned(value="0")),
        )
        for n in inputs
    ]
    return FunctionResult(name=name, line=1, verdict="refuted", clauses=tuple(clauses))


def inputs(store: Counterexamples, path: str = "a.py", name: str = "f") -> list[str]:
    return [c.arguments["n"] for c in store.of(path).get(name, ())]


def test_each_input_is_kept_once_for_its_function_of_its_file(tmp_path: Path) -> None:
    store = Counterexamples(tmp_path / "new" / FILE_NAME)
    assert inputs(store) == []
    store.keep("a.py", result(1, 2))
    store.keep("a.py", result(2))
    store.keep("b.py", result(3))
    store.keep("a.py", result(4, name="g"))
    store.keep("a.py", result(5, verdict="proved"))
    assert sorted(inputs(store)) == ["1", "2"]
    assert inputs(store, "b.py") == ["3"]
    assert inputs(store, name="g") == ["4"]


def test_a_function_keeps_so_many_and_no_more(tmp_path: Path) -> None:
    store = Counterexamples(tmp_path / FILE_NAME)
    for n in range(3 * MOST_OF_ONE):
        store.keep("a.py", result(n))
    assert len(inputs(store)) == MOST_OF_ONE


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    store = Counterexamples(tmp_path / FILE_NAME)
    assert inputs(store) == []
    store.keep("a.py", result(1))
    assert inputs(store) == ["1"]


def test_nothing_is_kept_where_nothing_is_to_be(tmp_path: Path) -> None:
    store = Counterexamples(place(False, FILE_NAME))
    store.keep("a.py", result(1))
    assert inputs(store) == []
    assert place(str(tmp_path), FILE_NAME) == tmp_path / FILE_NAME
