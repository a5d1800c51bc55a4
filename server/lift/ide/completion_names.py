"""The names that fit into a clause: of the function, of its module, of built-ins, behind a dot and a ``?``.

What is offered as a name is one that extraction knows there. Must not know LSP.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lift_ir import Candidate, Class, Hole

from lift.extract.notation import parse
from lift.ide.known_calls import BUILTINS
from lift.ide.subject import Subject
from lift.ide.term_types import (
    Home,
    Member,
    Typed,
    ancestors,
    class_of,
    element,
    function_in,
    members,
    members_of,
    module_behind,
    module_members,
    part,
    signature_of,
    type_of,
    typed,
)
from lift.ide.terms import Bound, Spot, spot_at

OfferKind = Literal[
    "header",
    "bullet",
    "parameter",
    "variable",
    "result",
    "notation",
    "hole",
    "filling",
    "field",
    "property",
    "method",
    "function",
    "class",
    "constant",
    "module",
    "builtin",
    "keyword",
    "exception",
    "word",
    "target",
    "type",
]
_OPERATORS = ("and", "or", "in", "not in", "is", "is not", "if", "else", "for")
_VALUES = ("True", "False", "None")
_TYPES = ("int", "str", "bool", "float", "list", "dict", "set", "frozenset", "tuple", "bytes", "None")
_EXCEPTION = re.compile(r"(?:Error|Exception|Exit|Interrupt|Timeout)$")
_RAISED = re.compile(r"^[ \t]*raise[ \t]+([^\W\d][\w.]*)", re.M)
_HOLE = re.compile(r"\?([^\W\d]\w*)")
_DECLARED = re.compile(r"\s*\?[^\W\d]\w*\s*(?::|$)")
_IMMUTABLE = frozenset({"int", "str", "bool", "float", "bytes", "tuple", "frozenset", "range", "literal"})
_ERRORS = tuple(
    name
    for name, value in sorted(vars(builtins).items())
    if isinstance(value, type)
    and issubclass(value, Exception)
    and not issubclass(value, Warning)
    and name not in {"EnvironmentError", "IOError", "ExceptionGroup", "StopAsyncIteration"}
)
# The errors that functions over values raise most; the others follow by name.
_FREQUENT = (
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "ZeroDivisionError",
    "LookupError",
    "OSError",
)


@dataclass(frozen=True)
class Offer:
    """Something that may be written.

    Attributes:
        label: What a menu shows.
        detail: What stands beside it: a type, or what it is for.
        text: What is written; its further lines are indented from where the first one stands.
        filter: What must be like what was typed.
        rank: What sorts it, before its place in the list.
        snippet: Whether ``text`` has places to go on at: ``$1``.
        about: What it is, for whoever wants to read more of it.
    """

    label: str
    kind: OfferKind
    detail: str
    text: str
    filter: str
    rank: int
    snippet: bool = False
    about: tuple[str, ...] = ()


Answer = tuple[int, int, list[Offer]]


def in_clause(
    subject: Subject,
    text: str,
    place: int,
    *,
    after: bool,
    snippets: bool,
    resolved: Mapping[str, Hole],
) -> Answer:
    """What fits at a place of a clause's text: what was typed of it from where to where, and the offers.

    Args:
        after: Whether the clause speaks of the time after the call.
        snippets: Whether a text may have places to go on at.
        resolved: Holes by id with what was found to fill them.
    """
    spot = spot_at(text, place)
    match spot.wanted:
        case "operand":
            called = text[spot.end : spot.end + 1] == "("
            found = list(_operands(subject, spot, after=after, snippets=snippets and not called, bare=called))
        case "operator":
            found = [_keyword(word) for word in _OPERATORS if spot.nested or word != "for"]
        case "attribute":
            found = _attributes(subject, spot, after=after)
        case "hole":
            found = _holes(subject, text, spot, resolved)
        case _:
            found = []
    return spot.start, spot.end, found


def _keyword(word: str) -> Offer:
    return Offer(word, "keyword", "", word, word, 9)


def _operands(subject: Subject, spot: Spot, *, after: bool, snippets: bool, bare: bool) -> Iterator[Offer]:
    """Names that stand for a value."""
    known = types_here(subject, spot, after=after)
    taken = {bound.name for bound in spot.names}
    for bound in _once(spot.names):
        yield Offer(bound, "variable", _shown(known.get(bound)), bound, bound, 0, False, ("variable", bound))
    for name, kind in subject.parameters.items():
        if name not in taken:
            about = ("parameter", subject.qualname, name)
            yield Offer(name, "parameter", kind, name, name, 1, False, about)
    taken |= subject.parameters.keys()
    if after and subject.result not in taken:
        yield Offer(
            *(subject.result, "result", subject.returns, subject.result, subject.result, 2, False),
            ("result", subject.qualname),
        )
    taken.add("result")
    for name, arguments in (("old", "$1"), ("implies", "$1, $2")):
        if name in taken or name in subject.home.bindings or (name == "old" and not after):
            continue
        text = f"{name}({arguments})" if snippets else name if bare else f"{name}("
        detail = "the value before the call" if name == "old" else "the second holds whenever the first does"
        yield Offer(f"{name}(…)", "notation", detail, text, name, 3, snippets, ("notation", name))
    if subject.receiver and subject.receiver not in {bound.name for bound in spot.names}:
        for member in subject.members():
            name = f"{subject.receiver}.{member.name}"
            yield replace(_member(member), label=name, text=name, filter=member.name, rank=4)
    for offer in module_names(subject):
        if offer.label not in taken:
            yield offer
    for name in BUILTINS:
        if name not in taken and name not in subject.home.bindings:
            yield Offer(name, "builtin", "", name, name, 7, False, ("builtin", name))
    for name in (*_VALUES, "not"):
        yield replace(_keyword(name), rank=8)


def _once(names: Iterable[Bound]) -> list[str]:
    return list(dict.fromkeys(bound.name for bound in names))


def _shown(kind: Typed | None) -> str:
    return kind.text if kind is not None else ""


def module_names(subject: Subject) -> Iterator[Offer]:
    """The names of the module."""
    home = subject.home
    for name, binding in home.bindings.items():
        if binding.target.startswith("__future__.") or (name.startswith("__") and name.endswith("__")):
            continue
        detail, rank = "", 5
        kind: OfferKind = "constant"
        match binding.kind:
            case "function":
                found = subject.functions.get(name)
                detail, kind = signature_of(found) if found is not None else "", "function"
            case "class":
                kind = "class"
            case "import":
                detail, rank = f"from {binding.target.rpartition('.')[0]}", 6
                kind = "class" if name[:1].isupper() and not name.isupper() else "function"
                if "." not in binding.target.lstrip("."):
                    detail, kind = "", "module"
            case _:
                pass
        yield Offer(name, kind, detail, name, name, rank, False, ("name", name))


def types_here(subject: Subject, spot: Spot, *, after: bool) -> dict[str, Typed]:
    """The types of the names that are not the module's, as far as they can be told."""
    home = subject.home
    known: dict[str, Typed] = {}
    for name, note in subject.parameters.items():
        kind = typed(note, home) if note else None
        if kind is not None:
            known[name] = kind
    if after and subject.returns and (kind := typed(subject.returns, home)) is not None:
        known.setdefault(subject.result, kind)
    if subject.receiver and subject.cls is not None:
        kind = typed(subject.cls.name, home)
        if kind is not None:
            known[subject.receiver] = kind
    for bound in reversed(spot.names):
        known.pop(bound.name, None)
        kind = _bound(bound, known, home)
        if kind is not None:
            known[bound.name] = kind
    return known


def _bound(bound: Bound, known: Mapping[str, Typed], home: Home) -> Typed | None:
    """The type of a name that goes over something."""
    tree = parse(bound.iterable).tree if bound.iterable else None
    over = type_of(tree, known, home) if tree is not None else None
    kind = element(over) if over is not None else None
    for number in bound.path:
        kind = part(kind, number) if kind is not None else None
    return kind


def _attributes(subject: Subject, spot: Spot, *, after: bool) -> list[Offer]:
    """What may follow a dot."""
    home = subject.home
    tree = parse(spot.base).tree
    if tree is None:
        return []
    known = types_here(subject, spot, after=after)
    name = spot.base.strip()
    if name == subject.receiver and name not in {bound.name for bound in spot.names}:
        return [_member(one) for one in subject.members()]
    kind = type_of(tree, known, home)
    if kind is not None:
        return [_member(one) for one in members(kind)]
    if name in known or name in subject.parameters:
        return []
    binding = home.bindings.get(name.partition(".")[0])
    if binding is None:
        return []
    if binding.kind == "import":
        module = module_behind(tree, home)
        if module is not None:
            return [_member(one) for one in module_members(module)]
    of = typed(name, home)
    found = class_of(of) if of is not None else None
    return [] if found is None else [_member(one) for one in members_of(*found) if _of_class(one, *found)]


def _of_class(member: Member, cls: Class, home: Home) -> bool:
    """Whether a class itself has it, and not only its objects."""
    for owner, _ in ancestors(cls, home):
        for attribute in owner.attributes:
            if attribute.name == member.name:
                return attribute.default is not None
        for method in owner.methods:
            if method.name == member.name:
                return any(d in {"staticmethod", "classmethod"} for d in method.decorators)
    return False


def _member(member: Member) -> Offer:
    kinds: dict[str, OfferKind] = {
        "method": "method",
        "function": "function",
        "class": "class",
        "field": "field",
        "property": "property",
    }
    about = ("member", member.home, member.owner, member.name)
    name = member.name
    rank = 2 if name.startswith("_") else 0 if member.kind in {"field", "property"} else 1
    return Offer(name, kinds.get(member.kind, "constant"), member.detail, name, name, rank, False, about)


def _holes(subject: Subject, text: str, spot: Spot, resolved: Mapping[str, Hole]) -> list[Offer]:
    """The names of holes that are there, and what is known to fill the one at the place."""
    name = text[spot.start + 1 : spot.end]
    found: list[Offer] = []
    holes = {
        h.name: h for h in (subject.owner.holes if subject.owner is not None else ()) if h.hole == "term"
    }
    hole = holes.get(name)
    if hole is not None and not _DECLARED.match(text):
        candidates = resolved.get(hole.id, hole).candidates
        for candidate in candidates:
            if not candidate.fills and not candidate.imports:
                found.append(_filling(candidate, name))
    written = [m[1] for m in _HOLE.finditer(subject.content)]
    for one in dict.fromkeys([*holes, *written]):
        if one == name and written.count(one) < 2:
            continue
        known = holes.get(one)
        detail = known.type or known.question if known is not None else ""
        about = ("hole", subject.qualname, one)
        found.append(Offer(f"?{one}", "hole", detail, f"?{one}", f"?{one}", 1, False, about))
    return found


def _filling(candidate: Candidate, name: str) -> Offer:
    said = ", ".join(part for part in (candidate.strength, candidate.evidence) if part)
    return Offer(
        candidate.text, "filling", said, candidate.text, f"?{name}", 0, False, ("filling", candidate.text)
    )


def types_at(subject: Subject, text: str, place: int) -> Answer:
    """The types that may stand at a place of a hole's type."""
    spot = spot_at(text, place)
    if spot.wanted != "operand":
        return spot.start, spot.end, []
    found = [
        Offer(n, "type", "", n, n, 0, False, ("builtin", n)) for n in _TYPES if n not in subject.home.bindings
    ]
    found += [replace(one, rank=1) for one in module_names(subject) if one.kind == "class"]
    return spot.start, spot.end, found


def exceptions(subject: Subject) -> list[Offer]:
    """The exceptions that may be raised: those of the body first, then the module's, then built-in."""
    home = subject.home
    ranks: dict[str, tuple[int, str]] = {}
    for name in _RAISED.findall(subject.body):
        if _is_exception(name, home):
            ranks.setdefault(name, (0, "the body raises it"))
    for name, binding in home.bindings.items():
        if binding.kind == "class" and _is_exception(name, home):
            ranks.setdefault(name, (1, "of this module"))
        elif binding.kind == "import" and name[:1].isupper() and _is_exception(name, home):
            ranks.setdefault(name, (2, f"from {binding.target.rpartition('.')[0]}"))
    for name in _FREQUENT:
        ranks.setdefault(name, (3, ""))
    for name in _ERRORS:
        ranks.setdefault(name, (4, ""))
    return [
        Offer(name, "exception", detail, name, name, rank, False, ("name", name))
        for name, (rank, detail) in ranks.items()
        if rank < 3 or name not in home.bindings
    ]


def _is_exception(name: str, home: Home) -> bool:
    """Whether a name is an exception's, as far as can be told."""
    binding = home.bindings.get(name.partition(".")[0])
    if binding is None:
        return name in _ERRORS
    if binding.kind == "import" and _EXCEPTION.search(name):
        return True
    kind = typed(name, home)
    found = class_of(kind) if kind is not None else None
    if found is None:
        return False
    return any(
        base in _ERRORS or base == "Exception" or _EXCEPTION.search(base)
        for cls, _ in ancestors(*found)
        for base in cls.bases
    )


def targets(subject: Subject, *, alone: bool) -> list[Offer]:
    """What may change: what the body changes first.

    Args:
        alone: Whether nothing else is said to change, so that it may be nothing at all.
    """
    effects = subject.effects
    changed = [*effects.mutates, *effects.globals_written] if effects is not None else []
    found: dict[str, Offer] = {}

    def add(name: str, detail: str, rank: int) -> None:
        found.setdefault(name, Offer(name, "target", detail, name, name, rank, False, ("target", name)))

    for name in changed:
        if re.fullmatch(r"[\w.]+", name):
            add(name, "the body changes it", 0)
    if alone:
        add("none", "nothing changes", 0 if not changed else 3)
    home = subject.home
    for name, note in subject.parameters.items():
        kind = typed(note, home) if note else None
        of = kind and kind.text.partition("[")[0]
        if of not in _IMMUTABLE:
            add(name, note, 1)
    if subject.receiver:
        for member in subject.members():
            if member.kind == "field":
                add(f"{subject.receiver}.{member.name}", member.detail, 1)
    for name, binding in home.bindings.items():
        if binding.kind == "variable" and not name.startswith("__") and not name.isupper():
            add(name, "of the module", 2)
    return list(found.values())


def function_named(subject: Subject, name: str) -> str | None:
    """The signature of a function that the module knows by that name."""
    found = function_in(name, subject.home)
    return None if found is None else signature_of(found[0])
