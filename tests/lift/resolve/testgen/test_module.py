"""The tests that are written: readable, bounded by Requires, and as sharp as the specification."""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from lift.extract import extract
from lift.resolve.infer.mutants import mutants_of
from lift.resolve.infer.subject import Subject as Bodies
from lift.resolve.loop import trials
from lift.resolve.testgen.marks import is_untouched
from lift.resolve.testgen.module import Subject, Written, written
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.sources import NOTHING
from lift_ir import Counterexample, Returned

DATA = Path(__file__).with_name("data")
SHOP = (DATA / "shop.py").read_text(encoding="utf-8")
RUFF = Path(sys.executable).with_name("ruff")


def made_of(text: str, **details: object) -> Written:
    module = extract(Snapshot("subject.py", None, text)).module
    return written(Subject(module, text, "subject", shown="subject.py", **details))  # type: ignore[arg-type]


def function(signature: str, *requires: str, ensures: str = "result == 0", body: str = "return 0") -> str:
    rows = "\n".join(f"        - ``{r}``" for r in requires)
    stated = f"    Requires:\n{rows}\n\n" if requires else ""
    head = "import math\n\n" if "math." in stated else ""
    docstring = f'"""F.\n\n{stated}    Ensures:\n        - ``{ensures}``\n    """'
    return f"{head}def f({signature}) -> int:\n    {docstring}\n    {body}\n"


def strategy_of(signature: str, *requires: str) -> str:
    text = made_of(function(signature, *requires)).text
    return " ".join(text[text.index("\n\n\n") : text.index("def test_")].split())


# A signature, what it requires, and the strategies that say it.
BOUNDED = [
    ("n: int", ["0 <= n <= 10"], "n=st.integers(0, 10)"),
    ("n: int", ["n > 0"], "n=st.integers(min_value=1)"),
    ("n: int", ["not n < 0", "n != 0"], "n=st.integers(min_value=1)"),
    ("n: int", ["n in (1, 2, 5)"], "n=st.sampled_from([1, 2, 5])"),
    ("n: int", ["n in range(3, 9)"], "n=st.integers(3, 8)"),
    ("n: int", ["n % 2 == 0", "0 <= n <= 9"], "n=st.integers(0, 4).map(lambda n: 2 * n)"),
    ("n: int", ["n <= 2 ** 60", "n >= 0"], "n=st.integers(0, 1152921504606846976)"),
    ("xs: list[int]", ["len(xs) >= 1"], "min_size=1)"),
    ("xs: list[int]", ["xs"], "min_size=1)"),
    ("xs: list[int]", ["1 < len(xs) <= 4", "all(x > 0 for x in xs)"], "min_size=2, max_size=4"),
    ("xs: list[int]", ["xs == sorted(xs)"], ").map(sorted)"),
    ("xs: list[int]", ["all(xs[i] < xs[i + 1] for i in range(len(xs) - 1))"], "unique=True).map(sorted)"),
    ("xs: list[int]", ["len(set(xs)) == len(xs)"], "unique=True)"),
    ("xs: list[int]", ["all(-5 <= x <= 5 for x in xs)"], "xs=st.lists(st.integers(-5, 5))"),
    ("low: int, high: int", ["low <= high"], "high = draw(st.integers(min_value=low))"),
    ("i: int, xs: list[int]", ["0 <= i < len(xs)"], "min_size=1)) i = draw(st.integers(0, len(xs) - 1))"),
    ("xs: list[int], ys: list[int]", ["len(xs) == len(ys)"], "min_size=len(xs), max_size=len(xs)"),
    ("xs: list[int], x: int", ["x in xs"], "x = draw(st.sampled_from(xs))"),
    ("xs: list[int], top: int", ["all(x <= top for x in xs)"], "draw(st.lists(st.integers(max_value=top)))"),
    ("d: dict[str, int]", ["all(v >= 0 for v in d.values())"], "(st.text(), st.integers(min_value=0))"),
    ("d: dict[str, int], k: str", ["k in d"], "k = draw(st.sampled_from(sorted(d, key=repr)))"),
    ("s: str", ["len(s) == 3", 'all(c in "01" for c in s)'], 's=st.text("01", min_size=3, max_size=3)'),
    ("s: str", ["s.isdecimal()"], 's=st.text(st.characters(categories=["Nd"]), min_size=1)'),
    ("s: str", ["s != ''"], "s=st.text(min_size=1)"),
    ("x: float", ["0 <= x < 1.5"], "x=st.floats(min_value=0, max_value=1.5, exclude_max=True)"),
    ("x: float", ["math.isfinite(x)"], "x=st.floats(allow_nan=False, allow_infinity=False)"),
    ("x: int | None", ["x is not None", "x > 3"], "x=st.integers(min_value=4)"),
    ("x: int | None", [], "x=st.none() | st.integers()"),
    ("flag: bool", ["flag"], "flag=st.just(True)"),
    ('mode: Literal["a", "b"]', [], "mode=st.sampled_from([\"a\", \"b\"])"),
    ("pair: tuple[int, str]", [], "pair=st.tuples(st.integers()"),
    ("a: int, b: int, c: int", ["a + b <= c", "a >= 0", "b >= 0"], "c = draw(st.integers(min_value=a + b))"),
]  # fmt: skip


@pytest.mark.parametrize(("signature", "requires", "wanted"), BOUNDED, ids=range(len(BOUNDED)))
def test_requires_becomes_bounds(signature: str, requires: list[str], wanted: str) -> None:
    found = strategy_of(signature, *requires)
    assert wanted in found.replace("( ", "(").replace(", )", ")"), found
    assert "assume" not in found


def test_what_no_strategy_says_is_assumed_and_told() -> None:
    found = made_of(function("a: int, b: int", "a * b == 12"))
    assert found.assumed == {"f": ("a * b == 12",)}
    assert "assume(a * b == 12)" in found.text
    assert "filter_too_much" in found.text


def test_a_contradiction_is_told() -> None:
    (skipped,) = made_of(function("a: int", "a > 3", "a < 2")).skipped
    assert skipped.reason == "no input meets Requires"


LEFT = [
    (function("a"), "its parameter a has no annotation"),
    (function("a: Thing"), "no inputs can be made for a: the annotation Thing"),
    (function("a: int", ensures="result == ?b"), "it holds a hole; fill it first"),
    (
        function("a: int", ensures="result == nowhere(a)"),
        "it is no expression that can be evaluated; formalise it first",
    ),
    (
        function("a: list[int]", ensures="old(a) is not a"),
        "it asks whether an old value, of which only a copy is kept, is the same object",
    ),
    (
        function("path: str", body="import os\n    os.remove(path)\n    return 0"),
        "it may touch files, where drawn inputs do harm",
    ),
    (
        function("a: int").replace("    Ensures", "    Requires:\n        - It is small\n\n    Ensures"),
        "what it requires is not known in full, so that its inputs are not either",
    ),
    (function("a: int", body="yield 0"), "it is a generator, whose result is not there when it returns"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), LEFT, ids=range(len(LEFT)))
def test_what_is_left_out_says_why(text: str, reason: str) -> None:
    assert reason in [s.reason for s in made_of(text).skipped]


RAISING = """def f(n: int) -> int:
    \"\"\"F.

    Ensures:
        - ``result == n``

    Raises:
        ValueError: If the number is odd in some way.
        Nowhere: If ``n > 5``.
    \"\"\"
    for odd in (2, 9):
        if n == odd:
            raise ValueError
    return n
"""


def test_what_may_be_raised_at_some_time_is_taken_for_no_failure() -> None:
    text = made_of(RAISING).text
    assert "except (ValueError, Exception):\n        return\n    assert result == n\n" in text
    assert "pytest.raises" not in text


def test_large_numbers_stay_away_from_loops() -> None:
    text = function("n: int", "n >= 0", body="return sum(range(n)) * 0")
    assert "n=st.integers(0, 100)" in made_of(text).text


def test_names_of_the_module_come_along() -> None:
    text = "from math import pi\nimport os.path as p\nLIMIT = 3\n\n" + function(
        "st: int", "st <= LIMIT", ensures="result < pi and p is not None"
    )
    found = made_of(
        text,
    ).text
    assert "import os.path as p\nfrom math import pi\n" in found
    assert "from subject import LIMIT, f\n" in found
    # A parameter that is called as something of Hypothesis's is.
    assert "def test_f_result_below_pi_and_p_is_not_none(st_):" in found
    assert "@given(st_=st.integers(max_value=LIMIT))" in found


def test_relative_imports_become_absolute_ones() -> None:
    text = "from .tax import RATE\n\n" + function("n: int", ensures="result < RATE")
    module = extract(Snapshot("subject.py", None, text)).module
    found = written(Subject(module, text, "shop.subject", "shop")).text
    assert "from shop.subject import f\nfrom shop.tax import RATE\n" in found


def test_a_file_that_no_test_can_import_is_told() -> None:
    text = function("n: int")
    found = written(Subject(extract(Snapshot("a-b.py", None, text)).module, text, "a-b", shown="a-b.py"))
    assert found.tests == ()
    assert found.skipped[0].reason == "no test can import a module that is called a-b"


def test_what_failed_once_is_a_test_of_its_own() -> None:
    past = Counterexample(arguments={"n": "-7"}, outcome=Returned(value="1"), call="f(-7)")
    found = made_of(function("n: int", "n < 100"), past={"f": (past, past)}).text
    start = found.index("def test_f_past_counterexample_1()")
    rows = [row.strip() for row in found[start:].splitlines()]
    assert rows == [
        "def test_f_past_counterexample_1():",
        '"""It once failed on ``f(-7)``."""',
        "n = -7",
        "if not (n < 100):",
        'pytest.skip("Requires does not allow it any more")',
        "result = f(n)",
        "assert result == 0",
    ]


def test_what_is_written_is_as_formatters_leave_it(tmp_path: Path) -> None:
    text = made_of(SHOP).text
    assert is_untouched(text)
    assert not is_untouched(text + "# mine\n")
    file = tmp_path / "test_shop.py"
    file.write_text(text, encoding="utf-8")
    own = 'lint.isort.known-first-party=["subject"]'
    for arguments in (["format", "--diff"], ["check", "--select", "F,I,E4,E7,E9,UP", "--config", own]):
        command = [str(RUFF), *arguments, "--isolated", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def pytest_of(folder: Path) -> dict[str, set[str]]:
    """Module of tests → the names of those that fail, in a real pytest."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command += [
        f"--junitxml={report}",
        "--hypothesis-seed=7",
        "-o",
        "addopts=",
        "-c",
        "/dev/null",
        f"--rootdir={folder}",
        str(folder),
    ]
    subprocess.run(
        command, capture_output=True, cwd=folder, check=False, env={"PYTHONPATH": str(folder), "PATH": ""}
    )
    failed: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        found = failed.setdefault(case.attrib["classname"], set())
        if any(child.tag in ("failure", "error") for child in case):
            found.add(case.attrib["name"])
    return failed


def killed_by_the_specification(name: str) -> list[str]:
    """The module with each wrong body of a function that some input shows to break a clause."""
    module = extract(Snapshot("shop.py", None, SHOP)).module
    ir = next(f for f in module.all_functions() if f.qualname == name)
    bench, why = trials.prepare(module, SHOP, ir, NOTHING, 200)
    assert bench is not None, why
    bodies = Bodies(
        module,
        SHOP,
        ir,
        bench.target.node,
        bench.program,
        list(bench.cases),
        Options(),
        NOTHING,
        {},
        float("inf"),
    )
    found: list[str] = []
    for body in mutants_of(bodies):
        if any(r.failed for r in bodies.run((), body, seconds=2.0) if r.status == "ok"):
            tree = ast.parse(SHOP)
            node = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == ir.name)
            node.body = [node.body[0], *body]
            found.append(ast.unparse(ast.fix_missing_locations(tree)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["allocate", "clamp", "pick", "Account.withdraw", "grow", "spread", "fee", "first_after"]
)
def test_they_kill_what_the_specification_kills(name: str, tmp_path: Path) -> None:
    module = extract(Snapshot("shop.py", None, SHOP)).module
    tests = written(Subject(module, SHOP, "shop", only=frozenset([name]))).text
    mutants = killed_by_the_specification(name)
    assert len(mutants) >= 3
    for number, text in enumerate([SHOP, *mutants]):
        (tmp_path / f"shop_{number}.py").write_text(text, encoding="utf-8")
        (tmp_path / f"test_{number}.py").write_text(
            tests.replace("from shop import", f"from shop_{number} import"), encoding="utf-8"
        )
    failed = pytest_of(tmp_path)
    assert failed.pop("test_0") == set()
    assert [m for m, names in failed.items() if not names] == []
    assert len(failed) == len(mutants)


@pytest.mark.slow
def test_they_pass_on_what_holds(tmp_path: Path) -> None:
    (tmp_path / "subject.py").write_text(SHOP, encoding="utf-8")
    found = made_of(SHOP)
    (tmp_path / "test_shop.py").write_text(found.text, encoding="utf-8")
    assert pytest_of(tmp_path) == {"test_shop": set()}
    assert len(found.tests) > 20
    assert found.skipped == ()
