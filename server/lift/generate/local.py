"""A GGUF file on this machine, asked without any other program: by xllamacpp, the extra ``local``.

The model lives in a process of its own, one for each file, that all providers for that file share. It stays
for some minutes after the last of them, since reading gigabytes again for each question would be slow, and
ends with this process in any case. To this process it is one more server that speaks OpenAI's protocol.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lift.errors import NotConfigured, ProviderError, Unreachable
from lift.generate.budget import Budget
from lift.generate.openai_compatible import OpenAICompatible
from lift.generate.provider import Answer, Health, Request
from lift.generate.registry import Opening
from lift.generate.remote import patience
from lift.generate.secret import Secret
from lift.generate.transport import Place

INSTALL = "pip install 'lift-sys[local]'"
_CONTEXT = 8192
_START_SECONDS = 120.0
_END_SECONDS = 5.0
_LINGER_SECONDS = 300.0


@dataclass
class _Held:
    """A running model.

    Attributes:
        users: How many providers hold it.
        idle: Ends it when the time is up; None while somebody holds it for the first time.
    """

    process: subprocess.Popen[str]
    address: str
    key: Secret
    users: int = 0
    idle: threading.Timer | None = None


@dataclass
class _Models:
    """The models that run, by their files."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: dict[Path, _Held] = field(default_factory=dict)

    def take(self, file: Path) -> _Held:
        """Starts the model if it does not run; blocks meanwhile."""
        with self.lock:
            held = self.held.get(file)
            if held is not None and held.process.poll() is not None:
                _ended(self.held.pop(file).process)
                held = None
            if held is None:
                held = self.held[file] = _start(file)
            if held.idle is not None:
                held.idle.cancel()
            held.users += 1
            return held

    def leave(self, file: Path, held: _Held) -> None:
        """Ends the model after a while if nobody else wants it by then."""
        with self.lock:
            held.users -= 1
            if held.users == 0 and self.held.get(file) is held:
                held.idle = threading.Timer(_LINGER_SECONDS, self.end_idle, (file, held))
                held.idle.daemon = True
                held.idle.start()
            elif held.users == 0:
                _ended(held.process)

    def end_idle(self, file: Path, held: _Held) -> None:
        """Ends the model if nobody holds it."""
        with self.lock:
            if held.users == 0 and self.held.get(file) is held:
                del self.held[file]
                _ended(held.process)

    def end(self) -> None:
        """Ends all of them."""
        with self.lock:
            while self.held:
                held = self.held.popitem()[1]
                if held.idle is not None:
                    held.idle.cancel()
                _ended(held.process)


_models = _Models()
atexit.register(_models.end)


class Local:
    """A GGUF file as a provider."""

    name = "local"

    def __init__(self, file: Path, seconds: float) -> None:
        """Starts nothing yet.

        Args:
            seconds: For one answer, not counting the time in which the model is loaded or busy with another.
        """
        self._file = file
        self._seconds = seconds
        self._held: _Held | None = None
        self._server: OpenAICompatible | None = None
        self._one = asyncio.Lock()

    @property
    def model(self) -> str:
        """See ``Provider.model``."""
        return self._file.stem

    async def complete(self, request: Request, heard: Callable[[str], None] | None = None) -> Answer:
        """See ``Provider.complete``. Requests wait for each other."""
        async with self._one:
            server = await self._running()
            output = request.output
            if output is not None and output.bounded is not None:
                # A small model that repeats itself would write on until its tokens are used up.
                request = replace(request, output=replace(output, schema=output.bounded))
            return await server.complete(request, heard)

    async def health(self) -> Health:
        """See ``Provider.health``. Says whether it could be started, and starts nothing."""
        try:
            _look(self._file)
        except ProviderError as error:
            return Health(False, str(error))
        size = self._file.stat().st_size / 1e9
        return Health(True, f"{self.model}, {size:.1f} GB at {self._file}", (self.model,))

    async def close(self) -> None:
        """See ``Provider.close``."""
        server, self._server = self._server, None
        held, self._held = self._held, None
        if server is not None:
            await server.close()
        if held is not None:
            await asyncio.to_thread(_models.leave, self._file, held)

    async def _running(self) -> OpenAICompatible:
        if self._held is not None and self._held.process.poll() is not None:
            # It crashed; what it was asked then has failed, and the next request gets a new one.
            await self.close()
        if self._server is None:
            starting = asyncio.create_task(asyncio.to_thread(_models.take, self._file))
            try:
                held = await asyncio.shield(starting)
            except asyncio.CancelledError:
                # The thread goes on; what it starts is for nobody.
                starting.add_done_callback(self._unwanted)
                raise
            self._held = held
            key = Secret(f"Bearer {held.key.reveal()}", held.key.origin)
            place = Place(held.address + "/v1", {"authorization": key})
            # What costs nothing is not counted.
            self._server = OpenAICompatible(
                place, self.model, Budget(None, 0), patience(self._seconds), 0, is_sglang=False
            )
        return self._server

    def _unwanted(self, starting: asyncio.Task[_Held]) -> None:
        if not starting.cancelled() and starting.exception() is None:
            threading.Thread(target=_models.leave, args=(self._file, starting.result())).start()


def open_local(opening: Opening) -> Local:
    """The provider for the settings; see ``lift.generate.registry``."""
    config = opening.config
    if not config.model_file:
        raise NotConfigured("local needs a GGUF file; set model-file to its path")
    file = Path(config.model_file)
    _look(file)
    return Local(file, config.model_seconds)


def _look(file: Path) -> None:
    """Raises ``NotConfigured`` where the file or the package is missing."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise NotConfigured(f"local needs xllamacpp, which is not installed; {INSTALL}")
    try:
        with file.open("rb") as stream:
            begins = stream.read(4)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise NotConfigured(f"{file} cannot be read ({said}); set model-file to a GGUF file") from None
    if begins != b"GGUF":
        raise NotConfigured(f"{file} is no GGUF file; set model-file to one")


def _start(file: Path) -> _Held:
    _look(file)
    key = Secret(secrets.token_urlsafe(24), "made up for this process")
    options = {
        "file": str(file.resolve()),
        "name": file.stem,
        "key": key.reveal(),
        "context": _CONTEXT,
        # Half of them, so that an editor on the same machine stays usable while the model writes.
        "threads": max(1, (os.cpu_count() or 2) // 2),
    }
    process = subprocess.Popen(
        # With -P neither this folder nor the user's is searched for what it imports.
        [sys.executable, "-P", str(Path(__file__).with_name("gguf_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    late = threading.Timer(_START_SECONDS, process.kill)
    late.start()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(options) + "\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline())
        address = said["address"]
    except (OSError, ValueError, KeyError, TypeError):
        _ended(process)
        raise Unreachable(
            f"{file} cannot be loaded as a model; see whether it is whole, fits into memory, and is not newer"
            f" than your xllamacpp ({INSTALL} --upgrade)"
        ) from None
    finally:
        late.cancel()
    return _Held(process, address, key)


def _ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
