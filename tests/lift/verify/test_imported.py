"""Calls of functions of other files, which are known by what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.neighbours import Neighbours, path_of, stub_problems
from lift.source.text import read
from lift.verify.check import check_function
from lift.verify.digests import digest_of
from lift.verify.options import Options
from lift_ir import FunctionResult

HALF = '''\
LIMIT = 10

def half(x: int) -> int:
    """Half of it.

    Requires:
        - ``x >= 0``

    Ensures:
        - ``0 <= result <= x``

    Raises:
        OverflowError: If ``x > LIMIT``.
    """
    if x > LIMIT:
        raise OverflowError(x)
    return rounded(x)

def rounded(x: int) -> int:
    return x // 2

def untrue(x: int) -> int:
    """More of it.

    Ensures:
        - ``result > x``
    """
    return x
'''


def caller(imports: str, body: str, ensures: str = "result >= 0", requires: str = "True") -> str:
    return (
        f'{imports}\n\ndef f(x: int) -> int:\n    """F.\n\n    Requires:\n        - ``{requires}``\n\n'
        f'    Ensures:\n        - ``{ensures}``\n    """\n    {body}\n'
    )


def workspace(folder: Path, files: dict[str, str]) -> Path:
    """Writes files; the first one is the one that is checked."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder / next(iter(files))


def check(path: Path, root: Path, qualname: str = "f", **options) -> FunctionResult:
    found = extract(read(path))
    around = Neighbours(root, path_of(str(path)), lambda _: None)
    text = found.snapshot.text
    digest_of(found.module, text, qualname, Options(), around.sources)
    return check_function(found.module, text, qualname, Options(seconds=20, **options), around.touched())


def verdicts(result: FunctionResult) -> dict[str, str]:
    return {c.kind: c.verdict for c in result.clauses}


IMPORTS = {
    "relative": ("from .other import half", "half"),
    "renamed": ("from .other import half as h", "h"),
    "absolute": ("from pkg.other import half", "half"),
    "of the module": ("import pkg.other", "pkg.other.half"),
    "of a renamed module": ("import pkg.other as o", "o.half"),
    "of a module in its package": ("from . import other", "other.half"),
    "through the package": ("from pkg import shown", "shown"),
}


@pytest.mark.parametrize(("imports", "name"), IMPORTS.values(), ids=IMPORTS)
def test_an_imported_function_stands_for_its_contract(tmp_path, imports, name):
    path = workspace(
        tmp_path,
        {
            "pkg/main.py": caller(imports, f"return {name}(x)", "0 <= result <= x", "0 <= x <= 10"),
            "pkg/other.py": HALF,
            "pkg/__init__.py": "from .other import half as shown\n",
        },
    )
    assert verdicts(check(path, tmp_path)) == {
        "requires": "proved",
        "ensures": "proved",
        "no-raise": "proved",
    }


REFUTED = {
    "a call that breaks Requires": ("from .other import half", "return half(x)", "call", "requires `x >= 0`"),
    "the same through the module": ("import pkg.other", "return pkg.other.half(x)", "call", "pkg.other.half"),
    "what its exception does not say": (
        "from .other import half",
        "return half(abs(x))",
        "no-raise",
        "raises OverflowError",
    ),
    "a constant of the other file": (
        "from .other import LIMIT",
        "return LIMIT - abs(x)",
        "ensures",
        "`result >= 0` fails: f(",
    ),
    "a function without a specification": (
        "from .other import rounded",
        "return rounded(x)",
        "ensures",
        "f(-1) returns -1",
    ),
}


@pytest.mark.parametrize(("imports", "body", "kind", "said"), REFUTED.values(), ids=REFUTED)
def test_the_real_function_runs_for_a_counterexample(tmp_path, imports, body, kind, said):
    files = {"pkg/main.py": caller(imports, body), "pkg/other.py": HALF, "pkg/__init__.py": ""}
    result = check(workspace(tmp_path, files), tmp_path)
    found = [c for c in result.clauses if c.verdict == "refuted"]
    clause = next(c for c in found if c.kind == kind)
    assert said in clause.message
    if kind == "call":
        assert clause.span.start.column > 0, "the call itself is marked"


BOX = '''\
class Box:
    x: int

def make(x: int) -> Box:
    """Make one.

    Ensures:
        - ``True``
    """
    return Box()
'''

UNKNOWN = {
    "a specification that is not proved": (
        "from .other import untrue as more",
        "return more(x)",
        HALF,
        "result > x",
        "pkg.other.untrue",
    ),
    "a name that is bound again": (
        "from .other import half\nhalf = abs",
        "return half(x)",
        HALF,
        "result >= 0",
        "the global half",
    ),
    "a module that is changed": (
        "from . import other\nother.half = abs",
        "return other.half(x)",
        HALF,
        "result >= 0",
        "other",
    ),
    "an import that only a type checker sees": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .other import half",
        "return half(x)",
        HALF,
        "result >= 0",
        "half",
    ),
    "a class of the other file": (
        "from .other import make",
        "return make(x)",
        BOX,
        "result is not None",
        "returns an instance",
    ),
    "a text that does not parse": ("from .other import half", "return half(x)", "def half(:", "True", "half"),
    "a decorated function": (
        "from .other import half",
        "return half(x)",
        "from functools import cache\n" + HALF.replace("def half", "@cache\ndef half"),
        "0 <= result <= x",
        "decorator",
    ),
}


@pytest.mark.parametrize(("imports", "body", "other", "ensures", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_relied_on_is_unknown(tmp_path, imports, body, other, ensures, said):
    files = {"pkg/main.py": caller(imports, body, ensures, "0 <= x <= 5"), "pkg/other.py": other}
    result = check(workspace(tmp_path, files | {"pkg/__init__.py": ""}), tmp_path, run_code=False)
    clause = next(c for c in result.clauses if c.kind == "ensures")
    assert clause.verdict == "unknown"
    assert said in (clause.reason or "")


def countdown(other: str, base: str = "return 0") -> str:
    return (
        f"from .{other} import {other}\n\ndef {'b' if other == 'a' else 'a'}(x: int) -> int:\n"
        f'    """C.\n\n    Ensures:\n        - ``result >= 0``\n    """\n'
        f"    if x <= 0:\n        {base}\n    return {other}(x - 1)\n"
    )


def test_files_may_import_from_each_other(tmp_path):
    path = workspace(
        tmp_path, {"pkg/a.py": countdown("b"), "pkg/b.py": countdown("a"), "pkg/__init__.py": ""}
    )
    result = check(path, tmp_path, "a")
    assert result.verdict == "proved"
    assert result.assumptions == ("the recursion ends",)


def test_a_circle_of_files_proves_nothing_that_is_false_in_one_of_them(tmp_path):
    files = {"pkg/a.py": countdown("b"), "pkg/b.py": countdown("a", "return -1"), "pkg/__init__.py": ""}
    result = check(workspace(tmp_path, files), tmp_path, "a")
    assert verdicts(result)["ensures"] == "refuted"


def test_two_files_of_one_name_stand_for_neither(tmp_path):
    main = caller("from other import half", "return half(x)", "result <= x", "0 <= x <= 5")
    path = workspace(tmp_path, {"app/main.py": main, "app/other.py": HALF, "other.py": HALF})
    assert verdicts(check(path, tmp_path))["ensures"] != "proved"


def test_a_file_does_not_stand_for_a_module_of_the_standard_library(tmp_path):
    main = caller("from heapq import half", "return half(x)", "result <= x", "0 <= x <= 5")
    path = workspace(tmp_path, {"main.py": main, "heapq.py": HALF})
    assert verdicts(check(path, tmp_path, run_code=False))["ensures"] == "unknown"


STUB = '''\
def area(width: int, height: int) -> int:
    """The area.

    Requires:
        - ``width >= 0 and height >= 0``

    Ensures:
        - ``result == width * height``
    """
'''


def test_a_stub_of_the_user_is_believed_and_said_so(tmp_path):
    main = caller("import shapes.flat", "return shapes.flat.area(x, 2)", "result == 2 * x", "x >= 0")
    path = workspace(tmp_path, {"main.py": main, ".lift/stubs/shapes/flat.pyi": STUB})
    result = check(path, tmp_path)
    assert result.verdict == "proved"
    assert result.assumptions == ("the stub of shapes.flat is right about area",)


def test_a_call_that_a_stub_does_not_fit_is_unknown(tmp_path):
    main = caller("import shapes.flat", "return shapes.flat.area(x)", "True")
    path = workspace(tmp_path, {"main.py": main, ".lift/stubs/shapes/flat.pyi": STUB})
    assert verdicts(check(path, tmp_path))["no-raise"] == "unknown"


LIBRARY = {
    "it raises what it says": ("import math", "return math.isqrt(x)", "result * result <= x", "x >= 0"),
    "it changes its argument": (
        "from heapq import heappush",
        "xs = [x]\n    heappush(xs, 1)\n    return len(xs)",
        "result == 2",
        "True",
    ),
    "a constant": ("import string", "return len(string.digits)", "result == 10", "True"),
    "an overload for another type": (
        "from bisect import insort",
        'names = ["a"]\n    insort(names, "b")\n    return len(names)',
        "result == 2",
        "True",
    ),
}


@pytest.mark.parametrize(("imports", "body", "ensures", "requires"), LIBRARY.values(), ids=LIBRARY)
def test_the_standard_library_is_known_by_its_stubs(tmp_path, imports, body, ensures, requires):
    result = check(workspace(tmp_path, {"main.py": caller(imports, body, ensures, requires)}), tmp_path)
    assert result.verdict == "proved"
    assert result.assumptions == ()


NOT_PROVED = {
    "a value that a list held before": (
        "from heapq import heappush",
        "xs = [x]\n    heappush(xs, 1)\n    return xs[0]",
        "result == x",
    ),
    "a list under another name": (
        "from heapq import heappush",
        "xs = [x]\n    ys = xs\n    heappush(ys, 1)\n    return len(xs)",
        "result == 1",
    ),
    "an exception": ("import math", "return math.isqrt(x)", "result >= 0"),
    "a type that no variant has": ("import math", "return math.gcd(x, 1.5)", "result >= 0"),
    "more arguments than a variant has": ("import math", "return math.gcd(x, 1, 2, 'a')", "result >= 0"),
}


@pytest.mark.parametrize(("imports", "body", "ensures"), NOT_PROVED.values(), ids=NOT_PROVED)
def test_a_stub_proves_no_more_than_it_says(tmp_path, imports, body, ensures):
    path = workspace(tmp_path, {"main.py": caller(imports, body, ensures)})
    assert check(path, tmp_path).verdict != "proved"
    assert check(path, tmp_path, run_code=False).verdict == "unknown"


def test_what_is_wrong_in_a_stub_is_said_with_its_place_and_a_remedy(tmp_path):
    stub = STUB.replace("result ==", "result =").replace("height: int", "height")
    workspace(tmp_path, {".lift/stubs/shapes/flat.pyi": stub, ".lift/stubs/bad.pyi": "def ("})
    said = stub_problems(tmp_path)
    assert [s.split(": ")[0] for s in said] == [
        ".lift/stubs/bad.pyi:1",
        ".lift/stubs/shapes/flat.pyi:8",
        ".lift/stubs/shapes/flat.pyi:1",
    ]
    assert said[2].endswith("area is not used, since height has no type; annotate it")
