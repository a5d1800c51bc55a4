"""Measures checks beside CrossHair's: the same functions on the same machine in the same run.

    python tools/bench_verify.py FOLDER [--peer-seconds N]

FOLDER holds Python files with one specified function or class each, in lift's notation. Each is written a
second time with icontract's decorators, which CrossHair reads (``pip install crosshair-tool icontract``).
Prints a Markdown table: lift cold (a new process, no cache), lift warm (a worker that is up, no cache) and
CrossHair (a new process, as it has no other), with the verdicts.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.pool import Job, Pool
from lift_ir import Ensures, Function, FunctionResult, Module, Raises, Requires, Verdict, weakest

BIN = Path(sys.executable).parent
_SHORT = {"proved": "✓", "refuted": "✗"}


@dataclass(frozen=True)
class Row:
    """One case; times in seconds."""

    name: str
    lift: str
    warm: float
    cold: float
    peer: str
    peer_seconds: float

    @property
    def both_decide(self) -> bool:
        """Whether both say something definite."""
        return {self.lift, self.peer} <= {"proved", "refuted"}


def for_peer(module: Module, text: str) -> str:
    """The module with icontract's decorators. That an exception must be raised cannot be said in them."""
    tree = ast.parse(text)
    functions = {f.span.start.line: f for f in module.all_functions()}
    classes = {c.qualname: c for c in module.classes}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            lines = [node.lineno, *(d.lineno for d in node.decorator_list)]
            ir = next((functions[n] for n in lines if n in functions), None)
            if ir is not None and ir.specified:
                _decorate(node, ir)
        elif isinstance(node, ast.ClassDef) and node.name in classes:
            for clause in classes[node.name].invariants:
                if clause.expression:
                    node.decorator_list.append(_call("invariant", ["self"], clause.expression))
    return "import copy\nimport icontract\n" + ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _decorate(node: ast.FunctionDef, ir: Function) -> None:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    snapshots: list[ast.expr] = []
    made: list[ast.expr] = []
    raised = [c.exception for c in ir.clauses if isinstance(c, Raises)]
    for clause in ir.clauses:
        if not isinstance(clause, Requires | Ensures) or not clause.expression or clause.holes:
            continue
        tree = _Rewrite(names, snapshots).visit(ast.parse(clause.expression, mode="eval").body)
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        known = names if isinstance(clause, Requires) else [*names, "result", "OLD"]
        kind = "require" if isinstance(clause, Requires) else "ensure"
        made.append(_call(kind, [n for n in known if n in used], ast.unparse(tree)))
    # Without a contract CrossHair would not look at the function at all.
    node.decorator_list += [*made, *snapshots] or [_call("ensure", ["result"], "True")]
    if raised and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
        listed = "".join(f"\n:raises {name}:" for name in raised)
        node.body[0].value = ast.Constant(f"Declares what it raises.\n{listed}\n")


def _call(kind: str, names: list[str], expression: str, extra: str = "") -> ast.expr:
    return ast.parse(f"icontract.{kind}(lambda {', '.join(names)}: {expression}{extra})", mode="eval").body


class _Rewrite(ast.NodeTransformer):
    """Lift's ``old`` and ``implies`` as icontract has them."""

    def __init__(self, names: list[str], snapshots: list[ast.expr]) -> None:
        self.names, self.snapshots = names, snapshots

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="implies"), args=[premise, conclusion]):
                negated = ast.UnaryOp(ast.Not(), self.visit(premise))
                return ast.BoolOp(ast.Or(), [negated, self.visit(conclusion)])
            case ast.Call(func=ast.Name(id="old"), args=[inner]):
                used = {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
                name = f"old{len(self.snapshots)}"
                text = f"copy.deepcopy({ast.unparse(inner)})"
                known = [n for n in self.names if n in used]
                self.snapshots.append(_call("snapshot", known, text, f", name={name!r}"))
                return ast.Attribute(ast.Name("OLD", ast.Load()), name, ast.Load())
        self.generic_visit(node)
        return node


def timed(command: list[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Seconds that a command takes, and what it printed."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        return time.perf_counter() - began, done


def peer_says(path: Path, seconds: float) -> tuple[float, str]:
    """CrossHair's time and verdict."""
    options = ["--analysis_kind", "icontract", "--report_all", "--per_condition_timeout", f"{seconds:g}"]
    spent, done = timed([str(BIN / "crosshair"), "check", *options, str(path)])
    if done.returncode == 1:
        return spent, "refuted"
    found = re.findall(r"(?:info|warning): (.*)", done.stdout)
    confirmed = bool(found) and all(line.startswith("Confirmed") for line in found)
    return spent, "proved" if done.returncode == 0 and confirmed else "unknown"


def lift_warm(pool: Pool, path: Path) -> tuple[float, str]:
    """The time of a worker that is up, and the verdict, over all specified functions of a file."""
    text = path.read_text()
    module = extract(Snapshot(str(path), None, text)).module
    began = time.perf_counter()
    results: list[FunctionResult] = [
        pool.submit(Job(module, text, f.qualname, Options())).result()
        for f in module.all_functions()
        if f.specified or any(c.invariants for c in module.classes)
    ]
    verdicts: tuple[Verdict, ...] = tuple(r.verdict for r in results)
    return time.perf_counter() - began, weakest(verdicts)


def measure(path: Path, folder: Path, pool: Pool, peer_seconds: float) -> Row:
    """Both tools on one file."""
    text = path.read_text()
    module = extract(Snapshot(str(path), None, text)).module
    theirs = folder / path.name
    theirs.write_text(for_peer(module, text))
    cold, _ = timed([str(BIN / "lift"), "check", "--no-cache", str(path)])
    warm, verdict = lift_warm(pool, path)
    spent, peer = peer_says(theirs, peer_seconds)
    return Row(path.stem, verdict, warm, cold, peer, spent)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer-seconds", type=float, default=10.0, help="CrossHair's limit for a condition")
    options = parser.parse_args()
    rows: list[Row] = []
    print("| case | lift | warm | cold | CrossHair | takes | CrossHair / warm | CrossHair / cold |")
    print("|---|---|---|---|---|---|---|---|")
    pool = Pool(workers=1)
    paths = sorted(p for p in options.folder.glob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        lift_warm(pool, paths[0])
        for path in paths:
            row = measure(path, Path(folder), pool, options.peer_seconds)
            rows.append(row)
            print(
                f"| {row.name} | {_mark(row.lift)} | {row.warm:.2f} s | {row.cold:.2f} s | "
                f"{_mark(row.peer)} | {row.peer_seconds:.1f} s | {row.peer_seconds / row.warm:.0f} | "
                f"{row.peer_seconds / row.cold:.1f} |",
                flush=True,
            )
    pool.close()
    _conclude(rows)


def _mark(verdict: str) -> str:
    return f"{_SHORT.get(verdict, '·')} {verdict}"


def _conclude(rows: list[Row]) -> None:
    warm = sorted(r.warm for r in rows)
    both = [r for r in rows if r.both_decide]
    print()
    print(f"{len(rows)} cases; warm: median {statistics.median(warm) * 1000:.0f} ms,", end=" ")
    print(f"95 % within {warm[max(0, round(len(warm) * 0.95) - 1)] * 1000:.0f} ms.", end=" ")
    print(f"Definite: lift {sum(r.lift in _SHORT for r in rows)},", end=" ")
    print(f"CrossHair {sum(r.peer in _SHORT for r in rows)}, both {len(both)}.", end=" ")
    if both:
        ratios = [r.peer_seconds / r.warm for r in both]
        colds = [r.peer_seconds / r.cold for r in both]
        print(f"On those CrossHair takes {statistics.median(ratios):.0f} times as long as lift warm", end=" ")
        print(f"(the least {min(ratios):.0f}), and {statistics.median(colds):.1f} times as long", end=" ")
        print("as lift cold, by the median.")


if __name__ == "__main__":
    main()
