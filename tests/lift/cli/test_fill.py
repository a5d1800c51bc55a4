"""``lift fill`` and ``lift holes --graph``: what they print and write, and with which status they end."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lift.cli.files import Misuse
from lift.cli.main import main
from lift.cli.writing import write

SOURCE = '''\
def first(names, default=None):
    """Find one.

    Requires:
        - ``all(n.startswith("é") for n in names)``
    """
    for name in names:
        return name
    return default


def check(n):
    """Check.

    Requires:
        - ``n``
    """
    return Decimal(n)
'''
CALLER = "from shop import first\n\nfirst(['éa'], 'x')\n"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A current folder with two modules in it, and with no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    Path("shop.py").write_text(SOURCE, encoding="utf-8")
    Path("use.py").write_text(CALLER, encoding="utf-8")
    return tmp_path


def lift(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_candidates_are_shown_and_nothing_is_written(shop, capsys):
    status, out, _ = lift(capsys, "fill", "shop.py::first")
    assert status == 0
    assert "first:type:names" in out
    assert "1  list[str]" in out
    assert "the call in use.py:3" in out
    assert "check" not in out
    assert Path("shop.py").read_text(encoding="utf-8") == SOURCE


def test_candidates_as_data(shop, capsys):
    status, out, _ = lift(capsys, "fill", "shop.py", "--format", "json", "--kind", "type")
    (file,) = json.loads(out)["files"]
    holes = {hole["id"]: hole for hole in file["holes"]}
    assert (status, file["path"], file["error"]) == (0, "shop.py", None)
    assert holes["first:type:names"]["candidates"][0]["text"] == "list[str]"
    assert holes["first:type:return"]["depends_on"] == ["first:type:default"]
    assert holes["first:type:names"]["written"] is None


def test_what_is_sure_is_written_with_encoding_and_line_ends_kept(shop, capsys):
    text = "# coding: latin-1\n" + SOURCE
    Path("shop.py").write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    os.chmod("shop.py", 0o640)
    status, out, _ = lift(capsys, "fill", "shop.py", "--kind", "type", "--apply")
    wanted = text.replace(
        "def first(names, default=None):",
        "def first(names: list[str], default: str | None = None) -> str | None:",
    )
    assert (status, Path("shop.py").read_bytes()) == (0, wanted.replace("\n", "\r\n").encode("latin-1"))
    assert Path("shop.py").stat().st_mode & 0o777 == 0o640
    assert "✓ filled with list[str]" in out
    assert "not filled: nothing is known" in out
    assert "5 holes, candidates for 3, 3 filled" in out


def test_a_person_chooses_among_them(shop, capsys):
    Path("shop.py").write_text(
        'def f(x=""):\n    """Do.\n\n    Requires:\n        - ``x >= 0``\n    """\n\n\nf(1)\nf(2)\n'
    )
    status, out, _ = lift(capsys, "fill", "shop.py", "--hole", "f:type:x", "--apply")
    assert status == 0
    assert "are about as likely" in out
    assert 'def f(x=""):' in Path("shop.py").read_text()
    assert lift(capsys, "fill", "shop.py", "--hole", "f:type:x", "--choose", "2")[0] == 0
    assert 'def f(x: str | int = ""):' in Path("shop.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop.py::none"], "shop.py has no function or class none"),
        (["shop.py", "--hole", "first:type:none"], "there is no hole first:type:none"),
        (["shop.py", "--choose", "1"], "--choose fills one hole, and 5 are meant"),
        (["shop.py", "--hole", "first:type:names", "--choose", "0"], "a candidate's number from 1"),
        (["shop.py", "--hole", "first:type:names", "--choose", "9"], "has no candidate 9"),
        (["shop.py::"], "names no function"),
    ],
)
def test_misuse_names_the_remedy(shop, capsys, arguments, message):
    status, out, err = lift(capsys, "fill", *arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_a_file_that_does_not_parse_is_reported_and_the_others_are_filled(shop, capsys):
    Path("broken.py").write_text("def f(:\n")
    status, out, _ = lift(capsys, "fill", "broken.py", "shop.py", "--kind", "type", "--format", "json")
    found = {file["path"]: file for file in json.loads(out)["files"]}
    assert status == 1
    assert found["broken.py"]["error"]
    assert found["shop.py"]["holes"]


CYCLE = '''\
def f(x):
    """Do.

    Requires:
        - ``x == ?a``
    """
    return g(x)


def g(y) -> int:
    """Do.

    Requires:
        - ``y == y``
    """
    f(y)
'''


def test_the_graph_as_a_tree(shop, capsys):
    Path("shop.py").write_text(CYCLE)
    status, out, _ = lift(capsys, "holes", "--graph", "shop.py")
    assert status == 0
    assert out.splitlines()[2:6] == [
        "  ?a of f  shop.py:5:18",
        "  └─ type of f's x  shop.py:1:7",
        "     └─ type of g's y  shop.py:10:7",
        "        └─ type of f's x  (see above)",
    ]
    assert "cycle: type of f's x, type of g's y wait for each other; fill one of them first" in out
    assert "can be filled now: type of f's result" in out


def test_the_graph_as_data(shop, capsys):
    Path("shop.py").write_text(CYCLE)
    _, out, _ = lift(capsys, "holes", "--graph", "--format", "json", "shop.py")
    (file,) = json.loads(out)["files"]
    assert file["cycles"] == [["f:type:x", "g:type:y"]]
    (term,) = [node for node in file["nodes"] if node["kind"] == "term"]
    assert (term["id"], term["depends_on"], term["blocks"]) == ("f:term:a", ["f:type:x"], [])


def test_the_graph_for_graphviz(shop, capsys):
    Path("shop.py").write_text(CYCLE)
    _, out, _ = lift(capsys, "holes", "--graph", "--format", "dot", "shop.py")
    assert out.startswith("digraph holes {")
    assert '"0:f:type:x" -> "0:f:term:a";' in out
    assert '"0:f:type:x" -> "0:g:type:y" [color=red];' in out


@pytest.mark.parametrize("arguments", [["--format", "dot"], ["--graph", "--kind", "type"]])
def test_the_graph_is_asked_for_as_a_whole(shop, capsys, arguments):
    assert lift(capsys, "holes", *arguments)[0] == 2


WRITING = {
    "it has changed": (b"other\n", "x", "changed meanwhile"),
    "its encoding lacks a character": (b"# coding: latin-1\n", "# coding: latin-1\n→", "cannot hold"),
}


@pytest.mark.parametrize(("content", "after", "message"), WRITING.values(), ids=WRITING)
def test_a_file_that_cannot_be_written_stays(tmp_path, content, after, message):
    path = tmp_path / "a.py"
    path.write_bytes(content)
    with pytest.raises(Misuse, match=message):
        write(path, "# coding: latin-1\n", after)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\n")

    def full(_descriptor: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lift.cli.writing.os.replace", full)
    with pytest.raises(Misuse, match="No space left"):
        write(path, "x = 1\n", "x = 2\n")
    assert path.read_bytes() == b"x = 1\n"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").symlink_to("a.py")
    write(tmp_path / "b.py", "x = 1\n", "x = 2\n")
    assert (tmp_path / "b.py").is_symlink()
    assert (tmp_path / "a.py").read_text() == "x = 2\n"


BOUNDS = '''\
def floor(minutes: int) -> int:
    """Find a floor.

    Ensures:
        - ``?lowest <= result <= ?highest``
    """
    return minutes % 7 - 2


def late(minutes: int) -> int:
    """Count what is late.

    Ensures:
        - ``result >= ?least``
    """
    return max(0, minutes - 30)
'''


@pytest.fixture
def bounds(shop):
    path = shop / "bounds.py"
    path.write_text(BOUNDS, encoding="utf-8")
    return path


def answered(monkeypatch, capsys, answers: str, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    status, out, _ = lift(capsys, "fill", "bounds.py", *arguments, "-i")
    return status, out


def test_a_person_is_asked_hole_by_hole(bounds, capsys, monkeypatch):
    status, out = answered(monkeypatch, capsys, "9\n1\n=-5\n")
    assert status == 0
    assert "1  -2 (strongest)  1.00" in out
    assert "with -1 it is broken: floor(0) gives -2" in out
    assert "a number takes that candidate" in out
    text = bounds.read_text(encoding="utf-8")
    assert "``-2 <= result <= 4``" in text
    assert "``result >= -5``" in text
    assert out.rstrip().endswith("3 holes, 3 filled")


@pytest.mark.parametrize(("answers", "filled"), [("q\n1\n", 0), ("", 0), ("\n\n1\n", 1), ("\n1\nq\n", 2)])
def test_what_is_skipped_stays_open_and_the_end_is_a_stop(bounds, capsys, monkeypatch, answers, filled):
    status, out = answered(monkeypatch, capsys, answers, "shop.py", "--kind", "term")
    text = bounds.read_text(encoding="utf-8")
    assert status == 0
    assert f", {filled} filled" in out
    assert text.count("?") == BOUNDS.count("?") - filled


def test_a_text_that_does_not_fit_is_asked_for_again(bounds, capsys, monkeypatch):
    _, out = answered(monkeypatch, capsys, "= 3 4\n=nobody\nq\n")
    assert "not filled: 3 4 is no expression" in out
    assert out.count("not filled") == 2
    assert bounds.read_text(encoding="utf-8") == BOUNDS


def test_asking_and_json_do_not_go_together(bounds, capsys):
    status, _, err = lift(capsys, "fill", "bounds.py", "-i", "--format", "json")
    assert status == 2
    assert "--interactive asks and answers in words" in err


def test_an_interruption_loses_nothing_that_was_answered(bounds):
    lift_command = str(Path(sys.executable).parent / "lift")
    command = [lift_command, "fill", "bounds.py", "-i", "--kind", "term"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("1\n")
        process.stdin.flush()
        seen = ""
        while "late:term:least" not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert "``-2 <= result <= 4``" in bounds.read_text(encoding="utf-8")


def test_terms_of_one_clause_are_chosen_together(bounds, capsys):
    lift(capsys, "fill", "bounds.py", "--hole", "floor:term:highest", "--choose", "1")
    assert "``-2 <= result <= 4``" in bounds.read_text(encoding="utf-8")


def test_types_that_are_tied_are_chosen_together(shop, capsys):
    text = (
        'def f(x):\n    """Do.\n\n    Requires:\n        - ``x.startswith("a")``\n    """\n'
        "    return g(x)\n\n\n"
        'def g(y):\n    """Do.\n\n    Requires:\n        - ``y``\n    """\n    return 1\n'
    )
    Path("tied.py").write_text(text, encoding="utf-8")
    _, out, _ = lift(capsys, "fill", "tied.py", "--hole", "f:type:x", "--choose", "1")
    after = Path("tied.py").read_text(encoding="utf-8")
    assert "def f(x: str):" in after
    assert "def g(y: str):" in after
    assert "2 filled" in out
