"""What may be written next in a specification, told as a text with a cursor (``|``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift_ir import Candidate

from tests.lift.ide.completing import Writing

HEAD = '''\
import math
from dataclasses import dataclass
from typing import Optional

LIMIT = 3
names: dict[str, int] = {}


class Refused(ValueError):
    """No."""


@dataclass
class Item:
    """A thing to buy.

    Invariants:
        - ``self.price >= 0``
    """

    price: int
    tags: list[str]
    parent: Optional["Item"] = None

    def total(self, rate: int) -> int:
        """The price with tax."""
        return self.price * rate

    def rename(self, tag: str) -> None:
        self.tags.append(tag)

    @property
    def first(self) -> str:
        return self.tags[0]


def taxed(price: int) -> int:
    """The price with tax."""
    return price * 2


def allocate(amount: int, weights: list[int], items: dict[str, Item], *pairs: tuple[str, Item]) -> list[int]:
    """Split an amount.

'''
TAIL = '''
    """
    if amount < 0:
        raise Refused(amount)
    weights.append(amount)
    print(amount)
    return weights
'''


def writing(lines: str) -> Writing:
    """A docstring of ``allocate`` whose sections are ``lines``."""
    return Writing(HEAD + lines + TAIL)


def labels(lines: str) -> list[str]:
    return writing(lines).labels()


def in_ensures(clause: str) -> list[str]:
    return labels(f"    Ensures:\n        - {clause}")


# Headers -----------------------------------------------------------------------------------------------

ALL = ["Requires:", "Ensures:", "Modifies:", "Effects:", "Raises:", "Examples:"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("    |", ALL),
        ("    E|", ["Ensures:", "Effects:", "Examples:"]),
        ("    e|", ["Ensures:", "Effects:", "Examples:"]),
        ("    Requires:\n        - ``amount``\n\n    |", ALL[1:]),
        ("    Requires:\n        - ``amount``\n    |", ALL[1:]),
        ("    Preconditions:\n        - ``amount``\n\n    |", ALL[1:]),
        ("    |\n\n    Raises:\n        ValueError: If ``amount``.", [*ALL[:4], "Examples:"]),
        ("    Args:\n        amount: Units.\n\n    |", ALL),
        ("    Re|:", ["Requires:"]),
        ("    Words that go on\n    |", []),
        ("    Words that go on\n    Re|", []),
        ("    Nothing|", []),
        ("    |Words", []),
        ("  |", []),
        ("    Words. Re|", []),
        ("    Re|turns:\n        Words.", []),
        ("    Args:\n        am|", []),
        ("    Args:\n        |", []),
        ("    Requires:\n        - ``amount``\n\n        |", ["- ``…``"]),
    ],
)
def test_headers(lines: str, expected: list[str]) -> None:
    found = [o.label for o in writing(lines).offers(snippets=True)]
    assert found == expected


def test_a_header_is_written_with_its_first_bullet() -> None:
    assert (
        writing("    |\n")
        .typed("Requires:", snippets=True)
        .endswith("Split an amount.\n\n    Requires:\n        - ``$1``\n" + TAIL)
    )
    assert writing("    |\n").typed("Requires:").endswith("\n\n    Requires:\n        - \n" + TAIL)
    assert "    Raises:\n        ${1:ValueError}: If ``$2``.\n" in writing("    R|\n").typed(
        "Raises:", snippets=True
    )


def test_the_closing_quotes_stay_on_a_line_of_their_own() -> None:
    text = 'def f(x: int) -> int:\n    """F.\n\n    |"""\n    return x\n'
    assert Writing(text).typed("Ensures:") == (
        'def f(x: int) -> int:\n    """F.\n\n    Ensures:\n        - \n    """\n    return x\n'
    )


def test_tabs_are_kept() -> None:
    text = 'def f(x: int) -> int:\n\t"""F.\n\n\t|\n\t"""\n\treturn x\n'
    assert "\tEnsures:\n\t\t- \n\t" in Writing(text).typed("Ensures:")


def test_a_class_states_invariants() -> None:
    source = 'class C:\n    """C.\n\n    |\n    """\n    x: int = 0\n'
    assert Writing(source).labels() == ["Invariants:", "Examples:"]


def test_a_function_that_calls_itself_may_state_a_measure() -> None:
    source = 'def f(n: int) -> int:\n    """F.\n\n    |\n    """\n    return f(n - 1) if n else 0\n'
    assert "Decreases:" in Writing(source).labels()


# Nothing elsewhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "|",
        "x = |",
        'x = """\n    Requires:\n        - ``|``\n"""\n',
        'def f():\n    x = 1\n    """\n    Requires:\n        - ``|``\n    """\n',
        'def f():\n    if True:\n        """\n        Requires:\n            - ``|``\n        """\n',
        '"""Module.\n\n|\n"""\n',
        '"""Module.\n\nRequires:\n    - ``|``\n"""\n',
        "TEXT = '''\ndef f():\n    \"\"\"F.\n\n    Requires:\n        - ``|``\n    \"\"\"\n'''\n",
        '# def f():\n"""F.\n\nRequires:\n    - ``|``\n"""\n',
        'def f():\n    """F.|"""\n',
        'def f():\n    """F.\n\n    Words |and words.\n    """\n',
        'def f():\n    """F."""\n    return |\n',
        'def f(|):\n    """F."""\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``x``: words |\n    """\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - Words |\n    """\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``x`|\n    """\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``x``|\n    """\n',
        'def f(x):\n    """F.\n\n    Raises:\n        ValueError: If ``x`|\n    """\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``x == "a|"``\n    """\n',
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``x == 1|``\n    """\n',
        'def f(x):\n    """F.\n\n    Raises:\n        ValueError: If ``x``, |\n    """\n',
        'def f(x):\n    """F.\n\n    Examples:\n        >>> f(|)\n    """\n',
        'def f(x):\n    """F.\n\n    Returns:\n        ``x``|\n    """\n',
    ],
)
def test_nothing_is_offered_elsewhere(source: str) -> None:
    assert Writing(source).answer(snippets=True) is None


# Clauses -----------------------------------------------------------------------------------------------


def test_parameters_come_first_with_their_types() -> None:
    found = writing("    Ensures:\n        - ``|``").offers()
    assert [(o.label, o.detail) for o in found[:7]] == [
        ("amount", "int"),
        ("weights", "list[int]"),
        ("items", "dict[str, Item]"),
        ("pairs", "tuple[tuple[str, Item], ...]"),
        ("result", "list[int]"),
        ("old(…)", "the value before the call"),
        ("implies(…)", "the second holds whenever the first does"),
    ]
    names = [o.label for o in found]
    assert names.index("taxed") < names.index("dataclass") < names.index("len") < names.index("None")


@pytest.mark.parametrize("section", ["Requires", "Decreases"])
def test_the_result_is_known_under_ensures_only(section: str) -> None:
    found = labels(f"    {section}:\n        - ``|``")
    assert "amount" in found
    assert not {"result", "old(…)"} & set(found)


def test_the_result_gives_way_to_a_parameter_of_its_name() -> None:
    source = (
        'def f(result: int) -> str:\n    """F.\n\n    Ensures:\n        - ``|``\n    """\n    return ""\n'
    )
    found = {o.label: (o.kind, o.detail) for o in Writing(source).offers()}
    assert found["__return__"] == ("result", "str")
    assert found["result"] == ("parameter", "int")


@pytest.mark.parametrize(
    ("clause", "some", "none"),
    [
        ("``am|ount``", {"amount"}, {"and"}),
        ("``amount |``", {"and", "in", "not in"}, {"amount", "for"}),
        ("``(amount |)``", {"and", "for"}, {"amount"}),
        ("``amount >= |", {"amount", "LIMIT"}, {"and"}),
        ("``weights.|", {"count", "index"}, {"append", "sort", "amount"}),
        ("``weights.|``", {"count"}, {"append"}),
        ("``weights.co|unt(1)``", {"count"}, set()),
        ("``result.|``", {"count"}, {"append"}),
        ("``items.|``", {"get", "keys", "values", "items"}, {"update", "pop"}),
        ('``items["a"].|``', {"price", "tags", "total", "first"}, {"rename"}),
        ('``items["a"].parent.|``', {"price"}, set()),
        ('``items["a"].first.|``', {"startswith", "upper"}, {"price"}),
        ('``items["a"].tags[0].|``', {"startswith"}, set()),
        ('``items["a"].total(3).|``', {"bit_length"}, {"price"}),
        ("``old(weights).|``", {"count"}, set()),
        ("``sorted(weights)[0].|``", {"bit_length"}, {"count"}),
        ("``all(w| >= 0 for w in weights)``", {"w", "weights"}, set()),
        ("``all(| for w in weights)``", {"w"}, set()),
        ("``all(w >= 0 for w in |)``", {"weights"}, {"w"}),
        ("``all(w >= 0 for w in weights if |", {"w"}, set()),
        ("``all(w >= 0 for w in weights) and |``", {"weights"}, {"w"}),
        ("``all(i.| for i in items.values())``", {"price", "total"}, {"rename"}),
        ("``all(v.| for k, v in items.items())``", {"price"}, {"upper"}),
        ("``all(k.| for k, v in items.items())``", {"upper"}, {"price"}),
        ("``all(i.| for n, i in enumerate(items.values()))``", {"price"}, set()),
        ("``all(p[1].| for p in pairs)``", {"price"}, set()),
        ("``all(i.| for w, (s, i) in zip(weights, pairs))``", {"price"}, {"upper"}),
        ("``any(x for x in [y.| for y in items.values()])``", {"price"}, {"upper"}),
        ("``sorted(items.values(), key=lambda i: |)``", {"i"}, set()),
        ("``math.|``", {"gcd", "isnan"}, {"pi_"}),
        ("``Item.|``", {"parent"}, {"price", "total"}),
        ("``names.|``", {"get"}, {"update"}),
        ("``Item(1, []).|``", {"price"}, set()),
        ("``amount.nothing.|``", set(), {"amount"}),
        ("``nobody.|``", set(), {"amount"}),
        ("``for |", set(), {"amount"}),
        ("``lambda |``", set(), {"amount"}),
        ("``[x for x| in weights]``", set(), {"amount"}),
    ],
)
def test_names_fit_their_place(clause: str, some: set[str], none: set[str]) -> None:
    found = set(in_ensures(clause))
    assert some <= found
    assert not none & found


def test_a_clause_goes_on_over_lines() -> None:
    assert "amount" in in_ensures("``len(result) == amount\n          and |``")
    assert "amount" in in_ensures("``len(result) == amount\n          and |")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize(
    "lines",
    [
        "    |",
        "    Ensures:\n        - ``amount\n          == |``",
        "    Requires:\n        - ``weights.|",
        "    Raises:\n        |",
        "    Effects:\n        - ``|``",
    ],
)
def test_line_ends_of_other_systems(lines: str, end: str) -> None:
    text = HEAD + lines + TAIL
    found = Writing(text).labels()
    assert found
    assert Writing(text.replace("\n", end)).labels() == found
    assert Writing("\ufeff" + text.replace("\n", end)).labels() == found


def test_what_was_typed_is_replaced_whole() -> None:
    after = writing("    Ensures:\n        - ``weights.co|unt(1) == 2``").typed("index")
    assert "- ``weights.index(1) == 2``" in after
    assert "``old($1)``" in writing("    Ensures:\n        - ``o|``").typed("old(…)", snippets=True)
    assert "``old(``" in writing("    Ensures:\n        - ``o|``").typed("old(…)")
    assert "``old(amount)``" in writing("    Ensures:\n        - ``o|(amount)``").typed("old(…)")


def test_self_and_what_it_has() -> None:
    found = Writing(HEAD.replace("``self.price >= 0``", "``|``") + TAIL).labels()
    assert {"self", "self.price", "self.total", "self.first"} <= set(found)
    assert "self.rename" not in found
    found = Writing(HEAD.replace("``self.price >= 0``", "``self.|``") + TAIL).labels()
    assert found[:4] == ["price", "tags", "parent", "first"]
    method = HEAD.replace(
        '"""The price with tax."""', '"""T.\n\n        Requires:\n            - ``self.|``\n        """', 1
    )
    assert "price" in Writing(method + TAIL).labels()


def test_names_of_another_module(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "from .base import Base\n\n\nclass Order(Base):\n    lines: list[str]\n\n\n"
        "class Missing(Exception):\n    pass\n\n\ndef load(key: str) -> Order:\n    return Order()\n"
    )
    (tmp_path / "base.py").write_text("class Base:\n    key: int\n")
    (tmp_path / "__init__.py").write_text("")
    head = (
        "from .models import Missing, Order, load\nfrom . import models\n\n\ndef f(order: Order) -> Order:\n"
    )
    uri = (tmp_path / "shop.py").as_uri()

    def found(clause: str) -> Writing:
        text = f'{head}    """F.\n\n    {clause}\n    """\n    return order\n'
        return Writing(text, folder=tmp_path.parent, uri=uri)

    assert found("Ensures:\n        - ``order.|``").labels() == ["lines", "key"]
    assert found('Ensures:\n        - ``load("a").|``').labels() == ["lines", "key"]
    assert found("Ensures:\n        - ``models.|``").labels() == ["Order", "Missing", "load"]
    assert "Missing" in found("Raises:\n        |").labels()
    assert "Order" not in found("Raises:\n        |").labels()


def test_a_file_beside_is_no_part_of_what_results_rest_on(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("class Order:\n    key: int\n")
    text = "from models import Order\n\n\ndef f(o: Order) -> int:\n"
    text += '    """F.\n\n    Ensures:\n        - ``o.|``\n    """\n'
    uri = (tmp_path / "shop.py").as_uri()
    here = Writing(text, folder=tmp_path, uri=uri)
    assert here.labels() == ["key"]
    around = here.project.neighbours(uri)
    assert around is not None
    assert not around.touched().items


# Holes -------------------------------------------------------------------------------------------------


def test_the_holes_that_are_there() -> None:
    lines = "    Requires:\n        - ``?most: int``\n\n    Ensures:\n        - ``len(result) <= ?|``"
    here = writing(lines)
    assert here.labels() == ["?most"]
    assert "<= ?most``" in here.typed("?most")


def test_what_is_known_to_fill_a_hole() -> None:
    here = writing("    Ensures:\n        - ``len(result) <= ?mo|st``")
    function = next(f for f in here.extraction.module.functions if f.name == "allocate")
    hole = next(h for h in function.holes if h.hole == "term")
    candidates = (
        Candidate(text="LIMIT", evidence="proved of the body"),
        Candidate(text="3", evidence="", fills=(("a", "b"),)),
    )
    found = here.answer(resolved={hole.id: hole.model_copy(update={"candidates": candidates})})
    assert found is not None
    assert [(o.label, o.text, o.filter, o.detail) for o in found.items] == [
        ("LIMIT", "LIMIT", "?most", "proved of the body")
    ]


def test_the_type_of_a_hole() -> None:
    found = labels("    Ensures:\n        - ``?most: |``")
    assert {"int", "list", "Item"} <= set(found)
    assert not {"amount", "taxed"} & set(found)


# The other sections ------------------------------------------------------------------------------------


def test_exceptions() -> None:
    here = writing("    Raises:\n        |")
    assert here.labels()[:3] == ["Refused", "ValueError", "TypeError"]
    assert "\n        Refused: If ``$1``.\n" in here.typed("Refused", snippets=True)
    assert "\n        Refused: \n" in here.typed("Refused")
    assert "Refused: If ``amount``" in writing("    Raises:\n        Val|: If ``amount``.").typed("Refused")
    assert "amount" in labels("    Raises:\n        ValueError: If ``|")
    assert "result" not in labels("    Raises:\n        ValueError: If ``|``")
    assert "\n        ValueError: If ``$1``.\n" in writing("    Raises:\n        ValueError: |").typed(
        "If ``…``", snippets=True
    )


def test_effects() -> None:
    assert labels("    Effects:\n        - |")[:2] == ["console", "none"]
    assert "- ``console``\n" in writing("    Effects:\n        - con|").typed("console")
    assert "- ``console``\n" in writing("    Effects:\n        - ``con|``").typed("console")
    assert labels("    Effects:\n        - ``console``: wor|ds") == []


def test_modifies() -> None:
    found = labels("    Modifies:\n        - ``|``")
    assert found[0] == "weights"
    assert {"items", "none", "names"} <= set(found)
    assert not {"amount", "LIMIT", "taxed"} & set(found)
    assert "none" not in labels("    Modifies:\n        - ``items``\n        - ``|``")
    assert "- ``weights``\n" in writing("    Modifies:\n        - we|").typed("weights")
    assert "price" in labels('    Modifies:\n        - ``items["a"].|``')


# While nothing parses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", '    """\n    return weights\n', "\n    return weights\n"])
@pytest.mark.parametrize("clause", ["``weights.|", "``all(w.| for w in weights", "``|"])
def test_a_docstring_that_has_no_end_yet(ending: str, clause: str) -> None:
    after = '\n\ndef other(a: int) -> int:\n    """O.\n\n    Requires:\n        - ``a``\n    """\n'
    here = Writing(HEAD + f"    Ensures:\n        - {clause}\n" + ending + after)
    assert here.labels()


def test_the_header_counts_as_it_is_now() -> None:
    docstring = '    """F.\n\n    Requires:\n        - ``|\n    """\n    return 1\n'
    before = "def f(old_name: int) -> int:\n" + docstring.replace("|", "old_name``")
    now = "def f(fresh: str, more=(1,\n    2)) -> int:\n" + docstring.replace("1\n", "(\n")
    found = {o.label: o.detail for o in Writing(now, before=before).offers()}
    assert found["fresh"] == "str"
    assert "old_name" not in found


def test_a_method_that_was_just_begun() -> None:
    before = 'class C:\n    """C."""\n    size: int\n'
    method = '\n    def f(self, x: int) -> int:\n        """F.\n\n        Requires:\n            - ``self.|'
    assert Writing(before + method, before=before).labels() == ["size"]
