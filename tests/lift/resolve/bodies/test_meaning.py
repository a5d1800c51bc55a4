"""Random expressions: their translation to SMT-LIB and their readable form mean what CPython computes."""

from __future__ import annotations

import ast
from typing import Any

import pytest
import z3
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lift.resolve.bodies.interpret import TooLarge, Unreadable, runnable
from lift.resolve.bodies.readable import negated, shown, statements, tidied
from lift.resolve.bodies.smt import Translator
from lift.resolve.bodies.sorts import PRELUDE, Sym, Untranslatable, literal
from lift.resolve.bodies.subject import plain
from lift.verify.values import decode_string

NAMES = {"a": Sym("Int", "a"), "b": Sym("Int", "b"), "p": Sym("Bool", "p"), "q": Sym("Bool", "q")}
NAMES |= {"s": Sym("String", "s"), "t": Sym("String", "t"), "pair": Sym("Tuple", items=())}
TABLE = {"TABLE": {0: 3, 1: 5, -2: 7}, "ROW": (4, -1, 6)}
BOOLEANS = frozenset({"p", "q"})


def _joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    made = [p if isinstance(p, st.SearchStrategy) else st.just(p) for p in parts]
    return st.tuples(*made).map("".join)


def _grown(kinds: dict[str, st.SearchStrategy[str]]) -> dict[str, st.SearchStrategy[str]]:
    i, b, s = kinds["int"], kinds["bool"], kinds["str"]
    compared = st.sampled_from([" < ", " <= ", " > ", " >= ", " == ", " != "])
    ints = st.one_of(
        i,
        _joined("(", i, st.sampled_from([" + ", " - ", " * ", " // ", " % "]), i, ")"),
        _joined("(-", i, ")"),
        _joined("(~", i, ")"),
        _joined("(", i, "**", st.sampled_from("0123"), ")"),
        _joined(st.sampled_from(["min(", "max("]), i, ", ", i, ", ", i, ")"),
        _joined("abs(", i, ")"),
        _joined("int(", b, ")"),
        _joined("len(", s, ")"),
        _joined(s, ".find(", s, ")"),
        _joined("(", i, " if ", b, " else ", i, ")"),
        _joined("(", i, " and ", i, ")"),
        _joined("(", i, " or ", i, ")"),
        _joined("TABLE[", i, "]"),
        _joined("ROW[", i, "]"),
        _joined("TABLE.get(", i, ", ", i, ")"),
        _joined("sorted([", i, ", ", i, ", ", i, "])[", st.sampled_from("012"), "]"),
        _joined("divmod(", i, ", ", i, ")[", st.sampled_from("01"), "]"),
        _joined("sum((", i, ", ", b, "))"),
    )
    bools = st.one_of(
        b,
        _joined("(", i, compared, i, ")"),
        _joined("(", i, compared, i, compared, i, ")"),
        _joined("(", s, compared, s, ")"),
        _joined("(", i, compared, b, ")"),
        _joined("((", i, ", ", s, ")", compared, "(", i, ", ", s, "))"),
        _joined("(not ", st.one_of(b, i, s), ")"),
        _joined("(", b, st.sampled_from([" and ", " or ", " == ", " is ", " ^ "]), b, ")"),
        _joined("implies(", b, ", ", b, ")"),
        _joined("(", i, st.sampled_from([" in ", " not in "]), "(", i, ", ", i, "))"),
        _joined("(", i, " in range(", i, ", ", i, "))"),
        _joined("(", i, " in range(1, 9, 3))"),
        _joined("(", i, " in TABLE)"),
        _joined("(", s, " in ", s, ")"),
        _joined(s, st.sampled_from([".startswith(", ".endswith("]), s, ")"),
        _joined(st.sampled_from(["all(", "any("]), "n * a > b + n for n in range(3))"),
        _joined("bool(", st.one_of(i, s), ")"),
    )
    texts = st.one_of(
        s,
        _joined("(", s, " + ", s, ")"),
        _joined("str(", st.one_of(i, b), ")"),
        _joined(s, "[", i, "]"),
        _joined(s, "[", i, ":", i, "]"),
        _joined(s, "[", i, ":]"),
        _joined("(", s, " if ", b, " else ", s, ")"),
        _joined("(", s, " * 2)"),
        _joined(s, ".replace('b', ", s, ")"),
    )
    return {"int": ints, "bool": bools, "str": texts}


KINDS: dict[str, st.SearchStrategy[str]] = {
    "int": st.sampled_from(["a", "b", "0", "1", "2", "(-1)", "(-3)", "5"]),
    "bool": st.sampled_from(["p", "q", "True", "False", "(a < b)", "(a == 2)"]),
    "str": st.sampled_from(["s", "t", "''", "'b'", "'a b'", "'\\\\u{61}'", "'\"'"]),
}
for _ in range(3):
    KINDS = _grown(KINDS)
VALUES = st.fixed_dictionaries(
    {
        "a": st.integers(-6, 9),
        "b": st.integers(-6, 9),
        "p": st.booleans(),
        "q": st.booleans(),
        "s": st.text('ab\\"u{}61\n\u00e9', max_size=4),
        "t": st.text("ab", max_size=3),
    }
)


def ran(node: ast.expr, values: dict[str, Any]) -> Any:
    """What CPython computes; the exception's class where it raises."""
    code = compile(ast.fix_missing_locations(ast.Expression(plain(node))), "expression", "eval")
    try:
        return eval(code, {**values, **TABLE})
    except (ZeroDivisionError, IndexError, KeyError) as error:
        return type(error)


@settings(max_examples=250, deadline=None)
@given(st.one_of(KINDS.values()), VALUES)
@example("(a // b)", {"a": 7, "b": -2, "p": True, "q": True, "s": "", "t": ""})
@example("(a % b)", {"a": -7, "b": -2, "p": True, "q": True, "s": "", "t": ""})
@example("s[a:b]", {"a": -9, "b": -1, "p": True, "q": True, "s": "abc", "t": ""})
def test_the_translation_means_what_cpython_computes(text: str, values: dict[str, Any]) -> None:
    node = ast.parse(text, mode="eval").body
    try:
        value, defined = Translator(NAMES, TABLE).value(node)
    except Untranslatable:
        return
    if value.sort == "Tuple":
        return
    given_ = "".join(
        f"(declare-const {n} {NAMES[n].sort})(assert (= {n} {literal(v).text}))" for n, v in values.items()
    )
    solver = z3.Solver()
    script = f"{PRELUDE}{given_}(declare-const r {value.sort})(declare-const d Bool)"
    solver.add(z3.parse_smt2_string(f"{script}(assert (= r {value.text}))(assert (= d {defined}))"))
    assert solver.check() == z3.sat
    model = solver.model()
    expected = ran(node, values)
    raised = isinstance(expected, type)
    assert z3.is_true(model.eval(z3.Bool("d"), model_completion=True)) is not raised, text
    if raised:
        return
    sorts = {"Int": z3.Int, "Bool": z3.Bool, "String": z3.String}
    found = model.eval(sorts[value.sort]("r"), model_completion=True)
    if value.sort == "Bool":
        assert z3.is_true(found) is bool(expected), text
    elif value.sort == "Int":
        assert found.as_long() == expected, text
    else:
        assert decode_string(found) == expected, text


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["int", "bool", "str"]), st.data(), VALUES)
def test_the_readable_form_means_the_same(kind: str, data: st.DataObject, values: dict[str, Any]) -> None:
    node = plain(ast.parse(data.draw(KINDS[kind]), mode="eval").body)
    expected = ran(node, values)
    if isinstance(expected, type):
        return
    tidy = tidied(node, BOOLEANS, integers=kind == "int")
    assert ran(tidy, values) == expected, (ast.unparse(node), ast.unparse(tidy))
    assert ran(ast.parse(shown(tidy), mode="eval").body, values) == expected
    scope: dict[str, Any] = {**TABLE}
    names = ", ".join(values)
    body = "\n".join("    " + row for row in statements(tidy).split("\n"))
    exec(compile(f"def f({names}):\n{body}\n", "body", "exec"), scope)
    assert scope["f"](**values) == expected, body
    if kind == "bool":
        assert bool(ran(negated(node), values)) is not bool(expected)


@settings(max_examples=400, deadline=None)
@given(st.one_of(KINDS.values()), VALUES)
def test_running_an_expression_gives_what_cpython_computes(text: str, values: dict[str, Any]) -> None:
    node = plain(ast.parse(text, mode="eval").body)
    run = runnable(node, TABLE)
    expected = ran(node, values)
    if isinstance(expected, type):
        with pytest.raises(expected):
            run(dict(values))
    else:
        found = run(dict(values))
        assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        "sum(x * x for x in [a, b, 3] if x > 0)",
        "[x + y for x in (1, 2) for y in range(x)]",
        "all(x < y for x, y in zip(s, t))",
        "{n: s for n in (1, 2)} if False else {1: s}[1]",
        "sorted({a, b, 2})",
        "len({x for x in s})",
        "f'{a}-{s!s}'",
        "dict(zip(s, t)).get('a', a)",
        "s.upper().strip().split('A')",
        "(a, b)[::-1]",
    ],
)
def test_running_more_of_the_language(text: str) -> None:
    values = {"a": 3, "b": -2, "p": True, "q": False, "s": "abba", "t": "baab"}
    node = ast.parse(text, mode="eval").body
    try:
        run = runnable(node, TABLE)
    except Unreadable:
        assert "{n:" in text
        return
    assert run(dict(values)) == ran(node, values)


@pytest.mark.parametrize(
    "text", ["9**9**9", "'a' * 9**9", "[0] * 9**9", "1 << 9**9", "range(9**9)", "'%9d' % 1"]
)
def test_what_would_take_too_long_is_not_run(text: str) -> None:
    with pytest.raises(TooLarge):
        runnable(ast.parse(text, mode="eval").body, {})({})


@pytest.mark.parametrize(
    "text", ["open('x')", "__import__('os')", "a.__class__", "(lambda: 1)()", "eval('1')"]
)
def test_what_is_not_known_is_not_run(text: str) -> None:
    with pytest.raises(Unreadable):
        runnable(ast.parse(text, mode="eval").body, {"a": 1})


def test_methods_that_are_not_known_are_not_run() -> None:
    with pytest.raises(TypeError):
        runnable(ast.parse("'{}'.format(1)", mode="eval").body, {})({})


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("a if a <= b else b", "min(a, b)"),
        ("-a if a < 0 else a", "abs(a)"),
        ("max(a, max(b, 0))", "max(a, b, 0)"),
        ("not (a > b)", "a <= b"),
        ("a >= 1 and a <= b", "1 <= a <= b"),
        ("a == 1 or a == 2", "a in (1, 2)"),
        ("True if p else a < b", "p or a < b"),
        ("False if p else q", "not p and q"),
        ("a + -1 * b", "a - b"),
        ("0 - a", "-a"),
        ("a - b >= 0", "a >= b"),
        ("a + -1 * b >= 1", "a > b"),
        ("not a - b - 1 >= 0", "a <= b"),
        ("a == b and b == 2", "a == b == 2"),
        ("not p and not a == b", "not p and a != b"),
        ("a // -b", "-a // b"),
        ("1 if p else 1", "1"),
        ("p == True", "p"),
        ("2 if a == 1 else (2 if a == 3 else b)", "2 if a in (1, 3) else b"),
    ],
)
def test_expressions_as_a_person_writes_them(text: str, tidy: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert shown(tidied(node, BOOLEANS, integers=True)) == tidy
