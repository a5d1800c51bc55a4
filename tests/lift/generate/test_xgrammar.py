"""What XGrammar makes of the schemas: every answer of the form can be written, and nothing else can."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lift.generate.forms import FORMS, BodyForm, EffectsForm, Form, TypesForm
from lift.generate.schemas import SCHEMAS, output_for, unbounded

from .values import broken, values

HERE = Path(__file__).parent
TOOL = HERE.parents[2] / "tools" / "xgrammar.sh"
forms = pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
loose = pytest.mark.parametrize("any_whitespace", [True, False], ids=["whitespace", "compact"])


class Matcher:
    """XGrammar, in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def feed(self, schema: Any, texts: list[str], any_whitespace: bool = True) -> list[tuple[int, bool]]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"schema": schema, "texts": texts, "any_whitespace": any_whitespace}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"XGrammar ended with {self.process.wait()}"
        return [(taken, ended) for taken, ended in json.loads(line)]

    def takes(self, schema: Any, text: str, any_whitespace: bool = True) -> bool:
        return self.feed(schema, [text], any_whitespace)[0][1]


@pytest.fixture(scope="module")
def xgrammar() -> Iterator[Matcher]:
    where = subprocess.run([TOOL, "--where"], capture_output=True, text=True, check=True)
    folder = Path(where.stdout.strip())
    if not (folder / "fetched").is_file():
        if os.environ.get("LIFT_REQUIRE_EDITORS") == "1":
            pytest.fail("XGrammar is not here: tools/xgrammar.sh fetches it", pytrace=False)
        pytest.skip("XGrammar is not here: tools/xgrammar.sh fetches it")
    program = [sys.executable, str(HERE / "xgrammar_child.py"), str(folder)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Matcher(process)
        process.kill()


GOOD_BODY = {"plan": "Bound it.", "imports": ["import math"], "body": "if x:\n    return 1\nreturn math.inf"}


@loose
def test_a_body_is_taken_token_by_token(any_whitespace: bool, xgrammar: Matcher) -> None:
    text = json.dumps(GOOD_BODY)
    assert xgrammar.feed(SCHEMAS[BodyForm], [text], any_whitespace) == [(len(text), True)]


@pytest.mark.parametrize(
    ("text", "stops_at"),
    [
        ("Sure! ", ""),
        ("```json\n{", ""),
        ("[1]", ""),
        ('{"body": "pass"', '{"'),
        ('{"plan": 1', '{"plan": '),
        ('{"plan": null', '{"plan": '),
        ('{"plan": "", "imports": "', '{"plan": "", "imports": '),
        ('{"plan": "", "imports": [1', '{"plan": "", "imports": ['),
        ('{"plan": "", "imports": [], "code"', '{"plan": "", "imports": [], "'),
        ('{"plan": "", "imports": ["' + "x" * 121, '{"plan": "", "imports": ["' + "x" * 120),
        ('{"plan": "", "imports": [], "body": "pass", ', '{"plan": "", "imports": [], "body": "pass"'),
        ('{"plan": "", "imports": [], "body": "a\nb', '{"plan": "", "imports": [], "body": "a'),
        ('{"plan": "", "imports": [], "body": "\\x', '{"plan": "", "imports": [], "body": "\\'),
        ('{"plan": "", "imports": [], "body": "pass"} and', '{"plan": "", "imports": [], "body": "pass"}'),
    ],
)
def test_a_wrong_token_is_refused_where_it_goes_wrong(text: str, stops_at: str, xgrammar: Matcher) -> None:
    ((taken, ended),) = xgrammar.feed(SCHEMAS[BodyForm], [text])
    # A token of several characters is refused as a whole.
    assert not ended
    assert text[:taken] == text[: len(stops_at)][:taken]
    assert len(stops_at) - taken <= 4


def test_an_answer_cannot_end_before_its_form_is_filled_in(xgrammar: Matcher) -> None:
    text = json.dumps(GOOD_BODY)
    found = xgrammar.feed(SCHEMAS[BodyForm], [text[:n] for n in range(len(text))])
    assert [taken for taken, _ in found] == list(range(len(text)))
    assert not any(ended for _, ended in found)


def test_words_are_held_to_the_list(xgrammar: Matcher) -> None:
    schema = SCHEMAS[EffectsForm]
    assert xgrammar.takes(schema, '{"effects": [{"word": "network", "why": ""}]}')
    for word in ("net", "networks", "internet", "", "None"):
        assert not xgrammar.takes(schema, json.dumps({"effects": [{"word": word, "why": ""}]}))


def test_places_without_a_type_are_held_to_those_that_were_asked(xgrammar: Matcher) -> None:
    schema = output_for(TypesForm, ("xs", "return")).schema
    entry = {"name": "xs", "annotation": "list[int]", "imports": []}
    assert xgrammar.takes(schema, json.dumps({"types": [entry]}))
    assert not xgrammar.takes(schema, json.dumps({"types": [{**entry, "name": "x"}]}))
    assert not xgrammar.takes(schema, json.dumps({"types": []}))
    assert not xgrammar.takes(schema, json.dumps({"types": [entry] * 5}))


@forms
@loose
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_value_of_a_form_can_be_written_and_nothing_else(
    form: type[Form], any_whitespace: bool, data: st.DataObject, xgrammar: Matcher
) -> None:
    schema = SCHEMAS[form]
    value = data.draw(values(schema, escapes=False))
    good = [json.dumps(value), json.dumps(value, ensure_ascii=False)]
    if any_whitespace:
        good += [json.dumps(value, indent=2), json.dumps(value, separators=(",", ":"))]
    assert xgrammar.feed(schema, good, any_whitespace) == [(len(t.encode()), True) for t in good]
    wrong = list(broken(value, schema))
    found = xgrammar.feed(schema, [json.dumps(w) for _, w in wrong], any_whitespace)
    assert [what for (what, _), (_, ended) in zip(wrong, found, strict=True) if ended] == []


@forms
def test_a_schema_without_bounds_compiles_as_well(form: type[Form], xgrammar: Matcher) -> None:
    assert xgrammar.feed(unbounded(SCHEMAS[form]), ["{"]) == [(1, False)]


def test_text_of_several_lines_and_with_quotes_can_be_written(xgrammar: Matcher) -> None:
    body = {**GOOD_BODY, "body": 'say = "\\n"\nreturn say'}
    assert xgrammar.takes(SCHEMAS[BodyForm], json.dumps(body))


def test_why_text_is_not_bounded_and_what_is_in_no_schema(xgrammar: Matcher) -> None:
    """What XGrammar does today, and the schemas keep clear of: if this fails, they can have more again."""
    assert not xgrammar.takes({"type": "string", "maxLength": 9}, '"a\\nb"')
    assert xgrammar.takes({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, '["a", "a"]')
    assert xgrammar.takes({"type": "string", "not": {"enum": ["a"]}}, '"a"')
