"""A function's description, sentence by sentence, and what the phrasebook reads in each. Text work only.

Which sentences require something is told by a few words; one that is missed stays what it is, a part of the
description, which no draft touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lift_ir import Function

from lift.resolve.phrases import Reading, Value, readings, without

Header = Literal["Requires", "Ensures"]
_ENDS = re.compile(r"(?<=[.!?;])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)\s+(?=\S)")
_RAISED = re.compile(
    r"(?:it )?raises? (?:an? )?(?P<name>[A-Z]\w*)(?: is raised)? (?:if|when) (?P<condition>.+)", re.IGNORECASE
)
_CONDITIONAL = re.compile(
    r"\b(?:if|when|whenever|unless|otherwise|else|except|but|or|either|may|might|can|could|would|then|while|until"
    r"|raises?|usually|often|sometimes|e\.g|i\.e|example|instead|than)\b(?! (?:equal|least|most))",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s*(?:,\s*and\s|;|,|\band\b)\s*")
_MOST, _LONGEST = 12, 300
"""Sentences that are read, and characters of each."""
# Words that say nothing which a clause would have to say.
_FILLING = frozenset(
    re.findall(
        r"\w+",
        """
        a an the this that these those which it its itself is are be been must should shall has have to of in
        and result results return returns returned returning value values number numbers integer integers list
        lists string strings text element elements item items entry entries input given argument parameter
        always all each every also as order for with get gives give compute computes calculate calculates find
        finds needs need required expected stays stay remains remain
        """,
    )
)
_OF_RESULT = re.compile(r"\b(?:returns?|returned|results?|outputs?|gives?|yields?|answers?)\b", re.IGNORECASE)
_OF_CALLER = re.compile(
    r"\b(?:must|should|shall|needs? to|has to|have to|expects?|assum\w+|given|requires?|required|callers?)\b",
    re.IGNORECASE,
)
_NORM = re.compile(
    r"\b(?:must|should|shall|needs? to|has to|have to|always|never|only|each|every|all|no|not|none|cannot"
    r"|without|at (?:least|most)|exactly|unless|if|when|raises?|returns?|results?|keeps?|stays?|same|between"
    r"|sorted)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of a description.

    Attributes:
        text: On one line, without its full stop.
        header: Under which header it would stand as a bullet.
        is_summary: Whether it is the docstring's first one, which stays that in any case.
        is_norm: Whether its words require something.
    """

    text: str
    header: Header
    is_summary: bool = False
    is_norm: bool = True


def sentences_of(function: Function) -> tuple[Sentence, ...]:
    """The sentences of a function's description, and what it says of each parameter."""
    return tuple(_sentences(function))[:_MOST]


def _sentences(function: Function) -> Iterator[Sentence]:
    intent = function.intent
    if intent is not None:
        prose = f"{intent.summary}\n\n{intent.rationale}"
        parts = [s for block in prose.split("\n\n") for s in _ENDS.split(" ".join(block.split()))]
        for number, part in enumerate(parts):
            text = part.replace("`", "").strip().lstrip("-*• ").rstrip(".;!")
            if 0 < len(text) <= _LONGEST:
                yield Sentence(text, _header(text, function), number == 0, _NORM.search(text) is not None)
    for parameter in function.signature.parameters:
        said = " ".join(parameter.description.replace("`", "").split()).rstrip(".")
        if said and len(said) <= _LONGEST:
            yield Sentence(f"{parameter.name}: {said}", "Requires", is_norm=False)


def _header(text: str, function: Function) -> Header:
    if _OF_RESULT.search(text):
        return "Ensures"
    names = [p.name for p in function.signature.parameters]
    named = any(re.search(rf"\b{re.escape(n)}\b", text) for n in names)
    return "Requires" if named and _OF_CALLER.search(text) else "Ensures"


def values_of(function: Function) -> tuple[list[Value], Value]:
    """The parameters and the result, as the phrasebook speaks of them."""
    own = [p for p in function.signature.parameters if p.name not in ("self", "cls")]
    parameters = [Value(p.name, p.type.text.strip("'\"") if p.type.kind == "type" else "") for p in own]
    given = function.signature.returns
    name = "__return__" if any(p.name == "result" for p in own) else "result"
    return parameters, Value(name, given.text.strip("'\"") if given.kind == "type" else "")


@dataclass(frozen=True)
class Phrase:
    """A clause that the phrasebook reads in a sentence.

    Attributes:
        kind: ``requires``, ``ensures`` or ``raises``.
        phrase: What was recognised, for people.
        exception: The exception's name, for ``raises``.
    """

    kind: str
    expression: str
    phrase: str
    exception: str = ""


def read(sentence: Sentence, function: Function) -> tuple[Phrase, ...]:
    """What the phrasebook reads in a sentence; nothing where a part of it is in doubt."""
    raised = _RAISED.match(sentence.text)
    if raised is not None:
        return _when(raised["name"], raised["condition"], function)
    if _CONDITIONAL.search(sentence.text):
        # The phrasebook would read a half of it.
        return ()
    found = _read(sentence.text, sentence, function)
    if found:
        return found
    parts = [part for part in _PARTS.split(sentence.text) if part.strip()]
    read_parts = [_read(part, sentence, function) for part in parts]
    # Half a sentence is another sentence.
    return tuple(p for part in read_parts for p in part) if len(parts) > 1 and all(read_parts) else ()


def _when(exception: str, condition: str, function: Function) -> tuple[Phrase, ...]:
    if _CONDITIONAL.search(condition):
        return ()
    parameters, _ = values_of(function)
    found = _clear(readings(condition, "requires", parameters, None), condition, parameters)
    # Of several, it is not said whether all are meant or any.
    return (
        tuple(Phrase("raises", r.expression, r.phrase, exception) for r in found) if len(found) == 1 else ()
    )


def _read(text: str, sentence: Sentence, function: Function) -> tuple[Phrase, ...]:
    parameters, result = values_of(function)
    of_result = _OF_RESULT.search(sentence.text) is not None
    if not of_result:
        found = _clear(readings(text, "requires", parameters, None), text, parameters)
        if found:
            return tuple(Phrase("requires", r.expression, r.phrase) for r in found)
    if sentence.header == "Requires":
        return ()
    about = re.compile(rf"\b{re.escape(result.name)}\b")
    for values in (parameters, []):
        found = _clear(readings(text, "ensures", values, result), text, parameters, result)
        found = [r for r in found if about.search(r.expression) or "old(" in r.expression]
        if found:
            return tuple(Phrase("ensures", r.expression, r.phrase) for r in found)
    return ()


def _clear(
    found: Sequence[Reading], text: str, parameters: Sequence[Value], result: Value | None = None
) -> list[Reading]:
    """The readings without doubt: the words name what they speak of, or there is only one such thing."""
    by_phrase: dict[str, list[Reading]] = {}
    for reading in found:
        by_phrase.setdefault(reading.phrase, []).append(reading)
    clear: list[Reading] = []
    for group in by_phrase.values():
        tied = [r for r in group if r.tied]
        if len(tied) == 1 or (not tied and len(group) == 1):
            clear.append((tied or group)[0])
    # A word that no phrase accounts for may turn the sense of all the others.
    rest = without(text, [r.phrase for r in clear], [*parameters, *([result] if result is not None else [])])
    if not set(rest) <= _FILLING:
        return []
    down = any(r.phrase == "sorted, descending" for r in clear)
    return [r for r in clear if not (down and r.phrase == "sorted")]
