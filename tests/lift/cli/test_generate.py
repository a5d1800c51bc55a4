"""``lift generate`` in process: what it shows, what it writes, and with which status it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lift.cli.main import main
from lift.extract import extract
from lift.resolve.loop.stub import stub_of
from lift.source.text import Snapshot

from tests.lift.generate.scripted import Asked, Fails, Says, Scripted, serving

CLAMP = '''\
# Bounds.
def clamp(x: int, low: int, high: int) -> int:
    """Keep a number within its bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
        - ``implies(low <= x <= high, result == x)``
    """
    raise NotImplementedError  # to be written


def impossible(n: int) -> int:
    """Promise too much.

    Ensures:
        - ``result > n``
        - ``result < n``
    """
    ...
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "bounds.py").write_text(CLAMP)
    return tmp_path


def lift(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["generate", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_shows_a_checked_body_as_a_difference_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = lift(capsys, "bounds.py::clamp", "--no-model")
    assert status == 0
    assert out.startswith("bounds.py:2 clamp\n  candidate 1 (+1 −1): 2 proved\n    found by the solver")
    assert "\n    -    raise NotImplementedError  # to be written\n" in out
    assert err == ""
    assert (folder / "bounds.py").read_text() == CLAMP


def test_apply_writes_the_body_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "bounds.py"
    path.write_bytes(CLAMP.replace("\n", "\r\n").encode())
    status, out, _ = lift(capsys, "bounds.py::clamp", "--no-model", "--apply")
    assert status == 0
    assert "written" in out
    before, after = CLAMP.split("\n"), path.read_bytes().decode().split("\r\n")
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [a for a, _ in changed] == ["    raise NotImplementedError  # to be written"]
    assert changed[0][1].startswith("    return ")
    assert changed[0][1].endswith("  # to be written")
    assert main(["check", "bounds.py"]) in (0, 1)
    assert "clamp" in capsys.readouterr().out


def test_json_says_it_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "bounds.py::clamp", "--no-model", "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert (found["version"], found["path"], found["applied"]) == (1, "bounds.py", None)
    proposal = found["generation"]["proposals"][0]
    assert proposal["evidence"] == "2 proved"
    assert proposal["diff"].startswith("--- a/bounds.py\n+++ b/bounds.py\n")
    assert {c["verdict"] for c in proposal["result"]["clauses"]} == {"proved"}


def test_nothing_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "bounds.py::impossible", "--no-model", "--apply")
    assert status == 1
    assert "without a model" in out
    assert (folder / "bounds.py").read_text() == CLAMP


MISUSE = [
    (("bounds.py::nobody",), "bounds.py has no function nobody; without a body: clamp, impossible"),
    (("bounds.py",), "name a function of it: bounds.py::NAME; without a body: clamp, impossible"),
    (("nothing.py::clamp",), "'nothing.py' does not exist"),
    (("broken.py::f",), "broken.py"),
    (("word",), "name a function as PATH::NAME, or describe one in a sentence"),
    (("bounds.py::clamp", "--candidates", "0"), "candidates"),
    (("bounds.py::clamp", "--timeout", "0"), "timeout"),
    (("write a thing", "--into", "broken.py"), "broken.py"),
]


@pytest.mark.parametrize(("arguments", "says"), MISUSE)
def test_misuse_is_said(
    arguments: tuple[str, ...], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.py").write_text("def f(:\n")
    status, _, err = lift(capsys, *arguments)
    assert status == 2
    assert says in err


def test_a_sentence_becomes_a_stub_with_holes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = lift(capsys, "Split an amount across weights. No unit is lost.", "--into", "new.py")
    assert (status, err) == (0, "")
    text = (folder / "new.py").read_text()
    assert out.startswith(text)
    assert "no code yet" in out
    function = extract(Snapshot("new.py", None, text)).module.functions[0]
    assert function.name == "split_amount_weights"
    assert {h.hole for h in function.holes} >= {"body", "clause", "type"}
    lift(capsys, "clamp(x: int) -> int: keep it small", "--into", "new.py")
    module = extract(Snapshot("new.py", None, (folder / "new.py").read_text())).module
    assert [f.name for f in module.functions] == ["split_amount_weights", "clamp"]
    status, _, err = lift(capsys, "clamp(x: int) -> int: keep it small", "--into", "new.py")
    assert status == 2
    assert "has a function clamp already" in err


# Sentence, name, and the kinds of holes that it leaves.
SENTENCES = [
    ("sort the numbers", "sort_numbers", {"body", "type", "term"}),
    ("Return the sum of a list. It is zero if the list is empty.", "return_sum", {"body", "clause"}),
    ("The median of a non-empty list of integers", "median", {"body", "term"}),
    ("def f(x: int) -> int: twice its argument. The result is even", "f", {"body", "clause"}),
    ('say """hello""" \\ twice', "say_hello_twice", {"body"}),
    ("import", "import_", {"body"}),
    ("Größe des 3. Teils", "größe_des_3", {"body"}),
    ("3 little pigs", "f_3_little_pigs", {"body"}),
]


@pytest.mark.parametrize(("sentence", "name", "kinds"), SENTENCES)
def test_what_a_sentence_says(sentence: str, name: str, kinds: set[str]) -> None:
    stub = stub_of(sentence)
    assert stub is not None
    extraction = extract(Snapshot("stub.py", None, stub.text))
    assert extraction.error is None, stub.text
    assert extraction.problems == ()
    function = extraction.module.functions[0]
    assert function.name == stub.name
    assert name in stub.name
    assert {h.hole for h in function.holes} >= kinds


def test_no_words_are_no_sentence() -> None:
    assert stub_of("  ...  ") is None


UNSOLVED = '''\
def digits(n: int) -> str:
    """The decimal digits of a number.

    Requires:
        - ``0 <= n``

    Ensures:
        - ``int(result) == n``
        - ``result.isdigit()``

    Examples:
        >>> digits(120)
        '120'
    """
    ...
'''
DRAFT = {
    "name": "larger",
    "summary": "Tell the larger of two numbers.",
    "parameters": [
        {"name": "a", "type": "int", "description": "one"},
        {"name": "b", "type": "int", "description": "the other"},
    ],
    "returns": "int",
    "requires": [],
    "ensures": [
        {"expression": "result >= a and result >= b", "meaning": ""},
        {"expression": "result == a or result == b", "meaning": "it is one of them"},
    ],
    "raises": [],
    "effects": [],
    "questions": [],
}


def body(text: str, *imports: str) -> Says:
    return Says(json.dumps({"plan": "", "imports": imports, "body": text}))


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with serving(Says("")) as server:
        monkeypatch.setenv("LIFT_PROVIDER", "openai-compatible")
        monkeypatch.setenv("LIFT_ENDPOINT", server.endpoint)
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        yield server


def test_a_model_is_asked_and_its_body_checked(
    folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "text.py").write_text(UNSOLVED)
    model.script = [body("return '7'"), body("return str(n)")]
    status, out, _ = lift(capsys, "text.py::digits", "--candidates", "2", "--apply", "--format", "json")
    assert status == 0
    generation = json.loads(out)["generation"]
    mine = [p for p in generation["proposals"] if p["origin"] == "model"]
    assert [p["provenance"]["model"] for p in mine] == ["scripted-model"]
    assert [r["stage"] for r in generation["rejected"] if r["origin"] == "model"] == ["verify"]
    assert generation["tokens"]["prompt"] > 0
    assert "return" in (folder / "text.py").read_text()


def test_a_body_may_import_another_file_of_the_project(
    folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    package = folder / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "spelling.py").write_text(
        "def spelled(n):\n    return str(n)\n\n\ndef shown(n):\n    print(n)\n"
    )
    (package / "text.py").write_text(UNSOLVED)
    model.script = [
        body("shown(n)\nreturn str(n)", "from shop.spelling import shown"),
        body("return spelled(n)", "from .spelling import spelled"),
    ]
    status, out, _ = lift(
        capsys, "src/shop/text.py::digits", "--candidates", "2", "--apply", "--format", "json"
    )
    assert status == 0, out
    generation = json.loads(out)["generation"]
    rejected = [r for r in generation["rejected"] if r["origin"] == "model"]
    assert [r["reason"] for r in rejected] == [
        "`shown` writes to the console, which Effects does not allow (line 15)"
    ]
    mine = [p for p in generation["proposals"] if p["origin"] == "model"]
    assert ["spelled(n)" in p["code"] for p in mine] == [True]


def test_a_wrong_model_gets_nothing_written(
    folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    model.script = body("return n")
    status, out, _ = lift(capsys, "bounds.py::impossible", "--apply", "--candidates", "1", "--rounds", "2")
    assert status == 1
    assert (folder / "bounds.py").read_text() == CLAMP
    assert "impossible" in out


def test_no_model_asks_none(folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert lift(capsys, "bounds.py::impossible", "--no-model")[0] == 1
    assert model.asked == []


def test_a_model_that_is_not_set_up_is_a_note(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "bounds.py::impossible")
    assert status == 1
    assert "No model is set up" in out


def test_a_sentence_becomes_a_specification_and_then_code(
    folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    def play(asked: Asked) -> Says:
        return (
            Says(json.dumps(DRAFT)) if "Draft a Python function" in asked.system else body("return max(a, b)")
        )

    model.script = play
    status, out, _ = lift(capsys, "the larger of two numbers", "--into", "new.py", "--candidates", "1")
    assert status == 0
    text = (folder / "new.py").read_text()
    assert "- ``result == a or result == b``: it is one of them" in text
    assert text.endswith("raise NotImplementedError\n")
    assert "candidate 1 (+1 −1): 2 proved" in out
    (folder / "new.py").unlink()
    assert lift(capsys, "the larger of two numbers", "--into", "new.py", "--apply")[0] == 0
    assert "NotImplementedError" not in (folder / "new.py").read_text()


def test_a_model_that_is_down_leaves_what_the_sentence_says(
    folder: Path, model: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    model.script = Fails(401)
    status, out, _ = lift(capsys, "the larger of two numbers", "--into", "new.py")
    assert status == 0
    assert "def larger_two_numbers(value):" in out
    assert "401" in out or "key" in out
