"""What may be typed after ``lift``. Imports ``argparse`` and nothing else of weight."""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Callable
from typing import NoReturn

from lift import __version__

_ABOUT = """\
Reads specifications out of Python docstrings, proves or refutes them, and shows what they leave open.
What stands in double backticks under Requires: and Ensures: is checked; the rest is for people."""

_STATUS = """\
exit status: 0 fine; 1 something is refuted, ill-written or unreadable; 2 misuse
settings:    [tool.lift] in pyproject.toml, then LIFT_* in the environment, then the options here"""


def parser() -> argparse.ArgumentParser:
    """The parser; ``parse_args`` gives a namespace whose ``run`` takes that namespace."""
    top = _Parser(prog="lift", description=_ABOUT, epilog=_STATUS, formatter_class=_Layout)
    top.add_argument("--version", action="version", version=f"lift {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)
    _add_check(commands)
    _add_extract(commands)
    _add_holes(commands)
    _add_fill(commands)
    _add_infer(commands)
    _add_fix(commands)
    _add_enforce(commands)
    _add_testgen(commands)
    _add_serve(commands)
    _add_generate(commands)
    _add_log(commands)
    _add_diff(commands)
    _add_blame(commands)
    _add_restore(commands)
    commands.add_parser("lsp", help="serve an editor over the language server protocol", add_help=False)
    _add_doctor(commands)
    return top


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Keeps our line ends, and the option column narrow enough for an 80-column terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


class _Parser(argparse.ArgumentParser):
    """Names the nearest thing that exists when something is not known."""

    def __init__(self, **options) -> None:
        super().__init__(**{"formatter_class": _Layout, "allow_abbrev": False, **options})

    def parse_args(self, args=None, namespace=None):
        found, extra = self.parse_known_args(args, namespace)
        if extra:
            inner = self._subparser(getattr(found, "command", None))
            known = [o for p in (self, inner) if p for a in p._actions for o in a.option_strings]
            option = next((e for e in extra if e.startswith("-")), extra[0])
            (inner or self).error(f"there is no option {option}{_nearest(option.split('=')[0], known)}")
        if self._subparsers is not None and found.command is None:
            self.error("name a command, for example: lift check .")
        return found

    def _check_value(self, action, value) -> None:
        if action.choices is not None and value not in action.choices:
            what = "command" if action.dest == "command" else f"choice for {'/'.join(action.option_strings)}"
            choices = ", ".join(action.choices)
            near = _nearest(str(value), list(action.choices))
            self.error(f"{value!r} is no {what}{near or f'; choose from {choices}'}")

    def _subparser(self, command: str | None) -> argparse.ArgumentParser | None:
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction) and command is not None:
                return action.choices.get(command)
        return None

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}\nTry '{self.prog} --help'.", file=sys.stderr)
        raise SystemExit(2)


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _later(module: str, *, checks: bool = False) -> Callable[[argparse.Namespace], int]:
    """A command whose module is imported when it runs, while a worker starts if it is one that checks."""

    def run(arguments: argparse.Namespace) -> int:
        if checks:
            from lift.verify.launch import launch_ahead

            launch_ahead()
        return importlib.import_module(module).run(arguments)

    return run


def _add_check(commands) -> None:
    check = commands.add_parser(
        "check",
        help="prove or refute the specifications in files and folders",
        description="Checks every function that has a specification, and lists what is still open.",
        epilog=_STATUS,
    )
    _add_paths(check)
    check.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="text for people (default), json, SARIF 2.1.0, or GitHub annotations",
    )
    check.add_argument(
        "--explain",
        action="store_true",
        help="follow each counterexample line by line, and show the loop invariants that were found",
    )
    check.add_argument("-v", "--verbose", action="store_true", help="show the clauses that hold as well")
    check.add_argument("--seconds", type=float, metavar="S", help="time for one function (default 6)")
    check.add_argument("--memory-mb", type=int, metavar="MB", help="memory of a worker (default 2048)")
    check.add_argument("--workers", type=int, metavar="N", help="functions checked at the same time")
    check.add_argument(
        "--backend",
        choices=("lift", "crosshair"),
        help="crosshair: where something stays open, have CrossHair look for a counterexample as well",
    )
    check.add_argument(
        "--no-run-code",
        action="store_true",
        help="run nothing of what is checked; then nothing is refuted, since a refutation is replayed",
    )
    check.add_argument("--no-cache", action="store_true", help="neither use nor keep earlier results")
    _add_color(check)
    check.set_defaults(run=_later("lift.cli.commands.check", checks=True))


def _add_extract(commands) -> None:
    extract = commands.add_parser(
        "extract",
        help="write what is specified as data or as a document",
        description="Writes the specification that the code states: as JSON of lift's IR, or to be read.",
    )
    _add_paths(extract)
    extract.add_argument(
        "--format",
        choices=("json", "jsonl", "markdown"),
        default="json",
        help="an array of modules (default), a module a line, or a document",
    )
    extract.add_argument(
        "--all", action="store_true", help="in the document, functions without a specification as well"
    )
    extract.set_defaults(run=_later("lift.cli.commands.extract"))


def _add_holes(commands) -> None:
    holes = commands.add_parser(
        "holes",
        help="list what the specifications leave open",
        description="Lists the holes: types, terms, clauses, effects and bodies that nobody has written yet.",
    )
    _add_paths(holes)
    holes.add_argument(
        "--format",
        choices=("text", "json", "dot"),
        default="text",
        help="text (default), json, or with --graph dot, which Graphviz draws",
    )
    holes.add_argument(
        "--kind",
        action="append",
        choices=("intent", "type", "term", "clause", "effect", "body"),
        help="only holes of this kind; may be given several times",
    )
    holes.add_argument(
        "--graph", action="store_true", help="show which holes wait for which, and the order to fill them in"
    )
    _add_color(holes)
    holes.set_defaults(run=_later("lift.cli.commands.holes"))


def _add_fill(commands) -> None:
    fill = commands.add_parser(
        "fill",
        help="show what could fill the holes, and write it",
        description="Shows the best fillings of each hole with the evidence for them.",
        epilog="exit status: 0 fine; 1 a file cannot be read or parsed; 2 misuse",
    )
    _add_paths(
        fill, "PATH[::NAME]", "files and folders (default: this folder), or one function or class of a file"
    )
    fill.add_argument(
        "--kind",
        action="append",
        choices=("intent", "type", "term", "clause", "effect"),
        help="only holes of this kind; may be given several times",
    )
    fill.add_argument("--hole", metavar="ID", help="only this hole, by its id: NAME:KIND:HOLE")
    fill.add_argument(
        "--model",
        action="store_true",
        help="ask the model that the settings name where nothing else is found, or about --hole",
    )
    fill.add_argument(
        "--draft",
        action="store_true",
        help="draft specifications from the descriptions of functions that state nothing yet",
    )
    chosen = fill.add_mutually_exclusive_group()
    chosen.add_argument(
        "--apply", action="store_true", help="write the best filling where the evidence leaves no doubt"
    )
    chosen.add_argument("--choose", type=int, metavar="N", help="write candidate N of the only hole")
    chosen.add_argument(
        "-i",
        "--interactive",
        action="store_true",
        help="ask for each hole what to write, one after the other",
    )
    fill.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    fill.add_argument("--workers", type=int, metavar="N", help="functions looked at at the same time")
    _add_color(fill)
    fill.set_defaults(run=_later("lift.cli.commands.fill", checks=True))


def _add_infer(commands) -> None:
    infer = commands.add_parser(
        "infer",
        help="find specifications for functions that have none, each clause proved",
        description="Shows what can be proved of functions without Ensures, and the docstring that says it.",
        epilog="exit status: 0 fine; 1 a file cannot be read or parsed; 2 misuse",
    )
    _add_paths(
        infer, "PATH[::FUNCTION]", "files and folders (default: this folder), or one function of a file"
    )
    infer.add_argument("--apply", action="store_true", help="write the clauses into the docstrings")
    infer.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    infer.add_argument("--workers", type=int, metavar="N", help="functions looked at at the same time")
    _add_color(infer)
    infer.set_defaults(run=_later("lift.cli.commands.infer", checks=True))


def _add_fix(commands) -> None:
    fix = commands.add_parser(
        "fix",
        help="show what would mend the functions that are refuted",
        description="Lists repairs as differences, each proved before it is shown.",
        epilog="exit status: 0 nothing is refuted any more; 1 something is; 2 misuse",
    )
    _add_paths(fix, "PATH[::FUNCTION]", "files and folders (default: this folder), or one function of a file")
    fix.add_argument(
        "--apply",
        nargs="?",
        const=1,
        type=_positive,
        metavar="N",
        help="change the files: the first repair of each function, or the one with this number",
    )
    fix.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    fix.add_argument("--seconds", type=float, metavar="S", help="time for one function (default 6)")
    fix.add_argument("--workers", type=int, metavar="N", help="functions looked at at the same time")
    fix.add_argument("--no-cache", action="store_true", help="neither use nor keep earlier results")
    _add_color(fix)
    fix.set_defaults(run=_later("lift.cli.commands.fix", checks=True))


def _add_enforce(commands) -> None:
    enforce = commands.add_parser(
        "enforce",
        help="write what docstrings state into the code, to be enforced as it runs",
        description="Shows what would enforce the checked Requires and Ensures, as a difference.",
        epilog="exit status: 0 fine; 1 a file or the named function cannot be changed; 2 misuse",
    )
    _add_paths(
        enforce, "PATH[::FUNCTION]", "files and folders (default: this folder), or one function of a file"
    )
    enforce.add_argument(
        "--style",
        choices=("icontract", "assert"),
        default="icontract",
        help="decorators of icontract (default), or assertions in the body",
    )
    enforce.add_argument("--apply", action="store_true", help="write it into the files")
    enforce.set_defaults(run=_later("lift.cli.commands.enforce"))


def _add_testgen(commands) -> None:
    testgen = commands.add_parser(
        "testgen",
        help="write tests for pytest and Hypothesis from specifications",
        description="Prints tests of all that is stated, on inputs that Requires allows, or writes them.",
        epilog="exit status: 0 fine; 1 nothing could be tested, or a file could not be read; 2 misuse",
    )
    _add_paths(
        testgen, "PATH[::FUNCTION]", "files and folders (default: this folder), or one function of a file"
    )
    testgen.add_argument("--write", action="store_true", help="write them into the project's tests")
    testgen.add_argument("--output", metavar="FILE", help="write them into this file")
    testgen.add_argument("--force", action="store_true", help="also over a file that was changed by hand")
    testgen.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    testgen.set_defaults(run=_later("lift.cli.commands.testgen"))


def _add_serve(commands) -> None:
    serve = commands.add_parser(
        "serve",
        help="serve a language model of your own for lift",
        description="Deploys SGLang with a code model on Modal, shows how it stands, and stops it.",
        epilog="exit status: 0 done; 1 Modal did not do it, and why is said; 2 misuse",
    )
    serve.add_argument("place", choices=("modal",), help="where it runs")
    serve.add_argument("verb", choices=("deploy", "status", "stop"), help="what to do")
    serve.add_argument(
        "--model",
        choices=("default", "small"),
        default="default",
        help="a 30B model on an H100, or a 7B on an L4",
    )
    serve.add_argument(
        "--containers", type=_positive, default=1, metavar="N", help="most containers at once (default 1)"
    )
    serve.set_defaults(run=_later("lift.cli.commands.serve"))


def _add_generate(commands) -> None:
    generate = commands.add_parser(
        "generate",
        help="write a function's body, checked against its specification",
        description="Looks for bodies with a solver, and with a model if there is one, and checks each.",
        epilog="exit status: 0 something passed every check; 1 nothing did; 2 misuse",
    )
    generate.add_argument(
        "target", metavar="PATH::NAME|SENTENCE", help="a function of a file, or what one is to do"
    )
    generate.add_argument(
        "--apply",
        nargs="?",
        const=1,
        type=_positive,
        metavar="N",
        help="write the first candidate into the file, or the one with this number",
    )
    generate.add_argument("--into", metavar="FILE", help="for a sentence: the file that gets the function")
    generate.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    generate.add_argument(
        "--candidates", type=_positive, metavar="N", help="asked of a model in a round (default 8)"
    )
    generate.add_argument(
        "--rounds", type=_positive, default=3, metavar="N", help="with a model, at most (default 3)"
    )
    generate.add_argument("--no-model", action="store_true", help="ask no model, even if there is one")
    generate.add_argument(
        "--timeout", type=_seconds, default=180.0, metavar="S", help="seconds for all of it (default 180)"
    )
    generate.add_argument("--workers", type=int, metavar="N", help="candidates checked at the same time")
    _add_color(generate)
    generate.set_defaults(run=_later("lift.cli.commands.generate", checks=True), exclude=[])


_FUNCTIONS = "files and folders (default: this folder), or one function of a file"


def _add_log(commands) -> None:
    log = commands.add_parser(
        "log",
        help="list the states that specifications went through",
        description="Lists the states that were checked, the newest first, and what changed with each.",
        epilog="exit status: 0 fine; 1 nothing is remembered of what is named; 2 misuse",
    )
    _add_paths(log, "PATH[::FUNCTION]", _FUNCTIONS)
    log.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    _add_color(log)
    log.set_defaults(run=_later("lift.cli.commands.log"))


def _add_diff(commands) -> None:
    diff = commands.add_parser(
        "diff",
        help="show what differs between two states of a specification",
        description="Compares what is stated, not how: clauses added, removed, weakened or strengthened.",
        epilog="exit status: 0 fine; 1 nothing is remembered of what is named; 2 misuse",
    )
    _add_paths(diff, "PATH[::FUNCTION]", _FUNCTIONS)
    diff.add_argument(
        "--from",
        dest="old",
        type=_positive,
        metavar="N",
        help="the older state (default: the one before that says something else)",
    )
    diff.add_argument(
        "--to", dest="new", type=_positive, metavar="M", help="the newer state (default: the text now)"
    )
    diff.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    _add_color(diff)
    diff.set_defaults(run=_later("lift.cli.commands.diff", checks=True))


def _add_blame(commands) -> None:
    blame = commands.add_parser(
        "blame",
        help="show who wrote each clause, when it came in, and how it stands",
        description="Lists the clauses that are stated now, with what the history knows of each.",
        epilog="exit status: 0 fine; 1 nothing is stated, or a file cannot be read; 2 misuse",
    )
    _add_paths(blame, "PATH[::FUNCTION]", _FUNCTIONS)
    blame.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    _add_color(blame)
    blame.set_defaults(run=_later("lift.cli.commands.blame"))


def _add_restore(commands) -> None:
    restore = commands.add_parser(
        "restore",
        help="bring an earlier state of a specification back",
        description="Shows how the docstring of an earlier state comes back; the body is not touched.",
        epilog="exit status: 0 fine; 1 the state does not fit any more; 2 misuse",
    )
    restore.add_argument("target", metavar="PATH::FUNCTION", help="one function of a file")
    restore.add_argument("state", type=_positive, metavar="N", help="the state's number in `lift log`")
    restore.add_argument("--apply", action="store_true", help="write it into the file")
    _add_color(restore)
    restore.set_defaults(run=_later("lift.cli.commands.restore"), exclude=[])


def _seconds(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 86_400:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _add_doctor(commands) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="look at the installation and say how to repair it",
        description="Looks at the interpreter, solvers, sandbox, cache and model, and at the editors' hooks.",
        epilog="exit status: 0 lift works here; 1 something that it needs is missing",
    )
    doctor.add_argument(
        "--models", action="store_true", help="ask the server of the model that is set up whether it answers"
    )
    doctor.add_argument(
        "--bundle",
        nargs="?",
        const="lift-report.zip",
        metavar="FILE",
        help="write what was found to a ZIP file for a report, without source text, keys or names",
    )
    doctor.add_argument("--log", metavar="FILE", help="with --bundle: put in the end of this log of lift-lsp")
    doctor.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    _add_color(doctor)
    doctor.set_defaults(run=_later("lift.cli.commands.doctor"))


def _add_paths(
    command: argparse.ArgumentParser,
    metavar: str = "PATH",
    about: str = "files and folders (default: this folder)",
) -> None:
    command.add_argument("paths", nargs="*", default=["."], metavar=metavar, help=about)
    command.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="glob of files and folders not to walk into; may be given several times",
    )


def _add_color(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours: on a terminal (auto, default), always or never",
    )
