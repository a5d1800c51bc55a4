"""Where a body goes: docstring, comments, decorators, indentation and line ends stay as they are."""

from __future__ import annotations

import ast

import pytest
from lift.extract import extract
from lift.resolve.loop.draft import read
from lift.resolve.loop.kept import own_definition, rest_stays
from lift.resolve.loop.placing import place
from lift.source.text import Snapshot


def placed(text: str, code: str, name: str = "f", imports: tuple[str, ...] = ()) -> str:
    function = next(
        f for f in extract(Snapshot("a.py", None, text)).module.all_functions() if f.qualname == name
    )
    own = own_definition(text, name)
    draft = read(code, function, own)
    made = place(text, function, own, draft, imports)
    ast.parse(made.text)
    rest_stays(text, made.text, name, draft, made.imports)
    return made.text


BODY = "def f(x):\n    if x:\n        return 1\n    return 2\n"
# Text before, candidate, text after.
PLACED = {
    "hole": ("def f(x):\n    ...\n", BODY, "def f(x):\n    if x:\n        return 1\n    return 2\n"),
    "beside the header": (
        "def f(x): ...\ny = 1\n",
        BODY,
        "def f(x):\n    if x:\n        return 1\n    return 2\ny = 1\n",
    ),
    "docstring only": (
        'def f(x):\n    """D."""  # said\n\n\ny = 1\n',
        BODY,
        'def f(x):\n    """D."""  # said\n    if x:\n        return 1\n    return 2\n\n\ny = 1\n',
    ),
    "docstring beside the header": (
        'def f(x): "D."\n',
        "def f(x):\n    return 1\n",
        'def f(x):\n    "D."\n    return 1\n',
    ),
    "behind the docstring": (
        'def f(x):\n    "D."; ...\n',
        "def f(x):\n    return 1\n",
        'def f(x):\n    "D."\n    return 1\n',
    ),
    "comments around": (
        "# a\n@d\ndef f(x):  # b\n    # c\n    raise NotImplementedError  # d\n    # e\n",
        "@d\ndef f(x):\n    return 1\n",
        "# a\n@d\ndef f(x):  # b\n    # c\n    return 1  # d\n    # e\n",
    ),
    "tabs": ("def f(x):\n\t...\n", BODY, "def f(x):\n\tif x:\n\t    return 1\n\treturn 2\n"),
    "Windows": (
        "def f(x):\r\n    ...\r\n",
        BODY,
        "def f(x):\r\n    if x:\r\n        return 1\r\n    return 2\r\n",
    ),
    "no line end": ("def f(x):\n    ...", "def f(x): return 1", "def f(x):\n    return 1"),
    "candidate in Windows lines": (
        "def f(x):\n    ...\n",
        BODY.replace("\n", "\r\n"),
        "def f(x):\n    if x:\n        return 1\n    return 2\n",
    ),
    "a text over several lines": (
        "class C:\n    def f(self):\n        ...\n",
        'def f(self):\n  x = """a\n  b\n"""\n  return (x,\n1)\n',
        'class C:\n    def f(self):\n        x = """a\n  b\n"""\n        return (x,\n        1)\n',
    ),
    "a body that is there": (
        "def f(x):\n    y = 1\n    # gone\n    return y\n\n\n# stays\n",
        "def f(x):\n    return x\n",
        "def f(x):\n    return x\n\n\n# stays\n",
    ),
    "other letters": (
        "def f(x):\n    é = '😋'; ...\n",
        "def f(x):\n    return 'ü'\n",
        "def f(x):\n    return 'ü'\n",
    ),
    "several on a line": (
        "def f(x):\n    ...\n",
        "def f(x):\n    'D.'; y = x; return y\n",
        "def f(x):\n    y = x\n    return y\n",
    ),
}


@pytest.mark.parametrize(("before", "code", "after"), PLACED.values(), ids=PLACED.keys())
def test_a_body_is_placed(before: str, code: str, after: str) -> None:
    assert placed(before, code, "C.f" if before.startswith("class") else "f") == after


def test_imports_go_to_the_head() -> None:
    text = '"""D."""\n\nimport os\n\n\ndef f(x):\n    ...\n'
    made = placed(text, "def f(x):\n    return math.floor(x)\n", imports=("import math",))
    assert made == '"""D."""\n\nimport os\nimport math\n\n\ndef f(x):\n    return math.floor(x)\n'
