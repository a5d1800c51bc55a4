"""More about what is offered while a specification is written, made only when somebody looks at it.

Must not know LSP.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Sequence

from lift_ir import Class, Function, TypeExpr

from lift.ide.markup import Markup
from lift.ide.places import function_named
from lift.ide.subject import home_of
from lift.ide.term_types import Home, ancestors, class_of, function_in, module_at, signature_of, typed
from lift.project import Project

_HEADERS = {
    "Requires": "Conditions that callers must make true. The body relies on them, and each call is checked.",
    "Ensures": "Conditions that hold whenever the function returns. `result` is what it returns, `old(e)` "
    "what `e` was before the call.",
    "Invariants": "Conditions on `self` that hold before and after each public method.",
    "Modifies": "The parameters, attributes and globals that may change; what is not named must not.",
    "Decreases": "A whole number, or a tuple of them, that each recursive call makes smaller and never "
    "negative: so the recursion ends.",
    "Effects": "What the function does to the world outside, in one of lift's words or in prose.",
    "Raises": "``E: If ``c``.`` says that `E` is raised exactly if `c` holds; nothing else may escape.",
    "Examples": "Doctests: each is run, in the sandbox.",
}
_EFFECTS = {
    "none": "It does nothing that anybody outside could notice.",
    "filesystem": "It reads or changes files.",
    "network": "It talks to other machines.",
    "process": "It starts, signals or ends processes.",
    "environment": "It reads or changes what surrounds the process: variables, arguments, the folder.",
    "time": "What it does depends on when it runs, or it waits.",
    "random": "What it does depends on chance.",
    "console": "It reads from or writes to the console.",
    "logging": "It writes to a log.",
    "database": "It talks to a database.",
}
_NOTATION = {
    "old": "`old(e)` is the value of `e` before the call.",
    "implies": "`implies(p, q)` holds unless `p` holds and `q` does not; `q` counts only where `p` holds.",
}
_LONGEST = 400


def documentation(project: Project, uri: str, about: Sequence[str], markup: Markup) -> str | None:
    """What is known about an offer, None if that is nothing.

    Args:
        about: What the offer says it is about.
    """
    match list(about):
        case ["header" | "bullet", title]:
            return _said(_HEADERS.get(title), markup)
        case ["effect", word]:
            return _said(_EFFECTS.get(word), markup)
        case ["notation", name]:
            return _said(_NOTATION.get(name), markup)
        case ["builtin", name]:
            return _said(_docstring(getattr(builtins, name, None)), markup)
        case ["parameter", qualname, name]:
            return _parameter(project, uri, qualname, name, markup)
        case ["result", qualname]:
            return _said(f"What {qualname} returns.", markup)
        case ["hole", qualname, name]:
            return _hole(project, uri, qualname, name, markup)
        case ["name", name]:
            home = home_of(project, uri)
            return None if home is None else _name(name, home, markup)
        case ["member", "builtins", owner, name]:
            return _said(_docstring(getattr(getattr(builtins, owner, None), name, None)), markup)
        case ["member", label, owner, name]:
            home = home_of(project, uri)
            if home is not None and label:
                home = module_at(label, home)
            return None if home is None else _member(owner, name, home, markup)
    return None


def _said(text: str | None, markup: Markup) -> str | None:
    return markup.text(text) if text else None


def _docstring(value: object) -> str | None:
    """The first paragraph of what a built-in says of itself."""
    said = inspect.getdoc(value) if value is not None else None
    if not said:
        return None
    paragraphs = [p for p in said.split("\n\n") if "->" not in p.split("\n")[0]]
    return " ".join((paragraphs or [said])[0].split())[:_LONGEST]


def _parameter(project: Project, uri: str, qualname: str, name: str, markup: Markup) -> str | None:
    extraction = project.extraction(uri)
    function = function_named(extraction.module, qualname) if extraction is not None else None
    for one in function.signature.parameters if function is not None else ():
        if one.name == name:
            return _said(one.description, markup)
    return None


def _hole(project: Project, uri: str, qualname: str, name: str, markup: Markup) -> str | None:
    extraction = project.extraction(uri)
    if extraction is None:
        return None
    owners = [*extraction.module.classes, *extraction.module.all_functions()]
    holes = (h for o in owners if o.qualname == qualname for h in o.holes if h.name == name)
    return next((_said(hole.question, markup) for hole in holes), None)


def _name(name: str, home: Home, markup: Markup) -> str | None:
    function = function_in(name, home)
    if function is not None:
        return _function(function[0], markup)
    kind = typed(name, home)
    found = class_of(kind) if kind is not None else None
    if found is not None:
        return _class(found[0], markup)
    return _said(_docstring(getattr(builtins, name, None)) if name not in home.bindings else None, markup)


def _member(owner: str, name: str, home: Home, markup: Markup) -> str | None:
    if not owner:
        return _name(name, home, markup)
    kind = typed(owner, home)
    found = class_of(kind) if kind is not None else None
    for cls, _ in ancestors(*found) if found is not None else ():
        for method in cls.methods:
            if method.name == name:
                return _function(method, markup)
        for attribute in cls.attributes:
            if attribute.name == name and isinstance(attribute.type, TypeExpr):
                return markup.block(f"{name}: {attribute.type.text}", "python")
    return None


def _function(function: Function, markup: Markup) -> str:
    """A function as somebody meets it who calls it: header, summary, Requires and Ensures."""
    lines = [markup.block(f"def {function.name}{signature_of(function)}", "python")]
    if function.intent is not None and function.intent.summary:
        lines.append(markup.text(function.intent.summary))
    for title, kind in (("Requires", "requires"), ("Ensures", "ensures")):
        clauses = [c for c in function.clauses if c.kind == kind and c.expression is not None]
        if clauses:
            lines.append(f"{markup.bold(title)}: " + ", ".join(markup.code(c.text) for c in clauses[:5]))
    return "\n\n".join(lines)


def _class(cls: Class, markup: Markup) -> str:
    lines = [markup.block(f"class {cls.name}", "python")]
    if cls.intent is not None and cls.intent.summary:
        lines.append(markup.text(cls.intent.summary))
    return "\n\n".join(lines)
