"""What the server is and what it is doing, for ``lift/status`` and for the command of the same name."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from lift_ir import IR_VERSION

from lift import __version__

if TYPE_CHECKING:
    from lift.lsp.session import Session


def status(session: Session) -> dict[str, Any]:
    """A picture of this moment, as docs/protocol.md describes it."""
    projects = session.folders.all()
    return {
        "version": __version__,
        "irVersion": IR_VERSION,
        "python": platform.python_version(),
        "positionEncoding": session.client.encoding,
        "pullDiagnostics": session.client.pull,
        "trusted": session.folders.trusted,
        "documents": len(session.documents.all()),
        "checking": list(session.checks.running),
        "folders": [
            {
                "path": str(project.root),
                "seconds": project.config.seconds,
                "workers": project.config.workers,
                "runCode": project.config.may_run_code,
                "verifyOnSave": project.config.verify_on_save,
                "lens": project.config.lens,
                "hints": project.config.hints,
            }
            for project in projects
        ],
    }
