"""The server's text stays equal to the client's, whatever is edited, in every position encoding."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from lift.lsp.convert import from_column, from_position, to_column, to_offset
from lift.lsp.documents import Documents
from lift.lsp.greeting import ENCODINGS, Encoding
from lift.source.positions import LineIndex

TEXT = st.text(st.sampled_from("ab 😀é\u2028\x0c\r\n\ud83d\ufeff"), max_size=12)
URI = "file:///a.py"


class Model:
    """A client's text, kept as bytes in the agreed encoding, as an editor might."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.codec = encoding if encoding == "utf-8" else f"{encoding}-le"
        self.unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]

    def places(self) -> list[tuple[int, int, int]]:
        """Every place between two characters: its offset, line and column in units."""
        found, offset = [], 0
        for number, line in enumerate(re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.text)):
            bare = line.rstrip("\r\n") if line.endswith(("\r", "\n")) else line
            for column in range(len(bare) + 1):
                units = len(bare[:column].encode(self.codec, "surrogatepass")) // self.unit
                found.append((offset + column, number, units))
            offset += len(line)
        return found


class Synchronised(RuleBasedStateMachine):
    encoding: Encoding = "utf-16"

    @initialize(text=TEXT, encoding=st.sampled_from(ENCODINGS))
    def open(self, text: str, encoding: Encoding) -> None:
        self.model = Model(text, encoding)
        self.documents = Documents(encoding)
        self.version = 1
        self.documents.open({"uri": URI, "languageId": "python", "version": 1, "text": text})

    def change(self, *changes: object) -> None:
        self.version += 1
        _, problems = self.documents.change({"uri": URI, "version": self.version}, list(changes))
        assert problems == []

    @rule(data=st.data(), text=TEXT)
    def edit(self, data: st.DataObject, text: str) -> None:
        places = self.model.places()
        one, other = (data.draw(st.sampled_from(places)) for _ in range(2))
        # A range that ends before it starts means the same as the other way round.
        ends = [{"line": line, "character": column} for _, line, column in (one, other)]
        self.change({"range": {"start": ends[0], "end": ends[1]}, "text": text})
        start, end = sorted((one[0], other[0]))
        self.model.text = self.model.text[:start] + text + self.model.text[end:]

    @rule(text=TEXT)
    def replace(self, text: str) -> None:
        self.change({"text": text})
        self.model.text = text

    @rule(text=TEXT)
    def append_far_behind_the_end(self, text: str) -> None:
        place = {"line": 10_000, "character": 3}
        self.change({"range": {"start": place, "end": place}, "text": text})
        self.model.text += text

    @rule(text=TEXT)
    def reopen(self, text: str) -> None:
        self.documents.close(URI)
        self.documents.open({"uri": URI, "text": text})
        self.model.text = text

    @invariant()
    def texts_are_equal(self) -> None:
        document = self.documents.get(URI)
        assert document is not None
        assert document.text == self.model.text


TestSynchronised = Synchronised.TestCase


@given(TEXT, st.sampled_from(ENCODINGS))
def test_columns_go_there_and_back(line: str, encoding: Encoding) -> None:
    for column in range(len(line) + 1):
        assert to_column(line, from_column(line, column, encoding), encoding) == column


@given(TEXT, st.sampled_from(ENCODINGS))
def test_positions_go_there_and_back(text: str, encoding: Encoding) -> None:
    index = LineIndex(text)
    for offset, line, column in Model(text, encoding).places():
        assert to_offset(index, line, column, encoding) == offset
        position = from_position(index, index.position(offset), encoding)
        assert (position.line, position.character) == (line, column)


@pytest.mark.parametrize(
    ("encoding", "column", "expected"),
    [
        ("utf-16", 7, 6),
        ("utf-8", 7, 6),
        ("utf-8", 9, 6),
        ("utf-32", 7, 7),
        ("utf-16", 8, 7),
        ("utf-8", 10, 7),
    ],
)
def test_inside_a_character_means_before_it(encoding: Encoding, column: int, expected: int) -> None:
    assert to_column("x = ' 😋 y", column, encoding) == expected


@pytest.mark.parametrize(
    "change",
    [
        None,
        5,
        {},
        {"text": None},
        {"text": "z", "range": {}},
        {"text": "z", "range": {"start": {"line": "0", "character": 0}, "end": {"line": 0, "character": 0}}},
        {
            "text": "z",
            "range": {"start": {"line": None, "character": 1}, "end": {"line": 0, "character": 0}},
        },
    ],
)
def test_a_change_without_sense_is_skipped_and_said_so(change: object) -> None:
    documents = Documents("utf-16")
    documents.open({"uri": URI, "version": 1, "text": "x = 1\n"})
    document, problems = documents.change({"uri": URI, "version": None}, [change, {"text": "y = 2\n"}])
    assert len(problems) == 1
    assert document is not None
    assert document.text == "y = 2\n"
    assert document.version == 1


@pytest.mark.parametrize("item", [None, {}, {"uri": URI}, {"uri": 5, "text": ""}, {"uri": URI, "text": None}])
def test_a_document_needs_uri_and_text(item: object) -> None:
    with pytest.raises(ValueError, match="uri"):
        Documents("utf-16").open(item)


def test_a_byte_order_mark_moves_no_column() -> None:
    documents = Documents("utf-16")
    document = documents.open({"uri": URI, "text": "\ufeffdef f(): pass\n"})
    assert len(document.snapshot.text) == len(document.text)
    compile(document.snapshot.text, "a.py", "exec")
