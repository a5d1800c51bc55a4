"""Sizes that no machine has are assumed away, unless something in the module would notice them."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

COUNT = '''
def count(n: int) -> int:
    """Count.

    Ensures:
        - ``result == max(n, 0)``
    """
    return len(range(n))
'''


def checked(more: str) -> FunctionResult:
    text = more + COUNT
    return check_function(extract(Snapshot("sizes.py", None, text)).module, text, "count", Options())


def handled(handler: str) -> str:
    return f"def f(x):\n    try:\n        return x[0]\n    {handler}\n        return 0\n"


@pytest.mark.parametrize(
    "more",
    [
        "",
        handled("except ValueError:"),
        handled("except (KeyError, IndexError):"),
        "def f(x, log):\n    try:\n        return x[0]\n    finally:\n        log.append(x)\n",
    ],
)
def test_a_module_that_cannot_notice(more: str) -> None:
    result = checked(more)
    assert result.verdict == "proved"
    assert any("size" in a for a in result.assumptions)


@pytest.mark.parametrize(
    "more",
    [
        handled("except OverflowError:"),
        handled("except:"),
        handled("except (ValueError, ArithmeticError):"),
        handled("finally:"),
        "ValueError = Exception\n" + handled("except ValueError:"),
        "from errors import *\n" + handled("except ValueError:"),
        "def f(lock, x):\n    with lock:\n        return int(x)\n",
        'def f() -> int:\n    """F.\n\n    Raises:\n        MemoryError: Sometimes.\n    """\n    return 1\n',
    ],
)
def test_a_module_that_may_notice(more: str) -> None:
    assert checked(more).verdict != "proved"
