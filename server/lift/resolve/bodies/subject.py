"""The function that a body is looked for: what its specification says, how to try bodies, how to prove one.

A body is the text of its statements, not indented, without the docstring and without the guards that the
``Raises`` section asks for: those stand in ``Subject.guards`` and are put before every body. Candidates run
in the sandbox only. Z3 is imported where something is checked.
"""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lift_ir import Ensures, Example, Function, FunctionResult, Module, Position, Raises, Requires, Span

from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.bodies.shown import Known, hints
from lift.source.positions import LineIndex
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

if TYPE_CHECKING:
    from lift.resolve.bodies.bench import Judgement
    from lift.verify.entry import Target
    from lift.verify.replay import Case, Program
    from lift.verify.types import Type

_INPUTS = 160
_NO_BODY = "("
_WORST_FIRST = ("refuted", "unknown", "unchecked", "tested", "bounded", "proved")


class NotWritable(Exception):
    """Why no body can be looked for; the text is meant for the user."""


@dataclass(frozen=True)
class Parameter:
    """A parameter with the type that its annotation is read as."""

    name: str
    type: Type


@dataclass(frozen=True)
class Guard:
    """An exception that is raised if and only if a condition holds.

    Attributes:
        message: What the doctests show that it says, None if they do not.
    """

    exception: str
    condition: ast.expr
    text: str
    message: str | None = None


@dataclass(frozen=True)
class Proof:
    """What the check of a changed text says.

    Attributes:
        code: The whole definition as it would stand.
        edits: The change, in the text that was given.
        result: The verdicts.
        strength: ``proved`` if every clause that can be checked is, else the weakest verdict among them.
        refuting: The inputs that break something.
        said: The evidence, where it is other than the count of the verdicts.
    """

    body: str
    code: str
    text: str
    edits: tuple[Edit, ...]
    result: FunctionResult
    strength: str
    refuting: tuple[Case, ...] = ()
    said: str = ""

    @property
    def whole(self) -> bool:
        """Whether everything that can be checked is proved."""
        return self.strength == "proved"

    @property
    def evidence(self) -> str:
        """``proved: 3 clauses``."""
        if self.said:
            return self.said
        found = [c for c in self.result.clauses if c.kind not in ("requires", "no-raise")]
        same = [c for c in found if c.verdict == self.strength]
        shown = f"{self.strength}: {len(same)} {'clause' if len(same) == 1 else 'clauses'}"
        open_ = sum(c.verdict == "unchecked" for c in found)
        return shown + (f"; {open_} cannot be checked" if open_ else "")


@dataclass
class Subject:
    """A function without a body, and what is known of it.

    Attributes:
        hole: Where the body is missing.
        parameters: In their order, with ``self`` where it is a method.
        returns: The type of its result.
        requires: What may be assumed of the arguments.
        ensures: What must hold of ``outcome``, in the order in which they stand.
        outcome: How clauses name the result: ``result``, or ``__return__``.
        raises: The guards, in the order in which they stand.
        known: Calls with the results that doctests show.
        constants: Values that the specification mentions, module constants among them.
        words: What the specification is made of: names of ``ast``'s operators (``Mod``), functions and
            methods that it calls (``len``, ``startswith``).
        inputs: What candidates are tried on, those that broke one first; they may break Requires.
        deadline: By ``time.monotonic``.
        tried: How many bodies were run or checked.
        form: How a body that returns is written, where the function changes an argument instead; None where
            it cannot be.
    """

    module: Module
    text: str
    ir: Function
    node: ast.FunctionDef
    hole: Span
    target: Target
    program: Program
    options: Options
    sources: Sources
    parameters: tuple[Parameter, ...]
    returns: Type
    requires: tuple[ast.expr, ...]
    ensures: tuple[ast.expr, ...]
    outcome: str
    raises: tuple[Guard, ...]
    known: tuple[Known, ...]
    constants: tuple[object, ...]
    words: frozenset[str]
    deadline: float
    inputs: list[Case] = field(default_factory=list)
    tried: int = 0
    form: Callable[[str], str | None] | None = None
    _proofs: dict[str, Proof | None] = field(default_factory=dict)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def by_example(self) -> bool:
        """Whether only examples say what it returns."""
        return not self.ensures and bool(self.known)

    @property
    def guards(self) -> str:
        """The statements that raise what the specification declares, with a line end after each."""
        return "".join(f"if {_bare(g.condition)}:\n    {_raise(g)}\n" for g in self.raises)

    def judge(self, bodies: Sequence[str], seconds: float = 2.0) -> list[Judgement]:
        """Run many bodies on all inputs, in one sandbox; what one of them breaks rules it out.

        Args:
            seconds: For all of them, within the time that is left.
        """
        from lift.resolve.bodies.bench import judged

        self.tried += len(bodies)
        # What cannot be written is no body, and fails like one that does not parse.
        written = [self._formed(b) for b in bodies]
        texts = [_NO_BODY if b is None else self.guards + b for b in written]
        return judged(self, texts, min(seconds, self.left))

    def _formed(self, body: str) -> str | None:
        return body if self.form is None else self.form(body)

    def prove(self, body: str, seconds: float | None = None) -> Proof | None:
        """Check the text with this body; an input that breaks it is tried on those that come later.

        Args:
            seconds: Of the time that is left; else as the options say.

        Returns:
            The verdicts; None if the text does not parse with it, or time ran out.
        """
        formed = self._formed(body)
        if formed is None:
            return None
        body = formed
        if body in self._proofs:
            return self._proofs[body]
        left = min(self.options.seconds, self.left, seconds or self.left)
        if left < 0.3:
            return None
        self.tried += 1
        found = self._proofs[body] = _proved(self, body, left)
        if found is not None:
            self.learn(found.refuting)
        return found

    def learn(self, cases: Iterable[Case]) -> None:
        """Try later bodies on these inputs first."""
        fresh = [c for c in cases if c not in self.inputs[:20]]
        self.inputs[:] = [*fresh, *(c for c in self.inputs if c not in fresh)]

    def written(self, body: str) -> tuple[Edit, ...]:
        """The change that puts a body, guards before it, in the place of the hole."""
        index = LineIndex(self.text)
        start = index.offset(self.hole.start)
        line_start = max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start)) + 1
        before = self.text[line_start:start]
        end = "\r\n" if "\r\n" in self.text else "\n"
        rows = (self.guards + body).rstrip().split("\n")
        if not before.strip():
            text = end.join([rows[0], *(before + r if r else r for r in rows[1:])])
            return (Edit(self.hole, text),)
        indent = re.match(r"\s*", before)[0] + "    "  # type: ignore[index]
        column = self.hole.start.column - (len(before) - len(before.rstrip()))
        from_ = Position(line=self.hole.start.line, column=column)
        text = "".join(end + indent + r if r else end for r in rows)
        return (Edit(Span(start=from_, end=self.hole.end), text),)


def _bare(node: ast.expr) -> str:
    return ast.unparse(plain(node))


def _raise(guard: Guard) -> str:
    """``raise ValueError("low > high")``; the module's own exceptions may take other arguments."""
    if not isinstance(getattr(builtins, guard.exception, None), type):
        return f"raise {guard.exception}"
    message = guard.text if guard.message is None else guard.message
    shown = repr(message)
    if shown.startswith("'") and '"' not in message:
        shown = f'"{shown[1:-1]}"' if "\\'" not in shown else shown
    return f"raise {guard.exception}({shown})" if message else f"raise {guard.exception}"


class _Plain(ast.NodeTransformer):
    """``implies(p, q)`` in Python's own words, and ``old(e)`` of what does not change as ``e``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "implies" and len(node.args) == 2:
            return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), node.args[0]), node.args[1]])
        if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1:
            return node.args[0]
        return node


def plain(node: ast.expr) -> ast.expr:
    """A condition at the entry as code that CPython can run."""
    import copy

    return ast.fix_missing_locations(_Plain().visit(copy.deepcopy(node)))


def subject_of(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    sources: Sources = NOTHING,
    seconds: float = 20.0,
) -> Subject:
    """A function with a missing body, and inputs to try bodies on.

    Raises:
        NotWritable: It has a body, or is outside of what can be run and checked.
    """
    from lift.verify import inputs, trial
    from lift.verify.digests import program_of
    from lift.verify.entry import Target, parameter_types
    from lift.verify.obligations import obligations_of
    from lift.verify.refusals import unfit
    from lift.verify.types import TUnknown
    from lift.verify.values import Unsupported

    deadline = time.monotonic() + seconds
    if not options.run_code:
        raise NotWritable(f"bodies are tried out first, and {options.forbidden}")
    ir = next((f for f in module.all_functions() if f.qualname == qualname), None)
    program = program_of(module, text, sources)
    if ir is None or program is None:
        raise NotWritable(f"there is no function {qualname}" if program else "the file does not parse")
    hole = next((h for h in ir.holes if h.hole == "body"), None)
    if hole is None:
        raise NotWritable("it has a body")
    node = program.definition(qualname)
    bodied = ir.model_copy(update={"holes": tuple(h for h in ir.holes if h.hole != "body")})
    reason = unfit(program, bodied, node)
    if reason is not None:
        raise NotWritable(reason[1] if reason[2] is None else f"{reason[1]} at line {reason[2]}")
    if not isinstance(node, ast.FunctionDef):
        raise NotWritable("it is no plain function")
    if {"classmethod", "property"} & set(ir.decorators) or ir.name == "__init__":
        raise NotWritable("it is no plain function or method")
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{ir.name}"), None)
    target = Target(program, ir, node, owner)
    try:
        parameters = tuple(Parameter(name, type_) for name, type_ in parameter_types(target))
    except Unsupported as stop:
        raise NotWritable(f"not modelled: {stop.construct}") from None
    returns = program.type_of(node.returns)
    if isinstance(returns, TUnknown):
        raise NotWritable("nothing says of which type its result is")
    fit = trial.runnable(target, obligations_of(target))
    if fit.program is None:
        raise NotWritable(f"it cannot be run on its own: {fit.reason}")
    trees = [_parsed(c) for c in ir.clauses if isinstance(c, Requires | Ensures | Raises)]
    named = {n.id for t in trees if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)}
    constants = (*trial.constants_of(target), *(program.constants[n] for n in named & set(program.constants)))
    made, why = inputs.cases(ir, module, [c for c in constants if not isinstance(c, dict | tuple)], _INPUTS)
    if not made:
        raise NotWritable(why or "no inputs could be made")
    known, messages = _examples(ir)
    constants = tuple({(type(c).__name__, repr(c)): c for c in (*constants, *hints(known))}.values())
    from lift.verify.replay import Case

    shown = [Case({n: repr(v) for n, v in k.arguments.items()}) for k in known]
    names = {p.name for p in parameters}
    return Subject(
        module,
        text,
        ir,
        node,
        hole.span if hole.span is not None else ir.span,
        target,
        fit.program,
        options,
        sources,
        parameters,
        returns,
        _trees(ir, Requires),
        _trees(ir, Ensures),
        "__return__" if "result" in names else "result",
        _guards(ir, messages),
        known,
        constants,
        frozenset(w for t in trees if t is not None for w in _words(t)) | _joining(known),
        deadline,
        [*shown, *(c for c in made if c not in shown)],
    )


def _parsed(clause: Requires | Ensures | Raises) -> ast.expr | None:
    if not clause.expression or clause.holes:
        return None
    return ast.parse(clause.expression, mode="eval").body


def _trees(ir: Function, kind: type[Requires] | type[Ensures]) -> tuple[ast.expr, ...]:
    found = (_parsed(c) for c in ir.clauses if isinstance(c, kind))
    return tuple(t for t in found if t is not None)


def _guards(ir: Function, messages: Mapping[str, str]) -> tuple[Guard, ...]:
    found: list[Guard] = []
    for clause in ir.clauses:
        if isinstance(clause, Raises) and clause.exact:
            tree = _parsed(clause)
            if tree is not None:
                found.append(Guard(clause.exception, tree, clause.text, messages.get(clause.exception)))
    return tuple(found)


def _words(tree: ast.expr) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.operator | ast.unaryop | ast.boolop | ast.cmpop):
            yield type(node).__name__
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr
        elif isinstance(node, ast.Subscript | ast.IfExp):
            yield type(node).__name__


def _joining(known: Sequence[Known]) -> frozenset[str]:
    """What the examples show of joining texts: ends that all results have."""
    return frozenset({"Add"} if any(isinstance(h, str) for h in hints(known)) else ())


def _examples(ir: Function) -> tuple[tuple[Known, ...], dict[str, str]]:
    """The calls with literals that doctests show the value of, and what exceptions say in them."""
    known: list[Known] = []
    messages: dict[str, str] = {}
    for clause in ir.clauses:
        if not isinstance(clause, Example) or not clause.expression:
            continue
        if clause.want.startswith("Traceback"):
            last = clause.want.strip().split("\n")[-1]
            name, _, message = last.partition(": ")
            messages.setdefault(name.rpartition(".")[2], message)
            continue
        found = _known(ir, clause)
        if found is not None:
            known.append(found)
    return tuple(known), messages


def _known(ir: Function, clause: Example) -> Known | None:
    try:
        call = ast.parse(clause.expression or "", mode="eval").body
        want: Any = ast.literal_eval(clause.want.strip() or "None")
        if isinstance(call, ast.Compare) and len(call.ops) == 1 and isinstance(call.ops[0], ast.Eq | ast.Is):
            if want is not True:
                return None
            call, want = call.left, ast.literal_eval(call.comparators[0])
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == ir.name):
            return None
        names = [p.name for p in ir.signature.parameters]
        values = {p.name: p.default for p in ir.signature.parameters if p.default is not None}
        given: dict[str, Any] = {n: ast.literal_eval(d) for n, d in values.items()}
        given |= {n: ast.literal_eval(a) for n, a in zip(names, call.args, strict=False)}
        given |= {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return Known({n: given[n] for n in names}, want) if set(given) == set(names) else None


def _proved(subject: Subject, body: str, seconds: float) -> Proof | None:
    from lift.verify.check import check_function
    from lift.verify.replay import Case

    edits = subject.written(body)
    text = apply(subject.text, edits)
    extraction = extract(Snapshot(subject.module.path, None, text))
    qualname = subject.ir.qualname
    ir = next((f for f in extraction.module.all_functions() if f.qualname == qualname), None)
    if extraction.error is not None or ir is None or any(h.hole == "body" for h in ir.holes):
        return None
    options = replace(subject.options, seconds=seconds)
    result = check_function(extraction.module, text, qualname, options, subject.sources)
    # What is open in the specification itself, prose for example, nobody can check.
    verdicts = [c.verdict for c in result.clauses if c.verdict != "unchecked"]
    strength = next((v for v in _WORST_FIRST if v in verdicts), "unchecked")
    if strength == "proved" and all(c.kind in ("example", "no-raise", "requires") for c in result.clauses):
        # Runs of doctests say nothing of other inputs.
        strength = "tested"
    refuting = [
        Case(dict(c.counterexample.arguments), tuple(c.counterexample.setup))
        for c in result.clauses
        if c.verdict == "refuted" and c.counterexample is not None and c.counterexample.arguments
    ]
    index = LineIndex(text)
    code = text[index.offset(ir.span.start) : index.offset(ir.span.end)]
    code = textwrap.dedent(" " * ir.span.start.column + code)
    return Proof(body, code, text, edits, result, strength, tuple(refuting))
