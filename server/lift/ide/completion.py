"""What may be written next in a specification, in any editor: headers, bullets, words, and names in clauses.

Offers something only inside the docstring of a function or class, and nothing in its prose. Works while the
text does not parse, from the lines around the cursor and the last good IR. Must not know LSP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lift_ir import Function, Hole, Position, Span

from lift.extract.clauses import EFFECT_WORDS
from lift.extract.sections import HEADERS
from lift.ide.completion_names import Offer, exceptions, in_clause, targets, types_at
from lift.ide.subject import Subject, subject_of
from lift.ide.terms import spot_at
from lift.ide.writing import Place, place_at
from lift.project import Project

__all__ = ["Offer", "Offers", "completions"]

Title = Literal["Requires", "Ensures", "Invariants", "Modifies", "Decreases", "Effects", "Raises", "Examples"]
_OF_FUNCTIONS: tuple[Title, ...] = ("Requires", "Ensures", "Modifies", "Effects", "Raises", "Examples")
_OF_CLASSES: tuple[Title, ...] = ("Invariants", "Examples")
_SAYS: dict[Title, str] = {
    "Requires": "what callers must make true",
    "Ensures": "what holds at every return",
    "Invariants": "what holds before and after every public method",
    "Modifies": "what may change",
    "Decreases": "what each recursive call makes smaller",
    "Effects": "what it does to the world outside",
    "Raises": "which exception, and when",
    "Examples": "calls and what comes out",
}


@dataclass(frozen=True)
class Offers:
    """What may be written at a place.

    Attributes:
        span: The word at the place; what was typed of it is what stands before the place.
        keeps: Whether what stands behind the place may stay; it never does behind a header.
        indent: What stands before the text on the line, for what takes several lines.
        items: The best first.
    """

    span: Span
    keeps: bool
    indent: str
    items: tuple[Offer, ...]


def completions(
    project: Project,
    uri: str,
    position: Position,
    *,
    snippets: bool,
    resolved: Mapping[str, Hole] | None = None,
) -> Offers | None:
    """What may be written at a position; None outside specifications.

    Args:
        snippets: Whether a text may hold places to go on at, ``$1``.
        resolved: Holes by id with what was found to fill them.
    """
    extraction = project.extraction(uri)
    if extraction is None:
        return None
    index = extraction.index
    offset = index.offset(position)
    place = place_at(extraction, offset)
    if place is None:
        return None
    subject = subject_of(project, uri, extraction, place.docstring)
    start, end, items = _BY_SPOT[place.spot](_Question(place, subject, offset, snippets, resolved or {}))
    if not items:
        return None
    keeps = place.spot in {"clause", "type", "exception", "target"}
    return Offers(index.span(start, end), keeps, place.docstring.indent, tuple(items))


@dataclass(frozen=True)
class _Question:
    """Everything that an answer is made of."""

    place: Place
    subject: Subject
    offset: int
    snippets: bool
    resolved: Mapping[str, Hole]

    def fitting(self, plain: str, snippet: str) -> str:
        """The text for what the client takes."""
        return snippet if self.snippets else plain


_Answer = tuple[int, int, list[Offer]]


def _headers(question: _Question) -> _Answer:
    """The headers that are not there yet."""
    place, subject = question.place, question.subject
    there = {HEADERS.get(s.title, s.title.removesuffix("s")) for s in place.layout.sections}
    wanted: list[Title] = list(_OF_CLASSES if place.docstring.is_class else _OF_FUNCTIONS)
    if subject.is_recursive:
        wanted.insert(wanted.index("Effects"), "Decreases")
    typed = question.subject.text[place.start : question.offset].lower()
    step = place.docstring.step
    found: list[Offer] = []
    for number, title in enumerate(wanted):
        if HEADERS.get(title, title.removesuffix("s")) in there or not title.lower().startswith(typed):
            continue
        first = _first(title, question)
        text = f"{title}:\n{step}{first}" + ("" if place.lone else "\n")
        found.append(
            Offer(
                label=f"{title}:",
                kind="header",
                detail=_SAYS[title],
                text=text,
                filter=title,
                rank=number,
                snippet=question.snippets,
                about=("header", title),
            )
        )
    return place.start, place.end, found


def _first(title: Title, question: _Question) -> str:
    """The first line under a header."""
    if title == "Raises":
        return question.fitting("", "${1:ValueError}: If ``$2``.")
    if title == "Examples":
        name = question.subject.name
        return question.fitting(f">>> {name}(", f">>> {name}($1)\n{question.place.docstring.step}$2")
    return question.fitting("- ", "- ``$1``")


def _bullet(question: _Question) -> _Answer:
    """A bullet with its backticks."""
    place = question.place
    typed = question.subject.text[place.start : question.offset]
    if not question.snippets:
        return place.start, place.end, []
    about = ("bullet", place.section.title if place.section is not None else "")
    offer = Offer(
        label="- ``…``",
        kind="bullet",
        detail="a clause that is checked",
        text="- ``$1``",
        filter=typed or "-",
        rank=0,
        snippet=True,
        about=about,
    )
    items = [offer]
    if place.section is not None and place.section.part == "effect":
        items = list(_words(question, lambda word: f"- ``{word}``"))
    elif place.section is not None and place.section.part == "modifies":
        items = [
            replace(one, text=f"- ``{one.text}``", filter=typed or one.label) for one in _targets(question)
        ]
    return place.start, place.end, items


def _clause(question: _Question) -> _Answer:
    """The names that fit into an expression."""
    place = question.place
    after = place.section is not None and place.section.part == "ensures"
    start, end, items = in_clause(
        question.subject,
        place.text,
        question.offset - place.offset,
        after=after,
        snippets=question.snippets,
        resolved=question.resolved,
    )
    return place.offset + start, place.offset + end, items


def _type(question: _Question) -> _Answer:
    """The types that a hole may be declared to have."""
    place = question.place
    start, end, items = types_at(question.subject, place.text, question.offset - place.offset)
    return place.offset + start, place.offset + end, items


def _exception(question: _Question) -> _Answer:
    """The exceptions that may be raised."""
    place = question.place
    found: list[Offer] = []
    for offer in exceptions(question.subject):
        if place.lone:
            text = question.fitting(f"{offer.text}: ", f"{offer.text}: If ``$1``.")
            offer = replace(offer, text=text, snippet=question.snippets)
        found.append(offer)
    return place.start, place.end, found


def _condition(question: _Question) -> _Answer:
    """The condition under which an exception is raised."""
    offer = Offer(
        label="If ``…``",
        kind="bullet",
        detail="raised exactly if this holds",
        text=question.fitting("If ``", "If ``$1``."),
        filter="If",
        rank=0,
        snippet=question.snippets,
        about=("header", "Raises"),
    )
    return question.place.start, question.place.end, [offer]


def _word(question: _Question) -> _Answer:
    """The words of Effects; outside backticks with them."""
    place = question.place
    items = list(_words(question, lambda word: word if place.quoted else f"``{word}``"))
    return place.start, place.end, items


def _words(question: _Question, text: Callable[[str], str]) -> Iterator[Offer]:
    """The words of Effects: what the body seems to do comes first."""
    owner = question.subject.owner
    seen = owner.effects.effects if isinstance(owner, Function) else ()
    for number, word in enumerate(
        sorted(EFFECT_WORDS, key=lambda one: (one not in seen, EFFECT_WORDS.index(one)))
    ):
        detail = "the body seems to have it" if word in seen else ""
        yield Offer(
            label=word,
            kind="word",
            detail=detail,
            text=text(word),
            filter=word,
            rank=number,
            about=("effect", word),
        )


def _target(question: _Question) -> _Answer:
    """What may change, by what the body changes."""
    place = question.place
    if not place.quoted:
        items = [replace(one, text=f"``{one.text}``", filter=one.label) for one in _targets(question)]
        return place.start, place.end, items
    inside = question.offset - place.offset
    spot = spot_at(place.text, inside)
    if spot.wanted == "operand":
        # A name with dots is one target.
        found = _targets(question)
        return place.offset + spot.start, place.offset + spot.end, found
    start, end, items = in_clause(
        question.subject, place.text, inside, after=False, snippets=False, resolved={}
    )
    items = [one for one in items if one.kind in {"field", "property"}]
    return place.offset + start, place.offset + end, items


def _targets(question: _Question) -> list[Offer]:
    place = question.place
    section = place.section
    rows = place.layout.rows[section.first : section.stop] if section is not None else ()
    bullets = sum(row.bullet is not None for row in rows)
    return targets(question.subject, alone=bullets <= (place.spot == "target"))


_BY_SPOT: dict[str, Callable[[_Question], _Answer]] = {
    "header": _headers,
    "bullet": _bullet,
    "clause": _clause,
    "type": _type,
    "exception": _exception,
    "condition": _condition,
    "word": _word,
    "target": _target,
}


def numbered(items: Iterable[Offer]) -> Iterator[tuple[str, Offer]]:
    """Each offer with what sorts it."""
    for number, offer in enumerate(items):
        yield f"{offer.rank:02d}{number:04d}", offer
