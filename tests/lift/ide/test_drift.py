"""Drift: code and specification that were changed apart, and everything that is not that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lift.config import Config
from lift.edit import apply
from lift.ide import actions_at
from lift.ide.findings import Finding, findings_of
from lift.ide.history import remember
from lift.project import Project
from lift.source.text import Snapshot

PROVED = '''\
def digits(text: str) -> int:
    """Count digits.

    Ensures:
        - ``0 <= result <= len(text)``
    """
    return len([c for c in text if "0" <= c <= "9"])
'''
# That it is not modelled is what makes it undecided; what runs does not break it.
OPAQUE = PROVED.replace('text if "0" <= c <= "9"', "text.encode() if 48 <= c < 58")
REFUTED = PROVED.replace("return len(", "return -len(")
OTHER = PROVED.replace('"9"])', '"8"])')
LAYOUT = PROVED.replace("    return", "    # as it stands\n    return").replace(
    "result <= len", "result<=len"
)
MORE = "        - ``result <= len(text.encode())``\n"
STATED = PROVED.replace('    """\n    return', f'{MORE}    """\n    return')
BOTH = OPAQUE.replace("0 <= result <=", "-1 <= result <=")
CALLER = "\n\n" + PROVED.replace("digits", "again").replace(
    'return len([c for c in text if "0" <= c <= "9"])', "return digits(text)"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("drift")
    project = Project(folder, Config(cache=str(folder / "kept"), seconds=30.0))
    yield project
    project.close()


def check(project: Project, file: Path, text: str) -> None:
    """Check a text as a command or a save does it."""
    list(project.collect(project.begin(Snapshot(str(file), None, text))))
    remember(project, str(file))
    project.chronicle.flush()


def drifts(project: Project, file: Path) -> list[Finding]:
    return [f for f in findings_of(project, str(file)) if f.code == "drift"]


def test_code_that_moved_on_without_its_specification(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    check(project, file, PROVED)
    assert drifts(project, file) == []
    check(project, file, OPAQUE)
    (found,) = drifts(project, file)
    assert found.message == (
        "digits was proved in state 1; its code was changed since, and its specification was not:"
        " ``0 <= result <= len(text)`` could not be decided again (str.encode())"
    )
    assert (found.severity, found.span.start.line) == ("warning", 5)
    assert found.data["function"] == "digits"
    assert found.data["state"] == "1"
    # It stays while nothing decides it, in another process and after another check of the same.
    later = Project(project.root, project.config)
    try:
        later.analyse(Snapshot(str(file), None, OPAQUE))
        assert drifts(later, file) == [found]
    finally:
        later.close()
    check(project, file, OPAQUE.replace("< 58", "<= 57"))
    assert len(drifts(project, file)) == 1
    # A check that confirms it, or going back, ends it.
    check(project, file, OTHER)
    assert drifts(project, file) == []


def test_a_specification_that_moved_on_without_its_code(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    check(project, file, PROVED)
    before = project.config
    try:
        # What is not modelled is tried out for as long as there is time.
        project.configure(replace(before, seconds=2.0))
        check(project, file, STATED)
        (found,) = drifts(project, file)
        (action,) = [a for a in actions_at(project, str(file), found.span) if a.finding.code == "drift"]
        assert action.title == "Restore the specification of state 1"
        assert apply(STATED, action.edits) == PROVED
    finally:
        project.configure(before)
    assert found.message.startswith(
        "digits was proved in state 1; its specification was changed since, and its code was not: ``"
    )
    # On a machine that is busy even the first clause may be undecided after two seconds.
    assert 6 in {found.span.start.line, *(span.start.line for span, _ in found.related)}
    check(project, file, PROVED)
    assert drifts(project, file) == []


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([OPAQUE], id="never known"),
        pytest.param([OPAQUE, OPAQUE.replace("58", "57")], id="never known, and changed"),
        pytest.param([PROVED, OTHER], id="proved again"),
        pytest.param([PROVED, LAYOUT], id="layout"),
        pytest.param([PROVED, REFUTED], id="refuted, which says more"),
        pytest.param([PROVED, BOTH], id="changed together"),
        pytest.param([PROVED, OPAQUE, PROVED], id="taken back"),
        pytest.param([PROVED + CALLER, OPAQUE + CALLER, BOTH + CALLER], id="a callee changed"),
        pytest.param([PROVED, PROVED.replace("    return len", "    ...  # return len")], id="an open body"),
        pytest.param([PROVED, PROVED.replace("<= len(text)", "<= ?most")], id="a hole"),
        pytest.param([PROVED, PROVED.replace("<= len(text)", "<= nothing")], id="an ill-written clause"),
    ],
)
def test_what_is_no_drift(project: Project, tmp_path: Path, texts: list[str]) -> None:
    file = tmp_path / "a.py"
    for text in texts:
        check(project, file, text)
    assert drifts(project, file) == []


def test_nothing_is_said_while_somebody_types(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    check(project, file, PROVED)
    project.analyse(Snapshot(str(file), None, OPAQUE))
    assert drifts(project, file) == []
    project.analyse(Snapshot(str(file), None, OPAQUE + "def broken(:\n"))
    assert drifts(project, file) == []


def test_its_severity_is_the_users(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    check(project, file, PROVED)
    check(project, file, OPAQUE)
    before = project.config
    try:
        for severity in ("error", "off"):
            project.configure(replace(before, severity={**before.severity, "drift": severity}))
            assert [f.severity for f in drifts(project, file)] == ([] if severity == "off" else ["error"])
    finally:
        project.configure(before)
