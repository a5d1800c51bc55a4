"""Servers that speak OpenAI's ``/v1/chat/completions``: SGLang, vLLM, llama.cpp, Ollama, LM Studio, OpenAI.

They agree on the request's core and differ in what else they take. What one refuses is left out the next
time. ``rid`` is SGLang's: by it a request can be ended from outside, also through a proxy.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from lift_ir import Tokens

from lift.errors import BadAnswer, NotConfigured, ProviderError, Refused, Unauthorized
from lift.generate.budget import Budget, budget
from lift.generate.dialect import Form, Outgoing, Reading, broken, described, whole
from lift.generate.keys import find, find_modal, remedy
from lift.generate.provider import Finish, Request
from lift.generate.registry import Opening
from lift.generate.remote import Remote, patience
from lift.generate.schemas import unbounded
from lift.generate.secret import Secret
from lift.generate.transport import DEFAULT_PATIENCE, Patience, Place

_OPENAI = "api.openai.com"
# Models that think first count their thoughts as part of the answer.
_THOUGHTS = 8192
_FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "refusal"}
_OPTIONAL = ("rid", "seed", "temperature", "stream_options", "response_format")


class Spoken:
    """The dialect."""

    name = "openai-compatible"
    models_path = "/models"

    def __init__(self, endpoint: str) -> None:
        self._root = endpoint.removesuffix("/v1")
        self._is_openai = urlsplit(endpoint).hostname == _OPENAI
        self.is_sglang = False

    def write(self, model: str, request: Request, form: Form, rid: str) -> Outgoing:
        """See ``Dialect.write``."""
        system = request.system if form.constrained else described(request.system, request.output)
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {"role": "system", "content": system},
                *({"role": m.role, "content": m.text} for m in request.messages),
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self._is_openai:
            body["max_completion_tokens"] = request.most_tokens + _THOUGHTS
        else:
            body["max_tokens"] = request.most_tokens
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.seed is not None:
            body["seed"] = request.seed
        if self.is_sglang:
            body["rid"] = rid
        if form.constrained and request.output is not None:
            schema = dict(request.output.schema)
            if self._is_openai:
                # Its strict mode refuses a schema with bounds on text; what comes back is validated anyhow.
                schema = unbounded(schema)
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": request.output.name, "strict": True, "schema": schema},
            }
        return Outgoing("/chat/completions", {k: v for k, v in body.items() if k not in form.without})

    def read(self, document: Any, event: str, reading: Reading) -> str:
        """See ``Dialect.read``."""
        error = document.get("error")
        if error:
            said = error.get("message") if isinstance(error, dict) else error
            raise broken(str(error.get("type") or "") if isinstance(error, dict) else "", said)
        usage = document.get("usage")
        if isinstance(usage, dict):
            details = usage.get("prompt_tokens_details") or {}
            reading.tokens = Tokens(
                prompt=whole(usage.get("prompt_tokens")),
                cached=whole(details.get("cached_tokens")),
                completion=whole(usage.get("completion_tokens")),
            )
        reading.model = reading.model or str(document.get("model") or "")
        choices = document["choices"] if usage is None else document.get("choices")
        if not choices:
            return ""
        choice = choices[0]
        said = choice.get("delta") or choice.get("message") or {}
        if said.get("refusal"):
            reading.finish = "refusal"
        ended = choice.get("finish_reason")
        if ended == "abort":
            raise broken("abort", "the server ended the request")
        if ended and reading.finish is None:
            reading.finish = _FINISHES.get(str(ended), "stop")
        piece = said.get("content") or said.get("refusal") or ""
        if not isinstance(piece, str):
            raise TypeError("content")
        return piece

    def models(self, document: Any) -> tuple[str, ...]:
        """See ``Dialect.models``."""
        return tuple(str(entry["id"]) for entry in document["data"])

    def lesser(self, form: Form, request: Request, detail: str) -> Form | None:
        """See ``Dialect.lesser``: leaves out what the server names, or else the schema."""
        sent = self.write("", request, form, "-").body
        for field in _OPTIONAL[:-1]:
            if field in sent and re.search(rf"\b{field}\b", detail):
                return replace(form, without=form.without | {field})
        if form.constrained and "response_format" in sent:
            return replace(form, constrained=False)
        return None

    def goodbye(self, rid: str) -> Outgoing | None:
        """How the server is told that nobody waits for a request any more; None if it cannot be."""
        return Outgoing(f"{self._root}/abort_request", {"rid": rid}) if self.is_sglang else None


# Which servers are SGLang, by address; asked once in a process.
_sglang: dict[str, bool] = {}
_LOOK = 5.0
_LOOK_AGAIN = 60.0


class OpenAICompatible(Remote):
    """A model behind a server that speaks OpenAI's protocol."""

    def __init__(
        self,
        place: Place,
        model: str,
        budget: Budget,
        patience: Patience = DEFAULT_PATIENCE,
        per_minute: int = 0,
        is_sglang: bool | None = None,
    ) -> None:
        """See ``Remote``; an address without a path gets ``/v1``.

        Args:
            is_sglang: None finds out.
        """
        if not place.endpoint:
            raise NotConfigured(
                "openai-compatible needs the address of its server; set endpoint, for example to"
                " http://127.0.0.1:8080/v1"
            )
        if urlsplit(place.endpoint).path in ("", "/"):
            place = replace(place, endpoint=place.endpoint.rstrip("/") + "/v1")
        self._spoken = Spoken(place.endpoint)
        self._look_at = 0.0
        if is_sglang is not None:
            _sglang[place.endpoint] = is_sglang
        super().__init__(self._spoken, place, model, budget, patience, per_minute)

    async def _prepare(self) -> None:
        endpoint = self._place.endpoint
        if endpoint not in _sglang and time.monotonic() >= self._look_at:
            # Requests that go out together do not each wait for a server that only starts up.
            self._look_at = time.monotonic() + _LOOK_AGAIN
            found = await self._looks_like_sglang()
            if found is not None:
                _sglang[endpoint] = found
        self._spoken.is_sglang = _sglang.get(endpoint, False)
        await super()._prepare()

    async def _looks_like_sglang(self) -> bool | None:
        """SGLang alone describes its model under ``/model_info``, or ``/get_model_info`` before 0.5.

        None where nobody answers yet, as a server that is only starting: it is asked again next time.
        """
        if urlsplit(self._place.endpoint).hostname == _OPENAI:
            return False
        root = self._place.endpoint.removesuffix("/v1")
        for path in ("/model_info", "/get_model_info"):
            try:
                document = await self._transport.get(root + path, _LOOK)
            except (Refused, Unauthorized, BadAnswer):
                continue
            except ProviderError:
                return None
            if isinstance(document, dict) and "model_path" in document:
                return True
        return False


def open_openai_compatible(opening: Opening) -> OpenAICompatible:
    """The provider for the settings; see ``lift.generate.registry``."""
    config = opening.config
    headers: dict[str, str | Secret] = {}
    key = find(config.endpoint, opening.environ, opening.keyring)
    if key is not None:
        headers["authorization"] = Secret(f"Bearer {key.reveal()}", key.origin)
    modal = find_modal(config.endpoint, opening.environ, opening.keyring)
    if modal is not None:
        headers["modal-key"], headers["modal-secret"] = modal
    place = Place(config.endpoint, headers, remedy(config.endpoint))
    return OpenAICompatible(
        place,
        config.model,
        budget(config.daily_tokens),
        patience(config.model_seconds),
        config.requests_per_minute,
    )
