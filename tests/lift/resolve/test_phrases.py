"""Requirements in words: what they are read as, that what is negated is not, and examples that are true."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from lift.extract import extract
from lift.resolve.holes import SURE, resolve
from lift.resolve.meanings import examples
from lift.resolve.phrases import Value, names, readings
from lift.source.text import Snapshot
from lift_ir import Candidate

XS, YS, LOW, HIGH = (
    Value("xs", "list[int]"),
    Value("ys", "list[int]"),
    Value("low", "int"),
    Value("high", "int"),
)
TITLE, CART, MAYBE = Value("title", "str"), Value("cart", "dict[str, int]"), Value("maybe", "int | None")
LIST, NUMBER, TEXT = Value("result", "list[int]"), Value("result", "int"), Value("result", "str")

ENSURES = [
    ("The result is sorted", [XS], LIST, "result == sorted(result)"),
    ("sorted, largest first", [XS], LIST, "result == sorted(result, reverse=True)"),
    ("Same elements as xs", [XS], LIST, "sorted(result) == sorted(xs)"),
    ("a permutation of xs", [XS, LOW], LIST, "sorted(result) == sorted(xs)"),
    ("contains no duplicates", [XS], LIST, "len(set(result)) == len(result)"),
    ("has the same length as xs", [XS], LIST, "len(result) == len(xs)"),
    ("is no longer than xs", [XS], LIST, "len(result) <= len(xs)"),
    ("the result is never empty", [XS], LIST, "len(result) > 0"),
    ("at most ten elements", [XS], LIST, "len(result) <= 10"),
    ("Never negative", [XS], NUMBER, "result >= 0"),
    ("an even number", [XS], NUMBER, "result % 2 == 0"),
    ("between low and high", [LOW, HIGH], NUMBER, "low <= result <= high"),
    ("The largest of xs", [XS], NUMBER, "result == max(xs)"),
    ("the smallest element of xs", [XS], NUMBER, "result == min(xs)"),
    ("sum of xs", [XS], NUMBER, "result == sum(xs)"),
    ("adds up to low", [LOW], LIST, "sum(result) == low"),
    ("is one of xs", [XS], NUMBER, "result in xs"),
    ("only elements of xs", [XS], LIST, "all(each in xs for each in result)"),
    ("xs is not changed", [XS], LIST, "xs == old(xs)"),
    ("cart stays the same", [CART], NUMBER, "cart == old(cart)"),
    ("starts with the title", [TITLE], TEXT, "result.startswith(title)"),
    ("in lower case", [TITLE], TEXT, "result == result.lower()"),
    ("a multiple of low", [LOW], NUMBER, "result % low == 0"),
    ("never exceeds high", [LOW, HIGH], NUMBER, "result <= high"),
]
REQUIRES = [
    ("The list is not empty", [XS, LOW], "len(xs) > 0"),
    ("xs is empty", [XS, LOW], "len(xs) == 0"),
    ("No price is negative", [Value("prices", "list[int]"), LOW], "all(each >= 0 for each in prices)"),
    ("No price may be zero.", [Value("prices", "list[int]")], "all(each != 0 for each in prices)"),
    ("low is at least 3", [XS, LOW], "low >= 3"),
    ("high is greater than low", [LOW, HIGH], "high > low"),
    ("low must not be zero", [LOW], "low != 0"),
    ("maybe is not None", [MAYBE, LOW], "maybe is not None"),
    ("positive numbers", [XS], "all(each > 0 for each in xs)"),
    ("low is odd", [LOW, HIGH], "low % 2 == 1"),
    ("xs and ys are equally long", [XS, YS], "len(xs) == len(ys)"),
]
UNKNOWN = [
    "xs must not be sorted",
    "Shares keep the order of the weights",
    "never sorted in place",
    "positive unless low is zero",
    "no even numbers",
    "",
    "`` ??",
]


@pytest.mark.parametrize(("prose", "parameters", "result", "expression"), ENSURES, ids=lambda v: str(v)[:30])
def test_what_ensures_in_words_says_first(
    prose: str, parameters: list[Value], result: Value, expression: str
) -> None:
    assert readings(prose, "ensures", parameters, result)[0].expression == expression


@pytest.mark.parametrize(("prose", "parameters", "expression"), REQUIRES, ids=lambda v: str(v)[:30])
def test_what_requires_in_words_says_first(prose: str, parameters: list[Value], expression: str) -> None:
    assert readings(prose, "requires", parameters, None)[0].expression == expression


@pytest.mark.parametrize("prose", UNKNOWN)
def test_what_is_negated_or_not_known_is_not_read(prose: str) -> None:
    assert readings(prose, "ensures", [XS, LOW], LIST) == []


def test_every_phrase_is_read_somewhere() -> None:
    read = {r.phrase for p, ps, e, _ in ENSURES for r in readings(p, "ensures", ps, e)}
    read |= {r.phrase for p, ps, _ in REQUIRES for r in readings(p, "requires", ps, None)}
    read |= {r.phrase for r in readings("less than 3", "ensures", [LOW], NUMBER)}
    read |= {r.phrase for r in readings("negative", "ensures", [LOW], NUMBER)}
    read |= {r.phrase for r in readings("ends with title", "ensures", [TITLE], TEXT)}
    read |= {r.phrase for r in readings("upper case", "ensures", [TITLE], TEXT)}
    assert read == set(names())


def test_the_guide_lists_every_phrase() -> None:
    guide = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "fill-holes.md"
    text = " ".join(guide.read_text(encoding="utf-8").split())
    assert [name for name in names() if f"*{name}*" not in text] == []


@pytest.mark.parametrize(
    ("expression", "parameters", "result"),
    [(e, p, r) for _, p, r, e in ENSURES] + [(e, p, None) for _, p, e in REQUIRES],
    ids=lambda v: str(v)[:30],
)
def test_examples_are_what_they_say(expression: str, parameters: list[Value], result: Value | None) -> None:
    found = examples(expression, "f", parameters, result)
    if "old(" in expression:
        assert (found.allows, found.forbids) == ("", "")
        return
    for shown, truth in ((found.allows, True), (found.forbids, False)):
        assert shown
        call = re.fullmatch(r"f\((.*?)\)(?: → (.*))?", shown)
        assert call is not None
        arguments = eval(f"({call[1]},)")
        scope = dict(zip((p.name for p in parameters), arguments, strict=True))
        if result is not None:
            scope["result"] = eval(call[2])
        assert bool(eval(expression, scope)) is truth


def candidates(body: str, prose: str, rest: str = "") -> tuple[Candidate, ...]:
    docstring = f'    """F.\n\n    Ensures:\n        - {prose}\n{rest}    """\n'
    text = f"def f(xs: list[int]) -> list[int]:\n{docstring}{body}"
    module = extract(Snapshot("m.py", None, text)).module
    (hole,) = [h for h in resolve(module, text, deadline=time.monotonic() + 60) if h.hole == "clause"]
    return hole.candidates


def test_what_the_body_keeps_is_proved_and_leaves_no_doubt() -> None:
    (found,) = candidates("    return [x for x in xs]\n", "Same length as xs")
    assert (found.text, found.score) == ("len(result) == len(xs)", 1.0)
    assert "proved" in found.evidence


def test_what_the_body_breaks_comes_last_and_says_on_which_input() -> None:
    (found,) = candidates("    return xs + xs\n", "same length as xs")
    assert found.score < 0.2
    assert "the body breaks it: f([" in found.evidence


def test_without_a_body_words_alone_are_not_written_unasked() -> None:
    (found,) = candidates("    raise NotImplementedError\n", "the result is sorted")
    assert found.score < SURE
    assert (found.allows, found.forbids) == ("f([2, 1]) → [1, 2]", "f([2, 1]) → [2, 1]")


def test_a_precondition_that_no_input_could_meet_is_no_candidate() -> None:
    text = 'def f(low: int) -> int:\n    """F.\n\n    Requires:\n        - ``low < 0``\n        - {}\n\n'
    text += '    Ensures:\n        - ``result == low``\n    """\n    return low\n'

    def found(prose: str) -> list[str]:
        filled = text.format(prose)
        module = extract(Snapshot("m.py", None, filled)).module
        holes = resolve(module, filled, deadline=time.monotonic() + 60)
        return [c.text for h in holes if h.hole == "clause" for c in h.candidates]

    assert found("low is at least 3") == []
    assert found("low is even") == ["low % 2 == 0"]


@pytest.mark.parametrize(
    ("kind", "others", "prose", "expected"),
    [
        ("Ensures", ["result > 3"], "the result is negative", []),
        ("Ensures", ["result > 3"], "the result is even", ["result % 2 == 0"]),
        ("Requires", ["low < 0"], "low is at least 3", []),
        ("Requires", ["low < 0"], "low is even", ["low % 2 == 0"]),
    ],
)
def test_without_a_body_too_clauses_have_to_go_together(
    kind: str, others: list[str], prose: str, expected: list[str]
) -> None:
    rows = "".join(f"        - ``{c}``\n" for c in others)
    text = f'def f(low: int) -> int:\n    """F.\n\n    {kind}:\n{rows}        - {prose}\n    """\n    ...\n'
    module = extract(Snapshot("m.py", None, text)).module
    (hole,) = [h for h in resolve(module, text, deadline=time.monotonic() + 60) if h.hole == "clause"]
    assert [c.text for c in hole.candidates] == expected
    assert all("consistent with 1 clause" in c.evidence for c in hole.candidates)


def test_arguments_that_would_be_left_without_a_result_are_said() -> None:
    text = 'def f(low: int) -> int:\n    """F.\n{}\n    Ensures:\n        - ``result == low``\n'
    text += '        - the result is positive\n    """\n    ...\n'

    def evidence(requires: str) -> str:
        filled = text.format(f"\n    Requires:\n        - {requires}\n" if requires else "")
        module = extract(Snapshot("m.py", None, filled)).module
        holes = resolve(module, filled, deadline=time.monotonic() + 60)
        (one,) = next(h.candidates for h in holes if h.name.startswith("the-result"))
        return one.evidence

    assert "some arguments would be left without a result" in evidence("")
    assert "consistent with 2 clauses" in evidence("``low > 3``")
    assert "left" not in evidence("something nobody has said yet")


def test_an_open_effect_is_read_off_the_body() -> None:
    def words(body: str) -> list[str]:
        text = f'def f(path: str) -> str:\n    """F.\n\n    Effects:\n        - ``?e``\n    """\n{body}'
        module = extract(Snapshot("m.py", None, text)).module
        return [c.text for h in resolve(module, text, kinds=("effect",)) for c in h.candidates]

    assert words("    return path + '!'\n") == ["none"]
    assert words("    return open(path).read()\n") == ["filesystem"]
    assert words("    return unknown(path)\n") == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("    print(path)\n    return path\n", {"console": "by `print` at line 12"}),
        ("    log.info(path)\n    return path\n", {"logging": "by `log.info` at line 12"}),
        (
            "    save(path)\n    return subprocess.run([path]).stdout + now()\n",
            {
                "filesystem": "by `save` at line 12",
                "process": "by `subprocess.run` at line 13",
                "time": "by `now` at line 13",
            },
        ),
        (
            "    print(1)\n    print(2)\n    print(3)\n    print(4)\n    return path\n",
            {"console": "by `print` at line 12, `print` at line 13 and `print` at line 14, 1 more"},
        ),
        (
            "    return path.upper() + str(len(path))\n",
            {"none": "the body calls only `path.upper`, `str`, `len`: no effect"},
        ),
        ("    return path\n", {"none": "the body calls nothing: no effect"}),
    ],
)
def test_an_effect_names_the_calls_that_have_it(body: str, found: dict[str, str]) -> None:
    text = "import logging\nimport subprocess\nfrom time import time as now\n\n\n"
    text += f'def f(path: str) -> str:\n    """F.\n\n    Effects:\n        - ``?e``\n    """\n{body}\n\n'
    text += "log = logging.getLogger()\n\n\ndef save(path: str) -> None:\n    open(path, 'w').close()\n"
    module = extract(Snapshot("m.py", None, text)).module
    (hole,) = resolve(module, text, kinds=("effect",))
    assert {c.text: c.evidence for c in hole.candidates} == found
