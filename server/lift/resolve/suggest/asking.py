"""Asks a model what fills a hole, and reads what it says as suggestions. Nothing here judges them.

Asynchronous; must not know any provider.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from lift_ir import Class, Function, Hole, HoleKind, Module, Tokens

from lift.errors import ProviderError
from lift.generate import answers, prompts
from lift.generate.asking import Outcome, ask_many, notes_on, tokens_of
from lift.generate.forms import ClausesForm, EffectsForm, Form, IntentForm, TypesForm
from lift.generate.provider import Answer, Provider, Request
from lift.generate.subject import subject_of
from lift.resolve.suggest.judge import Suggestion

KINDS: tuple[HoleKind, ...] = ("clause", "type", "effect", "intent")
"""The kinds of holes that a model is asked about."""
Heard = Callable[[int], None]
"""Called with the number of characters that have come in so far."""


@dataclass(frozen=True)
class Question:
    """What a model is asked about.

    Attributes:
        text: The file; ``module`` is its IR.
        answers: How many answers are asked for.
    """

    module: Module
    text: str
    owner: Function | Class
    hole: Hole
    answers: int = 3


@dataclass(frozen=True)
class Suggestions:
    """What a model said.

    Attributes:
        model: Its name as its server gives it.
        prompt: Digest of what it was asked, 16 hex digits.
        notes: What a person should know, with why an answer was of no use.
    """

    found: tuple[Suggestion, ...] = ()
    model: str = ""
    prompt: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    notes: tuple[str, ...] = ()


def request_for(question: Question) -> Request | None:
    """What is asked about a hole; None where a model is not asked about such a one."""
    owner, hole = question.owner, question.hole
    subject = subject_of(question.module, question.text, owner.qualname)
    if subject is None or not isinstance(owner, Function):
        return None
    match hole.hole:
        case "clause":
            clause = next((c for c in owner.clauses if hole.id in c.holes), None)
            return prompts.clause(subject, clause.text, clause.kind) if clause is not None else None
        case "type":
            known = [f"{c.text} ({c.origin})" for c in hole.constraints]
            return prompts.types(subject, known, (hole.name,))
        case "effect":
            return prompts.effects(subject)
        case "intent":
            return prompts.intent(subject)
    return None


async def suggested(provider: Provider, question: Question, heard: Heard | None = None) -> Suggestions:
    """Ask a model about a hole.

    Raises:
        ProviderError: There was no answer at all.
    """
    request = request_for(question)
    if request is None:
        return Suggestions(notes=("no model is asked about such a hole",))
    count = 0

    def hear(_: int, piece: str) -> None:
        nonlocal count
        count += len(piece)
        if heard is not None:
            heard(count)

    outcomes: list[Outcome] = []
    async with aclosing(ask_many(provider, request, question.answers, hear)) as asked:
        async for _, outcome in asked:
            outcomes.append(outcome)
    said = [o for o in outcomes if isinstance(o, Answer)]
    failed = [o for o in outcomes if isinstance(o, ProviderError)]
    if failed and not said:
        raise failed[0]
    found: dict[Suggestion, None] = {}
    notes = list(notes_on(outcomes))
    if failed:
        notes.append(f"{len(failed)} of {len(outcomes)} requests failed: {failed[0]}")
    form = _FORMS[question.hole.hole]
    for one in said:
        filled = answers.read(form, one)
        if isinstance(filled, answers.Unusable):
            notes.append(f"an answer was of no use: {filled.reason}")
        else:
            found |= dict.fromkeys(_read(filled, question.hole))
    return Suggestions(
        tuple(found),
        said[0].model,
        prompts.prompt_digest(request),
        tokens_of(outcomes),
        tuple(dict.fromkeys(notes)),
    )


_FORMS: dict[HoleKind, type[Form]] = {
    "clause": ClausesForm,
    "type": TypesForm,
    "effect": EffectsForm,
    "intent": IntentForm,
}


def _read(form: Form, hole: Hole) -> list[Suggestion]:
    match form:
        case ClausesForm(clauses=clauses):
            return [
                Suggestion(text=c.expression, kind=c.kind, exception=c.exception)
                for c in clauses
                if c.expression
            ]
        case TypesForm(types=types):
            # Imports are lift's own to find: of a model's, one could bring in anything.
            return [Suggestion(text=t.annotation) for t in types if t.name == hole.name and t.annotation]
        case EffectsForm(effects=effects):
            words = tuple(dict.fromkeys(e.word for e in effects))
            return [Suggestion(text=", ".join(words))] if words else []
        case IntentForm(summary=summary):
            return [Suggestion(text=summary)] if summary else []
    return []
