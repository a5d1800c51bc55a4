"""Pages for clients without views of their own: a Markdown file that the client is asked to show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide import Page
from lift.lsp.uris import from_path

if TYPE_CHECKING:
    from lift.lsp.session import Session


async def show_page(session: Session, page: Page) -> dict[str, Any]:
    """Shows a page where the client can; its text comes back in any case."""
    answer = {"text": page.text, "uri": None, "shown": False}
    if not session.client.show_document:
        return answer
    folder = session.scratch_folder()
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', page.title)[:80] or 'specification'}.md"
    path.write_text(page.text, encoding="utf-8", errors="replace")
    uri = from_path(path)
    shown = await session.ask(lsp.WINDOW_SHOW_DOCUMENT, lsp.ShowDocumentParams(uri=uri, take_focus=True))
    return {**answer, "uri": uri, "shown": isinstance(shown, dict) and shown.get("success") is True}
