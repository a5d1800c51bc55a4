"""The round trip: the changed text says what the text before said, but for the one body.

Must not judge the body itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from lift_ir import Function, Module, TypeExpr, TypeHole

from lift.extract import extract
from lift.resolve.loop.draft import Definition, Draft
from lift.resolve.loop.placing import definition
from lift.resolve.loop.refusal import Refusal
from lift.source.text import Snapshot

_OF_BODY = ("guard", "assert")
"""Sources of clauses that are read from a body, and go with it."""


def specification_stays(draft: Draft, function: Function) -> None:
    """A docstring that came with the candidate states what the user's states, or nothing.

    Raises:
        Refusal: It states something else. The user's would stay in any case, but a candidate that rewrites
            what it is checked against answers another question.
    """
    if draft.docstring is None:
        return
    text = ast.unparse(ast.Module([draft.node], []))
    found = next(iter(extract(Snapshot("candidate.py", None, text)).module.functions), None)
    stated = {} if found is None else _stated(found)
    own = _stated(function)
    if not stated or stated.keys() == own.keys():
        return
    gone = [text for key, text in own.items() if key not in stated]
    new = [text for key, text in stated.items() if key not in own]
    what = f"without `{gone[0]}`" if gone else f"with `{new[0]}` added"
    raise Refusal("roundtrip", f"it changes the specification: its docstring is {what}")


def _stated(function: Function) -> dict[tuple[str, str], str]:
    return {(c.kind, c.id): c.text for c in function.clauses if c.source not in _OF_BODY}


def module_after(before: Module, function: Function, changed: str) -> Module:
    """The IR of the changed text, in which a clause of the function stands only if a person stated it.

    A guard at the head of the new body would otherwise declare its own exception, and so excuse the body from
    what was promised.

    Raises:
        Refusal: Something is lost or changed beside the body.
    """
    extraction = extract(Snapshot(before.path, None, changed))
    if extraction.error is not None:
        raise Refusal("parse", f"the file would not parse with it: {extraction.error.message}")
    after = extraction.module
    found = _last(after, function.qualname)
    if found is None:
        raise Refusal("roundtrip", f"{function.qualname} is not there any more")
    _same_specification(function, found)
    _same_neighbours(before, after, function.qualname)
    kept = found.model_copy(
        update={"clauses": tuple(c for c in found.clauses if c.source not in _OF_BODY or c.kind != "raises")}
    )
    return _with(after, found, kept)


def _last(module: Module, qualname: str) -> Function | None:
    return next((f for f in reversed(module.all_functions()) if f.qualname == qualname), None)


def _same_specification(before: Function, after: Function) -> None:
    own, now = _stated(before), _stated(after)
    if own.keys() != now.keys():
        gone = [text for key, text in own.items() if key not in now]
        lost = f"`{gone[0]}` would be lost" if gone else "it would say more than you wrote"
        raise Refusal("roundtrip", f"it changes the specification: {lost}")
    shapes = [_shape(f) for f in (before, after)]
    if shapes[0] != shapes[1]:
        raise Refusal("roundtrip", "it changes the signature")
    holes = [{h.id for h in f.holes if h.hole != "body"} for f in (before, after)]
    if holes[0] != holes[1]:
        raise Refusal("roundtrip", "it changes what the specification leaves open")


def _shape(function: Function) -> tuple[object, ...]:
    parameters = [(p.name, p.style, p.default, _type(p.type)) for p in function.signature.parameters]
    return function.is_async, function.decorators, _type(function.signature.returns), parameters


def _type(written: TypeExpr | TypeHole) -> str | None:
    return written.text if isinstance(written, TypeExpr) else None


def _same_neighbours(before: Module, after: Module, qualname: str) -> None:
    """Nothing is said of any other function or class that was not said before."""
    own = {f.qualname: f.digest for f in before.all_functions() if not _within(f.qualname, qualname)}
    now = {f.qualname: f.digest for f in after.all_functions() if not _within(f.qualname, qualname)}
    if own != now:
        other = next(iter(sorted(set(own.items()) ^ set(now.items()))))[0]
        raise Refusal("roundtrip", f"it changes {other} as well")


def _within(name: str, qualname: str) -> bool:
    return name == qualname or name.startswith(f"{qualname}.<locals>.")


def _with(module: Module, found: Function, kept: Function) -> Module:
    functions = tuple(kept if f is found else f for f in module.functions)
    classes = tuple(
        c.model_copy(update={"methods": tuple(kept if m is found else m for m in c.methods)})
        for c in module.classes
    )
    # Analyses are kept by this digest, and this IR is another one than the text alone would give.
    return module.model_copy(
        update={"functions": functions, "classes": classes, "digest": f"{module.digest}-stated"}
    )


def rest_stays(before: str, changed: str, qualname: str, draft: Draft, added: Iterable[str]) -> None:
    """The program after is the program before with the body in its place and the imports added.

    Raises:
        Refusal: It is another one.
    """
    wanted, made = ast.parse(before), ast.parse(changed)
    own, now = definition(wanted, qualname), definition(made, qualname)
    if own is None or now is None:
        raise Refusal("roundtrip", f"{qualname} is not there any more")
    docstring = own.body[:1] if ast.get_docstring(own, clean=False) is not None else []
    own.body = [*docstring, *draft.body]
    _without(made, [ast.dump(s) for text in added for s in ast.parse(text).body])
    if ast.dump(wanted) != ast.dump(made):
        raise Refusal("roundtrip", "the file would change beside the body")


def _without(tree: ast.Module, dumps: list[str]) -> None:
    for dump in dumps:
        place = next((n for n, s in enumerate(tree.body) if ast.dump(s) == dump), None)
        if place is None:
            raise Refusal("roundtrip", "an import would be lost")
        del tree.body[place]


def own_definition(text: str, qualname: str) -> Definition:
    """The function's definition in the user's text.

    Raises:
        Refusal: There is none at the top of the file or of a class.
    """
    try:
        found = definition(ast.parse(text), qualname)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refusal("parse", "the file does not parse") from None
    if found is None:
        raise Refusal("parse", f"{qualname} stands inside another function, where it cannot be checked")
    return found
