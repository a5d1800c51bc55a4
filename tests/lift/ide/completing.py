"""Texts under analysis with a cursor, for the tests of what helps while a specification is written."""

from __future__ import annotations

from pathlib import Path

from lift.config import Config
from lift.extract import Extraction
from lift.ide.completion import Offer, Offers, completions
from lift.project import Project
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift_ir import Hole

URI = "file:///module.py"
CURSOR = "|"


class Writing:
    """A text with a cursor.

    Args:
        source: The text, ``|`` where the cursor is.
        before: What the text was when it last parsed, if that is another one.
    """

    def __init__(
        self,
        source: str,
        *,
        before: str | None = None,
        folder: Path | None = None,
        uri: str = URI,
        cursor: str = CURSOR,
    ) -> None:
        self.offset = source.index(cursor)
        self.text = source.replace(cursor, "", 1)
        self.uri = uri
        self.project = Project(folder or Path.cwd(), Config(cache=False))
        if before is not None:
            self.project.analyse(Snapshot(uri, 0, before))
        self.extraction: Extraction = self.project.analyse(Snapshot(uri, 1, self.text))

    def answer(self, *, snippets: bool = False, resolved: dict[str, Hole] | None = None) -> Offers | None:
        position = LineIndex(self.text).position(self.offset)
        return completions(self.project, self.uri, position, snippets=snippets, resolved=resolved)

    def offers(self, *, snippets: bool = False) -> list[Offer]:
        """What is offered, as a client sorts it."""
        found = self.answer(snippets=snippets)
        items = found.items if found is not None else ()
        return sorted(items, key=lambda offer: offer.rank)

    def labels(self) -> list[str]:
        return [offer.label for offer in self.offers()]

    def offer(self, label: str, *, snippets: bool = False) -> Offer:
        return next(o for o in self.offers(snippets=snippets) if o.label == label)

    def typed(self, label: str, *, snippets: bool = False) -> str:
        """The text after an offer was chosen."""
        found = self.answer(snippets=snippets)
        assert found is not None
        offer = next(o for o in found.items if o.label == label)
        index = LineIndex(self.text)
        start, end = index.offset(found.span.start), index.offset(found.span.end)
        assert start <= self.offset <= end
        text = offer.text.replace("\n", f"\n{found.indent}")
        return self.text[:start] + text + self.text[end:]
