"""Renames that carry specifications along: parameters, open terms, and what clauses name of a module.

Every edit is checked before it is offered: the new text is read anew, and each name in it has to mean what it
meant before. So a rename that would capture a name, or miss one, is refused. Must not know LSP.
"""

from __future__ import annotations

import ast
import keyword
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lift_ir import Function, Span

from lift.edit import Edit, Failure, apply
from lift.extract import Extraction, extract
from lift.ide.naming import Names, described, names_of
from lift.ide.scopes import RESULT, Dotted, FunctionNode, Key, Occurrence, Passed, arguments_of, last_name
from lift.neighbours import Neighbours, path_of
from lift.project import Project
from lift.source.text import Snapshot

MOST_FILES = 100
"""How many other files a rename reads at most."""


@dataclass(frozen=True)
class Target:
    """What would be renamed.

    Attributes:
        key: The binding.
        name: Its name, without the mark of an open term.
        span: Where it stands at the place that was asked about.
        searched: The qualified name that other files would have to mention to be concerned; None if no
            other file can be.
    """

    key: Key
    name: str
    span: Span
    searched: str | None


@dataclass(frozen=True)
class Renamed:
    """The edits of one file.

    Attributes:
        path: The file; None for the text that was asked about.
        text: The text that the edits are for.
    """

    path: Path | None
    text: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Renaming:
    """A rename.

    Attributes:
        files: The edits, those of the text that was asked about first.
        left: What could not be decided and was left alone, as sentences.
    """

    files: tuple[Renamed, ...]
    left: tuple[str, ...] = ()


def target_at(extraction: Extraction, offset: int) -> Target | None:
    """What lift renames at a place; None where no specification is concerned, or the text is broken."""
    names = names_of(extraction)
    found = names.at(offset) if names is not None else None
    if names is None or found is None or not _is_ours(names, found):
        return None
    key, mark = found.key, found.role == "hole"
    span = extraction.index.span(found.start + mark, found.end)
    return Target(key, key.name.removeprefix("?"), span, _searched(names, key))


def _is_ours(names: Names, found: Occurrence) -> bool:
    key = found.key
    if key.name == RESULT:
        return False
    if found.role == "hole":
        return True
    mentioned = any(o.role == "clause" for o in names.keys[key])
    owner, node = names.owners.get(key.scope), names.nodes.get(key.scope)
    if isinstance(node, FunctionNode) and key.name in {a.arg for a in arguments_of(node.args)}:
        return mentioned or (isinstance(owner, Function) and owner.specified)
    if key.scope != 0 or not mentioned or key in names.imported:
        return False
    kinds = {o.role for o in names.keys[key]}
    # A class may be named in strings, as a type, which only a type checker tells from other strings.
    return bool(kinds & {"definition", "binding"}) and not isinstance(names.definition(key), ast.ClassDef)


def _searched(names: Names, key: Key) -> str | None:
    if key.name.startswith("?"):
        return None
    if key.scope == 0:
        return key.name
    owner = names.owners.get(key.scope)
    node = names.nodes.get(key.scope)
    if not isinstance(owner, Function) or not isinstance(node, FunctionNode) or "<locals>" in owner.qualname:
        return None
    named = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
    return owner.qualname if key.name in named else None


def rename(
    project: Project,
    extraction: Extraction,
    target: Target,
    new: str,
    others: Sequence[tuple[Path, str]] = (),
) -> Generator[None, None, Renaming | Failure]:
    """Renames in steps, one a file.

    Args:
        new: The new name; an open term's may be given with its mark.
        others: Other files that may be concerned, with their texts.

    Returns:
        The edits, or why there are none.
    """
    names = names_of(extraction)
    if names is None:
        return Failure("the text does not parse; mend it first")
    key = target.key
    if key.name.startswith("?"):
        new = new.removeprefix("?")
    problem = _bad_name(names, key, new)
    if problem is not None:
        return Failure(problem)
    edits = _edits(extraction, names, key, new)
    if isinstance(edits, Failure):
        return edits
    captured = _captured(extraction, names, edits, key, new)
    if captured is not None:
        return captured
    files = [Renamed(None, extraction.index.text, edits)]
    left = [*_left_here(names, key)]
    if target.searched is not None:
        yield
        found = yield from _elsewhere(project, extraction, target, new, others, left)
        if isinstance(found, Failure):
            return found
        files += found
    return Renaming(tuple(files), tuple(left))


def left_behind(extraction: Extraction, qualname: str, old: str, new: str) -> tuple[Edit, ...]:
    """The edits that carry a specification along after its parameter was renamed without it.

    Args:
        old: The name that its clauses say, and that means nothing any more.
        new: The parameter's name.
    """
    names = names_of(extraction)
    function = next((f for f in extraction.module.all_functions() if f.qualname == qualname), None)
    if names is None or function is None or function.docstring_span is None:
        return ()
    index, span = extraction.index, function.docstring_span
    start, end = index.offset(span.start), index.offset(span.end)
    places = {(o.start, o.end) for o in names.occurrences if o.role == "clause" and o.key == Key(0, old)}
    places |= {
        (p.start, p.end) for p in names.unresolved if p.name == old and last_name(p.callee) == function.name
    }
    places |= set(described(extraction, function, old))
    return tuple(Edit(index.span(*p), new) for p in sorted(places) if start <= p[0] < end)


def _bad_name(names: Names, key: Key, new: str) -> str | None:
    """Why a name cannot be the new one."""
    if not new.isidentifier() or unicodedata.normalize("NFKC", new) != new:
        return f"`{new}` is no name"
    if keyword.iskeyword(new) or new == "__debug__":
        return f"`{new}` is a word of the language"
    if new == key.name.removeprefix("?"):
        return f"it is called `{new}` already"
    if key.name.startswith("?"):
        if Key(key.scope, f"?{new}") in names.keys:
            return f"there is an open term `?{new}` already; two holes of one name are one hole"
        return None
    if new.startswith("__") and not new.endswith("__"):
        return f"`{new}` would be mangled in a class"
    if new.startswith("__hole_") or new in {"old", "implies", "__return__"}:
        return f"`{new}` means something else in specifications"
    taken = names.keys.get(Key(key.scope, new))
    if taken:
        return f"`{new}` already means something else in line {taken[0].line}"
    return None


def _edits(extraction: Extraction, names: Names, key: Key, new: str) -> tuple[Edit, ...] | Failure:
    """The edits of the text that binds the name."""
    if key.scope in names.obstacles and _is_parameter(names, key):
        line = names.obstacles[key.scope]
        return Failure(f"a contract in line {line} calls a function that may take `{key.name}` by its name")
    mark = int(key.name.startswith("?"))
    found: list[Edit] = []
    for one in names.keys[key]:
        if one.start < 0:
            return Failure(f"`{key.name}` stands in line {one.line} in a way that cannot be changed safely")
        found.append(Edit(extraction.index.span(one.start + mark, one.end), new))
    if new == "result" and _is_parameter(names, key):
        text = extraction.index.text
        for one in names.keys.get(Key(key.scope, RESULT), ()):
            if text[one.start : one.end] == "result":
                found.append(Edit(extraction.index.span(one.start, one.end), "__return__"))
    return tuple(sorted(found, key=lambda e: (e.span.start.line, e.span.start.column)))


def _is_parameter(names: Names, key: Key) -> bool:
    node = names.nodes.get(key.scope)
    return isinstance(node, FunctionNode) and key.name in {a.arg for a in arguments_of(node.args)}


def _captured(
    extraction: Extraction, names: Names, edits: Sequence[Edit], key: Key | None, new: str
) -> Failure | None:
    """Why the edits would change what some name means; None if they do not."""
    text = apply(extraction.index.text, edits)
    after_extraction = extract(Snapshot(extraction.snapshot.uri, None, text))
    after = names_of(after_extraction)
    if after is None:
        return Failure(f"with `{new}` the text would not parse any more")
    renamed = {key: Key(key.scope, f"?{new}" if key.name.startswith("?") else new)} if key is not None else {}
    expected = [renamed.get(o.key, o.key) for o in names.occurrences]
    found = [o.key for o in after.occurrences]
    for before, one, other in zip(names.occurrences, expected, found, strict=False):
        if one != other:
            return Failure(f"`{new}` already means something else in line {before.line}")
    if len(expected) != len(found):
        return Failure(f"with `{new}` the specification would be read differently")
    return None


def _left_here(names: Names, key: Key) -> Iterator[str]:
    """What the rename does not reach in the text that binds the name."""
    node = names.nodes.get(key.scope)
    owner = names.owners.get(key.scope)
    if not isinstance(node, FunctionNode) or not isinstance(owner, Function) or not _is_parameter(names, key):
        return
    lines = [p.line for p in names.unresolved if _may_call(p, node.name, key.name)]
    if lines:
        yield _unresolved("this file", node.name, key.name, lines)
    if "." in owner.qualname:
        for number, other in names.nodes.items():
            if number == key.scope or not isinstance(other, FunctionNode) or other.name != node.name:
                continue
            if key.name in {a.arg for a in arguments_of(other.args)} and number in names.owners:
                also = names.owners[number].qualname
                yield f"{also} has a parameter `{key.name}` as well, which keeps its name"


def _may_call(passed: Passed, name: str, argument: str) -> bool:
    return passed.name == argument and last_name(passed.callee) == name


def _unresolved(where: str, function: str, argument: str, lines: list[int]) -> str:
    numbers = ", ".join(str(line) for line in sorted(set(lines))[:5])
    return f"in {where} a call may pass `{argument}` to {function} by its name (line {numbers}); look there"


# Other files --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Home:
    """What is renamed, as other files see it.

    Attributes:
        places: The files that it can be imported from.
        qualname: The qualified name of the function, or the name itself.
        parameter: The parameter, None if the name itself is renamed.
    """

    places: frozenset[Path]
    qualname: str
    parameter: str | None


def _elsewhere(
    project: Project,
    extraction: Extraction,
    target: Target,
    new: str,
    others: Sequence[tuple[Path, str]],
    left: list[str],
) -> Generator[None, None, list[Renamed] | Failure]:
    path, around = path_of(extraction.snapshot.uri), project.neighbours(extraction.snapshot.uri)
    if path is None or around is None or target.searched is None:
        return []
    parameter = None if target.key.scope == 0 else target.name
    read: list[tuple[Path, Extraction, Names, Neighbours]] = []
    for place, text in others:
        yield
        other = extract(Snapshot(str(place), None, text))
        names = names_of(other)
        if names is None:
            left.append(f"{place.name} does not parse and was not looked at")
        else:
            read.append((place, other, names, around.apart(place)))
    home = _Home(_exporting(path, target.searched, read), target.searched, parameter)
    found: list[Renamed] = []
    for place, other, names, neighbours in read:
        yield
        edits = _edits_elsewhere(home, target.name, new, other, names, neighbours)
        if parameter is not None:
            name = target.searched.rpartition(".")[2]
            lines = [
                p.line
                for p in names.unresolved
                if "." in target.searched
                and _may_call(p, name, parameter)
                and not _means(home, p.callee, p, names, neighbours)
            ]
            if lines:
                left.append(_unresolved(place.name, name, parameter, lines))
        if isinstance(edits, Failure):
            return Failure(f"{place.name}: {edits.reason}")
        if edits:
            found.append(Renamed(place, other.index.text, edits))
    return found


def _exporting(
    path: Path, qualname: str, read: Sequence[tuple[Path, Extraction, Names, Neighbours]]
) -> frozenset[Path]:
    """The files that a name can be imported from: its own, and those that import it from there."""
    places, root = {path.resolve()}, qualname.partition(".")[0]
    grown = True
    while grown:
        grown = False
        for place, _, names, neighbours in read:
            module, name = names.imported.get(Key(0, root), ("", ""))
            source = neighbours.place_of(module) if name == root else None
            if source is not None and source.resolve() in places and place.resolve() not in places:
                places.add(place.resolve())
                grown = True
    return frozenset(places)


def _edits_elsewhere(
    home: _Home, name: str, new: str, other: Extraction, names: Names, neighbours: Neighbours
) -> tuple[Edit, ...] | Failure:
    places: dict[int, int] = {}
    renamed: Key | None = None
    if home.parameter is not None:
        for passed in names.unresolved:
            if passed.name == home.parameter and _means(home, passed.callee, passed, names, neighbours):
                if passed.start < 0:
                    return Failure(f"line {passed.line} cannot be changed safely")
                places[passed.start] = passed.end
    else:
        for key, (module, original) in names.imported.items():
            if original == name and _is_from(home, module, neighbours):
                found = [o for o in names.keys.get(key, ()) if key.name == name]
                if any(o.start < 0 for o in found):
                    return Failure(f"line {found[0].line} cannot be changed safely")
                places |= {o.start: o.end for o in found}
                renamed = key if found else renamed
        for module, original, start in names.aliased:
            if original == name and _is_from(home, module, neighbours):
                places[start] = start + len(name)
        for dotted in names.dotted:
            if dotted.node.attr == name and _means(home, dotted.node, dotted, names, neighbours):
                places[dotted.start] = dotted.end
    text = other.index.text
    if any(text[start:end] != name for start, end in places.items()):
        return Failure("the name stands there in a way that cannot be changed safely")
    if renamed is not None and Key(renamed.scope, new) in names.keys:
        return Failure(f"`{new}` already means something else there")
    edits = tuple(Edit(other.index.span(start, end), new) for start, end in sorted(places.items()))
    if edits:
        captured = _captured(other, names, edits, renamed, new)
        if captured is not None:
            return captured
    return edits


def _is_from(home: _Home, module: str, neighbours: Neighbours) -> bool:
    place = neighbours.place_of(module)
    return place is not None and place.resolve() in home.places


def _means(
    home: _Home, callee: ast.expr, where: Passed | Dotted, names: Names, neighbours: Neighbours
) -> bool:
    """Whether an expression is the function that is concerned."""
    dotted = _dotted(callee, where, names)
    if dotted is None:
        return False
    wanted = home.qualname.removesuffix(".__init__")
    module = dotted.removesuffix(wanted)
    return module != dotted and module.endswith(".") and _is_from(home, module.rstrip(".") or ".", neighbours)


def _dotted(callee: ast.expr, where: Passed | Dotted, names: Names) -> str | None:
    """The dotted name that an expression has, starting from the module that its first name comes from."""
    parts: list[str] = []
    node = callee
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call) and parts:
            node = node.func
        else:
            break
    if not isinstance(node, ast.Name):
        return None
    origin = names.imported.get(where.scope.key(node.id))
    if origin is None:
        return None
    module, name = origin
    base = f"{module}{'' if module.endswith('.') else '.'}{name}" if name else module
    return ".".join([base, *reversed(parts)])
