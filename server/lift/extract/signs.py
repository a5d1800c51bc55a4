"""Whether a text can state a specification at all, told without reading it as one.

Most files of a workspace state nothing, and the full reading of a file takes many times as long as parsing
it. Two looks come first: at the letters, and at the docstrings. Both may take silence for a specification and
never a specification for silence, which ``tests/lift/extract/test_signs.py`` holds against the full reading.
Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Sequence

from lift.extract.extraction import Extraction
from lift.extract.nodes import DEFINITIONS, SIMPLE, Definition, inner_statements
from lift.extract.pep316 import may_hold
from lift.extract.sections import HEADERS, read_sections
from lift.extract.signatures import is_open_body

# Each kind of specification that `lift.extract.python` reads leaves one of these in the text. Plain words are
# looked for one by one, which is many times faster than one pattern for all of them.
_WORDS = tuple(header for header, kind in HEADERS.items() if kind != "raises")
# A tag of PEP 316 may be followed by its colon, by its targets, or by what spells them in another way.
_TAGS = tuple(re.compile(rf"{tag}(?=[ \t]*[:\[\\\"'])") for tag in ("pre", "post", "inv"))
_LIBRARIES = ("icontract", "deal", "annotated_types", "pydantic", "msgspec")
_IMPORT = re.compile(r"(?:import|from|,)[ \t\f\\\r\n]*(?:" + "|".join(_LIBRARIES) + ")")
_ELLIPSIS_ALONE = re.compile(r"\.\.\.[ \t\f]*(?:[#;)\r\n\\]|\Z)")
# A string need not be spelled as it reads: there are escapes of the letters and marks above, lines continued
# within a word, and words put together from two strings.
_HEXADECIMAL = "(?:3[AaEe]|4[1-9A-Fa-f]|5[0-9ABab]|6[0-9A-Fa-f]|7[0-9Aa])"
_ESCAPE = re.compile(
    rf"\\(?:x{_HEXADECIMAL}|u00{_HEXADECIMAL}|U000000{_HEXADECIMAL}|N\{{|0?7[26]|1[0-7][0-7]"
    r"|(?<=[A-Za-z:`>]\\)[\r\n])"
)
# The end of a string, what may stand between it and the next one, and how that one begins.
_JOINTS = tuple(
    re.compile(
        rf"{q}(?<=[A-Za-z:`>]{q})(?:{q}{q})?+(?:[ \t\f\r\n\\]|#[^\r\n]*+)*+"
        r"[A-Za-z]{0,2}(?>\"\"\"|'"
        r"''|\"|')([a-z`>\\\"'])"
    )
    for q in ('"', "'")
)
_PIECES = frozenset(
    (word[:cut], word[cut])
    for word in (*_WORDS, "Raises", ":raise", ":except", "pre", "post", "inv", "``", ">>>")
    for cut in range(1, len(word))
)

# A file that says none of this has no specification, so that its syntax errors are not lift's business.
_SPECIFICATION = re.compile(
    r"^[ \t]*(?:\"\"\"|''')?(?:Requires|Ensures|Invariants|Modifies|Decreases|Effects|Preconditions"
    r"|Postconditions|Representation Invariants)[ \t]*:?[ \t]*$"
    r"|@(?:icontract|deal)\.|^[ \t]*(?:pre|post|inv):",
    re.MULTILINE,
)


def has_specification(extraction: Extraction) -> bool:
    """Whether anything in the text states a specification, or did before the text was broken."""
    module = extraction.module
    if any(f.specified for f in module.functions) or any(
        c.invariants or any(m.specified for m in c.methods) for c in module.classes
    ):
        return True
    return _SPECIFICATION.search(extraction.snapshot.text) is not None


def may_specify(text: str) -> bool:
    """False only if no reading of ``text`` finds a specification or a problem of one."""
    return _shows_signs(text) and _docstrings_may(text)


def _shows_signs(text: str) -> bool:
    """The look at the letters."""
    if _has_sign(text) or ("\\" in text and _ESCAPE.search(text) is not None) or _has_joint(text):
        return True
    # Python takes identifiers for what their normal form is, so that a name may hide behind other letters.
    return not text.isascii() and _has_sign(unicodedata.normalize("NFKC", text))


def _has_sign(text: str) -> bool:
    if any(map(text.__contains__, _WORDS)) or any(tag.search(text) is not None for tag in _TAGS):
        return True
    # A condition of Raises is quoted, and examples count for a body that is not written.
    if "``" in text and ("Raises" in text or ":raise" in text or ":except" in text):
        return True
    if ">>>" in text and ("NotImplementedError" in text or _ELLIPSIS_ALONE.search(text) is not None):
        return True
    return any(map(text.__contains__, _LIBRARIES)) and _IMPORT.search(text) is not None


def _has_joint(text: str) -> bool:
    """Whether two strings side by side may spell a sign between them."""
    for joint in _JOINTS:
        for found in joint.finditer(text):
            before, after = text[max(found.start() - 16, 0) : found.start()], found[1]
            if after in "\\\"'" or any(after == first and before.endswith(piece) for piece, first in _PIECES):
                return True
    return False


def _docstrings_may(text: str) -> bool:
    """The look at the docstrings and the imports; a text that does not parse may hold anything."""
    try:
        with warnings.catch_warnings():
            # An odd escape in somebody's string is not ours to complain about.
            warnings.simplefilter("ignore")
            tree = ast.parse("\f" + text[1:] if text.startswith("\ufeff") else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    stack: list[ast.stmt] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, DEFINITIONS):
            if _docstring_may(node):
                return True
            stack.extend(node.body)
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").startswith(_LIBRARIES):
                return True
        elif isinstance(node, ast.Import):
            if any(alias.name.startswith(_LIBRARIES) for alias in node.names):
                return True
        elif type(node) not in SIMPLE:
            stack.extend(inner_statements(node))
    return False


def _docstring_may(node: Definition) -> bool:
    """Whether a definition's docstring states something, by itself or about a body that is not written."""
    value = _docstring(node.body)
    if value is None:
        return False
    sections = read_sections(value)
    if sections.bullets or (sections.raises and "``" in value) or may_hold(value):
        return True
    return ">>>" in value and len(node.body) == 2 and is_open_body(node.body[1])


def _docstring(body: Sequence[ast.stmt]) -> str | None:
    if not body or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Constant):
        return None
    value = body[0].value.value
    return value if isinstance(value, str) else None
