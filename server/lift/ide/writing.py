"""Where in a specification somebody is writing: under which header, in which bullet, in which clause.

Told from the lines around the cursor alone, so that it holds while nothing parses. Must not know LSP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lift.extract import Extraction
from lift.ide.docstrings import Docstring, Layout, Section, docstring_at, layout_of, width

Spot = Literal["header", "bullet", "clause", "type", "exception", "condition", "word", "target"]
_WORD = re.compile(r"[A-Za-z]*(?: [A-Za-z]+)?$")
_CLOSED = re.compile(r"\s*(?:[.;,]?\s*$|:(?=\s|$))")
_CLAUSES = frozenset({"requires", "ensures", "invariant", "decreases"})
_DECLARED = re.compile(r"\s*\?[^\W\d]\w*\s*:\s*")
_RAISED = re.compile(r"((?::\w+:)?`{0,2}~?[^\W\d][\w.]*`{0,2})[ \t]*:[ \t]*")
_CONDITION = re.compile(r"(?:raised\s+)?(?:only if|iff|if and only if|if|when|whenever)\s+``", re.IGNORECASE)
_LONGEST = 20_000


@dataclass(frozen=True)
class Place:
    """What somebody is writing; all places are offsets in the text.

    Attributes:
        spot: ``header`` of a section, a ``bullet`` that has not started, a ``clause`` (an expression) or the
            ``type`` of a hole in one, an ``exception`` that is raised, the ``condition`` behind it, a
            ``word`` of Effects, a ``target`` of Modifies.
        section: What it is under, None for a header.
        start: Where what was typed of it starts.
        end: Where it ends.
        text: The whole expression, for a clause and what is like it.
        offset: Where that starts.
        quoted: Whether the place is in double backticks.
        lone: Whether nothing else follows on the line; for a header, also not the docstring's quotes.
    """

    docstring: Docstring
    layout: Layout
    spot: Spot
    section: Section | None
    start: int
    end: int
    text: str = ""
    offset: int = 0
    quoted: bool = False
    lone: bool = False


def place_at(extraction: Extraction, offset: int) -> Place | None:
    """What is being written at an offset; None outside docstrings, and in prose."""
    docstring = docstring_at(extraction, offset)
    if docstring is None:
        return None
    content = extraction.snapshot.text[docstring.start : docstring.end]
    return _Reader(docstring, content, offset - docstring.start).place()


class _Reader:
    """One docstring and a place in it; offsets are those of its text."""

    def __init__(self, docstring: Docstring, content: str, offset: int) -> None:
        self.docstring = docstring
        self.content = content.replace("\r\n", " \n").replace("\r", "\n")
        self.offset = offset
        self.layout = layout_of(content, width(docstring.indent))
        self.number = self.content.count("\n", 0, offset)
        self.line_start = self.content.rfind("\n", 0, offset) + 1
        stop = self.content.find("\n", offset)
        self.line_end = len(self.content) if stop < 0 else stop
        self.line = self.content[self.line_start : self.line_end]

    def place(self) -> Place | None:
        """What is written at the place."""
        if self.number >= len(self.layout.rows):
            return None
        row = self.layout.rows[self.number]
        blank = not row.text
        before = self.content[self.line_start : self.offset]
        margin = width(before[: len(before) - len(before.lstrip())]) if self.number else self._margin()
        if blank and self.number:
            margin = width(before)
        section = self._section(margin, blank)
        if section is None:
            return self._header(margin)
        if self.number <= section.header:
            # A word with a colon is a header to come as long as nothing stands under it.
            rows = self.layout.rows[section.first : section.stop]
            fresh = section.part == "other" and not any(row.text for row in rows)
            return self._header(margin) if fresh else None
        if section.part == "raises":
            return self._raises(section)
        if section.part in {"examples", "other"}:
            return None
        return self._bullet(section)

    def _margin(self) -> int:
        return width(self.docstring.indent)

    def _section(self, margin: int, blank: bool) -> Section | None:
        """The section that the place is in; a line that is only indented goes by where the cursor stands."""
        found = self.layout.section_at(self.number)
        if blank:
            above = [s for s in self.layout.sections if s.header < self.number]
            last = above[-1] if above else None
            inside = last is not None and self.number <= last.stop and margin > last.indent
            return last if inside else None
        return found

    def _header(self, margin: int) -> Place | None:
        """A word at the margin, after a blank line or a section."""
        before = self.content[self.line_start : self.offset]
        word = before.lstrip()
        rest = self.content[self.offset : self.line_end]
        if self.number == 0 or margin != self._margin() or not _WORD.fullmatch(word):
            return None
        if rest.strip() not in {"", ":"} and not (word and re.fullmatch(r"[A-Za-z]*:?\s*", rest)):
            return None
        rows = self.layout.rows
        above = self.number - 1
        ended = self.layout.section_at(above) is not None
        if rows[above].text and not ended:
            return None
        lone = self.line_end < len(self.content)
        return self._place(
            "header", None, self.offset - len(word), self.offset + len(rest.rstrip()), lone=lone
        )

    def _bullet(self, section: Section) -> Place | None:
        """A bullet of one of our sections: not begun, its expression, or its prose."""
        rows = self.layout.rows
        number = self.number
        while number >= section.first and rows[number].text and rows[number].bullet is None:
            number -= 1
        row = rows[number]
        if number < section.first or row.bullet is None:
            said = self.line.strip()
            if said in {"", "-", "`", "``"} and number == self.number:
                return self._place("bullet", section, self.offset - len(self._typed()), self.offset)
            return None
        start = row.start + row.bullet
        if self.offset <= row.start + 1:
            whole = row.text in {"-", "*", "+", "•"} and self.offset > row.start
            return self._place("bullet", section, row.start, self.offset) if whole else None
        while start < self.offset and self.content[start] in " \t":
            start += 1
        end = self._end_of_bullet(number)
        if self.content.startswith("``", start):
            if self.offset < start + 2:
                return None
            return self._quoted(section, start + 2, end)
        if section.part in _CLAUSES:
            # Without backticks a bullet is prose, until somebody says otherwise.
            typed = self.content[start : self.offset]
            alone = typed.strip("`") == "" and not self.content[self.offset : end].strip()
            return self._place("bullet", section, row.start, self.offset) if alone else None
        spot: Spot = "word" if section.part == "effect" else "target"
        typed = self.content[start : self.offset]
        if not re.fullmatch(r"`?[\w.]*", typed):
            return None
        return self._place(
            spot, section, start, self.offset, lone=not self.content[self.offset : end].strip()
        )

    def _typed(self) -> str:
        return self.content[self.line_start : self.offset].lstrip()

    def _end_of_bullet(self, number: int) -> int:
        rows = self.layout.rows
        indent, end = rows[number].indent, rows[number].end
        for row in rows[number + 1 :]:
            if not row.text or row.indent <= indent:
                break
            end = row.end
        return max(end, min(self.line_end, self.offset))

    def _quoted(self, section: Section, start: int, end: int) -> Place | None:
        """A place behind the first double backticks of a bullet."""
        stop = self._closing(start, end)
        if self.offset > stop:
            return None
        if self._closes(start):
            return None
        text = self.content[start:stop]
        if section.part in _CLAUSES:
            declared = _DECLARED.match(text)
            if declared is not None and self.offset - start >= declared.end():
                begin = start + declared.end()
                return self._place(
                    "type", section, self.offset, self.offset, text[declared.end() :], begin, True
                )
            return self._place("clause", section, self.offset, self.offset, text, start, True)
        if section.part == "modifies":
            return self._place("target", section, self.offset, self.offset, text, start, True)
        typed = self.content[start : self.offset]
        if not re.fullmatch(r"\s*\??\w*", typed):
            return None
        return self._place("word", section, self.offset - len(typed.lstrip()), stop, text, start, True)

    def _closes(self, start: int) -> bool:
        """Whether the first of two backticks was just typed that end what begins at ``start``."""
        return self.offset > start and self.content[self.offset - 1] == "`"

    def _closing(self, start: int, end: int) -> int:
        """Where the double backticks close that were opened before ``start``."""
        close = self.content.find("``", start, end)
        while close >= 0:
            while self.content.startswith("`", close + 2) and close + 3 <= end:
                close += 1
            if _CLOSED.match(self.content, close + 2, end):
                return close
            close = self.content.find("``", close + 2, end)
        # One that is still open reaches to the end of its line.
        line_end = self.content.find("\n", max(start, self.offset), end)
        return line_end if line_end >= 0 else end

    def _raises(self, section: Section) -> Place | None:
        rows = self.layout.rows
        number = self.number
        level = self._level(section)
        while (
            number > section.first and rows[number].text and level is not None and rows[number].indent > level
        ):
            number -= 1
        row = rows[number]
        if not row.text:
            return self._place("exception", section, self.offset, self.offset, lone=True)
        bullet = row.bullet or 0
        start = row.start + bullet
        while start < self.offset and self.content[start] in " \t":
            start += 1
        if self.offset < start:
            return None
        end = self._end_of_bullet(number)
        entry = _RAISED.match(self.content, start, end)
        if entry is None or self.offset <= entry.end(1):
            typed = self.content[start : self.offset]
            if number != self.number or not re.fullmatch(r"(?::\w+:)?`{0,2}~?[\w.]*", typed):
                return None
            name = re.search(r"[\w.]*$", typed)
            length = len(name[0]) if name else 0
            tail = re.match(r"[\w.]*", self.content[self.offset :])
            stop = self.offset + (len(tail[0]) if tail else 0)
            lone = not self.content[stop : self.line_end].strip()
            return self._place("exception", section, self.offset - length, stop, lone=lone)
        description = self.content[entry.end() : end]
        condition = _CONDITION.match(description)
        if condition is None:
            typed = self.content[entry.end() : self.offset] if self.offset >= entry.end() else ""
            rest = self.content[self.offset : end]
            if (
                self.offset < entry.end(1) + 1
                or rest.strip()
                or not re.fullmatch(r"[A-Za-z]*(?: `?)?", typed)
            ):
                return None
            return self._place("condition", section, self.offset - len(typed), self.offset)
        begin = entry.end() + condition.end()
        close = self.content.find("``", begin, end)
        if close < 0:
            line_end = self.content.find("\n", max(begin, self.offset), end)
            close = line_end if line_end >= 0 else end
        if not begin <= self.offset <= close or self._closes(begin):
            return None
        return self._place(
            "clause", section, self.offset, self.offset, self.content[begin:close], begin, True
        )

    def _level(self, section: Section) -> int | None:
        """How far the entries of a Raises section are indented."""
        rows = self.layout.rows[section.first : section.stop]
        return next((row.indent for row in rows if row.text), None)

    def _place(
        self,
        spot: Spot,
        section: Section | None,
        start: int,
        end: int,
        text: str = "",
        offset: int = 0,
        quoted: bool = False,
        lone: bool = False,
    ) -> Place | None:
        if len(text) > _LONGEST:
            return None
        base = self.docstring.start
        return Place(
            self.docstring,
            self.layout,
            spot,
            section,
            base + start,
            base + end,
            text,
            base + offset,
            quoted,
            lone,
        )
