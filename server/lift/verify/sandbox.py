"""Runs one function of the user's on many inputs, in a process of its own: the child's side of replay.

Started as a script, with the standard library only: it and its parts (``sandbox_*.py``) must not import
lift, pydantic or z3, so that it starts in milliseconds and works within a small address space.
Messages: one JSON request on stdin; on stdout ``ready``, or why not, then a JSON line for each case.
"""

from __future__ import annotations

import json
import os
import sys

# Only the parts of this script may be found here, so the folder comes last and goes again: its own
# ``types.py`` would otherwise hide a standard module.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import sandbox_cases as cases  # pyright: ignore[reportMissingImports]
import sandbox_clauses as clauses  # pyright: ignore[reportMissingImports]
import sandbox_limits as limits  # pyright: ignore[reportMissingImports]

sys.path.pop()


def main() -> None:
    """Answer the request on stdin."""
    inbox, outbox = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    with open(inbox, "rb") as stream:
        request = json.load(stream)
    limits.confine(request["parent"], request["memory_mb"], request["cpu"])
    try:
        program = cases.Program(request)
    except Exception as error:
        _send(
            outbox, f"the definitions do not compile: {clauses.describe(error)}".replace("\n", " ").encode()
        )
        return
    _send(outbox, b"ready")
    for number, case in enumerate(request["cases"]):
        report = json.dumps(_run(program, case, request))
        _send(outbox, f"{request['token']}-{number} {report}".encode())


def _run(program: object, case: tuple, request: dict) -> dict:
    """One case; run again with tracing, which is slow, when the line of its return is of interest."""
    report = _bounded(program, case, request["per_case"], traced=False)
    if report["status"] == "ok" and request["steps"]:
        again = _bounded(program, case, request["per_case"] * 4, traced="steps")
        if again["status"] == "ok" and again["outcome"] == report["outcome"] | {
            "line": again["outcome"]["line"]
        }:
            return again
    if report["status"] != "ok" or report["outcome"]["kind"] != "returned":
        return report
    failed = any(verdict[0] is False for verdict in report["verdicts"].values())
    if failed or request["lines"]:
        again = _bounded(program, case, request["per_case"] * 4, traced=True)
        if again["status"] == "ok" and again["outcome"]["kind"] == "returned":
            report["outcome"]["line"] = again["outcome"]["line"]
    return report


def _bounded(program: object, case: tuple, seconds: float, traced: object) -> dict:
    clauses.State.denied = ""
    try:
        try:
            limits.start_timer(seconds)
            return cases.attempt(program, case, traced)
        finally:
            limits.stop_timer()
            sys.settrace(None)
    except clauses.Expired:
        return {"status": "timeout", "reason": f"it ran for more than {seconds:g} s"}
    except cases.Skipped as reason:
        return {"status": "skipped", "reason": str(reason)}
    except (cases.Broken, clauses.Denied) as reason:
        return {"status": "broken", "reason": str(reason)}
    except BaseException as error:
        return {"status": "broken", "reason": clauses.limit_of(error) or clauses.describe(error)}


def _send(outbox: int, line: bytes) -> None:
    line += b"\n"
    while line:
        line = line[os.write(outbox, line) :]


if __name__ == "__main__":
    main()
