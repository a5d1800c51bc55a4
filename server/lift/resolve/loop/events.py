"""What happens while bodies are looked for, as data for whoever shows progress. Data and words only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lift_ir import Verdict
from lift_ir.generation import Generation, Proposal, Rejection

_ORDER: tuple[Verdict, ...] = ("proved", "bounded", "tested", "unchecked")


@dataclass(frozen=True)
class Asking:
    """Somebody is looking for bodies.

    Attributes:
        who: ``solver`` or the model's name.
        round: In which round, from 1.
        count: How many bodies were asked for; 0 where that is not known.
    """

    who: str
    round: int = 1
    count: int = 0

    @property
    def text(self) -> str:
        """For a status line."""
        if self.who == "solver":
            return "looking for a body without a model"
        asked = "1 candidate" if self.count == 1 else f"{self.count} candidates"
        again = "" if self.round == 1 else f", round {self.round}: with what failed before"
        return f"asking {self.who} for {asked}{again}"


@dataclass(frozen=True)
class Receiving:
    """A model is writing.

    Attributes:
        who: The model's name.
        tokens: How many tokens have come in in this round, about.
    """

    who: str
    tokens: int

    @property
    def text(self) -> str:
        """``MODEL: about 120 tokens received``."""
        return f"{self.who}: about {self.tokens:,} tokens received"


@dataclass(frozen=True)
class Judged:
    """A candidate was checked, or was none.

    Attributes:
        number: Its number, from 1, in the order in which checks end.
        of: How many there are so far, or are expected.
    """

    number: int
    of: int
    proposal: Proposal | None = None
    rejection: Rejection | None = None

    @property
    def text(self) -> str:
        """``candidate 3 of 8: 2 clauses proved, 1 refuted``."""
        return f"candidate {self.number} of {self.of}: {self._outcome()}"

    def _outcome(self) -> str:
        if self.proposal is not None:
            return _counted(self.proposal)
        assert self.rejection is not None
        refuted = self.rejection.stage in ("verify", "examples") and self.rejection.counterexample is not None
        if not refuted:
            return f"refused ({_STAGES[self.rejection.stage]})"
        held = self.rejection.held
        clauses = "clause" if held == 1 else "clauses"
        return f"{held} {clauses} kept, 1 refuted" if held else "1 clause refuted"


_STAGES = {
    "answer": "no usable answer",
    "parse": "its form",
    "names": "a name that is not there",
    "imports": "an import",
    "types": "its types",
    "effects": "its effects",
    "sandbox": "what it did in the sandbox",
    "verify": "its clauses",
    "examples": "its examples",
    "roundtrip": "it changes the specification",
}


def _counted(proposal: Proposal) -> str:
    found = Counter(
        c.verdict for c in proposal.result.clauses if c.clause is not None and c.kind != "requires"
    )
    parts: list[str] = []
    for verdict in _ORDER:
        if found[verdict]:
            word = ("clause " if found[verdict] == 1 else "clauses ") if not parts else ""
            parts.append(f"{found[verdict]} {word}{verdict}")
    return ", ".join(parts)


@dataclass(frozen=True)
class Noted:
    """Something that a person should know, and that ends nothing."""

    text: str


@dataclass(frozen=True)
class Finished:
    """All that was found; always the last."""

    generation: Generation

    @property
    def text(self) -> str:
        """For a status line."""
        count = len(self.generation.proposals)
        if not count:
            return self.generation.reason or "nothing passed the checks"
        return "1 candidate passed every check" if count == 1 else f"{count} candidates passed every check"


Event = Asking | Receiving | Judged | Noted | Finished
