"""Renames told as a text with a cursor (``|``), and as random programs that do the same afterwards."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.callers import texts_naming
from lift.edit import Failure, apply
from lift.ide.renaming import Renaming, rename, target_at

from tests.lift.ide.completing import Writing

SPLIT = '''\
def allocate(amount, weights: list[int], *, cap=0):
    """Split an amount across weights.

    Requires:
        - ``amount >= 0``
        - ``all(w >= 0 for w in weights)``
        - ``all(amount > 0 for amount in weights)``: here it is bound anew

    Ensures:
        - ``sum(result) == amount and old(amount) == amount``: the amount
        - ``len(result) <= ?limit``
        - ``?limit: int``: how many?
        - Shares keep the amount

    Args:
        amount: The amount to hand out.
        weights (list[int]): amount of each.

    Raises:
        ValueError: If ``amount == 13``: an amount that nobody likes.

    Examples:
        >>> allocate(amount=3, weights=[1])
        [3]
    """
    # amount is split
    scale = lambda amount: amount * 2
    def inner(x=amount):
        nonlocal amount
        amount += x
        return f"{amount:>{cap}} amount"
    return [amount * w for w in weights if (last := amount)]


def other(amount):
    return allocate(amount=amount, weights=[1]), allocate(1, [amount])
'''


def place(text: str) -> str:
    return SPLIT.replace(text.replace("|", ""), text, 1)


def steps_of(writing: Writing, new: str, folder: Path | None = None) -> Renaming | Failure | None:
    """The rename at the cursor; None where lift leaves it to others."""
    target = target_at(writing.extraction, writing.offset)
    if target is None:
        return None
    others: list[tuple[Path, str]] = []
    if folder is not None and target.searched is not None:
        own = Path(writing.uri.removeprefix("file://"))
        found = texts_naming(folder, own, target.searched, lambda _: None)
        others = [(folder / name, text) for name, text in found]
    steps = rename(writing.project, writing.extraction, target, new, others)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def renamed(source: str, new: str) -> str:
    """The text after a rename."""
    writing = Writing(source)
    found = steps_of(writing, new)
    assert isinstance(found, Renaming), found
    return apply(writing.text, found.files[0].edits)


AMOUNT = (
    SPLIT.replace("(amount, w", "(total, w")
    .replace("``amount >=", "``total >=")
    .replace("== amount and old(amount) == amount", "== total and old(total) == total")
    .replace("amount: The", "total: The")
    .replace("``amount == 13", "``total == 13")
    .replace("amount=3", "total=3")
    .replace("x=amount", "x=total")
    .replace("nonlocal amount\n        amount +=", "nonlocal total\n        total +=")
    .replace("{amount:>{cap}}", "{total:>{cap}}")
    .replace("[amount * w", "[total * w")
    .replace("last := amount", "last := total")
    .replace("amount=amount", "total=amount")
)


@pytest.mark.parametrize(
    "cursor",
    [
        "allocate(amo|unt, w",
        "``|amount >= 0``",
        "== amount| and",
        "old(amoun|t)",
        "        amou|nt: The",
        "``amount| == 13",
        "def inner(x=|amount)",
        "nonlocal amo|unt",
        "{amoun|t:>",
        "allocate(am|ount=3",
        "return allocate(am|ount=amount",
    ],
)
def test_a_parameter_is_renamed_everywhere_from_everywhere(cursor: str) -> None:
    assert renamed(place(cursor), "total") == AMOUNT


@pytest.mark.parametrize(
    ("cursor", "new", "expected"),
    [
        ("<= ?lim|it``", "most", SPLIT.replace("?limit", "?most")),
        ("``|?limit: int", "?most", SPLIT.replace("?limit", "?most")),
        ("allocate(a|mount=3", "result", None),
        ("def allo|cate", "share", SPLIT.replace("allocate", "share")),
        (">>> alloc|ate", "share", SPLIT.replace("allocate", "share")),
        ("*, ca|p=0", "size", SPLIT.replace("cap", "size")),
    ],
)
def test_what_else_is_renamed(cursor: str, new: str, expected: str | None) -> None:
    if expected is None:
        expected = AMOUNT.replace("result", "__return__").replace("total", "result")
    assert renamed(place(cursor), new) == expected


@pytest.mark.parametrize(
    "cursor",
    [
        "len(resu|lt)",
        "w >= 0 for |w in",
        "lambda amou|nt",
        "Split an amo|unt",
        "# amo|unt is",
        "def other(am|ount)",
        "def oth|er",
        "l|en(result)",
        "amount of ea|ch",
        "la|st :=",
    ],
)
def test_the_rest_is_left_to_other_servers(cursor: str) -> None:
    assert steps_of(Writing(place(cursor)), "total") is None


@pytest.mark.parametrize(
    ("cursor", "new", "reason"),
    [
        ("allocate(|amount, w", "2x", "no name"),
        ("allocate(|amount, w", "class", "a word of the language"),
        ("allocate(|amount, w", "weights", "line 1"),
        ("allocate(|amount, w", "sum", "line 10"),
        ("allocate(|amount, w", "last", "line 32"),
        ("allocate(|amount, w", "x", "line 28"),
        ("allocate(|amount, w", "scale", "line 27"),
        ("allocate(|amount, w", "amount", "already"),
        ("allocate(|amount, w", "old", "specifications"),
        ("allocate(|amount, w", "ﬁ", "no name"),
        ("allocate(|amount, w", "w", "line 32"),
        ("def allo|cate", "other", "line 35"),
        ("def allo|cate", "len", "line 11"),
    ],
)
def test_what_would_change_the_meaning_is_refused(cursor: str, new: str, reason: str) -> None:
    found = steps_of(Writing(place(cursor)), new)
    assert isinstance(found, Failure)
    assert reason in found.reason


def test_a_hole_does_not_become_another_one() -> None:
    text = (
        'def f(a):\n    """F.\n\n    Ensures:\n        - ``result < ?lo|w + ?high``\n    """\n    return a\n'
    )
    found = steps_of(Writing(text), "high")
    assert isinstance(found, Failure)
    assert "`?high`" in found.reason


CONTRACTS = '''\
import icontract
from deal import pre


@icontract.require(lambda n, m: n > m)
@icontract.snapshot(lambda xs: xs[:])
@icontract.ensure(lambda xs, OLD, result: OLD.xs == xs)
@pre(lambda _: _.n > 1)
def f(n, m, xs):
    """F.

    pre: n > 2

    Parameters
    ----------
    n, m : int
        n of them

    :param int n: it
    """
    return n
'''


def test_contracts_in_other_notations_go_along() -> None:
    after = renamed(CONTRACTS.replace("f(n", "f(|n"), "k")
    lines = CONTRACTS.replace("f(n", "f(k").replace("lambda n, m: n", "lambda k, m: k").replace("_.n", "_.k")
    lines = lines.replace("pre: n", "pre: k").replace("n, m : int", "k, m : int").replace("int n:", "int k:")
    lines = lines.replace("return n", "return k")
    assert after == lines
    after = renamed(CONTRACTS.replace("m, xs", "m, |xs"), "all_of_them")
    assert after == CONTRACTS.replace("xs", "all_of_them")


def test_a_contract_that_is_a_function_cannot_be_carried_along() -> None:
    text = CONTRACTS.replace("lambda n, m: n > m", "is_fine").replace("f(n", "f(|n")
    found = steps_of(Writing(text), "k")
    assert isinstance(found, Failure)
    assert "line 5" in found.reason


METHODS = '''\
class Till:
    """A till.

    Invariants:
        - ``self.money >= 0``
    """

    money: int = 0

    def put(self, money: int) -> None:
        r"""Put 😀 in.

        Requires:
            - ``money >= 0 and '\\d' != self.money``
        """
        self.put(money=money)
        Till().put(money=1)
        someone.put(money=2)


def use(till: Till, money):
    till.put(money=money)


class Safe(Till):
    def put(self, money: int) -> None:
        pass
'''


def test_methods() -> None:
    writing = Writing(METHODS.replace("put(self, money", "put(self, mo|ney", 1))
    found = steps_of(writing, "coins")
    assert isinstance(found, Renaming)
    expected = (
        METHODS.replace("put(self, money", "put(self, coins", 1)
        .replace("``money", "``coins")
        .replace("self.put(money=money", "self.put(coins=coins")
        .replace("Till().put(money", "Till().put(coins")
        .replace("till.put(money", "till.put(coins")
    )
    assert apply(writing.text, found.files[0].edits) == expected
    unresolved, override = found.left
    assert "line 18" in unresolved
    assert "Safe.put" in override


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_escapes_and_line_ends_are_no_obstacle(ends: str) -> None:
    text = '''\
def f(größe, b):
    """F '\\t' \\
    it.

    Requires:
        - ``'\\\\n' != größe and
          b > größe``
    """
    return f"é {größe}"
'''.replace("\n", ends)
    after = renamed(text.replace("f(gr", "f(|gr"), "c")
    assert after == text.replace("größe", "c")


# Several files -----------------------------------------------------------------------------------------

HOME = '''\
def fair(amount: int) -> bool:
    """Whether it is fair.

    Requires:
        - ``amount >= 0``

    Examples:
        >>> fair(1)
        True
    """
    return amount > 0
'''
FILES = {
    "shop/__init__.py": "from .rules import fair\n",
    "shop/till.py": "from . import rules\nfrom .rules import fair as f\n\nf(amount=rules.fair(amount=1))\n",
    "main.py": (
        "import shop.rules\nfrom shop import fair\n\n\n"
        'def use(amount):\n    """Use.\n\n    Requires:\n        - ``fair(amount=amount)``\n    """\n'
        "    return shop.rules.fair(amount=2), fair(amount)\n"
    ),
    "unrelated.py": "def fair(amount):\n    return amount\n\n\nfair(amount=3)\n",
}


def in_folder(tmp_path: Path, cursor: str, new: str, files: dict[str, str] = FILES) -> dict[str, str]:
    """Each file's text after a rename in ``shop/rules.py``."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    own = tmp_path / "shop/rules.py"
    own.write_text(HOME)
    source = HOME.replace(cursor.replace("|", ""), cursor, 1)
    writing = Writing(source, folder=tmp_path, uri=f"file://{own}")
    found = steps_of(writing, new, tmp_path)
    assert isinstance(found, Renaming), found
    paths = [(one.path or own).relative_to(tmp_path).as_posix() for one in found.files]
    return {path: apply(one.text, one.edits) for path, one in zip(paths, found.files, strict=True)}


def test_a_function_is_renamed_in_every_file(tmp_path: Path) -> None:
    after = in_folder(tmp_path, "def fa|ir", "just")
    expected = {name: text.replace("fair", "just") for name, text in FILES.items() if name != "unrelated.py"}
    assert after == {"shop/rules.py": HOME.replace("fair(", "just("), **expected}


def test_named_arguments_are_renamed_in_every_file(tmp_path: Path) -> None:
    after = in_folder(tmp_path, "``amo|unt", "total")
    assert after == {
        "shop/rules.py": HOME.replace("amount", "total"),
        "shop/till.py": FILES["shop/till.py"].replace("amount", "total"),
        "main.py": FILES["main.py"].replace("amount=", "total="),
    }


def test_a_name_that_is_taken_in_another_file_is_refused(tmp_path: Path) -> None:
    files = {**FILES, "main.py": f"just = 1\n{FILES['main.py']}"}
    with pytest.raises(AssertionError, match=r"main\.py"):
        in_folder(tmp_path, "def fa|ir", "just", files)


# Random programs ---------------------------------------------------------------------------------------

NAMES = ["a", "b", "c", "d"]
EXPRESSIONS = st.recursive(
    st.sampled_from([*NAMES, "1", "2"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, st.sampled_from(NAMES), inner).map(lambda p: f"(lambda {p[1]}: {p[0]})({p[2]})"),
        st.tuples(inner, st.sampled_from(NAMES), inner).map(
            lambda p: f"sum({p[0]} for {p[1]} in [{p[2]}, 3] if {p[1]} > 0)"
        ),
        inner.map(lambda e: f'len(f"{{{e}}}")'),
        st.tuples(inner, st.sampled_from(NAMES)).map(lambda p: f"({p[1]} := {p[0]})"),
        st.tuples(inner, inner).map(lambda p: f"g({p[0]}, b={p[1]})"),
    ),
    max_leaves=8,
)
STATEMENTS = st.builds(
    lambda form, one, two, value: form.replace("X", one).replace("Y", two).replace("E", value).split("\n"),
    st.sampled_from(
        [
            "X = E",
            "def h(X=1):\n    nonlocal Y\n    Y = E\n    return X\nh()",
            "def h(X=1):\n    Y = E\n    return X\nh()",
            "try:\n    raise ValueError(E)\nexcept ValueError as X:\n    Y = 1",
            "for X in [E]:\n    Y += 1",
            "match [E]:\n    case [X, *_]:\n        Y += 2",
            "class K:\n    X = E\n    def Y(self, b):\n        return X",
        ]
    ),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    EXPRESSIONS,
)


def is_clause(text: str) -> bool:
    try:
        compile(text, "c", "eval")
    except SyntaxError:
        return False
    return ":=" not in text


@st.composite
def programs(draw: st.DrawFn) -> str:
    body = [line for rows in draw(st.lists(STATEMENTS, max_size=4)) for line in rows]
    clause, result, call = (
        draw(EXPRESSIONS.filter(is_clause)),
        draw(EXPRESSIONS),
        draw(EXPRESSIONS),
    )
    lines = [
        "d = 7",
        "def g(a, b):",
        "    return a - b",
        "def f(a, b=2):",
        '    """F.',
        "",
        "    Requires:",
        f"        - ``{clause} == a``",
        "",
        "    Args:",
        "        a: It.",
        '    """',
        "    c = 5",
        *(f"    {line}" for line in body),
        f"    return {result}, a, c",
        "a, b, c = 1, 2, 3",
        f"print(f(a={call}))",
        "print(f(3, b=a))",
    ]
    return "\n".join(lines) + "\n"


def printed(text: str) -> list[str]:
    """What a program prints, or the exception that ends it."""
    said: list[str] = []
    try:
        exec(compile(text, "p", "exec"), {"print": lambda *v: said.append(repr(v))})
    except Exception as error:
        said.append(type(error).__name__)
    return said


@given(programs(), st.sampled_from(["z", "b", "c", "d", "g", "h", "len", "sum"]))
@settings(deadline=None, max_examples=150)
def test_a_random_program_does_the_same_after_a_rename(program: str, new: str) -> None:
    try:
        compile(program, "p", "exec")
    except SyntaxError:
        return
    writing = Writing(program.replace("f(a,", "f(|a,"))
    found = steps_of(writing, new)
    if isinstance(found, Failure):
        assert new != "z", found
        return
    assert isinstance(found, Renaming)
    after = apply(program, found.files[0].edits)
    assert printed(after) == printed(program)
    assert f" == {new}``" in after
    assert f"        {new}: It." in after
    if new == "z":
        # Nothing but names differs, and in no place but where the parameter stood.
        assert ast.dump(ast.parse(after)).count("'z'") >= 2
        writing = Writing(after.replace("f(z,", "f(|z,"))
        back = steps_of(writing, "a")
        assert isinstance(back, Renaming)
        assert apply(after, back.files[0].edits) == program
