"""Any IR survives JSON: what is read back equals what was written, and the schema accepts it."""

from __future__ import annotations

import json
import types
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import jsonschema
import lift_ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

SCHEMA = Path(__file__).resolve().parents[2] / "shared-ir" / "generated" / "lift_ir.schema.json"
MODELS = [
    item
    for item in (getattr(lift_ir, name) for name in lift_ir.__all__)
    if isinstance(item, type) and issubclass(item, BaseModel) and item not in (lift_ir.Frozen, lift_ir.Params)
]
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    types.NoneType: st.none(),
}


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Every value of a field's annotation; a type that the IR does not use yet is a KeyError."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(arguments[0])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values(argument) for argument in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*[values(argument) for argument in arguments])
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return instances(annotation)
    return SCALARS[annotation]


@cache
def instances(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Every instance of a model, from its fields."""
    fields = {name: values(field.annotation) for name, field in model.model_fields.items()}
    # Not ``st.builds``, which would also fill in the aliases that a model's signature names.
    return st.fixed_dictionaries(fields).map(lambda chosen: model(**chosen))


@pytest.fixture(scope="module")
def validators() -> dict[str, Any]:
    """One validator for each definition of the generated schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {
        name: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
        for name in schema["$defs"]
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_json_roundtrip_is_the_identity(model: type[BaseModel], validators: dict[str, Any]) -> None:
    @settings(max_examples=15, deadline=None)
    @given(instances(model))
    def check(value: BaseModel) -> None:
        text = value.model_dump_json()
        assert model.model_validate_json(text) == value
        assert model.model_validate(value.model_dump(mode="json")) == value
        if model.__name__ in validators:
            validators[model.__name__].validate(json.loads(text))

    check()
