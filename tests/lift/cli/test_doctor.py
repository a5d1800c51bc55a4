"""``lift doctor``: what it finds here, and the remedy for what it does not."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from lift.cli.editors import EDITORS, hook_of
from lift.cli.examination import Organ, examine
from lift.cli.main import main
from lift.cli.model_examination import examine_model
from lift.config import Config, load
from lift.generate.budget import budget, default_path

from tests.lift.generate.scripted import Says, serving

HOOKS = {
    "VS Code": (".vscode/extensions/lift-sys.lift-0.1.0/package.json", ""),
    "Cursor": (".cursor/extensions/lift-sys.lift-0.1.0/package.json", ""),
    "Neovim": (".config/nvim/lua/plugins/lift.lua", "vim.lsp.config('lift', { cmd = { 'lift-lsp' } })"),
    "Emacs": (".emacs.d/init.el", "(add-to-list 'eglot-server-programs '(python-mode \"lift-lsp\"))"),
    "Helix": (".config/helix/languages.toml", '[language-server.lift]\ncommand = "lift-lsp"\n'),
    "PyCharm": (".config/JetBrains/PyCharm2025.3/options/lsp4ij.xml", '<command value="lift-lsp" />'),
}


@pytest.fixture(scope="module")
def organs(tmp_path_factory) -> dict[str, Organ]:
    """What is found with a home folder in which no editor was ever started."""
    home = tmp_path_factory.mktemp("home")
    return {organ.name: organ for organ in examine(Config(cache=str(home / "cache")), home)}


def test_what_lift_needs_works_here(organs):
    needed = ("Python", "lift", "z3", "worker", "sandbox", "cache")
    assert {name: organs[name].state for name in needed} == dict.fromkeys(needed, "fine")


def test_what_is_not_fine_has_a_remedy_unless_it_is_not_used_here(organs):
    editors = {editor.name for editor in EDITORS}
    lacking = [o for o in organs.values() if o.state != "fine" and not o.remedy]
    assert [o.name for o in lacking if o.name not in editors or o.state != "absent"] == []


def test_code_that_may_not_run_is_not_run(tmp_path):
    config = Config(cache=False, run_code=False)
    found = {organ.name: organ for organ in examine(config, tmp_path)}
    assert (found["sandbox"].state, found["cache"].state) == ("absent", "absent")


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_found(tmp_path, name):
    path, content = HOOKS[name]
    editor = next(editor for editor in EDITORS if editor.name == name)
    assert hook_of(editor, tmp_path) is None
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(content)
    assert hook_of(editor, tmp_path) is not None


def test_a_configuration_that_does_not_name_lift_is_no_hook(tmp_path):
    for name, (path, content) in HOOKS.items():
        if content:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(b"\xff something else")
            assert hook_of(next(e for e in EDITORS if e.name == name), tmp_path) is None


def test_an_unusable_cache_is_told_with_its_remedy(tmp_path):
    (tmp_path / "plain").write_text("")
    config = Config(cache=str(tmp_path / "plain" / "cache"), run_code=False)
    cache = next(organ for organ in examine(config, tmp_path) if organ.name == "cache")
    assert cache.state == "missing"
    assert "writable" in cache.remedy


def test_the_command_prints_both_forms(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    status = main(["doctor", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["fine"]) == (1, status == 0)
    assert [check["name"] for check in document["checks"]][:3] == ["Python", "lift", "z3"]
    (tmp_path / "pyproject.toml").write_text("[tool.lift]\nworker = 1\n")
    main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert "tool.lift.worker is not a setting" in lines[0]
    assert lines[-1].startswith(("lift works here", "lift does not work here"))


def test_an_executable_that_does_not_start_is_broken(tmp_path, monkeypatch):
    server = tmp_path / "lift-lsp"
    server.write_text("#!/bin/sh\necho no pygls here >&2\nexit 3\n")
    server.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = next(
        o for o in examine(Config(cache=False, run_code=False), Path(tmp_path)) if o.name == "lift-lsp"
    )
    assert (found.state, found.detail) == ("broken", f"{server} does not start: no pygls here")


def doctored(capsys, *options: str) -> dict[str, dict[str, str]]:
    """What the command says, by name."""
    main(["doctor", "--format", "json", *options])
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A model's server that is set up, and a state folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving(Says("{}"), models=("a-model",)) as server:
        monkeypatch.setenv("LIFT_PROVIDER", "openai-compatible")
        monkeypatch.setenv("LIFT_ENDPOINT", server.endpoint)
        yield server


def test_a_model_is_named_and_not_asked(model, tmp_path):
    organ = examine_model(load(tmp_path, None, os.environ)[0], ask=False)
    assert (organ.state, model.other, model.asked) == ("fine", [], [])
    assert model.endpoint in organ.detail
    assert "0 of 1,000,000 tokens used today; not asked, unless by --models" in organ.detail


def test_a_model_is_asked_where_that_is_wanted(model, tmp_path, monkeypatch):
    budget(0, default_path()).settle(0, 1234)
    organ = examine_model(load(tmp_path, None, os.environ)[0], ask=True)
    assert organ.state == "fine"
    assert organ.detail.startswith(f"a-model at {model.endpoint}/v1, by openai-compatible, answers")
    assert "1,234 of" in organ.detail
    monkeypatch.setenv("LIFT_MODEL", "another")
    organ = examine_model(load(tmp_path, None, os.environ)[0], ask=True)
    assert organ.state == "missing"
    assert "does not offer another; set model to one of: a-model" in organ.detail


def test_the_command_asks_only_with_its_option(model, capsys):
    assert doctored(capsys, "--models")["model"]["state"] == "fine"
    assert model.other == ["GET /v1/models"]


@pytest.mark.parametrize(
    ("config", "state", "words"),
    [
        (Config(), "absent", "none is set up"),
        (Config(provider="opnai"), "missing", "the nearest is openai-compatible"),
        (Config(provider="google"), "missing", "set model"),
    ],
)
def test_what_is_wrong_with_the_settings_of_the_model_is_said(config, state, words):
    organ = examine_model(config, ask=False)
    assert (organ.state, bool(organ.remedy)) == (state, True)
    assert words in organ.detail
