"""Finds what a file imports from: other files of the workspace, the user's stubs, and lift's own.

Texts that are open in the editor stand for the files on disk. Nothing is imported or run: modules are found
by their names under the roots that Python would look at. Must not import a solver.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lift_ir import Module

from lift.errors import SourceError
from lift.extract import Extraction, extract
from lift.source.text import Snapshot, digest, read
from lift.verify.sources import Source, SourceKind, Sources, absolute

OWN_STUBS = Path(__file__).parent / "verify" / "stubs"
USER_STUBS = Path(".lift") / "stubs"
_LARGEST = 512 * 1024
# Every function of a file asks for the same modules, one after the other.
_MOMENT_SECONDS = 0.05
# A text without any of these states nothing, so that it need not be read as a specification.
_SIGNS = ("Requires", "Ensures", "Raises", "onditions", "icontract", "deal", "pre:", "post:", "``")

Opened = Callable[[Path], Extraction | None]


@dataclass(frozen=True)
class _Stamp:
    """What told one reading of a place from the next: which text was open, or the file's time and size."""

    path: Path
    mark: tuple[object, ...]


class Neighbours:
    """The modules around one file.

    Args:
        root: The workspace folder.
        path: The file; None for a text that is no file.
        opened: The newest extraction of a file that is open, None for any other.
    """

    def __init__(self, root: Path, path: Path | None, opened: Opened) -> None:
        self._root = root
        self._opened = opened
        self.roots = _roots(root, path)
        self._found: dict[str, tuple[tuple[_Stamp, ...], tuple[Source, ...]]] = {}
        self._packages: dict[str, bool] = {}
        self._lately: dict[str, list[tuple[Path, SourceKind]]] = {}
        self._until = 0.0
        self.name, self.package = name_of(path) if path is not None else ("", "")

    def apart(self, path: Path | None) -> Neighbours:
        """The same modules for somebody on whose questions no result rests.

        Args:
            path: The file that these are the modules around.
        """
        return Neighbours(self._root, path, self._opened)

    def find(self, name: str) -> tuple[Source, ...]:
        """The sources of a dotted name: a file, or the user's stub before lift's own."""
        places = self._places(name)
        stamps = tuple(self._stamp(place) for place, _ in places)
        known = self._found.get(name)
        if known is not None and known[0] == stamps:
            return known[1]
        sources = tuple(s for place, kind in places if (s := self._source(name, place, kind)) is not None)
        self._found[name] = stamps, sources
        return sources

    def dotted(self, name: str) -> str:
        """The dotted name that an import of this file means by a name, which may begin with dots."""
        return (absolute(name, self.package) or "").strip(".")

    def place_of(self, name: str) -> Path | None:
        """The workspace's file that an import of this file means by a name, which may begin with dots."""
        dotted = self.dotted(name)
        places = self._places(dotted) if dotted else []
        return places[0][0] if places and places[0][1] == "file" else None

    def is_package(self, name: str) -> bool:
        """Whether a dotted name is a folder of modules, or a module."""
        folder = Path(*name.split("."))
        bases = [*self.roots, self._root / USER_STUBS, OWN_STUBS]
        there = any((base / folder).is_dir() for base in bases) or bool(self._places(name))
        self._packages[name] = there
        return there

    @property
    def sources(self) -> Sources:
        """What the file may import from, looked up when it is asked for."""
        return Sources((), self.name, self.package, self)

    def touched(self) -> Sources:
        """Everything that was asked for so far, as data."""
        items = tuple(s for _, (_, found) in sorted(self._found.items()) for s in found)
        return Sources(items, self.name, self.package)

    def with_modules(self, names: Iterable[str]) -> Sources:
        """What was asked for so far, and other modules by the names that imports of the file would use."""
        for name in names:
            dotted = absolute(name, self.package)
            if dotted:
                self.find(dotted)
        return self.touched()

    def changed(self) -> bool:
        """Whether something that was asked for before is answered differently now."""
        different = False
        self._lately.clear()
        for name, (_, before) in list(self._found.items()):
            now = self.find(name)
            different |= [(s.name, s.text) for s in before] != [(s.name, s.text) for s in now]
        for name, was in list(self._packages.items()):
            different |= self.is_package(name) != was
        return different

    def asked_for(self, path: Path) -> bool:
        """Whether a file is among what was asked for."""
        return any(stamp.path == path for stamps, _ in self._found.values() for stamp in stamps)

    def _places(self, name: str) -> list[tuple[Path, SourceKind]]:
        """Where a dotted name may be found; the disk is asked once a moment, and by ``changed`` always."""
        now = time.monotonic()
        if now > self._until:
            self._lately.clear()
            self._until = now + _MOMENT_SECONDS
        found = self._lately.get(name)
        if found is None:
            found = self._lately[name] = self._look_up(name)
        return found

    def _look_up(self, name: str) -> list[tuple[Path, SourceKind]]:
        relative = Path(*name.split("."))
        found: list[tuple[Path, SourceKind]] = []
        files = {p.resolve(): p for base in self.roots if (p := _module_file(base / relative, ".py"))}
        standard = name.partition(".")[0] in sys.stdlib_module_names
        if len(files) == 1 and not standard:
            return [(next(iter(files.values())), "file")]
        if files:
            # Which of them an import means depends on how the program is started.
            return []
        stubs: tuple[tuple[Path, SourceKind], ...] = (
            (self._root / USER_STUBS, "stub"),
            (OWN_STUBS, "library"),
        )
        for base, kind in stubs:
            place = _module_file(base / relative, ".pyi")
            if place is not None and (kind == "library" or _is_within(place, self._root)):
                found.append((place, kind))
        return found

    def _stamp(self, place: Path) -> _Stamp:
        extraction = self._opened(place)
        if extraction is not None:
            return _Stamp(place, ("open", extraction.snapshot.text))
        try:
            status = place.stat()
        except OSError:
            return _Stamp(place, ())
        return _Stamp(place, (status.st_mtime_ns, status.st_size))

    def _source(self, name: str, place: Path, kind: SourceKind) -> Source | None:
        extraction = self._opened(place)
        package = place.stem == "__init__"
        if extraction is not None:
            return Source(name, extraction.module, extraction.snapshot.text, kind, package)
        stamp = self._stamp(place)
        read_module = _read(place, stamp.mark)
        return None if read_module is None else Source(name, *read_module, kind, package)


@functools.lru_cache(maxsize=512)
def _read(place: Path, _mark: tuple[object, ...]) -> tuple[Module, str] | None:
    """A file's specification and text, kept until the file changes; None if it cannot be read."""
    try:
        text = read(place).text
    except SourceError:
        return None
    if len(text) > _LARGEST:
        return None
    if not any(sign in text for sign in _SIGNS):
        return Module(path=str(place), digest=digest(text)), text
    return extract(Snapshot(str(place), None, text)).module, text


def _is_within(place: Path, root: Path) -> bool:
    """Whether a file is the workspace's own; a link may lead anywhere."""
    try:
        return place.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def stub_problems(root: Path) -> list[str]:
    """What is wrong with the user's stubs: the file, the line, and what to do about it."""
    found: list[str] = []
    for place in sorted((root / USER_STUBS).rglob("*.pyi")):
        shown = place.relative_to(root).as_posix()
        if not _is_within(place, root):
            found.append(f"{shown} is not used, since it leads out of the workspace")
            continue
        try:
            snapshot = read(place)
        except SourceError as error:
            found.append(f"{shown}: {error.message}")
            continue
        extraction = extract(snapshot)
        if extraction.error is not None:
            found.append(f"{shown}:{extraction.error.line}: {extraction.error.message}")
        found += [f"{shown}:{p.span.start.line}: {p.message}" for p in extraction.problems]
        found += [
            f"{shown}:{h.span.start.line}: {f.name} is not used, since {h.name} has no type; annotate it"
            for f in extraction.module.functions
            for h in f.holes
            if h.hole == "type"
        ]
    return found


def file_of(uri: str) -> str:
    """What tells a file from others, however it was named."""
    path = path_of(uri)
    return uri if path is None else os.path.realpath(path)


def path_of(uri: str) -> Path | None:
    """The file that a snapshot's URI or path names, None if it is no file."""
    if "://" not in uri and not uri.startswith("untitled:"):
        return Path(uri).absolute() if uri else None
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path, errors="surrogateescape")
    return Path(path) if parts.scheme == "file" and not parts.netloc and path and "\0" not in path else None


def _module_file(stem: Path, suffix: str) -> Path | None:
    for place in (stem / f"__init__{suffix}", stem.with_name(stem.name + suffix)):
        if place.is_file():
            return place
    return None


def name_of(path: Path) -> tuple[str, str]:
    """A file's dotted name and the package that its relative imports start from."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    name = ".".join(parts)
    return name, name if path.stem == "__init__" else name.rpartition(".")[0]


def _roots(root: Path, path: Path | None) -> tuple[Path, ...]:
    """The folders that absolute imports of a file may start from."""
    found = [root, root / "src"]
    if path is not None:
        folder = path.parent
        while (folder / "__init__.py").is_file() and folder.parent != folder:
            folder = folder.parent
        found.insert(0, folder)
    return tuple(dict.fromkeys(found))
