"""``lift log | diff | blame | restore`` in process: what they show, what they write, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lift.cli.main import main
from lift.ide.past import ago

FIRST = '''\
def scale(n: int, by: int) -> int:
    """Scale a number.

    Ensures:
        - ``result >= 0``

    Args:
        n: What is scaled.
    """
    return n * n  # as it stands
'''
SECOND = FIRST.replace("    Ensures:\n", "    Requires:\n        - ``n > 3``\n\n    Ensures:\n").replace(
    "result >= 0``", "result > -5``: never far below"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # Enough on a machine that is busy with other tests.
    monkeypatch.setenv("LIFT_SECONDS", "30")
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def lift(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.fixture
def twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A file with two states, of which the second one is there now."""
    file = folder / "a.py"
    for text in (FIRST, SECOND):
        file.write_text(text)
        assert lift(capsys, "check", "a.py")[0] == 0
    return file


def test_the_states_of_a_function(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "log", "a.py::scale")
    assert status == 0
    assert out.splitlines() == [
        "a.py scale",
        "  2  just now  ✓ proved",
        "     added requires `n > 3`",
        "     changed ensures `result >= 0` to `result > -5`",
        "  1  just now  ✓ proved",
        "     first state that was checked",
        "",
    ]
    # A check that finds nothing new adds nothing.
    lift(capsys, "check", ".")
    assert lift(capsys, "log", ".")[1] == out


def test_states_for_programs(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "log", "--format", "json")
    (file,) = json.loads(out)["files"]
    (function,) = file["functions"]
    assert (status, file["path"], file["error"], function["name"]) == (0, "a.py", None, "scale")
    assert [(s["number"], s["verdict"], len(s["changes"])) for s in function["states"]] == [
        (2, "proved", 2),
        (1, "proved", 0),
    ]
    assert function["states"][0]["made"].endswith("Z")
    assert [c["since"] for c in function["states"][0]["clauses"]] == [2, 2]
    assert function["states"][1]["docstring"].startswith('"""Scale a number.\n\nEnsures:\n    - ')


def test_what_differs_as_the_solver_has_it(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = lift(capsys, "diff", "a.py")
    assert status == 0
    lines = out.splitlines()
    assert lines[:2] == ["a.py scale  state 1 to now", "  added requires `n > 3`"]
    assert lines[2].startswith("  weakened ensures `result >= 0` to `result > -5`; now allowed: scale(n=")
    assert lines[3:] == ["  together: asks more of callers, promises less"]
    assert lift(capsys, "diff", "a.py::scale", "--from", "1", "--to", "2")[1].splitlines()[1:] == lines[1:]
    _, out, _ = lift(capsys, "diff", "a.py::scale", "--from", "2", "--to", "1", "--format", "json")
    (found,) = json.loads(out)["functions"]
    assert (found["diff"]["requires"], found["diff"]["ensures"]) == ("weaker", "stronger")
    kinds = {c["clause"]: c["kind"] for c in found["diff"]["changes"]}
    assert kinds == {"requires": "removed", "ensures": "stronger"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("result >= 0", "result > -1", "reworded, says the same: ensures `result >= 0` to `result > -1`"),
        (
            "result >= 0",
            "result > 0",
            "strengthened ensures `result >= 0` to `result > 0`; no longer allowed: ",
        ),
        # Neither follows from the other.
        ("result >= 0", "result >= by", "changed ensures `result >= 0` to `result >= by`"),
        # Nothing of this is modelled.
        ("result >= 0", "result >= hash(by)", "changed ensures `result >= 0` to `result >= hash(by)`"),
    ],
)
def test_stronger_and_weaker(
    folder: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    file = folder / "a.py"
    file.write_text(FIRST.replace("result >= 0", before))
    lift(capsys, "check", "a.py")
    file.write_text(FIRST.replace("result >= 0", after))
    assert lift(capsys, "diff", "a.py")[1].splitlines()[1].strip().startswith(said)


def test_order_prose_and_the_rest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clauses = [
        "        - ``result >= 0``: never less\n",
        "        - ``result >= n``\n",
        "        - it grows\n",
    ]
    file = folder / "a.py"
    text = FIRST.replace("        - ``result >= 0``\n", "".join(clauses))
    file.write_text(text)
    lift(capsys, "check", "a.py")
    moved = FIRST.replace("        - ``result >= 0``\n", "".join([clauses[2], *clauses[:2]]))
    file.write_text(
        moved.replace("never less", "not less").replace("Scale a", "Square a").replace("n * n", "n * n + 0")
    )
    assert lift(capsys, "diff", "a.py")[1].splitlines()[1:] == [
        "  summary changed to “Square a number.”",
        "  moved ensures `it grows`",
        "  prose of ensures changed to “not less”",
        "  code changed",
    ]
    # What is laid out otherwise says the same.
    file.write_text(text.replace("result >= 0``", "result>=0``"))
    assert lift(capsys, "diff", "a.py::scale")[1].splitlines() == [
        "a.py scale  state 1 to now",
        "  prose changed",
    ]


def test_who_wrote_what(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice.write_text(SECOND.replace("never far below\n", "never far below\n        - ``result >= n``\n"))
    status, out, _ = lift(capsys, "blame", "a.py::scale")
    assert status == 0
    assert out.splitlines() == [
        "a.py scale",
        "  requires `n > 3`  · required",
        "    since state 2, just now, author not known",
        "  ensures `result > -5`  ✓ proved",
        "    since state 2, just now, author not known",
        "  ensures `result >= n`  · unchecked",
        "    not checked yet, author not known",
        "",
    ]
    (function,) = json.loads(lift(capsys, "blame", "a.py", "--format", "json")[1])["functions"]
    assert [c["since"] for c in function["clauses"]] == [2, 2, 0]


def test_an_earlier_state_comes_back(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Line ends and a byte order mark stay as they are, and so does the body.
    twice.write_bytes(b"\xef\xbb\xbf" + SECOND.replace("\n", "\r\n").encode())
    status, out, _ = lift(capsys, "restore", "a.py::scale", "1")
    assert status == 0
    assert "-        - ``n > 3``\n" in out
    assert "+        - ``result >= 0``\n" in out
    assert out.endswith("nothing is written; --apply does\n")
    assert b"n > 3" in twice.read_bytes()
    assert lift(capsys, "restore", "a.py::scale", "1", "--apply")[0] == 0
    assert twice.read_bytes() == b"\xef\xbb\xbf" + FIRST.replace("\n", "\r\n").encode()
    assert lift(capsys, "restore", "a.py::scale", "1", "--apply")[:2] == (0, "a.py scale is as in state 1\n")
    lift(capsys, "check", "a.py")
    assert lift(capsys, "log", "a.py")[1].count("proved") == 3


def test_a_docstring_comes_and_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.py"
    bare = "class A:\n    def f(self, n: int) -> int:\n        # why\n        return abs(n)\n"
    stated = bare.replace(
        "        # why",
        '        """Count.\n\n        Ensures:\n            - ``result >= 0``\n        """\n        # why',
    )
    for text in (stated, bare):
        file.write_text(text)
        lift(capsys, "check", "a.py")
    assert "removed ensures `result >= 0`" in lift(capsys, "log", "a.py")[1]
    assert lift(capsys, "restore", "a.py::A.f", "1", "--apply")[0] == 0
    assert "".join(sorted(file.read_text())) == "".join(sorted(stated))
    assert (
        '        """Count.\n\n        Ensures:\n            - ``result >= 0``\n        """\n'
        in file.read_text()
    )
    lift(capsys, "check", "a.py")
    assert lift(capsys, "restore", "a.py::A.f", "2", "--apply")[0] == 0
    assert file.read_text() == bare


def test_what_stands_in_decorators_is_not_restored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.py"
    contract = "import icontract\n\n\n@icontract.ensure(lambda result: result >= 0)\n"
    file.write_text(contract + FIRST)
    lift(capsys, "check", "a.py")
    file.write_text("import icontract\n\n\n" + FIRST)
    status, out, _ = lift(capsys, "restore", "a.py::scale", "1", "--apply")
    assert (status, "decorators" in out) == (0, False)
    other = contract.replace(">= 0", ">= -1")
    file.write_text(other + FIRST)
    status, out, _ = lift(capsys, "restore", "a.py::scale", "1", "--apply")
    assert status == 1
    assert "`result >= -1` stands in decorators or annotations" in out
    assert file.read_text() == other + FIRST


def test_nothing_remembered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.py").write_text(FIRST)
    assert lift(capsys, "log", "a.py")[0] == 1
    assert "nothing is remembered" in lift(capsys, "diff", "a.py::scale")[1]
    assert lift(capsys, "diff", "a.py::scale")[0] == 1
    assert lift(capsys, "diff", "a.py")[:2] == (0, "nothing differs\n")
    assert lift(capsys, "blame", "a.py")[0] == 0
    (folder / "a.py").write_text("def f():\n    pass\n")
    assert lift(capsys, "blame", "a.py")[:2] == (1, "nothing is stated\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["log", "a.py::other"], "a.py has no function or class other, and none of that name is remembered"),
        (["restore", "a.py::scale", "7"], "there is no state 7 of scale; there are 1 to 2"),
        (["restore", "a.py", "1"], "name one function: PATH::FUNCTION"),
        (["restore", "a.py::scale", "0"], "argument N: invalid"),
        (["diff", "a.py::scale", "--from", "3"], "there is no state 3 of scale; there are 1 to 2"),
        (["diff", "a.py", "--from", "1"], "--from and --to count the states of one function"),
        (["diff", "a.py::scale", "--to", "1"], "nothing is remembered of scale before that"),
        (["blame", "gone.py"], "'gone.py' does not exist"),
    ],
)
def test_misuse(twice: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    status, _, err = lift(capsys, *arguments)
    assert status == 2
    assert said in err


def test_without_a_store(
    twice: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFT_CACHE", "false")
    assert lift(capsys, "check", "a.py")[0] == 0
    status, _, err = lift(capsys, "log", "a.py")
    assert status == 2
    assert "nothing is kept" in err


def test_a_file_that_does_not_parse(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice.write_text(SECOND + "def broken(:\n")
    assert lift(capsys, "log", "a.py")[0] == 0
    assert lift(capsys, "restore", "a.py::scale", "1", "--apply")[0] == 1
    assert twice.read_text() == SECOND + "def broken(:\n"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-50, "just now"),
        (30, "just now"),
        (25 * 60, "25 minutes ago"),
        (65 * 60, "an hour ago"),
        (5 * 3600, "5 hours ago"),
        (24 * 3600, "yesterday"),
        (6 * 86400, "6 days ago"),
    ],
)
def test_relative_dates(seconds: int, said: str) -> None:
    assert ago(1_000_000_000 - seconds, 1_000_000_000) == said


def kinds(capsys: pytest.CaptureFixture[str], file: str) -> dict[str, str]:
    """Clause → who wrote it, after a check."""
    lift(capsys, "check", file)
    functions = json.loads(lift(capsys, "blame", file, "--format", "json")[1])["functions"]
    return {c["text"]: c["provenance"]["kind"] for f in functions for c in f["clauses"]}


def test_what_a_command_wrote_is_nobody_elses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.py").write_text(
        'def mean(xs: list[int]) -> int:\n    """The mean.\n\n    Ensures:\n'
        '        - ``result * len(xs) <= sum(xs)``\n    """\n    return sum(xs) // len(xs)\n'
    )
    assert lift(capsys, "fix", "a.py", "--apply")[0] == 0
    assert kinds(capsys, "a.py") == {"len(xs) > 0": "solver", "result * len(xs) <= sum(xs)": "unknown"}
    (folder / "b.py").write_text("def double(n: int) -> int:\n    return n + n\n")
    assert lift(capsys, "infer", "b.py", "--apply")[0] == 0
    assert set(kinds(capsys, "b.py").values()) == {"reverse"}


def test_a_phrase_that_was_chosen_has_a_reviewer(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    (folder / "a.py").write_text(
        'def order(xs: list[int]) -> list[int]:\n    """Put in order.\n\n    Ensures:\n'
        '        - the result is sorted\n    """\n    return sorted(xs)\n'
    )
    lift(capsys, "check", "a.py")
    assert lift(capsys, "fill", "a.py", "--choose", "1", "--kind", "clause")[0] == 0
    lift(capsys, "check", "a.py")
    ((function,),) = [json.loads(lift(capsys, "blame", "a.py", "--format", "json")[1])["functions"]]
    (clause,) = function["clauses"]
    assert clause["provenance"]["kind"] == "reverse"
    assert clause["provenance"]["reviewer"] == "ada"


CART = '''\
class Cart:
    """A cart.

    Invariants:
        - ``self.count >= 0``
    """

    limit = 3

    def __init__(self) -> None:
        self.count: int = 0

    def add(self, n: int) -> None:
        if n > 0:
            self.count += n
'''


def test_a_class_has_a_history_of_its_invariants(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.py"
    file.write_text(CART)
    lift(capsys, "check", "a.py")
    file.write_text(CART.replace("self.count >= 0", "self.count >= 0 and True").replace("A cart", "A basket"))
    lift(capsys, "check", "a.py")
    assert lift(capsys, "log", "a.py::Cart")[1].splitlines() == [
        "a.py Cart",
        "  2  just now  ✓ proved",
        "     summary changed to “A basket.”",
        "     changed invariant `self.count >= 0` to `self.count >= 0 and True`",
        "  1  just now  ✓ proved",
        "     first state that was checked",
        "",
    ]
    assert "changed invariant" in lift(capsys, "diff", "a.py::Cart")[1]
    assert "since state 2" in lift(capsys, "blame", "a.py::Cart")[1]
    assert lift(capsys, "restore", "a.py::Cart", "1", "--apply")[0] == 0
    assert file.read_text() == CART
    # A class whose invariants went has a state that says so, and what was there comes back.
    bare = CART.replace(CART[CART.index('    """') : CART.index("    limit")], "")
    file.write_text(bare)
    lift(capsys, "check", "a.py")
    assert "removed invariant" in lift(capsys, "log", "a.py::Cart")[1]
    assert lift(capsys, "restore", "a.py::Cart", "1", "--apply")[0] == 0
    assert "".join(file.read_text().split()) == "".join(CART.split())
