"""The words of a docstring: summary, rationale, and what it says about each parameter.

Parameter sections in Google, NumPy and Sphinx style are read by ``docstring_parser``, which is imported
only when a docstring has such a section. Our own sections are read in ``lift.extract.sections``. Must not
import other parts of lift than this package.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from lift.extract.sections import HEADERS

_GOOGLE = re.compile(
    r"^[ \t]*(?:Args|Arguments|Parameters|Params|Keyword Arg(?:ument)?s|Other Parameters)[ \t]*:[ \t]*$",
    re.M,
)
_NUMPY = re.compile(
    r"^[ \t]*(?:Parameters|Params|Arguments|Other Parameters|Other Args)[ \t]*\n[ \t]*-{3,}[ \t]*$", re.M
)
_SPHINX = re.compile(r"^[ \t]*[:@]param(?:eter)?s?\b", re.M)
_TITLES = (
    *("Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments", "Other Parameters"),
    *("Other Args", "Return", "Returns", "Yield", "Yields", "Receives", "Raises", "Exceptions", "Except"),
    *("Warns", "Attributes", "Example", "Examples", "Note", "Notes", "See Also", "References", "Todo"),
    *("Warning", "Warnings", "Methods", *HEADERS),
)
_HEADER = re.compile(
    rf"[ \t]*(?:(?:{'|'.join(_TITLES)})[ \t]*(:?)[ \t]*$|[:@]\w+[^:\n]*:|>>>|(?:pre|post|inv)\b[^\n]*:)"
)
_DASHES = re.compile(r"[ \t]*[-=]{3,}[ \t]*$")
_FIRST_LINE = re.compile(r"\s*(.*?)[ \t]*(?:\n|\Z)")


@dataclass(frozen=True)
class Words:
    """What a docstring says to people.

    Attributes:
        summary: Its first paragraph on one line.
        rationale: The paragraphs that follow and belong to no section.
        parameters: Parameter name (without stars) → what is said about it.
    """

    summary: str
    rationale: str
    parameters: Mapping[str, str]


def read_words(value: str, specification_lines: frozenset[int] = frozenset()) -> Words:
    """Reads a docstring's value; ``specification_lines`` are the lines (from 0) that are our sections."""
    summary, rationale = _prose(value)
    return Words(summary, rationale, _parameters(value, specification_lines))


def _prose(value: str) -> tuple[str, str]:
    """The first paragraph, and the prose up to the first section."""
    if "\n" not in value:
        only = value.strip()
        return ("", "") if _HEADER.match(only) else (only, "")
    lines = value.expandtabs().split("\n")
    margin = min([len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()], default=0)
    lines = [lines[0].lstrip(), *[line[margin:].rstrip() for line in lines[1:]]]
    while len(lines) > 1 and not lines[0]:
        del lines[0]
    kept: list[str] = []
    for number, line in enumerate(lines):
        header = (
            _HEADER.match(line)
            if (line and ":" in line) or _is_dashed(lines, number + 1) or ">>>" in line
            else None
        )
        if header is not None and (header[1] != "" or _is_dashed(lines, number + 1)):
            break
        kept.append(line)
    summary: list[str] = []
    while kept and kept[0].strip():
        summary.append(kept.pop(0).strip())
    return " ".join(summary), "\n".join(kept).strip()


def _is_dashed(lines: list[str], number: int) -> bool:
    return (
        number < len(lines)
        and lines[number].lstrip()[:3] in {"---", "==="}
        and bool(_DASHES.match(lines[number]))
    )


def _parameters(value: str, specification_lines: frozenset[int]) -> Mapping[str, str]:
    """What the docstring's parameter sections say."""
    if "Arg" not in value and "aram" not in value and "Keyword" not in value:
        return {}
    if _GOOGLE.search(value):
        from docstring_parser import google as style
    elif _SPHINX.search(value):
        from docstring_parser import rest as style
    elif _NUMPY.search(value):
        from docstring_parser import numpydoc as style
    else:
        return {}
    if specification_lines:
        lines = value.split("\n")
        value = "\n".join(line for number, line in enumerate(lines) if number not in specification_lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = style.parse(value)
    # The parser's own failures on odd text are of many types; a description is all that is lost.
    except Exception:
        return {}
    found: dict[str, str] = {}
    for parameter in parsed.params:
        for name in parameter.arg_name.split(","):
            found[name.strip().lstrip("*").replace("\\", "")] = " ".join(
                (parameter.description or "").split()
            )
    return found
