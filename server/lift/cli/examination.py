"""What ``lift doctor`` looks at: one plain function an organ, each of which tries the thing itself.

A finding that is ``broken`` keeps lift from working; one that is ``missing`` takes something away from it;
an ``absent`` one is something that is simply not used here.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lift_ir import Returned

from lift import __version__
from lift.cli.editors import EDITORS, Editor, executable, hook_of, used_at
from lift.config import Config
from lift.store.cache import Cache, cache_file
from lift.verify.peers import REMEDY, missing

State = Literal["fine", "missing", "broken", "absent"]
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Organ:
    """One thing that was looked at.

    Attributes:
        detail: What was found, for people.
        remedy: What to do about it; empty where nothing needs doing.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""


def examine(config: Config, home: Path, ask_models: bool = False) -> Iterator[Organ]:
    """Looks at everything, in the order in which lift needs it.

    Args:
        config: The settings that hold here.
        home: The user's home folder, where editors keep their settings.
        ask_models: Whether a model's server may be asked whether it answers.
    """
    organs: tuple[tuple[str, Callable[[], Organ]], ...] = (
        ("Python", _python),
        ("lift", _lift),
        ("z3", _z3),
        ("cvc5", _cvc5),
        ("jedi", _jedi),
        ("crosshair", lambda: _crosshair(config)),
        ("worker", lambda: _worker(config)),
        ("sandbox", lambda: _sandbox(config)),
        ("network", _network),
        ("files", _files),
        ("cache", lambda: _cache(config)),
        ("model", lambda: _model(config, ask_models)),
        ("lift-lsp", _server),
    )
    for name, look in organs:
        yield _attempt(name, look)
    for editor in EDITORS:
        yield _attempt(editor.name, lambda editor=editor: _hook(editor, home))


def _attempt(name: str, look: Callable[[], Organ]) -> Organ:
    try:
        return look()
    except Exception as error:
        # A doctor who dies of the patient's illness helps nobody.
        return Organ(name, "broken", f"{type(error).__name__}: {error}", _REINSTALL)


_AGAIN = "python -m pip install --force-reinstall {}"
_REINSTALL = "Install lift again: " + _AGAIN.format("lift-sys")
_PROBE = '''\
def one() -> int:
    """One.

    Ensures:
        - ``result == 1``
    """
    return 1
'''


def _python() -> Organ:
    found = ".".join(map(str, sys.version_info[:3]))
    where = f"{found} at {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        return Organ("Python", "broken", where, "Install Python 3.11 or newer, and lift into it.")
    return Organ("Python", "fine", where)


def _lift() -> Organ:
    return Organ("lift", "fine", f"{__version__} at {Path(__file__).parents[1]}")


def _z3() -> Organ:
    try:
        import z3
    except ImportError as error:
        remedy = "python -m pip install z3-solver; lift proves nothing without it"
        return Organ("z3", "broken", str(error), remedy)
    begun = time.perf_counter()
    x, solver = z3.Int("x"), z3.Solver()
    solver.add(x * x == 144, x > 0)
    if solver.check() != z3.sat or str(solver.model()[x]) != "12":
        return Organ(
            "z3", "broken", "solved x * x == 144 wrongly", "python -m pip install --force-reinstall z3-solver"
        )
    spent = (time.perf_counter() - begun) * 1000
    return Organ("z3", "fine", f"{z3.get_version_string()}, solved a first problem in {spent:.0f} ms")


def _cvc5() -> Organ:
    try:
        # Its native part has no types to be checked against.
        cvc5: Any = importlib.import_module("cvc5")
    except ImportError as error:
        remedy = "python -m pip install cvc5, for what Z3 is slow at and for second opinions"
        return Organ("cvc5", "missing", str(error), remedy)
    from lift.verify.solvers.cvc5_solver import Cvc5

    begun = time.perf_counter()
    solver = Cvc5()
    try:
        # In a process of its own, as in a check.
        question = solver.ask("(declare-const x Int)(assert (= (* x x) 145))", 2000)
        answer = "unknown" if question is None else solver.wait(question, 2000)
    finally:
        solver.close()
    if answer != "unsat":
        remedy = "python -m pip install --force-reinstall cvc5"
        return Organ("cvc5", "missing", f"took x * x == 145 to be {answer}", remedy)
    spent = (time.perf_counter() - begun) * 1000
    return Organ("cvc5", "fine", f"{cvc5.__version__}, started and solved a first problem in {spent:.0f} ms")


def _jedi() -> Organ:
    try:
        import jedi
    except ImportError:
        remedy = "python -m pip install 'lift-sys[types]', for better annotations in quick fixes"
        return Organ("jedi", "absent", "not installed; it is optional", remedy)
    return Organ("jedi", "fine", jedi.__version__)


def _crosshair(config: Config) -> Organ:
    lacking = missing("crosshair")
    if lacking is None:
        version = importlib.metadata.version("crosshair-tool")
        used = "asked" if config.backend == "crosshair" else "not asked, unless by --backend crosshair"
        return Organ("crosshair", "fine", f"{version}, {used}")
    if config.backend == "crosshair":
        return Organ("crosshair", "missing", "not installed, and the settings ask it", REMEDY)
    return Organ("crosshair", "absent", "not installed; it is optional", f"{REMEDY}, for deeper checks")


def _worker(config: Config) -> Organ:
    from lift.extract import extract
    from lift.source.text import Snapshot
    from lift.verify.options import Options
    from lift.verify.pool import Job, Pool

    text = (
        'def one() -> int:\n    """One.\n\n    Ensures:\n        - ``result == 1``\n    """\n    return 1\n'
    )
    extraction = extract(Snapshot("doctor.py", None, text))
    begun = time.perf_counter()
    pool = Pool(workers=1)
    try:
        options = Options(memory_mb=config.memory_mb, run_code=False)
        result = pool.submit(Job(extraction.module, _PROBE, "one", options)).result(timeout=60)
    finally:
        pool.close()
    spent = time.perf_counter() - begun
    if result.verdict != "proved":
        reason = next((c.reason for c in result.clauses if c.reason), "no reason given")
        return Organ(
            "worker", "broken", f"a trivial proof came out as {result.verdict}: {reason}", _REINSTALL
        )
    return Organ("worker", "fine", f"started and proved a first function in {spent:.1f} s")


def _replayed(source: str, arguments: dict[str, str]):
    from lift.verify.replay import Case, Program, run

    names = tuple((name, "positional-or-keyword") for name in arguments)
    program = Program(source, "doctor.py", "probe", names)
    return run(program, [Case(arguments)], seconds=20.0, per_case=5.0)[0]


def _sandbox(config: Config) -> Organ:
    if not config.may_run_code:
        remedy = "Set run-code = true in [tool.lift], if this folder's code may run."
        return Organ("sandbox", "absent", "turned off by the settings, so nothing is ever refuted", remedy)
    outcome = _replayed("def probe(n):\n    return n + 1\n", {"n": "41"})
    if not isinstance(outcome.outcome, Returned) or outcome.outcome.value != "42":
        reason = outcome.reason or str(outcome.outcome)
        remedy = "Allow lift to start processes and to write to the temporary folder."
        return Organ("sandbox", "broken", f"a trivial function could not be run: {reason}", remedy)
    return Organ("sandbox", "fine", f"runs code, with limits, in {tempfile.gettempdir()}")


def _network() -> Organ:
    """Has sandboxed code call a port that is open here, which only works if nothing stops it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = (
            # Around the reduced imports, which are no protection.
            "import logging\n"
            "def probe(port):\n"
            "    load = logging.sys.modules['builtins'].__import__\n"
            "    load('socket').create_connection(('127.0.0.1', port), 2).close()\n"
            "    return 'connected'\n"
        )
        outcome = _replayed(source, {"port": str(port)})
    if isinstance(outcome.outcome, Returned):
        remedy = "Check code that you trust only, or run lift in a container without network."
        return Organ("network", "missing", "this system does not deny it to sandboxed code", remedy)
    return Organ("network", "fine", "denied to sandboxed code")


def _files() -> Organ:
    """Has sandboxed code read a file that is not Python's own, which only works if nothing stops it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write("read")
        file.flush()
        source = (
            "import logging\n"
            "def probe(path):\n"
            "    os = logging.os\n"
            "    return os.read(os.open(path, os.O_RDONLY), 9)\n"
        )
        outcome = _replayed(source, {"path": repr(file.name)})
    if isinstance(outcome.outcome, Returned):
        remedy = "Check code that you trust only; Linux 5.13 or newer denies it (Landlock)."
        return Organ("files", "missing", "this system lets sandboxed code read your files", remedy)
    return Organ("files", "fine", "sandboxed code reads none of yours")


def _cache(config: Config) -> Organ:
    path = cache_file(config)
    if path is None:
        return Organ("cache", "absent", "turned off by the settings", "Set cache = true in [tool.lift].")
    cache = Cache(path)
    count = cache.size()
    cache.close()
    if count is None or not os.access(path, os.W_OK):
        remedy = f'Make {path.parent} writable, or name another folder: cache = "…" in [tool.lift].'
        return Organ("cache", "missing", f"{path} cannot be used, so every check starts anew", remedy)
    return Organ("cache", "fine", f"{count} results, {path.stat().st_size / 1e6:.1f} MB, at {path}")


def _model(config: Config, ask: bool) -> Organ:
    from lift.cli.model_examination import examine_model

    return examine_model(config, ask)


def _server() -> Organ:
    found = shutil.which("lift-lsp")
    beside = Path(sys.executable).with_name("lift-lsp")
    if found is None and not beside.exists():
        return Organ("lift-lsp", "broken", "not installed beside this interpreter", _REINSTALL)
    # A server that cannot start says so when it is asked for its options.
    command = found or str(beside)
    asked = subprocess.run(
        [command, "--help"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )
    if asked.returncode != 0:
        said = (asked.stderr.strip() or "no message").splitlines()[-1]
        return Organ("lift-lsp", "broken", f"{command} does not start: {said}", _REINSTALL)
    if found is None:
        remedy = f"Add {beside.parent} to PATH, or give editors the full path {beside}."
        return Organ("lift-lsp", "missing", f"at {beside}, which is not on PATH", remedy)
    return Organ("lift-lsp", "fine", found)


def _hook(editor: Editor, home: Path) -> Organ:
    hooked = hook_of(editor, home)
    if hooked is not None:
        return Organ(editor.name, "fine", f"hooked in by {hooked}")
    place = executable(editor) or used_at(editor, home)
    if place is None:
        return Organ(editor.name, "absent", "not found on this machine")
    return Organ(editor.name, "missing", f"{place} is here, lift is not hooked in", editor.remedy)
