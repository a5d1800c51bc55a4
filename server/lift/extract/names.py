"""Which names a clause may use, and which name was probably meant by one that nobody knows.

Whatever cannot be decided counts as known: a name that is wrongly called unknown would be a false
alarm. Must not import other parts of lift than ``lift.extract.bindings``.
"""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lift.extract.bindings import ModuleNames

Moment = Literal["before", "after"]
NOTATION = frozenset({"old", "implies"})
RESULT_NAMES = frozenset({"result", "__return__"})
BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__", "__path__", "reveal_type"}
_OBJECT = frozenset(dir(object)) | {"__dict__", "__weakref__", "__slots__", "__annotations__", "__module__"}
_ARITY = {"old": (1, "one expression"), "implies": (2, "two expressions, the condition and what it implies")}


def _nothing_known() -> frozenset[str] | None:
    return None


class ClauseScope(NamedTuple):
    """What can be named in the clauses of one function or class.

    Attributes:
        parameters: The function's parameters; for a class only ``self``.
        module: The module's names.
        instance: The name of the object that the method belongs to, None outside classes.
        attributes_of: Gives what the class is known to have, None where that cannot be told.
        enclosing_of: Gives the names of enclosing functions.
    """

    parameters: frozenset[str]
    module: ModuleNames
    instance: str | None = None
    attributes_of: Callable[[], frozenset[str] | None] = _nothing_known
    enclosing_of: Callable[[], frozenset[str]] = frozenset

    @property
    def attributes(self) -> frozenset[str] | None:
        """What the class is known to have, None where that cannot be told."""
        return self.attributes_of()

    @property
    def enclosing(self) -> frozenset[str]:
        """The names of enclosing functions."""
        return self.enclosing_of()

    @property
    def result(self) -> str:
        """How the result is written here."""
        return "__return__" if "result" in self.parameters else "result"


@dataclass(frozen=True)
class Complaint:
    """What is wrong in an expression: the node, the sentence, and what would stand in its place."""

    node: ast.expr
    message: str
    suggestion: str | None = None
    name: str = field(default="")


def free_names(tree: ast.expr) -> Iterator[ast.Name]:
    """The names that the expression takes from outside: not those of its comprehensions and lambdas."""
    stack: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, ast.Name):
            if node.id not in bound:
                yield node
        elif isinstance(node, ast.Lambda):
            arguments = node.args
            stack.extend(
                (default, bound) for default in [*arguments.defaults, *arguments.kw_defaults] if default
            )
            stack.append((node.body, bound | set(argument_names(arguments))))
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            inner = bound | {
                name.id for g in node.generators for name in ast.walk(g.target) if isinstance(name, ast.Name)
            }
            stack.append((node.generators[0].iter, bound))
            stack.extend((g.iter, inner) for g in node.generators[1:])
            stack.extend((condition, inner) for g in node.generators for condition in g.ifs)
            heads = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            stack.extend((head, inner) for head in heads)
        else:
            stack.extend((child, bound) for child in ast.iter_child_nodes(node))


def argument_names(arguments: ast.arguments) -> Iterator[str]:
    """The names that a parameter list binds."""
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument.arg
    for star in (arguments.vararg, arguments.kwarg):
        if star is not None:
            yield star.arg


def complaints(tree: ast.expr, scope: ClauseScope, moment: Moment) -> list[Complaint]:
    """What is wrong with a clause that parses, in the order of its text: unknown names, misused notation."""
    found: list[Complaint] = []
    for node in free_names(tree):
        complaint = _about_name(node, scope, moment)
        if complaint is not None:
            found.append(complaint)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            complaint = _about_attribute(node, node.value.id, scope)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NOTATION:
            complaint = _about_notation(node, node.func.id, scope)
        else:
            continue
        if complaint is not None:
            found.append(complaint)
    return sorted(found, key=lambda complaint: (complaint.node.lineno, complaint.node.col_offset))


def all_known(tree: ast.expr, scope: ClauseScope, moment: Moment) -> bool:
    """True if nothing is wrong with the expression."""
    return not complaints(tree, scope, moment)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like the name, None if none does."""
    pool = sorted({c for c in candidates if c != name})
    lower = {c.lower(): c for c in reversed(pool)}
    if name.lower() in lower:
        return lower[name.lower()]
    close = difflib.get_close_matches(name, pool, n=1, cutoff=0.6)
    return close[0] if close else None


def _about_name(node: ast.Name, scope: ClauseScope, moment: Moment) -> Complaint | None:
    name = node.id
    if name in scope.parameters or name.startswith("__hole_"):
        return None
    if name in RESULT_NAMES:
        if moment == "after" or (name == "result" and scope.module.has(name)):
            return None
        message = f"there is no `{name}` before the function has run; say it under Ensures"
        return Complaint(node, message, None, name)
    if name in scope.enclosing or name in BUILTINS or name in NOTATION or scope.module.has(name):
        return None
    candidates = {*scope.parameters, *scope.enclosing, *scope.module.all_names(), *NOTATION}
    if moment == "after":
        candidates.add(scope.result)
    guess = nearest(name, candidates) or nearest(name, (b for b in BUILTINS if b.islower()))
    if scope.instance is not None and scope.attributes is not None and name in scope.attributes:
        guess = f"{scope.instance}.{name}"
    hint = f"; did you mean `{guess}`?" if guess else "; name a parameter, the result or a name of the module"
    return Complaint(node, f"there is no name `{name}` here{hint}", guess, name)


def _about_attribute(node: ast.Attribute, root: str, scope: ClauseScope) -> Complaint | None:
    if root != scope.instance or node.attr in _OBJECT:
        return None
    attributes = scope.attributes
    if attributes is None or node.attr in attributes:
        return None
    guess = nearest(node.attr, attributes)
    hint = f"; did you mean `{root}.{guess}`?" if guess else ""
    return Complaint(
        node,
        f"the class has no attribute `{node.attr}`{hint}",
        f"{root}.{guess}" if guess else None,
        node.attr,
    )


def _about_notation(node: ast.Call, name: str, scope: ClauseScope) -> Complaint | None:
    if name in scope.parameters or scope.module.has(name):
        return None
    count, what = _ARITY[name]
    if (
        len(node.args) == count
        and not node.keywords
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ):
        return None
    return Complaint(node, f"`{name}` takes {what}", None, name)
