"""Contract decorators of icontract and deal → clauses.

The conditions are lambdas, so they are code that other tools check; here they are only brought into the
notation's words. One that cannot be, such as a function passed by name, becomes a clause without an
expression. Must not import other parts of lift than this package.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence

from lift_ir import ClauseSource, Effect, EffectWord, Ensures, Invariant, Raises, Requires

from lift.extract import notation
from lift.extract.bindings import ModuleNames
from lift.extract.draft import Draft, clause_id
from lift.extract.names import NOTATION, argument_names
from lift.extract.nodes import span_of

_KINDS = {
    "icontract.require": "requires",
    "icontract.ensure": "ensures",
    "icontract.invariant": "invariant",
    "deal.pre": "requires",
    "deal.post": "ensures",
    "deal.ensure": "ensures",
    "deal.inv": "invariant",
}
_DEAL_MARKERS: dict[str, EffectWord] = {
    **dict.fromkeys(["network", "socket"], "network"),
    **dict.fromkeys(["read", "write"], "filesystem"),
    **dict.fromkeys(["stdout", "stderr", "stdin", "print", "input"], "console"),
    "syscall": "process",
    "random": "random",
    "time": "time",
}


def read_contracts(draft: Draft, decorators: Sequence[ast.expr]) -> None:
    """Adds what the contract decorators of a function or class state, outermost first."""
    calls = [(decorator, _resolved(draft.scope.module, decorator)) for decorator in decorators]
    calls = [
        (decorator, name) for decorator, name in calls if name.partition(".")[0] in {"icontract", "deal"}
    ]
    if not calls:
        return
    snapshots = _snapshots(draft, calls)
    for decorator, name in calls:
        _contract(draft, decorator, name, snapshots)


def _contract(draft: Draft, decorator: ast.expr, name: str, snapshots: Mapping[str, ast.expr]) -> None:
    arguments = decorator.args if isinstance(decorator, ast.Call) else []
    if name == "deal.chain":
        read_contracts(draft, arguments)
    elif name in _KINDS and isinstance(decorator, ast.Call):
        _condition(draft, decorator, name, snapshots)
    elif name in {"deal.raises", "deal.reason"} and arguments:
        condition = arguments[1] if name == "deal.reason" and len(arguments) > 1 else None
        for exception in arguments[:1] if name == "deal.reason" else arguments:
            _raises(draft, exception, condition)
    elif name == "deal.pure":
        _effect(draft, "none", decorator)
    elif name == "deal.has":
        if not arguments:
            _effect(draft, "none", decorator)
        for marker in arguments:
            word = _DEAL_MARKERS.get(str(marker.value)) if isinstance(marker, ast.Constant) else None
            _effect(draft, word, marker)


def _condition(draft: Draft, call: ast.Call, name: str, snapshots: Mapping[str, ast.expr]) -> None:
    """A condition with its description."""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    condition = call.args[0] if call.args else options.get("condition") or options.get("validator")
    if condition is None:
        return
    described = call.args[1] if len(call.args) > 1 else options.get("description") or options.get("message")
    prose = (
        described.value if isinstance(described, ast.Constant) and isinstance(described.value, str) else ""
    )
    kind = _KINDS[name]
    body = condition.body if isinstance(condition, ast.Lambda) else condition
    expression = None
    if isinstance(condition, ast.Lambda):
        expression = _expression(draft, condition, name, snapshots)
    span = span_of(draft.index, body)
    text = draft.index.text_at(span)
    source: ClauseSource = "icontract" if name.startswith("icontract") else "deal"
    fields = {
        "id": clause_id(kind, expression or " ".join(text.split())),
        "text": text,
        "expression": expression,
        "prose": prose,
        "span": span,
        "source": source,
    }
    draft.written = True
    clause = {"requires": Requires, "ensures": Ensures, "invariant": Invariant}[kind]
    draft.clauses.append(clause.model_validate(fields))


def _expression(
    draft: Draft, condition: ast.Lambda, name: str, snapshots: Mapping[str, ast.expr]
) -> str | None:
    """The lambda's body in the notation's words, None if its parameters mean something else."""
    names = list(argument_names(condition.args))
    renamed: dict[str, str] = {}
    whole: str | None = None
    if name == "deal.post" and len(names) == 1:
        renamed[names[0]] = draft.scope.result
    elif name == "deal.inv" and len(names) == 1:
        renamed[names[0]] = "self"
    elif name.startswith("deal.") and names == ["_"]:
        whole = "_"
    elif _is_ensures(name) and "result" in names:
        renamed["result"] = draft.scope.result
    allowed = {*draft.scope.parameters, *renamed, "OLD"} | ({whole} if whole else set())
    if not set(names) <= allowed or condition.args.defaults or condition.args.kw_defaults:
        return None
    tree = _Renamed(renamed, whole, snapshots, draft.scope.result).visit(copy.deepcopy(condition.body))
    if any(isinstance(n, ast.Name) and n.id in {"OLD", "_ARGS", "_KWARGS"} | ({whole} if whole else set())
           for n in ast.walk(tree)):  # fmt: skip
        return None
    # A module's own function called old or implies would be read as ours.
    if any(isinstance(n, ast.Name) and n.id in NOTATION for n in ast.walk(condition.body)):
        return None
    return notation.parse(notation.unparse(tree) or "").expression


def _is_ensures(name: str) -> bool:
    """True for decorators that speak about the result."""
    return _KINDS[name] == "ensures"


class _Renamed(ast.NodeTransformer):
    """Brings a contract's names into the notation's words."""

    def __init__(
        self, renamed: Mapping[str, str], whole: str | None, snapshots: Mapping[str, ast.expr], result: str
    ) -> None:
        self.renamed = renamed
        self.whole = whole
        self.snapshots = snapshots
        self.result = result

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.renamed.get(node.id, node.id), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name):
            if node.value.id == "OLD" and node.attr in self.snapshots:
                return ast.Call(ast.Name("old", ast.Load()), [copy.deepcopy(self.snapshots[node.attr])], [])
            if self.whole is not None and node.value.id == self.whole:
                return ast.Name(self.result if node.attr == "result" else node.attr, ast.Load())
        self.generic_visit(node)
        return node


def _snapshots(draft: Draft, calls: Sequence[tuple[ast.expr, str]]) -> dict[str, ast.expr]:
    """What icontract's ``OLD.name`` stands for: the expression whose value was taken before the call."""
    found: dict[str, ast.expr] = {}
    for decorator, name in calls:
        if name != "icontract.snapshot" or not isinstance(decorator, ast.Call) or not decorator.args:
            continue
        capture = decorator.args[0]
        if not isinstance(capture, ast.Lambda):
            continue
        names = list(argument_names(capture.args))
        label = next((k.value for k in decorator.keywords if k.arg == "name"), None)
        if label is None and len(decorator.args) > 1:
            label = decorator.args[1]
        if isinstance(label, ast.Constant) and isinstance(label.value, str):
            key = label.value
        elif label is None and len(names) == 1:
            key = names[0]
        else:
            continue
        if set(names) <= draft.scope.parameters:
            found[key] = capture.body
    return found


def _raises(draft: Draft, exception: ast.expr, condition: ast.expr | None) -> None:
    """``deal.raises`` and ``deal.reason``: the exception may be raised, perhaps only under a condition."""
    name = notation.unparse(exception) or ""
    lambda_ = condition if isinstance(condition, ast.Lambda) else None
    expression = None if lambda_ is None else _expression(draft, lambda_, "deal.pre", {})
    span = span_of(draft.index, exception if lambda_ is None else lambda_.body)
    draft.written = True
    draft.clauses.append(
        Raises(
            id=clause_id("raises", f"{name}:{expression or ''}"),
            text=draft.index.text_at(span),
            expression=expression,
            span=span,
            source="deal",
            exception=name,
            exact=False,
        )
    )


def _effect(draft: Draft, word: EffectWord | None, node: ast.expr) -> None:
    span = span_of(draft.index, node)
    text = draft.index.text_at(span)
    draft.written = True
    draft.clauses.append(
        Effect(
            id=clause_id("effect", word or text),
            text=text,
            expression=word,
            span=span,
            source="deal",
            word=word,
        )
    )


def _resolved(names: ModuleNames, decorator: ast.expr) -> str:
    """The dotted name of what decorates, with the module's imports resolved."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    binding = names.get(node.id)
    if binding is None or binding.kind != "import":
        return ""
    return ".".join([binding.target, *reversed(path)])
