"""Values of the answers' forms, for property tests, and texts made of them that are no such value."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema allows, at its bounds too."""
    match schema["type"]:
        case "object":
            return st.fixed_dictionaries({n: values(p) for n, p in schema["properties"].items()})
        case "array":
            most = min(schema.get("maxItems", 3), 3)
            return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=most)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    least = schema.get("minLength", 0)
    return st.one_of(
        _PLAIN.filter(lambda t: len(t) >= least),
        st.just("é" * schema["maxLength"]),
        st.just('"\\\n\t/ '[least:]),
    )


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
                yield f"{where} is too long", "x" * (schema["maxLength"] + 1)
                if schema.get("minLength"):
                    yield f"{where} is empty", ""
