"""The params of lift's own requests, validated before a handler sees them."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lift.lsp.refusals import invalid_params

P = TypeVar("P", bound=BaseModel)


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
