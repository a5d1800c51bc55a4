"""Doctests as programs for a replay: the statements as doctest runs them, and the output that it compares.

A doctest takes no input, so that one run decides it. Must not run anything itself.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from lift_ir import Example

from lift.verify.entry import Target
from lift.verify.replay import Check
from lift.verify.replay import Program as ReplayProgram
from lift.verify.trial import linked
from lift.verify.values import Unsupported

_TRACEBACK = re.compile(r"Traceback \((most recent call last|innermost last)\):")
_DIRECTIVE = re.compile(r"#\s*doctest:\s*([^\n\"']*)$", re.MULTILINE)
_UNDERSTOOD = {"ELLIPSIS", "NORMALIZE_WHITESPACE", "IGNORE_EXCEPTION_DETAIL", "SKIP"}
_ENTRY = "__example__"
_HARNESS = """
__lift_out__ = []

def print(*values, sep=None, end=None, file=None, flush=False):
    if file is None:
        text = (" " if sep is None else sep).join(map(str, values)) + ("\\n" if end is None else end)
        __lift_out__.append(text)

def __lift_show__(value):
    if value is not None:
        __lift_out__.append(repr(value) + "\\n")
"""


_ITSELF = """

class __lift_module__:
    def __getattr__(self, name):
        return globals()[name]

{module} = __lift_module__()
"""


class NotRunnable(Exception):
    """A doctest that cannot run on its own; the text says why."""


def program_of(target: Target, example: Example, before: Sequence[Example]) -> ReplayProgram:
    """A program that runs one doctest after those before it, and compares what it shows.

    Raises:
        NotRunnable: It cannot run on its own, or is marked to be skipped.
    """
    flags = _flags(example)
    if "SKIP" in flags:
        raise NotRunnable("a doctest that is marked to be skipped")
    if flags - _UNDERSTOOD:
        raise NotRunnable(f"a doctest with the option {min(flags - _UNDERSTOOD)}")
    # An example that raises binds nothing, so that those after it do without.
    earlier = [s for e in before if "SKIP" not in _flags(e) and not _raises(e) for s in _statements(e)]
    last = _statements(example)
    if _raises(example):
        body = [
            *earlier,
            "__lift_out__.clear()",
            "try:",
            *(textwrap.indent(s, "    ") for s in last),
            "except Exception as error:",
            "    return type(error).__name__ + (': ' + str(error) if str(error) else '')",
            "return 'no exception'",
        ]
    else:
        body = [*earlier, "__lift_out__.clear()", *last, "return ''.join(__lift_out__)"]
    entry = f"def {_ENTRY}():\n" + textwrap.indent("\n".join(body), "    ")
    want = _error(example.want) if _raises(example) else example.want
    needed = _needed(target, [example, *before])
    text = "\n".join([needed.source, _HARNESS, entry, _judge(want, flags, example), ""])
    check = Check("example", "ensures", "__lift_same__(result)")
    return replace(needed, source=text, function=_ENTRY, checks=(check,))


def _flags(example: Example) -> set[str]:
    """The options that a doctest switches on."""
    found = _DIRECTIVE.search(example.expression or "")
    words = re.split(r"[\s,]+", found[1].strip()) if found else []
    return {w[1:] for w in words if w.startswith("+")}


def _raises(example: Example) -> bool:
    return _TRACEBACK.match(example.want) is not None


def _statements(example: Example) -> list[str]:
    """The statements of a doctest, with the value of an expression shown as the interpreter shows it."""
    try:
        tree = ast.parse(example.expression or "")
    except (SyntaxError, ValueError):
        raise NotRunnable("a doctest that does not parse") from None
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names):
            raise NotRunnable("a doctest with `import *`")
        found.append(ast.unparse(ast.fix_missing_locations(_Shown().visit(node))))
    return found


class _Shown(ast.NodeTransformer):
    """Shows the value of each expression statement, also in a loop, but not in a definition."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        return ast.Expr(ast.Call(ast.Name("__lift_show__", ast.Load()), [node.value], []))

    def _left(self, node: ast.stmt) -> ast.stmt:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _left


def _needed(target: Target, examples: Sequence[Example]) -> ReplayProgram:
    """What the doctests' names mean: the definitions that they need, or the whole module."""
    trees = [ast.parse(s) for e in examples for s in _statements(e)]
    mentioned = {n.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Name)}
    program = target.program
    module = PurePath(program.module.path).stem
    if module in mentioned - program.imports.keys() - program.functions.keys() - program.classes.keys():
        # Examples often name the module that they stand in.
        whole = program.text + _ITSELF.format(module=module)
        return ReplayProgram(whole, program.module.path, target.ir.qualname, ())
    try:
        return linked(target, sorted(mentioned))
    except Unsupported:
        # What a clean namespace cannot give, the whole module may.
        return ReplayProgram(program.text, program.module.path, target.ir.qualname, ())


def _error(want: str) -> str:
    """The exception's name, without its module, and its message, which doctest compares."""
    lines = want.splitlines()[1:]
    start = next((i for i, line in enumerate(lines) if line[:1].isalpha() or line[:1] == "_"), None)
    if start is None:
        raise NotRunnable("a doctest whose traceback names no exception")
    name, colon, message = "\n".join(lines[start:]).partition(":")
    return name.rpartition(".")[2] + colon + message


def _judge(want: str, flags: set[str], example: Example) -> str:
    """A function that compares what came out with what was expected, under the options of the doctest."""
    lines = [f"def __lift_same__(got, want={want.replace('<BLANKLINE>', '')!r}):"]
    if _raises(example) and "IGNORE_EXCEPTION_DETAIL" in flags:
        lines.append("    got, want = got.partition(':')[0], want.partition(':')[0]")
    if "NORMALIZE_WHITESPACE" in flags:
        lines.append("    got, want = ' '.join(got.split()), ' '.join(want.split())")
    if "ELLIPSIS" in flags:
        lines += [
            "    import re",
            "    parts = map(re.escape, want.split('...'))",
            "    return re.fullmatch('.*'.join(parts), got, re.DOTALL) is not None",
        ]
    return "\n".join([*lines, "    return got == want"])
