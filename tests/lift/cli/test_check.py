"""``lift check`` as it is installed: real workers, real files, and what happens when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LIFT = Path(sys.executable).with_name("lift")

FILES = {
    "proved.py": '''\
def clamp(x: int, low: int, high: int) -> int:
    """Keep x within bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
    """
    if x < low:
        return low
    return high if x > high else x
''',
    "refuted.py": '''\
def third(xs: list[int]) -> int:
    """The third one.

    Ensures:
        - ``result == xs[2]``

    Raises:
        IndexError: If ``len(xs) < 3``.
    """
    return xs[2] if xs[2] != 7 else 8


def unspecified(x):
    return x / 0
''',
    "open.py": '''\
def nothing(x):
    """Nothing yet.

    Ensures:
        - ``result > ?least``: how little is enough?
    """
    raise NotImplementedError
''',
    "torn.py": "def f(:\n",
    "bytes.py": b"x = '\xff'\n",
    "ill.py": '''\
def ill(x: int) -> int:
    """Ill-written.

    Ensures:
        - ``result ==``
    """
    return x
''',
}


def lift(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed command with nothing of this environment's settings."""
    return subprocess.run(
        [str(LIFT), *arguments],
        cwd=cwd,
        env=environment(cwd, **environ),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def environment(cwd: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LIFT_")}
    return {**kept, "LIFT_CACHE": str(cwd / ".cache"), "PYTHONIOENCODING": "utf-8", **more}


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    for name, content in FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(scope="module")
def report(shop):
    """The JSON report on all files, which also fills the cache for the other formats."""
    done = lift("check", "--format", "json", cwd=shop)
    assert (done.returncode, done.stderr) == (1, "")
    return {file["path"]: file for file in json.loads(done.stdout)["files"]}


def verdicts(report) -> dict[str, str]:
    return {f["name"]: f["verdict"] for file in report.values() for f in file["functions"]}


def test_every_file_and_every_specified_function_is_reported(report):
    assert list(report) == sorted(FILES)
    assert verdicts(report) == {
        "ill": "unchecked",
        "nothing": "unchecked",
        "clamp": "proved",
        "third": "refuted",
    }


def test_a_refutation_carries_its_counterexample(report):
    (function,) = report["refuted.py"]["functions"]
    (found,) = [clause for clause in function["clauses"] if clause["verdict"] == "refuted"]
    assert (found["kind"], found["text"], found["line"]) == ("ensures", "result == xs[2]", 5)
    assert found["counterexample"]["outcome"] == {"returned": "8"}
    assert found["counterexample"]["line"] == 10


def test_a_file_that_cannot_be_read_is_an_entry_with_its_error(report):
    assert report["torn.py"]["error"].startswith("line 1: ")
    assert "0xff" in report["bytes.py"]["error"]
    assert report["proved.py"]["error"] is None


def test_what_is_ill_written_is_told(report):
    (problem,) = report["ill.py"]["problems"]
    assert (problem["code"], problem["line"], problem["function"]) == ("bad-clause", 5, "ill")


def test_the_text_names_places_and_ends_in_a_summary(shop, report):
    done = lift("check", cwd=shop)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert "      refuted.py:5:13" in lines
    assert any(line.startswith("      refuted.py:10") for line in lines)
    assert any("What is `least`?" in line for line in lines)
    summary = (
        "4 functions · 1 proved · 1 refuted · 2 unchecked · 4 holes · 1 ill-written · 2 files not readable · "
    )
    assert lines[-1].startswith(summary)
    assert "\x1b" not in done.stdout


def test_each_file_alone_has_its_status(shop, report):
    statuses = {name: lift("check", name, cwd=shop).returncode for name in ("proved.py", "open.py", "ill.py")}
    assert statuses == {"proved.py": 0, "open.py": 0, "ill.py": 1}


def test_severities_decide_about_what_is_ill_written(shop, report):
    assert lift("check", "ill.py", cwd=shop, LIFT_SEVERITY="bad-clause=warning").returncode == 0


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_the_other_formats_tell_the_refutation(shop, report, form):
    done = lift("check", "refuted.py", "--format", form, cwd=shop)
    assert done.returncode == 1
    if form == "sarif":
        (result,) = json.loads(done.stdout)["runs"][0]["results"]
        assert (result["ruleId"], result["locations"][0]["physicalLocation"]["region"]["startLine"]) == (
            "refuted",
            5,
        )
    else:
        assert done.stdout.startswith("::error file=refuted.py,line=5,")


def test_colours_may_be_forced_and_ascii_replaces_what_cannot_be_shown(shop, report):
    assert "\x1b[" in lift("check", "proved.py", "--color", "always", cwd=shop).stdout
    plain = lift("check", "proved.py", cwd=shop, PYTHONIOENCODING="ascii").stdout
    assert plain.isascii()
    assert "  + clamp  proved" in plain


def test_a_reader_that_goes_away_ends_it_quietly(shop, report):
    process = subprocess.Popen(
        [str(LIFT), "extract", "--format", "json", "--all", *["proved.py"], str(Path(json.__file__).parent)],
        cwd=shop,
        env=environment(shop),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (141, b"")


_SCRIPTED = """
import sys, functools
import lift.cli.commands.check as command
from lift.cli.main import main
command.Pool = functools.partial(command.Pool, entry="scripted_check:check")
sys.exit(main(sys.argv[1:]))
"""
_CHECK = '''
import threading
from lift_ir import FunctionResult

def check(module, text, qualname, options, sources=None):
    """Knows ``quick`` at once, and thinks of anything else forever."""
    if qualname != "quick":
        threading.Event().wait()
    return FunctionResult(name=qualname, line=1, verdict="proved", digest="d")
'''
_CLAUSE = '    """Do.\n\n    Ensures:\n        - ``result == 1``\n    """\n    return 1\n'


@pytest.fixture
def endless(tmp_path) -> Iterator[subprocess.Popen[str]]:
    """``lift check`` over a function that is checked at once and two that are never done with."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "scripted_check.py").write_text(_CHECK)
    names = ("quick", "slow", "slower")
    (tmp_path / "all.py").write_text("\n\n".join(f"def {name}() -> int:\n{_CLAUSE}" for name in names))
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPTED, "check", "all.py", "--seconds", "600"],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH=str(tmp_path / "lib")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    yield process
    process.kill()
    process.communicate()


def workers_of(parent: int) -> list[int]:
    """The workers that a process has started, alive or not yet buried."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, NotADirectoryError):
            continue
        if b"lift.verify.worker" in command and str(parent).encode() in command:
            found.append(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to look for processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_prints_what_is_known_and_leaves_no_process(endless, number):
    assert endless.stdout is not None
    head = [endless.stdout.readline() for _ in range(2)]
    assert head == ["all.py\n", "  ✓ quick  proved  0.00 s\n"]
    assert workers_of(endless.pid)
    endless.send_signal(number)
    rest, complaint = endless.communicate(timeout=60)
    assert (endless.returncode, complaint) == (130, "")
    assert "interrupted; 2 functions not checked\n3 functions · 1 proved · 2 unchecked" in rest
    assert workers_of(endless.pid) == []


def test_standard_output_that_is_closed_is_no_error(endless):
    assert endless.stdout is not None
    endless.stdout.readline()
    endless.stdout.close()
    endless.stdout = None
    endless.send_signal(signal.SIGINT)
    _, complaint = endless.communicate(timeout=60)
    assert (endless.returncode, complaint) == (141, "")
