"""The key of a result: a digest of all that a function's verdict depends on.

Computed in the editor's process on every change, so it must not import z3.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata

from lift_ir import (
    Function,
    Module,
)

from lift.verify.options import Options
from lift.verify.program import FunctionNode, Program, load, resolved_names
from lift.verify.sources import NOTHING, Constant, Contract, Sources, reached

_SEMANTICS = 5
"""Raised whenever a verdict may change for the same code, so that cached ones are not used any more."""

_NO_MEANING = {"span", "provenance", "loop_line"}


def digest_of(module: Module, text: str, qualname: str, options: Options, sources: Sources = NOTHING) -> str:
    """The key under which a function's result is kept: all that its verdict depends on.

    That is its own text and specification, those of the functions that it may call, the module's other
    top-level statements, the same of the functions of other modules, the options, and the versions of lift's
    semantics and of Z3.
    """
    program = program_of(module, text, sources)
    sha = hashlib.sha256()

    def add(*parts: object) -> None:
        for part in parts:
            sha.update(str(part).encode("utf-8", "surrogatepass"))
            sha.update(b"\0")

    add(_SEMANTICS, _version("lift-sys"), _version("z3-solver"), _version("cvc5"), options, qualname)
    if options.backend == "crosshair":
        add(_version("crosshair-tool"))
    if program is None:
        add(text)
        return sha.hexdigest()[:16]
    parts: list[tuple[str, ...]] = []
    for where, names in _closure(program, qualname):
        parts.append((where.sources.name, _context(where.module, where.text)))
        for name in names:
            ir = where.irs.get(name)
            if ir is not None:
                stated = (c.model_dump_json(exclude=_NO_MEANING) for c in ir.clauses)
                parts.append((where.sources.name, name, _shape(ir, where.definition(name)), *stated))
    for part in sorted(parts):
        add(*part)
    return sha.hexdigest()[:16]


def dependencies_of(module: Module, text: str, qualname: str) -> frozenset[str]:
    """The functions of the module whose texts bear on a function's result, itself among them."""
    program = program_of(module, text)
    return frozenset(_closure(program, qualname)[0][1]) if program is not None else frozenset({qualname})


@functools.lru_cache(maxsize=64)
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


_programs: dict[tuple[str, str], Program | None] = {}
_names: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
_contexts: dict[tuple[str, str], str] = {}


_MOST_PROGRAMS = 64
_LEAST_TEXT = 1_000_000


def program_of(module: Module, text: str, sources: Sources | None = None) -> Program | None:
    """The module's definitions, kept for the last few modules; None if the text does not parse.

    The program is one object a text: it sees the sources that were named last, and None names none.
    """
    # A string keeps its hash, so that asking for every function of a long text stays cheap.
    key = (module.digest, text)
    if key not in _programs:
        while _programs and (
            len(_programs) >= _MOST_PROGRAMS
            or (len(_programs) >= 8 and sum(len(t) for _, t in _programs) > _LEAST_TEXT)
        ):
            del _programs[next(iter(_programs))]
        try:
            _programs[key] = load(module, text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            _programs[key] = None
    program = _programs[key]
    if program is not None and sources is not None:
        program.sources = sources
    return program


def closure_of(program: Program, qualname: str) -> set[str]:
    """The functions of the module that a function may call, through others as well, itself among them."""
    return _closure(program, qualname)[0][1]


def _closure(program: Program, qualname: str) -> list[tuple[Program, set[str]]]:
    """The functions that bear on a result by module, those of the function's own module first."""
    own = (program.sources.name, qualname)
    programs = {program.sources.name: program}
    seen: dict[str, set[str]] = {program.sources.name: {qualname}}
    visited: set[tuple[str, str]] = set()
    # Operators run special methods that no name in the text gives away.
    pending = [own, *((program.sources.name, m) for m in program.special_definitions)]
    while pending:
        where, name = pending.pop()
        here = programs[where]
        node = here.definition(name)
        if (where, name) in visited or node is None:
            continue
        visited.add((where, name))
        seen[where].add(name)
        names, attributes = _names_in(here.irs.get(name), node)
        pending += [(where, n) for n in resolved_names(here, names, attributes)]
        for found in reached(here, names, attributes):
            if isinstance(found, Contract | Constant):
                there = found.source.name
                if there not in programs:
                    other = program_of(
                        found.source.module, found.source.text, here.sources.seen_from(found.source)
                    )
                    if other is None:
                        continue
                    programs[there], seen[there] = other, set()
                if isinstance(found, Contract):
                    pending.append((there, found.name))
    return [(programs[where], names) for where, names in seen.items()]


_shapes: dict[str, str] = {}


def _shape(ir: Function, node: ast.AST | None) -> str:
    """A digest of what a function's text means: comments and formatting are no part of it."""
    if node is None:
        return ir.digest
    if ir.digest not in _shapes:
        if len(_shapes) >= 20_000:
            _shapes.clear()
        try:
            text = ast.dump(node)
        except RecursionError:
            return ir.digest
        _shapes[ir.digest] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return _shapes[ir.digest]


def _names_in(ir: Function | None, node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the attributes in a function and in its clauses, kept by the digest of its text.

    While somebody types in one function of a file, those of the others need not be collected again.
    """
    if ir is not None and ir.digest in _names:
        return _names[ir.digest]
    expressions = [c.expression for c in ir.clauses if c.expression and c.kind != "example"] if ir else []
    trees = [node, *map(ast.parse, expressions)]
    inner = [i for tree in trees for i in ast.walk(tree)]
    found = (
        frozenset(i.id for i in inner if isinstance(i, ast.Name)),
        frozenset(i.attr for i in inner if isinstance(i, ast.Attribute)),
    )
    if ir is not None:
        if len(_names) >= 20_000:
            _names.clear()
        _names[ir.digest] = found
    return found


def _context(module: Module, text: str) -> str:
    """A digest of all but the functions: classes' shapes, constants, imports."""
    key = (module.digest, module.path)
    if key not in _contexts:
        if len(_contexts) >= 64:
            _contexts.clear()
        program = program_of(module, text)
        parts: list[str] = []
        for node in program.tree.body if program else []:
            if isinstance(node, FunctionNode):
                parts.append(node.name)
            elif isinstance(node, ast.ClassDef):
                header = [s for s in node.body if not isinstance(s, FunctionNode) or s.name.startswith("__")]
                parts += [node.name, *map(ast.dump, node.bases), *map(ast.dump, node.decorator_list)]
                parts += map(ast.dump, header)
                parts += [s.name for s in node.body if isinstance(s, FunctionNode)]
            else:
                parts.append(ast.dump(node))
        _contexts[key] = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return _contexts[key]
