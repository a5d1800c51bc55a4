"""Going back: an earlier specification in a text that has moved on, and where histories stand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.config import Config
from lift.edit import Failure
from lift.extract import extract
from lift.ide.history import Restored, history, remember, restored
from lift.ide.places import function_named
from lift.project import Project
from lift.source.text import Snapshot
from lift.store.states import stated, states_of
from lift_ir import PastState

CLAUSES = ["result >= 0", "result >= n", "it grows", "result % 2 == 0", 'result != "\\n"']
SAID = '''\
def f(n: int) -> int:
    """Count.

    Ensures:
        - ``result >= 0``
    """
    return n * n
'''
LAYOUTS = st.sampled_from(["\n", "\r\n"])
VERSIONS = st.fixed_dictionaries(
    {
        "clauses": st.lists(st.sampled_from(CLAUSES), max_size=3, unique=True),
        "summary": st.sampled_from(["Count.", "Zähle 😋.", "Say \\\\n."]),
        "raises": st.booleans(),
        "quotes": st.sampled_from(['"""', "'''"]),
        "raw": st.sampled_from(["", "r"]),
        "body": st.sampled_from(["abs(n)", "n * n", "'''a\n  b'''"]),
        "deep": st.integers(0, 2),
        "bare": st.booleans(),
        "end": LAYOUTS,
    }
)


def written(version: dict) -> tuple[str, str]:
    """A text, and the qualified name of the function in it."""
    rows = ["def f(n: int) -> int:"]
    if not version["bare"]:
        section = [
            f"        - ``{c}``" if " " in c and c != "it grows" else f"        - {c}"
            for c in version["clauses"]
        ]
        rows += [f"    {version['raw']}{version['quotes']}{version['summary']}"]
        rows += ["", "    Ensures:", *section] if section else []
        rows += ["", "    Raises:", "        ValueError: If ``n < 0``."] if version["raises"] else []
        rows += [f"    {version['quotes']}"]
    rows += ["    # why", f"    return {version['body']}", ""]
    head: list[str] = []
    names: list[str] = []
    for level in range(version["deep"]):
        head.append("    " * level + f"class C{level}:")
        names.append(f"C{level}")
    indent = "    " * version["deep"]
    text = "\n".join([*head, *(indent + row if row else row for row in rows)])
    return text.replace("\n", version["end"]), ".".join([*names, "f"])


def state(text: str) -> PastState:
    (function,) = extract(Snapshot("a.py", None, text)).module.all_functions()
    (found,) = states_of([function], text, {})
    return found


def without_docstring(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


@settings(max_examples=150)
@given(VERSIONS, VERSIONS)
def test_what_comes_back_says_what_it_said(then: dict, now: dict) -> None:
    past = state(written(then)[0])
    text, name = written(now)
    extraction = extract(Snapshot("a.py", None, text))
    function = function_named(extraction.module, name)
    assert function is not None
    found = restored(extraction, function, past)
    assert isinstance(found, Restored), found
    again = extract(Snapshot("a.py", None, found.text))
    after = function_named(again.module, name)
    assert after is not None
    assert [c.id for c in stated(after)] == [c.id for c in past.clauses]
    assert without_docstring(found.text) == without_docstring(text)
    assert found.text.count("# why") == 1
    assert found.text.count("\r") in (0, found.text.count("\n"))
    # To do it twice is to do it once.
    twice = restored(again, after, past)
    assert isinstance(twice, Restored)
    assert twice.edits == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('def f(n: int) -> int:\n    """Said."""\n', "all that f has for a body"),
        ("def f(n: int) -> int: return n\n", None),
        ('def f(n: int) -> int:\n    """Said."""; return n\n', "shares its line with code"),
        ("def f(n: int) -> int:\n    return n\ndef g(:\n", "line 3: "),
    ],
)
def test_what_cannot_be_written_is_not(text: str, reason: str | None) -> None:
    bare = state("def f(n: int) -> int:\n    return n\n")
    extraction = extract(Snapshot("a.py", None, text))
    function = function_named(extraction.module, "f")
    assert function is not None
    found = restored(extraction, function, bare)
    if reason is None:
        assert isinstance(found, Restored)
    else:
        assert isinstance(found, Failure)
        assert reason in found.reason


def test_a_clause_about_a_parameter_that_has_gone_comes_back_as_it_was() -> None:
    past = state(SAID.replace("result >= 0", "result >= m").replace("n: int", "m: int"))
    extraction = extract(Snapshot("a.py", None, "def f(n: int) -> int:\n    return n * n\n"))
    function = function_named(extraction.module, "f")
    assert function is not None
    # That it is a bad clause now is for the check to say.
    assert isinstance(restored(extraction, function, past), Restored)


def test_a_project_keeps_nothing_in_the_folder_and_takes_nothing_from_it(tmp_path: Path) -> None:
    folder, kept = tmp_path / "project", tmp_path / "kept"
    (folder / ".lift").mkdir(parents=True)
    # What a folder from somebody else may hold.
    (folder / ".lift" / "history-1.sqlite3").write_bytes(b"forged")
    file = folder / "a.py"
    file.write_text(SAID)
    project = Project(folder, Config(cache=str(kept)))
    try:
        list(project.collect(project.begin(Snapshot(str(file), None, SAID))))
        remember(project, str(file))
        project.chronicle.flush()
        (found,) = history(project, str(file))
        assert [s.verdict for s in found.states] == ["proved"]
        # The same file under another name has the same history.
        other = tmp_path / "link"
        other.symlink_to(folder)
        assert history(project, str(other / "a.py")) == (found,)
    finally:
        project.close()
    assert sorted(p.name for p in folder.rglob("*")) == [".lift", "a.py", "history-1.sqlite3"]
    assert (folder / ".lift" / "history-1.sqlite3").read_bytes() == b"forged"
    assert (kept / "history-1.sqlite3").exists()


def test_a_text_that_is_no_file_and_one_that_does_not_parse_are_not_remembered(tmp_path: Path) -> None:
    project = Project(tmp_path, Config(cache=str(tmp_path / "kept")))
    try:
        for uri, text in (("untitled:1", SAID), (str(tmp_path / "a.py"), SAID + "def (:\n")):
            project.analyse(Snapshot(uri, 1, text))
            remember(project, uri)
            assert history(project, uri) == ()
        project.chronicle.flush()
        assert not (tmp_path / "kept" / "history-1.sqlite3").exists()
    finally:
        project.close()
