"""A digest is only reused where computing it anew would give the same one."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.store.freshness import Outline, outline_of
from lift.verify.digests import dependencies_of, digest_of
from lift.verify.options import Options

TEXT = '''\
LIMIT = 3
WORDS = """one
two
"""


def low() -> int:
    """Low.

    Ensures:
        - ``result == 1``
    """
    return 1


def high() -> int:
    """High.

    Ensures:
        - ``result == 2``
    """
    return low() + 1


class Box:
    def __init__(self) -> None:
        self.size = 1

    def grow(self) -> int:
        return high()


def alone() -> int:
    return LIMIT
'''


def known(text: str) -> tuple[Outline, dict[str, str], dict[str, frozenset[str]]]:
    """The outline of a text, and each function's digest and dependencies, computed anew."""
    module = extract(Snapshot("a.py", None, text)).module
    names = [f.qualname for f in module.all_functions()]
    digests = {name: digest_of(module, text, name, Options()) for name in names}
    return outline_of(module, text), digests, {name: dependencies_of(module, text, name) for name in names}


def held(before: str, after: str) -> set[str]:
    """The functions whose digest is taken to hold after an edit; each of them must really have it."""
    outline, digests, dependencies = known(before)
    now, fresh, _ = known(after)
    bases = {name: outline.basis(digests[name], dependencies[name]) for name in digests}
    kept = {name for name, basis in bases.items() if basis.holds_in(now)}
    assert {name: digests[name] for name in kept} == {name: fresh.get(name) for name in kept}
    return kept


EVERYTHING = {"low", "high", "Box.__init__", "Box.grow", "alone"}


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("return 1", "return  1", {"Box.__init__", "alone"}),
        ("``result == 2``", "``result >= 2``", {"low", "Box.__init__", "alone"}),
        ("return LIMIT", "return LIMIT + 1", EVERYTHING - {"alone"}),
        ("\n\n\nclass Box", "\n\n\n# A box.\n\n\nclass Box", EVERYTHING),
        ("\n\n\ndef low", "\n\n\n\n\ndef low", set()),
        ("LIMIT = 3", "LIMIT = 4", set()),
        ("one\ntwo", "one\n\ntwo", set()),
        ("one\ntwo", "one\n# two", set()),
        ("self.size = 1", "self.size = 2", set()),
        ("def alone", "def lonely", set()),
        ("class Box", "def low() -> int:\n    return 3\n\n\nclass Box", set()),
    ],
)
def test_what_an_edit_leaves_alone_is_kept(old, new, kept):
    assert old in TEXT
    assert held(TEXT, TEXT.replace(old, new, 1)) == kept
