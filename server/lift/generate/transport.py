"""HTTP to a model's server: patience, retries, bounds and messages, the same for every provider.

Nothing here knows what is asked. The HTTP library is imported when the first request goes out, on a thread,
since it and the system's certificates take a fifth of a second. Must not import anything of lift but its
errors and ``lift.generate.secret``.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from lift.errors import (
    BadAnswer,
    ProviderError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from lift.generate.secret import Secret, without

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 32 * 1024 * 1024
_MOST_ERROR_BYTES = 64 * 1024
_MOST_HOPS = 20
_WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})


@dataclass(frozen=True)
class Patience:
    """How long is waited for what, in seconds.

    Attributes:
        connect: For a connection.
        first: From sending the request to the first byte of the answer.
        idle: Between two pieces of the answer.
        total: For everything together, retries among it; kept by the caller.
        attempts: How often a request is sent at most.
        wait: The longest wait between two attempts; a server that asks for more is not waited for.
        backoff: The longest wait before the second attempt; each further one doubles it.
    """

    connect: float = 10.0
    first: float = 60.0
    idle: float = 30.0
    total: float = 120.0
    attempts: int = 4
    wait: float = 20.0
    backoff: float = 0.5


DEFAULT_PATIENCE = Patience()


@dataclass(frozen=True)
class Place:
    """Where a server is, and what it is told of who asks.

    Attributes:
        endpoint: Its address, without a slash at the end.
        headers: Sent with each request; a key is a ``Secret``.
        key_remedy: What to do where it wants another key.
    """

    endpoint: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    key_remedy: str = ""

    @property
    def name(self) -> str:
        """The address for people."""
        return self.endpoint

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All keys among the headers."""
        return tuple(value for value in self.headers.values() if isinstance(value, Secret))

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.endpoint).hostname or ""
        return host == "localhost" or host == "::1" or host.startswith("127.")


@dataclass(frozen=True)
class Opened:
    """An answer that has begun.

    Attributes:
        form: Its media type, in lower case.
        chunks: The bytes as they come in.
    """

    form: str
    chunks: AsyncIterator[bytes]


class Transport:
    """Sends requests to one place. Used from one event loop."""

    def __init__(self, place: Place, patience: Patience) -> None:
        self.place = place
        self.patience = patience
        self._client: httpx2.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def get(self, path: str, seconds: float) -> Any:
        """A JSON document, asked for once; ``path`` is a whole address or continues the endpoint.

        Raises:
            ProviderError: There is none within ``seconds``.
        """
        return await self._whole("GET", path, None, seconds)

    async def post(self, path: str, body: Mapping[str, Any], seconds: float) -> Any:
        """Like ``get``, with a JSON body; what comes back need not be JSON and is None then."""
        with contextlib.suppress(BadAnswer):
            return await self._whole("POST", path, body, seconds)

    async def _whole(self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float) -> Any:
        try:
            async with asyncio.timeout(seconds), self._sent(method, self._url(path), body) as response:
                if response.status_code != 200:
                    raise await self._problem(response)
                text = await self._limited(response, MOST_BYTES)
        except TimeoutError:
            raise TimedOut(f"{self.place.name} did not answer within {seconds:g} s") from None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise BadAnswer(f"{self.place.name} answers {path} with something that is not JSON") from None

    @contextlib.asynccontextmanager
    async def opened(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Opened, None]:
        """An answer to a POST, once its first bytes are here; tries again before that where it is worth it.

        Leaving closes the connection, which is how a server learns that nobody listens any more.

        Raises:
            ProviderError: There is none.
        """
        attempt, begun = 1, time.monotonic()
        while True:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    answer = await self._begin(stack, path, body)
                except ProviderError as error:
                    problem = error
                else:
                    yield answer
                    return
            pause = self._pause(problem, attempt)
            left = self.patience.total - (time.monotonic() - begun)
            if pause is None or pause >= left:
                raise _tried(problem, attempt)
            await asyncio.sleep(pause)
            attempt += 1

    async def close(self) -> None:
        """Closes all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _url(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else self.place.endpoint + path

    async def _begin(self, stack: contextlib.AsyncExitStack, path: str, body: Mapping[str, Any]) -> Opened:
        first = self.patience.first
        try:
            async with asyncio.timeout(first):
                response = await stack.enter_async_context(self._sent("POST", self._url(path), body))
                if response.status_code != 200:
                    raise await self._problem(response)
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise BadAnswer(f"{self.place.name} compresses its answer without being asked to")
                chunks = response.aiter_raw()
                beginning = await self._next(chunks)
        except TimeoutError:
            raise TimedOut(
                f"{self.place.name} sent nothing for {first:g} s; try again, or raise model-seconds"
            ) from None
        if beginning is None:
            raise _Early(f"{self.place.name} closed the connection before it answered")
        form = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Opened(form, self._rest(beginning, chunks))

    async def _rest(self, beginning: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        size = 0
        chunk: bytes | None = beginning
        while chunk is not None:
            size += len(chunk)
            if size > MOST_BYTES:
                raise BadAnswer(f"{self.place.name} sends more than {MOST_BYTES >> 20} MiB for one answer")
            yield chunk
            try:
                async with asyncio.timeout(self.patience.idle):
                    chunk = await self._next(chunks)
            except TimeoutError:
                raise TimedOut(
                    f"{self.place.name} fell silent for {self.patience.idle:g} s in the middle of its answer;"
                    " trying again may help"
                ) from None
            except _Early:
                raise BadAnswer(
                    f"{self.place.name} closed the connection in the middle of its answer;"
                    " trying again may help"
                ) from None

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        import httpx2

        try:
            async for chunk in chunks:
                if chunk:
                    return chunk
        except (httpx2.HTTPError, httpx2.StreamError):
            raise _Early(f"{self.place.name} closed the connection before it answered") from None
        return None

    @contextlib.asynccontextmanager
    async def _sent(
        self, method: str, url: str, body: Mapping[str, Any] | None
    ) -> AsyncGenerator[httpx2.Response, None]:
        """The response to a request, its body still to be read; follows redirects on the same server."""
        import httpx2

        client = await self._ready()
        # In ASCII, since a text with half of a surrogate pair has no other encoding.
        content = None if body is None else json.dumps(body).encode("ascii")
        for _ in range(_MOST_HOPS):
            headers = {
                name: value.reveal() if isinstance(value, Secret) else value
                for name, value in self.place.headers.items()
            } | ({} if content is None else {"content-type": "application/json"})
            try:
                request = client.build_request(method, url, headers=headers, content=content)
                response = await client.send(request, stream=True)
            except httpx2.RemoteProtocolError:
                raise _Early(f"{self.place.name} closed the connection before it answered") from None
            except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
                raise Refused(f"{self.place.name} is not an address; correct the setting endpoint") from None
            except httpx2.TimeoutException:
                raise Unreachable(
                    f"{self.place.name} takes no connection within {self.patience.connect:g} s;"
                    " see whether it runs, and whether the setting endpoint is right"
                ) from None
            except httpx2.HTTPError as error:
                said = _line(str(error), self.place.secrets) or type(error).__name__
                raise Unreachable(
                    f"{self.place.name} cannot be reached ({said});"
                    " see whether it runs, and whether the setting endpoint is right"
                ) from None
            goes_on = response.status_code in (303, 307, 308) and "location" in response.headers
            try:
                if not goes_on:
                    yield response
                    return
            finally:
                await response.aclose()
            target = urljoin(url, response.headers["location"])
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                # A key goes to the server that the user named and to no other.
                raise Refused(
                    f"{self.place.name} sends requests on to {urlsplit(target).netloc};"
                    " if that is right, name it in the setting endpoint"
                )
            url = target
            if response.status_code == 303:
                method, content = "GET", None
        raise Refused(f"{self.place.name} sends requests on without end; correct the setting endpoint")

    async def _ready(self) -> httpx2.AsyncClient:
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(_client, self.place, self.patience)
            return self._client

    async def _limited(self, response: httpx2.Response, most: int) -> bytes:
        read = bytearray()
        chunks = response.aiter_raw()
        while (chunk := await self._next(chunks)) is not None:
            read += chunk
            if len(read) > most:
                raise BadAnswer(f"{self.place.name} sends more than {most >> 10} KiB")
        return bytes(read)

    async def _problem(self, response: httpx2.Response) -> ProviderError:
        """What a status other than 200 means."""
        try:
            body = await self._limited(response, _MOST_ERROR_BYTES)
        except ProviderError:
            body = b""
        status, headers = response.status_code, dict(response.headers)
        return problem(self.place, status, body, headers)

    def _pause(self, problem: ProviderError, attempt: int) -> float | None:
        """Seconds until the next attempt, None if there is to be none."""
        if attempt >= self.patience.attempts or not isinstance(problem, Unreachable | RateLimited):
            return None
        if not problem.again:
            return None
        if problem.wait is not None:
            return problem.wait if problem.wait <= self.patience.wait else None
        # Full jitter: those who failed together do not come back together.
        return random.uniform(0, min(self.patience.wait, self.patience.backoff * 2 ** (attempt - 1)))


class _Early(Unreachable):
    """The connection was closed before the first byte."""


def _client(place: Place, patience: Patience) -> httpx2.AsyncClient:
    import httpx2

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(None, connect=patience.connect),
        limits=httpx2.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30),
        follow_redirects=False,
        # A proxy from the environment is of no use for a server on this machine.
        trust_env=not place.is_loopback,
        headers={"user-agent": "lift", "accept-encoding": "identity"},
        verify=False if place.endpoint.startswith("http://") else httpx2.create_ssl_context(),
    )


def problem(place: Place, status: int, body: bytes, headers: Mapping[str, str]) -> ProviderError:
    """What an answer with a status other than 200 means, in one line with a remedy."""
    detail, code = explained(body, place.secrets)
    said = f"HTTP {status}" + (f", {detail}" if detail else "")
    where = place.name
    if status in (401, 403) or code in ("API_KEY_INVALID", "invalid_api_key", "authentication_error"):
        return Unauthorized(f"{where} does not accept the key ({said}); {place.key_remedy}".rstrip("; "))
    if status == 429:
        if code in ("insufficient_quota", "billing_not_active"):
            spent = RateLimited(f"{where}: the account has no credit left ({said}); see its billing page")
            spent.again = False
            return spent
        limited = RateLimited(f"{where} gets too many requests ({said}); lower requests-per-minute")
        limited.wait = retry_after(headers, body)
        return limited
    if status in _WORTH_ANOTHER_TRY or status >= 500:
        broken = Unreachable(f"{where} is in trouble ({said})")
        broken.again = status in _WORTH_ANOTHER_TRY
        broken.wait = retry_after(headers, body)
        return broken
    if status == 404:
        refused = Refused(f"{where} knows no such model or address ({said}); check model and endpoint")
    elif status == 413:
        refused = Refused(f"{where} finds the request too long ({said}); ask about a shorter function")
    elif status == 402:
        refused = Refused(f"{where} wants to be paid first ({said}); see the account's billing page")
    else:
        refused = Refused(f"{where} refuses the request ({said}); check model and endpoint")
    refused.status, refused.detail = status, detail
    return refused


def explained(body: bytes, secrets: tuple[Secret, ...] = ()) -> tuple[str, str]:
    """What an error's body says in one line, and its code; both empty where it says nothing readable."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ("", "") if text.lstrip().startswith("<") else (_line(text, secrets), "")
    code = ""
    # Such as {"error": {"message": …}}, {"detail": [{"msg": …}]}, [{"error": {"message": …}}].
    for _ in range(4):
        if isinstance(document, list):
            document = document[0] if document else None
        elif isinstance(document, dict):
            code = code or _code(document)
            document = next(
                (document[k] for k in ("error", "message", "detail", "msg") if document.get(k)), None
            )
    return (_line(document, secrets) if isinstance(document, str) else ""), code


def _code(document: Mapping[str, Any]) -> str:
    details = document.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("reason"), str):
            return detail["reason"]
    return next((str(document[k]) for k in ("code", "type") if isinstance(document.get(k), str | int)), "")


def retry_after(headers: Mapping[str, str], body: bytes = b"", now: float | None = None) -> float | None:
    """Seconds after which the server wants to be asked again, if it says so.

    Understands ``retry-after-ms``, ``Retry-After`` in seconds or as an HTTP date, and the ``retryDelay`` of
    Google's error bodies.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    with contextlib.suppress(ValueError, KeyError):
        return _seconds(float(given["retry-after-ms"]) / 1000)
    value = given.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return _seconds(float(value))
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        when = email.utils.parsedate_to_datetime(value).timestamp()
        return max(0.0, when - (time.time() if now is None else now))
    if b'"retryDelay"' in body:
        with contextlib.suppress(ValueError, IndexError):
            return _seconds(float(body.split(b'"retryDelay"')[1].split(b'"')[1].rstrip(b"s")))
    return None


def _seconds(number: float) -> float:
    if not 0 <= number < 1e9:
        raise ValueError(number)
    return number


def _tried(problem: ProviderError, attempts: int) -> ProviderError:
    """The same problem, its text saying how often it was tried and whether trying again can help."""
    text = str(problem)
    if attempts > 1:
        text += f"; tried {attempts} times"
    wait = getattr(problem, "wait", None)
    if problem.again and wait is not None and wait > 0:
        text += f"; it asks to wait {wait:.0f} s"
    elif problem.again and "again" not in text:
        text += "; trying again later may help"
    problem.args = (text,)
    return problem


def _line(text: object, secrets: tuple[Secret, ...]) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in str(text)[:2000]).split())
    words = without(words, secrets).rstrip(".")
    return words if len(words) <= 240 else words[:237] + "…"
