"""``pytest --lift``: every clause that can be evaluated is enforced while the tests run.

Without the option this costs pytest one small import; everything else is loaded when it is given.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lift.runtime.enforcing import Enforcer

_KEY = pytest.StashKey["Enforcer"]()
_TOTAL = pytest.StashKey[dict[str, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("lift", "specifications")
    group.addoption(
        "--lift",
        action="store_true",
        help="enforce the specifications in the docstrings of the project's own modules",
    )
    group.addoption(
        "--lift-only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only functions whose module.function fits; may be given several times",
    )
    parser.addini("lift", "as --lift", type="bool", default=False)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begins before any module of the project is imported."""
    given = early_config.known_args_namespace
    if not (getattr(given, "lift", False) or early_config.getini("lift")):
        return
    import sys
    import sysconfig
    from pathlib import Path

    from lift.runtime.enforcing import Enforcer
    from lift.runtime.guard import Tally

    installed = {Path(p).resolve() for p in sysconfig.get_paths().values()} | {Path(sys.prefix).resolve()}
    root = early_config.rootpath.resolve()
    # An environment that holds the project is not one of its folders.
    except_ = tuple(p for p in installed if not root.is_relative_to(p))
    only = tuple(getattr(given, "lift_only", None) or ())
    enforcer = Enforcer((root,), Tally(), only, except_)
    early_config.stash[_KEY] = enforcer
    enforcer.install()


def pytest_configure(config: pytest.Config) -> None:
    """The marker of tests that break specifications on purpose."""
    config.addinivalue_line(
        "markers", "lift_breaks: the test breaks specifications on purpose (pytest --lift)"
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leaves imports alone again."""
    enforcer = config.stash.get(_KEY, None)
    if enforcer is not None:
        enforcer.uninstall()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A breach that the code under test swallowed fails the test all the same."""
    enforcer = item.config.stash.get(_KEY, None)
    if enforcer is None or item.get_closest_marker("lift_breaks") is not None:
        return (yield)
    enforcer.tally.broken.clear()
    result = yield
    if enforcer.tally.broken:
        raise enforcer.tally.broken[0]
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hands what was enforced to the process that sums up."""
    enforcer, output = session.config.stash.get(_KEY, None), getattr(session.config, "workeroutput", None)
    if enforcer is not None and output is not None:
        output["lift"] = _counts(enforcer)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker enforced."""
    counts = getattr(node, "workeroutput", {}).get("lift")
    if counts is not None:
        node.config.stash[_TOTAL] = _joined(node.config.stash.get(_TOTAL, None), counts)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """How much was enforced, and what was not."""
    enforcer = config.stash.get(_KEY, None)
    if enforcer is None:
        return
    counts = _joined(config.stash.get(_TOTAL, None), _counts(enforcer))
    functions, clauses = len(counts["functions"]), sum(counts["functions"].values())
    parts = _number(clauses, "clause"), _number(functions, "function"), _number(counts["calls"], "call")
    line = "lift: enforced {} of {} in {}".format(*parts)
    skipped = [f"{number} {why}" for why, number in sorted(counts["skipped"].items())]
    if skipped:
        line += f"; skipped: {', '.join(skipped)}"
    if counts["undecided"]:
        line += f"; {_number(counts['undecided'], 'clause')} had no value on a call"
    terminalreporter.write_line(line)


def _counts(enforcer: Enforcer) -> dict[str, Any]:
    tally = enforcer.tally
    return {
        "functions": dict(tally.functions),
        "skipped": dict(tally.skipped),
        "calls": tally.calls,
        "undecided": tally.undecided,
    }


def _joined(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """Counts of several processes: each imports the modules anew, but calls are different ones."""
    if one is None:
        return other
    skipped = {
        w: max(one["skipped"].get(w, 0), other["skipped"].get(w, 0))
        for w in one["skipped"] | other["skipped"]
    }
    return {
        "functions": one["functions"] | other["functions"],
        "skipped": skipped,
        "calls": one["calls"] + other["calls"],
        "undecided": one["undecided"] + other["undecided"],
    }


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
