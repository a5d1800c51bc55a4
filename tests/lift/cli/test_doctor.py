"""``lift doctor``: what it finds here, and the remedy for what it does not."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from lift.cli.editors import EDITORS, hook_of
from lift.cli.examination import Organ, examine
from lift.cli.main import main
from lift.config import Config

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
