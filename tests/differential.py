"""Random programs of the verified subset on random inputs: the verifier's answer against CPython's.

    python -m tests.differential --seconds 60

Each disagreement is made smaller, shown, and written into the folder of regressions, which the tests replay
from then on. Exits 1 if there was one. The programs and the comparison are those of the tests in
``tests/lift/verify/semantics``.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

SEMANTICS = Path(__file__).parent / "lift" / "verify" / "semantics"
REGRESSIONS = SEMANTICS / "data" / "regressions"
# The tests' own modules are no package; they are found as they are in a run of the tests.
sys.path.insert(0, str(SEMANTICS))

from harness import TooLong, agree  # noqa: E402 # pyright: ignore[reportMissingImports]
from programs import Case, expression_case, program_case  # noqa: E402 # pyright: ignore[reportMissingImports]

_INPUTS = "# inputs: "
_SAME = "# one object: "


def main(arguments: list[str] | None = None) -> int:
    """Search for so many seconds; 1 if a disagreement was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to search")
    parser.add_argument("--seed", type=int, default=None, help="for the same programs again")
    parser.add_argument("--regressions", type=Path, default=REGRESSIONS, help="where disagreements are kept")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    rng = Random(seed)
    until = time.monotonic() + options.seconds
    said = time.monotonic()
    tried: Counter[str] = Counter()
    print(f"seed {seed}", flush=True)
    while time.monotonic() < until:
        make = rng.choice((expression_case, program_case))
        case = make(rng)
        ended = verdict(case)
        tried[ended] += 1
        if ended == "disagree":
            found = smaller(case, time.monotonic() + 60)
            path = keep(found, options.regressions)
            print(f"\nDISAGREEMENT, kept as {path}\n{text_of(found)}\n{why(found)}", flush=True)
        if time.monotonic() - said > 10:
            said = time.monotonic()
            print(_progress(tried), flush=True)
    print(_progress(tried))
    return 1 if tried["disagree"] else 0


def _progress(tried: Counter[str]) -> str:
    shown = ", ".join(f"{tried[k]} {k}" for k in ("compared", "not modelled", "endless", "disagree"))
    return f"{tried.total()} programs: {shown}"


def verdict(case: Case) -> str:
    """How a comparison ends: compared, not modelled, endless, disagree."""
    try:
        compile(case.source, "generated", "exec")
    except SyntaxError:
        # A statement was taken out that another one needs.
        return "not modelled"
    try:
        report = agree(case.source, "f", case.inputs)
    except TooLong:
        return "endless"
    except Exception:
        # An error in the verifier is no answer either.
        return "disagree"
    return "compared" if report.proof else "not modelled"


def disagrees(case: Case) -> bool:
    """Whether the verifier and CPython say different things."""
    return verdict(case) == "disagree"


def why(case: Case) -> str:
    """What the comparison says."""
    try:
        agree(case.source, "f", case.inputs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "it does not disagree any more"


def smaller(case: Case, until: float, fails: Callable[[Case], bool] = disagrees) -> Case:
    """The case with fewer inputs and without the statements that it takes none of."""
    for one in case.inputs:
        if len(case.inputs) > 1 and fails(Case(case.source, (one,))):
            case = Case(case.source, (one,))
    shrunk = True
    while shrunk and time.monotonic() < until:
        shrunk = False
        for number in range(sum(1 for _ in _blocks(ast.parse(case.source)))):
            position = 0
            while True:
                text = _without(case.source, number, position)
                if text is None:
                    break
                candidate = Case(text, case.inputs)
                if text != case.source and fails(candidate):
                    case, shrunk = candidate, True
                else:
                    position += 1
    return case


def _blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    return [
        body
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(body := getattr(node, name, None), list)
    ]


def _without(source: str, number: int, position: int) -> str | None:
    """A source without one statement of one block, None where there is none."""
    tree = ast.parse(source)
    blocks = _blocks(tree)
    if number >= len(blocks) or position >= len(blocks[number]):
        return None
    block = blocks[number]
    is_main = isinstance(block[position], ast.FunctionDef) and block[position].name == "f"  # type: ignore[attr-defined]
    if is_main:
        return source
    del block[position]
    if not block and number:
        block.append(ast.Pass())
    return ast.unparse(tree) + "\n"


def text_of(case: Case) -> str:
    """A case as the text of a file."""
    lines = [case.source.rstrip("\n"), ""]
    for arguments in case.inputs:
        lines.append(_INPUTS + repr(arguments))
        same = [
            (i, j)
            for i in range(len(arguments))
            for j in range(i)
            if arguments[i] is arguments[j] and isinstance(arguments[i], list | dict)
        ]
        lines.append(_SAME + repr(same))
    return "\n".join(lines) + "\n"


def case_of(text: str) -> Case:
    """The case that a file holds."""
    source: list[str] = []
    inputs: list[list[object]] = []
    for line in text.splitlines():
        if line.startswith(_INPUTS):
            inputs.append(list(ast.literal_eval(line.removeprefix(_INPUTS))))
        elif line.startswith(_SAME):
            for i, j in ast.literal_eval(line.removeprefix(_SAME)):
                inputs[-1][i] = inputs[-1][j]
        else:
            source.append(line)
    return Case("\n".join(source).rstrip("\n") + "\n", tuple(tuple(i) for i in inputs))


def keep(case: Case, folder: Path) -> Path:
    """Write a case into a folder of regressions."""
    folder.mkdir(parents=True, exist_ok=True)
    text = text_of(case)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:10]}.py"
    path.write_text(text)
    return path


if __name__ == "__main__":
    sys.exit(main())
