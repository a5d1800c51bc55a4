"""``lift/status``: the queue, the workers, the cache and the times, of a real server at work."""

from __future__ import annotations

import os
from typing import Any

import pytest
from lift.verify.picture import quantile, resident_bytes

from .test_server import Editor, Opener, opened  # noqa: F401

TWO = """def first(a: int) -> int:
    \"\"\"The number.

    Ensures:
        - ``result == a``
    \"\"\"
    return a


def second(a: int) -> int:
    \"\"\"The number after it.

    Ensures:
        - ``result > a``
    \"\"\"
    return a + 1
"""


async def status(editor: Editor) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and its only folder."""
    answer = await editor.request("lift/status", {})
    (folder,) = answer["folders"]
    return answer, folder


async def test_it_counts_checks_workers_and_what_the_cache_knew(opened: Opener) -> None:  # noqa: F811
    async with opened(TWO) as editor:
        await editor.hover(0, 5)
        before, folder = await status(editor)
        assert (folder["queued"], folder["checks"]["count"], folder["checks"]["median"]) == (0, 0, None)
        await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        after, folder = await status(editor)
        assert folder["checks"]["count"] == 2
        assert 0 < folder["checks"]["median"] <= folder["checks"]["p95"]
        assert folder["cacheMisses"] > 0
        assert folder["cacheHits"] == 0
        assert folder["processes"]
        for process in folder["processes"]:
            os.kill(process["pid"], 0)
            assert process["rssBytes"] is None or process["rssBytes"] > 1_000_000
        assert after["uptime"] > before["uptime"] > 0
    async with opened(TWO) as editor:
        await editor.request("lift/verify", {"textDocument": {"uri": editor.uri}})
        assert (await status(editor))[1]["cacheHits"] > 0


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [((), 0.5, None), ((3.0,), 0.95, 3.0), ((4.0, 1.0, 3.0, 2.0), 0.5, 2.0), (range(1, 101), 0.95, 95)],
)
def test_a_quantile_is_a_value_that_was_seen(values: Any, share: float, wanted: float | None) -> None:
    assert quantile(values, share) == wanted


def test_no_process_has_no_memory() -> None:
    assert resident_bytes(2**30) is None
