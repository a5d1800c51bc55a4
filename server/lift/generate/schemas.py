"""The JSON Schemas that answers have to meet: built from the forms, in words that every server enforces.

A server that writes under a grammar enforces less than it accepts: XGrammar takes ``not``, ``uniqueItems``
and ``if`` without a word and ignores them; the strict modes of the vendors refuse what they do not know. So
these schemas keep to ``KEYWORDS``: objects that are closed and whose properties are all required, arrays
with bounds, strings, enumerations; no references, no unions, no null.

**Text has no bound on its length.** XGrammar (0.2.8) writes a string with ``maxLength`` without escapes: it
could hold no quote, and a body no second line. Only names and imports, which need none, are bounded;
everything else is bounded by the tokens of the request, and by the validation in ``answers``, which checks
all again in any case. llama.cpp has no such trouble and can have the bounds too (``OutputSchema.bounded``).
For the vendors that refuse any bound there is ``unbounded``.

Must not import anything but the forms, the IR and the request's types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lift.generate.forms import (
    PLAIN,
    BodyForm,
    ClausesForm,
    DraftForm,
    EffectsForm,
    Form,
    IntentForm,
    TypesForm,
)
from lift.generate.provider import OutputSchema

KEYWORDS: Final = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "description",
    }
)
"""Every keyword that a schema here uses. All but the last are enforced by XGrammar and by llama.cpp."""
_LENGTHS: Final = frozenset({"minLength", "maxLength"})
_BOUNDS: Final = _LENGTHS | {"minItems", "maxItems"}


def schema_of(form: type[Form], bounded: bool = False) -> dict[str, Any]:
    """The JSON Schema of a form, self-contained and within ``KEYWORDS``.

    Args:
        bounded: Whether text is bounded as well.

    Raises:
        TypeError: The form uses something that servers do not enforce; a mistake in ``forms``.
    """
    raw = form.model_json_schema(mode="serialization")
    return _kept(raw, raw.get("$defs", {}), form.__name__, bounded)


def _kept(
    node: Mapping[str, Any], definitions: Mapping[str, Any], where: str, bounded: bool
) -> dict[str, Any]:
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    kept: dict[str, Any] = {}
    for keyword, value in node.items():
        match keyword:
            case "title" | "$defs" | "required" | "additionalProperties":
                continue
            case _ if keyword == PLAIN or (keyword in _LENGTHS and not bounded and PLAIN not in node):
                continue
            case "const":
                kept["enum"] = [value]
            case "properties":
                inside = {n: _kept(p, definitions, f"{where}.{n}", bounded) for n, p in value.items()}
                kept |= {"properties": inside, "required": list(value), "additionalProperties": False}
            case "items":
                kept["items"] = _kept(value, definitions, f"{where}[]", bounded)
            case _ if keyword in KEYWORDS:
                kept[keyword] = value
            case _:
                raise TypeError(f"{where} uses {keyword!r}, which servers do not enforce")
    if kept.get("type") not in ("object", "array", "string"):
        raise TypeError(f"{where} is of type {kept.get('type')!r}")
    return kept


def unbounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without bounds on lengths, for the strict modes that refuse a schema with such bounds.

    OpenAI's refuses bounds on strings, Anthropic's also those on arrays. The bounds are checked in
    ``answers``.
    """
    return {
        key: {n: unbounded(p) for n, p in value.items()}
        if key == "properties"
        else unbounded(value)
        if key == "items"
        else value
        for key, value in schema.items()
        if key not in _BOUNDS
    }


def output_for(form: type[Form], names: Sequence[str] = ()) -> OutputSchema:
    """What a request carries so that its answer fills in a form.

    Args:
        names: For types: the places that are asked for, so that no other can be named.
    """
    schema, bounded = SCHEMAS[form], BOUNDED[form]
    if names and form is TypesForm:
        schema, bounded = _narrowed(schema, names), _narrowed(bounded, names)
    return OutputSchema(f"lift_{form.__name__.removesuffix('Form').lower()}", schema, bounded)


def _narrowed(schema: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    array = schema["properties"]["types"]
    entry = array["items"]
    place = {"type": "string", "enum": list(names), "description": entry["properties"]["name"]["description"]}
    entry = {**entry, "properties": {**entry["properties"], "name": place}}
    array = {**array, "items": entry, "minItems": 1, "maxItems": 2 * len(names)}
    return {**schema, "properties": {**schema["properties"], "types": array}}


CODE_GENERATION_SCHEMA: Final = schema_of(BodyForm)
CLAUSES_SCHEMA: Final = schema_of(ClausesForm)
TYPES_SCHEMA: Final = schema_of(TypesForm)
INTENT_SCHEMA: Final = schema_of(IntentForm)
EFFECTS_SCHEMA: Final = schema_of(EffectsForm)
DRAFT_SCHEMA: Final = schema_of(DraftForm)

SCHEMAS: Final[Mapping[type[Form], dict[str, Any]]] = {
    BodyForm: CODE_GENERATION_SCHEMA,
    ClausesForm: CLAUSES_SCHEMA,
    TypesForm: TYPES_SCHEMA,
    IntentForm: INTENT_SCHEMA,
    EffectsForm: EFFECTS_SCHEMA,
    DraftForm: DRAFT_SCHEMA,
}
BOUNDED: Final[Mapping[type[Form], dict[str, Any]]] = {
    form: schema_of(form, bounded=True) for form in SCHEMAS
}
"""The same with bounds on text: exactly what ``answers`` takes."""
