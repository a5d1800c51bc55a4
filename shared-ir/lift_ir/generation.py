"""What forward mode offers: bodies that were checked before anybody sees them, and why the others were not.

Must not import anything but pydantic and this package.
"""

from __future__ import annotations

from typing import Literal

from lift_ir.base import Frozen
from lift_ir.model import Provenance
from lift_ir.repair import TextEdit
from lift_ir.report import Counterexample, FunctionResult

BodyOrigin = Literal["solver", "template", "model"]
Stage = Literal[
    "answer", "parse", "names", "imports", "types", "effects", "sandbox", "verify", "examples", "roundtrip"
]


class Tokens(Frozen):
    """What models were asked, in tokens as they count them.

    Attributes:
        prompt: Tokens that were sent.
        cached: Those of them that the server had in its cache.
        completion: Tokens that came back.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0


class Proposal(Frozen):
    """A body that passed every check that there is for it.

    Attributes:
        code: The whole definition with the new body, as it would stand in the file.
        edits: The change, in places of the text that it was made for.
        added: Lines that the change adds.
        removed: Lines that it takes away.
        result: The verdicts on the definition.
        tests: How many inputs it was run on in CPython, examples among them.
        mutants: How many small changes of it were tried.
        killed: How many of them the specification notices.
        origin: What wrote it.
        provenance: With the model's name where one wrote it.
        prompt: Digest of what the model was asked, 16 hex digits; empty without one.
        round: In which round it was written, from 1: later ones saw the failures of those before.
    """

    code: str
    edits: tuple[TextEdit, ...]
    added: int
    removed: int
    result: FunctionResult
    tests: int = 0
    mutants: int = 0
    killed: int = 0
    origin: BodyOrigin
    provenance: Provenance = Provenance()
    prompt: str = ""
    round: int = 1


class Rejection(Frozen):
    """A body that failed a check; it is never offered, and no edit is made of it.

    Attributes:
        code: The definition, or the answer that was none.
        origin: What wrote it.
        stage: The check that it failed: the answer's form, its syntax, names, imports, types, effects,
            what it tried in the sandbox, the verdicts, the examples, or what it left of the specification.
        reason: A sentence that names the clause and the input where there are such.
        clause: Text of the clause that it breaks.
        counterexample: The input that it breaks it on.
        held: How many clauses it kept all the same, to tell a near miss from nonsense.
    """

    code: str
    origin: BodyOrigin
    stage: Stage
    reason: str
    clause: str | None = None
    counterexample: Counterexample | None = None
    held: int = 0


class Generation(Frozen):
    """What was found for one function.

    Attributes:
        function: Qualified name.
        line: The line on which it starts in the text that the edits are for, from 1.
        proposals: The best first: proved, then bounded, then tested; empty if nothing passed.
        rejected: What failed, the nearest miss first.
        tried: How many bodies were checked.
        rounds: How many rounds a model was asked.
        tokens: What that cost.
        notes: What a person should know, such as that a server cannot constrain its answers.
        reason: Why nothing is offered, None if something is.
    """

    function: str
    line: int
    proposals: tuple[Proposal, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    tried: int = 0
    rounds: int = 0
    tokens: Tokens = Tokens()
    notes: tuple[str, ...] = ()
    reason: str | None = None
