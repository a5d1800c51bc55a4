"""What a workspace may decide about itself: every setting is classified, documented and held to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lift.config import KEYS, TRUST, Config, load
from lift.neighbours import Neighbours, stub_problems

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "configuration.md"

# A value for each setting that differs from the default, as a file that wishes harm would give it.
WISHES: dict[str, tuple[str, Any]] = {
    "exclude": ('["a"]', ("a",)),
    "severity": ('{ unknown = "hint" }', None),
    "solvers": ('"z3"', "z3"),
    "run-code": ("false", False),
    "lens": ("true", True),
    "hints": ("true", True),
    "verify-on-save": ("false", False),
    "seconds": ("3600", 3600.0),
    "memory-mb": ("1048576", 1048576),
    "workers": ("64", 64),
    "candidates": ("64", 64),
    "model-seconds": ("3600", 3600.0),
    "backend": ('"crosshair"', "crosshair"),
    "cache": ('"../../elsewhere"', None),
    "model": ('"dear"', "dear"),
    "trusted": ("true", None),
    "provider": ('"openai-compatible"', None),
    "endpoint": ('"https://attacker.example"', None),
    "model-file": ('"/etc/passwd"', None),
    "daily-tokens": ("0", None),
    "requests-per-minute": ("0", None),
}
LESS = {"seconds": "1", "memory-mb": "512", "workers": "1", "candidates": "2", "model-seconds": "5"}


def read(folder: Path, key: str, value: str, *, trusted: bool) -> tuple[Any, Any, tuple[str, ...]]:
    """The setting as it comes out, its default, and the warnings."""
    (folder / "pyproject.toml").write_text(f"[tool.lift]\n{key} = {value}\n", encoding="utf-8")
    config, warnings = load(folder, None, {}, trusted=trusted)
    name = key.replace("-", "_")
    return getattr(config, name), getattr(Config(trusted=trusted), name), warnings


def test_every_setting_is_classified_and_documented() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .*? \| (any|less|trusted|user) \| ", PAGE.read_text("utf-8"), re.M)
    assert dict(rows) == dict(TRUST)
    assert set(TRUST) == set(KEYS) == set(WISHES)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_an_untrusted_workspace_may_not_set_stays_at_its_default(key: str, tmp_path: Path) -> None:
    found, default, warnings = read(tmp_path, key, WISHES[key][0], trusted=False)
    if TRUST[key] == "any":
        assert found != default
        assert not warnings
    else:
        assert found == default
        assert len(warnings) == 1
        assert f"{key} is ignored" in warnings[0]


@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_a_trusted_workspace_may_set(key: str, tmp_path: Path) -> None:
    found, default, warnings = read(tmp_path, key, WISHES[key][0], trusted=True)
    assert (found == default) == (TRUST[key] == "user")
    assert bool(warnings) == (TRUST[key] == "user")


@pytest.mark.parametrize("key", sorted(LESS))
def test_an_untrusted_workspace_may_ask_for_less(key: str, tmp_path: Path) -> None:
    found, default, warnings = read(tmp_path, key, LESS[key], trusted=False)
    assert found < default
    assert not warnings


def test_an_untrusted_workspace_may_keep_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "cache", "false", trusted=False)[0] is False


@pytest.mark.parametrize(
    ("editor", "environ", "trusted"),
    [
        ({"trusted": False}, {}, False),
        ({"trusted": True}, {}, True),
        ({"trusted": True}, {"LIFT_TRUSTED": "false"}, False),
        ({}, {}, True),
    ],
)
def test_the_editor_and_the_environment_say_whom_to_trust(
    editor: object, environ: dict[str, str], trusted: bool, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.lift]\nworkers = 64\n", encoding="utf-8")
    config = load(tmp_path, editor, environ)[0]
    assert (config.trusted, config.workers) == (trusted, 64 if trusted else Config().workers)


STUB = '''def far(x: int) -> int:
    """Far away.

    Ensures:
        - ``result == x``
    """
'''


@pytest.mark.parametrize("how", ["a file", "the folder", "nothing"])
def test_a_stub_that_leads_out_of_the_workspace_is_not_read(how: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    outside.mkdir()
    (outside / "away.pyi").write_text(STUB, encoding="utf-8")
    stubs = inside / ".lift" / "stubs"
    if how == "the folder":
        stubs.parent.mkdir(parents=True)
        stubs.symlink_to(outside, target_is_directory=True)
    else:
        stubs.mkdir(parents=True)
    if how == "a file":
        (stubs / "away.pyi").symlink_to(outside / "away.pyi")
    if how == "nothing":
        (stubs / "away.pyi").write_text(STUB, encoding="utf-8")
    neighbours = Neighbours(inside, inside / "module.py", lambda path: None)
    assert bool(neighbours.find("away")) == (how == "nothing")
    if how == "a file":
        assert stub_problems(inside) == [
            ".lift/stubs/away.pyi is not used, since it leads out of the workspace"
        ]
