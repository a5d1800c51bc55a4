"""What static analysis says that a body does: never less than it does, and not much more."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source import Snapshot
from lift_ir import EffectFacts

MODULE = """
import heapq, os, sys, logging, random, subprocess, json
from copy import copy, deepcopy
from datetime import datetime
COUNT = 0
CACHE = {}
def grow(xs, n): xs.append(n)
def twice(ys): grow(ys, 1)
def keep(zs): return zs
class Box:
    def __init__(self, items): self.items = items
    def put(self, item): self.items.append(item)
    def both(self, other): self.put(1); other.put(2)
class Sub(Box):
    def again(self): self.put(3)
    def replaced(self, item): super().put(item)
"""


def effects(code: str, name: str = "f") -> EffectFacts:
    extraction = extract(Snapshot("m.py", 1, MODULE + code))
    assert extraction.error is None
    return {f.qualname: f for f in extraction.module.all_functions()}[name].effects


MUTATES = {
    "append": ("def f(a): a.append(1)", "a"),
    "subscript": ("def f(a): a[0] = 1", "a"),
    "slice": ("def f(a): a[:] = []", "a"),
    "delete": ("def f(a): del a[0]", "a"),
    "attribute": ("def f(a): a.n = 1", "a.n"),
    "attribute of attribute": ("def f(a): a.n.m = 1", "a.n"),
    "augmented": ("def f(a): a += [1]", "a"),
    "augmented number": ("def f(a: int): a += 1", ""),
    "augmented attribute": ("def f(a): a.n += 1", "a.n"),
    "alias": ("def f(a):\n    b = a\n    b.append(1)", "a"),
    "alias of an attribute": ("def f(a):\n    b = a.n\n    b.append(1)", "a.n"),
    "alias by a condition": ("def f(a, b):\n    c = a if b else []\n    c.append(1)", "a"),
    "alias by or": ("def f(a):\n    a = a or []\n    a.append(1)", "a"),
    "alias by unpacking": ("def f(a, b):\n    c, d = a, b\n    d.append(1)", "b"),
    "alias by walrus": ("def f(a):\n    if (b := a): b.append(1)", "a"),
    "alias in a loop": ("def f(a):\n    for b in a: b.append(1)", "a"),
    "alias in a loop over numbers": ("def f(a: list[int]):\n    for b in a: b += 1", ""),
    "alias in a tuple": ("def f(a):\n    b = (a, 1)\n    b[0].append(1)", "a"),
    "alias through a call": ("def f(a):\n    b = keep(a)\n    b.append(1)", "a"),
    "alias in a comprehension": ("def f(a): [b.append(1) for b in a]", "a"),
    "alias by match": ("def f(a):\n    match a:\n        case [b, *c]: b.append(1)", "a"),
    "alias by with": ("def f(a):\n    with open(a) as b: b.write(1)", ""),
    "put into another": ("def f(a, b):\n    a.append(b)\n    a[0].append(1)", "a b"),
    "container of it": ("def f(a):\n    b = [a]\n    b.append(1)", ""),
    "copy": ("def f(a):\n    b = list(a)\n    b.append(1)", ""),
    "copy of parts": ("def f(a):\n    b = list(a)\n    b[0].append(1)", "a"),
    "copy by slice": ("def f(a):\n    b = a[:]\n    b.sort()", ""),
    "copy by method": ("def f(a):\n    b = a.copy()\n    b.sort()", ""),
    "copy by library": ("def f(a):\n    b = deepcopy(a)\n    b[0].append(1)", ""),
    "sum": ("def f(a):\n    b = a + [1]\n    b.append(1)", ""),
    "bound anew": ("def f(a):\n    a = list(a)\n    a.append(1)", ""),
    "bound anew in a branch": ("def f(a, b):\n    if b: a = []\n    a.append(1)", "a"),
    "bound anew under a closure": ("def f(a):\n    def g(): a.append(1)\n    g()\n    a = []", "a"),
    "closure": ("def f(a):\n    def g(): a.append(1)\n    return g", "a"),
    "lambda": ("def f(a): return lambda: a.append(1)", "a"),
    "lambda that is given parts": ("def f(a): return sorted(a, key=lambda b: b.pop())", "a"),
    "function that is given parts": ("def f(a, g): return list(map(g, a))", "a"),
    "builtin that is given parts": ("def f(a): return list(map(str, a))", ""),
    "argument": ("def f(a, b): grow(a, b)", "a"),
    "argument of an argument": ("def f(a): twice(a)", "a"),
    "keyword": ("def f(a, b): grow(n=b, xs=a)", "a"),
    "starred": ("def f(a): grow(*a)", "a"),
    "recursion": ("def f(a, n):\n    if n: f(a, n - 1)\n    else: a.clear()", "a"),
    "library": ("def f(a): heapq.heappush(a, 1)", "a"),
    "library that reads": ("def f(a): return json.dumps(a), os.path.join(a, a)", ""),
    "setattr": ("def f(a): setattr(a, 'n', 1)", "a"),
    "next": ("def f(a): next(a)", "a"),
    "unknown method": ("def f(a): a.frobnicate()", "a"),
    "unknown function": ("def f(a): frobnicate(a)", "a"),
    "unknown callable": ("def f(a, g): g(a)", "a"),
    "immutable": ("def f(a: str, b: tuple[int, ...]): frobnicate(a, b)", ""),
    "string methods": ("def f(a): return a.strip().split()", ""),
    "reading": ("def f(a): return a[0] + len(a) + a.n", ""),
    "own object": ("def f(a):\n    b = Box([])\n    b.put(1)", ""),
    "constructor keeps it": ("def f(a):\n    b = Box(a)\n    b.items.append(1)", "a"),
    "self": ("class C:\n    def f(self, a): self.n = a; self.n.append(1)", "a self.n"),
    "self only stored": ("class C:\n    def f(self, a): self.n = a; self.m = 0", "self.m self.n"),
    "own method": ("class C(Box):\n    def f(self, a): self.put(a)", "self.items"),
    "own method of another": ("class C(Box):\n    def f(self, a): self.both(a)", "a self.items"),
    "own method that is unknown": ("class C:\n    def f(self, a): self.g(a)", "a self"),
}


@pytest.mark.parametrize("name", MUTATES)
def test_what_may_change(name: str) -> None:
    code, expected = MUTATES[name]
    assert effects(code, "C.f" if code.startswith("class") else "f").mutates == tuple(expected.split())


def test_methods_of_the_module() -> None:
    assert effects("", "Box.put").mutates == ("self.items",)
    assert effects("", "Sub.again").mutates == ("self.items",)
    assert effects("", "Sub.replaced").mutates == ("self.items",)


WORDS = {
    "print(a)": "console",
    "sys.stdout.write(a)": "console",
    "open(a)": "filesystem",
    "os.remove(a)": "filesystem",
    "a.read_text()": "filesystem",
    "os.environ['A']": "environment",
    "os.getenv(a)": "environment",
    "subprocess.run(a)": "process",
    "os.system(a)": "process",
    "random.random()": "random",
    "datetime.now()": "time",
    "logging.info(a)": "logging",
    "logger.info(a)": "logging",
    "os.path.exists(a)": "filesystem",
    "os.path.join(a)": "",
    "datetime.strptime(a, a)": "",
    "g(a)": "random",
}


@pytest.mark.parametrize("call", WORDS)
def test_words_for_effects(call: str) -> None:
    found = effects(f"def g(a): return random.choice(a)\ndef f(a): return {call}")
    assert found.effects == tuple(WORDS[call].split())


GLOBALS = {
    "def f(): return COUNT": ("COUNT", ""),
    "def f(COUNT): return COUNT": ("", ""),
    "def f():\n    global COUNT\n    COUNT += 1": ("COUNT", "COUNT"),
    "def f(): CACHE[1] = 2": ("CACHE", "CACHE"),
    "def f():\n    c = CACHE\n    c.update({})": ("CACHE", "CACHE"),
    "def f(): twice(CACHE)": ("CACHE", "CACHE"),
    "def f(): Box.total = 1": ("", "Box"),
    "def g(): CACHE.clear()\ndef f(): g()": ("CACHE", "CACHE"),
    "def f(): return [COUNT for COUNT in ()]": ("", ""),
}


@pytest.mark.parametrize("code", GLOBALS)
def test_globals(code: str) -> None:
    found = effects(code)
    assert (" ".join(found.globals_read), " ".join(found.globals_written)) == GLOBALS[code]


def test_calls_and_what_is_opaque() -> None:
    code = "def f(a, g):\n    g(a.b().c())\n    return grow(a, len(a))\n"
    extraction = extract(Snapshot("m.py", 1, MODULE + code))
    function = extraction.module.functions[-1]
    assert [call.callee for call in function.calls] == ["g", "a.b", "a.b().c", "grow", "len"]
    assert function.effects.opaque_calls == ("a.b", "a.b().c", "g")
