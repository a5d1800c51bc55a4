"""Every edit as text before and after."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lift.edit import Edit, Failure, add_clause, add_example, add_imports, annotate, apply
from lift.extract import extract
from lift.source.text import Snapshot
from lift_ir import Function, Position, Span


def function_in(text: str) -> Function:
    """The last specified function of a text, or its last function."""
    found = extract(Snapshot("a.py", None, text))
    assert found.error is None
    functions = found.module.all_functions()
    return next((f for f in reversed(functions) if f.specified), functions[-1])


def edited(text: str, edits: tuple[Edit, ...] | Failure) -> str:
    assert not isinstance(edits, Failure), edits.reason
    after = apply(text, edits)
    compile(after, "a.py", "exec")
    return after


ANNOTATIONS = [
    ("def f(x): pass\n", "x", "int", "def f(x: int): pass\n"),
    ("def f(x=0): pass\n", "x", "int", "def f(x: int = 0): pass\n"),
    ("def f(x =0): pass\n", "x", "int", "def f(x: int = 0): pass\n"),
    ("def f(x = 0): pass\n", "x", "int", "def f(x: int = 0): pass\n"),
    ("def f(a, *, x, b): pass\n", "x", "list[int]", "def f(a, *, x: list[int], b): pass\n"),
    ("def f(*x, **y): pass\n", "y", "str", "def f(*x, **y: str): pass\n"),
    ("def f(x): pass\n", "return", "None", "def f(x) -> None: pass\n"),
    ("def f(): return (1)\n", "return", "int", "def f() -> int: return (1)\n"),
    ("def f(x=(1, 2), y={')': 1}): pass\n", "return", "int", "def f(x=(1, 2), y={')': 1}) -> int: pass\n"),
    (
        "def f(\n    x,  # (\n    y,\n):\n    pass\n",
        "return",
        "int",
        "def f(\n    x,  # (\n    y,\n) -> int:\n    pass\n",
    ),
    ("def f(\n    x, y\n):\n    pass\n", "y", "str", "def f(\n    x, y: str\n):\n    pass\n"),
    ("@d\nasync def ünï(x):\r\n    pass\r\n", "x", "int", "@d\nasync def ünï(x: int):\r\n    pass\r\n"),
]


@pytest.mark.parametrize(("before", "name", "annotation", "after"), ANNOTATIONS)
def test_annotate(before: str, name: str, annotation: str, after: str) -> None:
    assert edited(before, annotate(before, function_in(before), name, annotation)) == after


def test_annotate_with_its_import() -> None:
    before = '"""Module."""\n\nimport os\n\n\ndef f(x): pass\n'
    edits = annotate(before, function_in(before), "x", "Path", ["from pathlib import Path"])
    after = '"""Module."""\n\nimport os\nfrom pathlib import Path\n\n\ndef f(x: Path): pass\n'
    assert edited(before, edits) == after


def test_annotate_what_is_annotated_fails_with_a_reason() -> None:
    before = "def f(x: int): pass\n"
    assert isinstance(annotate(before, function_in(before), "x", "str"), Failure)


IMPORT = "from pathlib import Path"
IMPORTS = [
    ("x = 1\n", f"{IMPORT}\n\n\nx = 1\n"),
    ("", f"{IMPORT}\n"),
    ("#!/usr/bin/python\n# Words\nx = 1\n", f"#!/usr/bin/python\n# Words\n{IMPORT}\n\nx = 1\n"),
    ('"""Doc."""\nx = 1\n', f'"""Doc."""\n\n{IMPORT}\nx = 1\n'),
    (
        '"""Doc."""\n\nfrom __future__ import annotations\n\nx = 1\n',
        f'"""Doc."""\n\nfrom __future__ import annotations\n{IMPORT}\n\nx = 1\n',
    ),
    ("from os import (\n    path,\n)\n\nx = 1\n", f"from os import (\n    path,\n)\n{IMPORT}\n\nx = 1\n"),
    ("import os\r\n\r\nx = 1\r\n", f"import os\r\n{IMPORT}\r\n\r\nx = 1\r\n"),
    ("from pathlib import Path\n", "from pathlib import Path\n"),
    ("from mine import Path\n", "from mine import Path\n"),
]


@pytest.mark.parametrize(("before", "after"), IMPORTS)
def test_add_imports(before: str, after: str) -> None:
    assert edited(before, add_imports(before, [IMPORT])) == after


CLAUSES = {
    "an existing section gets one more line": (
        '''
        def f(x: int) -> int:
            """Do.

            Requires:
                - ``x > 0``

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Requires:
                - ``x > 0``
                - ``x != 1``

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
    ),
    "a new section stands before Ensures": (
        '''
        def f(x: int) -> int:
            """Do.

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Requires:
                - ``x != 1``

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
    ),
    "a docstring on one line grows": (
        '''
        def f(x: int) -> int:
            """Do."""
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Requires:
                - ``x != 1``
            """
            return x
        ''',
    ),
    "a function without a docstring gets one": (
        """
        def add_one(x: int) -> int:
            return x
        """,
        '''
        def add_one(x: int) -> int:
            """Add one.

            Requires:
                - ``x != 1``
            """
            return x
        ''',
    ),
    "a docstring whose quotes end its last line": (
        '''
        def f(x: int) -> int:
            """Do.

            More words."""
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            More words.

            Requires:
                - ``x != 1``
            """
            return x
        ''',
    ),
    "before Args, with another indentation": (
        '''
        class C:
          def f(self, x: int) -> int:
            """
            Do.

            Args:
              x: A number.
            """
            return x
        ''',
        '''
        class C:
          def f(self, x: int) -> int:
            """
            Do.

            Requires:
                - ``x != 1``

            Args:
              x: A number.
            """
            return x
        ''',
    ),
    "before NumPy's Parameters": (
        '''
        def f(x: int) -> int:
            """Do.

            Parameters
            ----------
            x : int
            """
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Requires:
                - ``x != 1``

            Parameters
            ----------
            x : int
            """
            return x
        ''',
    ),
}


@pytest.mark.parametrize("name", CLAUSES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_add_clause(name: str, end: str) -> None:
    before, after = (dedent(t).lstrip().replace("\n", end) for t in CLAUSES[name])
    assert edited(before, add_clause(before, function_in(before), "Requires", "x != 1")) == after


SINGLE = {
    '"Do."': '"""Do.\n\n    Requires:\n        - ``x != 1``\n    """',
    "'Say \"x\"'": '"""Say "x"\n\n    Requires:\n        - ``x != 1``\n    """',
    "'\"x\" is it\\'s'": '""""x" is it\\\'s\n\n    Requires:\n        - ``x != 1``\n    """',
    "r'A \\d '": 'r"""A \\d\n\n    Requires:\n        - ``x != 1``\n    """',
    "''": '"""\n\n    Requires:\n        - ``x != 1``\n    """',
}


@pytest.mark.parametrize("literal", SINGLE)
def test_single_quotes_become_three(literal: str) -> None:
    before = f"def f(x: int) -> int:\n    {literal}\n    return x\n"
    after = f"def f(x: int) -> int:\n    {SINGLE[literal]}\n    return x\n"
    assert edited(before, add_clause(before, function_in(before), "Requires", "x != 1")) == after


EXAMPLES = {
    "a new section stands last": (
        '''
        def f(x: int) -> int:
            """Do.

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Ensures:
                - ``result > 0``

            Examples:
                >>> f(0) > 0
                True
            """
            return x
        ''',
    ),
    "an existing section gets one more": (
        '''
        def f(x: int) -> int:
            """Do.

            Examples:
                >>> f(1)
                1

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
        '''
        def f(x: int) -> int:
            """Do.

            Examples:
                >>> f(1)
                1

                >>> f(0) > 0
                True

            Ensures:
                - ``result > 0``
            """
            return x
        ''',
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_add_example(name: str) -> None:
    before, after = (dedent(t).lstrip() for t in EXAMPLES[name])
    assert edited(before, add_example(before, function_in(before), [">>> f(0) > 0", "True"])) == after


def test_a_backslash_is_doubled_unless_the_docstring_is_raw() -> None:
    before = (
        'def f(x: str) -> int:\n    """Do.\n\n    Ensures:\n        - ``result > 0``\n    """\n    return 1\n'
    )
    lines = [r">>> f('\n') > 0", "True"]
    assert r"f('\\n')" in edited(before, add_example(before, function_in(before), lines))
    raw = before.replace('"""Do', 'r"""Do')
    assert r"f('\n')" in edited(raw, add_example(raw, function_in(raw), lines))


@pytest.mark.parametrize(
    "text",
    [
        'def f(x: int) -> int:\n    "Do \\\n    it."\n    return x\n',
        """def f(x: int) -> int:\n    'Do \"\"\" it.'\n    return x\n""",
        'def f(x: int) -> int:\n    """Do.""" "More."\n    return x\n',
        "def f(x: int) -> int: return x\n",
    ],
)
def test_what_cannot_be_written_fails_with_a_reason(text: str) -> None:
    assert isinstance(add_clause(text, function_in(text), "Requires", "x != 1"), Failure)


def test_edits_count_in_the_text_before() -> None:
    def place(column: int) -> Position:
        return Position(line=1, column=column)

    edits = [Edit(Span(start=place(1), end=place(2)), "XX"), Edit(Span(start=place(0), end=place(0)), "_")]
    assert apply("abc", edits) == "_aXXc"
