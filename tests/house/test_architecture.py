"""What docs/architecture.md calls invariant: layers, imports that wait, modules that say why they exist."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server" / "lift"
MODULES = sorted([*SERVER.rglob("*.py"), *(ROOT / "shared-ir" / "lift_ir").glob("*.py")])
HEAVY = ("z3", "cvc5", "jedi", "libcst", "torch", "anthropic", "openai", "httpx2", "keyring", "xllamacpp")
LONGEST_MODULE = 600


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lint_imports(folder: Path) -> str:
    """What import-linter says about the packages in ``folder``, under this repository's contracts."""
    code = (
        "import sys; sys.path[:0] = ['server', 'shared-ir']; from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout + done.stderr


VIOLATIONS = {
    "Each layer imports only the layers below it": ("server/lift/store/intruder.py", "import lift.extract\n"),
    "The IR knows nothing of lift": ("shared-ir/lift_ir/intruder.py", "import lift\n"),
    "Only lift.lsp imports pygls or lsprotocol": ("server/lift/ide/intruder.py", "import lsprotocol\n"),
    "Only lift.cli imports rich": ("server/lift/lsp/intruder.py", "import rich\n"),
    "Only lift.verify imports the solvers, and the doctor to try them": (
        "server/lift/extract/intruder.py",
        "import z3\n",
    ),
    "Only lift.generate imports the HTTP library": ("server/lift/ide/caller.py", "import httpx2\n"),
}


@pytest.mark.slow
def test_each_contract_notices_a_violation(tmp_path: Path) -> None:
    for part in ("server", "shared-ir"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for path, text in VIOLATIONS.values():
        (tmp_path / path).write_text(text, encoding="utf-8")
    said = lint_imports(tmp_path)
    contracts = re.findall(r"^name = (.+)$", (ROOT / ".importlinter").read_text(), re.MULTILINE)
    assert sorted(contracts) == sorted(VIOLATIONS)
    assert [name for name in contracts if f"{name} BROKEN" not in said] == [], said


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded after ``code`` ran in a fresh interpreter."""
    script = (
        f"import sys, json\n{code}\njson.dump(sorted({{m.split('.')[0] for m in sys.modules}}), sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


FORBIDDEN_AT_START = [
    ("import lift", (*HEAVY, "pydantic", "pygls", "rich")),
    ("import lift_ir", (*HEAVY, "lift", "pygls", "rich")),
    ("import lift.extract", (*HEAVY, "pygls", "rich")),
    ("import lift.generate.registry", (*HEAVY, "pygls", "rich", "sqlite3")),
    ("import lift.project", (*HEAVY, "pygls", "rich")),
    ("import lift.lsp.main", (*HEAVY, "rich")),
    ("import lift.lsp.session", (*HEAVY, "pygls", "lsprotocol", "cattrs", "rich")),
    ("from lift.cli.main import main\nmain(['--help'])", (*HEAVY, "pydantic", "pygls", "rich")),
]


@pytest.mark.parametrize(("code", "forbidden"), FORBIDDEN_AT_START, ids=[c for c, _ in FORBIDDEN_AT_START])
def test_heavy_imports_wait_until_they_are_used(code: str, forbidden: tuple[str, ...]) -> None:
    assert loaded_by(code) & set(forbidden) == set()


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_says_why_it_exists_and_stays_readable(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "a module opens with its reason"


VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def test_no_module_has_a_vague_name() -> None:
    assert [named(module) for module in MODULES if module.stem in VAGUE] == []


@pytest.mark.parametrize("script", sorted(ROOT.glob("tools/*.sh")), ids=named)
def test_scripts_are_strict_and_parse(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert re.search(r"^set -\w*u\w*o pipefail$", script.read_text(encoding="utf-8"), re.MULTILINE)


def test_what_lift_ide_offers_is_there_under_the_same_name() -> None:
    from lift import ide

    assert sorted(ide._HOME) == sorted(ide.__all__)
    assert [name for name in ide.__all__ if getattr(ide, name, None) is None] == []
    # A module of that name would stand before the function once it is imported.
    assert [name for name in ide.__all__ if (SERVER / "ide" / f"{name}.py").exists()] == []
