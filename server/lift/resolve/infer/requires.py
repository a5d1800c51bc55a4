"""What a function has to require so that nothing undeclared is raised: conditions from where it can raise."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from lift_ir import Raised, TypeExpr

from lift.resolve.infer.grammar import kind_of
from lift.resolve.infer.subject import Subject
from lift.verify.program import own_nodes
from lift.verify.replay import Case, Check, Run

_LEAST_SHARE = 0.3
_MOST = 6
# Of a size that no machine has; proofs assume such sizes away as well.
_SIZES = ("OverflowError", "MemoryError")


def raising(runs: list[Run]) -> list[Run]:
    """The runs that an undeclared exception escaped from."""
    return [r for r in runs if r.status == "ok" and isinstance(r.outcome, Raised) and r.undeclared]


def conditions(subject: Subject) -> list[tuple[str, ...]]:
    """Sets of conditions that rule out every input that raised, the weakest and shortest set first."""
    plain = subject.run((), seconds=2.0)
    groups: dict[tuple[str, int], list[int]] = {}
    good: list[int] = []
    # What the body raises itself is its answer to an input, and no sign that the input is not meant for it.
    meant = raise_lines(subject)
    for number, run in enumerate(plain):
        if run.status != "ok":
            continue
        if isinstance(run.outcome, Raised):
            on_purpose = run.outcome.line in meant or run.outcome.exception in _SIZES
            if run.undeclared and run.outcome.exception != "AssertionError" and not on_purpose:
                groups.setdefault((run.outcome.exception, run.outcome.line or 0), []).append(number)
        else:
            good.append(number)
    if not groups or len(good) < 3:
        return []
    atoms = list(dict.fromkeys(atoms_of(subject)))
    if not atoms:
        return []
    checks = [Check(f"atom:{n}", "ensures", a) for n, a in enumerate(atoms)]
    judged = subject.run(checks, [ast.Pass()], seconds=2.0)
    inputs = _paired(subject.inputs, judged)
    best: list[list[str]] = []
    for bad in groups.values():
        scored = []
        for place, atom in enumerate(atoms):
            values = [truth(inputs[n], f"atom:{place}") for n in range(len(inputs))]
            if any(values[n] is not False for n in bad if n < len(values)):
                continue
            if any(values[n] is None for n in good if n < len(values)):
                continue
            kept = sum(1 for n in good if n < len(values) and values[n])
            if kept >= max(3, _LEAST_SHARE * len(good)):
                scored.append((len(good) - kept + len(atom) / 12, atom))
        best.append([atom for _, atom in sorted(scored)[:4]])
    if not all(best):
        return []
    sets = [tuple(dict.fromkeys(choice)) for choice in itertools.product(*best)]
    return list(dict.fromkeys(sets))[:_MOST]


def raise_lines(subject: Subject) -> set[int]:
    """The lines on which the body itself says that something is raised."""
    return {n.lineno for n in own_nodes(subject.node) if isinstance(n, ast.Raise)}


def _paired(inputs: list[Case], runs: list[Run]) -> list[Run]:
    # A run comes back for each input, in their order, until time is up.
    return runs[: len(inputs)]


def truth(run: Run, key: str) -> bool | None:
    """How a run judged a check; None where it did not."""
    verdict = run.verdicts.get(key)
    return None if run.status != "ok" or verdict is None else verdict.holds


def atoms_of(subject: Subject) -> Iterator[str]:
    """Divisors, indices, keys and None, said of the parameters; then their signs and lengths."""
    own = {p.name for p in subject.ir.signature.parameters}
    kept = own - {
        n.id for n in ast.walk(subject.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }

    def speaks(node: ast.AST) -> bool:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {
            "len",
            "min",
            "max",
            "abs",
            "sum",
        }
        return bool(names) and names <= kept

    for node in (n for s in subject.body for n in ast.walk(s)):
        match node:
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=right) if speaks(right):
                sized = isinstance(right, ast.Call) and ast.unparse(right.func) == "len"
                yield f"{ast.unparse(right)} {'>' if sized else '!='} 0"
                yield f"{ast.unparse(right)} > 0"
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice) and speaks(
                value
            ):
                held = ast.unparse(value)
                if isinstance(index, ast.Constant) and isinstance(index.value, int):
                    least = index.value if index.value >= 0 else -index.value - 1
                    yield f"len({held}) > {least}"
                if speaks(index):
                    yield f"0 <= {ast.unparse(index)} < len({held})"
                    yield f"-len({held}) <= {ast.unparse(index)} < len({held})"
                    yield f"{ast.unparse(index)} in {held}"
                yield f"len({held}) > 0"
            case ast.Compare(
                left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]
            ):
                if speaks(left) and speaks(node):
                    yield ast.unparse(node)
            case ast.Assert(test=test) if speaks(test):
                yield ast.unparse(test)
    whole, sized = [], []
    for parameter in subject.ir.signature.parameters:
        if not isinstance(parameter.type, TypeExpr):
            continue
        arms = list(kind_of(parameter.type.text))
        kinds = [k for k, _ in arms]
        if "None" in kinds:
            yield f"{parameter.name} is not None"
            continue
        if kinds == ["int"] or kinds == ["float"]:
            whole.append(parameter.name)
            yield from (f"{parameter.name} {op} 0" for op in ("!=", ">=", ">"))
            yield from (f"{parameter.name} {op} 1" for op in ("!=", ">=", ">"))
            for other in (12, 255):
                yield f"0 <= {parameter.name} <= {other}"
                yield f"1 <= {parameter.name} <= {other}"
        elif kinds and kinds[0] in ("list", "str", "tuple-of", "dict", "set", "bytes"):
            sized.append(parameter.name)
            yield f"len({parameter.name}) > 0"
            yield f"len({parameter.name}) == 1"
            if arms[0][1] in ("int", "float"):
                yield f"all(v != 0 for v in {parameter.name})"
                yield f"sum({parameter.name}) != 0"
    for one, other in itertools.permutations(whole, 2):
        yield f"{one} <= {other}"
        yield f"{one} < {other}"
        yield f"{one} != {other}"
    for one, other in itertools.permutations(sized, 2):
        yield f"len({one}) <= len({other})"
        if one < other:
            yield f"len({one}) == len({other})"
    for index, name in itertools.product(whole, sized):
        yield f"0 <= {index} < len({name})"
        yield f"0 <= {index} <= len({name})"
        yield f"{index} < len({name})"
        yield f"-len({name}) <= {index} < len({name})"
