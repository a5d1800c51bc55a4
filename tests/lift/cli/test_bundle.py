"""``lift doctor --bundle``: what it puts together, and that nobody is given away by it."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from lift.cli.bundle import redaction, write
from lift.cli.examination import Organ
from lift.cli.main import main

KEY = "sk-planted0123456789abcdef"
CODE = "return password_of(customer)"


def parts_of(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a home folder, with something to give away in every place that is looked at."""
    home = tmp_path / "home" / "jdoe4711"
    project = home / "secret-project"
    project.mkdir(parents=True)
    (project / "m.py").write_text(f"def f(customer):\n    {CODE}\n", encoding="utf-8")
    (project / "pyproject.toml").write_text('[tool.lift]\nexclude = ["customer-acme"]\nworkers = 3\n')
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "jdoe4711")
    monkeypatch.setenv("LOGNAME", "jdoe4711")
    monkeypatch.setenv("LIFT_API_KEY", KEY)
    monkeypatch.setenv("SOME_TOKEN", "tok-planted-value")
    monkeypatch.setenv("LIFT_PROVIDER", "openai-compatible")
    monkeypatch.setenv("LIFT_ENDPOINT", "https://models.acme-internal.example/v1")
    monkeypatch.setenv("LIFT_SECONDS", "9")
    monkeypatch.setattr("socket.gethostname", lambda: "acme-laptop-17")
    return project


LOG = "\n".join(
    [
        f"2026-01-31 12:00:00,000 DEBUG pygls: {CODE}",
        f"2026-01-31 12:00:00,000 ERROR lift.lsp: Error in 'hover': ValueError: `{CODE}` request=3"
        " method=textDocument/hover document=file:///home/jdoe4711/secret-project/m.py",
        json.dumps(
            {
                "time": "t",
                "level": "warning",
                "logger": "lift",
                "message": f"said '{CODE}'",
                "document": "file:///a/acme.py",
            }
        ),
        json.dumps({"time": "t", "level": "debug", "logger": "pygls", "message": CODE}),
        f"Traceback: {CODE}",
        "",
    ]
)


def test_nothing_that_was_planted_is_in_a_bundle(planted: Path) -> None:
    log = planted / "lift.log"
    log.write_text(LOG, encoding="utf-8")
    organs = [Organ("model", "broken", f"{planted}/m.py at acme-laptop-17 with {KEY}", "ask jdoe4711")]
    file = planted / "bundle.zip"
    shown = write(file, organs, os.environ, Path.home(), log)
    parts = parts_of(file)
    assert [name for name, _ in shown] == list(parts)
    assert all(size == len(parts[name].encode()) for name, size in shown)
    whole = "\n".join(parts.values())
    for secret in (KEY, "tok-planted", CODE, "jdoe4711", "acme", "secret-project"):
        assert secret not in whole, secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_bundle_says_what_a_maintainer_needs(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--bundle", "out.zip"])
    out = capsys.readouterr().err
    parts = parts_of(planted / "out.zip")
    assert all(name in out for name in parts)
    assert "out.zip" in out
    settings = json.loads(parts["settings.json"])
    assert settings["seconds"] == {"value": 9.0, "source": "environment"}
    assert settings["workers"] == {"value": 3, "source": "pyproject.toml"}
    assert settings["lens"]["source"] == "default"
    assert settings["exclude"] == {"value": "<set>", "source": "pyproject.toml"}
    assert json.loads(parts["versions.json"])["packages"]["z3-solver"]
    assert json.loads(parts["server.json"])["status"]["documents"] == 0
    assert {"z3", "sandbox"} <= {check["name"] for check in json.loads(parts["checks.json"])}


def test_a_log_keeps_what_happened(planted: Path) -> None:
    log = planted / "lift.log"
    log.write_text(LOG, encoding="utf-8")
    write(planted / "b.zip", [], {}, Path.home(), log)
    lines = parts_of(planted / "b.zip")["log.txt"].splitlines()
    assert len(lines) == 2
    assert "ERROR lift.lsp: Error in …: ValueError" in lines[0]
    assert "document=document-1" in lines[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Authorization: Bearer abcdefgh12345678", "Authorization: <key>"),
        ("https://me:pw@models.example/v1", "https://<host>/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("ghp_0123456789abcdefghij", "<key>"),
        ("/h/me/there and /h/me/here/x", "~/there and <folder>/x"),
    ],
)
def test_what_is_taken_out(text: str, wanted: str) -> None:
    assert redaction(Path("/h/me"), Path("/h/me/here"), {})(text) == wanted


def test_a_bundle_that_cannot_be_written_is_misuse(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--bundle", str(planted)]) == 2
    assert "cannot write" in capsys.readouterr().err
