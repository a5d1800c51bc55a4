"""CrossHair's search for inputs of one function, in a process of its own: the child's side.

Started as a script. It must not import lift: it confines itself as the sandbox does, loads the definitions
as the sandbox does, and has CrossHair look for inputs that break their contracts. Messages: one JSON request
on stdin; on stdout a JSON line for each input, parameter to Python expression, and one for the end.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    """Answer the request on stdin."""
    inbox, outbox = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    with open(inbox, "rb") as stream:
        request = json.load(stream)
    sys.path[:] = [*request["path"], os.path.dirname(_HERE)]
    try:
        _explore(request, outbox)
    except BaseException as error:
        _send(outbox, {"end": f"{type(error).__name__}: {error}"})
        return
    _send(outbox, {"end": ""})


def _explore(request: dict[str, Any], outbox: int) -> None:
    import copy

    import icontract  # pyright: ignore[reportMissingImports]
    import sandbox_cases as cases  # pyright: ignore[reportMissingImports]
    import sandbox_limits as limits  # pyright: ignore[reportMissingImports]
    from crosshair.core_and_libs import (  # pyright: ignore[reportMissingImports]
        analyze_function,
        run_checkables,
    )
    from crosshair.fnutil import FunctionInfo  # pyright: ignore[reportMissingImports]
    from crosshair.options import (  # pyright: ignore[reportMissingImports]
        AnalysisKind,
        AnalysisOptionSet,
    )

    # Only the parts of the sandbox may be found there: its own ``types.py`` would hide a standard module.
    sys.path.pop()
    limits.confine(request["parent"], request["memory_mb"], request["cpu"], threads=True)
    program = cases.Program(request)
    program.builtins |= {request["icontract"]: icontract, request["copy"]: copy}
    _remember(program.filename, request["source"])
    names = cases.load(program)
    *owners, name = program.function.split(".")
    if owners:
        holder = names[owners[0]]
        for part in owners[1:]:
            holder = getattr(holder, part)
        info = FunctionInfo.from_class(holder, name)
        bound = isinstance(info.descriptor, classmethod)
    else:
        info = FunctionInfo.from_module(sys.modules[cases.MODULE], name)
        bound = False
    unwritten = {program.parameters[0][0]} if owners and (bound or name == "__init__") else set()
    asked = AnalysisOptionSet([AnalysisKind.icontract], per_condition_timeout=request["seconds"])
    checkables: list[Any] = analyze_function(info, asked)

    def report(arguments: Any, _result: object, known: Any) -> tuple[str, str]:
        _send(outbox, {"arguments": _spelled(arguments, unwritten, known)})
        return "", ""

    for one in checkables:
        if hasattr(one, "conditions"):
            one.conditions = dataclasses.replace(one.conditions, counterexample_description_maker=report)
            one.options.per_condition_timeout = max(1.0, request["seconds"] / len(checkables))
            run_checkables([one])


def _spelled(arguments: Any, unwritten: set[str], known: Any) -> dict[str, str]:
    """Each argument as an expression; where two share an object, the first one names it."""
    from crosshair.tracers import ResumedTracing  # pyright: ignore[reportMissingImports]
    from crosshair.util import EvalFriendlyReprContext  # pyright: ignore[reportMissingImports]

    with ResumedTracing(), EvalFriendlyReprContext(known) as context:
        texts = {n: repr(v) for n, v in arguments.arguments.items() if n not in unwritten}
    # The names are tidied over all texts at once, since they cross from one to the next.
    tidied = context.cleanup("\0".join(texts.values()))
    return dict(zip(texts, tidied.split("\0"), strict=True))


def _remember(filename: str, text: str) -> None:
    """Let ``inspect`` find the source of what was never a file."""
    import linecache

    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)


def _send(outbox: int, message: dict[str, Any]) -> None:
    line = json.dumps(message).encode() + b"\n"
    while line:
        line = line[os.write(outbox, line) :]


if __name__ == "__main__":
    main()
