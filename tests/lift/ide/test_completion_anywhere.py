"""Completion in texts of all kinds: it never raises, offers what is known, and what people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.ide.completion_documentation import documentation
from lift.ide.known_calls import BUILTINS, METHODS, MODULES
from lift.ide.markup import MARKDOWN, PLAIN
from lift.ide.terms import spot_at, tokens_of
from lift.source.text import Snapshot

from tests.lift.ide.completing import URI, Writing
from tests.lift.ide.test_completion import HEAD, TAIL, writing

# Whatever the text is ----------------------------------------------------------------------------------

SPECIFICATIONS = HEAD + """\
    Requires:
        - ``all(w >= 0 for w in weights)``
        - ``items["a"].price > ?least``

    Ensures:
        - ``sum(result) == amount``: nothing is lost
        - ``?most: int``: how many?

    Modifies:
        - ``weights``

    Effects:
        - ``console``

    Raises:
        Refused: If ``amount < 0``.

    Examples:
        >>> allocate(1, [1], {})
        [1]
""" + TAIL  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cut=st.tuples(st.integers(0, 2000), st.integers(0, 40)),
    put=st.text(alphabet="`?.()[]{}'\"\\ \n\r\t:-#aself😀é", max_size=8),
    place=st.integers(0, 2400),
    snippets=st.booleans(),
)
def test_nothing_raises_on_a_mutilated_text(
    cut: tuple[int, int], put: str, place: int, snippets: bool
) -> None:
    start = cut[0] % len(SPECIFICATIONS)
    text = SPECIFICATIONS[:start] + put + SPECIFICATIONS[start + cut[1] :]
    place %= len(text) + 1
    here = Writing(text[:place] + "\0" + text[place:], before=SPECIFICATIONS, cursor="\0")
    found = here.answer(snippets=snippets)
    if found is not None:
        assert found.items
        for offer in found.items:
            assert offer.text
            assert offer.label
            documentation(here.project, here.uri, offer.about, MARKDOWN)


CLAUSES = (
    "amount >= 0",
    "all(w >= 0 for w in weights if w != amount)",
    "[(a, b) for a in weights for b in [a + c for c in weights]]",
    "old(amount) == sum(result[1:3]) + {'a': amount}['a']",
    "implies(amount, items['a'].price > math.gcd(amount, 3))",
    "sorted(items.values(), key=lambda i: i.price)[0].tags == ['a']",
    "{k: v.total(1) for k, v in items.items() if (lambda x: x)(k)}",
)
UNKNOWN = ("there is no name", "has no attribute", "before the function has run")


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    clause=st.sampled_from(CLAUSES),
    place=st.integers(0, 80),
    section=st.sampled_from(["Requires", "Ensures"]),
    pick=st.integers(0, 10**6),
)
def test_what_is_offered_is_known(clause: str, place: int, section: str, pick: int) -> None:
    place %= len(clause) + 1
    lines = f"    {section}:\n        - ``{clause[:place]}\0{clause[place:]}``"
    if clause[place : place + 1].isidentifier() and not clause[place - 1 : place].isidentifier():
        # What is put right before a word becomes a part of it.
        return
    here = Writing(HEAD + lines + TAIL, cursor="\0")
    names = [o for o in here.offers() if o.kind not in {"keyword", "notation"}]
    if not names:
        return
    offer = names[pick % len(names)]
    words = {f"`{word}`" for word in offer.text.split(".")}
    problems = extract(Snapshot("file:///m.py", 1, here.typed(offer.label))).problems
    said = [p.message.partition(" cannot be checked: ")[2] for p in problems if p.code == "bad-clause"]
    assert not [m for m in said if words & set(m.split()) and any(u in m for u in UNKNOWN)], (offer, said)


EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_what_people_wrote_is_offered_where_they_wrote_it(path: Path) -> None:
    """Each name of each clause after its first letter, with the rest of the line still missing too."""
    text = path.read_text(encoding="utf-8")
    whole = extract(Snapshot(URI, 1, text))
    asked = 0
    for function in whole.module.all_functions():
        for clause in function.clauses:
            if (
                clause.source != "docstring"
                or clause.expression is None
                or clause.kind in {"effect", "example"}
            ):
                continue
            start = whole.index.offset(clause.span.start)
            tokens = tokens_of(clause.text)
            bound = {b.name for place in range(len(clause.text)) for b in spot_at(clause.text, place).names}
            for token in (t for t in tokens if t.kind == "name" and t.text not in bound):
                place = start + token.start + 1
                line_end = text.index("\n", start + len(clause.text))
                for rest in (text[place:], text[line_end:], ""):
                    here = Writing(text[:place] + "\0" + rest, before=text, cursor="\0")
                    assert token.text in {o.text.rstrip("(") for o in here.offers()}, (
                        clause.text,
                        token.text,
                    )
                asked += 1
    assert asked or not any(f.specified for f in whole.module.all_functions())


# What there is to read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "label", "expected"),
    [
        ("    |", "Ensures:", "Conditions that hold whenever"),
        ("    Ensures:\n        - ``|``", "old(…)", "the value of `e` before the call"),
        ("    Ensures:\n        - ``|``", "taxed", "def taxed(price: int) -> int"),
        ("    Ensures:\n        - ``|``", "Item", "A thing to buy."),
        ("    Ensures:\n        - ``|``", "len", "number of items"),
        ('    Ensures:\n        - ``items["a"].|``', "total", "The price with tax."),
        ("    Ensures:\n        - ``weights.|``", "count", "number of occurrences"),
        ("    Effects:\n        - |", "network", "other machines"),
    ],
)
def test_documentation(lines: str, label: str, expected: str) -> None:
    here = writing(lines)
    about = here.offer(label).about
    assert expected in (documentation(here.project, here.uri, about, MARKDOWN) or "")
    assert documentation(here.project, here.uri, about, PLAIN)


# What proofs know --------------------------------------------------------------------------------------


def test_methods_and_functions_are_those_that_proofs_know() -> None:
    from lift.verify.builtin_functions import _BUILTINS as functions
    from lift.verify.builtin_functions import LAZY
    from lift.verify.builtin_methods import METHODS as methods
    from lift.verify.float_functions import FUNCTIONS

    changing = {"append", "extend", "pop", "insert", "clear", "reverse", "sort", "remove", "setdefault"}
    changing |= {"update", "add", "discard", "intersection_update", "difference_update"}
    changing |= {"symmetric_difference_update"}
    offered = {(kind, name) for kind, table in METHODS.items() for name in table}
    # These two are told by their receiver and stand in no table.
    offered -= {("int", "bit_length"), ("float", "is_integer")}
    assert offered == {(kind, name) for kind, name in methods if name not in changing}
    known = {*functions, *LAZY, *(name for name in FUNCTIONS if "." not in name)}
    assert set(BUILTINS) == known - {"print", "iter", "next"}
    assert set(MODULES["math"]) == {name[5:] for name in FUNCTIONS if name.startswith("math.")}
