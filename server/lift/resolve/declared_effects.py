"""Words for an open effect, from what static analysis sees the body do, with the calls that do it.

``none`` is offered only where nothing is called of which nothing is known. Runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from lift_ir import Call, Candidate, Effect, Function, Module

from lift.extract import library
from lift.resolve.context import Context

_SEEN, _NONE = 0.8, 0.8
_SHOWN = 3


def resolve(context: Context) -> tuple[Candidate, ...]:
    """The effects that the body has and the specification does not say yet."""
    function = context.function
    if function is None or function.body_span is None or any(h.hole == "body" for h in function.holes):
        return ()
    return tuple(_candidates(context, function))


def _candidates(context: Context, function: Function) -> Iterator[Candidate]:
    facts = function.effects
    said = {c.word for c in function.clauses if isinstance(c, Effect)}
    imports = _imports(context.text)
    for word in facts.effects:
        if word not in said:
            places = [c for c in function.calls if word in _effects_of(c, function, context.module, imports)]
            yield Candidate(text=word, evidence=_told(places), score=_SEEN)
    if facts.effects or facts.globals_written:
        return
    if not facts.opaque_calls:
        called = list(dict.fromkeys(c.callee for c in function.calls))
        names = ", ".join(f"`{name}`" for name in called[:_SHOWN])
        more = f" and {len(called) - _SHOWN} more" if len(called) > _SHOWN else ""
        evidence = f"the body calls only {names}{more}" if called else "the body calls nothing"
        yield Candidate(text="none", evidence=f"{evidence}: no effect", score=_NONE)


def _told(places: list[Call]) -> str:
    """``by `print` at line 12 and `save` at line 14``."""
    if not places:
        return "what the body does has this effect"
    shown = [f"`{c.callee}` at line {c.span.start.line}" for c in places[:_SHOWN]]
    more = f", {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"by {', '.join(shown[:-1])}{' and ' if len(shown) > 1 else ''}{shown[-1]}{more}"


def _effects_of(call: Call, function: Function, module: Module, imports: Mapping[str, str]) -> set[str]:
    """The effects that a call is known to have."""
    head, _, rest = call.callee.partition(".")
    last = call.callee.rpartition(".")[2]
    around = function.qualname.rpartition(".")[0]
    own = f"{around}.{rest}" if head in ("self", "cls") else call.callee
    found: set[str | None] = set()
    for other in module.all_functions():
        if other.qualname == own:
            found |= set(other.effects.effects)
    if head in imports:
        found.add(library.effect_of(f"{imports[head]}.{rest}" if rest else imports[head]))
    elif not rest:
        found.add(library.BUILTIN_EFFECTS.get(head))
    elif last in library.PATH_METHODS:
        found.add("filesystem")
    if rest and last in library.LOGGER_METHODS and set(call.callee.split(".")) & set(library.LOGGER_NAMES):
        found.add("logging")
    return {word for word in found if word is not None}


def _imports(text: str) -> dict[str, str]:
    """The names that imports bind anywhere in a text, with what they stand for."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                head = one.name.partition(".")[0]
                found[one.asname or head] = one.name if one.asname else head
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found
