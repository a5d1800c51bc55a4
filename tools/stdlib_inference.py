"""Runs ``lift infer`` on functions of the standard library, and writes down what it finds.

    python tools/stdlib_inference.py            writes docs/reference/inferred.md
    python tools/stdlib_inference.py NAME...    prints what is found for these functions
    python tools/stdlib_inference.py --check    proves what the page says once more; 1 if it does not hold

The standard library has no annotations, so that each function is given the types that its documentation
states; what is proved holds for arguments of these types. The source is the one of the Python that runs this.
"""

from __future__ import annotations

import re
import sys
import sysconfig
import textwrap
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lift.edit import Failure, annotate, apply
from lift.edit.docstring import Section, add_lines
from lift.errors import SourceError
from lift.extract import extract
from lift.resolve.infer.search import Inference, infer
from lift.source.text import Snapshot, read
from lift.verify.check import check_function
from lift.verify.options import Options

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "inferred.md"
SECTIONS: tuple[Section, ...] = ("Requires", "Ensures", "Raises")


@dataclass(frozen=True)
class Subject:
    """A function, with the types of its parameters (and of its result, under ``return``)."""

    module: str
    name: str
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """``calendar.isleap``."""
        return f"{self.module}.{self.name}"


def _of(module: str, name: str, **types: str) -> Subject:
    if "returns" in types:
        types["return"] = types.pop("returns")
    return Subject(module, name, types)


_SORTED = {"a": "list[int]", "x": "int", "lo": "int", "hi": "int | None", "key": "None", "returns": "int"}

SUBJECTS: Sequence[Subject] = (
    _of("calendar", "isleap", year="int", returns="bool"),
    _of("bisect", "bisect_left", **_SORTED),
    _of("bisect", "bisect_right", **_SORTED),
    _of("difflib", "_calculate_ratio", matches="int", length="int", returns="float"),
    _of("difflib", "_format_range_unified", start="int", stop="int", returns="str"),
    _of("distutils.util", "strtobool", val="str", returns="int"),
    _of("email.base64mime", "header_length", bytearray="list[int]", returns="int"),
    _of("email._parseaddr", "quote", str="str", returns="str"),
    _of("heapq", "heappop", heap="list[int]", returns="int"),
    _of("heapq", "heapreplace", heap="list[int]", item="int", returns="int"),
    _of("heapq", "heappushpop", heap="list[int]", item="int", returns="int"),
    _of("html", "escape", s="str", quote="bool", returns="str"),
    _of("inspect", "indentsize", line="str", returns="int"),
    _of("ipaddress", "_count_righthand_zero_bits", number="int", bits="int", returns="int"),
    _of("ipaddress", "_split_optional_netmask", address="str", returns="list[str]"),
    _of("operator", "truth", a="list[int]", returns="bool"),
    _of("operator", "contains", a="list[int]", b="int", returns="bool"),
    _of("operator", "countOf", a="list[int]", b="int", returns="int"),
    _of("operator", "indexOf", a="list[int]", b="int", returns="int"),
    _of("operator", "floordiv", a="int", b="int", returns="int"),
    _of("operator", "mod", a="int", b="int", returns="int"),
    _of("operator", "getitem", a="list[int]", b="int", returns="int"),
    _of("operator", "setitem", a="list[int]", b="int", c="int", returns="None"),
    _of("operator", "delitem", a="list[int]", b="int", returns="None"),
    _of("operator", "add", a="list[int]", b="list[int]", returns="list[int]"),
    _of("plistlib", "_count_to_size", count="int", returns="int"),
    _of("_pydecimal", "_div_nearest", a="int", b="int", returns="int"),
    _of("_pydecimal", "_rshift_nearest", x="int", shift="int", returns="int"),
    _of("stat", "S_IMODE", mode="int", returns="int"),
    _of("statistics", "median_low", data="list[int]", returns="int"),
    _of("statistics", "median_high", data="list[int]", returns="int"),
    _of("timeit", "reindent", src="str", indent="int", returns="str"),
    _of("token", "ISTERMINAL", x="int", returns="bool"),
    _of("token", "ISNONTERMINAL", x="int", returns="bool"),
    _of("unittest.util", "three_way_cmp", x="int", y="int", returns="int"),
    _of("unittest.util", "unorderable_list_difference", expected="list[int]", actual="list[int]",
        returns="tuple[list[int], list[int]]"),
)  # fmt: skip


def source_of(subject: Subject) -> tuple[str, str]:
    """The path and the text of a function's module, with the types written into it."""
    # Some modules are frozen into the interpreter, and say nothing of their file.
    path = Path(sysconfig.get_path("stdlib"), *subject.module.split(".")).with_suffix(".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    text = read(path).text
    extraction = extract(Snapshot(path.name, None, text))
    function = next(f for f in extraction.module.all_functions() if f.qualname == subject.name)
    edits = []
    for name, kind in subject.types.items():
        made = annotate(text, function, name, kind)
        if isinstance(made, Failure):
            raise LookupError(made.reason)
        edits.extend(made)
    return path.name, apply(text, edits)


def found_for(subject: Subject) -> Inference:
    """What is inferred for a function."""
    path, text = source_of(subject)
    module = extract(Snapshot(path, None, text)).module
    # More than an editor has, so that a busy machine finds the same.
    return infer(module, text, subject.name, Options(), seconds=25)


def _attempt(subject: Subject) -> tuple[Subject, Inference | None]:
    try:
        return subject, found_for(subject)
    except (LookupError, StopIteration, SourceError) as error:
        print(f"{subject.label}: {type(error).__name__} {error}", file=sys.stderr)
        return subject, None


def _section(subject: Subject, found: Inference) -> str:
    parameters = ", ".join(f"{n}: {k}" for n, k in subject.types.items() if n != "return")
    heading = f"## `{subject.label}`\n\n"
    signature = f"def {subject.name}({parameters}) -> {subject.types.get('return', 'None')}:"
    first, _, rest = (found.docstring or "").partition("\n")
    block = textwrap.indent(f"{first}\n{textwrap.dedent(rest)}", "    ")
    code = "\n".join(row.rstrip() for row in f"{signature}\n{block}".split("\n"))
    rows = "".join(f"| `{c.text.replace('|', chr(92) + '|')}` | {c.evidence} |\n" for c in found.clauses)
    assumed = f"\nAssuming {'; '.join(found.assumptions)}.\n" if found.assumptions else ""
    return f"{heading}```text\n{code}\n```\n\n| clause | evidence |\n|---|---|\n{rows}{assumed}\n"


def page(results: Sequence[tuple[Subject, Inference | None]]) -> str:
    """The whole page."""
    good = [(s, f) for s, f in results if f is not None and f.clauses]
    version = ".".join(map(str, sys.version_info[:2]))
    clauses = sum(len(f.clauses) for _, f in good)
    intro = f"""# Inferred for the standard library

What [`lift infer`](cli.md#lift-infer-pathfunction) finds for {len(good)} functions of the standard library of
Python {version}: {clauses} clauses, each of them proved for all arguments of the types shown, none of which
the types alone say. The library has no annotations, so that each function was given the types of its
documentation. *Notices 7 of 9 wrong versions* says how many small changes of the body break the clause. The
functions at the end were looked at as well.

`python tools/stdlib_inference.py` writes this page, and with `--check` it proves once more what stands here.

"""
    bad = [(s, f) for s, f in results if f is not None and not f.clauses]
    rest = "".join(f"| `{s.label}` | {(f.reason or '').replace('|', chr(92) + '|')} |\n" for s, f in bad)
    tail = f"## Nothing proved\n\n| function | reason |\n|---|---|\n{rest}" if rest else ""
    return intro + "".join(_section(s, f) for s, f in good) + tail


@dataclass(frozen=True)
class Said:
    """What the page says of a function.

    Attributes:
        lines: Section of the docstring → its lines as they stand there.
    """

    subject: Subject
    lines: Mapping[Section, tuple[str, ...]]

    def expressions(self, section: Section) -> list[str]:
        """The expressions of a section: those in double backticks."""
        return [part for line in self.lines.get(section, ()) for part in re.findall("``(.+)``", line)]


def said_on(text: str) -> list[Said]:
    """What a page says, function by function."""
    by_label = {s.label: s for s in SUBJECTS}
    found: list[Said] = []
    for heading, block in re.findall(r"^## `(\S+)`\n\n```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        lines: dict[Section, tuple[str, ...]] = {}
        for section in SECTIONS:
            body = re.search(rf"^    {section}:\n((?:        .+\n)+)", block, re.MULTILINE)
            if body is not None:
                lines[section] = tuple(row.strip() for row in body[1].splitlines())
        found.append(Said(by_label[heading], lines))
    return found


def unproved(said: Said) -> list[str]:
    """What the page says of a function that cannot be proved of its source."""
    path, text = source_of(said.subject)
    for section, lines in said.lines.items():
        module = extract(Snapshot(path, None, text)).module
        function = next(f for f in module.all_functions() if f.qualname == said.subject.name)
        made = add_lines(text, function, section, lines)
        if isinstance(made, Failure):
            return [f"{said.subject.label}: {made.reason}"]
        text = apply(text, made)
    module = extract(Snapshot(path, None, text)).module
    result = check_function(module, text, said.subject.name, Options(seconds=30))
    stated = {"requires": "Requires", "ensures": "Ensures", "raises": "Raises"}
    checked = [c for c in result.clauses if c.kind in stated]
    wanted = {e for section in SECTIONS for e in said.expressions(section)}
    bad = [c.text for c in checked if c.verdict != "proved" or c.code == "trivial-clause"]
    return sorted({*bad, *(wanted - {c.text for c in checked})})


def main(arguments: Sequence[str]) -> int:
    """Writes the page, checks it, or prints what is found for the functions that are named."""
    if arguments == ["--check"]:
        bad = [(one, unproved(one)) for one in said_on(PAGE.read_text(encoding="utf-8"))]
        for one, clauses in bad:
            print(f"{one.subject.label}: {', '.join(clauses) or 'proved'}")
        return int(any(clauses for _, clauses in bad))
    chosen = [s for s in SUBJECTS if not arguments or s.label in arguments]
    with ProcessPoolExecutor(2) as workers:
        results = list(workers.map(_attempt, chosen))
    if arguments:
        for subject, found in results:
            print(_section(subject, found) if found and found.clauses else f"{subject.label}: {found}")
    else:
        PAGE.write_text(page(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
