"""Keys: from the environment or the system's keyring, and from nowhere else.

A key goes only to the server that it is for: ``OPENAI_API_KEY`` is never sent to another address than
OpenAI's. Must not import anything of lift but its errors and ``lift.generate.secret``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from lift.errors import NotConfigured
from lift.generate.secret import Secret

SERVICE = "lift"
OWN = "LIFT_API_KEY"
MODAL = ("MODAL_KEY", "MODAL_SECRET")
# Which variable holds the key of which server.
_HOSTS: Mapping[str, tuple[str, ...]] = {
    "api.openai.com": ("OPENAI_API_KEY",),
    "api.anthropic.com": ("ANTHROPIC_API_KEY",),
    "generativelanguage.googleapis.com": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
_KEYRING_SECONDS = 3.0

Keyring = Callable[[str, str], str | None]


def names(endpoint: str) -> tuple[str, ...]:
    """The names under which a key for this address is looked for, the first one found counts."""
    host = urlsplit(endpoint).hostname or ""
    return (*_HOSTS.get(host, ()), OWN)


def find(endpoint: str, environ: Mapping[str, str], keyring: Keyring | None = None) -> Secret | None:
    """The key for an address.

    Raises:
        NotConfigured: What is there can be no key.
    """
    return _first(names(endpoint), environ, keyring)


def find_modal(
    endpoint: str, environ: Mapping[str, str], keyring: Keyring | None = None
) -> tuple[Secret, Secret] | None:
    """The pair that a service on Modal wants before it lets anybody in."""
    host = urlsplit(endpoint).hostname or ""
    if not host.endswith((".modal.run", ".modal.host")):
        return None
    found = [_first((name,), environ, keyring) for name in MODAL]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def remedy(endpoint: str) -> str:
    """What to do where the key is missing or wrong."""
    host = urlsplit(endpoint).hostname or ""
    wanted = MODAL if host.endswith((".modal.run", ".modal.host")) else names(endpoint)[:1]
    set_ = " and ".join(f"`keyring set {SERVICE} {name}`" for name in wanted)
    return f"put the right one into the environment as {' and '.join(wanted)}, or run {set_}"


def system_keyring(service: str, name: str) -> str | None:
    """Asks the system's keyring; None where it has no such key, is not there, or does not answer.

    A keyring may show a dialog and wait for a person, so that it is asked on a thread that is left behind.
    """
    found: list[str | None] = []

    def ask() -> None:
        # Any backend may raise anything; without a keyring there is simply no key in it.
        with contextlib.suppress(Exception):
            import keyring

            found.append(keyring.get_password(service, name))

    thread = threading.Thread(target=ask, daemon=True, name="keyring")
    thread.start()
    thread.join(_KEYRING_SECONDS)
    return found[0] if found else None


def _first(wanted: tuple[str, ...], environ: Mapping[str, str], keyring: Keyring | None) -> Secret | None:
    for name in wanted:
        text = environ.get(name, "").strip()
        if text:
            return _usable(Secret(text, f"{name} in the environment"))
    for name in wanted:
        text = (keyring(SERVICE, name) or "").strip() if keyring is not None else ""
        if text:
            return _usable(Secret(text, f"{name} in the keyring"))
    return None


def _usable(key: Secret) -> Secret:
    """The key, if it can be sent at all; an error of the HTTP library would show it."""
    text = key.reveal()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise NotConfigured(f"{key.origin} holds characters that are in no key; copy it anew")
    return key
