"""The IR's public face: its exports, frozen, strict and described, and how verdicts combine."""

from __future__ import annotations

import ast
import inspect
from itertools import permutations
from pathlib import Path
from typing import Any, get_args

import lift_ir
import pytest
from lift_ir import base, generation, history, model, protocol, repair, report
from pydantic import BaseModel, ValidationError

PACKAGE = Path(lift_ir.__file__).parent
MODELS = [
    item
    for item in (getattr(lift_ir, name) for name in lift_ir.__all__)
    if isinstance(item, type) and issubclass(item, BaseModel)
]
PLACE = lift_ir.Span(start=lift_ir.Position(line=1, column=0), end=lift_ir.Position(line=1, column=1))


def test_exports_are_sorted_complete_and_there() -> None:
    defined = {
        name
        for module in (base, generation, history, model, protocol, repair, report)
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (getattr(value, "__module__", None) == module.__name__ or name in _aliases(module))
    }
    assert list(lift_ir.__all__) == sorted(lift_ir.__all__, key=lambda name: (not name.isupper(), name))
    assert set(lift_ir.__all__) == defined


def _aliases(module: Any) -> set[str]:
    """The unions, literals and constants that a module assigns, which carry no ``__module__``."""
    tree = ast.parse(inspect.getsource(module))
    targets = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_frozen_strict_and_described(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen") is True
    # What a client sends may hold more: a newer client can talk to an older server.
    assert model.model_config.get("extra") == ("ignore" if issubclass(model, lift_ir.Params) else "forbid")
    assert model.__doc__
    assert model.__doc__ != BaseModel.__doc__
    mutable = [name for name, field in model.model_fields.items() if "list[" in str(field.annotation)]
    assert mutable == []


def test_a_value_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PLACE.start.line = 2  # type: ignore[misc]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        lift_ir.Position.model_validate({"line": 1, "column": 0, "colour": "red"})


VERIFY = [
    ({"textDocument": {"uri": "file:///a.py"}}, None),
    ({"textDocument": {"uri": "file:///a.py", "version": 3}, "functions": ["f", "C.m"]}, ("f", "C.m")),
    ({"textDocument": {"uri": "file:///a.py"}, "functions": [], "newer": True}, ()),
]


@pytest.mark.parametrize(("params", "functions"), VERIFY)
def test_params_are_read_as_a_client_sends_them(params: Any, functions: Any) -> None:
    read = lift_ir.VerifyParams.model_validate(params)
    assert (read.text_document.uri, read.functions) == ("file:///a.py", functions)


@pytest.mark.parametrize("params", [{}, [], {"textDocument": {"uri": 1}}, {"textDocument": "file:///a.py"}])
def test_params_that_do_not_fit_are_refused(params: Any) -> None:
    with pytest.raises(ValidationError):
        lift_ir.IrParams.model_validate(params)


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValidationError, match="finite"):
        lift_ir.Candidate(text="int", evidence="a guess", score=float("inf"))


@pytest.mark.parametrize("kind", get_args(lift_ir.ProvenanceKind))
def test_provenance_knows_every_origin(kind: Any) -> None:
    assert lift_ir.Provenance(kind=kind).kind == kind


def test_what_was_already_there_has_an_unknown_author() -> None:
    assert lift_ir.Intent(summary="Split an amount.").provenance.kind == "unknown"


def test_kind_decides_which_clause_is_read() -> None:
    clause = {"kind": "raises", "id": "0", "text": "x", "expression": "x", "exception": "ValueError"}
    signature = {"returns": {"kind": "type-hole", "hole": "f:type:return"}}
    place = PLACE.model_dump()
    function = lift_ir.Function.model_validate(
        {
            "name": "f",
            "qualname": "f",
            "digest": "0",
            "span": place,
            "name_span": place,
            "signature": signature,
            "clauses": [{**clause, "span": place}],
        }
    )
    assert isinstance(function.clauses[0], lift_ir.Raises)
    assert isinstance(function.signature.returns, lift_ir.TypeHole)


WEAKEST = [
    ((), "unchecked"),
    (("proved",), "proved"),
    (("proved", "bounded"), "bounded"),
    (("bounded", "tested"), "tested"),
    (("tested", "unchecked"), "unchecked"),
    (("unchecked", "unknown"), "unknown"),
    (("unknown", "refuted"), "refuted"),
    (("proved", "refuted", "proved"), "refuted"),
]


@pytest.mark.parametrize(("verdicts", "expected"), WEAKEST)
def test_the_weakest_verdict_counts_in_any_order(verdicts: tuple[Any, ...], expected: str) -> None:
    assert {lift_ir.weakest(order) for order in permutations(verdicts)} == {expected}


def test_every_verdict_has_a_rank() -> None:
    assert all(lift_ir.weakest((verdict,)) == verdict for verdict in get_args(lift_ir.Verdict))


def test_functions_come_in_the_order_of_the_file() -> None:
    def function(name: str, line: int) -> lift_ir.Function:
        start = lift_ir.Position(line=line, column=0)
        span = lift_ir.Span(start=start, end=start)
        returns = lift_ir.TypeExpr(text="int")
        signature = lift_ir.Signature(returns=returns)
        return lift_ir.Function(
            name=name, qualname=name, signature=signature, digest="", span=span, name_span=span
        )

    methods = (function("C.m", 3),)
    held = lift_ir.Class(name="C", qualname="C", methods=methods, digest="", span=PLACE, name_span=PLACE)
    functions = (function("last", 9), function("first", 1))
    module = lift_ir.Module(path="a.py", digest="", functions=functions, classes=(held,))
    assert [f.name for f in module.all_functions()] == ["first", "C.m", "last"]


def test_the_ir_imports_pydantic_only() -> None:
    allowed = {"__future__", "typing", "pydantic", "lift_ir"}
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path.name
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in allowed, path.name
