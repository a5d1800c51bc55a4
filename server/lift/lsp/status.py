"""What the server is and what it is doing, for ``lift/status`` and for the command of the same name."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from lift_ir import IR_VERSION, FolderStatus, StatusAnswer

from lift import __version__

if TYPE_CHECKING:
    from lift.lsp.session import Session


def status(session: Session) -> StatusAnswer:
    """A picture of this moment, as docs/protocol.md describes it."""
    folders = [
        FolderStatus(
            path=str(project.root),
            seconds=project.config.seconds,
            workers=project.config.workers,
            run_code=project.config.may_run_code,
            verify_on_save=project.config.verify_on_save,
            lens=project.config.lens,
            hints=project.config.hints,
        )
        for project in session.folders.all()
    ]
    return StatusAnswer(
        version=__version__,
        ir_version=IR_VERSION,
        python=platform.python_version(),
        position_encoding=session.client.encoding,
        pull_diagnostics=session.client.pull,
        trusted=session.folders.trusted,
        documents=len(session.documents.all()),
        checking=tuple(session.checks.running),
        folders=tuple(folders),
    )
