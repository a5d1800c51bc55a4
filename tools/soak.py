"""Types into a real ``lift-lsp`` for a long time and watches what it holds: ``make soak``.

    python tools/soak.py [--minutes 120] [--rate 8] [--seed 0] [--every 10]

Opens copies of the examples, of a module with classes and loops, and of modules of the standard library, and
edits them at typing speed: lines typed and taken back, numbers changed so that proofs start anew, saves,
requests as an editor sends them, some cancelled, settings changed, files closed and opened again. Prints a
table of what the server and its workers hold; ends with 1 where memory or descriptors grew, where a request
was not answered, or where the server wrote to standard error. Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lift.lsp.transport import Framer, framed

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LIBRARY = ("textwrap.py", "heapq.py", "json/decoder.py", "fractions.py", "typing.py")
# What may come on top after the first quarter of the time: less than this is noise of the allocator.
GROWTH_MB = 10.0
GROWTH_DESCRIPTORS = 2
ANSWER_SECONDS = 60.0

SHAPES = '''"""Functions that change while they are watched."""


class Account:
    """Money that is there.

    Invariants:
        - ``self.balance >= 0``
    """

    def __init__(self, balance: int) -> None:
        """Open it.

        Requires:
            - ``balance >= 0``
        """
        self.balance = balance

    def withdraw(self, amount: int) -> int:
        """Take some.

        Requires:
            - ``0 <= amount <= self.balance``

        Ensures:
            - ``self.balance == old(self.balance) - amount``
        """
        self.balance -= amount
        return self.balance


def total(items: list[int], step: int) -> int:
    """Add them up.

    Requires:
        - ``all(x >= 0 for x in items)``
        - ``step > 17``

    Ensures:
        - ``result >= 0``
        - ``len(items) <= ?limit``
    """
    found = 0
    for item in items:
        found += item * step
    return found


def clamp(value: int, low: int, high: int) -> int:
    """Keep it between.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
    """
    if value < low:
        return low
    return min(value, high + 17)
'''


class Editor:
    """A client that answers what it is asked and counts what it gets."""

    def __init__(self, folder: Path) -> None:
        self.errors = (folder / "stderr.txt").open("wb+")
        self.process = subprocess.Popen(
            [str(BIN / "lift-lsp"), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        self.settings: dict[str, Any] = {"verify-on-save": True, "seconds": 2}
        self.answers: dict[int, queue.SimpleQueue[Any]] = {}
        self.seen: Counter[str] = Counter()
        self.slowest = 0.0
        self._number = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, message: dict[str, Any]) -> None:
        """Writes a message."""
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.write(framed(message))
            self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self.seen["sent " + method] += 1
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any, *, cancel: bool = False) -> Any:
        """The answer to a request.

        Raises:
            TimeoutError: If there is none.
        """
        self._number += 1
        number, waiting = self._number, queue.SimpleQueue[Any]()
        self.answers[number] = waiting
        began = time.monotonic()
        self.send({"id": number, "method": method, "params": params})
        if cancel:
            self.notify("$/cancelRequest", {"id": number})
        try:
            answer = waiting.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            raise TimeoutError(f"no answer to {method}") from None
        finally:
            del self.answers[number]
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.seen["error" if "error" in answer and not cancel else "answer"] += 1
        return answer

    def _read(self) -> None:
        framer = Framer()
        assert self.process.stdout is not None
        while chunk := os.read(self.process.stdout.fileno(), 1 << 16):
            for message in framer.feed(chunk):
                self._take(message)

    def _take(self, message: Any) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            if number in self.answers:
                self.answers[number].put(message)
            return
        self.seen[method] += 1
        if number is not None:
            result = [self.settings] if method == "workspace/configuration" else None
            self.send({"id": number, "result": result})


@dataclass
class Page:
    """An open document, with the text that the client has."""

    path: Path
    text: str
    version: int = 1
    typed: list[tuple[int, int]] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    @property
    def identifier(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}}


class Typist:
    """Does one thing after the other to the pages, as somebody at a keyboard would."""

    def __init__(self, editor: Editor, pages: list[Page], rate: float, seed: int) -> None:
        self.editor = editor
        self.pages = pages
        self.pause = 1 / rate
        self.random = random.Random(seed)
        self._acts: list[tuple[int, Callable[[Page], None]]] = [
            (8, self.types_a_line),
            (6, self.changes_a_number),
            (6, self.looks_around),
            (4, self.saves),
            (1, self.changes_the_settings),
            (1, self.opens_it_again),
            (1, self.rests),
        ]

    def act(self) -> None:
        """One act on some page."""
        weights, acts = zip(*self._acts, strict=True)
        (chosen,) = self.random.choices(acts, weights)
        chosen(self.random.choice(self.pages))

    def edit(self, page: Page, start: int, end: int, text: str) -> None:
        """Replaces a part of the text; the page must be ASCII, so that all units of columns are one."""
        page.version += 1
        change = {"range": {"start": self._place(page, start), "end": self._place(page, end)}, "text": text}
        page.text = page.text[:start] + text + page.text[end:]
        identifier = {"uri": page.uri, "version": page.version}
        self.editor.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        self.editor.ask("textDocument/diagnostic", page.identifier)
        time.sleep(self.pause)

    def types_a_line(self, page: Page) -> None:
        """Types a statement in front of some ``return``, and takes it back."""
        places = [i for i in range(len(page.text)) if page.text.startswith("\n    return", i)]
        if not places:
            return
        place = self.random.choice(places) + 1
        line = f"    v{self.random.randrange(1000)} = ({self.random.randrange(1000)})\n"
        for number, character in enumerate(line):
            self.edit(page, place + number, place + number, character)
        self.looks_around(page, place)
        for number in reversed(range(len(line))):
            self.edit(page, place + number, place + number + 1, "")

    def changes_a_number(self, page: Page) -> None:
        """Changes what a function computes with, so that what is known of it no longer holds."""
        place = page.text.find("17")
        while place >= 0:
            new = f"{self.random.randrange(10, 99)}"
            self.edit(page, place, place + 2, new)
            self.edit(page, place, place + 2, "17" if self.random.random() < 0.7 else new)
            place = page.text.find("17", place + 2)

    def looks_around(self, page: Page, place: int | None = None) -> None:
        """Asks what an editor asks when the cursor rests."""
        place = self.random.randrange(len(page.text)) if place is None else place
        where = {**page.identifier, "position": self._place(page, place)}
        here = {"start": where["position"], "end": where["position"]}
        everything = {"start": self._place(page, 0), "end": self._place(page, len(page.text))}
        cancel = self.random.random() < 0.1
        self.editor.ask("textDocument/hover", where, cancel=cancel)
        self.editor.ask("textDocument/documentSymbol", page.identifier)
        self.editor.ask("textDocument/completion", where)
        self.editor.ask("textDocument/codeLens", page.identifier)
        self.editor.ask("textDocument/inlayHint", {**page.identifier, "range": everything})
        context = {"diagnostics": []}
        self.editor.ask("textDocument/codeAction", {**page.identifier, "range": here, "context": context})
        self.editor.ask("lift/status", {})
        time.sleep(self.pause)

    def saves(self, page: Page) -> None:
        """Writes the file, which starts a check; sometimes waits for it, sometimes does not."""
        page.path.write_text(page.text, encoding="utf-8")
        self.editor.notify("textDocument/didSave", page.identifier)
        if self.random.random() < 0.3:
            self.editor.ask("lift/verify", page.identifier, cancel=self.random.random() < 0.5)
        time.sleep(self.pause)

    def changes_the_settings(self, page: Page) -> None:
        """Switches what is shown and how long a check may take."""
        on = self.random.random() < 0.5
        self.editor.settings = {**self.editor.settings, "lens": on, "hints": on, "seconds": 2 + on}
        self.editor.notify("workspace/didChangeConfiguration", {"settings": None})
        time.sleep(self.pause)

    def opens_it_again(self, page: Page) -> None:
        """Closes a document and opens it."""
        self.editor.notify("textDocument/didClose", page.identifier)
        self.open(page)

    def rests(self, page: Page) -> None:
        """Nothing, for as long as it takes to read a line."""
        time.sleep(20 * self.pause)

    def open(self, page: Page) -> None:
        """Opens a document."""
        item = {"uri": page.uri, "languageId": "python", "version": page.version, "text": page.text}
        self.editor.notify("textDocument/didOpen", {"textDocument": item})
        self.editor.ask("textDocument/diagnostic", page.identifier)

    @staticmethod
    def _place(page: Page, offset: int) -> dict[str, int]:
        before = page.text[:offset]
        return {"line": before.count("\n"), "character": offset - (before.rfind("\n") + 1)}


@dataclass(frozen=True)
class Sample:
    """What the server and its workers hold at a moment; sizes in MB."""

    minutes: float
    server: float
    descriptors: int
    threads: int
    workers: int
    workers_size: float
    edits: int
    answers: int


def sample(began: float, editor: Editor) -> Sample:
    """Looks at the processes."""
    process = Path("/proc") / str(editor.process.pid)
    children = descendants(editor.process.pid)
    return Sample(
        minutes=(time.monotonic() - began) / 60,
        server=size(editor.process.pid),
        descriptors=len(os.listdir(process / "fd")),
        threads=len(os.listdir(process / "task")),
        workers=len(children),
        workers_size=sum(map(size, children)),
        edits=editor.seen["sent textDocument/didChange"],
        answers=editor.seen["answer"],
    )


def size(pid: int) -> float:
    """The resident memory of a process in MB; 0 if it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    found, pending = list[int](), [pid]
    while pending:
        parent = pending.pop()
        children = [child for child, one in parents.items() if one == parent]
        found += children
        pending += children
    return found


def pages_in(folder: Path) -> list[Page]:
    """Copies of what is edited; only ASCII, in which every unit of columns is the same."""
    texts = {
        f"example_{p.name}": p.read_text(encoding="utf-8") for p in sorted((ROOT / "examples").glob("*.py"))
    }
    texts["shapes.py"] = SHAPES
    library = Path(sysconfig.get_path("stdlib"))
    for name in LIBRARY:
        texts[f"library_{name.replace('/', '_')}"] = (library / name).read_text(encoding="utf-8")
    pages: list[Page] = []
    for name, text in texts.items():
        page = Page(folder / name, text.encode("ascii", "replace").decode("ascii"))
        page.path.write_text(page.text, encoding="utf-8")
        pages.append(page)
    return pages


def judged(samples: list[Sample], editor: Editor, errors: str) -> list[str]:
    """What is wrong; nothing if all is well."""
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter + 1], samples[-quarter - 1 :]
    wrong: list[str] = []
    memory = statistics.median(s.server for s in late) - statistics.median(s.server for s in early)
    if memory > GROWTH_MB:
        wrong.append(f"the server's memory grew by {memory:.1f} MB, and {GROWTH_MB:g} MB are allowed")
    opened = min(s.descriptors for s in late) - max(s.descriptors for s in early)
    if opened > GROWTH_DESCRIPTORS:
        wrong.append(f"{opened} more descriptors are open")
    if editor.seen["error"]:
        wrong.append(f"{editor.seen['error']} requests were answered with an error")
    if errors:
        wrong.append(f"the server wrote to standard error:\n{errors[:2000]}")
    return wrong


def table(samples: list[Sample]) -> str:
    """The samples, at most 25 of them, as a Markdown table with a bar for the server's memory."""
    rows = samples[:: max(1, len(samples) // 24)]
    most = max(s.server for s in samples)
    lines = [
        "| min | edits | answers | server MB | descriptors | threads | workers | workers MB | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.minutes:.1f} | {s.edits:,} | {s.answers:,} | {s.server:.1f} | {s.descriptors} | {s.threads} "
        f"| {s.workers} | {s.workers_size:.0f} | {'#' * round(20 * s.server / most)} |"
        for s in rows
    ]
    return "\n".join(lines)


def soak(minutes: float, rate: float, seed: int, every: float) -> tuple[list[Sample], list[str], Editor]:
    """Runs the whole thing; gives the samples and what is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="lift-soak-"))
    (folder / "pyproject.toml").write_text('[tool.lift]\ncache = ".cache"\n', encoding="utf-8")
    editor = Editor(folder)
    try:
        samples = _soaked(editor, folder, minutes, rate, seed, every)
        editor.ask("shutdown", None)
        editor.notify("exit", None)
        left = editor.process.wait(30)
    finally:
        editor.process.kill()
        editor.process.wait()
    editor.errors.seek(0)
    wrong = judged(samples, editor, editor.errors.read().decode(errors="replace"))
    editor.errors.close()
    shutil.rmtree(folder, ignore_errors=True)
    return samples, wrong if left == 0 else [*wrong, f"the server left with {left}"], editor


def _soaked(
    editor: Editor, folder: Path, minutes: float, rate: float, seed: int, every: float
) -> list[Sample]:
    pull = {"diagnostic": {}, "documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}
    workspace = {"configuration": True, "diagnostics": {"refreshSupport": True}}
    capabilities = {"textDocument": pull, "workspace": workspace, "window": {"workDoneProgress": True}}
    folders = [{"uri": folder.as_uri(), "name": "soak"}]
    parameters = {"processId": os.getpid(), "capabilities": capabilities, "workspaceFolders": folders}
    editor.ask("initialize", {**parameters, "initializationOptions": {"trusted": True}})
    editor.notify("initialized", {})
    pages = pages_in(folder)
    typist = Typist(editor, pages, rate, seed)
    for page in pages:
        typist.open(page)
    began = time.monotonic()
    samples, due = list[Sample](), began
    while (now := time.monotonic()) < began + 60 * minutes:
        if now >= due:
            samples.append(sample(began, editor))
            due = now + every
        typist.act()
    samples.append(sample(began, editor))
    return samples


def main() -> int:
    """Soaks and prints; 1 if something is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--rate", type=float, default=8.0, help="keystrokes a second")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--every", type=float, default=10.0, help="seconds between two looks at the processes"
    )
    options = parser.parse_args()
    print(f"typing for {options.minutes:g} minutes at {options.rate:g} keystrokes a second", file=sys.stderr)
    samples, wrong, editor = soak(options.minutes, options.rate, options.seed, options.every)
    print(table(samples))
    print(f"\nthe slowest answer took {editor.slowest:.2f} s")
    print(json.dumps(dict(sorted(editor.seen.items())), indent=1), file=sys.stderr)
    for one in wrong:
        print(f"wrong: {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
