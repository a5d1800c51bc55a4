"""The documentation is true: links lead somewhere, examples run, codes, keys and commands are described."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import get_args

import lift_ir
import pytest
from lift.config import DEFAULT_SEVERITY, KEYS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md"), *(ROOT / "changes").rglob("*.md")])
LINK = re.compile(r"(?<!`)!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((<[^>]+>|[^)\s]+)(?:\s+\"[^\"]*\")?\)")
IMAGE = re.compile(r"<(?:img|source)[^>]+(?:src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown viewer makes of a page's headings."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    for heading in HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = 0
        while (candidate := slug if count == 0 else f"{slug}-{count}") in found:
            count += 1
        found.add(candidate)
    return found


def links(page: Path) -> list[str]:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return [link.strip("<>") for link in LINK.findall(text) + IMAGE.findall(text)]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or target.suffix != ".md" or anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    inner = [link for link in links(page) if not re.match(r"[a-z]+:", link)]
    assert [link for link in inner if not leads_somewhere(page, link)] == []


@pytest.fixture(scope="session")
def console_blocks() -> ModuleType:
    """``tools/console_blocks.py``, which is no package."""
    spec = importlib.util.spec_from_file_location("console_blocks", ROOT / "tools" / "console_blocks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def has_examples(page: Path) -> bool:
    return (
        re.search(r"^ *```python|^\$ (?:lift|pytest) ", page.read_text(encoding="utf-8"), re.MULTILINE)
        is not None
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if has_examples(page)], ids=named)
def test_examples_run_and_print_what_the_page_says(page: Path, console_blocks: ModuleType) -> None:
    shown = console_blocks.settled(page.read_text(encoding="utf-8"))
    # To write down what is printed now: .venv/bin/python tools/console_blocks.py PAGE
    assert shown == console_blocks.settled(console_blocks.rewritten(page))


@pytest.mark.parametrize("code", get_args(lift_ir.Code))
def test_every_diagnostic_has_a_page_with_its_severity(code: str) -> None:
    page = (DOCS / "reference" / "diagnostics" / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# `{code}`\n")
    assert f"\nDefault severity: **{DEFAULT_SEVERITY[code]}**" in page


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        waiting += [
            (page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link
        ]
    assert sorted(named(page) for page in set(DOCS.rglob("*.md")) - seen) == []


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_is_described(key: str) -> None:
    assert f"`{key}`" in (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")


def test_every_command_and_option_is_described() -> None:
    from lift.cli.arguments import parser

    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    actions = [action for action in parser()._actions if action.choices]
    commands = dict(actions[0].choices or {})
    options = {
        option
        for command in commands.values()
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--")
    }
    missing = [name for name in commands if f"## `lift {name}" not in page]
    assert missing + [option for option in sorted(options) if f"`{option}" not in page] == []


PRIVATE = re.compile(
    "|".join(
        [
            r"/work/" + r"(?:main|shared|\.library)\b",
            r"(?<![\w.}/])/" + r"root/",
            r"/tmp/" + r"plan",
            r"registry" + r"\.npmjs",
            r"files\.python" + r"hosted",
            r"pypi\.org/" + r"simple",
            r"deb\.deb" + r"ian\.org",
        ]
    )
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[str] = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".gif", ".whl"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}:{text.count(chr(10), 0, m.start()) + 1}: {m[0]}" for m in PRIVATE.finditer(text)]
    assert found == []
