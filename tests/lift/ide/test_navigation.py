"""Definitions and mentions told as a text with a cursor (``^``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.ide import naming, navigation
from lift.ide.navigation import Place, definitions_at, mentions_at
from lift.source.text import Snapshot

from tests.lift.ide.completing import Writing

TEXT = '''\
from shop.rules import fair, Rule
from shop import rules

LIMIT = 10


class Late(Exception):
    """Too late."""


class Cart:
    """A cart.

    Invariants:
        - ``self.total >= 0``
    """

    total: int = 0

    def size(self) -> int:
        return self.total

    def add(self, item: int, rule: Rule) -> int:
        """Add an item.

        Requires:
            - ``item <= LIMIT and fair(item) and rules.MOST > 0``
            - ``all(item > 0 for item in [self.size()]) and rule.weight > 1``

        Ensures:
            - ``result == old(self.total) + ?more``
            - ``?more: int``: how many?

        Args:
            item: The item.

        Raises:
            Late: If ``item == 3``.
            ValueError: If ``len([item]) == 4``.
        """
        return item
'''
RULES = """\
MOST = 3


class Rule:
    weight: int


def fair(item):
    return item > 0
"""


def shown(places: tuple[Place, ...]) -> list[str]:
    """Each place as its line and text, those of other files with the file's name."""
    found = [(p.path.name if p.path else "", p.span.start.line, p.index.text_at(p.span)) for p in places]
    return [f"{name}{line}:{text}" for name, line, text in found]


def writing(cursor: str, folder: Path) -> Writing:
    (folder / "shop").mkdir()
    (folder / "shop/__init__.py").write_text("")
    (folder / "shop/rules.py").write_text(RULES)
    source = TEXT.replace(cursor.replace("^", ""), cursor, 1)
    return Writing(source, folder=folder, uri=f"file://{folder / 'main.py'}", cursor="^")


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        ("``i^tem <= LIMIT", ["23:item"]),
        ("LIM^IT and", ["4:LIMIT"]),
        ("fai^r(item)", ["rules.py8:fair"]),
        ("rules.MO^ST", ["rules.py1:MOST"]),
        ("rul^es.MOST", ["rules.py1:"]),
        ("all(ite^m > 0", ["28:item"]),
        ("for ite^m in", ["28:item"]),
        ("[self.si^ze()]", ["20:size"]),
        ("rule.wei^ght", ["rules.py5:weight"]),
        ("``self.tot^al >= 0", ["18:total"]),
        ("old(self.tota^l)", ["18:total"]),
        ("``resu^lt ==", ["23:int"]),
        ("+ ?mo^re", ["32:?more"]),
        ("ite^m: The", ["23:item"]),
        ("La^te: If", ["7:Late"]),
        ("Value^Error: If", []),
        ("l^en([", []),
        ("return it^em", []),
        ("def add(self, it^em", []),
        ("Add an it^em", []),
    ],
)
def test_where_a_name_of_a_specification_is_bound(cursor: str, expected: list[str], tmp_path: Path) -> None:
    written = writing(cursor, tmp_path)
    assert shown(definitions_at(written.project, written.extraction, written.offset)) == expected


ITEM = ["23:item", "27:item", "27:item", "35:item", "38:item", "39:item"]


@pytest.mark.parametrize(
    ("cursor", "expected", "declared"),
    [
        ("``i^tem <= LIMIT", ITEM, ITEM[:1]),
        ("def add(self, it^em", ITEM, ITEM[:1]),
        ("return it^em", ITEM, ITEM[:1]),
        ("for ite^m in", ["28:item", "28:item"], ["28:item"]),
        ("+ ?mo^re", ["31:?more", "32:?more"], ["32:?more"]),
        ("``resu^lt ==", ["23:int", "31:result"], ["23:int"]),
        ("LI^MIT = 10", ["4:LIMIT", "27:LIMIT"], ["4:LIMIT"]),
        ("class La^te", ["7:Late", "38:Late"], ["7:Late"]),
        ("class Ca^rt", [], []),
        ("Add an it^em", [], []),
    ],
)
def test_where_specifications_mention_a_name(
    cursor: str, expected: list[str], declared: list[str], tmp_path: Path
) -> None:
    written = writing(cursor, tmp_path)
    found = mentions_at(written.extraction, written.offset)
    assert shown(found) == expected
    assert shown(tuple(p for p in found if p.declares)) == declared


class Forgetful(dict[str, naming.Names]):
    """Keeps nothing, as after an edit."""

    def __setitem__(self, key: str, value: naming.Names) -> None:
        pass


EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_is_left_unread_changes_no_answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extraction = extract(Snapshot(path.as_uri(), 1, path.read_text(encoding="utf-8")))
    places = range(0, len(extraction.snapshot.text), 2)
    monkeypatch.setattr(naming, "_known", Forgetful())
    quick = [mentions_at(extraction, place) for place in places]
    monkeypatch.setattr(naming, "_known", {})
    monkeypatch.setattr(navigation, "names_near", lambda extraction, _: naming.names_of(extraction))
    monkeypatch.setattr(navigation, "_is_said", lambda *_: True)
    assert quick == [mentions_at(extraction, place) for place in places]
    assert any(quick)
