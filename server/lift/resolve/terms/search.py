"""The search for what open terms may be, and the candidates that it gives.

Proposals and integers that no run rules out are put to the verifier; those that stand are compared by the
solver, so that the weakest and the strongest can be named. Scores:

====  ==============================================================================================
1.0   proved, and nothing that was checked says more under Ensures or asks less under Requires
0.85  the same of an expression that is put together
0.75  proved, and the other extreme
0.65  proved
0.45  consistent, and named by the function itself
0.35  held on all runs, or the last integer that is consistent
0.25  consistent
0.1   the body breaks it
====  ==============================================================================================

Where types had to be assumed, none is above 0.5.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lift_ir import Candidate, Provenance, Returned

from lift.resolve.context import Context
from lift.resolve.terms import code
from lift.resolve.terms.checking import Verdict, checked, checked_together, keeps_without
from lift.resolve.terms.compare import Comparison, Order, Strength, comparison_of, target_of
from lift.resolve.terms.edges import End, bisected, ends
from lift.resolve.terms.pool import Option, integers, options, type_wanted
from lift.resolve.terms.question import PREFIX, Assignment, NotModelled, Question, question_of
from lift.resolve.terms.trying import Runs, runs_of
from lift.verify.replay import Run

if TYPE_CHECKING:
    from lift.verify.clause_space import Certainty

_SECONDS = 12.0
_AT_ONCE = 10
_MOST_CHECKED = 24
_MOST_SINGLY = 8
_MOST_COMPARED = 14
_MOST_ASKED = 40
_MOST_PAIRS = 400
_ROUNDS = 2
_OFFERED = 6
_EXTREMES = 2

_BEST, _DERIVED, _OTHER, _PROVED = 1.0, 0.85, 0.75, 0.65
_NAMED, _LAST, _POSSIBLE, _BROKEN = 0.45, 0.35, 0.25, 0.1
_WITH_TYPES = 0.5


@dataclass
class Found:
    """One filling of the open terms with what is known of it.

    Attributes:
        values: What each term is.
        last: Whether it is the last integer of those that are kept or consistent.
        next: What the next integer would do, for the last one.
    """

    values: Assignment
    option: Option
    verdict: Verdict
    last: bool = False
    next: str = ""
    strength: Strength | None = None


@dataclass
class _Search:
    question: Question
    until: float
    runs: Runs | None
    compared: Comparison
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    is_needed: bool = True

    @property
    def left(self) -> float:
        return self.until - time.monotonic()


def resolve(context: Context) -> tuple[Candidate, ...]:
    """Candidates for a term; none where nothing about it can be decided."""
    if context.function is not None and any(
        h.id == context.hole.id for h in context.function.terms_in_code()
    ):
        return code.resolve(context)
    try:
        question = question_of(context)
    except NotModelled:
        return ()
    if question is None:
        return ()
    until = min(context.deadline, time.monotonic() + _SECONDS)
    if len(question.names) == 1:
        search = _begun(question, until)
        return tuple(_candidates(search, _alone(search)))
    if question.separable and (question.kinds == {"ensures"} or not question.has_body):
        return tuple(_joined(question, until))
    search = _begun(question, until)
    key = (question.text, question.function.qualname, frozenset(question.names))
    if key not in _together_before:
        _together_before.clear()
        _together_before[key] = tuple(_together(search))
    proposals = {o.text: o for o in options(question, question.name)}
    found = [
        replace(f, option=proposals.get(f.values[question.name], f.option)) for f in _together_before[key]
    ]
    return tuple(_candidates(search, found))


# The fillings of terms that were last looked for together, for the other ones of them.
_together_before: dict[tuple[str, str, frozenset[str]], tuple[Found, ...]] = {}


def _begun(question: Question, until: float) -> _Search:
    left = max(1.0, until - time.monotonic())
    runs = runs_of(question, left) if question.context.options.run_code else None
    compared = comparison_of(question, left)
    asks = question.kinds == {"requires"} and question.has_body
    return _Search(question, until, runs, compared, is_needed=not (asks and keeps_without(question, until)))


# One term.


def _alone(search: _Search) -> list[Found]:
    question = search.question
    name = question.name
    proposals = options(question, name)
    last = _integers(search) if type_wanted(question, name) == "int" else []
    kept = _kept(search, [{name: o.text} for o in proposals])
    alive = [o for o, stands in zip(proposals, kept, strict=True) if stands]
    known = {f.option.text for f in last}
    numbers = {f.option.text: f for f in last}
    alive = [o for o in alive if o.text not in known and not _plain_number(o, numbers)]
    if not question.has_body:
        return [*last, *_consistent(search, alive)]
    verdicts = _verdicts(search, [o.text for o in alive[:_MOST_CHECKED]])
    return [*last, *(Found({name: o.text}, o, verdicts[o.text]) for o in alive if o.text in verdicts)]


def _plain_number(option: Option, last: dict[str, Found]) -> bool:
    """A constant of no meaning, where the last integer that is kept is known."""
    return bool(last) and not option.named and option.text.lstrip("-").isdigit()


def _kept(search: _Search, assignments: Sequence[Assignment]) -> list[bool]:
    """Which fillings no run breaks; of a function without a body all."""
    if search.runs is None:
        return [True] * len(assignments)
    return [run is None for run in search.runs.breaking(assignments)]


def _consistent(search: _Search, alive: Sequence[Option]) -> list[Found]:
    found: list[Found] = []
    for option in alive:
        if search.left < 0.5:
            break
        values = {search.question.name: option.text}
        answer = search.compared.is_possible(values)
        if answer == "no" or search.compared.says_nothing(values):
            continue
        state = "open" if answer == "yes" else "impossible"
        if state == "open":
            found.append(Found(values, option, Verdict("open")))
    return found


def _verdicts(search: _Search, texts: Sequence[str]) -> dict[str, Verdict]:
    """What the verifier says of fillings of the one term, as far as there is time."""
    question, name = search.question, search.question.name
    found: dict[str, Verdict] = {}
    fresh: list[str] = []
    for text in texts:
        if text in search.verdicts:
            found[text] = search.verdicts[text]
        elif search.compared.says_nothing({name: text}):
            found[text] = Verdict("empty")
        elif search.compared.is_possible({name: text}) == "no" and "requires" in question.kinds:
            found[text] = Verdict("impossible")
        else:
            fresh.append(text)
    if question.kinds == {"ensures"}:
        for start in range(0, len(fresh), _AT_ONCE):
            if search.left > 1.0:
                found |= checked_together(question, fresh[start : start + _AT_ONCE], search.until)
    else:
        for text in fresh[:_MOST_SINGLY]:
            if search.left > 1.0:
                found[text] = checked(question, {name: text}, search.until)
    search.verdicts |= found
    return found


# Integers.


def _ladder(search: _Search) -> list[int]:
    mentioned = [v + d for v in integers(search.question) for d in (-1, 0, 1)]
    powers = [s * b**e for s in (1, -1) for b, most in ((2, 33), (10, 10)) for e in range(most)]
    return sorted({*range(-12, 25), *mentioned, *powers})


def _integers(search: _Search) -> list[Found]:
    """The last integers for which the clauses are kept, or without a body can be met."""
    question, name = search.question, search.question.name
    if not question.has_body:
        return _last_consistent(search)
    proposals = {o.text: o for o in options(question, name)}
    found: list[Found] = []
    for end in _proved_ends(search):
        text = str(end.inside)
        verdict = search.verdicts[text]
        option = proposals.get(text, Option(text))
        found.append(Found({name: text}, option, verdict, True, _next(search, end.outside)))
    return found


def _proved_ends(search: _Search) -> list[End]:
    """The last integers for which the clauses are proved; where that fails, those that no run breaks."""
    ladder = _ladder(search)
    solved = _ends_of_paths(search, ladder)
    if solved is not None:
        return solved
    shown = _ends_of_runs(search, ladder)
    found = [e for e in shown if search.verdicts[str(e.inside)].state == "proved"]
    sides = {e.is_upper for e in found}
    # A loop leaves it to the verifier to say how far a proof goes.
    for upper in {True, False} - sides:
        end = _end_of_proofs(search, ladder, upper=upper)
        if end is not None:
            found.append(end)
            sides.add(upper)
    undecided = [e for e in shown if search.verdicts[str(e.inside)].state == "open"]
    return found + [e for e in undecided if e.is_upper not in sides]


def _ends_of_runs(search: _Search, ladder: Sequence[int]) -> list[End]:
    """Where runs, with those that the verifier adds, say that the clauses are kept no longer."""
    runs, name = search.runs, search.question.name
    if runs is None:
        return []

    def has(values: Sequence[int]) -> list[bool]:
        return [run is None for run in runs.breaking([{name: str(v)} for v in values])]

    found: list[End] = []
    for _ in range(_ROUNDS):
        found = ends(has, ladder)
        verdicts = _verdicts(search, [str(e.inside) for e in found])
        broken = [v for v in verdicts.values() if v.state == "broken" and v.arguments]
        learned = [runs.learn(dict(v.arguments), v.setup) for v in broken]
        if not any(learned) or search.left < 1.5:
            break
    return [e for e in found if str(e.inside) in search.verdicts]


def _ends_of_paths(search: _Search, ladder: Sequence[int]) -> list[End] | None:
    """Where the solver finds a path that breaks a clause; None where proofs do not go as far as it says."""
    from lift.verify.term_bounds import bounds_of

    question = search.question
    target = target_of(question)
    if target is None or search.left < 1.5 or question.kinds - {"requires", "ensures"}:
        return None
    clauses = {k: [p.expression for p in question.parts if p.kind == k] for k in ("requires", "ensures")}
    made = bounds_of(target, PREFIX + question.name, seconds=search.left / 2, **clauses)
    if made is None:
        return None
    kept: dict[int, Certainty] = {}

    def has(values: Sequence[int]) -> list[bool]:
        for value in values:
            # Where the solver does not say once, an end would be one of its patience.
            if value not in kept and "unknown" not in kept.values():
                kept[value] = made.kept(value)
        return [kept.get(value) == "yes" for value in values]

    found = ends(has, ladder[:: max(1, len(ladder) // _MOST_ASKED)], points=1)
    if "yes" not in kept.values() or "unknown" in kept.values():
        return None
    verdicts = _verdicts(search, [str(e.inside) for e in found])
    states = {v.state for v in verdicts.values()}
    return found if len(verdicts) == len(found) and states <= {"proved"} else None


def _end_of_proofs(search: _Search, ladder: Sequence[int], *, upper: bool) -> End | None:
    """The last integer for which there is a proof, from one that has one on."""

    def proved(value: int) -> bool:
        verdict = _verdicts(search, [str(value)]).get(str(value)) if search.left > 2.0 else None
        return verdict is not None and verdict.state == "proved"

    direction = 1 if upper else -1
    farthest = ladder[-1] if upper else ladder[0]
    if not _is_wanted(search, direction):
        return None
    start = next((v for v in _starts(search, upper=upper) if proved(v)), None)
    if start is None or proved(farthest):
        return None
    step = 1
    while abs(start + direction * step) < abs(farthest) and proved(start + direction * step):
        start, step = start + direction * step, 2 * step
    inside = bisected(proved, start, start + direction * step)
    return End(inside, inside + direction) if search.left > 2.0 else None


def _is_wanted(search: _Search, direction: int) -> bool:
    """Whether integers in that direction ask for less under Requires, or say more under Ensures."""
    name = search.question.name
    pair = [{name: "0"}, {name: str(direction)}]
    order = search.compared.order(pair)
    return order.below(0, 1) if _best(search.question) == "weakest" else order.below(1, 0)


def _starts(search: _Search, *, upper: bool) -> list[int]:
    """The integers that the function mentions, which no run breaks, the likeliest to be proved first."""
    name = search.question.name
    mentioned = sorted({0, *integers(search.question)}, key=lambda v: v if upper else -v)[:4]
    kept = _kept(search, [{name: str(v)} for v in mentioned])
    return [v for v, stands in zip(mentioned, kept, strict=True) if stands]


def _next(search: _Search, value: int) -> str:
    """``with 9 f(3) gives 10``, where a run shows it."""
    run = None
    if search.runs is not None:
        (run,) = search.runs.breaking([{search.question.name: str(value)}])
    if run is not None:
        return f"with {value} it is broken: {_told(run)}"
    verdict = _verdicts(search, [str(value)]).get(str(value))
    if verdict is None or verdict.state not in ("broken", "open"):
        return ""
    return f"with {value} it is {'broken: ' if verdict.state == 'broken' else 'not proved: '}{verdict.why}"


def _told(run: Run) -> str:
    outcome = run.outcome
    if isinstance(outcome, Returned):
        return f"{run.call} gives {outcome.value}"
    return f"{run.call} raises {outcome.exception}" if outcome is not None else run.call


def _last_consistent(search: _Search) -> list[Found]:
    question, name = search.question, search.question.name
    start = search.compared.start(name)
    if start is None:
        return []

    def has(values: Sequence[int]) -> list[bool]:
        return [search.left > 0.5 and search.compared.is_possible({name: str(v)}) == "yes" for v in values]

    near = sorted({*range(start - 3, start + 4), *range(-2, 3), *_mentioned(search)})
    far = [s * 2**e for s in (1, -1) for e in range(3, 33, 5)]
    found: list[Found] = []
    for end in ends(has, [*near, *far], points=1):
        option = next(
            (o for o in options(question, name) if o.text == str(end.inside)), Option(str(end.inside))
        )
        if not search.compared.says_nothing({name: option.text}):
            why = f"with {end.outside} the clauses cannot always be met"
            values = {name: option.text}
            found.append(Found(values, option, Verdict("open"), True, why))
    return found


def _mentioned(search: _Search) -> list[int]:
    return [v + d for v in integers(search.question)[:8] for d in (-1, 0, 1)]


# Several terms.


def _together(search: _Search) -> list[Found]:
    """Fillings of terms that only make sense together: of few proposals each, those that stand."""
    question = search.question
    room = max(2, int(_MOST_PAIRS ** (1 / len(question.names))))
    pools = [options(question, name)[:room] for name in question.names]
    every = [dict(zip(question.names, (o.text for o in c), strict=True)) for c in itertools.product(*pools)]
    first = {o.text: o for o in pools[0]}
    kept = _kept(search, every)
    found: list[Found] = []
    for values in [v for v, stands in zip(every, kept, strict=True) if stands][: 4 * _MOST_SINGLY]:
        if search.left < 1.0 or sum(f.verdict.state == "proved" for f in found) >= _MOST_SINGLY:
            break
        if search.compared.is_possible(values) == "no" or search.compared.says_nothing(values):
            continue
        verdict = checked(question, values, search.until) if question.has_body else Verdict("open")
        found.append(Found(values, first[values[question.name]], verdict))
    return found


def _joined(question: Question, until: float) -> Iterator[Candidate]:
    """Terms that can be looked for one by one: each with the best of the others beside it."""
    share = (until - time.monotonic()) / (len(question.names) + 1)
    ranked: dict[str, list[Found]] = {}
    for name in question.names:
        alone = _begun(question.only(name), time.monotonic() + share)
        ranked[name] = _ranked(alone, _alone(alone))
    if not all(ranked.values()):
        return
    others = {name: ranked[name][0].values[name] for name in question.names[1:]}
    search = _begun(question, until)
    found: list[Found] = []
    for one in ranked[question.name]:
        values = {question.name: one.values[question.name], **others}
        if not question.has_body and search.compared.is_possible(values) == "no":
            continue
        found.append(replace(one, values=values))
    yield from _candidates(search, found)


# What is offered.


def _ranked(search: _Search, found: Sequence[Found]) -> list[Found]:
    """What stands, the best first, with the weakest and the strongest named."""
    standing = [f for f in found if f.verdict.state == "proved"]
    standing = standing or [f for f in found if f.verdict.state == "open"]
    if not standing:
        return sorted((f for f in found if f.verdict.state == "broken"), key=_readable)[:_EXTREMES]
    standing.sort(key=lambda f: (not f.last, *_readable(f)))
    standing = standing[:_MOST_COMPARED]
    order = search.compared.order([f.values for f in standing])
    distinct = _distinct(order, len(standing))
    best = _best(search.question)
    for place in distinct:
        one = standing[place]
        # Without a body nothing but the other clauses keeps a term from asking for more.
        alone = best if search.question.has_body else "strongest" if one.last else None
        one.strength = order.strength(place, distinct, alone)
    chosen = sorted((standing[place] for place in distinct), key=_readable)
    # One of each extreme comes first, of the better one two.
    leading = [f for f in chosen if f.strength == best][: _EXTREMES if search.question.has_body else 1]
    leading += [f for f in chosen if f.strength not in (best, None)][:1]
    return [*leading, *(f for f in chosen if f not in leading)]


def _best(question: Question) -> Strength:
    """What one would rather write: a promise that says much, a demand that asks for little."""
    return "weakest" if question.kinds == {"requires"} else "strongest"


def _distinct(order: Order, size: int) -> list[int]:
    """The places of what says something of its own; of several that say the same the first."""
    return [n for n in range(size) if not any(order.same(n, m) for m in range(n))]


def _readable(found: Found) -> tuple[bool, int, str]:
    return not found.option.named, len(found.option.text), found.option.text


def _candidates(search: _Search, found: Sequence[Found]) -> Iterator[Candidate]:
    best = _best(search.question)
    extremes = {best: 0, "other": 0}
    ranked = _ranked(search, found)
    several = sum(f.strength == best for f in ranked) > 1
    ranked = ranked[:_OFFERED]
    for one in ranked:
        verdict = one.verdict
        if verdict.state == "proved":
            # What was proved beside others is proved once more, alone and as it would be written.
            verdict = checked(search.question, one.values, max(search.until, time.monotonic() + 1.5))
            if verdict.state in ("broken", "impossible", "empty"):
                continue
        score = _score(search, one, verdict, best, extremes)
        shown = search.compared.shown(one.values, [o.values for o in ranked if o is not one][:2])
        yield Candidate(
            text=one.values[search.question.name],
            evidence=_evidence(search, one, verdict, several=several),
            score=score,
            strength=one.strength,
            allows=shown.allows,
            forbids=shown.forbids,
            fills=_fills(search.question, one.values),
            provenance=Provenance(kind="reverse"),
        )


def _score(search: _Search, one: Found, verdict: Verdict, best: Strength, extremes: dict[str, int]) -> float:
    if verdict.state == "broken":
        return _BROKEN
    if verdict.state != "proved":
        if not search.question.has_body:
            return _NAMED if one.option.named else _LAST if one.last else _POSSIBLE
        return _LAST
    score = _PROVED
    if search.question.kinds == {"raises"} and not extremes[best]:
        # An exception that comes then and only then has one condition.
        extremes[best], score = 1, _BEST
    elif one.strength == best and extremes[best] < _EXTREMES:
        extremes[best] += 1
        score = _BEST if _is_plain(one) else _DERIVED
    elif one.strength is not None and one.strength != best and not extremes["other"]:
        extremes["other"] = 1
        score = _OTHER
    if not search.is_needed:
        return _NAMED if one.option.named else _POSSIBLE
    return min(score, _WITH_TYPES) if search.question.assumed else score


def _is_plain(one: Found) -> bool:
    """Whether it is one thing that somebody named or the last integer, and nothing put together here."""
    return one.option.named or one.last or code.is_plain(one.option.text)


def _evidence(search: _Search, one: Found, verdict: Verdict, *, several: bool) -> str:
    question = search.question
    said = [one.option.why] if one.option.why and (one.option.named or not one.last) else []
    if verdict.state == "proved":
        kept = "proved of the body"
        if not search.is_needed:
            kept = f"the body is proved to keep {_count(verdict.clauses, 'clause')} without it, too"
        elif "requires" in question.kinds:
            kept = f"under it the body is proved to keep {_count(verdict.clauses, 'clause')}"
        said.append(kept)
        if several and one.strength == _best(question):
            said.append("another one is as good")
    elif verdict.state == "broken":
        said.append(f"the body breaks it: {verdict.why}")
    elif question.has_body:
        held = "no run breaks it" if search.runs is not None else "it was not run"
        said.append(f"{held}; not proved: {verdict.why}")
    else:
        others = (
            len(question.closed("requires")) + len(question.closed("ensures")) + len(search.compared.cases)
        )
        kept = f"consistent with {_count(others, 'clause')}" if others else "possible"
        said.append(f"{kept}; nothing to prove yet")
    if one.next and verdict.state != "broken":
        said.append(one.next)
    others = [f"?{n} is {v}" for n, v in one.values.items() if n != question.name]
    if others:
        said.append(f"where {' and '.join(others)}")
    if question.assumed:
        said.append("if " + " and ".join(f"{_place(n)} is {t}" for n, t in question.assumed.items()))
    return ", ".join(said)


def _place(name: str) -> str:
    return "the result" if name == "return" else name


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _fills(question: Question, values: Assignment) -> tuple[tuple[str, str], ...]:
    owner = question.function.qualname
    return tuple((f"{owner}:term:{n}", v) for n, v in values.items() if n != question.name)
