"""Reading a file either gives its text or says what is wrong and what to do about it."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest
from lift.errors import LiftError, SourceError
from lift.source import LIMIT_BYTES, digest, read

GOOD = {
    "utf-8": ("x = 'é😋'\n".encode(), "x = 'é😋'\n"),
    "byte order mark": (codecs.BOM_UTF8 + b"x = 1\r\n", "x = 1\r\n"),
    "latin-1 by its coding line": (
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        "# -*- coding: latin-1 -*-\nx = 'é'\n",
    ),
    "coding in the second line": (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n# \x80\n", None),
    "coding in the third line is none": (b"\n\n# coding: nonsense\n", "\n\n# coding: nonsense\n"),
    "coding after code is none": (b"x = 1\n# coding: nonsense\n", None),
    "empty": (b"", ""),
}
BAD = {
    "NUL": (b"x = 1\ny = '\0'\n", 2, "NUL byte"),
    "binary": (bytes(range(256)), 1, "NUL byte"),
    "latin-1 without a coding line": (b"x = 1\ny = '\xe9'\n", 2, "save it as UTF-8"),
    "wrong coding line": (b"# coding: utf-8\ny = '\xff'\n", 2, "utf-8"),
    "unknown coding": (b"# coding: klingon\n", 1, "unknown encoding 'klingon'"),
    "coding that is no text": (b"# coding: rot13\n", 1, "no text encoding"),
    "mark against coding": (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "byte order mark"),
    "utf-16": ("x = 1\n".encode("utf-16"), 1, "UTF-16"),
    "too large": (b"#" * (LIMIT_BYTES + 1), None, "larger than 4 MB"),
}


def refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path)
    assert isinstance(caught.value, LiftError)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", GOOD)
def test_text_is_decoded_as_python_would(tmp_path: Path, name: str) -> None:
    content, text = GOOD[name]
    path = tmp_path / "m.py"
    path.write_bytes(content)
    snapshot = read(path)
    assert snapshot.text == (text if text is not None else snapshot.text)
    assert (snapshot.uri, snapshot.version) == (str(path), None)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_text_says_why(tmp_path: Path, name: str) -> None:
    content, line, message = BAD[name]
    path = tmp_path / "m.py"
    path.write_bytes(content)
    error = refused(path)
    assert message in error.message
    assert error.line == line


def test_the_limit_itself_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_bytes(b"#" * LIMIT_BYTES)
    assert len(read(path).text) == LIMIT_BYTES


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.py"
    os.mkfifo(fifo)
    assert "regular file" in refused(fifo).message
    assert "directory" in refused(tmp_path).message
    assert "does not exist" in refused(tmp_path / "none.py").message
    assert "cannot be read" in refused(tmp_path / "nul\0.py").message


def test_digests_name_texts() -> None:
    assert digest("a") == digest("a") != digest("b")
    assert len(digest("\ud800")) == 16
