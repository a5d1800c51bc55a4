"""Docstring sections become clauses, holes and problems; each clause's span is where its text stands."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import pytest
from lift.extract import extract
from lift.source import LineIndex, Snapshot


@dataclass(frozen=True)
class Seen:
    """What a test looks at: clauses as ``kind: text → expression``, holes, problems, and the function."""

    clauses: list[str]
    holes: list[str]
    problems: list[str]
    specified: bool


def see(source: str, name: str = "f") -> Seen:
    """Extracts a source and looks at one function or class of it."""
    text = textwrap.dedent(source).lstrip("\n")
    extraction = extract(Snapshot("m.py", 1, text))
    assert extraction.error is None
    index = LineIndex(text)
    functions = {f.qualname: f for f in extraction.module.all_functions()}
    classes = {c.qualname: c for c in extraction.module.classes}
    clauses = functions[name].clauses if name in functions else classes[name].invariants
    owner = functions.get(name) or classes[name]
    for clause in clauses:
        assert index.text_at(clause.span) == clause.text
    return Seen(
        [f"{c.kind}: {c.text} → {c.expression}" for c in clauses],
        [h.id.removeprefix(f"{name}:") for h in owner.holes],
        [
            f"{p.code}: {index.text_at(p.span)} → {p.suggestion}"
            for p in extraction.problems
            if p.function == name
        ],
        name not in functions or functions[name].specified,
    )


def documented(body: str, signature: str = "x: int, ys: list[int]", returns: str = "int") -> str:
    """A function ``f`` with a docstring."""
    indented = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return f'LIMIT = 3\ndef f({signature}) -> {returns}:\n    """F.\n\n{indented}\n    """\n    return 1\n'


CLAUSES = {
    "requires and ensures": (
        "Requires:\n    - ``x >= 0``\n\nEnsures:\n    - ``result > x``: it grows",
        ["requires: x >= 0 → x >= 0", "ensures: result > x → result > x"],
    ),
    "other headers": (
        "Preconditions:\n    - ``x >= 0``\nPostconditions:\n    - ``result``",
        ["requires: x >= 0 → x >= 0", "ensures: result → result"],
    ),
    "numpy dashes": (
        "Requires\n--------\n- ``x >= 0``\n\nParameters\n----------\nx : int\n    - ``no``",
        ["requires: x >= 0 → x >= 0"],
    ),
    "bullets as deep as the header": ("Requires:\n- ``x >= 0``\nMore.", ["requires: x >= 0 → x >= 0"]),
    "other bullets": (
        "Requires:\n    * ``x > 0``\n    + ``x > 1``",
        ["requires: x > 0 → x > 0", "requires: x > 1 → x > 1"],
    ),
    "spacing is normalised": ("Requires:\n    - `` x>=0 ``", ["requires: x>=0 → x >= 0"]),
    "backticks inside": (
        "Ensures:\n    - ``'``' not in str(x)``",
        ["ensures: '``' not in str(x) → '``' not in str(x)"],
    ),
    "colon inside": ("Requires:\n    - ``ys[1:] == ys``: p: q", ["requires: ys[1:] == ys → ys[1:] == ys"]),
    "full stop after": ("Requires:\n    - ``x > 0``.", ["requires: x > 0 → x > 0"]),
    "old and implies": (
        "Ensures:\n    - ``implies(x > 0, len(ys) == old(len(ys)))``",
        ["ensures: implies(x > 0, len(ys) == old(len(ys))) → implies(x > 0, len(ys) == old(len(ys)))"],
    ),
    "return under another name": (
        "Ensures:\n    - ``__return__ > x``",
        ["ensures: __return__ > x → result > x"],
    ),
    "modifies": (
        "Modifies:\n    - ``ys``\n    - ``none``\n    - ys: grows\n    - whatever it likes",
        [
            "modifies: ys → ys",
            "modifies: none → none",
            "modifies: ys → ys",
            "modifies: whatever it likes → None",
        ],
    ),
    "measures": (
        "Decreases:\n    - ``(x, len(ys))``: gets smaller",
        ["decreases: (x, len(ys)) → (x, len(ys))"],
    ),
    "effects": (
        "Effects:\n    - ``network``: asks\n    - filesystem: writes\n    - Sends mail\n    - None of it",
        [
            "effect: network → network",
            "effect: filesystem → filesystem",
            "effect: Sends mail → None",
            "effect: None of it → None",
        ],
    ),
    "prose is no clause": ("Requires:\n    a list that is sorted.\n\n    More.", []),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_sections_become_clauses(name: str) -> None:
    body, clauses = CLAUSES[name]
    seen = see(documented(body))
    assert seen.clauses == clauses
    assert [p for p in seen.problems if p.startswith("bad")] == []
    assert seen.specified == bool(clauses)


def test_a_hanging_indent_continues_a_clause() -> None:
    seen = see(documented("Requires:\n    - ``all(y > 0\n      for y in ys)``: all of\n      them"))
    assert seen.clauses == ["requires: all(y > 0\n          for y in ys) → all((y > 0 for y in ys))"]


RAISES = {
    "exactly": ("Raises:\n    ValueError: If ``x < 0``.", ["raises: x < 0 → x < 0"], [True]),
    "with more words": (
        "Raises:\n    ValueError: If ``x < 0``: it must not.",
        ["raises: x < 0 → x < 0"],
        [True],
    ),
    "numpy": ("Raises\n------\nValueError\n    When ``x < 0``", ["raises: x < 0 → x < 0"], [True]),
    "sphinx": (":raises ValueError: if ``x < 0``", ["raises: x < 0 → x < 0"], [True]),
    "only if": ("Raises:\n    ValueError: Only if ``x < 0``.", ["raises: x < 0 → x < 0"], [False]),
    "and something else": (
        "Raises:\n    ValueError: If ``x < 0`` and it rains",
        ["raises: x < 0 → x < 0"],
        [False],
    ),
    "or something else": (
        "Raises:\n    ValueError: If ``x < 0`` or it rains",
        ["raises: ValueError → None"],
        [False],
    ),
    "merely mentioned": ("Raises:\n    ValueError: If ``x`` is bad", ["raises: ValueError → None"], [False]),
    "prose": ("Raises:\n    os.error: sometimes", ["raises: os.error → None"], [False]),
    "two": (
        "Raises:\n    KeyError, ValueError: sometimes",
        ["raises: KeyError → None", "raises: ValueError → None"],
        [False] * 2,
    ),
    "roles": ("Raises:\n    :class:`ValueError`: If ``x < 0``", ["raises: x < 0 → x < 0"], [True]),
}


@pytest.mark.parametrize("name", RAISES)
def test_raises_sections(name: str) -> None:
    body, clauses, exact = RAISES[name]
    seen = see(documented(body))
    assert seen.clauses == clauses
    assert seen.specified == (not clauses[0].endswith("None"))
    text = documented(body)
    function = extract(Snapshot("m.py", 1, text)).module.functions[0]
    assert [clause.exact for clause in function.clauses] == exact  # type: ignore[union-attr]


BAD = {
    "does not parse": ("Requires:\n    - ``x >``", "bad-clause: x > → None"),
    "unknown name": ("Requires:\n    - ``y > 0``", "bad-clause: y → ys"),
    "a name of the module": ("Requires:\n    - ``x < LIMT``", "bad-clause: LIMT → LIMIT"),
    "a builtin": ("Requires:\n    - ``lenn(ys) > 0``", "bad-clause: lenn → len"),
    "the result before": ("Requires:\n    - ``result > 0``", "bad-clause: result → None"),
    "the result in raises": ("Raises:\n    ValueError: If ``result < 0``", "bad-clause: result → None"),
    "old of two": ("Ensures:\n    - ``old(x, x) == 1``", "bad-clause: old(x, x) → None"),
    "await": ("Requires:\n    - ``await x``", "bad-clause: await x → None"),
    "yield": ("Requires:\n    - ``(yield x)``", "bad-clause: (yield x) → None"),
    "walrus": ("Requires:\n    - ``(z := x) > 0``", "bad-clause: (z := x) > 0 → None"),
    "empty": ("Requires:\n    - `` ``", "bad-clause:  → None"),
    "two expressions": ("Requires:\n    - ``x) or (x``", "bad-clause: x) or (x → None"),
    "a statement": ("Requires:\n    - ``import os``", "bad-clause: import os → None"),
    "an effect": ("Effects:\n    - ``netwrk``", "bad-clause: netwrk → network"),
    "a target": ("Modifies:\n    - ``zs``", "bad-clause: zs → None"),
    "an invariant of a function": ("Invariants:\n    - ``x > 0``", "bad-clause: x > 0 → None"),
    "a type": ("Ensures:\n    - ``?n: list[``: how many?", "bad-clause: list[ → None"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_clauses_name_the_place_and_the_remedy(name: str) -> None:
    body, problem = BAD[name]
    seen = see(documented(body))
    assert seen.problems == [problem]
    assert not [clause for clause in seen.clauses if not clause.endswith("None") and clause.startswith("req")]


FINE = [
    "``all(x for x in ys)``",
    "``(lambda v: v > LIMIT)(x)``",
    "``[a for b in [ys] for a in b if a] == ys``",
    "``{k: v for k, v in zip(ys, ys)} == {}``",
    "``isinstance(x, int) and math.isfinite(x)``",
    "``x == ?y``",
    "``'?' in str(x)``",
    '``f"{x}?" == "?"``',
    "``x is not None``",
]


@pytest.mark.parametrize("clause", FINE)
def test_nothing_is_wrong_with_these(clause: str) -> None:
    seen = see("import math\n" + documented(f"Requires:\n    - {clause}"))
    assert seen.problems == []
    assert not seen.clauses[0].endswith("→ None")


def test_every_unknown_name_is_named() -> None:
    seen = see(documented("Requires:\n    - ``y > 0 and LIMT > z``"))
    assert seen.problems == ["bad-clause: y → ys", "bad-clause: LIMT → LIMIT", "bad-clause: z → None"]


def test_a_star_import_may_bind_any_name() -> None:
    assert see("from os import *\n" + documented("Requires:\n    - ``whatever(x)``")).problems == []


BARE = {
    "x > 0": ["open-clause: x > 0 → ``x > 0``"],
    "`x > 0`": ["open-clause: `x > 0` → ``x > 0``"],
    "x > 0: always": ["open-clause: x > 0 → ``x > 0``"],
    "isinstance(x, int).": ["open-clause: isinstance(x, int) → ``isinstance(x, int)``"],
}
PROSE = [
    "x is positive",
    "ys",
    "x and ys",
    "unknown(z) > 0",
    "Python > 3",
    "``x`` is small",
    "a-b",
    "x / ys",
    "sorted(x) ascending",
]


@pytest.mark.parametrize("bullet", BARE)
def test_a_bare_bullet_that_is_plainly_an_expression_is_checked(bullet: str) -> None:
    seen = see(documented(f"Requires:\n    - {bullet}"))
    assert seen.problems == BARE[bullet]
    assert seen.holes == []
    assert not seen.clauses[0].endswith("None")


@pytest.mark.parametrize("bullet", PROSE)
def test_prose_is_an_open_clause_and_never_bad(bullet: str) -> None:
    seen = see(documented(f"Ensures:\n    - {bullet}"))
    assert seen.problems == []
    assert [hole.split(":")[0] for hole in seen.holes] == ["clause"]
    assert seen.clauses == [f"ensures: {bullet} → None"]


def test_holes() -> None:
    body = """
    Ensures:
        - ``len(ys) <= ?limit``
        - ``?limit: int``: how many at most?
        - ``?left < ?limit``
        - Order is kept

    Effects:
        - ``?what``: does it log?
    """
    text = documented(body, signature="x, ys=()", returns="'int'")
    function = extract(Snapshot("m.py", 1, text)).module.functions[0]
    assert {hole.id: (hole.type, hole.question) for hole in function.holes} == {
        "f:type:x": (None, "What type is `x`?"),
        "f:type:ys": (None, "What type is `ys`?"),
        "f:term:limit": ("int", "how many at most?"),
        "f:term:left": (None, "What is `left`?"),
        "f:clause:order-is-kept": ("bool", "Which expression says “Order is kept”?"),
        "f:effect:what": (None, "does it log?"),
    }
    assert function.clauses[0].expression == "len(ys) <= __hole_limit"
    assert function.clauses[0].holes == ("f:term:limit",)
    index = LineIndex(text)
    assert [index.text_at(hole.span) for hole in function.holes][:4] == ["x", "ys", "limit", "?left"]


BODIES = {
    "...": True,
    "raise NotImplementedError": True,
    "raise NotImplementedError('later')": True,
    "pass": False,
}


@pytest.mark.parametrize("body", BODIES)
def test_body_holes(body: str) -> None:
    source = f'def f(x: int) -> int:\n    """F.\n\n    Requires:\n        - ``x > 0``\n    """\n    {body}\n'
    assert see(source).holes == (["body:body"] if BODIES[body] else [])
    assert see(source.replace("def f", "@abstractmethod\ndef f")).holes == []
    assert see(f"class P(Protocol):\n{textwrap.indent(source, '    ')}", "P.f").holes == ([])
    stub = extract(Snapshot("m.pyi", 1, source))
    assert stub.module.functions[0].holes == ()


def test_identity_ignores_formatting_but_not_the_kind() -> None:
    one, two = (
        extract(
            Snapshot("m.py", 1, documented(f"Requires:\n    - ``{c}``\nEnsures:\n    - ``{c}``"))
        ).module.functions[0]
        for c in ("x>0", "(x  >  0)")
    )
    assert [c.id for c in one.clauses] == [c.id for c in two.clauses]
    assert len({c.id for c in one.clauses}) == 2


CLASS = '''
class C:
    """A C.

    Invariants:
        - ``self.size >= 0``
        - ``self.siz >= 0``
        - It is small
    """

    def __init__(self, n):
        self.size = n

    def public(self, k): ...
    def _private(self, k): ...
    @staticmethod
    def free(k): ...
'''


def test_invariants_specify_public_methods() -> None:
    seen = see(CLASS, "C")
    assert seen.clauses == [
        "invariant: self.size >= 0 → self.size >= 0",
        "invariant: self.siz >= 0 → None",
        "invariant: It is small → None",
    ]
    assert seen.problems == ["bad-clause: self.siz → self.size"]
    assert seen.holes == ["clause:it-is-small"]
    assert see(CLASS, "C.__init__").holes == ["type:n"]
    assert see(CLASS, "C.public").holes == ["type:k", "type:return", "body:body"]
    assert not see(CLASS, "C._private").specified
    assert not see(CLASS, "C.free").specified


OPEN_CLASSES = ["class C(Base):", "@attrs\nclass C:", "class C(metaclass=M):"]


@pytest.mark.parametrize("header", OPEN_CLASSES)
def test_attributes_of_open_classes_are_not_doubted(header: str) -> None:
    assert see(CLASS.replace("class C:", header), "C").problems == []


def test_the_result_where_a_parameter_has_its_name() -> None:
    source = documented("Ensures:\n    - ``__return__ == result``", signature="result: int")
    assert see(source).clauses == ["ensures: __return__ == result → __return__ == result"]


def test_old_means_nothing_before_the_run() -> None:
    assert see(documented("Requires:\n    - ``old(x) > 0``")).clauses == ["requires: old(x) > 0 → x > 0"]


def test_examples() -> None:
    body = """
    Examples:
        >>> f(1,
        ...   [2])
        1
        >>> y = 1
        >>> # nothing
        >>> print(y)
        1
        <BLANKLINE>

    Done.
    """
    text = documented(body)
    function = extract(Snapshot("m.py", 1, text)).module.functions[0]
    assert [(c.expression, c.want) for c in function.clauses] == [  # type: ignore[union-attr]
        ("f(1,\n  [2])", "1\n"),
        ("y = 1", ""),
        ("print(y)", "1\n<BLANKLINE>\n"),
    ]
    index = LineIndex(text)
    assert index.text_at(function.clauses[0].span) == function.clauses[0].text == "f(1,\n        ...   [2])"
    assert not function.specified


QUIET = [
    'def f(x):\n    """F.\n\n    Requires:\n        a sorted list\n    """\n',
    'def f(x):\n    """F.\n\n    Raises:\n        ValueError: If `x` is bad.\n    """\n',
    'def f(x):\n    """F.\n\n    >>> f(1)\n    """\n',
    "def f(x):\n    if x < 0:\n        raise ValueError\n",
    "def f(x):\n    assert x\n    for y in x:\n        assert y\n",
    'def f(x):\n    """F.\n\n    pre: the text before\n    post: the text after: see there\n    """\n',
    'def f(x):\n    """Requires: x > 0, really."""\n',
    "def f(x): ...\n",
]


@pytest.mark.parametrize("source", QUIET)
def test_a_function_without_a_specification_shows_nothing(source: str) -> None:
    extraction = extract(Snapshot("m.py", 1, source))
    assert extraction.problems == ()
    assert not extraction.module.functions[0].specified
    assert extraction.module.functions[0].holes == ()


def test_words_for_people() -> None:
    body = """
    More about it,
    in two lines.

    And a paragraph.

    Requires:
        - ``x > 0``

    Args:
        x: The first
            one.
        *ys (int): The others.

    Returns:
        Something.
    """
    function = extract(Snapshot("m.py", 1, documented(body, signature="x: int, *ys: int"))).module.functions[
        0
    ]
    assert function.intent is not None
    assert function.intent.summary == "F."
    assert function.intent.rationale == "More about it,\nin two lines.\n\nAnd a paragraph."
    assert [p.description for p in function.signature.parameters] == ["The first one.", "The others."]


STYLES = {
    "numpy": "Parameters\n----------\nx : int\n    The first.\nys\n    The others.",
    "sphinx": ":param x: The first.\n:param ys: The others.\n:returns: It.",
}


@pytest.mark.parametrize("style", STYLES)
def test_parameters_in_other_styles(style: str) -> None:
    function = extract(Snapshot("m.py", 1, documented(STYLES[style]))).module.functions[0]
    assert [p.description for p in function.signature.parameters] == ["The first.", "The others."]
