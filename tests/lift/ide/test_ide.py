"""What an editor shows, as source with a cursor and the text that is expected for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from lift import ide
from lift.config import Config, load
from lift.edit import apply
from lift.project import Project
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.verify.pool import Pool
from lift_ir import Candidate, Position, Span

URI = "file:///module.py"
CURSOR = "<CURSOR>"


class Text:
    """A text under analysis, perhaps checked."""

    def __init__(self, source: str, pool: Pool, *, check: bool = False, config: Config | None = None) -> None:
        source = dedent(source).lstrip()
        self.offset = max(source.find(CURSOR), 0)
        self.text = source.replace(CURSOR, "")
        self.project = Project(Path.cwd(), config or Config(cache=False), pool=pool)
        self.version = 0
        self.analyse(self.text)
        if check:
            batch = self.project.begin(self.snapshot)
            assert list(self.project.collect(batch))

    def analyse(self, text: str) -> None:
        self.version += 1
        self.text = text
        self.snapshot = Snapshot(URI, self.version, text)
        self.project.analyse(self.snapshot)

    @property
    def cursor(self) -> Position:
        return LineIndex(self.text).position(self.offset)

    def hover(self, *, plain: bool = False) -> str | None:
        found = ide.hover_at(self.project, URI, self.cursor, ide.PLAIN if plain else ide.MARKDOWN)
        return found and re.sub(r"in (?:[\d.]+ s|less than 0.01 s)", "in … s", found.text)

    def findings(self) -> list[tuple[object, str]]:
        return [(f.code, f.message) for f in ide.findings_of(self.project, URI)]

    def fixes(self) -> dict[str, str]:
        """Title → the text after it, for what can be done at the cursor."""
        span = Span(start=self.cursor, end=self.cursor)
        return {a.title: apply(self.text, a.edits) for a in ide.actions_at(self.project, URI, span)}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(workers=1)
    yield pool
    pool.close()


@pytest.fixture
def text(pool: Pool) -> Callable[..., Text]:
    """``text(source)`` analyses a source; ``check=True`` has it verified as well."""

    def made(source: str, **options: object) -> Text:
        return Text(source, pool, **options)  # type: ignore[arg-type]

    return made


LARGER = '''
def la<CURSOR>rger(a: int, b: int) -> int:
    """The larger one.

    Requires:
        - ``a != b``

    Ensures:
        - ``result >= a``: not below a
        - Ties are broken somehow
    """
    return a if a > b else b
'''


def with_clause(*clauses: str, parameters: str = "x: int") -> str:
    """A function that returns its parameter and ensures ``clauses``."""
    lines = "".join(f"        - {c if c[0].isupper() else f'``{c}``'}\n" for c in clauses)
    return f'def f({parameters}) -> int:\n    """Do.\n\n    Ensures:\n{lines}    """\n    return x\n'


EXPECTED_HOVER = """
**larger** — ✓ proved

The larger one.

**Requires**

- `a != b`

**Ensures**

- ✓ `result >= a`: not below a
- · Ties are broken somehow — unchecked
"""


def test_hover_on_a_function(text: Callable[..., Text]) -> None:
    shown = text(LARGER, check=True).hover()
    assert shown is not None
    first = EXPECTED_HOVER.strip().split("\n")
    assert shown.split("\n")[1 : len(first)] == first[1:]
    assert "Ties are broken somehow" in shown
    assert shown.endswith("Checked in … s.")


def test_hover_on_a_function_before_it_is_checked(text: Callable[..., Text]) -> None:
    shown = text(LARGER).hover()
    assert shown is not None
    assert shown.startswith("**larger** — not checked yet; save the file to check it\n")
    assert "✓" not in shown


def test_hover_on_a_clause(text: Callable[..., Text]) -> None:
    source = LARGER.replace(CURSOR, "").replace("result >= a", "result <CURSOR>>= a")
    shown = text(source, check=True).hover()
    assert shown is not None
    assert shown.startswith("**ensures** `result >= a`\n\n✓ proved\n")
    assert "Evidence: " in shown


def test_hover_on_a_refuted_clause(text: Callable[..., Text]) -> None:
    source = '''
    def negated(flag: bool) -> bool:
        """Turn around.

        Ensures:
            - ``result is <CURSOR>flag``
        """
        return not flag
    '''
    shown = text(source, check=True).hover(plain=True)
    assert shown is not None
    assert shown.startswith("ensures result is flag\n\n✗ refuted\n")
    assert re.search(r"- negated\((True|False)\) returns (True|False) \(line 7\)", shown)
    assert "*" not in shown


def test_hover_on_an_invariant(text: Callable[..., Text]) -> None:
    shown = text(SHOP.replace("self.size >= 0", "self.<CURSOR>size >= 0"), check=True).hover()
    assert shown is not None
    assert shown.startswith("**invariant** `self.size >= 0`\n\n✓ proved\n")
    assert "The weakest verdict is that of Cart." in shown


def test_hover_on_a_hole(text: Callable[..., Text]) -> None:
    shown = text(with_clause("result <= ?li<CURSOR>mit")).hover()
    assert shown is not None
    assert shown.startswith("**Open** — ")
    assert "limit" in shown


BLOCKING = '''
def f(<CURSOR>x, y: int) -> int:
    """Do.

    Requires:
        - ``x >= ?low``
    """
    ...


f(1)
'''


def test_hover_on_a_hole_shows_candidates_and_what_it_blocks(text: Callable[..., Text]) -> None:
    shown = text(BLOCKING).hover()
    assert shown is not None
    assert "- `int`: fits the call in line 10\n" in shown
    assert "- `x >= ?low` (requires)" in shown
    assert shown.endswith("Blocks ?low of f and body of f.")
    shown = text(BLOCKING.replace(CURSOR, "").replace("...", "..<CURSOR>.")).hover()
    assert shown is not None
    assert shown.endswith("Waits for type of f's x and ?low of f.")


def test_hover_on_a_hole_of_a_class(text: Callable[..., Text]) -> None:
    shown = text(SHOP.replace("self.size >= 0", "self.size >= ?l<CURSOR>ow")).hover()
    assert shown is not None
    assert shown.startswith("**Open** — What is `low`?")


def test_hover_on_a_hole_in_a_cycle(text: Callable[..., Text]) -> None:
    body = '(<CURSOR>x):\n    """Do.\n\n    Requires:\n        - ``x``\n    """\n    '
    shown = text(f"def f{body}g(x)\n\n\ndef g{body.replace(CURSOR, '')}f(x)\n").hover()
    assert shown is not None
    assert "In a cycle with type of g's x: fill one of them first." in shown


QUIET = [
    "def pl<CURSOR>ain(a, b):\n    return a\n",
    "x = <CURSOR>1\n",
    "",
    LARGER.replace(CURSOR, "").replace("return a", "ret<CURSOR>urn a"),
]


@pytest.mark.parametrize("source", QUIET)
def test_hover_is_quiet_elsewhere(text: Callable[..., Text], source: str) -> None:
    assert text(source).hover() is None


def test_markup_of_a_value_is_escaped(text: Callable[..., Text]) -> None:
    source = '''
    def st<CURSOR>arred(flag: bool) -> str:
        """Do **not** read `*this*` as _markup_.

        Ensures:
            - ``result == "*a*" or "`" in result``
        """
        return "*a*"
    '''
    shown = text(source).hover()
    assert shown is not None
    assert r"\*\*not\*\*" in shown
    assert (
        '`` result == "*a*" or "`" in result ``' in shown or '``result == "*a*" or "`" in result``' in shown
    )


def test_findings_are_for_specified_functions_only(text: Callable[..., Text]) -> None:
    plain = "def plain(a, b):\n    return a\n\n\n"
    found = text(plain + with_clause("result > 0", "In words", parameters="x"))
    assert [code for code, _ in found.findings()] == ["open-type", "open-clause"]
    assert text(plain).findings() == []


def test_severities_can_be_switched_off(text: Callable[..., Text]) -> None:
    config, _ = load(None, {"cache": False, "severity": {"open-type": "off"}}, {})
    source = with_clause("result > ?y", parameters="x")
    assert [code for code, _ in text(source, config=config).findings()] == ["open-term"]


def test_a_broken_text_is_said_so_only_where_something_is_specified(text: Callable[..., Text]) -> None:
    assert text("def f(:\n").findings() == []
    found = text(LARGER)
    found.analyse(found.text + "def broken(:\n")
    (finding, *_) = [f for f in found.findings() if f[0] is None]
    assert "Until it is mended" in finding[1]
    assert text("def f(:\n    '''Do.\n\n    Ensures:\n        - ``x``\n    '''\n").findings()


def test_results_are_kept_and_marked_stale(text: Callable[..., Text]) -> None:
    source = LARGER.replace(CURSOR, "").replace("result >= a", "result < a")
    found = text(source, check=True)
    assert [code for code, _ in found.findings()] == ["refuted", "open-clause"]
    found.analyse(found.text.replace("a if a > b else b", "a if a >= b else b"))
    (refuted, *_) = found.findings()
    assert refuted[0] == "refuted"
    assert "(stale: the code has changed since)" in refuted[1].partition("\n")[0]


FIXES = {
    "a type from the clause": (
        'def f(<CURSOR>x):\n    """Do.\n\n    Requires:\n        - ``x > 0``\n    """\n',
        "Annotate x as int",
        "def f(x: int):\n",
    ),
    "a result from what is returned": (
        'def <CURSOR>f(x: int):\n    """Do.\n\n    Requires:\n        - ``x > 0``\n    """\n    return [x]\n',
        "Annotate f's result as list[int]",
        "def f(x: int) -> list[int]:\n",
    ),
    "a type that needs an import": (
        "from fractions import Fraction as F\n\n\nclass C: ...\n\n\n"
        'def f(<CURSOR>x, y: F):\n    """Do.\n\n    Requires:\n        - ``x > y``\n    """\n',
        "Annotate x as F",
        "def f(x: F, y: F):\n",
    ),
    "the nearest name": (
        with_clause("<CURSOR>ammount > 0", parameters="amount: int"),
        "Change to amount",
        "- ``amount > 0``\n",
    ),
}


@pytest.mark.parametrize("name", FIXES)
def test_quick_fixes(text: Callable[..., Text], name: str) -> None:
    source, title, expected = FIXES[name]
    found = text(source).fixes()
    chosen = next((t for t in found if t.startswith(title)), None)
    assert chosen is not None, list(found)
    assert expected in found[chosen]


RESOLVED = {
    "a term": (
        with_clause("x <= ?li<CURSOR>mit"),
        Candidate(text="10", evidence="is all that fits", strength="weakest"),
        "Fill ?limit with 10 (weakest, is all that fits)",
        "- ``x <= 10``",
    ),
    "a clause": (
        with_clause("It is po<CURSOR>sitive"),
        Candidate(text="result > 0", evidence="its words", allows="f(1)", forbids="f(0)"),
        "Formalise as result > 0 (allows f(1); forbids f(0))",
        "- ``result > 0``: It is positive",
    ),
    "an effect": (
        with_clause("x", "?wh<CURSOR>at").replace("        - ``?wh", "\n    Effects:\n        - ``?wh"),
        Candidate(text="network", evidence="it calls urlopen"),
        "Declare the effect network (it calls urlopen)",
        "- ``network``",
    ),
    "an intent": (
        with_clause("x").replace("def f", "def <CURSOR>f").replace("Do.", ""),
        Candidate(text="Do it well.", evidence="its name"),
        "Write the summary “Do it well.” (its name)",
        '"""Do it well.\n',
    ),
    "a class's term": (
        'class C:\n    """Do.\n\n    Invariants:\n        - ``self.size >= ?l<CURSOR>ow``\n    """\n\n'
        "    size: int\n",
        Candidate(text="0", evidence="proved"),
        "Fill ?low with 0 (proved)",
        "self.size >= 0",
    ),
}


@pytest.mark.parametrize(("source", "candidate", "title", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_what_a_worker_found_is_offered(
    text: Callable[..., Text], source: str, candidate: Candidate, title: str, expected: str
) -> None:
    found = text(source)
    span = Span(start=found.cursor, end=found.cursor)
    module = found.project.analyse(found.snapshot).module
    owners = (*module.all_functions(), *module.classes)
    resolved = {h.id: h.model_copy(update={"candidates": (candidate,)}) for o in owners for h in o.holes}
    offered = {a.title: a for a in ide.actions_at(found.project, URI, span, resolved=resolved)}
    assert title in offered, list(offered)
    assert expected in apply(found.text, offered[title].edits)


def test_three_are_shown_and_the_others_behind_an_entry(text: Callable[..., Text]) -> None:
    found = text(with_clause("x <= ?li<CURSOR>mit"))
    span = Span(start=found.cursor, end=found.cursor)
    (hole,) = found.project.analyse(found.snapshot).module.functions[0].holes
    every = tuple(Candidate(text=str(n), evidence="") for n in range(5))
    resolved = {hole.id: hole.model_copy(update={"candidates": every})}
    *shown, entry = ide.actions_at(found.project, URI, span, resolved=resolved)
    assert [a.title for a in shown] == ["Fill ?limit with 0", "Fill ?limit with 1", "Fill ?limit with 2"]
    assert (entry.title, entry.edits) == ("Other resolutions…", ())
    assert [a.title for a in entry.others] == ["Fill ?limit with 3", "Fill ?limit with 4"]
    assert "x <= 4" in apply(found.text, entry.others[1].edits)


def test_a_refuted_clause_becomes_a_doctest_of_what_should_hold(text: Callable[..., Text]) -> None:
    source = '''
    def negated(flag: bool) -> bool:
        """Turn around.

        Ensures:
            - ``result <CURSOR>is flag``
        """
        return not flag
    '''
    found = text(source, check=True).fixes()
    example, exclusion = found.values()
    assert re.search(r"    Examples:\n        >>> negated\((True|False)\) is \1\n        True\n", example)
    assert re.search(r"    Requires:\n        - ``flag is not (True|False)``\n\n    Ensures:", exclusion)


def test_the_exclusion_of_a_division_by_zero_is_general(text: Callable[..., Text]) -> None:
    source = '''
    def ratio(a: int, b: int) -> int:
        """Divide.

        Ensures:
            - ``result * b <= a or b < 0``
        """
        return a // <CURSOR>b
    '''
    found = text(source, check=True)
    (raising,) = [f for f in ide.findings_of(found.project, URI) if f.code == "may-raise"]
    titles = [a.title for a in ide.actions_at(found.project, URI, raising.span)]
    assert "Rule the input out: require b != 0" in titles


def test_nothing_is_offered_for_a_text_that_does_not_parse(text: Callable[..., Text]) -> None:
    found = text(FIXES["a type from the clause"][0])
    found.analyse(found.text + "def broken(:\n")
    assert found.fixes() == {}


SHOP = '''
class Cart:
    """A cart.

    Invariants:
        - ``self.size >= 0``
    """

    def __init__(self) -> None:
        self.size: int = 0

    def add(self, count: int) -> None:
        """Add.

        Requires:
            - ``count >= 0``
        """
        self.size += count


def plain(x):
    return x


def larger(a: int) -> int:
    """Do.

    Ensures:
        - ``result >= a``
    """
    return a
'''


def test_symbols_are_a_tree_of_what_is_specified(text: Callable[..., Text]) -> None:
    found = ide.symbols(text(SHOP).project, URI)
    assert [(s.kind, s.name, [c.name for c in s.children]) for s in found] == [
        ("class", "Cart", ["__init__", "add"]),
        ("function", "larger", []),
    ]


def test_lenses_and_hints_are_off_until_asked_for(text: Callable[..., Text]) -> None:
    everything = Span(start=Position(line=1, column=0), end=Position(line=99, column=0))
    quiet = text(LARGER, check=True)
    assert ide.lenses(quiet.project, URI) == ()
    assert ide.hints(quiet.project, URI, everything) == ()
    config, _ = load(None, {"cache": False, "lens": True, "hints": True}, {})
    loud = text(LARGER, check=True, config=config)
    assert [lens.function for lens in ide.lenses(loud.project, URI)] == ["larger"]
    assert "✓" in [hint.label for hint in ide.hints(loud.project, URI, everything)]
    assert ide.hints(loud.project, URI, Span(start=everything.start, end=everything.start)) == ()


def test_a_lens_says_that_a_check_runs(text: Callable[..., Text]) -> None:
    config, _ = load(None, {"cache": False, "lens": True}, {})
    found = text(LARGER, config=config)
    assert [lens.title for lens in ide.lenses(found.project, URI)] == ["check"]
    assert [lens.title for lens in ide.lenses(found.project, URI, is_running=True)] == ["checking…"]


def test_the_page_of_a_specification(text: Callable[..., Text]) -> None:
    found = text(LARGER + "\n\ndef plain(x):\n    return x\n", check=True)
    page = ide.specification_page(found.project, URI)
    assert page.title == "module.py"
    assert "## larger" in page.text
    assert "plain" not in page.text
    assert "Nothing here" in ide.specification_page(found.project, URI, "plain").text


POUR = '''
def pour(full: int) -> int:
    """Pour one glass into another.

    Requires:
        - ``full >= 0``

    Ensures:
        - ``result == full``
    """
    left, right = full, 0
    while left<CURSOR> > 0:
        left -= 1
        right += 1
    return right
'''
EXPECTED_LOOP = """
**Loop** — invariants that were found and proved

- `left + right == full`
- `right >= 0`
- `left >= 0`
"""


def test_hover_on_a_loop_shows_the_invariants_that_were_found(text: Callable[..., Text]) -> None:
    made = text(POUR, check=True)
    assert made.hover() == EXPECTED_LOOP.strip()
    line = made.cursor.line
    assert ide.assertable_loop(made.project, URI, line) == ("pour", line)
    assert ide.assertable_loop(made.project, URI, line - 1) is None


def test_found_invariants_move_with_the_loop_and_go_stale_with_it(text: Callable[..., Text]) -> None:
    made = text(POUR, check=True)
    made.offset += 1
    made.analyse("\n" + made.text)
    line = made.cursor.line
    assert made.hover() == EXPECTED_LOOP.strip()
    assert ide.assertable_loop(made.project, URI, line) == ("pour", line)
    made.analyse(made.text.replace("right += 1", "right += 2"))
    shown = made.hover()
    assert shown is not None
    assert "stale" in shown.split("\n")[0]
    assert ide.assertable_loop(made.project, URI, line) is None


def test_hover_on_a_loop_says_what_stands_for_the_rounds(text: Callable[..., Text]) -> None:
    source = '''
    def known(xs: list[int], x: int) -> bool:
        """Whether it is there.

        Ensures:
            - ``result == any(y == x for y in xs)``
        """
        for y in x<CURSOR>s:
            if y == x:
                return True
        return False
    '''
    made = text(source, check=True)
    shown = made.hover()
    assert shown is not None
    assert "xs[:k]" in shown
    assert "`k` is the number of rounds done." in shown
    assert ide.assertable_loop(made.project, URI, made.cursor.line) is None
