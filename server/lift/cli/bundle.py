"""``lift doctor --bundle``: what a maintainer wants to know of an installation, and nobody's secrets.

No source text, no environment, no name of a person or a machine goes in. What is written passes
``Redaction`` as a whole, so that what somebody adds here later does so as well.
"""

from __future__ import annotations

import contextlib
import getpass
import importlib.metadata
import json
import os
import platform
import re
import socket
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from lift_ir import IR_VERSION

from lift import __version__
from lift.cli.examination import Organ
from lift.config import Config, find_pyproject, load
from lift.store.cache import Cache, cache_file

_PACKAGES = (
    "cattrs",
    "crosshair-tool",
    "cvc5",
    "jedi",
    "libcst",
    "lift-sys",
    "lsprotocol",
    "pydantic",
    "pygls",
    "pyrefly",
    "z3-solver",
)
_MOST_LINES = 500
_SECRETIVE = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
# What looks like a key wherever it stands, and what an address says before its host.
_KEYS = re.compile(
    r"\b(?:sk|pk|ghp|gho|github_pat|glpat|xox[abp]|hf|AKIA|AIza|eyJ)[-_A-Za-z0-9]{12,}\b"
    r"|(?i:bearer)\s+[-._~+/A-Za-z0-9]{8,}=*"
)
_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")
_ADDRESS = re.compile(r"(https?://)(?!127\.0\.0\.1|localhost|\[::1\])[^/\s\"']+")
# Pieces of the user's text stand in quotes or backticks.
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True)
class Redaction:
    """What is taken out of every text.

    Attributes:
        replaced: Text → what stands for it, the longest first.
    """

    replaced: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """``text`` without what gives somebody away."""
        for known, stands_for in self.replaced.items():
            text = text.replace(known, stands_for)
        text = _KEYS.sub("<key>", text)
        return _ADDRESS.sub(r"\1<host>", _USER_IN_ADDRESS.sub("", text))


def redaction(home: Path, here: Path, environ: Mapping[str, str]) -> Redaction:
    """The redaction for this user on this machine."""
    found: dict[str, str] = {}
    for name, value in environ.items():
        # A short value stands in too many places by chance.
        if _SECRETIVE.search(name) and len(value) >= 6:
            found[value] = "<secret>"
    found |= {
        str(here): "<folder>",
        str(home): "~",
        str(here.resolve()): "<folder>",
        str(home.resolve()): "~",
    }
    with contextlib.suppress(Exception):
        found[getpass.getuser()] = "<user>"
    with contextlib.suppress(OSError):
        found[socket.gethostname()] = "<host>"
    found = {text: name for text, name in found.items() if len(text) > 3}
    return Redaction({text: found[text] for text in sorted(found, key=len, reverse=True)})


def write(
    target: Path, organs: Sequence[Organ], environ: Mapping[str, str], home: Path, log: Path | None = None
) -> list[tuple[str, int]]:
    """Writes the report as a ZIP file that only the user can read.

    Args:
        organs: What ``lift doctor`` found.
        log: A file that ``lift-lsp --log-file`` wrote.

    Returns:
        The name and the size in bytes of each part.

    Raises:
        OSError: The file cannot be written, or the log not be read.
    """
    hide = redaction(home, Path.cwd(), environ)
    config = load(Path.cwd(), None, environ)[0]
    parts = {
        "versions.json": _json(_versions()),
        "settings.json": _json(_settings(config, environ)),
        "checks.json": _json([asdict(organ) for organ in organs]),
        "cache.json": _json(_cache(config)),
        "server.json": _json(_server()),
    }
    if log is not None:
        parts["log.txt"] = "\n".join(_lines(log.read_text(encoding="utf-8", errors="replace"))) + "\n"
    written: list[tuple[str, int]] = []
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            content = hide(text)
            archive.writestr(name, content)
            written.append((name, len(content.encode())))
    return written


def _json(value: object) -> str:
    # Characters as they are: escaped, a name would not be found.
    return json.dumps(value, indent=2, default=str, ensure_ascii=False)


def _versions() -> dict[str, Any]:
    packages: dict[str, str] = {}
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            packages[name] = importlib.metadata.version(name)
    return {
        "lift": __version__,
        "ir": IR_VERSION,
        "python": sys.version,
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "packages": packages,
    }


def _settings(config: Config, environ: Mapping[str, str]) -> dict[str, Any]:
    """Each setting with where it comes from; what is a name of the user's own says only that it is set."""
    default, project = Config(), load(Path.cwd(), None, {})[0]
    found: dict[str, Any] = {}
    for one in fields(Config):
        value = getattr(config, one.name)
        variable = "LIFT_" + one.name.upper()
        if variable in environ and value != getattr(project, one.name):
            source = "environment"
        elif value != getattr(default, one.name):
            source = "pyproject.toml"
        else:
            source = "default"
        own = source != "default" and one.name in ("endpoint", "exclude", "model", "model_file")
        found[one.name] = {"value": "<set>" if own else value, "source": source}
    found["pyproject"] = find_pyproject(Path.cwd()) is not None
    return found


def _cache(config: Config) -> dict[str, Any]:
    path = cache_file(config)
    if path is None:
        return {"used": False}
    cache = Cache(path)
    try:
        return {
            "used": True,
            "place": str(path),
            "results": cache.size(),
            "bytes": path.stat().st_size if path.exists() else 0,
        }
    finally:
        cache.close()


def _server() -> dict[str, Any]:
    """What a server of this installation says of itself, started for that."""
    import subprocess

    messages = (
        {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "lift/status", "params": {}},
        {"id": 3, "method": "shutdown"},
        {"method": "exit"},
    )
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    sent = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "lift.lsp"], input=sent, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"error": type(error).__name__}
    answers = [json.loads(body) for body in re.split(rb"Content-Length: \d+\r\n\r\n", done.stdout) if body]
    status = next((a.get("result") for a in answers if a.get("id") == 2), None)
    return {"exit": done.returncode, "status": status, "said": done.stderr.decode(errors="replace")[-2000:]}


def _lines(text: str) -> Iterator[str]:
    """The last lines of a log that are not of the level debug, without what stands in quotes."""
    documents: dict[str, str] = {}
    for line in [line for line in text.splitlines() if _is_shown(line)][-_MOST_LINES:]:
        with contextlib.suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict):
                known = ("time", "level", "logger", "request", "method", "milliseconds")
                kept = {name: record[name] for name in known if name in record}
                kept["message"] = _QUOTED.sub("…", str(record.get("message", "")))
                yield json.dumps(kept, ensure_ascii=False)
                continue
        place = re.search(r" document=(\S+)", line)
        if place is not None:
            name = documents.setdefault(place[1], f"document-{len(documents) + 1}")
            line = line.replace(place[1], name)
        yield _QUOTED.sub("…", line)


def _is_shown(line: str) -> bool:
    with contextlib.suppress(ValueError):
        record = json.loads(line)
        return isinstance(record, dict) and record.get("level") in ("info", "warning", "error", "critical")
    return re.match(r"\d{4}-\d\d-\d\d \S+ (INFO|WARNING|ERROR|CRITICAL) ", line) is not None
