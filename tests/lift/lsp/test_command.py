"""The command ``lift-lsp``: its flags, both transports, and how it starts and ends."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lift import __version__
from lift.lsp.transport import Framer, framed

COMMAND = str(Path(sys.executable).with_name("lift-lsp"))
FUZZ = Path(__file__).resolve().parents[4] / "shared" / "bench" / "lspfuzz.py"
INITIALIZE = {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
DEADLINE_SECONDS = 60.0


def run(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *flags], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=DEADLINE_SECONDS
    )


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"lift-lsp {__version__}\n")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--nonsense"], "--nonsense"),
        (["--port", "99999", "--tcp"], "0 to 65535"),
        (["--port", "http", "--tcp"], "'http'"),
        (["--log-level", "loud"], "warning"),
        (["--stdio", "--tcp"], "not allowed"),
    ],
)
def test_wrong_flags_end_with_2_and_the_remedy(flags: list[str], said: str) -> None:
    done = run(*flags)
    assert done.returncode == 2
    assert said in done.stderr
    assert "usage: lift-lsp" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def server(*flags: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [COMMAND, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def messages(data: bytes) -> list[Any]:
    return list(Framer().feed(data))


@pytest.mark.parametrize("flags", [[], ["--stdio"], ["--stdio", "--clientProcessId=1"]])
def test_speaks_over_its_input_and_output(flags: list[str]) -> None:
    with server(*flags) as process:
        sent = [INITIALIZE, {"method": "initialized", "params": {}}, {"id": 2, "method": "lift/status"}]
        out, err = process.communicate(b"".join(map(framed, sent)), DEADLINE_SECONDS)
        # Closing the input without shutdown is no proper end.
        assert process.returncode == 1
        assert messages(out)[0]["result"]["serverInfo"] == {"name": "lift", "version": __version__}
        assert err == b""


def test_a_proper_end_is_0() -> None:
    with server() as process:
        sent = [INITIALIZE, {"id": 2, "method": "shutdown"}, {"method": "exit"}]
        process.communicate(b"".join(map(framed, sent)), DEADLINE_SECONDS)
        assert process.returncode == 0


def test_ends_when_the_process_it_serves_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        params = {"processId": other.pid, "capabilities": {}}
        with server() as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(framed({**INITIALIZE, "params": params}))
            process.stdin.flush()
            assert process.stdout.readline()
            other.communicate(b"\n")
            assert process.wait(DEADLINE_SECONDS) == 1


def test_speaks_over_tcp() -> None:
    with server("--tcp", "--port", "0") as process:
        assert process.stderr is not None
        place = re.search(rb"listens on 127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert place is not None
        with socket.create_connection(("127.0.0.1", int(place[1])), DEADLINE_SECONDS) as connection:
            sent = [INITIALIZE, {"id": 2, "method": "shutdown"}, {"method": "exit"}]
            connection.sendall(b"".join(map(framed, sent)))
            received = b""
            while chunk := connection.recv(1 << 16):
                received += chunk
        assert [m["id"] for m in messages(received)] == [1, 2]
        assert process.wait(DEADLINE_SECONDS) == 0


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--tcp", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "choose another --port" in done.stderr


TALKATIVE = """
import lift.lsp.main as command
pipe = command.standard_pipe
def talkative():
    found = pipe()
    print("hello", flush=True)
    return found
command.standard_pipe = talkative
command.main([])
"""


def test_a_print_does_not_break_the_stream() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TALKATIVE],
        input=framed(INITIALIZE),
        capture_output=True,
        timeout=DEADLINE_SECONDS,
    )
    assert b"hello" not in done.stdout
    assert b"hello" in done.stderr
    assert messages(done.stdout)[0]["id"] == 1


@pytest.mark.slow
@pytest.mark.skipif(not FUZZ.exists(), reason="the robustness driver is not beside this checkout")
@pytest.mark.parametrize("group", ["framing", "rpc", "positions", "edits", "ends"])
def test_survives_the_robustness_driver(group: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    driver = [sys.executable, str(FUZZ), "--only", group, "--quiet", "--json", str(report), "--", COMMAND]
    subprocess.run(driver, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    found = json.loads(report.read_text())
    cases = [c for c in found["cases"] if c["group"] == group]
    assert cases
    assert "aborted" not in found
    assert [c for c in cases if c["status"] not in ("ok", "n/a") or c["tracebacks"]] == []
