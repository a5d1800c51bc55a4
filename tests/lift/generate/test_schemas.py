"""Schemas: of the IR's words, within what servers enforce, and exactly as wide as the validation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.generate.answers import Unusable, read_text
from lift.generate.forms import FORMS, BodyForm, Form, OpenKind, StatedKind, TypesForm
from lift.generate.schemas import BOUNDED, KEYWORDS, SCHEMAS, output_for, schema_of, unbounded
from lift_ir import Clause, EffectWord, Frozen, HoleKind

from .values import broken, values

forms = pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from nodes(inner)
    if "items" in schema:
        yield from nodes(schema["items"])


@forms
def test_schema_keeps_to_the_keywords_that_every_server_enforces(form: type[Form]) -> None:
    assert [n["type"] for n in nodes(SCHEMAS[form])] == [n["type"] for n in nodes(BOUNDED[form])]
    for node in nodes(BOUNDED[form]):
        assert node.keys() <= KEYWORDS
        match node["type"]:
            case "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            case "array":
                assert node["maxItems"] > 0
            case "string":
                assert "enum" in node or node["maxLength"] > 0


# What vendors document for their strict modes: OpenAI counts nesting and properties and takes no bounds on
# strings; Anthropic takes no bounds at all but minItems 0 or 1; Gemini takes what is here as it is.
@forms
def test_unbounded_schema_is_within_the_strict_modes_of_the_vendors(form: type[Form]) -> None:
    schema = unbounded(SCHEMAS[form])
    accepted = {"type", "properties", "required", "additionalProperties", "items", "enum", "description"}
    assert schema["type"] == "object"
    assert all(node.keys() <= accepted for node in nodes(schema))
    assert _depth(schema) <= 5
    assert sum(len(n.get("properties", ())) for n in nodes(schema)) <= 100


def _depth(schema: dict[str, Any]) -> int:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return (schema["type"] == "object") + max(map(_depth, inner), default=0)


def test_words_are_those_of_the_ir() -> None:
    kinds = {c.model_fields["kind"].default for c in get_args(get_args(Clause)[0])}
    assert set(get_args(StatedKind)) <= kinds
    assert set(get_args(OpenKind)) <= set(get_args(HoleKind))
    enums = [n["enum"] for s in SCHEMAS.values() for n in nodes(s) if "enum" in n]
    assert list(get_args(EffectWord)) in enums


@forms
def test_every_schema_is_a_json_schema(form: type[Form]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[form])


@forms
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_what_the_schema_allows_is_read_and_nothing_else(form: type[Form], data: st.DataObject) -> None:
    schema = BOUNDED[form]
    value = data.draw(values(schema))
    assert jsonschema.Draft202012Validator(SCHEMAS[form]).is_valid(value)
    allows = jsonschema.Draft202012Validator(schema).is_valid
    assert allows(value)
    assert isinstance(read_text(form, json.dumps(value)), form)
    for what, wrong in broken(value, schema):
        assert isinstance(read_text(form, json.dumps(wrong)), Unusable), what
        assert not allows(wrong), what


@forms
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_what_was_read_meets_the_schema(form: type[Form], data: st.DataObject) -> None:
    read = read_text(form, json.dumps(data.draw(values(BOUNDED[form]))))
    assert isinstance(read, form)
    jsonschema.validate(read.model_dump(mode="json"), BOUNDED[form])
    assert list(read.model_dump()) == list(SCHEMAS[form]["properties"])


def test_a_request_for_types_allows_the_places_that_it_asks_for() -> None:
    output = output_for(TypesForm, ("xs", "return"))
    one = {"types": [{"name": "xs", "annotation": "list[int]", "imports": []}]}
    jsonschema.validate(one, output.schema)
    one["types"][0]["name"] = "ys"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(one, output.schema)
    assert output_for(BodyForm).schema is SCHEMAS[BodyForm]


def test_a_form_that_servers_could_not_hold_is_noticed() -> None:
    class Optional(Frozen):
        limit: int | None = None

    with pytest.raises(TypeError, match="anyOf"):
        schema_of(Optional)  # pyright: ignore[reportArgumentType]
