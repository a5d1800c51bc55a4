"""What a call may change and what its result may be, by what is called.

Calls of the module's own functions become edges, which ``lift.extract.linking`` follows; a call about
which nothing is known may change all that it is given. Must not import other parts of lift than this
package.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from lift.extract import library
from lift.extract.aliases import NONE, Roots, holding, part_of, union
from lift.extract.annotations import Mutability
from lift.extract.names import BUILTINS
from lift.extract.scope import Edge, Walk
from lift.extract.walking import call_at, read_lambda, visit

_LONGEST_TEXT = 80


class _Arguments(NamedTuple):
    """The arguments of a call, each as what it may be; starred ones are keywords called ``*``."""

    positional: tuple[Roots, ...]
    keywords: tuple[tuple[str, Roots], ...]
    everything: Roots


def read_call(walk: Walk, node: ast.Call) -> Roots:
    """Reads a call; gives what its result may be."""
    func = node.func
    if type(func) is ast.Name:
        text = func.id
        walk.loads.add(walk.renamed.get(text, text))
        call_at(walk, text, node)
        return _by_name(walk, node, text, _arguments(walk, node, NONE))
    if type(func) is ast.Attribute:
        base = visit(walk, func.value)
        dotted = _dotted(func)
        text = dotted or _source(walk, func)
        call_at(walk, text, node)
        arguments = _arguments(walk, node, base)
        if dotted is not None:
            known = _by_dotted(walk, func, dotted, base, arguments)
            if known is not None:
                return known
        elif _is_super(func.value) and walk.owner is not None and walk.receiver is not None:
            itself: Roots = ((walk.receiver, None, 0),)
            return _edge(walk, f"^{walk.owner}.{func.attr}", text, arguments, itself)
        return _method(walk, func, text, base, arguments)
    base = visit(walk, func)
    text = _source(walk, func)
    call_at(walk, text, node)
    return _opaque(walk, text, base, _arguments(walk, node, base))


def _arguments(walk: Walk, node: ast.Call, base: Roots) -> _Arguments:
    """Reads the arguments; lambdas last, since they may be given the others."""
    positional: list[Roots] = []
    keywords: list[tuple[str, Roots]] = []
    lambdas: list[ast.Lambda] = []
    for argument in node.args:
        if type(argument) is ast.Lambda:
            lambdas.append(argument)
            positional.append(NONE)
        elif type(argument) is ast.Starred:
            keywords.append(("*", part_of(visit(walk, argument.value))))
        else:
            positional.append(visit(walk, argument))
    for keyword in node.keywords:
        value = keyword.value
        if type(value) is ast.Lambda:
            lambdas.append(value)
        elif keyword.arg is None:
            keywords.append(("*", part_of(visit(walk, value))))
        else:
            keywords.append((keyword.arg, visit(walk, value)))
    everything = union([*positional, *(roots for _, roots in keywords)]) if positional or keywords else NONE
    if lambdas:
        given = union([base, everything, part_of(everything), part_of(base)])
        for one in lambdas:
            read_lambda(walk, one, given)
    return _Arguments(tuple(positional), tuple(keywords), everything)


def _by_name(walk: Walk, node: ast.Call, name: str, arguments: _Arguments) -> Roots:
    """A call of a plain name."""
    if name in walk.imported:
        return _library(walk, walk.imported[name], name, arguments)
    if name in walk.nested and (name in walk.own or name not in walk.kinds):
        return _edge(walk, walk.nested[name], name, arguments, None)
    if walk.is_local(name):
        return _opaque(walk, name, NONE, arguments)
    binding = walk.names.get(name)
    if binding is None:
        return (
            _builtin(walk, node, name, arguments)
            if name in BUILTINS
            else _opaque(walk, name, NONE, arguments)
        )
    if binding.kind == "import":
        return _library(walk, binding.target, name, arguments)
    if binding.kind == "function":
        return _edge(walk, name, name, arguments, None)
    if binding.kind == "class":
        return holding(_edge(walk, name, name, arguments, None))
    return _opaque(walk, name, NONE, arguments)


def _by_dotted(
    walk: Walk, func: ast.Attribute, dotted: str, base: Roots, arguments: _Arguments
) -> Roots | None:
    """A call of a dotted name: of a library, of a class of the module, or of the object's own method."""
    root, _, path = dotted.partition(".")
    target = walk.import_target(root)
    if target is not None and root not in library.LOGGER_NAMES:
        return _library(walk, f"{target}.{path}", dotted, arguments)
    if root == walk.receiver and path == func.attr and walk.owner is not None and root not in walk.renamed:
        return _edge(walk, f"{walk.owner}.{path}", dotted, arguments, base)
    if root in library.LOGGER_NAMES or path.partition(".")[0] in library.LOGGER_NAMES:
        if func.attr in library.LOGGER_METHODS:
            walk.effects.add("logging")
            return NONE
    if path == func.attr and not walk.is_local(root):
        binding = walk.names.get(root)
        if binding is not None and binding.kind == "class":
            return _edge(walk, dotted, dotted, arguments, None)
        if binding is None and root in {"str", "int", "bytes", "float"}:
            return NONE
        if binding is None and root in {"object", "list", "dict", "set", "type"} and arguments.positional:
            walk.change(arguments.positional[0])
            walk.store_into(arguments.positional[0], arguments.everything)
            return arguments.everything
    return None


def _method(walk: Walk, func: ast.Attribute, text: str, base: Roots, arguments: _Arguments) -> Roots:
    """A call of a method of some object."""
    name = func.attr
    if name in library.PATH_METHODS:
        walk.effects.add("filesystem")
        if _nothing_to_change(walk, base):
            return NONE
    # Of an object whose class is written down and is none of the builtin ones nothing is known.
    foreign = len(base) == 1 and base[0][1] is None and walk.kinds.get(base[0][0]) is Mutability.CLASS
    if name in library.CHANGING_METHODS:
        walk.change(base)
        walk.store_into(base, arguments.everything)
        return union([part_of(base), arguments.everything]) if base or arguments.everything else NONE
    if not foreign:
        if name in library.FRESH_METHODS:
            return NONE
        if name in library.COPYING_METHODS:
            return holding(union([base, arguments.everything]))
        if name in library.PICKING_METHODS:
            return union([part_of(base), arguments.everything])
    return _opaque(walk, text, base, arguments)


def _nothing_to_change(walk: Walk, base: Roots) -> bool:
    return all(walk.kinds.get(name) is Mutability.NOTHING for name, _, _ in base)


def _builtin(walk: Walk, node: ast.Call, name: str, arguments: _Arguments) -> Roots:
    """A call of a builtin."""
    effect = library.BUILTIN_EFFECTS.get(name)
    if effect is not None:
        walk.effects.add(effect)
    if name in library.CHANGING_BUILTINS and arguments.positional:
        walk.change(arguments.positional[0])
        walk.store_into(arguments.positional[0], union(arguments.positional[1:]))
    if _runs_unknown_function(node, name):
        walk.change(part_of(union(arguments.positional[1 if name in {"map", "filter"} else 0 :])))
    if name in library.FRESH_BUILTINS:
        return NONE
    if name in library.COPYING_BUILTINS:
        return holding(arguments.everything)
    if name in library.PICKING_BUILTINS:
        return union([arguments.everything, part_of(arguments.everything)])
    if name == "super":
        return ((walk.receiver, None, 0),) if walk.receiver is not None else NONE
    if name == "setattr":
        return NONE
    return _opaque(walk, name, NONE, arguments)


def _runs_unknown_function(node: ast.Call, name: str) -> bool:
    """Whether a builtin is given a function that is neither a lambda nor a builtin."""
    given = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
    if name in {"map", "filter"} and node.args:
        given.append(node.args[0])
    return any(
        not isinstance(function, ast.Lambda)
        and not (isinstance(function, ast.Name) and function.id in library.FRESH_BUILTINS)
        and not (isinstance(function, ast.Constant) and function.value is None)
        and not (isinstance(function, ast.Attribute) and function.attr in library.FRESH_METHODS)
        for function in given
    )


def _library(walk: Walk, dotted: str, text: str, arguments: _Arguments) -> Roots:
    """A call of something imported."""
    effect = library.effect_of(dotted)
    if effect is not None:
        walk.effects.add(effect)
    if dotted in library.CHANGING_CALLS and arguments.positional:
        walk.change(arguments.positional[0])
        walk.store_into(arguments.positional[0], arguments.everything)
        return arguments.everything
    shares = library.sharing_of(dotted)
    if shares is not None:
        return arguments.everything if shares else NONE
    if effect is not None:
        if dotted.endswith(".dump"):
            walk.change(arguments.everything)
        return arguments.everything
    return _opaque(walk, text, NONE, arguments)


def _edge(walk: Walk, callee: str, text: str, arguments: _Arguments, receiver: Roots | None) -> Roots:
    """A call of a function that the module itself may define."""
    positional = arguments.positional if receiver is None else (receiver, *arguments.positional)
    walk.edges.append(Edge(callee, text, receiver is not None, positional, arguments.keywords))
    return union([receiver or NONE, arguments.everything])


def _opaque(walk: Walk, text: str, base: Roots, arguments: _Arguments) -> Roots:
    """A call about which nothing is known."""
    walk.opaque[text] = None
    walk.change(base)
    walk.change(arguments.everything)
    if base and arguments.everything:
        walk.store_into(base, arguments.everything)
        return union([base, arguments.everything])
    return base or arguments.everything


def _dotted(node: ast.Attribute) -> str | None:
    """``a.b.c`` as text, None if it does not start with a name."""
    value = node.value
    if type(value) is ast.Name:
        return f"{value.id}.{node.attr}"
    path = [node.attr]
    while type(value) is ast.Attribute:
        path.append(value.attr)
        value = value.value
    if type(value) is not ast.Name:
        return None
    path.append(value.id)
    return ".".join(reversed(path))


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _source(walk: Walk, node: ast.expr) -> str:
    """The source text of what is called, on one line and not too long."""
    index = walk.index
    start = index.offset_at(node.lineno, index.column_of_byte(node.lineno, node.col_offset))
    end_line = node.end_lineno or node.lineno
    end = index.offset_at(end_line, index.column_of_byte(end_line, node.end_col_offset or 0))
    text = index.text[start : min(end, start + _LONGEST_TEXT * 4)]
    text = " ".join(text.split()) if "\n" in text or "  " in text else text
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
