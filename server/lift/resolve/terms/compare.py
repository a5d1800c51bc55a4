"""Which fillings ask for more than others, whether they can be met, and what they allow.

By the solver, over the clauses alone: what a body does is no matter here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lift.resolve import targets
from lift.resolve.terms.question import PREFIX, Assignment, Question, substituted
from lift.resolve.terms.slots import is_sized, types_in_scope
from lift.resolve.terms.trying import examples_of

if TYPE_CHECKING:
    from lift.verify.clause_space import Certainty, Space
    from lift.verify.entry import Target

_FEW, _MANY = 3, 12

Strength = Literal["weakest", "strongest"]


@dataclass(frozen=True)
class Shown:
    """What a filling allows and forbids, as calls."""

    allows: str = ""
    forbids: str = ""


@dataclass
class Comparison:
    """The states in which the clauses of a question are true or false.

    Attributes:
        space: None where they cannot be modelled: then nothing is compared.
        small: The same over small containers, whose models can be written down.
        known: The clauses beside those that are filled, of the same kind.
        cases: What each doctest says of the arguments and the result, as clauses.
    """

    question: Question
    space: Space | None
    small: Space | None
    known: list[str]
    cases: list[list[str]]

    def filled(self, assignment: Assignment) -> str:
        """What the filled clauses say, as one expression."""
        return _all([substituted(p.expression, assignment) for p in self.question.parts])

    def is_possible(self, assignment: Assignment) -> Certainty:
        """Whether the clauses can be met together, the examples with them.

        ``no`` also where some arguments would leave no result.
        """
        if self.space is None:
            return "unknown"
        clause = self.filled(assignment)
        first = self.space.possible([*self.known, clause])
        if first == "no":
            return "no"
        if any(self.space.possible([*self.known, *case, clause]) == "no" for case in self.cases):
            return "no"
        if self.space.result is None or not self.is_closed:
            return first
        return "no" if self.space.answerable([*self.known, clause]) == "no" else first

    @property
    def is_closed(self) -> bool:
        """Whether Requires say all that they will: what is open may keep arguments away."""
        stated = [c for c in self.question.function.clauses if c.kind == "requires"]
        return not any(c.holes or c.expression is None for c in stated)

    def says_nothing(self, assignment: Assignment) -> bool:
        """Whether what is filled follows from the types and Requires."""
        return self.space is not None and self.space.implies((), "True", self.filled(assignment)) == "yes"

    def start(self, name: str) -> int | None:
        """An integer with which the clauses can be met, if the solver names one."""
        if self.space is None or len(self.question.names) != 1:
            return None
        return self.space.value([*self.known, self.filled({})], PREFIX + name)

    def order(self, assignments: Sequence[Assignment]) -> Order:
        """Which of some fillings imply which."""
        clauses = [self.filled(a) for a in assignments]
        space, pairs = self.space, set[tuple[int, int]]()
        if space is None:
            return Order(len(clauses), None)
        for one, left in enumerate(clauses):
            for other, right in enumerate(clauses):
                if one != other and (left == right or space.implies(self.known, left, right) == "yes"):
                    pairs.add((one, other))
        return Order(len(clauses), frozenset(pairs))

    def shown(self, assignment: Assignment, others: Sequence[Assignment] = ()) -> Shown:
        """A call that the filled clauses allow and one that they forbid, where models give them.

        Args:
            others: What would be filled in instead, which the calls are to tell it from if they can.
        """
        if self.small is None:
            return Shown()
        clause = self.filled(assignment)
        rivals = [self.filled(other) for other in others]
        allows = [self.small.example([*self.known, clause], [rival]) for rival in rivals]
        forbids = [self.small.example([*self.known, rival], [clause]) for rival in rivals]
        if not any(allows):
            allows.append(self.small.example([*self.known, clause]))
        if not any(forbids):
            forbids.append(self.small.example(self.known, [clause]))
        return Shown(
            self._call(next(filter(None, allows), None)), self._call(next(filter(None, forbids), None))
        )

    def _call(self, values: Mapping[str, str] | None) -> str:
        if values is None:
            return ""
        given = dict(values)
        result = given.pop(self.small.result, None) if self.small and self.small.result else None
        arguments = [
            f"{p.name}={given[p.name]}" if p.style == "keyword-only" else given[p.name]
            for p in self.question.function.signature.parameters
            if p.name in given
        ]
        call = f"{self.question.function.name}({', '.join(arguments)})"
        return call if result is None else f"{call} → {result}"


@dataclass(frozen=True)
class Order:
    """Which of some clauses imply which.

    Attributes:
        size: How many there are.
        implied: Pairs of places of which the first implies the second; None where it is not known.
    """

    size: int
    implied: frozenset[tuple[int, int]] | None

    def below(self, one: int, other: int) -> bool:
        """Whether one asks for strictly more than the other."""
        known = self.implied or frozenset()
        return (one, other) in known and (other, one) not in known

    def same(self, one: int, other: int) -> bool:
        """Whether the two say the same."""
        known = self.implied or frozenset()
        return (one, other) in known and (other, one) in known

    def strength(self, one: int, among: Sequence[int], alone: Strength | None) -> Strength | None:
        """``strongest`` where none of some asks for more, ``weakest`` where none asks for less.

        Args:
            alone: What it is called where both is so.
        """
        if self.implied is None:
            return None
        weak = not any(self.below(one, other) for other in among)
        strong = not any(self.below(other, one) for other in among)
        if weak and strong:
            return alone
        return "weakest" if weak else "strongest" if strong else None


def comparison_of(question: Question, seconds: float) -> Comparison:
    """What can be said of the clauses of a question without its body."""
    target = target_of(question)
    from lift.verify.clause_space import space_of

    kinds = question.kinds
    after = kinds == {"ensures"}
    small = space = None
    if target is not None and (after or kinds == {"requires"}):
        unknowns = [PREFIX + name for name in question.names]
        space = space_of(target, after=after, unknowns=unknowns, seconds=seconds)
        small = (
            space_of(target, after=after, shapes=_shapes(question), seconds=seconds)
            if space is not None
            else None
        )
    known = question.closed("ensures") if after else []
    if space is not None and known and space.possible(known) == "unknown":
        # One clause outside the subset would take all answers with it.
        known = [k for k in known if space.possible([k]) != "unknown"]
    cases = []
    for arguments, result in examples_of(question):
        case = [f"{name} == {value}" for name, value in arguments.items()]
        name = space.result if space is not None else None
        cases.append([*case, f"{name} == {result}"] if name is not None else case)
    return Comparison(question, space, small, known, cases)


def _shapes(question: Question) -> int:
    """As many elements as a constant of the clauses may ask for, where one container has them."""
    types = types_in_scope(question.module, question.function, after=True)
    several = sum(is_sized(t) and t != "str" for t in types.values()) != 1
    return _FEW if several else _MANY


def target_of(question: Question) -> Target | None:
    """The function for the verifier; None where it is none that is modelled."""
    return targets.target_of(question.module, question.text, question.function, question.context.sources)


def _all(clauses: Sequence[str]) -> str:
    return clauses[0] if len(clauses) == 1 else " and ".join(f"({one})" for one in clauses)
