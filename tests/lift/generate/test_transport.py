"""Pieces of the wire: events however they are cut, what errors say, how long to wait, where a key goes."""

from __future__ import annotations

import itertools
import json
import pickle
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.errors import NotConfigured, Refused, Unauthorized
from lift.generate import keys
from lift.generate.anthropic import enforced
from lift.generate.dialect import has_shape
from lift.generate.events import Event, events
from lift.generate.secret import Secret
from lift.generate.transport import Patience, Place, Transport, explained, problem, retry_after

STREAM = (
    "event: a\ndata: eins\n\n: a comment\r\n\r\ndata: zwei\rdata:drei\r\r"
    'id: 4\ndata: {"ü": "\u2028"}\n\nretry: 1\n\nevent: ohne\n\ndata: last'
).encode()
EVENTS = [Event("eins", "a"), Event("zwei\ndrei"), Event('{"ü": "\u2028"}'), Event("last")]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
async def test_events_are_the_same_however_they_are_cut(cuts):
    async def chunks():
        places = [0, *sorted(cuts), len(STREAM)]
        for start, end in itertools.pairwise(places):
            yield STREAM[start:end]

    assert [event async for event in events(chunks())] == EVENTS


@pytest.mark.parametrize(
    ("body", "said", "code"),
    [
        (b'{"error": {"message": "bad\\nkey.", "type": "t", "code": "c"}}', "bad key", "c"),
        (b'{"error": "model not found"}', "model not found", ""),
        (b'{"detail": [{"msg": "field required"}]}', "field required", ""),
        (b'{"object": "error", "message": "too long", "code": 400}', "too long", "400"),
        (
            b'[{"error": {"message": "m", "details": [{"reason": "API_KEY_INVALID"}]}}]',
            "m",
            "API_KEY_INVALID",
        ),
        (b"plain words\n", "plain words", ""),
        (b"<!doctype html><p>no", "", ""),
        (b"", "", ""),
        (b"[]", "", ""),
        (b'{"error": {}}', "", ""),
        (b"\xff\x00\x1b[31m", "\ufffd [31m", ""),
        (b"[" * 50_000, "[" * 237 + "…", ""),
    ],
)
def test_errors_are_read_in_whatever_form_they_come(body, said, code):
    assert explained(body) == (said, code)


_WORDS = st.sampled_from(["error", "message", "detail", "details", "code", "msg"])
_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(_WORDS, inner),
    max_leaves=8,
)


@given(_BODIES)
def test_no_error_body_breaks_the_reader(document):
    said, code = explained(json.dumps(document).encode())
    assert isinstance(said, str)
    assert isinstance(code, str)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, b"", 7),
        ({"retry-after-ms": "1500", "retry-after": "9"}, b"", 1.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, b"", 30),
        ({"Retry-After": "Wed, 21 Oct 2015 07:00:00 GMT"}, b"", 0),
        ({}, b'{"error": {"details": [{"retryDelay": "36.5s"}]}}', 36.5),
        ({}, b"", None),
        ({"Retry-After": "soon"}, b"", None),
        ({"Retry-After": "-5"}, b"", None),
        ({"Retry-After": "nan"}, b"", None),
        ({"Retry-After": "1e400"}, b"", None),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(headers, body, seconds):
    assert retry_after(headers, body, now=1445412480.0) == seconds


def test_an_account_without_credit_is_not_asked_again():
    body = b'{"error": {"message": "quota", "code": "insufficient_quota"}}'
    assert not problem(Place("http://a"), 429, body, {}).again


def test_gemini_says_of_a_wrong_key_that_the_request_is_bad():
    body = b'{"error": {"code": 400, "message": "m", "details": [{"reason": "API_KEY_INVALID"}]}}'
    assert isinstance(problem(Place("http://a"), 400, body, {}), Unauthorized)


def test_every_status_is_said_with_its_place():
    for status in range(201, 600):
        error = problem(Place("http://a"), status, b"", {})
        assert str(error).startswith(("http://a ", "http://a:"))
        assert f"HTTP {status}" in str(error)


class _Sends(BaseHTTPRequestHandler):
    """Sends requests on, and answers where nobody is sent on any more."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        self.server.seen.append((self.command, self.path, self.headers.get("x-api-key")))
        target = self.server.targets.get(self.path)
        if target is None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        self.send_response(target[0])
        self.send_header("location", target[1])
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        """Says nothing."""


@pytest.fixture
def sending():
    """A server that sends requests on, by its ``targets``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sends)
    server.targets, server.seen = {}, []
    server.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


async def posted(server, path: str):
    transport = Transport(Place(server.endpoint, {"x-api-key": Secret("secret-1")}), Patience())
    try:
        async with transport.opened(path, {"a": 1}) as opened:
            return b"".join([chunk async for chunk in opened.chunks])
    finally:
        await transport.close()


async def test_a_server_that_starts_up_says_where_to_look_again(sending):
    sending.targets = {"/a": (303, "/b"), "/b": (303, "/c")}
    assert await posted(sending, "/a") == b"{}"
    assert sending.seen == [("POST", "/a", "secret-1"), ("GET", "/b", "secret-1"), ("GET", "/c", "secret-1")]


async def test_a_key_is_not_sent_on_to_another_server(sending):
    port = sending.server_address[1]
    sending.targets = {"/a": (307, f"http://localhost:{port}/b")}
    with pytest.raises(Refused, match=r"sends requests on to localhost:\d+; if that is right, name it"):
        await posted(sending, "/a")
    assert len(sending.seen) == 1


async def test_requests_are_not_sent_on_without_end(sending):
    sending.targets = {"/a": (307, "/a")}
    with pytest.raises(Refused, match="without end"):
        await posted(sending, "/a")


def test_a_key_does_not_show_itself():
    key = Secret("secret-1", "A in the environment")
    assert "secret-1" not in f"{key} {key!r} {[key]} {vars(Place('http://a', {'k': key}))}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


ENVIRON = {
    "OPENAI_API_KEY": "openai",
    "ANTHROPIC_API_KEY": "anthropic",
    "GOOGLE_API_KEY": "google",
    "LIFT_API_KEY": "own",
    "MODAL_KEY": "wk",
    "MODAL_SECRET": "ws",
}


@pytest.mark.parametrize(
    ("endpoint", "key"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://api.anthropic.com", "anthropic"),
        ("https://generativelanguage.googleapis.com", "google"),
        ("https://api.openai.com.attacker.example/v1", "own"),
        ("https://attacker.example/api.openai.com", "own"),
        ("http://127.0.0.1:8080/v1", "own"),
    ],
)
def test_a_key_goes_only_to_whom_it_is_for(endpoint, key):
    found = keys.find(endpoint, ENVIRON)
    assert found is not None
    assert found.reveal() == key


@pytest.mark.parametrize("key", ["sk-…", "sk-1\nX: y", "sk 1", "sk-\x1b"])
def test_what_can_be_no_key_is_refused_and_not_repeated(key):
    with pytest.raises(NotConfigured, match="LIFT_API_KEY in the environment holds") as caught:
        keys.find("http://a", {"LIFT_API_KEY": key})
    assert "sk" not in str(caught.value)


def test_modals_pair_goes_to_modal_only():
    pair = keys.find_modal("https://me--lift.modal.run/v1", ENVIRON)
    assert pair is not None
    assert [part.reveal() for part in pair] == ["wk", "ws"]
    assert keys.find_modal("https://modal.run.attacker.example/v1", ENVIRON) is None
    assert keys.find_modal("https://me--lift.modal.run/v1", {"MODAL_KEY": "wk"}) is None


def test_the_keyring_is_asked_where_the_environment_has_nothing():
    asked = []

    def keyring(service, name):
        asked.append((service, name))
        return " of-the-keyring "

    found = keys.find("https://api.openai.com/v1", {}, keyring)
    assert found is not None
    assert (found.reveal(), found.origin) == ("of-the-keyring", "OPENAI_API_KEY in the keyring")
    assert asked == [("lift", "OPENAI_API_KEY")]
    assert keys.find("https://api.openai.com/v1", ENVIRON, keyring).reveal() == "openai"


def test_a_keyring_that_is_missing_breaks_or_does_not_answer_is_no_keyring(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert keys.system_keyring("lift", "A") is None
    monkeypatch.setitem(sys.modules, "keyring", object())
    assert keys.system_keyring("lift", "A") is None
    forever = threading.Event()

    class Waits:
        @staticmethod
        def get_password(service, name):
            forever.wait()

    monkeypatch.setitem(sys.modules, "keyring", Waits)
    monkeypatch.setattr(keys, "_KEYRING_SECONDS", 0.01)
    assert keys.system_keyring("lift", "A") is None
    forever.set()


def test_bounds_that_a_server_does_not_enforce_become_words():
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "maxLength": 5, "description": "A name."},
            "b": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 3},
            "c": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {}}]},
        },
        "required": ["a"],
        "title": "T",
    }
    assert enforced(schema) == {
        "type": "object",
        "properties": {
            "a": {"type": "string", "description": "A name. maxLength: 5"},
            "b": {
                "type": "array",
                "items": {"type": "integer", "description": "minimum: 1"},
                "minItems": 1,
                "description": "maxItems: 3",
            },
            "c": {
                "anyOf": [
                    {"type": "null"},
                    {"type": "object", "properties": {}, "additionalProperties": False},
                ]
            },
        },
        "required": ["a"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        ('{"a": 1}', True),
        ('{"a": 1, "b": 2}', False),
        ("{}", False),
        ("[]", False),
        ('```json\n{"a": 1}\n```', False),
        ("", False),
        ("[" * 100_000, False),
    ],
)
def test_an_answer_that_was_held_to_the_schema_is_told_from_others(text, shaped):
    schema = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}
    assert has_shape(text, schema) == shaped
