"""What a specification is: module, class, function, clause, hole, and where each comes from.

Language-neutral. Expressions are Python text in lift's notation whatever the source language.
Must not import anything but pydantic and this package.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lift_ir.base import IR_VERSION, Frozen, Span

ProvenanceKind = Literal["human", "agent", "reverse", "trace", "solver", "merge", "unknown"]
ClauseSource = Literal[
    "docstring", "icontract", "deal", "pep316", "guard", "assert", "annotated", "field", "tsdoc", "rustdoc"
]
HoleKind = Literal["intent", "type", "term", "clause", "effect", "body"]
EffectWord = Literal[
    "none",
    "filesystem",
    "network",
    "process",
    "environment",
    "time",
    "random",
    "console",
    "logging",
    "database",
]


class Provenance(Frozen):
    """Who wrote something and who looked at it.

    Attributes:
        kind: Where it comes from; ``unknown`` is what was already there.
        model: The model's name when ``kind`` is ``agent``.
        reviewer: Who accepted it; separate from its author.
    """

    kind: ProvenanceKind = "unknown"
    model: str | None = None
    reviewer: str | None = None


class TypeExpr(Frozen):
    """A type as the source spells it.

    Attributes:
        text: The annotation's text, for example ``list[int]``.
        span: Where it stands, if it stands in the source.
    """

    kind: Literal["type"] = "type"
    text: str
    span: Span | None = None
    provenance: Provenance = Provenance()


class TypeHole(Frozen):
    """A type that nobody has written yet; ``hole`` is the id of the hole that stands for it."""

    kind: Literal["type-hole"] = "type-hole"
    hole: str


SignatureType = Annotated[TypeExpr | TypeHole, Field(discriminator="kind")]


class Intent(Frozen):
    """What something is for, in words.

    Attributes:
        summary: The docstring's first paragraph.
        rationale: The prose that follows it and belongs to no section.
    """

    summary: str
    rationale: str = ""
    span: Span | None = None
    provenance: Provenance = Provenance()


class Parameter(Frozen):
    """One parameter of a function.

    Attributes:
        name: Its name without stars.
        style: How arguments bind to it.
        type: Its annotation, or the hole that stands for it.
        default: The default's source text, None if it has none.
        description: What the docstring says about it.
        span: The name's span.
    """

    name: str
    style: Literal[
        "positional-only", "positional-or-keyword", "var-positional", "keyword-only", "var-keyword"
    ]
    type: SignatureType
    default: str | None = None
    description: str = ""
    span: Span


class Signature(Frozen):
    """The parameters in order and the type of the result."""

    parameters: tuple[Parameter, ...] = ()
    returns: SignatureType


class ClauseBase(Frozen):
    """What all clauses share.

    Attributes:
        id: Hash of the normalised expression (formatting cannot change it), 16 hex digits.
        text: The clause as it stands in the source, exactly the text at ``span``.
        expression: The same expression normalised (``ast.unparse``), holes written ``__hole_NAME``,
            the result always written ``result`` or ``__return__``, old values always ``old(e)``;
            None if the text does not parse.
        prose: What follows the expression for people.
        span: Where ``text`` stands.
        source: Which notation it was read from.
        holes: Ids of the holes that occur in it.
    """

    id: str
    text: str
    expression: str | None
    prose: str = ""
    span: Span
    source: ClauseSource = "docstring"
    holes: tuple[str, ...] = ()
    provenance: Provenance = Provenance()


class Requires(ClauseBase):
    """A precondition: callers must make it true."""

    kind: Literal["requires"] = "requires"


class Ensures(ClauseBase):
    """A postcondition: true at every normal return."""

    kind: Literal["ensures"] = "ensures"


class Raises(ClauseBase):
    """An exception that the function declares.

    ``expression`` is the condition under which it is raised, None if the condition is prose only
    (then it may be raised at any time).

    Attributes:
        exception: The exception's name as written, perhaps dotted.
        exact: True when it must be raised if and only if the condition holds (``If ``c``` in a Raises
            section); False for "only if" sources such as ``deal.raises``.
    """

    kind: Literal["raises"] = "raises"
    exception: str
    exact: bool = True


class Invariant(ClauseBase):
    """A class invariant, or (``loop_line`` set) the assertion at the head of a loop.

    Attributes:
        loop_line: Line of the loop's header, from 1; None for a class invariant.
    """

    kind: Literal["invariant"] = "invariant"
    loop_line: int | None = None


class Modifies(ClauseBase):
    """What may change.

    Attributes:
        targets: Parameters, attributes (``self.x``) or globals; empty means ``none``.
    """

    kind: Literal["modifies"] = "modifies"
    targets: tuple[str, ...] = ()


class Decreases(ClauseBase):
    """A measure of the arguments, an integer or a tuple of them, that each recursive call makes smaller."""

    kind: Literal["decreases"] = "decreases"


class Effect(ClauseBase):
    """An effect on the world outside.

    Attributes:
        word: The standard word, None if the clause is prose only.
    """

    kind: Literal["effect"] = "effect"
    word: EffectWord | None = None


class Example(ClauseBase):
    """A doctest; ``expression`` is its source, ``want`` the expected output with its final newline."""

    kind: Literal["example"] = "example"
    want: str = ""


Clause = Annotated[
    Requires | Ensures | Raises | Invariant | Modifies | Decreases | Effect | Example,
    Field(discriminator="kind"),
]


class Constraint(Frozen):
    """Something that a hole's filling must satisfy, and where that comes from."""

    text: str
    origin: str
    span: Span | None = None


class Candidate(Frozen):
    """A possible filling.

    Attributes:
        text: What would be written in the hole's place.
        evidence: Why, for people: ``fits 3 callers and 2 clauses``.
        score: Rank between 0 and 1, from evidence; higher is better.
        imports: Import statements that the filling needs.
        strength: Whether it is the weakest or the strongest of those that fit; None if neither or unknown.
        allows: For a clause, a call that it allows, as a person would type it; empty if none was found.
        forbids: A call, or a call with its result, that it forbids; empty if none was found.
        fills: What it fills beside its own hole: pairs of a hole's id and the text for it.
    """

    text: str
    evidence: str
    score: float = 0.0
    imports: tuple[str, ...] = ()
    strength: Literal["weakest", "strongest"] | None = None
    allows: str = ""
    forbids: str = ""
    fills: tuple[tuple[str, str], ...] = ()
    provenance: Provenance = Provenance()


class Hole(Frozen):
    """Something that the specification or the code leaves open.

    Attributes:
        id: ``QUALNAME:KIND:NAME``, unique in a module.
        hole: Which kind of hole.
        name: What it is called: the parameter's name, ``return``, the name after ``?``, or ``body``.
        type: The type that its filling must have, if known.
        question: What a person would be asked.
        span: Where it stands; for a type hole the name that lacks the annotation.
    """

    kind: Literal["hole"] = "hole"
    id: str
    hole: HoleKind
    name: str
    type: str | None = None
    question: str
    span: Span
    constraints: tuple[Constraint, ...] = ()
    depends_on: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class Call(Frozen):
    """A call in a body.

    Attributes:
        callee: The called expression's dotted text, for example ``os.path.join`` or ``self.push``.
        span: The whole call.
    """

    callee: str
    span: Span


class EffectFacts(Frozen):
    """What static analysis sees a body do. Each is an over-approximation unless said otherwise.

    Attributes:
        globals_read: Module-level names that the body reads.
        globals_written: Module-level names that it binds or mutates.
        mutates: Parameters whose object may change (``xs``), or attributes of them (``self.balance``).
        effects: Standard words for what its calls do.
        opaque_calls: Calls about which nothing is known.
    """

    globals_read: tuple[str, ...] = ()
    globals_written: tuple[str, ...] = ()
    mutates: tuple[str, ...] = ()
    effects: tuple[EffectWord, ...] = ()
    opaque_calls: tuple[str, ...] = ()


class Function(Frozen):
    """A function or method with its specification.

    Attributes:
        name: Its own name.
        qualname: Dotted path in the module: ``Cart.add``, ``outer.<locals>.inner``.
        specified: True if it states a specification: a clause or hole that a person wrote, beyond the
            type holes and guards that any function has. Only such functions show anything.
        digest: Hash of its source text, 16 hex digits.
        span: From the first decorator to the end of the body.
        name_span: The name after ``def``.
        docstring_span: The docstring literal with its quotes, if there is one.
        body_span: The body after the docstring; None where the docstring is all there is.
    """

    kind: Literal["function"] = "function"
    name: str
    qualname: str
    intent: Intent | None = None
    signature: Signature
    clauses: tuple[Clause, ...] = ()
    holes: tuple[Hole, ...] = ()
    calls: tuple[Call, ...] = ()
    effects: EffectFacts = EffectFacts()
    decorators: tuple[str, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    specified: bool = False
    digest: str
    span: Span
    name_span: Span
    docstring_span: Span | None = None
    body_span: Span | None = None
    provenance: Provenance = Provenance()

    def terms_in_code(self) -> tuple[Hole, ...]:
        """The open terms that stand in the code, as ``...``, and not in a clause."""
        terms = [h for h in self.holes if h.hole == "term"]
        stated = {key for clause in self.clauses for key in clause.holes} if terms else set[str]()
        return tuple(h for h in terms if h.id not in stated)


class Attribute(Frozen):
    """An attribute that a class declares (in its body, or by ``self.x: T`` in ``__init__``)."""

    name: str
    type: TypeExpr | None = None
    default: str | None = None
    span: Span


class Class(Frozen):
    """A class with its invariants, attributes and methods (nested classes are listed by the module)."""

    kind: Literal["class"] = "class"
    name: str
    qualname: str
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    intent: Intent | None = None
    invariants: tuple[Clause, ...] = ()
    holes: tuple[Hole, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    methods: tuple[Function, ...] = ()
    digest: str
    span: Span
    name_span: Span


class Module(Frozen):
    """A source file: the unit of extraction.

    Attributes:
        path: As it was given (a path or a URI).
        functions: Top-level and nested functions; methods are in their classes.
        digest: Hash of the text, 16 hex digits.
    """

    kind: Literal["module"] = "module"
    ir_version: int = IR_VERSION
    path: str
    language: Literal["python", "typescript", "rust"] = "python"
    intent: Intent | None = None
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    digest: str

    def all_functions(self) -> tuple[Function, ...]:
        """Every function and method, in the order of their places in the file."""
        everything = [*self.functions, *(m for c in self.classes for m in c.methods)]
        return tuple(sorted(everything, key=lambda f: (f.span.start.line, f.span.start.column)))
