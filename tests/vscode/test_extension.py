"""The extension's own checks: types, lint and unit tests, and what goes into the package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lift.config import DEFAULT_SEVERITY, KEYS

EXTENSION = Path(__file__).resolve().parents[2] / "vscode-extension"
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
TEXTS = json.loads((EXTENSION / "package.nls.json").read_text(encoding="utf-8"))
SETTINGS = MANIFEST["contributes"]["configuration"]["properties"]


@pytest.mark.slow
def test_types_lint_and_unit_tests_pass(node_modules: Path) -> None:
    done = subprocess.run(
        ["npm", "test"],
        cwd=EXTENSION,
        env={**os.environ, "LIFT_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_the_package_holds_the_bundle_and_the_wheel_and_little_else(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as package:
        sizes = {entry.filename: entry.file_size for entry in package.infolist()}
    names = {Path(name).name for name in sizes}
    assert {"extension.js", "icon.png", "LICENSE.txt", "package.nls.json"} <= names
    assert [name for name in sizes if name.endswith(".whl")]
    assert sizes["extension/dist/extension.js"] < 500_000
    assert not [name for name in sizes if name.endswith((".ts", ".map", ".mjs")) or "node_modules" in name]


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (EXTENSION / "package-lock.json").read_text(encoding="utf-8")


def test_every_text_of_the_manifest_exists_and_is_used() -> None:
    used = {word[1:-1] for word in _strings(MANIFEST) if word.startswith("%") and word.endswith("%")}
    assert used == set(TEXTS)


def test_the_settings_of_the_server_are_those_that_it_reads() -> None:
    own = {"interpreter", "importStrategy", "trace.server"}
    names = {key.removeprefix("lift.") for key in SETTINGS} - own
    assert {_kebab(name) for name in names} <= set(KEYS)
    assert set(SETTINGS["lift.severity"]["propertyNames"]["enum"]) == set(DEFAULT_SEVERITY)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_a_setting_has_a_description_and_a_scope(setting: dict) -> None:
    assert setting["markdownDescription"].startswith("%")
    assert setting["scope"] in {"resource", "machine-overridable", "window"}


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [word for part in value.values() for word in _strings(part)]
    if isinstance(value, list):
        return [word for part in value for word in _strings(part)]
    return [value] if isinstance(value, str) else []


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)
