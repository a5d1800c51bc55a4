"""CrossHair as another search for counterexamples: what it may add, and that only a replay adds it."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from lift.cli.main import main
from lift.extract import extract
from lift.neighbours import Neighbours
from lift.source.text import Snapshot, read
from lift.verify import peers
from lift.verify.check import check_function
from lift.verify.digests import digest_of
from lift.verify.options import Options
from lift.verify.peers import contracts, crosshair
from lift.verify.replay import Case
from lift_ir import FunctionResult

icontract = pytest.importorskip("icontract", reason="needs the extra: pip install 'lift-sys[crosshair]'")
pytest.importorskip("crosshair", reason="needs the extra: pip install 'lift-sys[crosshair]'")

FOUND = {
    "a regular expression": (
        '''
        import re
        def f(s: str) -> int:
            """Ensures:
                - ``result != 42``
            """
            return int(s[2:]) if re.fullmatch("k=[0-9][0-9]", s) else 0
        ''',
        "result != 42",
    ),
    "what old said": (
        '''
        import re
        def f(xs: list[int], s: str) -> None:
            """Ensures:
                - ``len(xs) == len(old(xs))``
            """
            if re.fullmatch("q+z", s):
                xs.append(1)
        ''',
        "len(xs) == len(old(xs))",
    ),
    "an exception that did not come": (
        '''
        import re
        def f(s: str) -> int:
            """F.

            Raises:
                ValueError: If ``len(s) == 4 and s[2] == "x"``.
            """
            if re.fullmatch("..x[^y]", s):
                raise ValueError(s)
            return 0
        ''',
        'len(s) == 4 and s[2] == "x"',
    ),
    "an exception that nothing declares": (
        '''
        import re
        def f(s: str) -> int:
            """Ensures:
                - ``result == 0``
            """
            return 0 // (re.fullmatch("[f-h]{3}", s) is None)
        ''',
        "nothing undeclared escapes",
    ),
    "a method of an instance": (
        '''
        import re
        class Meter:
            """M.

            Invariants:
                - ``self.ticks >= 0``
            """
            def __init__(self, ticks: int) -> None:
                """M.

                Requires:
                    - ``ticks >= 0``
                """
                self.ticks = ticks

            def f(self, s: str) -> int:
                """F.

                Ensures:
                    - ``result == old(self.ticks)``
                """
                if re.fullmatch("[u-v][p-q]", s):
                    self.ticks += 1
                return self.ticks
        ''',
        "result == old(self.ticks)",
    ),
}


def checked(source: str, qualname: str = "f", **options: Any) -> FunctionResult:
    text = textwrap.dedent(source).lstrip()
    module = extract(Snapshot("f.py", None, text)).module
    return check_function(module, text, qualname, Options(**options))


def refuted(result: FunctionResult) -> list[str]:
    return [c.text for c in result.clauses if c.verdict == "refuted"]


@pytest.mark.parametrize("case", FOUND)
def test_an_input_that_crosshair_finds_refutes_what_was_open(case):
    source, clause = FOUND[case]
    qualname = "Meter.f" if "class Meter" in source else "f"
    alone = checked(source, qualname)
    assert refuted(alone) == []
    found = checked(source, qualname, backend="crosshair")
    assert refuted(found) == [clause]
    (broken,) = [c for c in found.clauses if c.verdict == "refuted"]
    assert broken.counterexample is not None
    # Whatever else had a verdict keeps it.
    kept = {c.text: c.verdict for c in found.clauses if c.text != clause}
    assert {c.text: c.verdict for c in alone.clauses if c.text != clause} == kept


def test_it_follows_a_call_of_another_files_function(tmp_path):
    own = '''
        import re
        from other import half
        def f(s: str) -> int:
            """Ensures:
                - ``result != 3``
            """
            return half(6) if re.fullmatch("h[0-9]", s) else 0
    '''
    other = """
        def half(x: int) -> int:
            return x // STEP
        STEP = 2
    """
    for name, text in (("own", own), ("other", other)):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text).lstrip())
    found = extract(read(tmp_path / "own.py"))
    around = Neighbours(tmp_path, tmp_path / "own.py", lambda _: None)
    text, options = found.snapshot.text, Options(backend="crosshair")
    digest_of(found.module, text, "f", options, around.sources)
    assert refuted(check_function(found.module, text, "f", options, around.touched())) == ["result != 3"]


def test_what_holds_within_bounds_may_be_refuted_beyond_them(monkeypatch):
    source = '''
        def f(n: int) -> int:
            """Requires:
                - ``0 <= n``

            Ensures:
                - ``result % 1000 != 625 or result < 2000``
            """
            total, step = 0, 1
            while total < n:
                total, step = total + step, step + 2
            return total
    '''
    beyond = checked(source, tests=20)
    assert refuted(beyond) == []
    monkeypatch.setattr(crosshair, "inputs", lambda *_: [Case({"n": "5600"})])
    assert refuted(checked(source, tests=20, backend="crosshair")) == [
        "result % 1000 != 625 or result < 2000"
    ]
    monkeypatch.setattr(crosshair, "inputs", lambda *_: [Case({"n": "5400"})])
    kept = checked(source, tests=20, backend="crosshair")
    assert [c.verdict for c in kept.clauses] == [c.verdict for c in beyond.clauses]


OPEN = '''
import re
def f(s: str) -> int:
    """F.

    Requires:
        - ``s != "never"``

    Ensures:
        - ``result >= 0``
    """
    return len(re.sub("a", "b", s)) if s != "never" else -1
'''
BELIEVED = {
    "it holds after all": "'x'",
    "it does not meet the Requires": "'never'",
    "it is no expression": "<Thing object at 0x7f>",
    "its name is unknown": "Thing()",
    "it is not for this sandbox": "__import__('os').getcwd()",
}


@pytest.mark.parametrize("why", BELIEVED)
def test_an_input_that_breaks_nothing_in_a_replay_refutes_nothing(why, monkeypatch):
    asked: list[str] = []

    def inputs(_module: object, program: Any, *_bounds: object) -> list[Case]:
        asked.append(program.function)
        return [Case({"s": BELIEVED[why]})]

    monkeypatch.setattr(crosshair, "inputs", inputs)
    result = checked(OPEN, backend="crosshair")
    assert (asked, result.verdict, refuted(result)) == (["f"], "unknown", [])


def test_it_is_not_asked_about_what_is_proved_nor_where_nothing_may_run(monkeypatch):
    monkeypatch.setattr(crosshair, "inputs", lambda *_: pytest.fail("it was asked"))
    proved = 'def f(x: int) -> int:\n    """Ensures:\n        - ``result > x``\n    """\n    return x + 1\n'
    assert checked(proved, backend="crosshair").verdict == "proved"
    assert checked(OPEN, backend="crosshair", run_code=False).verdict == "unknown"


def test_a_search_that_comes_to_no_end_is_ended_and_what_it_found_before_counts():
    source = '''
        import re
        def f(n: int, s: str) -> int:
            """Requires:
                - ``n > 1000000 or s == "stop"``

            Ensures:
                - ``result == 0``
            """
            if re.fullmatch("stop", s):
                return 1
            while re.match("1", str(n)) or n > 0:
                n += 1
            return 0
    '''
    result = checked(source, backend="crosshair", seconds=1.0)
    assert refuted(result) == ["result == 0"]
    children = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    assert "crosshair_child" not in children.stdout


CONFINED = """
import os, socket, sys, threading
sys.path.append(sys.argv[1])
import sandbox_limits
sandbox_limits.confine(os.getppid(), 4096, 20, threads=True)
ran = []
thread = threading.Thread(target=lambda: ran.append("thread"))
thread.start(); thread.join()
def refused(what):
    try:
        what()
    except OSError:
        return True
    return False
print(ran, refused(os.fork), refused(socket.socket), refused(lambda: open("x", "w")),
      refused(lambda: os.posix_spawn("/bin/true", ["true"], {})))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the filter is one of Linux")
def test_threads_may_start_where_processes_may_not():
    folder = str(Path(peers.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", CONFINED, folder], capture_output=True, text=True)
    assert done.stdout == "['thread'] True True True True\n", done.stderr


CONTRACTS = '''
class Box:
    """B.

    Invariants:
        - ``self.n >= 0``
    """
    def __init__(self, n: int) -> None:
        self.n = n


def f(xs: list[int], n: int = 1) -> int:
    """F.

    Requires:
        - ``n != 5``

    Ensures:
        - ``implies(n > 0, len(xs) == len(old(xs)) + 1)``
        - ``result == old(n if implies(n > 3, xs) else 0)``

    Raises:
        KeyError: If ``n == 9``.
    """
    if n == 8 or n == 7:
        return n
    xs.append(n)
    return n
'''


@pytest.mark.parametrize(
    ("call", "breaks"),
    [
        ("f([])", False),
        ("f([], -1)", False),
        ("f([], 5)", True),
        ("f([1], 8)", True),
        ("f([], 4)", True),
        ("f([1], 4)", False),
        ("f([1], 9)", True),
        ("Box(0)", False),
        ("Box(-1)", True),
    ],
)
def test_clauses_mean_the_same_as_icontracts_decorators(call, breaks, tmp_path):
    module = extract(Snapshot("f.py", None, CONTRACTS)).module
    # In a file, since icontract reads the text of a condition that is broken.
    (tmp_path / "f.py").write_text(contracts.HEADER + contracts.with_contracts(module, CONTRACTS))
    names = runpy.run_path(str(tmp_path / "f.py"))
    if breaks:
        with pytest.raises(icontract.ViolationError):
            eval(call, names)
    else:
        eval(call, names)


def test_without_crosshair_the_command_names_the_remedy(tmp_path, monkeypatch, capsys):
    (tmp_path / "f.py").write_text(OPEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["check", "--backend", "crosshair", "f.py"]) == 2
    said = capsys.readouterr().err
    assert "CrossHair" in said
    assert "pip install 'lift-sys[crosshair]'" in said


def test_without_leave_to_run_code_the_command_says_so(tmp_path, monkeypatch, capsys):
    (tmp_path / "f.py").write_text(OPEN)
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--backend", "crosshair", "--no-run-code", "f.py"]) == 2
    assert "--backend crosshair runs" in capsys.readouterr().err
