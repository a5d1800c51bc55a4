"""Which files a command is about: the walk, what it leaves out, and what it refuses."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest
from lift.cli.files import Misuse, chosen, settings
from lift.config import Config


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIFT_")]:
        monkeypatch.delenv(name)
    return tmp_path


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")


def walked(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return chosen(argparse.Namespace(paths=list(paths or ["."])), Config(exclude=exclude))


def test_folders_are_walked_in_a_stable_order(folder):
    make(folder, "b.py", "a.py", "sub/z.py", "sub/deep/m.py", "notes.txt", "stub.pyi")
    assert walked() == ["a.py", "b.py", "sub/z.py", "sub/deep/m.py"]
    assert walked("sub", "a.py") == ["sub/z.py", "sub/deep/m.py", "a.py"]


def test_what_others_wrote_is_left_out(folder):
    make(folder, "a.py", ".hidden/b.py", ".#a.py", "node_modules/c.py", "__pycache__/d.py", "env/lib/e.py")
    make(folder, "env/pyvenv.cfg", "lib/site-packages/f.py")
    assert walked() == ["a.py"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(folder):
    make(folder, "script", ".hidden/b.py", "skip/c.py")
    assert walked("script", ".hidden/b.py", "skip/c.py", exclude=("skip",)) == [
        "script",
        ".hidden/b.py",
        "skip/c.py",
    ]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("build", ["a.py", "src/gen_a.py", "src/x.py"]),
        ("build/", ["a.py", "src/gen_a.py", "src/x.py"]),
        ("build/**", ["a.py", "src/gen_a.py", "src/x.py"]),
        ("gen_*.py", ["a.py", "build/b.py", "src/x.py"]),
        ("src/gen_*.py", ["a.py", "build/b.py", "src/x.py"]),
        ("./src", ["a.py", "build/b.py"]),
        ("*", []),
        ("[", ["a.py", "build/b.py", "src/gen_a.py", "src/x.py"]),
    ],
)
def test_excluded_files_are_not_walked_to(folder, pattern, left):
    make(folder, "a.py", "build/b.py", "src/gen_a.py", "src/x.py")
    assert walked(exclude=(pattern,)) == left


def test_patterns_are_relative_to_pyproject(folder, monkeypatch):
    make(folder, "pyproject.toml", "pkg/gen/a.py", "pkg/b.py")
    monkeypatch.chdir(folder / "pkg")
    assert walked(exclude=("pkg/gen",)) == ["b.py"]


def test_a_file_that_is_named_twice_is_checked_once(folder):
    make(folder, "a.py", "sub/b.py")
    (folder / "link.py").symlink_to("a.py")
    assert walked("a.py", "./a.py", str(folder / "a.py"), ".") == ["a.py", "sub/b.py"]


def test_folders_that_link_in_a_circle_end(folder):
    make(folder, "sub/a.py")
    (folder / "sub" / "again").symlink_to("..", target_is_directory=True)
    assert walked() == ["sub/a.py"]


def test_a_dangling_link_is_kept_for_its_error(folder):
    (folder / "gone.py").symlink_to("nowhere.py")
    assert walked() == ["gone.py"]


@pytest.mark.parametrize("path", ["nosuch.py", "sub/nosuch", "a\0b"])
def test_a_path_that_does_not_exist_is_misuse(folder, path):
    with pytest.raises(Misuse, match="does not exist; check the path"):
        walked(path)


def test_nothing_to_check_is_said(folder, capsys):
    assert walked() == []
    assert "no Python files in ." in capsys.readouterr().err


def options(**given) -> Config:
    return settings(argparse.Namespace(exclude=[], **given))


def test_options_win_over_the_settings(folder):
    (folder / "pyproject.toml").write_text("[tool.lift]\nseconds = 1\nexclude = ['a']\n")
    config = options(seconds=2.5, workers=1, no_run_code=True, no_cache=True)
    assert (config.seconds, config.workers, config.run_code, config.cache) == (2.5, 1, False, False)
    assert config.exclude == ("a",)


def test_a_warning_about_the_settings_goes_to_stderr(folder, capsys):
    (folder / "pyproject.toml").write_text("[tool.lift]\nworker = 1\n")
    options()
    assert "tool.lift.worker is not a setting" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given", [{"seconds": 0.0}, {"seconds": float("nan")}, {"workers": 0}, {"memory_mb": 1}]
)
def test_an_option_that_cannot_be_used_is_misuse(folder, given):
    with pytest.raises(Misuse, match=r"--[a-z-]+ must be a .*number from"):
        options(**given)
