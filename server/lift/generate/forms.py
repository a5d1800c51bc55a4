"""The forms that a model's answers have to fill in, one model class for each question.

The JSON Schema that is sent (``schemas``), the description that the prompt gives (``prompts``) and the
validation of what comes back (``answers``) are all made from these classes, so that they cannot differ. Words
are those of the IR: kinds of clauses, of holes and of effects are taken from its models.

**A body is asked for as its statements, not as the whole definition.** Signature, decorators and docstring
stay the user's own text, so that no answer can weaken what it is checked against; nothing has to be copied,
which is where small models lose their way and most of the tokens go; and the check has one thing to look
at. The plan comes before the body because what is written first is what the rest of the answer is
conditioned on. A model that writes the definition all the same is understood (``answers.code_of``).

Fields are strings, lists and enumerations only, all of them required: empty means "none". Optional and
nullable fields are where the dialects of the servers part. Must not import anything but pydantic and the
IR.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from lift_ir import EffectWord, Frozen
from pydantic import BeforeValidator, Field

StatedKind = Literal["requires", "ensures", "raises"]
"""Kinds of clauses that a model may propose, among those of the IR."""
OpenKind = Literal["term", "clause"]
"""Kinds of holes, among those of the IR, that a draft leaves to a person; an open type is an empty text."""


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _expression(value: Any) -> Any:
    """An expression on one line, without the backticks that it would stand in."""
    return _one_line(value).strip("`").strip() if isinstance(value, str) else value


Line = BeforeValidator(_one_line)
PLAIN = "x-plain"
"""Marks a string that needs no escapes, neither quotes nor line ends; see ``schemas``."""
Sentence = Annotated[str, Field(max_length=240), Line]
Expression = Annotated[str, Field(max_length=300), BeforeValidator(_expression)]
Name = Annotated[str, Field(max_length=60, json_schema_extra={PLAIN: True}), Line]
TypeText = Annotated[str, Field(max_length=120), BeforeValidator(_expression)]
Import = Annotated[str, Field(max_length=120, json_schema_extra={PLAIN: True}), Line]


class BodyForm(Frozen):
    """A function's body."""

    plan: Annotated[Sentence, Field(description="one sentence: how the body meets every clause")]
    imports: Annotated[
        tuple[Import, ...],
        Field(max_length=6, description="import statements that the body needs beside those of the module"),
    ]
    body: Annotated[
        str,
        Field(
            min_length=1,
            max_length=6000,
            description="the statements of the body, without `def` and docstring, first line not indented",
        ),
    ]


class StatedClause(Frozen):
    """One clause in the notation."""

    kind: Annotated[StatedKind, Field(description="where it belongs")]
    exception: Annotated[
        Name, Field(description="for raises the exception's name, otherwise an empty string")
    ]
    expression: Annotated[Expression, Field(description="a Python expression")]
    meaning: Annotated[Sentence, Field(description="what it says, in words")]


class ClausesForm(Frozen):
    """Checked expressions for a requirement in prose."""

    clauses: Annotated[
        tuple[StatedClause, ...],
        Field(max_length=3, description="the readings of the requirement, the likeliest first"),
    ]


class ProposedType(Frozen):
    """A type for one place that has none."""

    name: Annotated[Name, Field(description="the parameter, or `return`")]
    annotation: Annotated[TypeText, Field(description="a Python annotation")]
    imports: Annotated[tuple[Import, ...], Field(max_length=3, description="import statements that it needs")]


class TypesForm(Frozen):
    """Types for parameters and the result."""

    types: Annotated[
        tuple[ProposedType, ...], Field(max_length=24, description="one or two for each place that was asked")
    ]


class IntentForm(Frozen):
    """What a function is for."""

    summary: Annotated[Sentence, Field(description="one sentence in the imperative that ends with a period")]
    rationale: Annotated[
        str, Field(max_length=800, description="why it does it so; an empty string if nothing is to be said")
    ]


class StatedEffect(Frozen):
    """One effect on the world outside."""

    word: Annotated[EffectWord, Field(description="the standard word")]
    why: Annotated[Sentence, Field(description="which statement has this effect")]


class EffectsForm(Frozen):
    """What a function does to the world outside."""

    effects: Annotated[
        tuple[StatedEffect, ...], Field(max_length=10, description="all of them; `none` if there are none")
    ]


class DraftParameter(Frozen):
    """A parameter of a drafted function."""

    name: Annotated[Name, Field(description="an identifier")]
    type: Annotated[TypeText, Field(description="a Python annotation, an empty string to leave it open")]
    description: Annotated[Sentence, Field(description="what is passed")]


class DraftRaises(Frozen):
    """An exception of a drafted function."""

    exception: Annotated[Name, Field(description="its name")]
    expression: Annotated[Expression, Field(description="the condition under which it is raised")]
    meaning: Annotated[Sentence, Field(description="what that means")]


class DraftClause(Frozen):
    """A precondition or postcondition of a drafted function."""

    expression: Annotated[
        Expression,
        Field(description="a Python expression, an empty string where it cannot be said as one"),
    ]
    meaning: Annotated[Sentence, Field(description="what it says, in words")]


class Question(Frozen):
    """Something that the sentence does not say, for a person to decide."""

    hole: Annotated[OpenKind, Field(description="`term` for a missing value, `clause` for a missing rule")]
    name: Annotated[Name, Field(description="an identifier for the missing value")]
    question: Annotated[Sentence, Field(description="what a person is asked")]


class DraftForm(Frozen):
    """A function, drafted from a sentence: a signature and a specification, no body."""

    name: Annotated[Name, Field(description="an identifier in snake_case")]
    summary: Annotated[Sentence, Field(description="one sentence in the imperative that ends with a period")]
    parameters: Annotated[tuple[DraftParameter, ...], Field(max_length=8, description="in their order")]
    returns: Annotated[
        TypeText, Field(description="the annotation of the result, an empty string to leave it open")
    ]
    requires: Annotated[tuple[DraftClause, ...], Field(max_length=6, description="what callers make true")]
    ensures: Annotated[tuple[DraftClause, ...], Field(max_length=8, description="what returns make true")]
    raises: Annotated[tuple[DraftRaises, ...], Field(max_length=4, description="exceptions that it declares")]
    effects: Annotated[
        tuple[EffectWord, ...], Field(max_length=10, description="effects on the world outside")
    ]
    questions: Annotated[
        tuple[Question, ...], Field(max_length=5, description="what the sentence leaves open; often empty")
    ]


Form = BodyForm | ClausesForm | TypesForm | IntentForm | EffectsForm | DraftForm
FORMS: tuple[type[Form], ...] = (BodyForm, ClausesForm, TypesForm, IntentForm, EffectsForm, DraftForm)
