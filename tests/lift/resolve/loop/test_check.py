"""The gates that a candidate passes: what is refused says why, and what passes is what was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.loop.check import Checked, check
from lift.source.text import Snapshot
from lift.verify.options import Options

TEXT = '''"""Prices."""

import math
import os

LIMITS = {"low": 1}


def helper(n: int) -> int:
    return n + 1


def log(n: int) -> int:
    print(n)
    return n


def clamp(x: int, low: int, high: int) -> int:
    """Bound a number.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
        - ``implies(low <= x <= high, result == x)``

    Examples:
        >>> clamp(5, 1, 3)
        3
    """
    ...  # to be written


def ordered(xs: list[int]) -> list[int]:
    """Put numbers in order.

    Ensures:
        - ``result == sorted(xs)``
    """
    raise NotImplementedError


def vague(n: int) -> int:
    """Do something with a number.

    Requires:
        - ``n > 0``

    Ensures:
        - It is what everybody expects
    """
    ...


def halved(n: int) -> int:
    """Half of it.

    Ensures:
        - ``2 * result == n or 2 * result == n - 1``

    Raises:
        ValueError: If ``n < 0``.
    """
    ...


class Account:
    """Money.

    Invariants:
        - ``self.balance >= 0``
    """

    def __init__(self, balance: int) -> None:
        """Open it.

        Requires:
            - ``balance >= 0``
        """
        self.balance: int = balance

    def withdraw(self, amount: int) -> int:
        """Take some out.

        Requires:
            - ``0 <= amount <= self.balance``

        Ensures:
            - ``self.balance == old(self.balance) - amount``
            - ``result == self.balance``
        """
        ...
'''
CLAMP = "def clamp(x: int, low: int, high: int) -> int:\n    "
ORDERED = "def ordered(xs: list[int]) -> list[int]:\n    "


def checked(code: str, name: str = "clamp", text: str = TEXT, **details: Any) -> Checked:
    module = extract(Snapshot("prices.py", None, text)).module
    # Wall-clock time: enough for a machine that is busy with other tests.
    options = Options(seconds=40.0)
    return check(module, text, name, options, json.dumps({"code": code, "tests": 400, **details}))


# What is refused before anything runs: name, candidate, gate, and what the reason says.
REFUSED = [
    ("clamp", "Sure! Here is the code:", "parse", "does not parse"),
    ("clamp", "{'code': 'return x'}", "parse", "does more than define clamp"),
    ("clamp", "", "parse", "no definition of clamp"),
    ("clamp", "def clamp(x: int, low: int, high: int) -> int:\n    ...\n", "parse", "no body"),
    ("clamp", "def clamp(x, low):\n    return x\n", "parse", "signature is `clamp(x, low)`"),
    ("clamp", "def clamp(x: int, low: int, high: int = 3) -> int:\n    return x\n", "parse", "signature"),
    ("clamp", "def clamp(x: float, low: int, high: int) -> int:\n    return 1\n", "parse", "signature"),
    ("clamp", "async def clamp(x, low, high):\n    return x\n", "parse", "has to stay `def`"),
    ("clamp", f"{CLAMP}return x\n{CLAMP}return low\n", "parse", "defines clamp 2 times"),
    ("clamp", f"def helper(n):\n    return 0\n\n{CLAMP}return x\n", "parse", "defines helper beside clamp"),
    ("clamp", f"import builtins\nbuiltins.len = None\n{CLAMP}return x\n", "parse", "`builtins.len = None`"),
    ("clamp", f"print('hello')\n{CLAMP}return x\n", "parse", "`print('hello')`"),
    ("clamp", f"@print\n{CLAMP}return x\n", "parse", "changes the decorators"),
    ("clamp", f"{CLAMP}return bounded(x, low, high)\n", "names", "nothing is called `bounded`"),
    ("clamp", f"{CLAMP}return [y for z in (1, 2)][0]\n", "names", "nothing is called `y`"),
    ("clamp", f"import numpy_of_dreams\n{CLAMP}return x\n", "imports", "no module numpy_of_dreams"),
    ("clamp", f"{CLAMP}import left_pad\n    return x\n", "imports", "no module left_pad"),
    ("clamp", f"from json.nothing import x\n{CLAMP}return x\n", "imports", "json has no module nothing"),
    ("clamp", f"from math import *\n{CLAMP}return x\n", "imports", "hides what it brings"),
    ("clamp", f"from operator import add as max\n{CLAMP}return max(x, low)\n", "imports", "hide the builtin"),
    ("clamp", f"import json as math\n{CLAMP}return math.loads('1')\n", "imports", "change what math means"),
    (
        "clamp",
        f"from statistics import mean as helper\n{CLAMP}return helper([x])\n",
        "imports",
        "helper means",
    ),
    ("clamp", f"{CLAMP}return 'x'\n", "types", "returned type `Literal['x']`"),
    ("clamp", f"{CLAMP}return None\n", "types", "`None` is not assignable to declared return type `int`"),
    ("clamp", f"{CLAMP}if x > low:\n        return x\n", "types", "missing an explicit `return`"),
    ("clamp", f"{CLAMP}return 'x'  # type: ignore\n", "types", "is not assignable"),
    ("clamp", f"{CLAMP}return x.missing\n", "types", "has no attribute `missing`"),
    ("clamp", f"{CLAMP}return helper('a')\n", "types", "not assignable to parameter `n`"),
    ("clamp", f"{CLAMP}return len(x)\n", "types", "in function `len`"),
    ("clamp", f"{CLAMP}yield x\n", "types", "generator function should return"),
    ("clamp", f"{CLAMP}open('x', 'w').write('y')\n    return x\n", "effects", "reads or writes files"),
    ("clamp", f"{CLAMP}os.remove('x')\n    return x\n", "effects", "`os.remove` reads or writes files"),
    ("clamp", f"{CLAMP}os.system('rm -rf /')\n    return x\n", "effects", "`os.system` starts or ends"),
    ("clamp", f"{CLAMP}f = os.fork\n    f()\n    return x\n", "effects", "`os.fork` starts or ends"),
    ("clamp", f"{CLAMP}o = os\n    o.unlink('x')\n    return x\n", "effects", "Effects does not allow"),
    ("clamp", f"import socket\n{CLAMP}socket.socket()\n    return x\n", "effects", "uses the network"),
    (
        "clamp",
        f"{CLAMP}import subprocess\n    subprocess.run(['ls'])\n    return x\n",
        "effects",
        "processes",
    ),
    ("clamp", f"{CLAMP}return eval('x')\n", "effects", "uses `eval`"),
    ("clamp", f"{CLAMP}exec('import os')\n    return x\n", "effects", "uses `exec`"),
    ("clamp", f"{CLAMP}return __import__('os').getpid()\n", "effects", "uses `__import__`"),
    ("clamp", f"{CLAMP}return getattr(os, 'sys' + 'tem')('x')\n", "effects", "a name that cannot be seen"),
    (
        "clamp",
        f"{CLAMP}return ().__class__.__base__.__subclasses__()[0]\n",
        "effects",
        "into the interpreter",
    ),
    ("clamp", f"{CLAMP}return globals()['x']\n", "effects", "uses `globals`"),
    ("clamp", f"{CLAMP}return __builtins__['eval']('x')\n", "names", "`__builtins__`"),
    ("clamp", f"{CLAMP}helper.__code__ = (lambda n: 0).__code__\n    return x\n", "effects", "`.__code__`"),
    ("clamp", f"{CLAMP}math.floor = max\n    return x\n", "effects", "changes math"),
    ("clamp", f"{CLAMP}setattr(math, 'floor', max)\n    return x\n", "effects", "math"),
    ("clamp", f"{CLAMP}global LIMITS\n    LIMITS = {{}}\n    return x\n", "effects", "changes LIMITS"),
    ("clamp", f"{CLAMP}LIMITS['low'] = 0\n    return x\n", "effects", "changes LIMITS"),
    ("clamp", f"{CLAMP}log(x)\n    return x\n", "effects", "writes to the console"),
    ("clamp", f"import statistics\n{CLAMP}statistics.sys.modules\n    return x\n", "effects", "statistics"),
    ("clamp", f"import enum\n{CLAMP}return enum.bltns.eval('x')\n", "effects", "the module builtins"),
    ("clamp", f"import dataclasses\n{CLAMP}dataclasses.sys.path\n    return x\n", "effects", "module sys"),
    ("clamp", f"from typing import sys as s\n{CLAMP}s.exit()\n    return x\n", "effects", "module sys"),
    ("clamp", f"import collections\n{CLAMP}return collections._sys.maxsize\n", "effects", "keeps to itself"),
    ("clamp", f"{CLAMP}return math.clamp(x, low, high)\n", "effects", "is not there"),
    ("clamp", f"import enum\n{CLAMP}e = enum\n    return e.bltns.eval('x')\n", "effects", "around"),
    ("clamp", f"{CLAMP}import ctypes\n    return x\n", "effects", "nothing is known of what `import ctypes`"),
    ("clamp", f"{CLAMP}import pytest\n    return x\n", "effects", "nothing is known of what `import pytest`"),
    ("clamp", f"{CLAMP}from os import system\n    return x\n", "effects", "starts or ends processes"),
    ("clamp", f"import random\n{CLAMP}return random.choice([x, low])\n", "effects", "depends on chance"),
    ("clamp", f"import pickle\n{CLAMP}return pickle.loads(b'')\n", "effects", "nothing is known"),
    (
        "clamp",
        f"import string\n{CLAMP}return string.Formatter().get_field('0', (x,), {{}})\n",
        "effects",
        "seen",
    ),
]


@pytest.mark.parametrize(("name", "code", "stage", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_the_text_shows_is_refused(name: str, code: str, stage: str, says: str) -> None:
    rejection = checked(code, name).rejection
    assert rejection is not None
    assert (rejection.stage, says in rejection.reason) == (stage, True), rejection
    assert rejection.code == code


# What a run shows: name, candidate, gate, what the reason says, and the clause that is broken.
RUN = [
    ("clamp", f"{CLAMP}return x\n", "verify", "clamp(1, 0, 0) returns 1", "low <= result <= high"),
    ("clamp", f"{CLAMP}return low\n", "verify", "implies(low <= x <= high, result == x)", None),
    (
        "clamp",
        f"{CLAMP}if x == 7:\n        raise ValueError\n    return max(low, min(x, high))\n",
        "verify",
        "raises ValueError",
        "nothing undeclared escapes",
    ),
    (
        "clamp",
        f"import json\n{CLAMP}return max(low, min(x, high)) * json.loads('1.0')\n",
        "types",
        "not of the annotated type",
        None,
    ),
    ("clamp", f"{CLAMP}return clamp(x, low, high)\n", "sandbox", "does not come to an end", None),
    ("clamp", f"{CLAMP}while True:\n        pass\n", "sandbox", "does not come to an end", None),
    (
        "clamp",
        f"{CLAMP}assert x > low\n    return max(low, min(x, high))\n",
        "verify",
        "assert x > low",
        None,
    ),
    ("ordered", f"{ORDERED}xs.sort()\n    return xs\n", "effects", "changes xs, which Modifies", None),
    ("vague", "def vague(n: int) -> int:\n    return n\n", "verify", "no clause that a body", None),
    (
        "halved",
        "def halved(n: int) -> int:\n    return n // 2\n",
        "verify",
        "although `n < 0` is true",
        "n < 0",
    ),
]


@pytest.mark.parametrize(("name", "code", "stage", "says", "clause"), RUN, ids=range(len(RUN)))
def test_what_a_run_shows_is_refused(name: str, code: str, stage: str, says: str, clause: str | None) -> None:
    rejection = checked(code, name).rejection
    assert rejection is not None
    assert (rejection.stage, says in rejection.reason) == (stage, True), rejection
    if clause is not None:
        assert rejection.clause == clause
        assert rejection.counterexample is not None


def test_what_a_type_checker_finds_in_the_text_already_is_no_fault_of_a_candidate() -> None:
    text = TEXT.replace("    return n + 1", "    return str(n) + 'a'")
    assert "str(n)" in text
    assert checked(f"{CLAMP}return max(low, min(x, high))\n", text=text).proposal is not None


def test_a_body_that_breaks_an_example_only_is_refused_for_it() -> None:
    text = TEXT.replace("        - ``low <= result <= high``\n        - ``implies", "        - ``implies")
    rejection = checked(f"{CLAMP}return x\n", text=text).rejection
    assert rejection is not None
    assert rejection.stage == "examples"
    assert rejection.reason == "`>>> clamp(5, 1, 3)` gives 5, not 3"


def test_arguments_stay_as_they_were() -> None:
    text = TEXT.replace("``result == sorted(xs)``", "``len(result) == len(old(result))``").replace(
        "len(old(result))", "len(xs)"
    )
    rejection = checked(f"{ORDERED}xs.append(1)\n    return xs\n", "ordered", text).rejection
    assert rejection is not None
    assert rejection.stage == "effects"
    assert "changes xs, which Modifies does not name" in rejection.reason


def test_a_docstring_that_says_something_else_is_refused() -> None:
    code = CLAMP + '"""Bound.\n\n    Ensures:\n        - ``True``\n    """\n    return 1\n'
    rejection = checked(code).rejection
    assert rejection is not None
    assert rejection.stage == "roundtrip"
    assert "it changes the specification" in rejection.reason


def text_with(found: Checked, text: str = TEXT) -> str:
    assert found.proposal is not None, found.rejection
    return apply(text, [Edit(e.span, e.text) for e in found.proposal.edits])


def test_a_good_body_is_proposed_with_its_edit() -> None:
    found = checked(f"{CLAMP}# Both ends belong to it.\n    return max(low, min(x, high))\n")
    proposal = found.proposal
    assert proposal is not None
    assert proposal.result.verdict == "proved"
    assert proposal.tests > 20
    assert proposal.killed == proposal.mutants > 0
    assert (proposal.added, proposal.removed) == (2, 1)
    body = "    # Both ends belong to it.\n    return max(low, min(x, high))"
    assert text_with(found) == TEXT.replace("    ...  # to be written", f"{body}  # to be written")


def test_what_no_proof_decides_is_tested_and_says_on_how_many_inputs() -> None:
    text = TEXT.replace("``result == sorted(xs)``", "``sorted(result, key=str) == sorted(xs, key=str)``")
    found = checked(f"{ORDERED}return sorted(xs, key=lambda v: str(v)[::-1])\n", "ordered", text)
    assert found.proposal is not None, found.rejection
    clause = next(c for c in found.proposal.result.clauses if c.kind == "ensures")
    assert clause.verdict == "tested"
    assert clause.tests == found.proposal.tests > 300


def test_imports_are_added_once_and_only_those_that_the_body_needs() -> None:
    imports = "from typing import List\nfrom functools import reduce\n"
    code = f"{imports}{CLAMP}return reduce(max, [low, min(x, high)])\n"
    found = checked(code)
    head = '"""Prices."""\n\nimport math\nimport os\nfrom functools import reduce\n\nLIMITS'
    assert text_with(found).startswith(head)


def test_a_declared_exception_is_fine() -> None:
    code = (
        "def halved(n: int) -> int:\n    if n < 0:\n        raise ValueError('negative')\n    return n // 2\n"
    )
    found = checked(code, "halved")
    assert found.proposal is not None, found.rejection
    assert found.proposal.result.verdict == "proved"


METHOD = "def withdraw(self, amount: int) -> int:\n    self.balance -= amount\n    return self.balance\n"
IN_CLASS = "class Account:\n" + "".join(f"    {line}\n" for line in METHOD.splitlines())


@pytest.mark.parametrize("code", [METHOD, IN_CLASS])
def test_a_method_is_written_into_its_class(code: str) -> None:
    found = checked(code, "Account.withdraw")
    assert found.proposal is not None, found.rejection
    expected = TEXT[: -len("...\n")] + "self.balance -= amount\n        return self.balance\n"
    assert text_with(found) == expected


def test_without_running_code_only_a_proof_counts() -> None:
    module = extract(Snapshot("prices.py", None, TEXT)).module
    text = TEXT.replace("``result == sorted(xs)``", "``sorted(result, key=str) == sorted(xs, key=str)``")
    options = Options(seconds=20.0, run_code=False)
    code = f"{ORDERED}return sorted(xs, key=lambda v: str(v)[::-1])\n"
    found = check(
        extract(Snapshot("prices.py", None, text)).module,
        text,
        "ordered",
        options,
        json.dumps({"code": code}),
    )
    assert found.rejection is not None
    assert "neither proved nor tested" in found.rejection.reason
    code = f"{CLAMP}return max(low, min(x, high))\n"
    found = check(module, TEXT, "halved", options, json.dumps({"code": code}))
    assert found.rejection is not None
