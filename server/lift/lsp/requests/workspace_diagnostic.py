"""``workspace/diagnostic``: what is to be said about all files, whether or not they are open.

The first answer waits for the index; what is found meanwhile comes in parts where the client takes parts.
A client that takes parts asks again as soon as it has its answer, so that its request is held and gets what
is news in parts; every other client is answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide.workspace import findings_in
from lift.index.records import Record
from lift.lsp.diagnostics import plain_finding
from lift.lsp.requests.workspace_symbol import range_of
from lift.lsp.uris import from_path

if TYPE_CHECKING:
    from lift.lsp.session import Session
    from lift.project import Project

METHOD = lsp.WORKSPACE_DIAGNOSTIC
_HELD_SECONDS = 60.0
_PART_SECONDS = 0.5
_PART = 200

Report = dict[str, Any]


async def handle(session: Session, params: lsp.WorkspaceDiagnosticParams) -> dict[str, Any]:
    """The reports of files of which the client knows something else, then nothing more to say."""
    known = {given.uri: given.value for given in params.previous_result_ids}
    token = params.partial_result_token
    loop = asyncio.get_running_loop()
    until = loop.time() + (_HELD_SECONDS if token is not None else 0)
    news: list[Report] = []
    # An index that was not asked for before is begun by a task.
    session.indexing.projects()
    await asyncio.sleep(0)
    while True:
        projects = session.indexing.projects()
        # Seen before the reports are made: what changes meanwhile is looked at in the next round.
        generations = [project.index.generation for project in projects]
        for report in await _reports(session, projects, known):
            known[report["uri"]] = report["resultId"]
            news.append(report)
        if token is not None:
            for start in range(0, len(news), _PART):
                session.notify(
                    "$/progress", {"token": token, "value": {"items": news[start : start + _PART]}}
                )
            news = []
        ready = all(project.index.ready or not project.index.is_busy for project in projects)
        if (ready and (news or loop.time() >= until)) or (ready and not projects):
            return {"items": news}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PART_SECONDS if not ready else max(until - loop.time(), 0)):
                if generations == [project.index.generation for project in projects]:
                    await session.indexing.next()


async def _reports(session: Session, projects: tuple[Project, ...], known: dict[str, str]) -> list[Report]:
    """The reports that differ from what the client knows; open documents have their own request."""
    found: list[Report] = []
    there: set[str] = set()
    for project in projects:
        for number, (path, record) in enumerate(project.index.files().items()):
            if number % _PART == _PART - 1:
                await asyncio.sleep(0)
            uri = from_path(str(path))
            there.add(uri)
            if session.documents.get(uri) is None:
                found.append(_report(session, project, uri, record))
    gone = [uri for uri in known if uri not in there and session.documents.get(uri) is None]
    found += [_full(uri, []) for uri in gone]
    return [report for report in found if known.get(report["uri"], _NOTHING) != report["resultId"]]


def _report(session: Session, project: Project, uri: str, record: Record) -> Report:
    client = session.client
    items = [
        plain_finding(
            finding,
            range_of(
                (finding.span.start.line, finding.span.start.column, finding.span.end.line,
                 finding.span.end.column), record, client.encoding),
            client,
        )
        for finding in findings_in(record, project.config.severity)
    ]  # fmt: skip
    return _full(uri, items)


def _full(uri: str, items: list[dict[str, Any]]) -> Report:
    mark = hashlib.blake2b(json.dumps(items).encode(), digest_size=8).hexdigest()
    return {"kind": "full", "uri": uri, "version": None, "resultId": mark, "items": items}


_NOTHING = _full("", [])["resultId"]
