"""The sub-commands in process: what they print, and with which status they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lift.cli.main import main
from lift_ir import Module

SOURCE = '''\
"""Shares."""


def allocate(amount: int, weights, /, *rest: int, spare: int = 0, **more) -> list[int]:
    """Split an amount.

    The rest is for people.

    Requires:
        - ``amount >= 0``

    Ensures:
        - ``sum(result) == amount``: no unit is lost
        - ``len(result) <= ?limit``
        - Shares keep their order

    Args:
        amount: Units to hand out.

    Raises:
        ValueError: If ``not weights``.

    Examples:
        >>> allocate(2, [1, 1])
        [1, 1]
    """
    return []


def plain(x):
    return x


class Cart:
    """A cart.

    Invariants:
        - ``self.count >= 0``
    """

    def __init__(self) -> None:
        self.count: int = 0
'''


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A current folder with one module in it, and with no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIFT_CACHE", str(tmp_path / "cache"))
    Path("shop.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def lift(capsys, *arguments: str) -> tuple[int, str, str]:
    """The status of ``lift ARGUMENTS`` and what it printed."""
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "lift: name a command, for example: lift check ."),
        (["chekc"], "lift: 'chekc' is no command; did you mean check?"),
        (
            ["xyzzy"],
            "lift: 'xyzzy' is no command; choose from check, extract, holes, fill, infer, fix, "
            "enforce, testgen, serve, generate, log, diff, blame, restore, lsp, doctor",
        ),
        (["check", "--formt=json"], "lift check: there is no option --formt=json; did you mean --format?"),
        (["check", "--format", "jsn"], "lift check: 'jsn' is no choice for --format; did you mean json?"),
        (["check", "--seconds", "soon"], "lift check: argument --seconds: invalid float value: 'soon'"),
        (["check", "--seconds", "-1"], "lift check: --seconds must be a number from 0.1 to 3600, not -1.0"),
        (["holes", "nosuch.py"], "lift holes: 'nosuch.py' does not exist; check the path"),
        (["extract", "shop.py", "nosuch"], "lift extract: 'nosuch' does not exist; check the path"),
        (["holes", "--kind", "typo"], "lift holes: 'typo' is no choice for --kind; did you mean type?"),
    ],
)
def test_misuse_names_the_place_and_the_remedy(shop, capsys, arguments, message):
    status, out, err = lift(capsys, *arguments)
    assert (status, out, err.splitlines()[0]) == (2, "", message)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check", "--help"], ["extract", "-h"], ["doctor", "--help"]]
)
def test_help_is_printed_and_fine(capsys, arguments):
    status, out, err = lift(capsys, *arguments)
    assert (status, err) == (0, "")
    assert out.startswith("usage: lift")


def test_the_version_is_told(capsys):
    assert lift(capsys, "--version")[:2] == (0, "lift 0.1.0\n")


def test_extract_writes_an_array_of_modules(shop, capsys):
    Path("other.py").write_text("")
    status, out, _ = lift(capsys, "extract")
    modules = [Module.model_validate(item) for item in json.loads(out)]
    assert (status, [m.path for m in modules]) == (0, ["other.py", "shop.py"])
    assert [f.qualname for f in modules[1].all_functions()] == ["allocate", "plain", "Cart.__init__"]


def test_extract_without_files_is_an_empty_array(shop, capsys):
    Path("shop.py").unlink()
    status, out, err = lift(capsys, "extract")
    assert (status, json.loads(out)) == (0, [])
    assert "no Python files" in err


def test_extract_writes_a_module_a_line_and_an_error_in_its_place(shop, capsys):
    Path("torn.py").write_text("x = 1\nthis does not parse\n")
    Path("bytes.py").write_bytes(b"\xff\xfe\x00")
    status, out, err = lift(capsys, "extract", "--format", "jsonl")
    first, second, third = [json.loads(line) for line in out.splitlines()]
    assert (status, first["kind"], second["kind"], third["kind"]) == (1, "error", "module", "error")
    assert (third["path"], third["line"]) == ("torn.py", 2)
    assert err.count("lift extract: ") == 2


def test_extract_writes_a_document(shop, capsys):
    status, out, _ = lift(capsys, "extract", "shop.py", "--format", "markdown")
    assert (status, out) == (0, DOCUMENT)


def test_the_document_may_hold_every_function(shop, capsys):
    _, out, _ = lift(capsys, "extract", "shop.py", "--format", "markdown", "--all")
    assert "## `plain`\n\n```python\ndef plain(x) -> ?\n```\n" in out


def test_holes_are_listed_with_their_questions(shop, capsys):
    status, out, _ = lift(capsys, "holes")
    assert status == 0
    assert out.splitlines()[:2] == [
        "shop.py",
        "  ○ open type  allocate  What type is `weights`?  shop.py:4:27",
    ]
    assert out.splitlines()[-1] == "4 holes"


def test_holes_of_one_kind_are_listed_alone(shop, capsys):
    _, out, _ = lift(capsys, "holes", "--kind", "term", "--kind", "clause", "--format", "json")
    (file,) = json.loads(out)["files"]
    assert [(h["kind"], h["name"], h["function"], h["line"]) for h in file["holes"]] == [
        ("term", "limit", "allocate", 14),
        ("clause", "shares-keep-their-order", "allocate", 15),
    ]


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_listed(shop, capsys):
    Path("bytes.py").write_bytes(b"\xff\xfe\x00")
    status, out, _ = lift(capsys, "holes")
    assert status == 1
    assert "bytes.py\n  ✗ cannot be checked\n" in out
    assert "4 holes" in out


DOCUMENT = """\
# shop.py

Shares.

## `allocate`

```python
def allocate(amount: int, weights, /, *rest: int, spare: int = 0, **more) -> list[int]
```

Split an amount.

The rest is for people.

**Requires**

- `amount >= 0`

**Ensures**

- `sum(result) == amount`: no unit is lost
- `len(result) <= ?limit`
- Shares keep their order

**Raises**

- `ValueError` if `not weights`

**Examples**

```pycon
>>> allocate(2, [1, 1])
[1, 1]
```

**Parameters**

- `amount`: Units to hand out.

**Open**

- [ ] type `weights`, line 4: What type is `weights`?
- [ ] type `more`, line 4: What type is `more`?
- [ ] term `limit`, line 14: What is `limit`?
- [ ] clause `shares-keep-their-order`: `bool`, line 15: Which expression says “Shares keep their order”?

## class `Cart`

A cart.

**Invariants**

- `self.count >= 0`

"""
