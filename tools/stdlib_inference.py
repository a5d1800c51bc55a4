"""Runs ``lift infer`` on functions of the standard library, and writes down what it finds.

    python tools/stdlib_inference.py            writes docs/reference/inferred.md
    python tools/stdlib_inference.py NAME...    prints what is found for these functions

The standard library has no annotations, so that each function is given the types that its documentation
states; what is proved holds for arguments of these types. The source is the one of the Python that runs this.
"""

from __future__ import annotations

import sys
import sysconfig
import textwrap
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lift.edit import Failure, annotate, apply
from lift.errors import SourceError
from lift.extract import extract
from lift.resolve.infer.search import Inference, infer
from lift.source.text import Snapshot, read
from lift.verify.options import Options

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "inferred.md"


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


SUBJECTS: Sequence[Subject] = (
    _of("calendar", "isleap", year="int", returns="bool"),
    _of("calendar", "leapdays", y1="int", y2="int", returns="int"),
    _of("calendar", "_prevmonth", year="int", month="int", returns="tuple[int, int]"),
    _of("calendar", "_nextmonth", year="int", month="int", returns="tuple[int, int]"),
    _of("datetime", "_cmp", x="int", y="int", returns="int"),
    _of("datetime", "_is_leap", year="int", returns="bool"),
    _of("datetime", "_days_before_year", year="int", returns="int"),
    _of("datetime", "_days_in_month", year="int", month="int", returns="int"),
    _of("datetime", "_days_before_month", year="int", month="int", returns="int"),
    _of("datetime", "_ymd2ord", year="int", month="int", day="int", returns="int"),
    _of("datetime", "_divide_and_round", a="int", b="int", returns="int"),
    _of("bisect", "bisect_left", a="list[int]", x="int", lo="int", hi="int | None", key="None", returns="int"),
    _of("bisect", "bisect_right", a="list[int]", x="int", lo="int", hi="int | None", key="None", returns="int"),
    _of("difflib", "_calculate_ratio", matches="int", length="int", returns="float"),
    _of("difflib", "_format_range_unified", start="int", stop="int", returns="str"),
    _of("difflib", "_count_leading", line="str", ch="str", returns="int"),
    _of("difflib", "_keep_original_ws", s="str", tag_s="str", returns="str"),
    _of("ipaddress", "_count_righthand_zero_bits", number="int", bits="int", returns="int"),
    _of("ipaddress", "_split_optional_netmask", address="str", returns="list[str]"),
    _of("stat", "S_IMODE", mode="int", returns="int"),
    _of("stat", "S_IFMT", mode="int", returns="int"),
    _of("stat", "S_ISDIR", mode="int", returns="bool"),
    _of("operator", "truth", a="list[int]", returns="bool"),
    _of("operator", "not_", a="int", returns="bool"),
    _of("operator", "contains", a="list[int]", b="int", returns="bool"),
    _of("operator", "countOf", a="list[int]", b="int", returns="int"),
    _of("operator", "indexOf", a="list[int]", b="int", returns="int"),
    _of("operator", "floordiv", a="int", b="int", returns="int"),
    _of("operator", "mod", a="int", b="int", returns="int"),
    _of("operator", "getitem", a="list[int]", b="int", returns="int"),
    _of("operator", "concat", a="str", b="str", returns="str"),
    _of("token", "ISTERMINAL", x="int", returns="bool"),
    _of("token", "ISNONTERMINAL", x="int", returns="bool"),
    _of("token", "ISEOF", x="int", returns="bool"),
    _of("encodings.punycode", "T", j="int", bias="int", returns="int"),
    _of("encodings.punycode", "adapt", delta="int", first="bool", numchars="int", returns="int"),
    _of("encodings.punycode", "selective_len", str="str", max="int", returns="int"),
    _of("_pydecimal", "_div_nearest", a="int", b="int", returns="int"),
    _of("_pydecimal", "_rshift_nearest", x="int", shift="int", returns="int"),
    _of("_pydecimal", "_sqrt_nearest", n="int", a="int", returns="int"),
    _of("plistlib", "_count_to_size", count="int", returns="int"),
    _of("quopri", "ishex", c="bytes", returns="bool"),
    _of("quopri", "unhex", s="bytes", returns="int"),
    _of("heapq", "_siftdown", heap="list[int]", startpos="int", pos="int", returns="None"),
    _of("heapq", "heappushpop", heap="list[int]", item="int", returns="int"),
    _of("posixpath", "_get_sep", path="str", returns="str"),
    _of("posixpath", "normcase", s="str", returns="str"),
    _of("genericpath", "_splitext", p="str", sep="str", altsep="str | None", extsep="str",
        returns="tuple[str, str]"),
    _of("string", "capwords", s="str", sep="str | None", returns="str"),
    _of("textwrap", "_is_relevant", text="str", returns="bool"),
    _of("colorsys", "_v", m1="float", m2="float", hue="float", returns="float"),
    _of("fnmatch", "filter", names="list[str]", pat="str", returns="list[str]"),
    _of("shlex", "quote", s="str", returns="str"),
    _of("locale", "_strip_padding", s="str", amount="int", returns="str"),
    _of("email.quoprimime", "quote", c="str", returns="str"),
    _of("statistics", "_isfinite", x="int", returns="bool"),
    _of("sre_compile", "_simple", p="list[int]", returns="bool"),
    _of("html", "escape", s="str", quote="bool", returns="str"),
    _of("cmd", "Cmd.emptyline"),
    _of("random", "_test_generator", n="int"),
    _of("tarfile", "stn", s="str", length="int", encoding="str", errors="str", returns="bytes"),
    _of("reprlib", "Repr._join"),
    _of("tokenize", "_get_normal_name", orig_enc="str", returns="str"),
    _of("gettext", "_as_int", n="int", returns="int"),
    _of("mimetypes", "_default_mime_types"),
    _of("imaplib", "Int2AP", num="int", returns="bytes"),
    _of("ftplib", "parse257", resp="str", returns="str"),
    _of("smtplib", "quotedata", data="str", returns="str"),
    _of("nturl2path", "url2pathname", url="str", returns="str"),
    _of("graphlib", "_NodeInfo.__init__"),
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
    return infer(module, text, subject.name, Options())


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
    intro = (
        "# Inferred for the standard library\n\n"
        f"What [`lift infer`](cli.md) finds for {len(good)} functions of Python {version}'s standard library:\n"
        f"{clauses} clauses, each of them proved for all arguments of the types shown, none of which the types\n"
        "alone say. The library has no annotations, so that each function was given the types of its\n"
        "documentation. *Notices 7 of 9 wrong versions* says how many small changes of the body break the clause.\n"
        "`python tools/stdlib_inference.py` writes this page.\n\n"
    )
    bad = [(s, f) for s, f in results if f is not None and not f.clauses]
    rest = "".join(f"| `{s.label}` | {(f.reason or '').replace('|', chr(92) + '|')} |\n" for s, f in bad)
    tail = f"## Nothing proved\n\n| function | reason |\n|---|---|\n{rest}" if rest else ""
    return intro + "".join(_section(s, f) for s, f in good) + tail


def main(names: Sequence[str]) -> None:
    """Writes the page, or prints what is found for ``names``."""
    chosen = [s for s in SUBJECTS if not names or s.label in names]
    with ProcessPoolExecutor(2) as workers:
        results = list(workers.map(_attempt, chosen))
    if names:
        for subject, found in results:
            print(_section(subject, found) if found and found.clauses else f"{subject.label}: {found}")
        return
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
