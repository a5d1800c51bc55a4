"""Values of the answers' forms, for property tests, and texts made of them that are no such value."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def values(schema: dict[str, Any], escapes: bool = True) -> st.SearchStrategy[Any]:
    """What a schema allows, at its bounds too.

    Args:
        escapes: Whether strings whose length is bounded hold characters that JSON escapes.
    """
    match schema["type"]:
        case "object":
            inside = st.fixed_dictionaries({n: values(p, escapes) for n, p in schema["properties"].items()})
            # In the order of the schema, which is the one that a grammar knows.
            return inside.map(lambda drawn: {name: drawn[name] for name in schema["properties"]})
        case "array":
            most = min(schema["maxItems"], 3)
            return st.lists(
                values(schema["items"], escapes), min_size=schema.get("minItems", 0), max_size=most
            )
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is not None and not escapes:
        return st.sampled_from(["", "import a.b as c", "x" * most])
    written = st.one_of(_PLAIN.filter(lambda t: len(t) >= least), st.just('"\\\n\t/ '))
    return written if most is None else st.one_of(written, st.just("é" * most))


def broken(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values that differ from ``value`` in one place and are not of the schema, with what was done."""
    yield from _broken(value, schema, "")


def _broken(value: Any, schema: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for wrong in (None, 1, 1.5, True, *([] if schema["type"] == "object" else [{}])):
        yield f"{where} is {wrong!r}", wrong
    match schema["type"]:
        case "object":
            yield f"{where} has one more", {**value, "surplus": ""}
            for name, inner in schema["properties"].items():
                yield f"{where}.{name} is gone", {k: v for k, v in value.items() if k != name}
                for what, changed in _broken(value[name], inner, f"{where}.{name}"):
                    yield what, {**copy.deepcopy(value), name: changed}
        case "array":
            if value:
                yield f"{where} is too long", value * (schema["maxItems"] // len(value) + 1)
                for what, changed in _broken(value[0], schema["items"], f"{where}[0]"):
                    yield what, [changed, *value[1:]]
        case "string":
            if "enum" in schema:
                yield f"{where} is no such word", schema["enum"][0] + "s"
            else:
                if "maxLength" in schema:
                    yield f"{where} is too long", "x" * (schema["maxLength"] + 1)
                if "minLength" in schema:
                    yield f"{where} is empty", ""
