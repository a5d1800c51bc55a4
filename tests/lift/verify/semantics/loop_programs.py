"""Random programs around loops whose invariants the verifier has to find, with specifications true or not.

They end by construction: a ``while`` loop moves its counter first thing in the round.
"""

from __future__ import annotations

from random import Random

_CONDITIONS = ("a > b", "a % 2 == 0", "b >= n", "i == m", "a != 0", "len(out) < 2", "b < a or i > 2")
_STEPS = (
    "a += 1", "a += 2", "a -= 1", "b += 1", "b -= 1", "b += i", "a += i", "b = a", "a = b", "a, b = b, a",
    "a, b = b, a + 1", "a = max(a, i)", "b = min(b, i)", "a *= 2", "a //= 2", "a = -a", "a = abs(b)",
    "out.append(a)", "out.append(i)", "out.append(0)", "b = len(out)", "m = a",
)  # fmt: skip
_POSTCONDITIONS = (
    "result >= 0", "result == n", "result <= len(xs)", "result == len(xs)", "result >= m", "result != 3",
    "result <= n", "result >= n", "result == 0", "implies(n > 0, result >= 1)", "result <= 2 * len(xs)",
    "any(x == result for x in xs) or result == 0", "all(x <= result for x in xs)", "result == sum(xs)",
    "result % 2 == 0", "implies(len(xs) == 0, result == 0)", "result == m or result >= 0",
)  # fmt: skip
_RETURNED = ("a", "b", "len(out)", "a + b", "max(a, b)", "a - b")
_STARTS = ("0", "1", "n", "m", "len(xs)", "-1")


def loop_program(rng: Random) -> str:
    """The text of a function ``f(n: int, m: int, xs: list[int]) -> int`` with a specification."""
    requires = rng.choice(((), ("n >= 0",), ("n >= 0", "m >= 0"), ("len(xs) > 0",)))
    lines = ['"""Loop.', ""]
    if requires:
        lines += ["Requires:", *(f"    - ``{c}``" for c in requires), ""]
    posts = rng.sample(_POSTCONDITIONS, rng.randint(1, 2))
    lines += ["Ensures:", *(f"    - ``{c}``" for c in posts), '"""']
    lines += [f"i, a, b = 0, {rng.choice(_STARTS)}, {rng.choice(_STARTS)}", "out: list[int] = []"]
    for _ in range(rng.choice((1, 1, 1, 2))):
        lines += _loop(rng, nesting=1)
    lines.append(f"return {rng.choice(_RETURNED)}")
    return "\n".join(["def f(n: int, m: int, xs: list[int]) -> int:", *(f"    {line}" for line in lines)])


def _loop(rng: Random, nesting: int) -> list[str]:
    name = "i" if nesting else "j"
    bound = rng.choice(("n", "len(xs)", "m", "3 * n", "n + 1"))
    body = [line for _ in range(rng.randint(1, 3)) for line in _step(rng, nesting)]
    kind = rng.randint(0, 5)
    if kind == 0:
        head, first = [f"for {name} in range({bound}):"], []
    elif kind == 1:
        head, first = [f"for {name} in range(1, {bound} + 1):"], []
    elif kind == 2:
        head, first = [f"for {name} in xs:"], []
    elif kind == 3:
        head, first = [f"for {name}, x in enumerate(xs):"], ["if x > 1:", "    a = x"]
    elif kind == 4:
        step = rng.choice(("1", "1", "2"))
        head, first = [f"{name} = 0", f"while {name} < {bound}:"], [f"{name} += {step}"]
    else:
        head, first = [f"{name} = {bound}", f"while {name} > 0:"], [f"{name} -= 1"]
    if kind >= 4 and rng.randint(0, 1):
        head[-1] = head[-1][:-1] + f" and {rng.choice(('a < 9', 'b != 4', 'a >= b'))}:"
    # The counter belongs to the loop alone, or it might not end.
    otherwise = ["else:", f"    {rng.choice(_STEPS)}"] if rng.randint(0, 5) == 0 else []
    return [*head, *(f"    {line}" for line in [*first, *body]), *otherwise]


def _step(rng: Random, nesting: int) -> list[str]:
    kind = rng.randint(0, 11)
    if kind == 0 and nesting:
        return _loop(rng, nesting - 1)
    if kind <= 3:
        then = [rng.choice(_STEPS)]
        if rng.randint(0, 3) == 0:
            then = [*then, rng.choice(("break", "continue"))]
        otherwise = ["else:", f"    {rng.choice(_STEPS)}"] if rng.randint(0, 1) else []
        return [f"if {rng.choice(_CONDITIONS)}:", *(f"    {line}" for line in then), *otherwise]
    return [rng.choice(_STEPS)]
