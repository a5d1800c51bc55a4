"""Asking a person what to write into a hole: numbered candidates, an answer on one line.

Works the same from a terminal and from a pipe, whose end is the wish to stop.
"""

from __future__ import annotations

import sys
from typing import Literal

from lift_ir import Candidate, Hole

Answer = Candidate | Literal["skip", "stop"]

HELP = "a number takes that candidate; = and a text writes that text; Enter skips; q ends"


def ask(hole: Hole) -> Answer:
    """The candidate that the person wants, one that was typed, or a wish to go on or to stop."""
    count = len(hole.candidates)
    numbers = "" if not count else "1, " if count == 1 else f"1-{count}, "
    while True:
        sys.stdout.write(f"    {numbers}=TEXT, Enter to skip, q to stop > ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            # What a pipe says is not echoed, so that the next line would go on behind the question.
            sys.stdout.write(f"{line.strip()}\n")
        if not line:
            return "stop"
        answer = line.strip()
        match answer.lower():
            case "" | "s" | "skip":
                return "skip"
            case "q" | "quit":
                return "stop"
        if answer.startswith("=") and answer[1:].strip():
            return Candidate(text=answer[1:].strip(), evidence="it was typed in", score=0.0)
        if answer.isdecimal() and 1 <= int(answer) <= count:
            return hole.candidates[int(answer) - 1]
        sys.stdout.write(f"    {HELP}\n")
