"""Framing finds its way back after whatever a client sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.lsp.transport import (
    LIMIT_BYTES,
    Framer,
    Malformed,
    Output,
    Pipe,
    framed,
    read_forever,
    watch_process,
)

PING = {"jsonrpc": "2.0", "method": "ping"}


def decoded(data: bytes, chunk: int = 1 << 16) -> list[object]:
    framer = Framer()
    return [m for place in range(0, len(data), chunk) for m in framer.feed(data[place : place + chunk])]


def frame(body: bytes, head: bytes = b"Content-Length: %d\r\n\r\n") -> bytes:
    return head % len(body) + body


BODY = json.dumps(PING).encode()

GOOD = {
    "plain": framed(PING),
    "content type after": frame(BODY, b"Content-Length: %d\r\nContent-Type: x; charset=utf-8\r\n\r\n"),
    "content type before": frame(BODY, b"Content-Type: x; charset=utf8\r\nContent-Length: %d\r\n\r\n"),
    "lower case": frame(BODY, b"content-length:%d\r\n\r\n"),
    "line feeds only": frame(BODY, b"Content-Length: %d\n\n"),
    "unknown header": frame(BODY, b"X-Thing: 1\r\nContent-Length: %d\r\n\r\n"),
    "no empty line": frame(BODY, b"Content-Length: %d\r\n"),
    "rubbish before": b"hello\r\n\r\n\r\nworld\r\n\r\n" + framed(PING),
    "empty body before": b"Content-Length: 0\r\n\r\n" + framed(PING),
    "negative length before": b"Content-Length: -5\r\n\r\n" + framed(PING),
    "length in words before": b"Content-Length: abc\r\n\r\n" + framed(PING),
    "length beyond the limit before": b"Content-Length: %d\r\n\r\n{}" % (LIMIT_BYTES + 1) + framed(PING),
    "no length before": b"Content-Type: x\r\n\r\n" + framed(PING),
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_finds_the_message(name: str, chunk: int) -> None:
    assert decoded(GOOD[name], chunk) == [PING]


BROKEN = {
    "not JSON": frame(b"not json"),
    "cut short": frame(b'{"jsonrpc": '),
    "not UTF-8": frame(b'{"a": "\xff\xfe\xc3("}'),
    "nested too deeply": frame(b"[" * 100_000 + b"]" * 100_000),
    "a number too long to read": frame(b'{"id": ' + b"9" * 10_000 + b"}"),
    "length too large": b"Content-Length: %d\r\n\r\n" % (len(BODY) + 30) + BODY,
    "length far too large": b"Content-Length: 200000000\r\n\r\n{}",
    "length too small": b"Content-Length: %d\r\n\r\n" % (len(BODY) - 9) + BODY,
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("chunk", [11, 1 << 16])
def test_says_that_a_frame_is_broken_and_goes_on(name: str, chunk: int) -> None:
    messages = decoded(BROKEN[name] + framed(PING) + framed(PING), chunk)
    assert isinstance(messages[0], Malformed)
    assert messages[-2:] == [PING, PING]
    assert len(messages) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=3), max_size=4), st.integers(1, 40))
def test_any_messages_in_any_pieces(messages: list[dict[str, object]], chunk: int) -> None:
    sent = [{"jsonrpc": "2.0", **message} for message in messages]
    assert decoded(b"".join(framed(m) for m in sent), chunk) == sent


@given(st.binary(max_size=200), st.integers(1, 40))
def test_any_bytes(data: bytes, chunk: int) -> None:
    decoded(data, chunk)


def test_a_lone_surrogate_travels() -> None:
    message = {"jsonrpc": "2.0", "params": "\ud83d"}
    assert decoded(framed(message)) == [message]


def test_writes_whole_frames_from_many_threads() -> None:
    source, sink = os.pipe()
    output = Output(Pipe(lambda size: b"", lambda data: os.write(sink, data)), lambda: None)
    messages = [{"id": n, "text": "x" * 20_000} for n in range(40)]
    threads = [threading.Thread(target=output.send, args=(m,)) for m in messages]
    received: list[object] = []
    pipe = Pipe(lambda size: os.read(source, size), len)
    reader = threading.Thread(target=read_forever, args=(pipe, received.append, lambda: None))
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(sink)
    reader.join()
    os.close(source)
    assert sorted(m["id"] for m in received if isinstance(m, dict)) == list(range(40))


def test_notices_that_nobody_reads() -> None:
    source, sink = os.pipe()
    os.close(source)
    gone: list[bool] = []
    output = Output(Pipe(lambda size: b"", lambda data: os.write(sink, data)), lambda: gone.append(True))
    output.send(PING)
    output.send(PING)
    os.close(sink)
    assert gone == [True]


def test_notices_that_a_process_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = threading.Event()
    watch_process(child.pid, gone.set)
    assert not gone.is_set()
    child.communicate(b"\n")
    assert gone.wait(10)
