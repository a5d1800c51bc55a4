"""The Modal service as far as it goes without Modal, and the commands that look after it.

The server that the service starts is a program of the tests; that its command line is right is said by
SGLang's own parser.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lift.serving import commands, modal_service
from lift.serving.commands import ServingError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="module")
def parser_folder() -> Path:
    where = subprocess.run(
        [ROOT / "tools" / "sglang_parser.sh", "--where"], capture_output=True, text=True, check=True
    )
    folder = Path(where.stdout.strip())
    if not (folder / "fetched").is_file():
        if os.environ.get("LIFT_REQUIRE_EDITORS") == "1":
            pytest.fail("SGLang's parser is not here: tools/sglang_parser.sh fetches it", pytrace=False)
        pytest.skip("SGLang's parser is not here: tools/sglang_parser.sh fetches it")
    return folder


def understood(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(HERE / "sglang_parser.py"), str(folder), *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("model", modal_service.MODELS.values(), ids=list(modal_service.MODELS))
def test_sglangs_own_parser_takes_the_command_line(parser_folder: Path, model: Any) -> None:
    python, flag, module, *arguments = modal_service.command(model)
    assert (python, flag, module) == ("python", "-m", "sglang.launch_server")
    done = understood(parser_folder, arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # Every option that is given is one that was understood.
    assert len(found) == sum(word.startswith("--") for word in arguments)
    assert found["model_path"] == model.name
    assert found["revision"] == model.revision
    assert found["grammar_backend"] == "xgrammar"
    assert found["port"] == modal_service.PORT
    assert found["max_running_requests"] == model.requests


@pytest.mark.parametrize("wrong", [["--no-such-option"], ["--grammar-backend", "nonsense"]])
def test_the_parser_refuses_what_sglang_would_refuse(parser_folder: Path, wrong: list[str]) -> None:
    assert understood(parser_folder, ["--model-path", "m", *wrong]).returncode == 2


SERVER = """
import http.server, json, sys, threading
port, log = int(sys.argv[sys.argv.index("--port") + 1]), open("asked.jsonl", "a", buffering=1)
loading = 2

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        global loading
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        status = 200
        if self.path == "/health_generate" and loading:
            loading, status = loading - 1, 503
        log.write(json.dumps([self.path, body, status]) + "\\n")
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    do_GET = do_POST = answer
    def log_message(self, *a):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.mark.filterwarnings("ignore:The .* is executing locally")
def test_the_service_starts_warms_up_and_wakes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m sglang.launch_server`` is a server of ours here; all around it is the service's own."""
    package = tmp_path / "sglang"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "launch_server.py").write_text(SERVER)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        port = probe.server_address[1]
    monkeypatch.setattr(modal_service, "PORT", port)
    service = modal_service.Service()
    # Away from Modal, the first local call runs what a container runs on entering.
    service.serve.local()
    asked = [json.loads(row) for row in (tmp_path / "asked.jsonl").read_text().splitlines()]
    paths = [path for path, _, status in asked if status == 200]
    assert paths == [
        "/health_generate",
        "/v1/chat/completions",
        "/v1/chat/completions",
        "/release_memory_occupation",
        "/resume_memory_occupation",
        "/health_generate",
    ]
    forms = [body.get("response_format") for path, body, _ in asked if path.startswith("/v1")]
    assert forms[0] is None
    assert forms[1]["json_schema"]["strict"] is True
    # What runs on leaving can be called by Modal alone.
    service.process.terminate()
    service.process.wait()


class _Down(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def down() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Down) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_server_that_ends_is_not_waited_for(down: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as process:
        process.wait()
        with pytest.raises(RuntimeError, match="status 3"):
            modal_service.wait_until_ready(process, down, 60)


def test_a_server_that_never_is_ready_is_given_up(down: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with pytest.raises(TimeoutError, match=r"not ready within 0\.2 s"):
            modal_service.wait_until_ready(process, down, 0.2, 0.05)
        process.kill()


def test_an_unknown_model_is_named_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFT_SERVED", "huge")
    with pytest.raises(ValueError, match="'huge' is none of default, small"):
        modal_service.served()


def test_the_commands_speak_of_the_service_that_is_deployed() -> None:
    assert commands.APP == modal_service.APP
    assert Path(modal_service.__file__) == commands.FILE


def nobody(tmp_path: Path) -> dict[str, str]:
    """An environment without a token of Modal's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MODAL_")}
    return {**kept, "HOME": str(tmp_path), "MODAL_CONFIG_PATH": str(tmp_path / "none.toml")}


def test_without_a_token_the_remedy_is_lifts_own(tmp_path: Path) -> None:
    lines: list[str] = []
    environ = nobody(tmp_path)
    with pytest.raises(ServingError, match="run `modal token new`"):
        commands.deploy(lines.append, environ=environ)
    assert lines
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lift")), "serve", "modal", "status"],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )
    assert done.returncode == 1
    assert "modal token new" in done.stderr


@pytest.fixture
def modal_says(tmp_path: Path) -> Any:
    """Puts a module ``modal`` in Modal's place that prints what the test says, as its command line would."""

    def says(text: str, status: int = 0) -> dict[str, str]:
        package = tmp_path / "modal"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text("")
        (package / "__main__.py").write_text(
            f"import sys, pathlib\npathlib.Path({str(tmp_path / 'argv')!r}).write_text(repr(sys.argv[1:]))\n"
            f"print({text!r})\nraise SystemExit({status})\n"
        )
        return {**os.environ, "PYTHONPATH": str(tmp_path)}

    return says


def test_the_address_is_read_from_what_modal_prints(modal_says: Any, tmp_path: Path) -> None:
    shown = (
        "✓ Created web endpoint for Service.serve => https://me--lift-model-service-serve.modal.run\n✓ done"
    )
    environ = modal_says(shown)
    found = commands.deploy(lambda line: None, "small", 2, environ)
    assert found.url == "https://me--lift-model-service-serve.modal.run"
    assert "modal_service.py" in (tmp_path / "argv").read_text()


@pytest.mark.parametrize(
    ("rows", "state", "tasks"),
    [
        ([], None, 0),
        ([{"Description": "other", "State": "deployed", "Tasks": "1"}], None, 0),
        ([{"Description": "lift-model", "State": "deployed", "Tasks": "1"}], "deployed", 1),
        (
            [
                {"Description": "lift-model", "State": "stopped", "Tasks": "0"},
                {"Description": "lift-model", "State": "deployed", "Tasks": "0"},
            ],
            "deployed",
            0,
        ),
    ],
)
def test_the_state_is_that_of_the_newest_deployment(
    modal_says: Any, rows: list[dict[str, str]], state: str | None, tasks: int
) -> None:
    found = commands.standing(modal_says(json.dumps(rows)))
    assert (found.state, found.tasks) == (state, tasks)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Error: No App with name 'lift-model' found", "lift serve modal deploy"),
        ("Error: Could not connect to the Modal server.", "try again when there is a network"),
        ("Something else went wrong", "`modal app` failed: Something else went wrong"),
    ],
)
def test_what_modal_refuses_is_explained(modal_says: Any, said: str, remedy: str) -> None:
    with pytest.raises(ServingError, match=remedy):
        commands.stop(modal_says(said, 1))


def test_an_answer_that_nobody_understands_is_said(modal_says: Any) -> None:
    with pytest.raises(ServingError, match="not understood"):
        commands.standing(modal_says("<html>"))
