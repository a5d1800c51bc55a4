"""``lift/ir``: the specification of a document as the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import IrAnswer, IrParams

from lift.errors import SourceError
from lift.extract import extract
from lift.lsp.params import validated
from lift.lsp.refusals import invalid_params
from lift.source.text import digest, read

if TYPE_CHECKING:
    from lift.lsp.session import Session

METHOD = "lift/ir"


def handle(session: Session, params: Any) -> dict[str, Any]:
    """The module, its problems, and why the text does not parse if it does not."""
    uri = validated(IrParams, params).text_document.uri
    document = session.documents.get(uri)
    if document is not None:
        text = document.text
        extraction = session.analysed(document)
    else:
        path = session.path_of(uri)
        if path is None:
            raise invalid_params(f"{uri[:200]!r} is neither open nor a file; open it first.")
        try:
            snapshot = read(path)
        except SourceError as error:
            raise invalid_params(str(error)) from None
        text, extraction = snapshot.text, extract(snapshot)
    return IrAnswer(
        version=document.version if document else None,
        digest=digest(text),
        module=extraction.module,
        problems=extraction.problems,
        error=extraction.error.message if extraction.error else None,
    ).model_dump(mode="json")
