"""Extraction never raises; what it cannot read it says, and it reads the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import Extraction, extract
from lift.source import LineIndex, Snapshot

GOOD = '''def good(x: int) -> int:
    """Good.

    Requires:
        - ``x > 0``
    """
    return x


'''


def read(text: str) -> Extraction:
    """Extracts a text and checks what holds for every extraction."""
    extraction = extract(Snapshot("m.py", 1, text))
    index = LineIndex(text)
    for function in extraction.module.all_functions():
        for clause in function.clauses:
            assert index.text_at(clause.span) == clause.text
    assert extraction.error is None or (extraction.error.message and extraction.error.line >= 1)
    return extraction


UNPARSED = {
    "nul": "x = '\0'\n",
    "surrogate": "x = '\ud800'\n",
    "binary": bytes(range(256)).decode("latin-1"),
    "nested parentheses": f"x = {'(' * 1000}{')' * 1000}\n",
    "nested brackets": f"x = {'[' * 50000}\n",
    "nested signs": f"x = {'-' * 100000}1\n",
    "syntax": "def (:\n",
    "indentation": "if x:\npass\n",
    "tabs": "if x:\n\tpass\n        pass\n",
    "prose": "Dear Sir or Madam,\n\nplease find enclosed.\n",
    "another language": "#include <stdio.h>\nint main() { return 0; }\n",
    "merge conflict": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "open string": 'x = """\n',
}


@pytest.mark.parametrize("name", UNPARSED)
def test_a_text_that_does_not_parse_says_why_and_the_rest_is_read(name: str) -> None:
    found = read(GOOD + UNPARSED[name])
    assert found.error is not None
    if name not in {"nul", "surrogate", "binary"}:
        assert found.error.line >= 1
    assert [f.qualname for f in found.module.functions] == ["good"]
    assert found.module.functions[0].clauses[0].expression == "x > 0"


LONG = " + ".join(["1"] * 3000)
DEEP = {
    "sum": f"def deep(x):\n    return {' + '.join(['x'] * 3000)}\n",
    "calls": f"def deep(x):\n    return {'f(' * 90}x{')' * 90}\n",
    "attributes": f"def deep(x):\n    return x{'.a' * 3000}\n",
    "chained calls": f"def deep(x):\n    return x{'.a()' * 3000}\n",
    "annotation": f"def deep(x: {' | '.join(['int'] * 3000)}):\n    return x\n",
    "guard": f"def deep(x):\n    if {' + '.join(['x'] * 3000)}:\n        raise ValueError\n",
    "branches": "def deep(x):\n    if x: pass\n" + "    elif x: pass\n" * 900,
    "default": f"def deep(x={' + '.join(['1'] * 3000)}):\n    return x\n",
    "decorator": f"@d({' + '.join(['1'] * 3000)})\ndef deep(x):\n    return x\n",
    "base": f"class C({' + '.join(['B'] * 3000)}):\n    pass\ndef deep(x): pass\n",
    "top level": f"y = {' + '.join(['1'] * 3000)}\ndef deep(x): pass\n",
    "top level branches": "if y: pass\n" + "elif y: pass\n" * 900 + "def deep(x): pass\n",
    "string pieces": f"def deep(x):\n    '''D.'''{' + x' * 3000}\n",
    "loop": f"def deep(x):\n    while x:\n        assert {' + '.join(['x'] * 3000)}\n",
    "bound": f"from annotated_types import Gt\ndef deep(x: Annotated[int, Gt({LONG})]): pass\n",
    "contract": f"import icontract\n@icontract.require(lambda x: {LONG})\ndef deep(x): pass\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_code_that_is_nested_deeply(name: str) -> None:
    found = read(GOOD + DEEP[name])
    names = [f.qualname for f in found.module.functions]
    assert "good" in names
    if found.error is None:
        assert names == ["good", "deep"]


def test_a_body_too_deep_to_be_read_may_do_anything() -> None:
    found = read(DEEP["chained calls"])
    if found.error is None:
        effects = found.module.functions[0].effects
        assert "x" in effects.mutates
        assert effects.opaque_calls


def test_a_large_file() -> None:
    text = GOOD + "x = 1\n" * 100_000
    assert read(text).module.functions[0].specified
    assert len(text) > 600_000


def test_a_file_over_the_limit_says_so() -> None:
    found = read(GOOD + "#" * 5_000_000)
    assert found.error is not None
    assert "larger than 4 MB" in found.error.message


def test_a_long_line() -> None:
    assert read(GOOD + f"x = '{'y' * 1_000_000}'\n").error is None


CLAUSES = {
    "quotes": """x != '"'""",
    "nested quotes": 'x != "\'"',
    "newlines": "x !=\n\n          0",
    "very long": " + ".join(["x"] * 9000),
    "deep": "(" * 150 + "x" + ")" * 150,
    "deeper": "not " * 4000 + "x",
    "question marks": "'?' != '??'",
    "holes everywhere": "?a + ?a + ?b?c",
    "walrus": "(x := 1)",
    "await": "await x",
    "yield": "(yield)",
    "lambda": "(lambda: x)()",
    "backticks": "x ` x",
    "empty": "",
    "comment": "x # y",
    "statement": "del x",
    "semicolon": "x; x",
    "star": "*x",
    "unicode": "x != '\U0001f60b' and é",
    "format": "f'{x!r:>{x}}'",
    "format of hole": "f'{?x}'",
    "backslash": "x \\\n + 1",
    "control": "x \x07 y",
    "big number": "x < 1" + "0" * 5000,
    "bytes": "b'\\xff'[0] == x",
    "keyword": "class",
    "debug": "__debug__",
    "dunder": "__hole_x",
}


@pytest.mark.parametrize("name", CLAUSES)
@pytest.mark.parametrize("section", ["Requires", "Ensures", "Modifies", "Effects", "Invariants"])
def test_anything_in_backticks(name: str, section: str) -> None:
    clause = CLAUSES[name]
    docstring = f'    r"""Odd.\n\n    {section}:\n        - ``{clause}``\n    """\n'
    found = read(f"{GOOD}def odd(x):\n{docstring}")
    assert [f.qualname for f in found.module.functions] == ["good", "odd"]
    for one in found.module.functions[1].clauses:
        assert one.expression is not None or found.problems or one.holes or one.prose


def test_anything_in_backticks_of_raises() -> None:
    for clause in CLAUSES.values():
        read(f'def odd(x):\n    r"""Odd.\n\n    Raises:\n        E: If ``{clause}``.\n    """\n')


def test_nul_in_a_docstring_clause() -> None:
    found = read(f'{GOOD}def odd(x):\n    """Odd.\n\n    Requires:\n        - ``x \\0 y``\n    """\n')
    (problem,) = found.problems
    assert "null" in problem.message


def test_lone_surrogate_in_a_docstring_clause() -> None:
    found = read(
        f"{GOOD}def odd(x):\n    '''Odd.\n\n    Requires:\n        - ``x != \"\\ud800\"``\n    '''\n"
    )
    assert [p.code for p in found.problems] == ["bad-clause"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    read(text)


PIECES = [
    *(
        "def f(x):",
        "\n",
        "\n    ",
        "\n        ",
        '"""',
        "'",
        "Requires:",
        "Ensures:",
        "Raises:",
        "- ``x > 0``",
        "``",
    ),
    *(
        "- ",
        "x",
        "?h",
        " ",
        ":",
        "(",
        ")",
        "[",
        "]",
        "class C:",
        "if x:",
        "return",
        "@",
        "\\",
        "#",
        ">>> ",
        "... ",
    ),
    *(
        "pre: x > 0",
        "post[x]: __return__",
        "inv:",
        "ValueError: If ``x``",
        "------",
        "\r\n",
        "\t",
        "\f",
        "é",
        "😋",
    ),
    *(
        "Annotated[int, Gt(0)]",
        "from pydantic import Gt",
        "lambda x: x",
        "async ",
        "await ",
        "yield ",
        "x := 1",
    ),
    *(
        "Modifies:",
        "Effects:",
        "Invariants:",
        ":raises E: if ``x``",
        "Args:",
        "x (int): y",
        "Parameters\n    ----\n",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_text_made_of_what_matters(text: str) -> None:
    read(text)
    read(f'def f(x):\n    """F.\n\n    {text}\n    """\n')


def test_the_stack_of_the_caller_may_be_deep() -> None:
    def at_depth(depth: int) -> Extraction:
        return at_depth(depth - 1) if depth else extract(Snapshot("m.py", 1, GOOD))

    room = sys.getrecursionlimit() - len(_frames()) - 60
    for depth in range(room - 120, room, 10):
        assert at_depth(depth).snapshot.text == GOOD


def _frames() -> list[object]:
    frame, found = sys._getframe(), []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


def test_odd_files_are_read_as_python_reads_them(tmp_path: Path) -> None:
    text = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert read(text).error is None
    assert read(text).module.functions[0].clauses[0].expression == "x > 0"
    assert read("\f" + GOOD).error is None
    assert read("").module.functions == ()
    assert read("\n" * 10_000).error is None
