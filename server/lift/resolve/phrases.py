"""The phrasebook: common requirements in words, and the expressions that say them of values.

Tolerant of wording, strict about meaning: a negation that no phrase accounts for, or a type that does not
fit, gives nothing. Text work; runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NUMBERS = {
    word: str(value)
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_RESULT = ("result", "return", "returns", "returned", "output", "answer")
_NEGATION = re.compile(r"\b(?:not|no|never|nothing|without|cannot|n't|neither|nor|unless|except)\b")
_SIZES = r"length|long|size|elements|items|characters|entries"


@dataclass(frozen=True)
class Value:
    """Something that a clause may speak of.

    Attributes:
        name: A parameter's name, or ``result``.
        type: Its annotation, empty where there is none.
    """

    name: str
    type: str

    @property
    def family(self) -> str:
        """What phrases fit it: ``number``, ``text``, ``list``, ``mapping``, ``truth`` or ``other``."""
        head = re.split(r"[\[|]", self.type.replace(" ", ""), maxsplit=1)[0].rpartition(".")[2]
        return _FAMILIES.get(head, "other")

    @property
    def numbers(self) -> bool:
        """Whether it is a list of numbers."""
        return self.family == "list" and bool(re.search(r"\[(?:int|float)\b", self.type))

    @property
    def optional(self) -> bool:
        """Whether it may be None."""
        return "None" in self.type or self.type.startswith("Optional")


_FAMILIES = {
    "int": "number",
    "float": "number",
    "str": "text",
    "list": "list",
    "List": "list",
    "Sequence": "list",
    "tuple": "list",
    "dict": "mapping",
    "Mapping": "mapping",
    "set": "set",
    "frozenset": "set",
    "bool": "truth",
}


@dataclass(frozen=True)
class Reading:
    """One way to read a phrase.

    Attributes:
        expression: In lift's notation.
        phrase: What was recognised, for people.
        tied: Whether the words name what the expression speaks of, rather than leave it to be guessed.
    """

    expression: str
    phrase: str
    tied: bool


@dataclass(frozen=True)
class _Phrase:
    """A requirement.

    Attributes:
        name: For people.
        pattern: What its words look like; a negation in it is accounted for.
        templates: By the family of what it is said of; ``{x}`` is that, ``{y}`` another value of the same
            family unless ``other`` says otherwise, ``{n}`` a number or a value that is a number.
        other: Family of ``{y}``.
        after: Whether it speaks of the state after the call, and so fits Ensures only.
    """

    name: str
    pattern: str
    templates: dict[str, str]
    other: str = ""
    after: bool = False


_ALL = "all(each {0} for each in {{x}})"
_PHRASES = (
    _Phrase(
        "sorted, descending",
        r"descending|decreasing|largest first|biggest first",
        {"list": "{x} == sorted({x}, reverse=True)"},
    ),
    _Phrase("sorted", r"sorted|ascending|increasing|smallest first", {"list": "{x} == sorted({x})"}),
    _Phrase(
        "unique",
        r"unique|distinct|no duplicates?|without duplicates?|no repeat\w*|not repeat\w*|never repeat\w*",
        {"list": "len(set({x})) == len({x})"},
    ),
    _Phrase(
        "non-empty",
        r"not (?:be )?empty|never (?:be )?empty|non-?empty|at least one (?:element|item|character|entry)",
        dict.fromkeys(("list", "text", "mapping", "set"), "len({x}) > 0"),
    ),
    _Phrase(
        "empty",
        r"(?:is|are|be) empty",
        dict.fromkeys(("list", "text", "mapping", "set"), "len({x}) == 0"),
    ),
    _Phrase(
        "same length",
        rf"same (?:length|size|number of (?:{_SIZES}))|as (?:long|many(?: {_SIZES})?) as|equally long",
        dict.fromkeys(("list", "text"), "len({x}) == len({y})"),
    ),
    _Phrase(
        "no longer than",
        r"no longer than|not longer than|never longer than",
        dict.fromkeys(("list", "text"), "len({x}) <= len({y})"),
    ),
    _Phrase(
        "permutation",
        r"permut\w+|same (?:elements|items|values)|re-?order\w*|rearrang\w+",
        {"list": "sorted({x}) == sorted({y})"},
    ),
    _Phrase("even", r"even", {"number": "{x} % 2 == 0", "numbers": _ALL.format("% 2 == 0")}),
    _Phrase("odd", r"odd", {"number": "{x} % 2 == 1", "numbers": _ALL.format("% 2 == 1")}),
    _Phrase(
        "non-negative",
        r"non-?negative|not negative|never negative|not below zero|no negative \w+",
        {"number": "{x} >= 0", "numbers": _ALL.format(">= 0")},
    ),
    _Phrase("positive", r"positive|above zero", {"number": "{x} > 0", "numbers": _ALL.format("> 0")}),
    _Phrase("negative", r"negative|below zero", {"number": "{x} < 0", "numbers": _ALL.format("< 0")}),
    _Phrase(
        "non-zero",
        r"non-?zero|not zero|never zero|not be zero",
        {"number": "{x} != 0", "numbers": _ALL.format("!= 0")},
    ),
    _Phrase("divisible", r"divisible by|(?:a )?multiples? of", {"number": "{x} % {n} == 0"}),
    _Phrase(
        "adds up to", r"adds? up to|sums? to|sums? up to|totals?", {"numbers": "sum({x}) == {y}"}, "number"
    ),
    _Phrase(
        "at least",
        r"at least|no less than|not less than|never less than|not below|or more",
        {"number": "{x} >= {n}", "sized": "len({x}) >= {n}"},
    ),
    _Phrase(
        "at most",
        r"at most|no more than|not more than|never more than|never exceeds?|(?:does )?not exceed|up to"
        r"|not above|or less",
        {"number": "{x} <= {n}", "sized": "len({x}) <= {n}"},
    ),
    _Phrase(
        "more than",
        r"more than|greater than|larger than|bigger than|exceeds|above",
        {"number": "{x} > {n}", "sized": "len({x}) > {n}"},
    ),
    _Phrase(
        "less than",
        r"less than|smaller than|fewer than|below",
        {"number": "{x} < {n}", "sized": "len({x}) < {n}"},
    ),
    _Phrase("within", r"between|within|in the range|bounded by", {"number": "{n} <= {x} <= {m}"}),
    _Phrase(
        "maximum of",
        r"(?:maximum|largest|greatest|biggest|highest)(?: \w+)? (?:of|in)",
        {"number": "{x} == max({y})"},
        "numbers",
    ),
    _Phrase(
        "minimum of",
        r"(?:minimum|smallest|least|lowest)(?: \w+)? (?:of|in)",
        {"number": "{x} == min({y})"},
        "numbers",
    ),
    _Phrase("sum of", r"(?:sum|total) of", {"number": "{x} == sum({y})"}, "numbers"),
    _Phrase(
        "contained in",
        r"subset of|only (?:elements|items|values) (?:of|from|in)|(?:taken|comes?|elements?) (?:from|of)"
        r"|contained in|(?:one|member) of",
        {"list": "all(each in {y} for each in {x})", "number": "{x} in {y}", "text": "{x} in {y}"},
        "list",
    ),
    _Phrase(
        "unchanged",
        r"unchanged|not (?:be )?(?:changed?|modified|touched|mutated)|never (?:changed|modified)|left alone"
        r"|stays? the same",
        dict.fromkeys(("list", "mapping", "set"), "{x} == old({x})"),
        after=True,
    ),
    _Phrase("starts with", r"starts? with|begins? with|prefix", {"text": "{x}.startswith({y})"}),
    _Phrase("ends with", r"ends? with|suffix", {"text": "{x}.endswith({y})"}),
    _Phrase("lower case", r"lower-? ?case", {"text": "{x} == {x}.lower()"}),
    _Phrase("upper case", r"upper-? ?case", {"text": "{x} == {x}.upper()"}),
    _Phrase(
        "not None", r"not none|never none|not be none|is given|not missing", {"optional": "{x} is not None"}
    ),
)


def names() -> tuple[str, ...]:
    """What the phrasebook knows, for people."""
    return tuple(phrase.name for phrase in _PHRASES)


def readings(prose: str, kind: str, parameters: Sequence[Value], result: Value | None) -> list[Reading]:
    """What a sentence under Requires or Ensures may mean, the likelier first; none where nothing fits.

    Args:
        kind: ``requires`` or ``ensures``.
        result: What is returned; None under Requires.
    """
    text = _normal(prose)
    values = [*parameters, *([result] if result is not None else [])]
    found: dict[str, Reading] = {}
    used: list[tuple[int, int]] = []
    for phrase in _PHRASES:
        match = re.search(rf"\b(?:{phrase.pattern})(?!\w)", text)
        if match is None or (phrase.after and kind != "ensures"):
            continue
        if any(match.start() < end and start < match.end() for start, end in used):
            # A longer phrase accounts for these words already.
            continue
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        if _NEGATION.search(rest):
            continue
        used.append(match.span())
        ways = _said(phrase, _Sentence(text, match.start(), _numbers(rest, values)), values, result)
        for reading in ways:
            found.setdefault(reading.expression, reading)
    return sorted(found.values(), key=lambda r: not r.tied)


def without(prose: str, phrases: Sequence[str], values: Sequence[Value]) -> list[str]:
    """The words of a sentence that neither these phrases nor numbers nor names of values account for."""
    text = _normal(prose)
    for phrase in _PHRASES:
        if phrase.name in phrases:
            text = re.sub(rf"\b(?:{phrase.pattern})(?!\w)", " ", text)
    forms = {form for v in values for form in _forms(v.name.lower())}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(form)}\b", " ", text)
    words = re.findall(r"-?\d+(?:\.\d+)?|[^\W\d]\w*", text)
    return [w for w in words if not w[0].isdigit() and w[0] != "-" and w not in _NUMBERS]


def _normal(prose: str) -> str:
    text = " ".join(re.sub(r"[^\w\s'<>=.-]", " ", prose.lower()).split()).rstrip(".")
    # "No price is negative" says that each is not.
    return re.sub(r"\bno (\w+) (?:is|are|may be|can be|must be) (negative|zero)\b", r"\1 is non-\2", text)


@dataclass(frozen=True)
class _Sentence:
    """A sentence in which a phrase was recognised.

    Attributes:
        at: Where the phrase begins.
        numbers: Numbers, and names of values that are numbers, beside the phrase.
    """

    text: str
    at: int
    numbers: Sequence[str]

    def place(self, value: Value) -> int | None:
        """Where the words name a value, None if they do not."""
        words = _RESULT if value.name in ("result", "__return__") else _forms(value.name.lower())
        found = [m.start() for w in words if (m := re.search(rf"\b{re.escape(w)}\b", self.text))]
        return min(found, default=None)


def _forms(name: str) -> tuple[str, ...]:
    spelled = name.replace("_", " ").strip()
    if len(spelled) < 2:
        # "a" is a word of its own.
        return () if spelled == "a" else (spelled,)
    return (spelled, spelled.removesuffix("s")) if spelled.endswith("s") else (spelled, spelled + "s")


def _numbers(text: str, values: Sequence[Value]) -> list[str]:
    """Numbers, and names of values that are numbers, in the order of the text."""
    names = {form: v.name for v in values if v.family == "number" for form in _forms(v.name.lower())}
    found: list[str] = []
    for word in re.findall(r"-?\d+(?:\.\d+)?|[a-z_]\w*", text):
        if re.fullmatch(r"-?\d+(?:\.\d+)?", word):
            found.append(word)
        elif word in _NUMBERS:
            found.append(_NUMBERS[word])
        elif word in names and word not in _RESULT:
            found.append(names[word])
    return list(dict.fromkeys(found))


def _said(
    phrase: _Phrase, sentence: _Sentence, values: Sequence[Value], result: Value | None
) -> Iterator[Reading]:
    sized = re.search(rf"\b(?:{_SIZES})\b", sentence.text) is not None
    mentioned = [v for v in values if sentence.place(v) is not None]
    # What a requirement is said of stands before it: "the list is sorted".
    before = [v for v in mentioned if (sentence.place(v) or 0) < sentence.at]
    if before:
        subjects, tied = before[:1], True
    elif result is not None and not phrase.after:
        subjects, tied = [result], bool(mentioned)
    else:
        subjects, tied = [v for v in values if v is not result], False
    for subject in subjects:
        template = _template(phrase, subject, sized)
        if template is None:
            continue
        operands = [n for n in sentence.numbers if n != subject.name]
        if "{m}" in template:
            if len(operands) == 2:
                yield Reading(
                    template.format(x=subject.name, n=operands[0], m=operands[1]), phrase.name, tied
                )
        elif "{n}" in template:
            if len(operands) == 1:
                yield Reading(template.format(x=subject.name, n=operands[0]), phrase.name, tied)
        elif "{y}" in template:
            yield from _with_other(phrase, template, subject, values, mentioned, tied)
        else:
            yield Reading(template.format(x=subject.name), phrase.name, tied)


def _template(phrase: _Phrase, subject: Value, sized: bool) -> str | None:
    if subject.optional and "optional" in phrase.templates:
        return phrase.templates["optional"]
    if subject.numbers and "numbers" in phrase.templates:
        return phrase.templates["numbers"]
    if subject.family in ("list", "text", "mapping", "set") and sized and "sized" in phrase.templates:
        return phrase.templates["sized"]
    return phrase.templates.get(subject.family)


def _with_other(
    phrase: _Phrase,
    template: str,
    subject: Value,
    values: Sequence[Value],
    mentioned: Sequence[Value],
    tied: bool,
) -> Iterator[Reading]:
    wanted = phrase.other or subject.family
    fitting = [
        v for v in values if v is not subject and (v.numbers if wanted == "numbers" else v.family == wanted)
    ]
    named = [v for v in fitting if v in mentioned]
    for other in named or fitting:
        yield Reading(
            template.format(x=subject.name, y=other.name),
            phrase.name,
            tied and bool(named or len(fitting) == 1),
        )
