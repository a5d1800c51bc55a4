"""The state of one path: path condition, frames, heap; and the engine that all paths of a check share.

A state is copied when a path splits. Facts about fresh symbols (a length is not negative) hold on every
path and live in the engine; what a path assumed lives in its condition.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import z3

from lift.verify.solvers import Answer, Solver
from lift.verify.solvers.selection import selected
from lift.verify.types import Type
from lift.verify.values import Exc, Seq, Term, Unsupported, Value, VRef, as_bool


class Cut(Exception):
    """The search for a counterexample gives a path up, for example at its recursion bound."""


class BudgetExceeded(Exception):
    """The check ran out of its time or of its number of paths."""


@dataclass(frozen=True)
class ListObject:
    """The contents of a list."""

    seq: Seq


@dataclass(frozen=True)
class DictObject:
    """The contents of a dictionary.

    Attributes:
        has: Whether a key (a value of a supported key kind) is in it.
        get: The value at a key that is in it.
        size: Number of keys.
        keys: The keys in insertion order; None once a deletion made the order unknown.
        key_type: Type of the keys, None for an empty literal.
    """

    has: Callable[[Value], Term]
    get: Callable[[Value], Value]
    size: Term
    keys: Seq | None
    key_type: Type | None
    value_type: Type | None = None


@dataclass(frozen=True)
class SetObject:
    """The contents of a set or a frozenset (see ``sets.py``).

    ``has``, ``count`` and ``entries`` mean the same on every path, whatever it assumed.

    Attributes:
        has: Whether an element is in it, given as a term of the sort of its elements.
        count: Number of elements.
        element: Type of the elements, None where there are none yet.
        entries: The elements that may be in it, each under the condition that it is, where they are known
            one by one; those that are in it differ from each other.
        memo: What was made of it so far, such as the order in which it is iterated over.
    """

    has: Callable[[Term], Term]
    count: Callable[[], Term]
    element: Type | None
    frozen: bool
    entries: tuple[tuple[Term, Term], ...] | None = None
    memo: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class InstanceObject:
    """An instance of a class of the module.

    Attributes:
        fields: Its attributes.
        special: The special methods that its class or a class above it writes out.
    """

    class_name: str
    fields: tuple[tuple[str, Value], ...]
    special: frozenset[str]


HeapObject = ListObject | DictObject | SetObject | InstanceObject


@dataclass
class State:
    """One path.

    Attributes:
        pc: The path condition, a conjunction.
        frames: Local variables by frame; closures refer to frames by number.
        frame: The current frame.
        heap: Objects by address.
        owned: Addresses of objects that this path itself made, so that nothing else can know them.
        shared: Addresses of objects that something unknown may refer to as well; they must not change.
        return_line: Line of the return that ended the path.
    """

    pc: tuple[Term, ...] = ()
    frames: dict[int, dict[str, Value]] = field(default_factory=dict)
    frame: int = 0
    heap: dict[int, HeapObject] = field(default_factory=dict)
    owned: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()
    return_line: int | None = None

    @property
    def locals(self) -> dict[str, Value]:
        """The variables of the current frame."""
        return self.frames[self.frame]

    def fork(self, *conditions: Term) -> State:
        """A copy of this path that assumes more."""
        return replace(
            self,
            pc=(*self.pc, *(c for c in conditions if not z3.is_true(c))),
            frames={k: dict(v) for k, v in self.frames.items()},
            heap=dict(self.heap),
        )

    def same_store(self, other: State, *, grown: bool = False) -> bool:
        """Whether both paths hold the very same variables and objects, whatever they assumed.

        Args:
            other: The later path.
            grown: Whether the later path may have made new objects.
        """
        return (
            self.frame == other.frame
            and (grown or self.heap.keys() == other.heap.keys())
            and all(self.heap[a] is other.heap.get(a) for a in self.heap)
            and self.frames.keys() == other.frames.keys()
            and all(_same_variables(self.frames[f], other.frames[f]) for f in self.frames)
            and self.shared == other.shared
        )


def _same_variables(a: dict[str, Value], b: dict[str, Value]) -> bool:
    return a.keys() == b.keys() and all(a[k] is b[k] for k in a)


Result = tuple[State, "Value | Exc"]


@dataclass(frozen=True)
class Normal:
    """A statement ended and the next one runs."""


@dataclass(frozen=True)
class Return:
    """The function returns."""

    value: Value
    line: int


@dataclass(frozen=True)
class Jump:
    """``break`` or ``continue``."""

    kind: str


@dataclass(frozen=True)
class Stop:
    """The path met something that is not modelled."""

    construct: str
    line: int | None


@dataclass(frozen=True)
class Truncated:
    """The search for a counterexample gave this path up at a bound."""

    line: int


Signal = Normal | Return | Jump | Stop | Truncated | Exc
NORMAL = Normal()
Ended = tuple[State, Signal]


@dataclass
class Engine:
    """What all paths of one run share.

    Attributes:
        program: The module's definitions (see ``program.py``).
        exploring: False in a proof (every abstraction is an over-approximation, containers are symbolic);
            True in the search for counterexamples (small concrete shapes, loops unrolled, calls inlined).
        deadline: ``time.monotonic()`` at which the run gives up.
        facts: What holds of fresh symbols on every path.
        approximations: What was over-approximated, with its line: why a proof may have failed.
        contracts_used: Qualified names of the callees whose specification was relied on.
        assumptions: What a proof rests on, for people.
        measure: What each recursive call has to make smaller (see ``measures.py``), None if it is not asked.
        inline_specified: Whether calls with a specification are inlined nevertheless.
        assumed: A fact more that is assumed of a callee's result, by the callee's label; never in a proof
            that counts (see ``promises.py``).
        promises: The callees that stood for their specification: label → name, IR, types.
        contradicted: Whether such a fact contradicts what the callee promises.
        effort: How many candidates loops try: 0 the likely ones, 1 all of them, 2 the likely ones and what a
            solver of Horn clauses says.
        counting_loops: Lines of the loops that change integers and nothing else, which the latter is for.
        allowed_invariants: Line of a loop → which of its candidates may be used; all where it is missing.
        loop_visits: Each loop that was met on a path, any state at its head, and the candidates that are
            invariant there.
    """

    program: Any
    exploring: bool
    deadline: float
    target: str = ""
    backend: Solver = field(default_factory=selected)
    unroll: int = 8
    list_bound: int = 3
    max_paths: int = 600
    inline_specified: bool = False
    facts: list[Term] = field(default_factory=list)
    approximations: list[tuple[str, int | None]] = field(default_factory=list)
    contracts_used: set[str] = field(default_factory=set)
    assumptions: set[str] = field(default_factory=set)
    sums: dict[object, Any] = field(default_factory=dict)
    float_sums: dict[object, Any] = field(default_factory=dict)
    sets: dict[object, SetObject] = field(default_factory=dict)
    bools: dict[int, Term] = field(default_factory=dict)
    depth: int = 0
    call_depth: int = 0
    next_frame: int = 1
    next_address: int = 1
    splits: int = 0
    in_spec: bool = False
    truncated: list[int] = field(default_factory=list)
    old_heap: dict[int, HeapObject] | None = None
    frame_parent: dict[int, int | None] = field(default_factory=dict)
    frame_locals: dict[int, frozenset[str]] = field(default_factory=dict)
    frame_methods: dict[int, tuple[str, str]] = field(default_factory=dict)
    frame_nonlocals: dict[int, frozenset[str]] = field(default_factory=dict)
    comprehension_frames: set[int] = field(default_factory=set)
    captured: set[int] = field(default_factory=set)
    active: list[str] = field(default_factory=list)
    postconditions: Any = None
    measure: Any = None
    effort: int = 0
    found_invariants: dict[int, tuple[str, ...]] = field(default_factory=dict)
    weak_loops: set[int] = field(default_factory=set)
    counting_loops: set[int] = field(default_factory=set)
    allowed_invariants: dict[int, Callable[[Any], bool]] = field(default_factory=dict)
    loop_visits: list[tuple[ast.AST, State, tuple[Any, ...]]] = field(default_factory=list)
    assumed: dict[str, str] = field(default_factory=dict)
    promises: dict[str, tuple[str, Any, dict[str, Type]]] = field(default_factory=dict)
    contradicted: bool = False

    def check_time(self) -> None:
        """Stop when the budget is spent.

        Raises:
            BudgetExceeded: Time or paths ran out.
        """
        if time.monotonic() > self.deadline:
            raise BudgetExceeded("timeout")
        if self.splits > self.max_paths * 20:
            raise BudgetExceeded("too many paths")

    def feasible(self, state: State, *conditions: Term, timeout_ms: int = 150) -> bool:
        """Whether the path can be taken as far as a quick check tells; True when in doubt."""
        extra = [c for c in conditions if as_bool(c) is not True]
        if any(as_bool(c) is False for c in extra):
            return False
        if not extra:
            return True
        self.check_time()
        self.splits += 1
        return self.query(state, extra, timeout_ms) != "unsat"

    def query(self, state: State, extra: list[Term], timeout_ms: int) -> Answer:
        """Decide the path condition with more, within the time that is left."""
        remaining = max(1, int((self.deadline - time.monotonic()) * 1000))
        return self.backend.decide([*self.facts, *state.pc, *extra], min(timeout_ms, remaining))

    def split(self, state: State, condition: Term) -> tuple[State | None, State | None]:
        """The path where the condition holds and the one where it does not, None for impossible ones."""
        known = as_bool(condition)
        if known is not None:
            return (state, None) if known else (None, state)
        negated = z3.Not(condition)
        if not self.feasible(state, condition):
            return None, state.fork(negated)
        if not self.feasible(state, negated):
            return state.fork(condition), None
        return state.fork(condition), state.fork(negated)

    def instance(self, class_name: str, fields: Iterable[tuple[str, Value]]) -> InstanceObject:
        """An instance with these attributes."""
        return InstanceObject(class_name, tuple(fields), self.program.special_methods(class_name))

    def allocate(self, state: State, obj: HeapObject, *, owned: bool = True) -> VRef:
        """Put an object on the heap of a path (which is changed in place)."""
        address = self.next_address
        self.next_address += 1
        state.heap[address] = obj
        if owned:
            state.owned = state.owned | {address}
        return VRef(address)

    def approximate(self, construct: str, node: ast.AST | None) -> None:
        """Note that a value is only constrained, not determined, from here on.

        Raises:
            Unsupported: In the search for counterexamples, which must be exact.
        """
        if self.exploring:
            raise Unsupported(construct, node)
        self.approximations.append((construct, getattr(node, "lineno", None)))


def change(state: State, address: int, obj: HeapObject, node: ast.AST | None = None) -> None:
    """Replace the contents of an object.

    Raises:
        Unsupported: Something that is not modelled may refer to the object too.
    """
    if address in state.shared:
        raise Unsupported("changing a container that something else may refer to", node)
    state.heap[address] = obj
