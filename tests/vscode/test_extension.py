"""What goes into the extension's package, and whether its manifest fits the server."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from lift.config import DEFAULT_SEVERITY, KEYS

EXTENSION = Path(__file__).resolve().parents[2] / "vscode-extension"
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
TEXTS = json.loads((EXTENSION / "package.nls.json").read_text(encoding="utf-8"))
SETTINGS = MANIFEST["contributes"]["configuration"]["properties"]


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
    assert setting["scope"] in {"resource", "machine-overridable", "machine", "window"}


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [word for part in value.values() for word in _strings(part)]
    if isinstance(value, list):
        return [word for part in value for word in _strings(part)]
    return [value] if isinstance(value, str) else []


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name)
