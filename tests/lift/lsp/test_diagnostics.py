"""Diagnostics, written as plain data, are what lsprotocol says a diagnostic is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.ide import Finding
from lift.lsp.diagnostics import to_diagnostic
from lift.lsp.documents import Document
from lift.lsp.greeting import ENCODINGS, Client
from lift.source.positions import LineIndex
from lift_ir import Position, Span
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter

CONVERTER = get_converter()
TEXT = "s = '😋é'  # x\n\n    \tlast"
DOCUMENT = Document("file:///a%20b.py", "python", 7, 3, LineIndex(TEXT))
PLACES = st.builds(Position, line=st.integers(1, 5), column=st.integers(0, 20))
SPANS = st.tuples(PLACES, PLACES).map(
    lambda ends: Span(
        start=min(ends, key=lambda p: (p.line, p.column)), end=max(ends, key=lambda p: (p.line, p.column))
    )
)
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(["refuted", "open-type", None]),
    severity=st.sampled_from(["error", "warning", "information", "hint"]),
    message=st.text(max_size=20),
    span=SPANS,
    related=st.lists(st.tuples(SPANS, st.text(max_size=5)), max_size=2).map(tuple),
    unnecessary=st.booleans(),
    data=st.just({"function": "f"}),
)
CLIENTS = st.builds(
    Client,
    encoding=st.sampled_from(ENCODINGS),
    related=st.booleans(),
    tags=st.sampled_from([frozenset(), frozenset({1, 2})]),
    data=st.booleans(),
)


@given(FINDINGS, CLIENTS)
def test_every_diagnostic_is_well_formed_and_fits_the_client(finding: Finding, client: Client) -> None:
    plain = to_diagnostic(finding, DOCUMENT, client)
    typed = CONVERTER.structure(plain, lsp.Diagnostic)
    assert CONVERTER.unstructure(typed) == plain
    assert client.related or typed.related_information is None
    assert client.data or typed.data is None
    assert 1 in client.tags or typed.tags is None
    assert (typed.code, typed.message, typed.source) == (finding.code, finding.message, "lift")


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 11), ("utf-16", 8), ("utf-32", 7)])
def test_columns_are_in_the_clients_units(encoding: str, end: int) -> None:
    span = Span(start=Position(line=1, column=4), end=Position(line=1, column=7))
    finding = Finding(code=None, severity="error", message="m", span=span)
    found = to_diagnostic(finding, DOCUMENT, Client(encoding=encoding))["range"]  # type: ignore[arg-type]
    assert found == {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": end}}
