"""Fillings that somebody suggests in words, a model for one: each is judged in a worker before it is shown.

``asking`` asks a model and reads what it says; ``judge`` holds each suggestion against the text, the other
clauses and the body; ``search`` joins the two. Who suggests something is never believed.
"""

from __future__ import annotations

ENTRY = "lift.resolve.suggest.judge:judge"
"""What a worker calls."""

SECONDS = 45.0
"""Wall-clock budget for judging what was suggested for one hole."""
