"""The fragments in changes/ are named so that a changelog can be put together from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHANGES = Path(__file__).resolve().parents[2] / "changes"
FRAGMENTS = sorted(path for path in CHANGES.iterdir() if path.name != "README.md")
KINDS = "added|changed|fixed|removed"


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_one_sentence_or_two_for_users(fragment: Path) -> None:
    assert re.fullmatch(rf"[a-z0-9]+(-[a-z0-9]+)*\.({KINDS})\.md", fragment.name)
    text = fragment.read_text(encoding="utf-8")
    assert text == text.strip() + "\n"
    assert text[0].isupper()
    assert len(text) <= 400
