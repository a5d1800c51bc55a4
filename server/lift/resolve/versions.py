"""What differs between two states of a specification, and which of the two asks for more.

Clauses are told apart by what they say, so that no layout makes a difference. Whether a clause that took
another's place is weaker or stronger is the solver's to say, in a worker; whatever it does not show is
``changed``. Must not import the solver before it is asked.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lift_ir import Change, ChangeKind, Frozen, Module, PastClause, PastState, Relation, SpecificationDiff

from lift.resolve.targets import target_of
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

ENTRY = "lift.resolve.versions:task"
"""What a worker calls."""
SECONDS = 10.0
"""Wall-clock budget for one comparison."""

_COMPARED = ("requires", "ensures")
_LIKE = 0.5
_MOST_PAIRS = 25
_HOLE = "__hole_"


class Pair(Frozen):
    """Two states of one function; ``current`` says whether the newer one is the text as it is now."""

    before: PastState
    after: PastState
    current: bool = False


@dataclass(frozen=True)
class Verdict:
    """How a clause, or all of a kind, stands to what it replaces, with a call that shows it."""

    relation: Relation
    example: str = ""


Judge = Callable[[str, Sequence[str], Sequence[str]], Verdict]


def nobody(kind: str, before: Sequence[str], after: Sequence[str]) -> Verdict:
    """The judge where no solver is asked."""
    return Verdict("unknown")


def difference(pair: Pair, judge: Judge = nobody) -> SpecificationDiff:
    """What differs between two states.

    Args:
        judge: Says how expressions of a kind stand to those that they replace.
    """
    before, after = pair.before, pair.after
    changes = [*_clauses(before, after, judge)]
    if before.summary != after.summary:
        changes.insert(0, Change(kind="intent", before=before.summary or None, after=after.summary or None))
    elif before.docstring != after.docstring and not changes:
        changes.append(Change(kind="prose"))
    if before.name != after.name:
        changes.insert(0, Change(kind="name", before=before.name, after=after.name))
    if before.code != after.code:
        changes.append(Change(kind="code"))
    return SpecificationDiff(
        name=after.name,
        old=before.number,
        new=None if pair.current else after.number,
        changes=tuple(changes),
        requires=_whole("requires", before, after, judge),
        ensures=_whole("ensures", before, after, judge),
    )


def task(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str,
    sources: Sources = NOTHING,
) -> SpecificationDiff:
    """The difference between two states, judged by the solver over the function as it is now."""
    pair = Pair.model_validate_json(details)
    return difference(pair, _solver(module, text, qualname, options.seconds, pair, sources))


def _clauses(before: PastState, after: PastState, judge: Judge) -> list[Change]:
    old = {c.id: c for c in before.clauses}
    new = {c.id: c for c in after.clauses}
    gone = [c for c in before.clauses if c.id not in new]
    come = [c for c in after.clauses if c.id not in old]
    partners = _partners(gone, come, judge)
    moved = _moved(
        [c.id for c in before.clauses if c.id in new], [c.id for c in after.clauses if c.id in old]
    )
    changes: list[Change] = []
    for clause in after.clauses:
        earlier = old.get(clause.id)
        if earlier is None:
            changes.append(partners.get(clause.id) or _change("added", None, clause))
            continue
        if earlier.prose != clause.prose:
            said = (earlier.prose or None, clause.prose or None)
            changes.append(Change(kind="prose", clause=clause.kind, before=said[0], after=said[1]))
        if clause.id in moved:
            changes.append(_change("moved", earlier, clause))
    replaced = {change.before for change in partners.values()}
    changes += [_change("removed", c, None) for c in gone if c.text not in replaced]
    return changes


def _partners(gone: Sequence[PastClause], come: Sequence[PastClause], judge: Judge) -> dict[str, Change]:
    """New clauses by id, with what they took the place of."""
    found: dict[str, Change] = {}
    left = list(gone)
    pairs = [(a, b) for b in come for a in gone if a.kind == b.kind]
    if len(pairs) <= _MOST_PAIRS:
        judged = {
            (a.id, b.id): judge(b.kind, [a.expression], [b.expression])
            for a, b in pairs
            if a.expression is not None and b.expression is not None and b.kind in _COMPARED
        }
        for wanted in ("same", "weaker", "stronger"):
            for a, b in sorted(pairs, key=lambda pair: -_likeness(*pair)):
                verdict = judged.get((a.id, b.id))
                if verdict is None or verdict.relation != wanted or b.id in found or a not in left:
                    continue
                found[b.id] = _change(wanted, a, b, verdict.example)
                left.remove(a)
    for likeness, a, b in sorted(((_likeness(a, b), a, b) for a, b in pairs), key=lambda one: -one[0]):
        if likeness >= _LIKE and b.id not in found and a in left:
            found[b.id] = _change("changed", a, b)
            left.remove(a)
    return found


def _likeness(one: PastClause, other: PastClause) -> float:
    return difflib.SequenceMatcher(None, one.text, other.text, autojunk=False).ratio()


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The clauses that stand in another order than before, as few of them as explain it."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    kept = {
        before[i] for block in matcher.get_matching_blocks() for i in range(block.a, block.a + block.size)
    }
    return set(after) - kept


def _change(
    kind: ChangeKind, before: PastClause | None, after: PastClause | None, example: str = ""
) -> Change:
    clause = after or before
    return Change(
        kind=kind,
        clause=clause.kind if clause is not None else None,
        before=before.text if before is not None else None,
        after=after.text if after is not None else None,
        example=example,
    )


def _whole(kind: str, before: PastState, after: PastState, judge: Judge) -> Relation | None:
    """How all clauses of a kind stand to those before; None where they are the same ones."""
    old = [c for c in before.clauses if c.kind == kind]
    new = [c for c in after.clauses if c.kind == kind]
    if {c.id for c in old} == {c.id for c in new}:
        return None
    asked, said = _checked(old), _checked(new)
    if asked is None or said is None:
        return "unknown"
    return judge(kind, asked, said).relation


def _checked(clauses: Iterable[PastClause]) -> list[str] | None:
    """The expressions of clauses; None where one is open, so that nobody knows what they say together."""
    found = [c.expression for c in clauses]
    if any(one is None or _HOLE in one for one in found):
        return None
    return [one for one in found if one is not None]


def _solver(module: Module, text: str, qualname: str, seconds: float, pair: Pair, sources: Sources) -> Judge:
    """A judge that asks the solver, over any arguments of the types that the function has now."""
    from dataclasses import replace

    function = next((f for f in module.all_functions() if f.qualname == qualname), None)
    target = target_of(module, text, function, sources) if function is not None else None
    if function is None or target is None:
        return nobody
    from lift.verify.clause_space import space_of

    until = time.monotonic() + seconds
    asked = [{c.id for c in s.clauses if c.kind == "requires"} for s in (pair.before, pair.after)]
    now = {c.id for c in function.clauses if c.kind == "requires"}
    spaces = {}
    for kind in _COMPARED:
        # Clauses are compared for all arguments that both states allow, which is known where Requires stayed.
        kept = kind == "ensures" and asked[0] == asked[1] == now
        clauses = tuple(c for c in function.clauses if kept and c.kind == "requires")
        bare = replace(target, ir=function.model_copy(update={"clauses": clauses}))
        spaces[kind] = [
            space_of(bare, after=kind == "ensures", shapes=shapes, seconds=seconds / 2) for shapes in (0, 3)
        ]

    def judge(kind: str, before: Sequence[str], after: Sequence[str]) -> Verdict:
        space, small = spaces[kind]
        if space is None or time.monotonic() > until or any(_HOLE in one for one in (*before, *after)):
            return Verdict("unknown")
        less = all(space.implies(before[1:], before[0] if before else "True", one) == "yes" for one in after)
        more = all(space.implies(after[1:], after[0] if after else "True", one) == "yes" for one in before)
        if less and more:
            return Verdict("same")
        if small is None or not (less or more):
            return Verdict("unknown")
        # That no proof of the other direction is found says nothing; a case that tells them apart does.
        allowed, barred = (after, before) if less else (before, after)
        case = small.example(list(allowed), [_all(barred)])
        if case is None:
            return Verdict("unknown")
        return Verdict("weaker" if less else "stronger", _call(function.name, case, small.result))

    return judge


def _all(clauses: Sequence[str]) -> str:
    return " and ".join(f"({one})" for one in clauses) or "True"


def _call(name: str, case: dict[str, str], result: str | None) -> str:
    given = dict(case)
    value = given.pop(result, None) if result is not None else None
    call = f"{name}({', '.join(f'{parameter}={text}' for parameter, text in given.items())})"
    return call if value is None else f"{call} → {value}"
