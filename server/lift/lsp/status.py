"""What the server is and what it is doing, for ``lift/status`` and for the command of the same name."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING

from lift_ir import IR_VERSION, CheckTimes, FolderStatus, StatusAnswer, WorkerStatus

from lift import __version__
from lift.project import Project
from lift.verify.picture import quantile, resident_bytes

if TYPE_CHECKING:
    from lift.lsp.session import Session


def status(session: Session) -> StatusAnswer:
    """A picture of this moment, as docs/protocol.md describes it."""
    folders = [_folder(project) for project in session.folders.all()]
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
        rss_bytes=resident_bytes(os.getpid()),
        uptime=round(time.monotonic() - session.began, 3),
    )


def _folder(project: Project) -> FolderStatus:
    pool, hits, misses = project.picture()
    workers = tuple(
        WorkerStatus(pid=w.pid, busy=w.busy, rss_bytes=resident_bytes(w.pid)) for w in pool.workers
    )
    median, p95 = quantile(pool.seconds, 0.5), quantile(pool.seconds, 0.95)
    return FolderStatus(
        path=str(project.root),
        seconds=project.config.seconds,
        workers=project.config.workers,
        run_code=project.config.may_run_code,
        verify_on_save=project.config.verify_on_save,
        lens=project.config.lens,
        hints=project.config.hints,
        queued=pool.queued,
        processes=workers,
        cache_hits=hits,
        cache_misses=misses,
        checks=CheckTimes(count=len(pool.seconds), median=median, p95=p95),
    )
