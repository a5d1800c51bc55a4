"""``pytest --lift`` as a user runs it: what breaks a clause fails, what keeps it passes, no file changes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = '''\
"""A shop."""

import functools


def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split.

    Requires:
        - ``amount >= 0``

    Ensures:
        - ``sum(result) == amount``: no unit is lost
        - ``weights == old(weights)``
        - ``?x``

    Raises:
        ValueError: If ``sum(weights) == 0``.
    """
    if sum(weights) == 0 and weights:
        raise ValueError("no weights")
    if len(weights) == 3:
        weights.clear()
        return [amount]
    return [amount * w // (sum(weights) or 1) for w in weights] or [amount]


class Account:
    """Money.

    Invariants:
        - ``self.balance >= 0``
    """

    def __init__(self, balance: int) -> None:
        self.balance = balance

    def draw(self, n: int) -> None:
        """Take.

        Ensures:
            - ``self.balance == old(self.balance) - n``
        """
        self.balance -= n

    @staticmethod
    def double(n: int) -> int:
        """Twice.

        Ensures:
            - ``result == 2 * n``
        """
        return n + n

    @classmethod
    def rich(cls, n: int) -> "Account":
        """Much.

        Ensures:
            - ``result.balance > 1000``
        """
        return cls(n)

    @property
    def cents(self) -> int:
        """In cents.

        Ensures:
            - ``result % 100 == 0``
        """
        return self.balance * 100


@functools.cache
def fact(n: int) -> int:
    """Product.

    Ensures:
        - ``result >= 1``
    """
    return 1 if n < 2 else n * fact(n - 1)


async def later(n: int) -> int:
    """More.

    Ensures:
        - ``result > n``
    """
    return n


def even(n: int) -> bool:
    """Parity; the clause asks the function itself.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == (n == 0 or not even(n - 1))``
    """
    return n % 2 == 0


def some(n: int):
    """A generator.

    Requires:
        - ``n > 0``

    Ensures:
        - ``n > 100``
    """
    yield n
'''

TESTS = """\
import asyncio
import inspect
import pickle

import pytest
import shop
from shop import Account, allocate, even, fact, later, some


def test_kept():
    assert allocate(4, [1, 1]) == [2, 2]


def test_lost_unit():
    allocate(1, [1, 1])


def test_swallowed():
    try:
        allocate(1, [1, 1])
    except Exception:
        pass


def test_bad_call():
    allocate(-1, [1])


def test_argument_changed():
    allocate(1, [1, 1, 1])


def test_declared_exception():
    with pytest.raises(ValueError, match="no weights"):
        allocate(1, [0])


def test_missing_exception():
    allocate(1, [])


def test_account_kept():
    account = Account(5)
    account.draw(3)
    assert account.cents == 200
    assert Account.double(3) == 6


def test_bad_start():
    Account(-1)


def test_overdrawn():
    Account(5).draw(8)


def test_poor():
    Account.rich(3)


def test_still_itself():
    assert pickle.loads(pickle.dumps(allocate)) is allocate
    assert str(inspect.signature(allocate)) == "(amount: int, weights: list[int]) -> list[int]"
    assert allocate.__name__ == "allocate"
    assert fact(4) == 24 and fact.cache_info().misses == 4
    assert even(3) is False
    with pytest.raises(TypeError):
        allocate()


def test_async():
    asyncio.run(later(3))


def test_generator_kept():
    assert list(some(1)) == [1]


def test_generator_bad_call():
    some(0)


@pytest.mark.lift_breaks
def test_on_purpose():
    with pytest.raises(AssertionError):
        allocate(1, [1, 1])
"""

BROKEN = {
    "test_lost_unit": "allocate breaks Ensures: sum(result) == amount\nsum(result) is 0, not 1\n"
    "with amount = 1, weights = [1, 1]\nshop.py:13",
    "test_swallowed": "allocate breaks Ensures: sum(result) == amount",
    "test_bad_call": "allocate was called in breach of Requires: amount >= 0",
    "test_argument_changed": "allocate breaks Ensures: weights == old(weights)",
    "test_missing_exception": "allocate breaks Raises: ValueError if sum(weights) == 0",
    "test_bad_start": "Account.__init__ breaks an invariant: self.balance >= 0",
    "test_overdrawn": "Account.draw breaks an invariant: self.balance >= 0",
    "test_poor": "Account.rich breaks Ensures: result.balance > 1000",
    "test_async": "later breaks Ensures: result > n",
    "test_generator_bad_call": "some was called in breach of Requires: n > 0",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("project")
    (made / "shop.py").write_text(SHOP)
    (made / "test_shop.py").write_text(TESTS)
    (made / "pytest.ini").write_text("[pytest]\n")
    return made


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]
    # In CI pytest words its summary otherwise.
    environ = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(program, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def failed(output: str) -> set[str]:
    return set(re.findall(r"^FAILED test_shop\.py::(\w+)", output, re.MULTILINE))


def test_what_breaks_a_clause_fails_and_says_where(folder: Path) -> None:
    done = run(folder, "--lift")
    assert failed(done.stdout) == set(BROKEN), done.stdout
    plain = re.sub(r"^E? +", "", done.stdout, flags=re.MULTILINE)
    for said in BROKEN.values():
        assert said in plain
    # The frames of the judge are nobody's business.
    assert "_returned(call, value)" not in done.stdout
    assert "lift: enforced 15 clauses of 9 functions in " in done.stdout
    assert "skipped: 1 behind decorators, 1 of generators, 1 with holes" in done.stdout
    assert (folder / "shop.py").read_text() == SHOP


def test_without_the_option_nothing_is_judged(folder: Path) -> None:
    done = run(folder)
    assert failed(done.stdout) == {"test_on_purpose"}
    assert "lift:" not in done.stdout


def test_only_what_is_named_is_judged(folder: Path) -> None:
    done = run(folder, "--lift", "--lift-only", "shop.Account.*")
    assert failed(done.stdout) == {"test_bad_start", "test_overdrawn", "test_poor", "test_on_purpose"}


def test_workers_of_xdist_are_summed_up(folder: Path) -> None:
    done = run(folder, "--lift", "-n", "2")
    assert failed(done.stdout) == set(BROKEN), done.stdout
    assert "lift: enforced 15 clauses of 9 functions in " in done.stdout


def test_the_setting_is_the_option(folder: Path) -> None:
    done = run(folder, "-o", "lift=true", "-k", "lost_unit")
    assert failed(done.stdout) == {"test_lost_unit"}


def test_a_module_that_does_not_parse_is_left_to_python(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text('def f():\n    """Ensures:\n        - ``x``\n    """\n    return (\n')
    (tmp_path / "test_shop.py").write_text("def test_it():\n    import broken\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run(tmp_path, "--lift")
    assert "SyntaxError" in done.stdout
    assert "INTERNALERROR" not in done.stdout


def test_without_the_option_the_plugin_loads_nothing_of_weight() -> None:
    program = (
        "import lift.runtime.pytest_plugin, sys; print([m for m in sys.modules if m.startswith('lift')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lift', 'lift.runtime', 'lift.runtime.pytest_plugin']"
