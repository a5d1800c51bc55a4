"""Why a request is refused, in the protocol's codes. Must not import pygls: refusals are older than it is."""

from __future__ import annotations

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
METHOD_NOT_FOUND = -32601
CONTENT_MODIFIED = -32801
REQUEST_FAILED = -32803


class RequestFailed(Exception):
    """A handler's refusal: the code and the text become the error response, and nothing is logged."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ClientRefused(Exception):
    """The client answered a request of ours with an error."""


def invalid_params(message: str) -> RequestFailed:
    """The refusal of params that do not fit."""
    return RequestFailed(INVALID_PARAMS, message)


def content_modified(message: str) -> RequestFailed:
    """The refusal of a request about a text that has changed since."""
    return RequestFailed(CONTENT_MODIFIED, message)


def impossible(message: str) -> RequestFailed:
    """The refusal of what was asked rightly and cannot be done; the text is for the user."""
    return RequestFailed(REQUEST_FAILED, message)


def said(error: object) -> str:
    """What an exception, or the ``error`` of a response, says in one line."""
    if isinstance(error, dict):
        return str(error.get("message", error))[:300]
    name = f"{type(error).__name__}: " if isinstance(error, BaseException) else ""
    inner = getattr(error, "exceptions", None)
    if inner:
        return said(inner[0])
    return f"{name}{error}"[:300]
