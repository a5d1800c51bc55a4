"""Answers: read where they are of the form, refused with a reason where not, and never an exception."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.generate.answers import Body, Unusable, read, read_body, read_text
from lift.generate.forms import FORMS, BodyForm, ClausesForm, IntentForm
from lift.generate.provider import Answer, Finish
from lift_ir import Tokens

GOOD = '{"plan": "Add.", "imports": [], "body": "return x + 1"}'


def answer(text: str, finish: Finish = "stop") -> Answer:
    return Answer(text=text, finish=finish, model="m", tokens=Tokens(completion=17))


def body(text: str, imports: tuple[str, ...] = ()) -> Body | Unusable:
    return read_body(answer(json.dumps({"plan": "", "imports": imports, "body": text})), "f")


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        ("", "stop", "not JSON"),
        ("Sure! Here is the code.", "stop", "not JSON"),
        (GOOD[:-5], "stop", "not JSON"),
        (GOOD[:-5], "length", "cut off after 17 tokens"),
        ("I cannot help with that.", "refusal", "declined"),
        (GOOD + GOOD, "stop", "not JSON"),
        (f"```json\n{GOOD}\n```\nand so on", "stop", "not JSON"),
        ("[1, 2]", "stop", "not of the form"),
        ("null", "stop", "not of the form"),
        ("NaN", "stop", "NaN is not JSON"),
        ('{"plan": "", "imports": []}', "stop", "body: field required"),
        ('{"plan": "", "imports": "", "body": "pass"}', "stop", "imports: "),
        ('{"plan": 1, "imports": [], "body": "pass"}', "stop", "plan: "),
        ('{"plan": "", "imports": [], "body": "pass", "tests": ""}', "stop", "tests: extra"),
        ('{"plan": "", "plan": "", "imports": [], "body": "pass"}', "stop", "'plan' twice"),
        ('{"plan": "", "imports": [], "body": "s = \\"\\ud800\\""}', "stop", "lone surrogate"),
        ('{"plan": "", "imports": [], "body": "s = \\"\\u0000\\""}', "stop", "null character"),
        ('{"plan": "", "imports": [], "body": "' + "x" * 7000 + '"}', "stop", "at most 6000"),
        ("x" * 100_000, "stop", "100,000 characters long"),
        ("[" * 50_000, "stop", "not JSON"),
        ('{"plan": "", "imports": [], "body": ' + "9" * 9000 + "}", "stop", "not JSON"),
    ],
)
def test_what_is_of_no_use_says_why(text: str, finish: Finish, reason: str) -> None:
    found = read(BodyForm, answer(text, finish))
    assert isinstance(found, Unusable)
    assert reason in found.reason
    assert len(found.reason) < 400


@pytest.mark.parametrize(
    "text",
    [GOOD, f"\n{GOOD}\n", f"```json\n{GOOD}\n```", f"```\n{GOOD}```", f"<think>\nHm.\n</think>\n{GOOD}"],
)
def test_wrapping_that_servers_put_round_an_answer_is_taken_off(text: str) -> None:
    assert read(BodyForm, answer(text)) == BodyForm(plan="Add.", imports=(), body="return x + 1")


@given(st.text(), st.sampled_from(FORMS))
def test_no_text_raises(text: str, form: type[BodyForm]) -> None:
    assert isinstance(read_text(form, text), Unusable)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_no_json_raises(value: object) -> None:
    assert isinstance(read_text(IntentForm, json.dumps(value)), Unusable)


@given(st.text(min_size=1, max_size=60))
def test_no_body_raises(text: str) -> None:
    found = body(text)
    if isinstance(found, Body):
        found.definition("def f():")


@pytest.mark.parametrize(
    "written",
    [
        "if x:\n    return 1\nreturn 2",
        "    if x:\n        return 1\n    return 2",
        "\n    if x:\n        return 1\n    return 2\n\n",
        "if x:\n        return 1\n    return 2",
        "\tif x:\n\t    return 1\n\treturn 2",
        "if x:\r\n    return 1\r\nreturn 2",
        "```python\nif x:\n    return 1\nreturn 2\n```",
        "def f(x):\n    if x:\n        return 1\n    return 2",
        "    def f(x):\n        if x:\n            return 1\n        return 2\n",
    ],
)
def test_a_body_is_understood_however_it_is_indented(written: str) -> None:
    found = body(written)
    assert isinstance(found, Body)
    assert ast.unparse(ast.parse(found.definition("def f(x):"))) == (
        "def f(x):\n    if x:\n        return 1\n    return 2"
    )


def test_a_string_of_several_lines_keeps_its_value() -> None:
    found = body('text = """one\n  two\n"""\nreturn text')
    assert isinstance(found, Body)
    space: dict[str, object] = {}
    exec(found.definition("def f():"), space)
    assert space["f"]() == "one\n  two\n"  # pyright: ignore[reportCallIssue]


def test_a_definition_inside_the_body_is_not_taken_for_the_whole() -> None:
    found = body("def g(y):\n    return y\nreturn g(x)")
    assert isinstance(found, Body)
    assert not found.whole
    assert "def f(x):\n    def g(y):" in found.definition("def f(x):")


def test_code_that_does_not_parse_is_left_to_the_check() -> None:
    found = body("return (")
    assert isinstance(found, Body)
    assert found.definition("def f(x):") == "def f(x):\n    return (\n"


@pytest.mark.parametrize("text", ["os", "import os; print(1)", "import os\nprint(1)", "print(1)", "", "from"])
def test_an_import_is_one_statement(text: str) -> None:
    found = body("pass", ("import math", text))
    assert isinstance(found, Unusable)
    assert "not an import statement" in found.reason


def test_a_blank_body_is_refused() -> None:
    assert isinstance(body("  \n "), Unusable)


def test_expressions_come_on_one_line_without_backticks() -> None:
    one = {"kind": "ensures", "exception": "", "expression": "``result ==\n  x``", "meaning": "It\nis."}
    found = read_text(ClausesForm, json.dumps({"clauses": [one]}))
    assert isinstance(found, ClausesForm)
    assert (found.clauses[0].expression, found.clauses[0].meaning) == ("result == x", "It is.")
