"""The params of lift's own requests, validated before a handler sees them."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lift.lsp.protocol import invalid_params

P = TypeVar("P", bound=BaseModel)


class _Params(BaseModel):
    # Unknown fields are let through: a newer client must be able to talk to an older server.
    model_config = ConfigDict(frozen=True, strict=True, populate_by_name=True, extra="ignore")


class TextDocument(_Params):
    """Names a document."""

    uri: str


class IrParams(_Params):
    """Params of ``lift/ir``."""

    text_document: TextDocument = Field(alias="textDocument")


class VerifyParams(_Params):
    """Params of ``lift/verify``; without ``functions`` everything that is specified is checked."""

    text_document: TextDocument = Field(alias="textDocument")
    functions: list[str] | None = None
    work_done_token: int | str | None = Field(default=None, alias="workDoneToken")


class StatusParams(_Params):
    """Params of ``lift/status``: none."""


def validated(model: type[P], params: Any) -> P:
    """The params as ``model``.

    Raises:
        RequestFailed: With the code for invalid params, naming the field and what it should be.
    """
    try:
        return model.model_validate(params)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "params"
        raise invalid_params(f"{place}: {first['msg']}") from None
    except RecursionError:
        raise invalid_params("params: nested too deeply") from None
