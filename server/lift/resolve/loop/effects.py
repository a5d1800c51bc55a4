"""What a candidate would do to the world, told from its text; it is held to what the specification allows.

What is allowed is listed rather than what is not: a name, a call or an attribute of which nothing is known is
refused, since a branch that no test reaches may hold it. Nothing of the candidate's or the user's runs here.
"""

# Tables of words read best as words.
# ruff: noqa: SIM905

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

from lift_ir import Function, Module

from lift.extract import extract
from lift.extract.library import effect_of, sharing_of
from lift.resolve.loop.bindings import bindings_of, bound_by, imported
from lift.resolve.loop.draft import Draft
from lift.resolve.loop.refusal import Refusal
from lift.source.text import Snapshot
from lift.verify.sources import Source, Sources

_HIDING = frozenset(
    ["eval", "exec", "compile", "__import__", "globals", "locals", "vars", "breakpoint", "__builtins__"]
)
"""Builtins after which the text no longer says what is done."""
_SETTING = frozenset(["setattr", "delattr"])
_DUNDERS = frozenset(["__name__", "__doc__", "__debug__"])
_METHODS = frozenset(
    f"__{name}__"
    for name in (
        "init post_init repr str hash eq ne lt le gt ge len iter next contains getitem setitem delitem call "
        "enter exit bool int float index add sub mul truediv floordiv mod neg abs and or xor slots"
    ).split()
)
"""Special names that a class in a body may define, and that may be called."""
_FRAMES = frozenset(
    "tb_frame tb_next f_back f_builtins f_code f_globals f_locals gi_code gi_frame cr_code cr_frame ag_code"
    " ag_frame func_globals func_code".split()
)
_REFUSED = {
    "types.CodeType": "makes code that cannot be read",
    "types.FunctionType": "makes code that cannot be read",
    "typing.get_type_hints": "evaluates text",
    "typing.ForwardRef": "evaluates text",
    "typing.evaluate_forward_ref": "evaluates text",
    "typing_extensions": "evaluates text",
    "string.Formatter": "reads attributes by a name that cannot be seen",
    "operator.attrgetter": "reads attributes by a name that cannot be seen",
    "operator.methodcaller": "calls a method by a name that cannot be seen",
    "inspect": "looks into frames",
    "weakref.finalize": "runs code at another time",
    "functools.singledispatch": "evaluates text",
}
_COMPUTING = frozenset(
    "operator heapq bisect array graphlib struct copy cmath abc enum sys.maxsize sys.maxunicode"
    " sys.float_info sys.int_info sys.byteorder sys.hash_info typing.TYPE_CHECKING string".split()
)
"""Library names that only compute and that the tables of effects do not hold."""


def within(draft: Draft, before: Function, after: Function, module: ast.Module, sources: Sources) -> None:
    """It does to the world only what the specification allows.

    Args:
        before: The function as the user has it.
        after: The function with the candidate's body, whose effects were read from the whole module.

    Raises:
        Refusal: It does more, or hides what it does.
    """
    allowed = {c.word for c in before.clauses if c.kind == "effect" and c.word not in (None, "none")}
    _plain_to_see(draft)
    for place, dotted in _uses(draft, module):
        _check_use(place, dotted, allowed, sources)
    for node in (n for statement in draft.body for n in ast.walk(statement)):
        for target in bound_by(node).values():
            _check_import(node, target, allowed, sources)
    extra = sorted(set(after.effects.effects) - allowed)
    if extra:
        raise Refusal("effects", f"it {_DOING[extra[0]]}, which Effects does not allow")
    targets = {t.partition(".")[0] for c in before.clauses if c.kind == "modifies" for t in c.targets}
    written = sorted(set(after.effects.globals_written) - targets)
    if written:
        raise Refusal("effects", f"it changes {written[0]}, which Modifies does not name")
    own = bindings_of(module)
    for call in after.effects.opaque_calls:
        root = call.partition(".")[0].partition("(")[0]
        if own.get(root) == "" and root not in _functions(module):
            raise Refusal("effects", f"nothing is known of what `{call}` does")


_DOING = {
    "filesystem": "reads or writes files",
    "network": "uses the network",
    "process": "starts or ends processes",
    "environment": "reads the environment",
    "time": "depends on the time",
    "random": "depends on chance",
    "console": "writes to the console",
    "logging": "writes to a log",
    "database": "uses a database",
}


def _functions(module: ast.Module) -> set[str]:
    return {
        s.name for s in module.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def _plain_to_see(draft: Draft) -> None:
    """Refuse what hides from a reader what is done: text that is run, attributes by name, frames."""
    for statement in draft.body:
        for node in ast.walk(statement):
            why = _hidden(node)
            if why is not None:
                line = getattr(node, "lineno", None)
                raise Refusal("effects", why if line is None else f"{why} (line {line})")


def _hidden(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) if name in _HIDING:
            return f"it uses `{name}`, which hides what it does"
        case ast.Name(id=name) if _special(name) and name not in _DUNDERS | _METHODS:
            return f"it uses `{name}`, which reaches into the interpreter"
        case ast.Name(id=name) if name in ("getattr", "hasattr", *_SETTING):
            return None
        case ast.Call(
            func=ast.Name(id="getattr" | "hasattr" | "setattr" | "delattr" as name), args=arguments
        ):
            match arguments[1:2]:
                case [ast.Constant(value=str(value))] if not value.startswith("_") and value not in _FRAMES:
                    return None
            return f"it uses `{name}` with a name that cannot be seen"
        case ast.Attribute(attr=name) if name in _FRAMES:
            return f"it uses `.{name}`, which reaches into the interpreter"
        case ast.Attribute(attr=name) if _special(name) and name not in _DUNDERS | _METHODS:
            return f"it uses `.{name}`, which reaches into the interpreter"
        case ast.MatchClass(kwd_attrs=names) if any(n.startswith("_") or n in _FRAMES for n in names):
            return "a pattern reaches into the interpreter"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            if _special(name) and name not in _METHODS:
                return f"it defines `{name}`, which changes how the interpreter works"
    return None


def _special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and len(name) > 4


def _uses(draft: Draft, module: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """The places where something imported is used, with its dotted name."""
    known = {n: t for n, t in bindings_of(module).items() if t} | imported(draft.imports)
    for statement in draft.body:
        for node in ast.walk(statement):
            known |= bound_by(node)
    for statement in draft.body:
        yield from _chains(statement, known)
    for statement in draft.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in ("open", "input", "print", "help", "exit", "quit"):
                yield node, f"builtins.{node.id}"


def _chains(node: ast.AST, known: dict[str, str]) -> Iterator[tuple[ast.expr, str]]:
    """The longest dotted names under a node that start at an imported one."""
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id in known and isinstance(node, ast.expr):
        yield node, ".".join([known[inner.id], *reversed(parts)])
        return
    for child in ast.iter_child_nodes(node):
        yield from _chains(child, known)


_OF_BUILTINS = {"open": "filesystem", "input": "console", "print": "console", "help": "console"}


def _check_use(place: ast.expr, dotted: str, allowed: set[str], sources: Sources) -> None:
    where = f" (line {place.lineno})"
    shown = ast.unparse(place)
    if dotted.startswith("builtins."):
        word = _OF_BUILTINS.get(dotted.partition(".")[2], "process")
        if word not in allowed:
            raise Refusal("effects", f"`{shown}` {_DOING[word]}, which Effects does not allow{where}")
        return
    for name, why in _REFUSED.items():
        if dotted == name or dotted.startswith(f"{name}."):
            raise Refusal("effects", f"`{shown}` {why}{where}")
    word = effect_of(dotted)
    if word is not None:
        if word not in allowed:
            raise Refusal("effects", f"`{shown}` {_DOING[word]}, which Effects does not allow{where}")
        return
    if sharing_of(dotted) is not None or _computes(dotted):
        if isinstance(place, ast.Name) and "." not in dotted:
            raise Refusal("effects", f"it hands the module {dotted} around{where}")
        why = _astray(dotted)
        if why is not None:
            raise Refusal("effects", f"`{shown}` {why}{where}")
        return
    _check_project(shown, dotted, allowed, sources, where)


_HARMLESS = frozenset(["__future__", "copy", "json", "os", "sys", "urllib"])
"""Modules of the standard library that do nothing on import, though some of what they hold does."""


def _check_import(node: ast.AST, target: str, allowed: set[str], sources: Sources) -> None:
    """An import in the body runs the module's own code, also where nothing of it is used."""
    if isinstance(node, ast.Import) and target.partition(".")[0] in _HARMLESS:
        return
    shown, where = ast.unparse(node), f" (line {getattr(node, 'lineno', 1)})"
    for name, why in _REFUSED.items():
        if target == name or target.startswith(f"{name}."):
            raise Refusal("effects", f"`{shown}` {why}{where}")
    word = effect_of(target)
    if word is not None and word not in allowed:
        raise Refusal("effects", f"`{shown}` {_DOING[word]}, which Effects does not allow{where}")
    if word is not None or sharing_of(target) is not None or _computes(target):
        return
    if isinstance(node, ast.Import) and (sources.get(target) or sources.is_package(target)):
        return
    _check_project(shown, target, allowed, sources, where)


def _astray(dotted: str) -> str | None:
    """Why a name of the standard library leads elsewhere than its module does, None if it does not.

    Many modules hold others under some name, and so everything: ``statistics.sys``, ``enum.bltns``. Only
    modules of the standard library that compute are looked into; workers find them before any file of the
    user's.
    """
    top, *parts = dotted.split(".")
    if top not in sys.stdlib_module_names:
        return "is not of the standard library"
    try:
        found: object = importlib.import_module(top)
        reached = top
        for part in parts:
            if part.startswith("_"):
                return f"uses what {reached} keeps to itself"
            if isinstance(found, ModuleType) and not hasattr(found, part):
                found = importlib.import_module(f"{reached}.{part}")
            else:
                found = getattr(found, part)
            reached = f"{reached}.{part}"
            if isinstance(found, ModuleType) and found.__name__ != reached and reached != "os.path":
                return f"reaches the module {found.__name__} through another one"
    except (ImportError, AttributeError):
        return "is not there"
    return None


def _computes(dotted: str) -> bool:
    while dotted:
        if dotted in _COMPUTING:
            return True
        dotted = dotted.rpartition(".")[0]
    return False


def _check_project(shown: str, dotted: str, allowed: set[str], sources: Sources, where: str) -> None:
    """Something of another file: what that file's own text shows it to do."""
    name, _, function = dotted.lstrip(".").rpartition(".")
    found = sources.get(_absolute(dotted, name, sources))
    for source in found:
        module = _read_whole(source)
        for one in module.all_functions():
            if one.qualname == function:
                extra = sorted(set(one.effects.effects) - allowed)
                if extra and source.kind == "file":
                    raise Refusal(
                        "effects", f"`{shown}` {_DOING[extra[0]]}, which Effects does not allow{where}"
                    )
                return
        if any(c.qualname == function for c in module.classes):
            return
    raise Refusal("effects", f"nothing is known of what `{shown}` does{where}")


def _read_whole(source: Source) -> Module:
    """A source's IR; of a file that states nothing none was made yet."""
    if source.module.functions or source.module.classes:
        return source.module
    return extract(Snapshot(source.module.path, None, source.text)).module


def _absolute(dotted: str, name: str, sources: Sources) -> str:
    level = len(dotted) - len(dotted.lstrip("."))
    if not level:
        return name
    package = sources.package.split(".")
    base = ".".join(package[: len(package) - level + 1])
    return f"{base}.{name}".strip(".")
