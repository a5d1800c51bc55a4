"""What a clause means, by example: a call that it allows and one that it forbids, found by the verifier.

The clause is made the promise of a function that takes the arguments and the result as they come and does
nothing. What breaks that promise is an input that the clause forbids; what breaks its negation is one that it
allows; both were run in the sandbox. A promise that is proved says nothing, and one whose negation is proved
asks for the impossible. Z3 loads when a probe runs.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lift_ir import Clause, Counterexample, Ensures, Function, FunctionResult, Module, Raises, Requires

from lift.resolve.context import DEFAULTS
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

NAME = "lift_probe"
_RETURNED = "lift_returned"
_SECONDS = 1.5
_LEAST_SECONDS = 0.3
_TESTS = 60
_LONGEST = 100
# What the sandbox says of a clause that could not be evaluated.
_RAISED = re.compile(r"` raises \w+")
_ILL = re.compile(r"` raises (?:TypeError|AttributeError|NameError)\b")


@dataclass(frozen=True)
class Meaning:
    """What a clause says among the others.

    Attributes:
        allows: A call that meets it, with its result under Ensures; empty if none was found.
        forbids: A call that does not.
        trouble: Why it is no good: a sentence without a capital and a full stop; empty if nothing is wrong.
        gap: A call for which it has no value although nothing rules that call out; empty if none was found.
    """

    allows: str = ""
    forbids: str = ""
    trouble: str = ""
    gap: str = ""


def meaning(
    module: Module,
    text: str,
    function: Function,
    kind: str,
    expression: str,
    options: Options = DEFAULTS,
    sources: Sources = NOTHING,
    deadline: float = float("inf"),
) -> Meaning:
    """What a clause that is to be added to a function says beside those that it has.

    Args:
        text: The module's text, which does not hold the clause.
        kind: ``requires`` or ``ensures``.
        deadline: On ``time.monotonic()``'s clock.
    """
    subject = _subject(function, kind)
    tree = _parsed(expression)
    if subject is None or tree is None or _speaks_of_before(tree):
        return Meaning()
    wanted = subject.plain(tree)
    prober = _Prober(module, text, subject, options, sources, deadline)
    telling = subject.telling
    broken = prober.broken(wanted, telling) or (prober.broken(wanted) if telling else None)
    if broken is None and prober.last == "proved":
        others = "whatever meets the other clauses" if subject.assumed else "every input"
        return Meaning(trouble=f"it says nothing, since {others} meets it")
    denied = f"not ({wanted})"
    # One call with a right and a wrong result says more than two calls.
    same = [f"{name} == ({value})" for name, value in _inputs(broken, subject)] if broken else []
    tries = [same] if same and subject.returned else []
    met = None
    for more in [*tries, *([telling] if telling else []), ()]:
        met = prober.broken(denied, more)
        if met is None and not more and prober.last == "proved":
            return Meaning(trouble="no input could meet it together with the other clauses")
        if met is not None and not _raised(met):
            break
    if met is not None and _raised(met):
        apart = [f"not ({' and '.join(f'{n} == ({v})' for n, v in _inputs(met, subject))})"]
        other = prober.broken(denied, apart) if subject.names else None
        if (other is None or _raised(other)) and _ILL.search(met.failing):
            return Meaning(trouble=f"it has no value: {met.failing}")
        met = other if other is not None and not _raised(other) else None
    gap = subject.shown(broken) if broken is not None and _raised(broken) else ""
    return Meaning(subject.shown(met), subject.shown(broken), gap=gap)


def _raised(example: Counterexample) -> bool:
    """Whether the clause had no value, rather than a wrong one."""
    return _RAISED.search(example.failing) is not None


@dataclass(frozen=True)
class _Subject:
    """A function as a probe sees it.

    Attributes:
        header: Its parameters, with the result as one more under Ensures.
        names: Its own parameters.
        returned: What the result is called among the parameters; empty under Requires.
        renamed: Whether a parameter of the user's is called ``result``, so that the result is not.
        assumed: What holds beside the clause.
        telling: What makes an example say more, where it can be had.
    """

    function: Function
    header: str
    names: tuple[str, ...]
    returned: str
    renamed: bool
    assumed: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()

    def plain(self, tree: ast.expr) -> str:
        return ast.unparse(_Plain(self.renamed).visit(tree))

    def shown(self, example: Counterexample | None) -> str:
        """The example as a call, with its result where there is one."""
        if example is None:
            return ""
        values = [example.arguments.get(name, "…") for name in self.names]
        call = f"{self.function.name}({', '.join(values)})"
        made = f"{'; '.join(example.setup)}; " if example.setup else ""
        came = f" → {example.arguments.get(self.returned, '…')}" if self.returned else ""
        said = f"{made}{call}{came}"
        return said if len(said) <= _LONGEST else ""


def plain(expression: str, renamed: bool = False) -> str:
    """A clause without ``old``: before and after are one where nothing runs; the text itself if it is none.

    Args:
        renamed: Whether a parameter is called ``result``.
    """
    tree = _parsed(expression)
    return expression if tree is None else ast.unparse(_Plain(renamed).visit(tree))


def _subject(function: Function, kind: str) -> _Subject | None:
    """None where an example would have to show more than arguments and a result."""
    facts = function.effects
    if function.is_async or function.is_generator or any(c.kind == "modifies" for c in function.clauses):
        return None
    if facts.mutates or facts.globals_written:
        return None
    header: list[str] = []
    names: list[str] = []
    telling: list[str] = []
    owner = function.qualname.rpartition(".")[0]
    for parameter in function.signature.parameters:
        written = parameter.type.text.strip("'\"") if parameter.type.kind == "type" else ""
        if parameter.name == "self" and owner and "<locals>" not in owner:
            written = owner
        elif parameter.style in ("var-positional", "var-keyword") or parameter.name == "cls":
            return None
        header.append(f'{parameter.name}: "{written}"' if written else parameter.name)
        names.append(parameter.name)
        if written.startswith(("list[int", "list[float", "list[str")):
            p = parameter.name
            telling += [f"len({p}) == 3", f"{p}[0] != {p}[1]", f"{p}[1] != {p}[2]", f"{p}[0] != {p}[2]"]
    returned, renamed = "", "result" in names
    if kind == "ensures":
        given = function.signature.returns
        returned = _RETURNED if renamed else "result"
        written = given.text.strip("'\"") if given.kind == "type" else ""
        header.append(f'{returned}: "{written}"' if written else returned)
    bare = _Subject(function, ", ".join(header), tuple(names), returned, renamed)
    assumed = tuple(bare.plain(tree) for tree in _assumed(function.clauses, kind))
    return replace(bare, assumed=assumed, telling=tuple(telling))


def _assumed(clauses: Sequence[Clause], kind: str) -> Iterator[ast.expr]:
    for clause in clauses:
        if clause.holes or clause.kind not in ("requires", "ensures", "raises") or clause.expression is None:
            continue
        tree = _parsed(clause.expression)
        match clause:
            case Requires() if tree is not None:
                yield tree
            case Ensures() if tree is not None and kind == "ensures" and not _speaks_of_before(tree):
                yield tree
            case Raises(exact=True) if tree is not None and kind == "ensures":
                yield ast.UnaryOp(ast.Not(), tree)


def _speaks_of_before(tree: ast.expr) -> bool:
    """Whether a clause tells before from after, which are one where nothing runs."""
    return any(isinstance(n, ast.Name) and n.id == "old" for n in ast.walk(tree))


class _Plain(ast.NodeTransformer):
    """Writes a clause over arguments and result alone."""

    def __init__(self, renamed: bool) -> None:
        self._renamed = renamed

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="old"), args=[inner], keywords=[]):
                return inner
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "__return__":
            return ast.Name(_RETURNED if self._renamed else "result", node.ctx)
        return node


def _parsed(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _inputs(example: Counterexample | None, subject: _Subject) -> Iterator[tuple[str, str]]:
    found: Mapping[str, str] = example.arguments if example is not None and not example.setup else {}
    yield from ((name, found[name]) for name in subject.names if name in found and name != "self")


@dataclass
class _Prober:
    """Runs probes; ``last`` is the verdict of the one before."""

    module: Module
    text: str
    subject: _Subject
    options: Options
    sources: Sources
    deadline: float
    last: str = "unchecked"

    def broken(self, promise: str, more: Sequence[str] = ()) -> Counterexample | None:
        """What breaks a promise; None if that was proved impossible, or not found out."""
        left = self.deadline - time.monotonic()
        self.last = "unchecked"
        if left < _LEAST_SECONDS or "``" in promise:
            return None
        result = self._checked(promise, more, min(_SECONDS, left))
        mine = next((c for c in result.clauses if c.kind == "ensures"), None) if result is not None else None
        if mine is None:
            return None
        self.last = mine.verdict
        return mine.counterexample if mine.verdict == "refuted" else None

    def _checked(self, promise: str, more: Sequence[str], seconds: float) -> FunctionResult | None:
        from lift.extract import extract
        from lift.source.text import Snapshot
        from lift.verify.check import check_function

        text = f"{self.text}\n\n{self._definition(promise, more)}"
        extraction = extract(Snapshot(self.module.path, None, text))
        if extraction.error is not None:
            return None
        options = replace(
            self.options, seconds=seconds, float_seconds=0.0, backend="lift", solvers="z3", tests=_TESTS
        )
        result = check_function(extraction.module, text, NAME, options, self.sources)
        if any(c.code in ("inconsistent-spec", "bad-clause") for c in result.clauses):
            return None
        return result

    def _definition(self, promise: str, more: Sequence[str]) -> str:
        lines = [f"def {NAME}({self.subject.header}) -> None:", '    r"""Do nothing.']
        required = [*self.subject.assumed, *more]
        if required:
            lines += ["", "    Requires:", *(f"        - ``{r}``" for r in required)]
        lines += ["", "    Ensures:", f"        - ``{promise}``", '    """', ""]
        return "\n".join(lines)
