"""What is taken for silent is silent: the cheap look against the full reading."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.errors import SourceError
from lift.extract import Extraction, extract
from lift.extract.signs import may_specify
from lift.source.text import Snapshot, read

DOCSTRINGS = (
    "Adds.\n\n    Requires:\n        - ``x > 0``\n    ",
    "Adds.\n\n    Ensures\n    -------\n    - result > 0\n    ",
    "Adds.\n\n    Postconditions:\n        - it is so\n    ",
    "Adds.\n\n    Modifies:\n        - ``none``\n    ",
    "Adds.\n\n    Raises:\n        ValueError: If ``x < 0``.\n    ",
    "Adds.\n\n    :raises ValueError: If ``x < 0``.\n    ",
    "Adds.\n\n    pre: x > 0\n    ",
    "Adds.\n\n    post[x]:\n        __return__ > 0\n    ",
    "Adds.\n\n    post [x] : __return__ > 0\n    ",
)
FILES = {
    "icontract": "import icontract as i\n@i.require(lambda x: x > 0)\ndef f(x): return x\n",
    "from deal": "from deal import pre\n@pre(lambda x: x > 0)\ndef f(x): return x\n",
    "after a comma": "import os, deal\n@deal.pure\ndef f(x): return x\n",
    "after a continued line": "import os, \\\n  deal\n@deal.pure\ndef f(x): return x\n",
    "other letters": "import 𝐢𝐜𝐨𝐧𝐭𝐫𝐚𝐜𝐭\n@icontract.require(lambda x: x > 0)\ndef f(x): return x\n",
    "bounds": "from typing import Annotated\nfrom annotated_types import Gt\n"
    "def f(x: Annotated[int, Gt(0)]): return x\n",
    "examples of an open body": 'def f(x):\n    """F.\n\n    >>> f(1)\n    2\n    """\n    ...\n',
    "examples, then a comment": 'def f(x):\n    """F.\n\n    >>> f(1)\n    2\n    """\n    (...) # later\n',
    "examples of one not implemented": 'def f(x):\n    """>>> f(1)\n    2\n    """\n'
    "    raise NotImplementedError('later')\n",
    "invariants": 'class C:\n    """C.\n\n    Invariants:\n        - ``self.x > 0``\n    """\n'
    "    def m(self): return 1\n",
    "in a branch": 'if 1:\n  for x in y:\n    def f(x):\n        """F.\n\n        inv: x > 0\n'
    '        pre: x > 0\n        """\n',
    "in a match": 'match 1:\n  case 1:\n    def f(x):\n        """F.\n\n        Requires:\n'
    '            - ``x > 0``\n        """\n',
    "in a function": 'def g():\n  def f(x):\n    """F.\n\n    Requires:\n      - ``x > 0``\n    """\n',
    "broken elsewhere": 'def f(x):\n    """F.\n\n    Requires:\n      - ``x > 0``\n    """\n\ndef g(:\n',
}


def states(extraction: Extraction) -> bool:
    """Whether the full reading found anything that the index would keep."""
    module = extraction.module
    return bool(
        extraction.problems
        or any(f.specified for f in module.all_functions())
        or any(c.invariants or c.holes for c in module.classes)
    )


def read_fully(text: str) -> Extraction:
    return extract(Snapshot("a.py", None, text))


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """A function with one of the docstrings, spelled in some way that Python takes for the same."""
    value = draw(st.sampled_from(DOCSTRINGS))
    quote = draw(st.sampled_from(['"""', "'''"]))
    cuts = sorted(draw(st.lists(st.integers(1, len(value) - 1), max_size=4)))
    pieces = [value[a:b] for a, b in zip([0, *cuts], [*cuts, len(value)], strict=True)]
    joint = draw(st.sampled_from(["", " ", "\n    ", " \\\n", " # a 'comment' \"\n   "]))
    return (
        "def f(x):\n    (" + joint.join(draw(spelled(piece, quote)) for piece in pieces) + ")\n    return x\n"
    )


@st.composite
def spelled(draw: st.DrawFn, value: str, quote: str) -> str:
    """A piece of a string literal, some of its characters as escapes."""
    parts: list[str] = []
    odd = draw(st.booleans())
    for character in value:
        ways = [character]
        if odd and draw(st.integers(0, 5)) == 0:
            code = ord(character)
            ways += [f"\\x{code:02x}", f"\\x{code:02X}", f"\\u{code:04x}", f"\\U{code:08X}", f"\\{code:03o}"]
            ways += [f"\\\n{character}"]
        parts.append(draw(st.sampled_from(ways)))
    short = draw(st.booleans())
    text = "".join(parts)
    if short:
        return quote[0] + text.replace("\\\n", "\0").replace("\n", "\\n").replace("\0", "\\\n") + quote[0]
    return quote + text + quote


@given(spellings())
@settings(max_examples=400, deadline=None)
def test_a_specification_is_seen_however_its_docstring_is_spelled(text: str) -> None:
    assert may_specify(text) or not states(read_fully(text))


def test_most_spellings_do_state_something() -> None:
    for docstring in DOCSTRINGS:
        assert states(read_fully(f'def f(x):\n    """{docstring}"""\n    return x\n'))


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_specification_is_seen(name: str) -> None:
    assert may_specify(FILES[name])
    assert states(read_fully(FILES[name]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        'def f(x):\n    """Requires patience, and ensures nothing."""\n    return x\n',
        "import ideal\n\ndef deal(x):\n    if x < 0:\n        raise ValueError('deal')\n",
        'def f(x):\n    """F.\n\n    >>> f(1)\n    1\n    """\n    return x\n',
        'def f(x):\n    """F.\n\n    Raises:\n        ValueError: If it likes.\n    """\n    return x\n',
    ],
)
def test_ordinary_texts_are_not_read_in_full(text: str) -> None:
    assert not may_specify(text)
    assert not states(read_fully(text))


ALPHABET = [
    *(
        "Requires:",
        "pre",
        ":",
        "\n",
        "    ",
        "- ``x > 0``",
        '"""',
        "'",
        '"',
        "\\",
        "def f(x):",
        "x",
        " ",
        "#",
    ),
    *("return x", "import deal", "@deal.pure", ">>> f(1)", "...", "class C:", "\\x52", "équires"),
]


@given(st.lists(st.sampled_from(ALPHABET), max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_silence_is_silence_in_any_text(text: str) -> None:
    assert may_specify(text) or not states(read_fully(text))


def standard_library() -> list[Path]:
    root = Path(sysconfig.get_path("stdlib"))
    others = {"test", "tests", "site-packages", "idle_test"}
    return [p for p in sorted(root.rglob("*.py")) if not others & set(p.relative_to(root).parts)]


@pytest.mark.slow
def test_silence_is_silence_in_the_standard_library() -> None:
    silent = 0
    for path in standard_library():
        try:
            snapshot = read(path)
        except SourceError:
            continue
        if not may_specify(snapshot.text):
            silent += 1
            assert not states(extract(snapshot)), path
    assert silent > 100
