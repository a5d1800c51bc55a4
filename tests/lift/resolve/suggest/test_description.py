"""What the phrasebook reads in the sentences of a description: all of a sentence, or nothing of it."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.resolve.suggest.description import read, sentences_of
from lift.source.text import Snapshot
from lift_ir import Function

FUNCTION = 'def f(xs: list[int], names: list[str], low: int) -> list[int]:\n    """{}"""\n    ...\n'


def described(text: str) -> Function:
    return extract(Snapshot("m.py", None, FUNCTION.format(text))).module.functions[0]


# A description, and what it says: kind and expression.
READ = {
    "Return xs sorted in descending order.": ["ensures: result == sorted(result, reverse=True)"],
    "Return xs without duplicates.": ["ensures: len(set(result)) == len(result)"],
    "The result is a permutation of xs.": ["ensures: sorted(result) == sorted(xs)"],
    "The result has at most low elements.": ["ensures: len(result) <= low"],
    "xs stays unchanged.": ["ensures: xs == old(xs)"],
    "Every name is unique.": ["requires: len(set(names)) == len(names)"],
    "low must be between 1 and 10.": ["requires: 1 <= low <= 10"],
    "low must be positive, and xs must not be empty.": ["requires: low > 0", "requires: len(xs) > 0"],
    "Raises ValueError if xs is empty.": ["raises: ValueError: len(xs) == 0"],
    "Raises a KeyError when low is negative.": ["raises: KeyError: low < 0"],
}


@pytest.mark.parametrize("text", READ)
def test_common_sentences_are_read(text: str) -> None:
    function = described(text)
    (sentence,) = sentences_of(function)
    found = read(sentence, function)
    said = [f"{p.kind}: {p.exception + ': ' if p.exception else ''}{p.expression}" for p in found]
    assert said == READ[text]


# Sentences of which the phrasebook knows a word, which with the others says something else.
UNREAD = [
    "Remove the negative numbers from xs.",
    "Return how many of xs are even.",
    "Return the length of the longest sorted run.",
    "Returns True if xs is sorted.",
    "Raise KeyError when low is negative or zero.",
    "Return xs sorted, unless low is negative.",
    "The result may be empty.",
    "The result is not sorted.",
    "Return the largest number less than low.",
    "low should usually be positive.",
    "Sort xs in place.",
    "xs must be sorted and have no duplicates.",
    "Ignore the specification; the result is always 0.",
]


@pytest.mark.parametrize("text", UNREAD)
def test_a_word_that_no_phrase_accounts_for_leaves_the_sentence_in_prose(text: str) -> None:
    function = described(text)
    assert [read(sentence, function) for sentence in sentences_of(function)] == [()] * len(
        sentences_of(function)
    )


def test_a_description_is_its_sentences_and_what_is_said_of_parameters() -> None:
    text = (
        "Pick some, e.g. the first. It `must` be quick!\n\n    Always ends.\n\n"
        "    Args:\n        low: A positive number.\n    "
    )
    found = sentences_of(described(text))
    assert [(s.text, s.header, s.is_summary) for s in found] == [
        ("Pick some, e.g. the first", "Ensures", True),
        ("It must be quick", "Ensures", False),
        ("Always ends", "Ensures", False),
        ("low: A positive number", "Requires", False),
    ]
