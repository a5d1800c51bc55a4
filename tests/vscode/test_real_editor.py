"""What a user sees in the real VS Code, with the packaged extension and the real server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.editor, pytest.mark.slow]

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"

SHARES = '''\
def discount(price: int, percent: int) -> int:
    """Take a discount off a price.

    Requires:
        - ``price >= 0``
        - ``0 <= percent <= 100``

    Ensures:
        - ``0 <= result <= price``
    """
    return price - price * percent // 100


def allocate(amount: int, parts: int) -> tuple[int, int]:
    """Split an amount into equal shares, and what is left over.

    Requires:
        - ``amount >= 0``
        - ``parts > 0``

    Ensures:
        - ``result[0] * parts + result[1] == amount``: no unit is lost
        - ``0 <= result[1] < parts``
    """
    share = amount // parts
    return share, amount - share * parts
'''


def workspace(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "workspace" / "shares.py"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


def test_a_refutation_shows_after_a_save(open_editor: Callable, tmp_path: Path) -> None:
    file = workspace(tmp_path, SHARES)
    editor = open_editor(file.parent, {"lift.interpreter": sys.executable})
    steps = [
        ("line", "def allocate"),
        ("status", "lift 0."),
        ("endOf", "return price - price"),
        ("press", "Backspace"),
        ("press", "Control+s"),
        ("squiggle", "error"),
        ("hover", ("0 <= result <= price", "result")),
        ("press", "Escape"),
        ("command", "lift: Check File"),
        ("statusBar", "lift: 1 refuted, 1 proved"),
        ("problems", "0 <= result <= price"),
    ]
    if os.environ.get("LIFT_UPDATE_PICTURES") == "1":
        steps += [("press", "Control+b"), ("picture", str(PICTURES / "vscode-refutation.png"))]
    seen = editor.drive(file, steps, height=780, scale=2)
    said = dict(zip([name for name, _ in steps], seen, strict=True))

    assert sys.version.split()[0] in said["status"]
    assert "fails: discount(" in said["hover"]
    problem = next(row for row in said["problems"] if "0 <= result <= price" in row)
    assert "fails: discount(" in problem
    assert "refuted" in problem
    assert not any("allocate" in row for row in said["problems"])


def test_a_missing_interpreter_is_told_with_its_remedy(open_editor: Callable, tmp_path: Path) -> None:
    file = workspace(tmp_path, SHARES)
    editor = open_editor(file.parent, {"lift.interpreter": "/no/such/python"})
    notification, status = editor.drive(
        file, [("notification", "/no/such/python"), ("status", "lift: not running")]
    )
    assert 'Correct the setting "lift.interpreter"' in notification
    assert "Try Again" in notification
    assert "/no/such/python" in status


def test_an_untrusted_workspace_is_checked_without_running_it(open_editor: Callable, tmp_path: Path) -> None:
    # Without a run there is no refutation, however wrong the function is.
    file = workspace(tmp_path, SHARES.replace("// 100", "// 10"))
    editor = open_editor(file.parent, {"lift.interpreter": sys.executable}, trust=True)
    steps = [
        ("line", "def allocate"),
        ("status", "Untrusted workspace"),
        ("command", "lift: Check File"),
        ("statusBar", "lift: 1 unknown, 1 proved"),
        ("noSquiggle", "error"),
    ]
    status = editor.drive(file, steps)[1]
    assert "no code is run" in status
    assert "lift 0." in status


# Ends the language server among the processes of an editor's session, and prints its id.
KILL = """
import os, pathlib, signal, sys
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        command = (folder / "cmdline").read_bytes().split(b"\\0")
        same = os.getsid(int(folder.name)) == int(sys.argv[1])
    except (OSError, ProcessLookupError):
        continue
    if same and any(word.startswith(b"lift.lsp") for word in command):
        os.kill(int(folder.name), signal.SIGKILL)
        print(folder.name)
"""


def test_a_server_that_dies_is_restarted_twice_and_then_told(open_editor: Callable, tmp_path: Path) -> None:
    file = workspace(tmp_path, SHARES)
    editor = open_editor(file.parent, {"lift.interpreter": sys.executable})
    kill = ("program", [sys.executable, "-c", KILL, str(editor.session)])
    runs, once, twice = (("status", text) for text in ("lift 0.", "died 1×", "died 2×"))
    steps = [runs, kill, once, kill, twice, kill, ("notification", "died 3 times")]
    steps += [("command", "lift: Restart Server"), runs]
    seen = editor.drive(file, steps)
    killed = [what for (name, _), what in zip(steps, seen, strict=True) if name == "program"]
    assert all(killed)
    assert len(set(killed)) == 3
    assert "Show Server Logs" in seen[-3]


LARGER = '''\
def larger(a: int, b: int) -> int:
    """The larger of two numbers.

    Ensures:
        - ``result >= a and result >= b``
        - ``result == a or result == b``
    """
    raise NotImplementedError
'''


def test_a_body_is_written_and_the_chosen_one_applied(open_editor: Callable, tmp_path: Path) -> None:
    file = workspace(tmp_path, LARGER)
    editor = open_editor(file.parent, {"lift.interpreter": sys.executable})
    steps = [
        ("status", "lift 0."),
        ("endOf", "def larger"),
        ("squiggle", "info"),
        ("fix", "Write an implementation, checked against 2 clauses"),
        ("answer", "Apply candidate 1"),
        ("line", "return"),
        ("press", "Control+s"),
        ("command", "lift: Check File"),
        ("statusBar", "lift: 1 proved"),
    ]
    seen = editor.drive(file, steps)
    said = dict(zip([name for name, _ in steps], seen, strict=True))
    assert ": 2 proved" in said["answer"]
    assert "NotImplementedError" not in file.read_text(encoding="utf-8")
