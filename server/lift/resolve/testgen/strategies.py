"""A type, and what is known of a value of it, as the text of a Hypothesis strategy. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lift.resolve.testgen.hints import NO_HINTS, Hints
from lift.resolve.testgen.linear import Bounds, is_number
from lift.verify.input_types import Kind

MOST = 100
"""How large numbers become where code loops over them; time is not what a test of a clause is about."""

_FEW = 20
"""Of so many numbers each is drawn soon enough by chance."""

CONTAINERS = frozenset(
    ["list", "sequence", "iterator", "set", "frozenset", "dict", "tuple-of", "str", "bytes"]
)
_ORDERED = frozenset(["list", "sequence", "iterator", "tuple-of"])


class Unwritable(Exception):
    """No strategy says that; the text is why, for people."""


@dataclass
class Known:
    """What Requires says of one value, in the terms of a strategy.

    Attributes:
        bounds: Of an integer itself, or of a container's length.
        low: What a float is at least, and ``high`` that it is at most, with whether that is excluded.
        finite: Whether a float is neither infinite nor no number.
        but: Numbers that an integer is not.
        step: It leaves the second when divided by the first.
        equal: An expression that it equals.
        among: An expression whose elements it is one of.
        parts: What is known of a container's ``element``, ``key`` and ``value``.
        sorted: Whether a sequence is in order, and ``distinct`` whether it holds nothing twice.
        present: Whether it is not None.
    """

    bounds: Bounds = field(default_factory=Bounds)
    low: tuple[str, bool] | None = None
    high: tuple[str, bool] | None = None
    finite: bool = False
    but: list[int] = field(default_factory=list)
    step: tuple[int, int] | None = None
    equal: str | None = None
    among: str | None = None
    alphabet: str | None = None
    parts: dict[str, str] = field(default_factory=dict)
    sorted: bool = False
    distinct: bool = False
    present: bool = False


OfClass = Callable[[str], str]


def strategy(kind: Kind, known: Known, of_class: OfClass, hints: Hints = NO_HINTS) -> str:
    """The strategy's text.

    Args:
        known: What narrows it.
        of_class: The strategy of one of the module's classes.
        hints: What the function is like that it is for.

    Raises:
        Unwritable: There is none.
    """
    if known.equal is not None:
        return f"st.just({known.equal})"
    if known.among is not None:
        return f"st.sampled_from({known.among})"
    match kind.name:
        case "int":
            return _integers(known, hints)
        case "float":
            return _floats(known)
        case "union":
            return _union(kind, known, of_class, hints)
        case name if name in CONTAINERS:
            return _container(kind, known, of_class, hints)
    return plain(kind, of_class, hints)


def plain(kind: Kind, of_class: OfClass, hints: Hints = NO_HINTS) -> str:
    """The strategy of a type of whose values nothing is known.

    Raises:
        Unwritable: There is none.
    """
    match kind.name:
        case "bool":
            return "st.booleans()"
        case "none":
            return "st.none()"
        case "object":
            return "st.none() | st.booleans() | st.integers() | st.text()"
        case "literal":
            return f"st.just({kind.text})"
        case "tuple":
            return f"st.tuples({', '.join(_inner(k, of_class, hints) for k in kind.args)})"
        case "class":
            return of_class(kind.text)
        case "int" | "float" | "union":
            return strategy(kind, Known(), of_class, hints)
        case name if name in CONTAINERS:
            return strategy(kind, Known(), of_class, hints)
    raise Unwritable(f"values of type {kind.name}")


def _inner(kind: Kind, of_class: OfClass, hints: Hints) -> str:
    return strategy(kind, Known(), of_class, hints)


# Numbers.


def _integers(known: Known, hints: Hints) -> str:
    lower, upper = _one(known.bounds.lower, "max"), _one(known.bounds.upper, "min")
    if lower is not None and lower == upper and not known.but and known.step is None:
        return f"st.just({lower})"
    if hints.small:
        lower, upper = _capped(lower, upper)
    if known.step is not None:
        return _stepped(known, lower, upper)
    holes = sorted(set(known.but))
    if not holes:
        return " | ".join([_between(lower, upper), *_worth_trying(hints, lower, upper)])
    if any(t is not None and not is_number(t) for t in (lower, upper)):
        raise Unwritable("a number that is left out between bounds that are not known")
    return _around(holes, None if lower is None else int(lower), None if upper is None else int(upper))


def _worth_trying(hints: Hints, lower: str | None, upper: str | None) -> list[str]:
    """Numbers that are drawn more often than by chance, where there are many to draw from."""
    if any(t is not None and not is_number(t) for t in (lower, upper)):
        return []
    low, high = (None if t is None else int(t) for t in (lower, upper))
    if low is not None and high is not None and high - low <= _FEW:
        return []
    numbers = [n for n in hints.numbers if (low is None or low <= n) and (high is None or n <= high)]
    # Above a bound, 0 and 1 come often enough.
    telling = low is None or any(abs(n) > 1 for n in numbers)
    return [f"st.sampled_from({numbers})"] if len(numbers) > 1 and telling else []


def _one(texts: tuple[str, ...], choose: str) -> str | None:
    if not texts:
        return None
    return texts[0] if len(texts) == 1 else f"{choose}({', '.join(texts)})"


def _capped(lower: str | None, upper: str | None) -> tuple[str, str]:
    if lower is None and upper is None:
        return str(-MOST), str(MOST)
    if upper is None:
        assert lower is not None
        return lower, _moved(lower, MOST)
    return (_moved(upper, -MOST) if lower is None else lower), upper


def _moved(text: str, by: int) -> str:
    if is_number(text):
        return str(int(text) + by)
    return f"{text} {'-' if by < 0 else '+'} {abs(by)}"


def _between(lower: str | None, upper: str | None) -> str:
    if lower is not None and upper is not None:
        return f"st.integers({lower}, {upper})"
    if lower is not None:
        return f"st.integers(min_value={lower})"
    return f"st.integers(max_value={upper})" if upper is not None else "st.integers()"


def _around(holes: list[int], lower: int | None, upper: int | None) -> str:
    """The integers between two bounds that are none of some."""
    parts: list[str] = []
    start = lower
    for hole in holes:
        if (lower is not None and hole < lower) or (upper is not None and hole > upper):
            continue
        if start is None or start <= hole - 1:
            parts.append(_between(None if start is None else str(start), str(hole - 1)))
        start = hole + 1
    if upper is None or start is None or start <= upper:
        parts.append(_between(None if start is None else str(start), None if upper is None else str(upper)))
    if not parts:
        raise Unwritable("there is no such number")
    return " | ".join(parts)


def _stepped(known: Known, lower: str | None, upper: str | None) -> str:
    assert known.step is not None
    step, rest = known.step
    if known.but or any(t is not None and not is_number(t) for t in (lower, upper)):
        raise Unwritable("a multiple between bounds that are not known")
    first = None if lower is None else str(-((rest - int(lower)) // step))
    last = None if upper is None else str((int(upper) - rest) // step)
    if first is not None and last is not None and int(first) > int(last):
        raise Unwritable("there is no such number")
    tail = f" + {rest}" if rest else ""
    return f"{_between(first, last)}.map(lambda n: {step} * n{tail})"


def _floats(known: Known) -> str:
    given: list[str] = []
    for name, bound in (("min", known.low), ("max", known.high)):
        if bound is not None:
            given.append(f"{name}_value={bound[0]}")
            if bound[1]:
                given.append(f"exclude_{name}=True")
    if known.finite:
        # A bound leaves out what is no number by itself.
        given += ["allow_infinity=False"] if known.low or known.high else []
        given += ["allow_nan=False", "allow_infinity=False"] if not (known.low or known.high) else []
    return f"st.floats({', '.join(given)})"


# What is made of others.


def _union(kind: Kind, known: Known, of_class: OfClass, hints: Hints) -> str:
    arms = [k for k in kind.args if not (known.present and k.name == "none")]
    if all(k.name == "literal" for k in arms):
        return f"st.sampled_from([{', '.join(k.text for k in arms)}])"
    # None first: Hypothesis shrinks towards what comes first.
    arms.sort(key=lambda k: k.name != "none")
    return " | ".join(strategy(k, known if known.present else Known(), of_class, hints) for k in arms)


def _container(kind: Kind, known: Known, of_class: OfClass, hints: Hints) -> str:
    lower = _one(tuple(b for b in known.bounds.lower if b != "0"), "max")
    upper = _one(known.bounds.upper, "min")
    sizes: list[str] = []
    if lower is not None and not (is_number(lower) and int(lower) <= 0):
        sizes.append(f"min_size={lower if is_number(lower) or _is_length(lower) else f'max(0, {lower})'}")
    if upper is not None:
        if is_number(upper) and int(upper) < 0:
            raise Unwritable("there is no length below 0")
        sizes.append(f"max_size={upper}")
    if kind.name == "str":
        letters = known.alphabet or known.parts.get("element")
        text = f"st.text({', '.join([*([letters] if letters else []), *sizes])})"
        # What a length or an alphabet would leave out is not worth trying.
        known_texts = [] if letters or sizes else list(hints.texts)
        return f"{text} | st.sampled_from({known_texts})" if known_texts else text
    if kind.name == "bytes":
        return f"st.binary({', '.join(sizes)})"
    if kind.name == "dict":
        key, value = (
            known.parts.get(part) or _inner(k, of_class, hints)
            for part, k in zip(("key", "value"), kind.args, strict=True)
        )
        return f"st.dictionaries({', '.join([key, value, *sizes])})"
    element = known.parts.get("element") or _inner(kind.args[0], of_class, hints)
    if kind.name in ("set", "frozenset"):
        return f"st.{kind.name}s({', '.join([element, *sizes])})"
    given = [element, *sizes, *(["unique=True"] if known.distinct else [])]
    text = f"st.lists({', '.join(given)})"
    if known.sorted:
        text += ".map(sorted)"
    if kind.name in ("tuple-of", "iterator"):
        text += ".map(tuple)" if kind.name == "tuple-of" else ".map(iter)"
    return text


def _is_length(text: str) -> bool:
    """Whether a bound is never negative."""
    return re.fullmatch(r"len\([\w.]+\)( \+ \d+)?", text) is not None


def is_ordered(kind: Kind) -> bool:
    """Whether a container has an order that Requires may speak of."""
    return kind.name in _ORDERED
