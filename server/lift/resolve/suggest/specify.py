"""A specification for a function that its docstring describes: a model reads the sentences, a worker judges.

Without a model the phrasebook alone reads them. Asynchronous; must not know any provider.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from lift_ir import Function, Module, Tokens

from lift.errors import ProviderError
from lift.generate import answers, prompts
from lift.generate.asking import AT_ONCE, notes_on, tokens_of
from lift.generate.forms import ClausesForm, TypesForm
from lift.generate.provider import Answer, Provider, Request
from lift.generate.subject import subject_of
from lift.resolve.suggest.description import Sentence, sentences_of
from lift.resolve.suggest.judge import Suggestion
from lift.resolve.suggest.search import Report, Workers
from lift.resolve.suggest.spec import ENTRY, SECONDS, AskedFor, Reading, Specification, untyped

_STATED = ("requires", "ensures", "invariant")


@dataclass(frozen=True)
class Drafted:
    """A drafted specification, with what a person should know of it.

    Attributes:
        specification: None where a worker came to no end.
        model: The model's name as its server gives it; empty if none answered.
        prompt: Digest of the first sentence's question.
    """

    specification: Specification | None
    model: str = ""
    prompt: str = ""
    tokens: Tokens = field(default_factory=Tokens)
    notes: tuple[str, ...] = ()


def is_described(function: Function) -> bool:
    """Whether a function has a description, and no clause yet that a person stated."""
    stated = [c for c in function.clauses if c.kind in _STATED and c.source not in ("guard", "assert")]
    return not any(c.expression is not None for c in stated) and bool(sentences_of(function))


@dataclass
class _Read:
    """What a model said of the sentences so far."""

    readings: list[Reading] = field(default_factory=list)
    types: list[tuple[str, str]] = field(default_factory=list)
    answered: list[Answer] = field(default_factory=list)
    failed: list[ProviderError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def specified(
    workers: Workers,
    module: Module,
    text: str,
    function: Function,
    provider: Provider | None,
    report: Report | None = None,
) -> Drafted:
    """Draft a specification for a function from its description.

    Cancelling ends the requests and the worker's task.

    Args:
        text: The file; ``module`` is its IR.
        provider: The model; None for the phrasebook alone.
        report: Told how far it is.
    """
    tell = report or (lambda _: None)
    sentences, said, prompt = sentences_of(function), _Read(), ""
    if provider is not None and sentences:
        subject = subject_of(module, text, function.qualname)
        assert subject is not None
        requests = {s: prompts.sentence(subject, s.text) for s in sentences}
        prompt = prompts.prompt_digest(requests[sentences[0]])
        names = untyped(function)
        types = prompts.types(subject, (), names) if names else None
        tell(f"asking {provider.model or provider.name} about {len(sentences)} sentences")
        await _ask(provider, requests, types, said, tell)
    model = said.answered[0].model if said.answered else ""
    asked = AskedFor(who=model, readings=tuple(said.readings), types=tuple(said.types))
    tell("judging what was read, clause by clause")
    found = await reviewed(workers, ENTRY, asked.model_dump_json(), SECONDS)
    notes = [*notes_on(said.answered), *(str(e) for e in said.failed), *said.notes]
    if isinstance(found, str):
        notes.append(found)
    specification = found if isinstance(found, Specification) else None
    unique = tuple(dict.fromkeys(notes))
    return Drafted(specification, model, prompt, tokens_of(said.answered), unique)


async def _ask(
    provider: Provider,
    requests: dict[Sentence, Request],
    types: Request | None,
    said: _Read,
    tell: Report,
) -> None:
    slots = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def one(sentence: Sentence | None, request: Request) -> None:
        nonlocal done
        async with slots:
            if said.failed and not said.answered:
                # Whoever does not answer the first question does not answer the next.
                return
            try:
                answer = await provider.complete(request)
            except ProviderError as error:
                said.failed.append(error)
                return
        said.answered.append(answer)
        done += 1
        tell(f"{answer.model}: {done} of {len(requests) + (types is not None)} answers")
        _read(sentence, answer, said)

    # The first goes ahead alone: the others find what they share with it in the server's cache.
    (first, request), *rest = requests.items()
    await one(first, request)
    if said.failed:
        return
    async with asyncio.TaskGroup() as group:
        for sentence, request in rest:
            group.create_task(one(sentence, request))
        if types is not None:
            group.create_task(one(None, types))


def _read(sentence: Sentence | None, answer: Answer, said: _Read) -> None:
    if sentence is None:
        form = answers.read(TypesForm, answer)
        if isinstance(form, answers.Unusable):
            said.notes.append(f"an answer was of no use: {form.reason}")
            return
        said.types += [(t.name, t.annotation) for t in form.types if t.annotation]
        return
    form = answers.read(ClausesForm, answer)
    if isinstance(form, answers.Unusable):
        said.notes.append(f"an answer was of no use: {form.reason}")
        return
    found = tuple(
        Suggestion(text=c.expression, kind=c.kind, exception=c.exception)
        for c in form.clauses
        if c.expression
    )
    said.readings.append(Reading(sentence=sentence.text, clauses=found))


async def reviewed(workers: Workers, entry: str, details: str, seconds: float) -> Specification | str:
    """What a worker says of a draft, or why it came to no end. Cancelling ends its task."""
    future = workers.begin(entry, details, seconds)
    if future is None:
        return "the text has changed meanwhile"
    try:
        return Specification.model_validate_json(await asyncio.shield(asyncio.wrap_future(future)))
    except asyncio.CancelledError:
        workers.drop(future)
        raise
    except Exception as error:
        # The pool says in words why a task came to no end: a limit, or a worker that died.
        return f"a worker came to no end: {error}"
