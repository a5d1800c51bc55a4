"""Reads a candidate: one definition of the right name and signature, of which only the body is taken.

Decorators, signature and docstring stay the user's own, so that a candidate cannot change what it is checked
against; one that tries is refused rather than corrected. Runs nothing.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lift_ir import Function

from lift.resolve.loop.refusal import Refusal
from lift.source.blocks import inside_strings

Definition = ast.FunctionDef | ast.AsyncFunctionDef
_MOST_TEXT = 40_000
"""Longest candidate, in characters; a body of a thousand lines is no answer to a specification."""


@dataclass(frozen=True)
class Draft:
    """A candidate that parses.

    Attributes:
        node: The definition as it was proposed.
        body: Its statements without the docstring.
        docstring: The docstring that it came with, None if it has none.
        imports: Import statements that stood beside it, each for one name.
        text: The body's source, its least indented line at the margin, with ``\\n`` as line end.
    """

    node: Definition
    body: tuple[ast.stmt, ...]
    docstring: str | None
    imports: tuple[str, ...]
    text: str


def read(code: str, function: Function, own: Definition, imports: Sequence[str] = ()) -> Draft:
    """The body that a candidate proposes.

    Args:
        code: A definition, perhaps with imports above it; a method's may stand in its class.
        function: The function whose body is wanted.
        own: Its definition as it stands in the user's text.
        imports: Import statements that came beside the code.

    Raises:
        Refusal: It is not a definition of this function, or would change more than the body.
    """
    node, statements = _definition(code, function)
    if isinstance(node, ast.AsyncFunctionDef) != isinstance(own, ast.AsyncFunctionDef):
        word = "async def" if isinstance(own, ast.AsyncFunctionDef) else "def"
        raise Refusal("parse", f"the definition has to stay `{word}`")
    _same_signature(node, own)
    _same_decorators(node, own)
    docstring = ast.get_docstring(node, clean=False)
    body = node.body[1:] if docstring is not None else node.body
    if not body or all(_says_nothing(s) for s in body):
        raise Refusal("parse", "the definition has no body")
    found = [ast.unparse(s) for s in statements] + [s for text in imports for s in _imports_of(text)]
    return Draft(node, tuple(body), docstring, tuple(dict.fromkeys(found)), _text_of(code, body))


def _definition(code: str, function: Function) -> tuple[Definition, list[ast.stmt]]:
    """The definition, and the import statements beside it, each for one name."""
    if len(code) > _MOST_TEXT:
        raise Refusal("parse", f"the answer is {len(code):,} characters long")
    tree = _parsed(code)
    imports: list[ast.stmt] = []
    found: list[Definition] = []
    statements: list[ast.stmt] = list(tree.body)
    owner = function.qualname.rpartition(".")[0].rpartition(".")[2]
    for number, statement in enumerate(statements):
        match statement:
            case ast.Import() | ast.ImportFrom():
                imports += _split(statement)
            case ast.FunctionDef(name=function.name) | ast.AsyncFunctionDef(name=function.name):
                found.append(statement)
            case ast.ClassDef(name=name, body=[ast.FunctionDef() | ast.AsyncFunctionDef() as inner]) if (
                name == owner and inner.name == function.name
            ):
                found.append(inner)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                raise Refusal("parse", f"it defines {name} beside {function.name}; put it into the body")
            case ast.Expr(value=ast.Constant(value=str())) if number == 0:
                continue
            case _:
                shown = _short(ast.unparse(statement))
                raise Refusal("parse", f"it does more than define {function.name}: `{shown}`")
    if not found:
        raise Refusal("parse", f"there is no definition of {function.name} in it")
    if len(found) > 1:
        raise Refusal("parse", f"it defines {function.name} {len(found)} times")
    return found[0], imports


def _parsed(code: str) -> ast.Module:
    try:
        # A warning about what a candidate says belongs to nobody.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            compile(code, "<candidate>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Refusal("parse", f"it does not parse: {error.msg} (line {error.lineno})") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Refusal("parse", f"it does not parse: {error or type(error).__name__}") from None
    return tree


def _imports_of(text: str) -> Iterator[str]:
    for statement in _parsed(text).body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            raise Refusal("parse", f"`{_short(ast.unparse(statement))}` is no import statement")
        yield from map(ast.unparse, _split(statement))


def _split(statement: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    """The statement as several, each of which binds one name."""
    if isinstance(statement, ast.Import):
        return [ast.Import([alias]) for alias in statement.names]
    return [ast.ImportFrom(statement.module, [alias], statement.level) for alias in statement.names]


def _same_signature(node: Definition, own: Definition) -> None:
    """Annotations that only one of the two has are let through: the user's own stay in any case."""
    asked, given = _shape(own), _shape(node)
    if [p[:3] for p in asked] == [p[:3] for p in given]:
        pairs = [*zip(asked, given, strict=True), (("", "", "", own.returns), ("", "", "", node.returns))]
        if all(a[3] is None or b[3] is None or ast.dump(a[3]) == ast.dump(b[3]) for a, b in pairs):
            return
    raise Refusal("parse", f"its signature is `{_signature(node)}`, not `{_signature(own)}`")


def _shape(node: Definition) -> list[tuple[str, str, str, ast.expr | None]]:
    """Each parameter with how it binds, its default and its annotation."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    defaults += arguments.defaults
    found = [
        (a.arg, "positional-only" if n < len(arguments.posonlyargs) else "plain", _dump(d), a.annotation)
        for n, (a, d) in enumerate(zip(plain, defaults, strict=True))
    ]
    if arguments.vararg is not None:
        found.append((arguments.vararg.arg, "*", "", arguments.vararg.annotation))
    for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append((a.arg, "keyword-only", _dump(d), a.annotation))
    if arguments.kwarg is not None:
        found.append((arguments.kwarg.arg, "**", "", arguments.kwarg.annotation))
    return found


def _dump(node: ast.expr | None) -> str:
    return ast.dump(node) if node is not None else ""


def _signature(node: Definition) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return _short(f"{node.name}({ast.unparse(node.args)}){returns}", 120)


def _same_decorators(node: Definition, own: Definition) -> None:
    mine = [ast.dump(d) for d in own.decorator_list]
    if node.decorator_list and [ast.dump(d) for d in node.decorator_list] != mine:
        shown = _short(ast.unparse(node.decorator_list[0]))
        raise Refusal("parse", f"it changes the decorators: `@{shown}`")


def _says_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is what stands for a body that is still to be written."""
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3] + "..."


# The body's text.


def _text_of(code: str, body: Sequence[ast.stmt]) -> str:
    """The body as it was written, with comments; written anew where its lines cannot be told apart."""
    lines = code.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    decorators: list[ast.expr] = getattr(body[0], "decorator_list", [])
    first = min([body[0].lineno, *(d.lineno for d in decorators)])
    last = body[-1].end_lineno or body[-1].lineno
    while first > 1 and lines[first - 2].lstrip().startswith("#"):
        first -= 1
    prefix = lines[body[0].lineno - 1].encode()[: body[0].col_offset].decode()
    # A form feed counts as a line end for nobody but splitlines, and a statement may follow another one.
    if "\f" in code or prefix.strip():
        return _unparsed(body)
    inside = inside_strings(code)
    taken: list[str] = []
    for number in range(first, last + 1):
        line = lines[number - 1]
        if number in inside:
            taken.append(line)
        else:
            taken.append(line[len(prefix) :].rstrip() if line.startswith(prefix) else line.strip())
    text = "\n".join(taken)
    return text if _same(text, body) else _unparsed(body)


def _unparsed(body: Sequence[ast.stmt]) -> str:
    return "\n".join(ast.unparse(s) for s in body)


def _same(text: str, body: Sequence[ast.stmt]) -> bool:
    try:
        made = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return [ast.dump(s) for s in made] == [ast.dump(s) for s in body]
