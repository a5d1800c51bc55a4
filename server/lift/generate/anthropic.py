"""Anthropic's ``/v1/messages``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lift_ir import Tokens

from lift.errors import NotConfigured
from lift.generate.budget import budget
from lift.generate.dialect import Form, Outgoing, Reading, broken, described, whole
from lift.generate.keys import find, remedy
from lift.generate.provider import Finish, Request
from lift.generate.registry import Opening
from lift.generate.remote import Remote, patience
from lift.generate.secret import Secret
from lift.generate.transport import Place

ENDPOINT = "https://api.anthropic.com"
_VERSION = "2023-06-01"
_FINISHES: dict[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}
# What its servers enforce; all else in a schema is refused by them.
_ENFORCED = frozenset(
    {
        "type",
        "properties",
        "required",
        "items",
        "anyOf",
        "allOf",
        "enum",
        "const",
        "$defs",
        "$ref",
        "description",
    }
)


class Spoken:
    """The dialect."""

    name = "anthropic"
    models_path = "/v1/models"

    def write(self, model: str, request: Request, form: Form, rid: str) -> Outgoing:
        """See ``Dialect.write``. It takes neither a temperature nor a seed."""
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": request.most_tokens,
            "system": request.system if form.constrained else described(request.system, request.output),
            "messages": [{"role": m.role, "content": m.text} for m in request.messages],
            "stream": True,
        }
        if form.constrained and request.output is not None:
            body["output_config"] = {
                "format": {"type": "json_schema", "schema": enforced(request.output.schema)}
            }
        return Outgoing("/v1/messages", body)

    def read(self, document: Any, event: str, reading: Reading) -> str:
        """See ``Dialect.read``."""
        kind = document["type"]
        if kind == "error":
            raise broken(str(document["error"].get("type")), document["error"].get("message"))
        if kind == "message":
            _started(document, reading)
            _ended(document, reading)
            reading.ended = True
            return "".join(block.get("text", "") for block in document["content"])
        if kind == "message_start":
            _started(document["message"], reading)
        elif kind == "message_delta":
            _ended({**document["delta"], "usage": document.get("usage") or {}}, reading)
        elif kind == "message_stop":
            reading.ended = True
        elif kind == "content_block_delta" and document["delta"].get("type") == "text_delta":
            return str(document["delta"]["text"])
        return ""

    def models(self, document: Any) -> tuple[str, ...]:
        """See ``Dialect.models``."""
        return tuple(str(entry["id"]) for entry in document["data"])

    def lesser(self, form: Form, request: Request, detail: str) -> Form | None:
        """See ``Dialect.lesser``."""
        return replace(form, constrained=False) if form.constrained and request.output is not None else None


def _started(message: Mapping[str, Any], reading: Reading) -> None:
    usage = message.get("usage") or {}
    cached = whole(usage.get("cache_read_input_tokens"))
    prompt = whole(usage.get("input_tokens")) + whole(usage.get("cache_creation_input_tokens")) + cached
    if prompt:
        reading.tokens = Tokens(prompt=prompt, cached=cached, completion=whole(usage.get("output_tokens")))
    reading.model = str(message.get("model") or "")


def _ended(delta: Mapping[str, Any], reading: Reading) -> None:
    usage = delta.get("usage") or {}
    if "output_tokens" in usage and reading.tokens is not None:
        completion = whole(usage["output_tokens"])
        reading.tokens = reading.tokens.model_copy(update={"completion": completion})
    if delta.get("stop_reason"):
        reading.finish = _FINISHES.get(str(delta["stop_reason"]), "stop")


def enforced(schema: Any) -> Any:
    """A schema with what the server enforces; the bounds that it does not are told to the model in words."""
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key in _ENFORCED}
    if schema.get("type") == "array" and schema.get("minItems") in (0, 1):
        kept["minItems"] = schema["minItems"]
    for key in ("anyOf", "allOf"):
        if key in kept:
            kept[key] = [enforced(part) for part in kept[key]]
    for key in ("properties", "$defs"):
        if key in kept:
            kept[key] = {name: enforced(part) for name, part in kept[key].items()}
    if "items" in kept:
        kept["items"] = enforced(kept["items"])
    if schema.get("type") == "object":
        kept["additionalProperties"] = False
    words = [f"{key}: {schema[key]}" for key in schema if key not in kept and key not in _SILENT]
    if words:
        kept["description"] = " ".join(
            [*([str(kept["description"])] if "description" in kept else []), *words]
        )
    return kept


_SILENT = frozenset({"additionalProperties", "title", "$schema"})


def open_anthropic(opening: Opening) -> Remote:
    """The provider for the settings; see ``lift.generate.registry``."""
    config = opening.config
    if not config.model:
        raise NotConfigured("anthropic offers many models; set model to the name of one")
    endpoint = config.endpoint.removesuffix("/v1") or ENDPOINT
    headers: dict[str, str | Secret] = {"anthropic-version": _VERSION}
    key = find(endpoint, opening.environ, opening.keyring)
    if key is not None:
        headers["x-api-key"] = key
    return Remote(
        Spoken(),
        Place(endpoint, headers, remedy(endpoint)),
        config.model,
        budget(config.daily_tokens),
        patience(config.model_seconds),
        config.requests_per_minute,
    )
