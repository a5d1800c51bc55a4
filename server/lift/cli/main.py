"""The ``lift`` command: picks the sub-command, and turns what went wrong into an exit status.

Imports the standard library only, and few modules of that, so that ``lift --help`` is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

FINE, FOUND, MISUSE = 0, 1, 2
# What a shell reports for a program that was ended by SIGINT or SIGPIPE.
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs ``lift`` with ``argv`` (the process's arguments if None) and returns its exit status.

    Returns:
        0 if all is fine, 1 if something is refuted or broken, 2 on misuse, 130 after Ctrl-C, 141 if the
        reader of the output went away.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes standard output once more on its way out, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return status


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["lsp"]:
        # The server has a command line of its own, which `lift-lsp` shows as well.
        from lift.lsp.main import main as serve

        return serve(arguments[1:]) or FINE
    from lift.cli.arguments import parser

    try:
        chosen = parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else MISUSE
    from lift.cli.files import Misuse

    try:
        return chosen.run(chosen)
    except Misuse as misuse:
        print(f"lift {chosen.command}: {misuse}", file=sys.stderr)
        return MISUSE


if __name__ == "__main__":
    sys.exit(main())
