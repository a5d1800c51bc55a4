"""What a model suggests for a hole: asked on the event loop, judged in a worker, joined with the rest.

Nothing that failed a check is among the candidates; why it failed is said beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from lift_ir import Candidate, Hole, Tokens

from lift.errors import ProviderError
from lift.generate.asking import CHARACTERS
from lift.generate.provider import Provider
from lift.resolve.suggest import ENTRY, SECONDS
from lift.resolve.suggest.asking import Question, Suggestions, suggested
from lift.resolve.suggest.judge import Asked, Judged, Rejected

Report = Callable[[str], None]
_AGREEING, _BY_WORDS = 0.1, 0.59
"""What it adds that a model reads words as the phrasebook does, and how far: a person chooses still."""


class Workers(Protocol):
    """Worker processes that know the file; see ``lift.resolve.loop.generate.Workers``."""

    def begin(self, entry: str, details: str, seconds: float) -> Future[str] | None:
        """Start a task about the owner of the hole; None where the text does not allow it any more."""
        ...

    def drop(self, future: Future[str]) -> None:
        """End it."""
        ...


@dataclass(frozen=True)
class Filled:
    """A hole with what was found for it.

    Attributes:
        hole: With its candidates, the best first.
        rejected: What a model suggested and a check refused.
        model: Its name as its server gives it; empty if none answered.
        prompt: Digest of what it was asked.
        notes: What a person should know.
    """

    hole: Hole
    rejected: tuple[Rejected, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    notes: tuple[str, ...] = ()

    @property
    def suggested(self) -> int:
        """How many of the candidates a model suggested."""
        return sum(c.provenance.kind == "agent" for c in self.hole.candidates)

    @property
    def summary(self) -> str:
        """``2 suggestions of MODEL passed every check, 1 did not``."""
        if not self.model:
            return self.notes[0] if self.notes else "no model answered"
        passed, failed = self.suggested, len(self.rejected)
        if not passed:
            return f"nothing that {self.model} suggested passed every check"
        more = f", {failed} did not" if failed else ""
        return f"{passed} suggestion{'' if passed == 1 else 's'} of {self.model} passed every check{more}"


async def filled(
    workers: Workers, provider: Provider, question: Question, report: Report | None = None
) -> Filled:
    """Ask a model what fills a hole, and judge what it says.

    Cancelling ends the requests and the worker's task.

    Args:
        question: Its hole may carry candidates already, which stay.
        report: Told how far it is.

    Returns:
        The hole; what the provider could not do is a note.
    """
    tell = report or (lambda _: None)
    name = provider.model or provider.name
    tell(f"asking {name}")
    told = 0

    def heard(count: int) -> None:
        nonlocal told
        if count - told >= 20 * CHARACTERS:
            told = count
            tell(f"{name}: about {count // CHARACTERS} tokens received")

    try:
        said = await suggested(provider, question, heard)
    except ProviderError as error:
        return Filled(question.hole, notes=(str(error),))
    if not said.found:
        notes = (*said.notes, f"{said.model or name} suggested nothing")
        return Filled(question.hole, (), said.model, said.prompt, said.tokens, notes)
    count = len(said.found)
    tell(f"judging {count} suggestion{'' if count == 1 else 's'} of {said.model}")
    judged = await _judged(workers, question, said)
    if isinstance(judged, str):
        notes = (*said.notes, judged)
        return Filled(question.hole, (), said.model, said.prompt, said.tokens, notes)
    hole = joined(question.hole, judged.candidates)
    notes = (*said.notes, *_contradictions(judged, said.model))
    return Filled(hole, judged.rejected, said.model, said.prompt, said.tokens, notes)


async def _judged(workers: Workers, question: Question, said: Suggestions) -> Judged | str:
    asked = Asked(hole=question.hole.id, who=said.model, suggestions=said.found)
    future = workers.begin(ENTRY, asked.model_dump_json(), SECONDS)
    if future is None:
        return "the text has changed meanwhile"
    try:
        return Judged.model_validate_json(await asyncio.shield(asyncio.wrap_future(future)))
    except asyncio.CancelledError:
        workers.drop(future)
        raise
    except Exception as error:
        # The pool says in words why a task came to no end: a limit, or a worker that died.
        return f"a worker came to no end: {error}"


def joined(hole: Hole, found: tuple[Candidate, ...]) -> Hole:
    """The hole with further candidates; what two sources say counts for more than what one says."""
    best = {c.text: c for c in hole.candidates}
    for candidate in found:
        before = best.get(candidate.text)
        if before is None:
            best[candidate.text] = candidate
        elif before.provenance.kind != "agent":
            model = candidate.provenance.model or "a model"
            best[candidate.text] = before.model_copy(
                update={
                    "score": max(before.score, min(_BY_WORDS, round(before.score + _AGREEING, 3))),
                    "evidence": f"{before.evidence}; {model} reads it so too",
                    "allows": before.allows or candidate.allows,
                    "forbids": before.forbids or candidate.forbids,
                }
            )
    ordered = sorted(best.values(), key=lambda c: -c.score)
    return hole.model_copy(update={"candidates": tuple(ordered)})


def _contradictions(judged: Judged, model: str) -> tuple[str, ...]:
    """That the body does something else than the words say, where no reading of them holds of it."""
    broken = [r for r in judged.rejected if r.counterexample is not None]
    if judged.candidates or not broken:
        return ()
    what = f"`{broken[0].text}`: {broken[0].reason}"
    return (f"as {model} reads the words, the body does something else: {what}",)
