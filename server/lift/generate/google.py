"""Gemini's ``models/*:streamGenerateContent``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from lift_ir import Tokens

from lift.errors import NotConfigured
from lift.generate.budget import budget
from lift.generate.dialect import Form, Outgoing, Reading, broken, described, whole
from lift.generate.keys import find, remedy
from lift.generate.provider import Request
from lift.generate.registry import Opening
from lift.generate.remote import Remote, patience
from lift.generate.secret import Secret
from lift.generate.transport import Place

ENDPOINT = "https://generativelanguage.googleapis.com"
# Its models think first, and their thoughts count as part of the answer.
_THOUGHTS = 8192
_REFUSALS = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"})


class Spoken:
    """The dialect."""

    name = "google"
    models_path = "/v1beta/models"

    def write(self, model: str, request: Request, form: Form, rid: str) -> Outgoing:
        """See ``Dialect.write``."""
        config: dict[str, Any] = {"maxOutputTokens": request.most_tokens + _THOUGHTS}
        if request.temperature is not None:
            config["temperature"] = request.temperature
        if request.seed is not None:
            config["seed"] = request.seed
        if request.output is not None:
            config["responseMimeType"] = "application/json"
            if form.constrained:
                config["responseJsonSchema"] = dict(request.output.schema)
        roles = {"user": "user", "assistant": "model"}
        system = request.system if form.constrained else described(request.system, request.output)
        body = {
            "systemInstruction": {"parts": [{"text": system}]},
            "contents": [{"role": roles[m.role], "parts": [{"text": m.text}]} for m in request.messages],
            "generationConfig": config,
        }
        name = quote(model.removeprefix("models/"), safe="")
        return Outgoing(f"/v1beta/models/{name}:streamGenerateContent?alt=sse", body)

    def read(self, document: Any, event: str, reading: Reading) -> str:
        """See ``Dialect.read``."""
        if isinstance(document, list):
            # Without `alt=sse` a proxy gives all events as one array.
            return "".join(self.read(part, event, reading) for part in document)
        if "error" in document:
            raise broken(str(document["error"].get("status")), document["error"].get("message"))
        usage = document.get("usageMetadata")
        if usage:
            reading.tokens = Tokens(
                prompt=whole(usage.get("promptTokenCount")),
                cached=whole(usage.get("cachedContentTokenCount")),
                completion=whole(usage.get("candidatesTokenCount")) + whole(usage.get("thoughtsTokenCount")),
            )
        reading.model = str(document.get("modelVersion") or reading.model)
        if (document.get("promptFeedback") or {}).get("blockReason"):
            reading.finish = "refusal"
        candidates = document.get("candidates") or ()
        if not candidates:
            if not usage and reading.finish is None:
                raise KeyError("candidates")
            return ""
        ended = candidates[0].get("finishReason")
        if ended in _REFUSALS:
            reading.finish = "refusal"
        elif ended == "MAX_TOKENS":
            reading.finish = "length"
        elif ended == "STOP":
            reading.finish = "stop"
        elif ended:
            raise broken(str(ended), f"it ended with {ended}")
        parts = (candidates[0].get("content") or {}).get("parts") or ()
        return "".join(str(part.get("text", "")) for part in parts if not part.get("thought"))

    def models(self, document: Any) -> tuple[str, ...]:
        """See ``Dialect.models``."""
        return tuple(str(entry["name"]).removeprefix("models/") for entry in document["models"])

    def lesser(self, form: Form, request: Request, detail: str) -> Form | None:
        """See ``Dialect.lesser``."""
        return replace(form, constrained=False) if form.constrained and request.output is not None else None


def open_google(opening: Opening) -> Remote:
    """The provider for the settings; see ``lift.generate.registry``."""
    config = opening.config
    if not config.model:
        raise NotConfigured("google offers many models; set model to the name of one")
    endpoint = config.endpoint.removesuffix("/v1beta") or ENDPOINT
    key = find(endpoint, opening.environ, opening.keyring)
    headers: dict[str, str | Secret] = {} if key is None else {"x-goog-api-key": key}
    return Remote(
        Spoken(),
        Place(endpoint, headers, remedy(endpoint)),
        config.model.removeprefix("models/"),
        budget(config.daily_tokens),
        patience(config.model_seconds),
        config.requests_per_minute,
    )
