"""What lift's own requests carry: ``lift/ir``, ``lift/verify``, ``lift/resolve``,
``lift/generate``, ``lift/history``, ``lift/diff``, ``lift/status``.

On the wire names are in camelCase, as in the rest of the language server protocol. Must not import
anything but pydantic and this package.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lift_ir.base import Frozen
from lift_ir.generation import Generation
from lift_ir.history import FunctionHistory, SpecificationDiff
from lift_ir.model import Hole, Module
from lift_ir.report import FunctionResult, Problem

PositionEncoding = Literal["utf-8", "utf-16", "utf-32"]


class Params(BaseModel):
    """What a client sends. Unknown fields are let through: a newer client may talk to an older server."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class TextDocument(Params):
    """Names a document.

    Attributes:
        uri: The document's URI.
    """

    uri: str


class IrParams(Params):
    """Params of ``lift/ir``: which document's specification is wanted."""

    text_document: TextDocument


class VerifyParams(Params):
    """Params of ``lift/verify``.

    Attributes:
        text_document: The document, which must be open.
        functions: Qualified names of the functions to check; None checks all that are specified.
        work_done_token: Under which progress is reported; None has the server ask for one.
    """

    text_document: TextDocument
    functions: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    work_done_token: int | str | None = None


class ResolveParams(Params):
    """Params of ``lift/resolve``.

    Attributes:
        text_document: The document, which must be open.
        hole: Id of the hole to resolve; None resolves all in the document.
        work_done_token: Under which progress is reported.
    """

    text_document: TextDocument
    hole: str | None = None
    work_done_token: int | str | None = None


class GenerateParams(Params):
    """Params of ``lift/generate``.

    Attributes:
        text_document: The document, which must be open.
        function: Qualified name of the function whose body is wanted.
        work_done_token: Under which progress is reported; None has the server ask for one.
    """

    text_document: TextDocument
    function: str
    work_done_token: int | str | None = None


class HistoryParams(Params):
    """Params of ``lift/history``.

    Attributes:
        text_document: The document; it need not be open.
        function: Qualified name of the function; None gives all of the document.
    """

    text_document: TextDocument
    function: str | None = None


class DiffParams(Params):
    """Params of ``lift/diff``.

    Attributes:
        text_document: The document, which must be open.
        function: Qualified name of the function.
        old: Number of the older state; None is the one before the newer.
        new: Number of the newer state; None is the text as it is now.
    """

    text_document: TextDocument
    function: str
    old: int | None = None
    new: int | None = None


class StatusParams(Params):
    """Params of ``lift/status``: none."""


class IrAnswer(Frozen):
    """Answer to ``lift/ir``.

    Attributes:
        version: Version of the document, None if it is not open.
        digest: Hash of the text that was read, 16 hex digits: BLAKE2b of its UTF-8. A client sees by it that
            the server has the text that it has itself.
        module: The specification; while the text does not parse the last good one.
        problems: What is wrong with how specifications are written.
        error: Why the text does not parse, None if it does.
    """

    version: int | None
    digest: str
    module: Module
    problems: tuple[Problem, ...]
    error: str | None


class VerifyAnswer(Frozen):
    """Answer to ``lift/verify``.

    Attributes:
        version: Version of the document that was checked.
        functions: The results, one a function.
    """

    version: int | None
    functions: tuple[FunctionResult, ...]


class ResolveAnswer(Frozen):
    """Answer to ``lift/resolve``.

    Attributes:
        version: Version of the document that the candidates are for.
        holes: The holes with their candidates, the best first.
    """

    version: int | None
    holes: tuple[Hole, ...]


class GenerateAnswer(Frozen):
    """Answer to ``lift/generate``.

    Attributes:
        version: Version of the document that the edits are for.
        generation: What was found; None where the document has no such function.
    """

    version: int | None
    generation: Generation | None


class HistoryAnswer(Frozen):
    """Answer to ``lift/history``.

    Attributes:
        version: Version of the document, None if it is not open.
        functions: The functions of which anything is remembered, by name.
    """

    version: int | None
    functions: tuple[FunctionHistory, ...]


class DiffAnswer(Frozen):
    """Answer to ``lift/diff``.

    Attributes:
        version: Version of the document.
        diff: The differences; None where there is nothing to compare with.
    """

    version: int | None
    diff: SpecificationDiff | None


class _Answer(Frozen):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class WorkerStatus(_Answer):
    """A worker process that lives.

    Attributes:
        pid: Its process.
        busy: Whether it has a job.
        rss_bytes: Its memory; None where the system does not say.
    """

    pid: int
    busy: bool
    rss_bytes: int | None


class CheckTimes(_Answer):
    """How long the last checks of functions took, at most a thousand.

    Attributes:
        count: How many there were.
        median: Seconds that half of them did not exceed; None of no checks.
        p95: Seconds that 19 of 20 did not exceed; None of no checks.
    """

    count: int
    median: float | None
    p95: float | None


class FolderStatus(_Answer):
    """A folder that the server looks after, with the settings that hold for it.

    Attributes:
        path: The folder.
        seconds: Wall-clock budget for one function, in seconds.
        workers: How many functions are checked at the same time.
        run_code: Whether the user's code may run in the sandbox.
        verify_on_save: Whether a file is checked when it is saved.
        lens: Whether code lenses are shown.
        hints: Whether inlay hints are shown.
        queued: How many checks and searches wait for a worker.
        processes: The workers that live.
        cache_hits: How often a kept result was found.
        cache_misses: How often there was none.
        checks: How long checks took.
    """

    path: str
    seconds: float
    workers: int
    run_code: bool
    verify_on_save: bool
    lens: bool
    hints: bool
    queued: int
    processes: tuple[WorkerStatus, ...]
    cache_hits: int
    cache_misses: int
    checks: CheckTimes


class StatusAnswer(_Answer):
    """Answer to ``lift/status``: what the server is and what it is doing.

    Attributes:
        version: lift's version.
        ir_version: Version of the IR that it speaks.
        python: Version of its interpreter.
        position_encoding: What columns count on the wire.
        pull_diagnostics: Whether the client asks for diagnostics instead of being sent them.
        trusted: Whether the workspace is trusted.
        documents: How many documents are open.
        checking: URIs of the documents that are being checked.
        folders: The folders that it looks after.
        rss_bytes: The server's memory, without its workers'; None where the system does not say.
        uptime: Seconds since the client came.
    """

    version: str
    ir_version: int
    python: str
    position_encoding: PositionEncoding
    pull_diagnostics: bool
    trusted: bool
    documents: int
    checking: tuple[str, ...]
    folders: tuple[FolderStatus, ...]
    rss_bytes: int | None
    uptime: float
