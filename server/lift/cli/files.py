"""Which files a command is about, and under which settings. Imports the settings and nothing of weight."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from lift.config import Backend, Config, find_pyproject, load
from lift.source.folders import python_files
from lift.verify.peers import missing


class Misuse(Exception):
    """The command was used in a way that cannot work; the text names the place and the remedy."""


def settings(arguments: argparse.Namespace) -> Config:
    """The settings of this folder under the options given; what is wrong with them goes to stderr.

    Raises:
        Misuse: If an option's value cannot be used.
    """
    config, warnings = load(Path.cwd(), None, os.environ)
    for warning in warnings:
        print(f"lift: warning: {warning}", file=sys.stderr)
    given = {
        f"LIFT_{name.upper()}": str(value)
        for name in ("seconds", "memory_mb", "workers")
        if (value := getattr(arguments, name, None)) is not None
    }
    for key, value in given.items():
        changed, refused = load(None, None, {key: value})
        if refused:
            option = "--" + key.removeprefix("LIFT_").lower().replace("_", "-")
            wanted = refused[0].partition(" must be ")[2].partition(", not ")[0]
            raise Misuse(f"{option} must be {wanted}, not {value}")
        field = key.removeprefix("LIFT_").lower()
        config = replace(config, **{field: getattr(changed, field)})
    if getattr(arguments, "no_run_code", False):
        config = replace(config, run_code=False)
    if hasattr(arguments, "backend"):
        config = _with_backend(config, arguments.backend)
    if getattr(arguments, "no_cache", False):
        config = replace(config, cache=False)
    return replace(config, exclude=(*config.exclude, *arguments.exclude))


def _with_backend(config: Config, asked: Backend | None) -> Config:
    """The settings with the backend that was asked for, which has to be there."""
    if asked is not None:
        config = replace(config, backend=asked)
    lacking = missing(config.backend)
    if lacking is not None:
        raise Misuse(lacking)
    if asked == "crosshair" and not config.may_run_code:
        raise Misuse("--backend crosshair runs what is checked, which is forbidden here; allow run-code")
    return config


def named_functions(arguments: argparse.Namespace) -> dict[str, set[str]]:
    """The functions that are named after ``::``, by the file's real path; ``arguments`` keeps the paths.

    Raises:
        Misuse: No function is named after a ``::``.
    """
    named: dict[str, set[str]] = {}
    paths: list[str] = []
    for given in arguments.paths:
        path, mark, name = given.partition("::")
        if mark and not name:
            raise Misuse(f"{given!r} names no function after '::'")
        if mark:
            named.setdefault(os.path.realpath(path), set()).add(name)
        paths.append(path)
    arguments.paths = paths
    return named


def chosen(arguments: argparse.Namespace, config: Config) -> list[str]:
    """The files that the command is about, as the user would name them, each once, in a stable order.

    Raises:
        Misuse: If a path does not exist.
    """
    for path in arguments.paths:
        if "\0" in path or not os.path.lexists(path):
            raise Misuse(f"{path!r} does not exist; check the path")
    pyproject = find_pyproject(Path.cwd())
    base = pyproject.parent if pyproject else Path.cwd()
    found: dict[str, str] = {}
    for path in arguments.paths:
        files = python_files(path, base, config.exclude) if os.path.isdir(path) else (path,)
        for file in files:
            found.setdefault(os.path.realpath(file), file)
    if not found:
        places = ", ".join(arguments.paths)
        print(f"lift: no Python files in {places}; name a file or another folder", file=sys.stderr)
    return list(found.values())
