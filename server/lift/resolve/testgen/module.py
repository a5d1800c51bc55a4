"""The test module of one file: its imports, the strategies of each function, and a test for each clause."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lift_ir import (
    Clause,
    Counterexample,
    Ensures,
    Example,
    Function,
    Invariant,
    Modifies,
    Module,
    Raises,
    Requires,
)

from lift.resolve.testgen.calling import Calls, Case, NotCallable, base_of
from lift.resolve.testgen.clauses import Unsayable, Words, named
from lift.resolve.testgen.doctests import asserted
from lift.resolve.testgen.expressions import source
from lift.resolve.testgen.layout import called, quoted, wrapped
from lift.resolve.testgen.marks import MARK, digest
from lift.resolve.testgen.names import Names, snake
from lift.resolve.testgen.objects import Objects
from lift.resolve.testgen.requires import Impossible, Plan, plan
from lift.resolve.testgen.strategies import Unwritable
from lift.verify.input_types import Kind, Types, Unreadable

_MUTABLE = frozenset(["list", "sequence", "set", "dict", "class", "object", "union"])


@dataclass(frozen=True)
class Skipped:
    """Something that is stated and not tested.

    Attributes:
        line: Where it stands, from 1.
    """

    function: str
    what: str
    reason: str
    line: int


@dataclass(frozen=True)
class Written:
    """A test module.

    Attributes:
        text: The module; empty if there is nothing to test.
        tests: Names of its tests.
        assumed: Function → what no strategy could say and its tests assume.
    """

    text: str
    tests: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    assumed: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Subject:
    """What is to be tested.

    Attributes:
        name: The module's dotted name, as a test imports it, and ``package`` the one it is in.
        shown: The file's path, for people.
        only: Qualified names of functions; None for all.
        past: Qualified name → inputs that broke a clause some time.
    """

    module: Module
    text: str
    name: str
    package: str = ""
    shown: str = ""
    only: frozenset[str] | None = None
    past: Mapping[str, Sequence[Counterexample]] = field(default_factory=dict)


def written(subject: Subject) -> Written:
    """Tests of what a file's functions state. Runs nothing.

    Returns:
        The test module, and what it leaves out.
    """
    return _Writer(subject).written()


class _Writer:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.module = subject.module
        self.tree = ast.parse(subject.text)
        self.types = Types(subject.module, Kind("int"))
        self.classes = {c.qualname: c for c in subject.module.classes}
        self.names = Names(self.tree, subject.name, subject.package)
        self.calls = Calls(self.tree, self.classes, self.types, self.names)
        self.objects = Objects(self.classes, self.types, self.names, self._composite)
        self.tests: list[str] = []
        self.skipped: list[Skipped] = []
        self.assumed: dict[str, tuple[str, ...]] = {}
        self.blocks: list[str] = []

    def written(self) -> Written:
        parts = self.subject.name.split(".")
        if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
            reason = f"no test can import a module that is called {self.subject.name}"
            return Written("", (), (Skipped(self.subject.shown, "", reason, 1),), {})
        for function in self.module.all_functions():
            if self._is_wanted(function):
                try:
                    self._function(function)
                except NotCallable as left:
                    self._skip(function, "", str(left), function.name_span.start.line)
        if not self.tests:
            return Written("", (), tuple(self.skipped), self.assumed)
        return Written(self._text(), tuple(self.tests), tuple(self.skipped), self.assumed)

    def _is_wanted(self, function: Function) -> bool:
        if self.subject.only is not None:
            return function.qualname in self.subject.only
        owner = self.classes.get(function.qualname.rpartition(".")[0])
        return function.specified or (owner is not None and bool(owner.invariants) and _is_public(function))

    def _skip(self, function: Function, what: str, reason: str, line: int) -> None:
        self.skipped.append(Skipped(function.qualname, what, reason, line))

    # One function.

    def _function(self, function: Function) -> None:
        self._examples(function)
        case = self.calls.case(function)
        clauses = [c for c in function.clauses if self._is_testable(function, c)]
        requires = [c for c in clauses if isinstance(c, Requires)]
        if len(requires) < sum(isinstance(c, Requires) for c in function.clauses):
            raise NotCallable("what it requires is not known in full, so that its inputs are not either")
        raises = [c for c in clauses if isinstance(c, Raises)]
        anything = [c for c in function.clauses if isinstance(c, Raises) and not _is_exact(c, raises)]
        raises = [c for c in raises if c not in anything]
        given = [self.calls.words(case).plain(c.expression or "True") for c in requires]
        facts = self.calls.facts(case)
        forbidden = raises
        quiet = [
            ast.UnaryOp(ast.Not(), self.calls.words(case).plain(c.expression or "True")) for c in forbidden
        ]
        try:
            normal: Plan | None = self._plan(case, [*given, *quiet], facts)
        except Impossible:
            normal = None
        takes = "returns on" if forbidden else "takes"
        said = f"Arguments that ``{function.qualname}`` {takes}."
        body = _Body(case, normal, f"{case.base}_arguments", said, anything)
        if normal is not None:
            self._normal(case, body, clauses)
        elif not forbidden:
            raise NotCallable("no input meets Requires")
        for clause in forbidden:
            self._raising(case, clause, [c for c in forbidden if c is not clause], given, facts)
        self._past(case, clauses, anything)

    def _is_testable(self, function: Function, clause: Clause) -> bool:
        if isinstance(clause, Example) or (isinstance(clause, Invariant) and clause.loop_line is not None):
            return False
        if isinstance(clause, Modifies):
            return True
        if not isinstance(clause, Requires | Ensures | Raises | Invariant):
            return False
        if clause.holes and clause.expression is not None:
            self._skip(function, clause.text, "it holds a hole; fill it first", clause.span.start.line)
            return False
        if clause.expression is None:
            if isinstance(clause, Requires | Ensures):
                what = "it is in words" if clause.holes else "it is no expression that can be evaluated"
                self._skip(function, clause.text, f"{what}; formalise it first", clause.span.start.line)
            return False
        missing = self._missing(clause.expression, function)
        if isinstance(clause, Raises):
            missing = missing or self._missing(clause.exception, function)
        if missing is not None:
            self._skip(
                function, clause.text, f"nothing is called {missing} in the file", clause.span.start.line
            )
        return missing is None

    def _missing(self, expression: str, function: Function) -> str | None:
        bound = {p.name for p in function.signature.parameters} | {"result", "__return__", "old", "implies"}
        tree = ast.parse(expression, mode="eval")
        bound |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        bound |= {a.arg for n in ast.walk(tree) if isinstance(n, ast.Lambda) for a in n.args.args}
        for name in (n.id for n in ast.walk(tree) if isinstance(n, ast.Name)):
            if name not in bound and name not in self.names.bindings and not hasattr(builtins, name):
                return name
        return None

    def _normal(self, case: Case, body: _Body, clauses: Sequence[Clause]) -> None:
        function, before = case.function, len(self.tests)
        tests: list[tuple[str, str, list[str]]] = []
        for clause in (c for c in clauses if isinstance(c, Ensures)):
            words = self.calls.words(case)
            try:
                lines = words.asserted(clause.expression or "True")
            except Unsayable as why:
                self._skip(function, clause.text, str(why), clause.span.start.line)
                continue
            name = named(case.base, _shown(clause), clause.prose, self.names.taken)
            self.names.taken.add(name)
            tests.append((name, _said(clause), self._run(case, body, words, lines)))
        tests += self._unmodified(case, body, clauses)
        tests += self._invariant(case, body)
        if not tests:
            name = named(
                case.base,
                "raises nothing else" if body.anything or _raises(function) else "ends well",
                "",
                self.names.taken,
            )
            self.names.taken.add(name)
            said = "It raises nothing that is not declared."
            tests.append((name, said, self._run(case, body, self.calls.words(case), [], keep_result=False)))
        self._write_tests(case, body, tests)
        assert len(self.tests) > before

    def _write_tests(self, case: Case, body: _Body, tests: Sequence[tuple[str, str, list[str]]]) -> None:
        assert body.plan is not None
        self._note_assumed(case, body.plan)
        decorators, parameters, first = self._given(case, body, body.plan, shared=len(tests) > 1)
        for name, said, lines in tests:
            self._test(name, said, decorators, parameters, [*first, *lines])

    def _note_assumed(self, case: Case, made: Plan) -> None:
        if made.assumed:
            before = self.assumed.get(case.function.qualname, ())
            self.assumed[case.function.qualname] = tuple(dict.fromkeys([*before, *made.assumed]))

    def _given(
        self, case: Case, body: _Body, made: Plan, *, shared: bool
    ) -> tuple[list[str], str, list[str]]:
        """Decorators, parameters and first lines of a test; writes the strategy that several tests share."""
        if not made.draws:
            return [], "", []
        self.names.hypothesis |= {"given", "settings", "st"}
        names = [n for n in case.variables if n in {d.name for d in made.draws}]
        if made.independent:
            pairs = [f"{d.name}={quoted(d.strategy)}" for d in made.draws]
            if not shared:
                return [*called("@given", pairs), "@settings(deadline=None)"], ", ".join(names), []
            name = self.names.unique(body.strategies)
            self.blocks.append("\n".join(called(f"{name} = given", pairs)))
            return [f"@{name}", "@settings(deadline=None)"], ", ".join(names), []
        name = self.names.unique(body.strategies)
        self._composite(name, made, ", ".join(names), body.said)
        limits = ["deadline=None"]
        if made.assumed:
            self.names.hypothesis.add("HealthCheck")
            limits.append("suppress_health_check=[HealthCheck.filter_too_much]")
        settings = called("@settings", limits)
        if len(names) == 1:
            return [f"@given({names[0]}={name}())", *settings], names[0], []
        return [f"@given({name}())", *settings], "arguments", [f"{', '.join(names)} = arguments"]

    def _composite(self, name: str, made: Plan, returned: str, said: str) -> None:
        rows = ["@st.composite", f"def {name}(draw):", f'    """{said}"""']
        for draw in made.draws:
            rows += called(f"{draw.name} = draw", [quoted(draw.strategy)], indent="    ")
            for text in draw.assumed:
                self.names.hypothesis.add("assume")
                rows += called("assume", [quoted(text)], indent="    ")
        rows.append(f"    return {returned}")
        self.names.hypothesis.add("st")
        self.blocks.append("\n".join(rows))

    def _run(
        self, case: Case, body: _Body, words: Words, lines: Sequence[str], *, keep_result: bool = True
    ) -> list[str]:
        """The lines that call the function and assert."""
        rows = [f"{name} = {kept}" for name, kept in words.kept.items()]
        if any("copy.deepcopy" in row for row in rows):
            self.names.modules.add("copy")
        spoken = any(re.search(rf"\b{words.result}\b", line) for line in lines)
        target = case.subject if case.function.name == "__init__" else words.result if spoken else None
        call = wrapped(f"{target} = " if target and keep_result else "", case.call)
        if body.anything:
            caught = self._exceptions(body.anything)
            rows += ["try:", *(f"    {row}" for row in call), f"except {caught}:", "    return"]
        else:
            rows += call
        tree = ast.parse("\n".join([*words.kept.values(), *lines]))
        known = {*case.variables, *words.kept, words.result, case.subject}
        self.names.need(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in known)
        return [*rows, *lines]

    def _exceptions(self, raises: Sequence[Raises]) -> str:
        names = list(dict.fromkeys(self._known(c.exception) for c in raises))
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def _known(self, name: str) -> str:
        """An exception's name, or what all of them are where the file gives it none."""
        root = name.partition(".")[0]
        there = root in self.names.bindings or hasattr(builtins, root)
        return self._exception(name) if there else "Exception"

    def _exception(self, name: str) -> str:
        self.names.need([name.partition(".")[0]])
        return name

    def _unmodified(
        self, case: Case, body: _Body, clauses: Sequence[Clause]
    ) -> Iterator[tuple[str, str, list[str]]]:
        stated = [c for c in clauses if isinstance(c, Modifies)]
        if not stated:
            return
        targets = {t for c in stated for t in c.targets}
        for old, name in case.names.items():
            kind = case.variables.get(name)
            if kind is None or kind.name not in _MUTABLE or kind.name == "class":
                continue
            if any(t == old or t.startswith((f"{old}.", f"{old}[")) for t in targets):
                continue
            words = self.calls.words(case)
            lines = words.asserted(f"{old} == old({old})")
            test = named(case.base, f"leaves {old} as it is", "", self.names.taken)
            self.names.taken.add(test)
            yield test, f"Modifies does not name ``{old}``.", self._run(case, body, words, lines)

    def _invariant(self, case: Case, body: _Body) -> Iterator[tuple[str, str, list[str]]]:
        owner, function = case.owner, case.function
        if owner is None or case.subject is None or not (_is_public(function) or function.name == "__init__"):
            return
        words = self.calls.words(case)
        lines: list[str] = []
        for clause in owner.invariants:
            if (
                clause.expression is not None
                and not clause.holes
                and self._missing(clause.expression, function) in (None, "self")
            ):
                lines += words.asserted(clause.expression)
        if lines:
            start = "starts with its invariants" if function.name == "__init__" else "keeps the invariants"
            name = named(case.base, start, "", self.names.taken)
            self.names.taken.add(name)
            said = f"What ``{owner.name}`` states of itself holds afterwards."
            yield name, said, self._run(case, body, words, lines)

    def _raising(
        self,
        case: Case,
        clause: Raises,
        others: Sequence[Raises],
        given: list[ast.expr],
        facts: list[ast.expr],
    ) -> None:
        words = self.calls.words(case)
        quiet = [
            ast.UnaryOp(ast.Not(), words.plain(c.expression or "True"))
            for c in others
            if c.exception != clause.exception
        ]
        try:
            made = self._plan(case, [*given, words.plain(clause.expression or "True"), *quiet], facts)
        except Impossible:
            reason = "Requires leaves no input for it"
            self._skip(case.function, clause.text, reason, clause.span.start.line)
            return
        error = self._exception(clause.exception)
        name = named(case.base, f"raises {_spelt(error)} if {_shown(clause)}", "", self.names.taken)
        self.names.taken.add(name)
        self.names.modules.add("pytest")
        refused = f"Arguments for which ``{case.function.qualname}`` raises {error}."
        body = _Body(case, made, f"{case.base}_refused_arguments", refused, [])
        said = f"{error} if {_said(clause)}"
        lines = [f"with pytest.raises({error}):", f"    {case.call}"]
        self._write_tests(case, body, [(name, said, lines)])

    def _examples(self, function: Function) -> None:
        examples = [c for c in function.clauses if isinstance(c, Example)]
        rows: list[str] = []
        for example in examples:
            found = asserted(example.expression or example.text, example.want)
            if isinstance(found, str):
                self._skip(function, example.text.splitlines()[0], found, example.span.start.line)
                continue
            rows += found
            self.names.modules |= {"pytest"} if any("pytest." in row for row in found) else set()
        if not any(row.lstrip().startswith(("assert", "with")) for row in rows):
            return
        tree = ast.parse("\n".join(rows))
        names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.names.need([n for n in names if n not in stored])
        name = named(base_of(function), "examples", "", self.names.taken)
        self.names.taken.add(name)
        self._test(name, f"The examples of ``{function.qualname}``.", [], "", rows)

    def _past(self, case: Case, clauses: Sequence[Clause], anything: Sequence[Raises]) -> None:
        """Inputs that broke a clause some time, on which everything is to hold from now on."""
        seen: set[str] = set()
        for number, past in enumerate(self.subject.past.get(case.function.qualname, ()), 1):
            key = repr((past.arguments, past.setup))
            if key in seen or set(past.arguments) - set(case.names):
                continue
            seen.add(key)
            rows = [*past.setup, *(f"{case.names[n]} = {quoted(v)}" for n, v in past.arguments.items())]
            try:
                tree = ast.parse("\n".join(rows))
            except (SyntaxError, ValueError):
                continue
            stored = {
                n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            spoken = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - stored
            if set(case.variables) - stored or any(
                n not in self.names.bindings and not hasattr(builtins, n) for n in spoken
            ):
                continue
            self.names.need(spoken)
            words = self.calls.words(case)
            requires = [words.plain(c.expression or "True") for c in clauses if isinstance(c, Requires)]
            if requires:
                self.names.modules.add("pytest")
                joined = ast.BoolOp(ast.And(), requires) if len(requires) > 1 else requires[0]
                rows += wrapped("if not ", f"({quoted(source(joined))})")
                rows[-1] += ":"
                rows.append('    pytest.skip("Requires does not allow it any more")')
            rows += self._on(case, words, clauses, anything)
            name = named(case.base, f"past counterexample {number}", "", self.names.taken)
            self.names.taken.add(name)
            self._test(name, f"It once failed on ``{past.call or case.call}``.", [], "", rows)

    def _on(
        self, case: Case, words: Words, clauses: Sequence[Clause], anything: Sequence[Raises]
    ) -> list[str]:
        rows: list[str] = []
        for clause in clauses:
            if isinstance(clause, Raises) and clause.expression is not None and clause not in anything:
                self.names.modules.add("pytest")
                rows += wrapped("if ", quoted(source(words.plain(clause.expression))))
                rows[-1] += ":"
                rows += [
                    f"    with pytest.raises({self._exception(clause.exception)}):",
                    f"        {case.call}",
                    "    return",
                ]
        lines: list[str] = []
        for clause in clauses:
            if isinstance(clause, Ensures):
                try:
                    lines += words.asserted(clause.expression or "True")
                except Unsayable:
                    continue
        return [*rows, *self._run(case, _Body(case, None, "", "", anything), words, lines)]

    def _test(
        self, name: str, said: str, decorators: Sequence[str], parameters: str, lines: Sequence[str]
    ) -> None:
        said = " ".join(said.split()).replace("\\", "\\\\").replace('"""', "'''")
        said = said if said.endswith((".", "?", "!")) else f"{said}."
        said = f"{said} " if said.endswith('"') else said
        rows = [
            *decorators,
            f"def {name}({parameters}):",
            f'    """{said}"""',
            *(f"    {line}" for line in lines),
        ]
        self.tests.append(name)
        self.blocks.append("\n".join(rows))

    def _plan(self, case: Case, predicates: Sequence[ast.expr], facts: Iterable[ast.expr]) -> Plan:
        for predicate in predicates:
            self.names.need(
                n.id for n in ast.walk(predicate) if isinstance(n, ast.Name) and n.id not in case.variables
            )
        try:
            return plan(
                case.variables,
                predicates,
                self.types,
                self.objects.of_class,
                facts=facts,
                hints=case.hints,
                constants=self.names.integers - set(case.variables),
            )
        except (Unwritable, Unreadable) as why:
            raise NotCallable(f"no inputs can be made: {why}") from None

    def _text(self) -> str:
        head = (
            f'"""What {self.subject.shown or self.subject.name} states, tested on inputs that it allows."""'
        )
        text = "\n\n".join([head, self.names.imports()]) + "\n\n\n" + "\n\n\n".join(self.blocks) + "\n"
        return f"{MARK}; its digest is {digest(text)}.\n{text}"


@dataclass(frozen=True)
class _Body:
    """How the tests of a function call it.

    Attributes:
        strategies: What its strategy is called, and ``said`` what it is.
        anything: Exceptions that may be raised at any time.
    """

    case: Case
    plan: Plan | None
    strategies: str
    said: str
    anything: Sequence[Raises]


def _is_exact(clause: Raises, testable: Sequence[Clause]) -> bool:
    """Whether an exception is raised if and only if something holds that a test can evaluate."""
    return clause in testable and clause.exact and clause.expression is not None


def _is_public(function: Function) -> bool:
    return not function.name.startswith("_")


def _raises(function: Function) -> bool:
    return any(isinstance(c, Raises) for c in function.clauses)


def _shown(clause: Clause) -> str:
    return clause.expression or clause.text


def _said(clause: Clause) -> str:
    text = f"``{' '.join(clause.text.split()).strip('`')}``"
    return f"{text}: {clause.prose}" if clause.prose and isinstance(clause, Ensures) else text


def _spelt(error: str) -> str:
    return snake(error.rpartition(".")[2]).replace("_", " ")
