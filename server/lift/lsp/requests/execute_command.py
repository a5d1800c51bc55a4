"""``workspace/executeCommand``: what lenses and plain clients press."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lift.ide import specification_page, trace_page
from lift.lsp import describing, generating, inferring, resolving, stubbing, suggesting
from lift.lsp.documents import Document
from lift.lsp.refusals import invalid_params
from lift.lsp.repairing import seek
from lift.lsp.status import status
from lift.lsp.views import show_page

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = lsp.WORKSPACE_EXECUTE_COMMAND


async def handle(session: Session, params: lsp.ExecuteCommandParams) -> Any:
    """Runs a command and gives what it found out."""
    command = _COMMANDS.get(params.command)
    if command is None:
        known = ", ".join(sorted(_COMMANDS))
        raise invalid_params(f"lift has no command {params.command[:80]!r}; it has {known}.")
    arguments = params.arguments if isinstance(params.arguments, (list, tuple)) else []
    return await command(session, list(arguments), params.work_done_token)


async def _check(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    # The answer does not wait for the proofs: many clients block or give up on a command that takes long.
    session.checks.start(document, None if function is None else [function], token)
    return None


async def _repair(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    if function is None:
        raise invalid_params("Name the function to repair after the document's URI.")
    found = await seek(session, document, function, token)
    return None if found is None else found.model_dump(mode="json")


async def _infer(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    if function is None:
        raise invalid_params("Name the function to infer a specification for after the document's URI.")
    found = await inferring.seek(session, document, function, token)
    return None if found is None else found.model_dump(mode="json")


async def _generate(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    if function is None:
        raise invalid_params("Name the function to write after the document's URI.")
    # As with a check, the answer does not wait; who wants to wait sends lift/generate.
    generating.start(session, document, function, token)
    return None


async def _draft(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    if function is None:
        raise invalid_params("Name the function to draft a specification for after the document's URI.")
    describing.start(session, document, function, token)
    return None


async def _others(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, hole = _target(session, arguments)
    if hole is None:
        raise invalid_params("Name the hole's id after the document's URI.")
    session.start(resolving.others(session, document, hole), "resolutions")
    return None


async def _stub(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, _ = _target(session, arguments[:1])
    line = arguments[1] if len(arguments) > 1 else None
    if not isinstance(line, int) or isinstance(line, bool) or line < 0:
        raise invalid_params("Give the comment's line, from 0, after the document's URI.")
    stubbing.start(session, document, line + 1, token)
    return None


async def _suggest(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, hole = _target(session, arguments)
    if hole is None:
        raise invalid_params("Name the hole's id after the document's URI.")
    suggesting.start(session, document, hole, token)
    return None


async def _candidates(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    if function is None:
        raise invalid_params("Name the function whose candidates to show after the document's URI.")
    return await generating.show(session, document, function)


async def _show(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    session.analysed(document)
    page = specification_page(session.project_of(document.uri), document.uri, function)
    return await show_page(session, page)


async def _trace(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    document, function = _target(session, arguments)
    session.analysed(document)
    page = trace_page(session.project_of(document.uri), document.uri, function)
    return await show_page(session, page)


async def _history(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    from lift.lsp.recalling import show

    document, function = _target(session, arguments)
    return await show(session, document, function)


async def _restore(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    from lift.lsp.recalling import restore

    document, function = _target(session, arguments[:2])
    number = arguments[2] if len(arguments) > 2 else None
    if function is None or not isinstance(number, int) or isinstance(number, bool):
        raise invalid_params("Give a function and the number of a state after the document's URI.")
    return await restore(session, document, function, number)


async def _status(session: Session, arguments: list[Any], token: lsp.ProgressToken | None) -> Any:
    return status(session).model_dump(mode="json")


_Command = Callable[["Session", list[Any], lsp.ProgressToken | None], Awaitable[Any]]
_COMMANDS: dict[str, _Command] = {
    "lift.check": _check,
    "lift.draft": _draft,
    "lift.generate": _generate,
    "lift.infer": _infer,
    "lift.otherResolutions": _others,
    "lift.previewCandidates": _candidates,
    "lift.repair": _repair,
    "lift.restore": _restore,
    "lift.showHistory": _history,
    "lift.showSpecification": _show,
    "lift.showTrace": _trace,
    "lift.status": _status,
    "lift.stub": _stub,
    "lift.suggest": _suggest,
}


def commands() -> tuple[str, ...]:
    """The names of all commands, which the answer to ``initialize`` announces."""
    return tuple(_COMMANDS)


def _target(session: Session, arguments: list[Any]) -> tuple[Document, str | None]:
    """The document that the first argument names, and the function that the second one does."""
    uri = arguments[0] if arguments else None
    function = arguments[1] if len(arguments) > 1 else None
    if not isinstance(uri, str) or not (function is None or isinstance(function, str)):
        raise invalid_params(
            "The arguments are a document's URI and, if wanted, a function's qualified name."
        )
    document = session.documents.get(uri)
    if document is None:
        raise invalid_params(f"{uri[:200]!r} is not open; open it first.")
    return document, function
