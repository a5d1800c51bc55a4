"""Any order of what an editor may do: a state machine over the protocol, against real servers.

Beside the server stands a model, a few lines that apply edits to a string in their own way. After each step
the server has the model's texts; in the end every request has one answer, and what is shown of each text is
what a server shows that was only ever given that text. ``LIFT_FUZZ_EXAMPLES`` says how many runs are tried,
at random; without it a few are, always the same ones.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import itertools
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.lift.lsp.wire import Wire, capabilities

EXAMPLES = int(os.environ.get("LIFT_FUZZ_EXAMPLES", "0"))
MOST_DOCUMENTS = 3
# What is known from the text alone: nothing else must depend on what happened before.
FROM_THE_TEXT = {"bad-clause"} | {
    f"open-{kind}" for kind in ("clause", "term", "effect", "intent", "type", "body")
}
INTERNAL_ERROR = -32603

SPECIFIED = '''\
def clamp(value: int, low: int, high: int) -> int:
    """Bring a value between two bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
    """
    return max(low, min(value, high))
'''
OPEN = '''\
def shares(amount, parts: list[int]) -> list[int]:
    """Split an amount.

    Ensures:
        - ``sum(result) == amount``
        - ``result[0] >= ?least``
        - ``lenn(result) == 1``
        - Nobody is left out 😀 at all
    """
    raise NotImplementedError
'''
WRONG = '''\
class Till:
    def take(self, coins: int) -> int:
        """Ensures:
            - ``result > coins``
        """
        return coins
'''
IMPORTING = '''\
from neighbour import twice

def four() -> int:
    """Ensures:
        - ``result == 4``
    """
    return twice(2)
'''
PIECES = [
    SPECIFIED,
    OPEN,
    WRONG,
    SPECIFIED.replace("\n", "\r\n"),
    IMPORTING,
    "x = '😀ß漢' + 'é'\n",
    "\r",
    "\n",
    "\ufeff",
    "\ud800",
    "def broken(:\n",
    "    Ensures:\n        - ``result >= ?n``\n",
    '"""',
    "?why: int",
    "\t \x0c",
    "\u2028",
    "\0",
]
NEIGHBOUR = (
    "def twice(n: int) -> int:\n    '''Ensures:\n        - ``result == 2 * n``\n    '''\n    return 2 * n\n"
)

TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
INSERTED = st.one_of(TEXTS, st.text(max_size=5), st.sampled_from(["", "a", " ", "``", "result", "😀"]))
POSITIONS = st.fixed_dictionaries(
    {
        "line": st.one_of(st.integers(0, 14), st.integers(0, 400)),
        "character": st.one_of(st.integers(0, 40), st.integers(0, 2**31 - 1)),
    }
)
RANGES = st.fixed_dictionaries({"start": POSITIONS, "end": POSITIONS})
CHANGES = st.one_of(
    st.fixed_dictionaries({"range": RANGES, "text": INSERTED}),
    st.fixed_dictionaries({"range": RANGES, "text": INSERTED}),
    st.fixed_dictionaries({"text": TEXTS}),
    # These make no sense, so that they are left out while those beside them count.
    st.sampled_from([{"text": 5}, {"range": {"start": {"line": "0"}}, "text": "a"}, {}]),
)
GARBAGE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "x", "file:///no"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                ["textDocument", "uri", "position", "range", "context", "event", "settings", "version"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=5,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "lens": st.booleans(),
        "hints": st.booleans(),
        "workers": st.integers(1, 2),
        "verifyOnSave": st.booleans(),
        "no-such": st.just(1),
        "seconds": st.sampled_from([1.0, 2.0, -1, "long"]),
    },
)
AT = ["textDocument/hover", "textDocument/completion", "textDocument/signatureHelp"]
OF = [
    "textDocument/documentSymbol",
    "textDocument/codeLens",
    "textDocument/foldingRange",
    "textDocument/semanticTokens/full",
    "textDocument/diagnostic",
    "lift/ir",
    "lift/history",
]
IN = ["textDocument/inlayHint", "textDocument/codeAction", "textDocument/semanticTokens/range"]
NOTIFICATIONS = [
    "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeWatchedFiles",
    "textDocument/didSave",
    "window/workDoneProgress/cancel",
    "lift/didChangeTrust",
    "$/setTrace",
    "no/such",
]


# The model ---------------------------------------------------------------------------------------------


def width(character: str, encoding: str) -> int:
    """How many units one character takes."""
    unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(character.encode(encoding + ("" if unit == 1 else "-le"), "surrogatepass")) // unit


def offset(text: str, position: dict[str, int], encoding: str) -> int:
    """Where a position is: clamped to its line and to the text; inside a character is before it."""
    place = 0
    for _ in range(position["line"]):
        while place < len(text) and text[place] not in "\r\n":
            place += 1
        if place == len(text):
            return place
        place += 2 if text.startswith("\r\n", place) else 1
    used = 0
    while place < len(text) and text[place] not in "\r\n":
        used += width(text[place], encoding)
        if used > position["character"]:
            break
        place += 1
    return place


def changed(text: str, change: Any, encoding: str) -> str:
    """The text after one change."""
    if not isinstance(change.get("text"), str) or "character" not in change.get("range", {}).get(
        "start", {"character": 0}
    ):
        return text
    if "range" not in change:
        return change["text"]
    ends = sorted(offset(text, change["range"][end], encoding) for end in ("start", "end"))
    return text[: ends[0]] + change["text"] + text[ends[1] :]


@dataclass
class Model:
    """One document as the client has it."""

    text: str
    version: int = 1

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


# The servers -------------------------------------------------------------------------------------------


class Servers:
    """Real servers, kept from one run to the next; each run has documents of its own."""

    def __init__(self) -> None:
        self.running: dict[tuple[str, bool, str], Wire] = {}
        self.folder: Path | None = None
        self.numbers = itertools.count()

    def root(self) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="lift-machine-")).resolve()
            (self.folder / "inner").mkdir()
            for place in (self.folder, self.folder / "inner"):
                (place / "neighbour.py").write_text(NEIGHBOUR)
        return self.folder

    def get(self, encoding: str, pull: bool, role: str) -> Wire:
        wire = self.running.get((encoding, pull, role))
        if wire is None:
            root = self.root()
            homes = {
                f"XDG_{name}_HOME": str(root / f".{role}-{encoding}-{pull}") for name in ("CACHE", "STATE")
            }
            said = capabilities(encoding, pull=pull)
            options = {"seconds": 1, "workers": 1}
            wire = self.running[encoding, pull, role] = Wire(root, homes, options, said)
        return wire

    def drop(self, wire: Wire) -> None:
        """A server that has shown a mistake is of no use to the next run."""
        self.running = {key: other for key, other in self.running.items() if other is not wire}
        wire.kill()

    def close(self) -> None:
        for wire in self.running.values():
            wire.kill()
        self.running.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


SERVERS = Servers()
atexit.register(SERVERS.close)


@pytest.fixture(scope="module", autouse=True)
def servers() -> Any:
    """Ends the servers with the tests of this module."""
    yield
    SERVERS.close()


def shown(diagnostics: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a person sees of the diagnostics that come from the text alone."""
    found = [d for d in diagnostics if d.get("code") in FROM_THE_TEXT]
    return [(d.get("code"), d["message"], d["severity"], repr(d["range"])) for d in found]


# The machine -------------------------------------------------------------------------------------------


class Machine(RuleBasedStateMachine):
    """An editor that does anything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.wire: Wire | None = None
        self.documents: dict[str, Model] = {}
        self.asked: dict[int, bool] = {}
        self.encoding = "utf-16"
        self.number = next(SERVERS.numbers)
        self.names = itertools.count()

    @initialize(encoding=st.sampled_from(["utf-16", "utf-8", "utf-32"]), pull=st.booleans())
    def start(self, encoding: str, pull: bool) -> None:
        self.encoding, self.pull = encoding, pull
        self.wire = SERVERS.get(encoding, pull, "subject")
        self.wire.settings = {"seconds": 1, "workers": 1}

    @property
    def server(self) -> Wire:
        assert self.wire is not None
        return self.wire

    def fresh_uri(self, inner: bool) -> str:
        folder = SERVERS.root() / "inner" if inner else SERVERS.root()
        return (folder / f"m{self.number}_{next(self.names)}.py").as_uri()

    def pick(self, which: int) -> str:
        return sorted(self.documents)[which % len(self.documents)]

    def ask(self, method: str, params: Any, *, sound: bool = True) -> None:
        self.asked[self.server.request(method, params)] = sound

    # Documents -------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.documents) < MOST_DOCUMENTS)
    @rule(text=TEXTS, inner=st.booleans())
    def open(self, text: str, inner: bool) -> None:
        uri = self.fresh_uri(inner)
        self.documents[uri] = Model(text)
        self.server.open(uri, text)

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), changes=st.lists(CHANGES, max_size=4))
    def edit(self, which: int, changes: list[Any]) -> None:
        uri = self.pick(which)
        model = self.documents[uri]
        for change in changes:
            model.text = changed(model.text, change, self.encoding)
        model.version += 1
        self.server.change(uri, model.version, changes)

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), typed=st.text(alphabet="ab \n`?😀", min_size=1, max_size=12), at=POSITIONS)
    def type(self, which: int, typed: str, at: dict[str, int]) -> None:
        """Keystrokes that come faster than they can be looked at."""
        uri = self.pick(which)
        model = self.documents[uri]
        for character in reversed(typed):
            change = {"range": {"start": at, "end": at}, "text": character}
            model.text = changed(model.text, change, self.encoding)
            model.version += 1
            self.server.change(uri, model.version, [change])

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5))
    def save(self, which: int) -> None:
        self.server.save(self.pick(which))

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5))
    def close(self, which: int) -> None:
        uri = self.pick(which)
        del self.documents[uri]
        self.server.close(uri)

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), inner=st.booleans())
    def rename(self, which: int, inner: bool) -> None:
        before, after = self.pick(which), self.fresh_uri(inner)
        text = self.documents.pop(before).text
        self.server.close(before)
        self.documents[after] = Model(text)
        self.server.open(after, text)

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), text=TEXTS)
    def open_again(self, which: int, text: str) -> None:
        """What a client must not do and some do: the text is the new one, and the version begins anew."""
        uri = self.pick(which)
        self.documents[uri] = Model(text, self.documents[uri].version + 1)
        self.server.open(uri, text, self.documents[uri].version)

    # Questions -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), method=st.sampled_from(AT), at=POSITIONS)
    def ask_at(self, which: int, method: str, at: dict[str, int]) -> None:
        self.ask(method, {"textDocument": {"uri": self.pick(which)}, "position": at})

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), method=st.sampled_from(OF))
    def ask_of(self, which: int, method: str) -> None:
        self.ask(method, {"textDocument": {"uri": self.pick(which)}})

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), method=st.sampled_from(IN), within=RANGES)
    def ask_in(self, which: int, method: str, within: Any) -> None:
        identifier = {"uri": self.pick(which)}
        self.ask(method, {"textDocument": identifier, "range": within, "context": {"diagnostics": []}})

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5), function=st.sampled_from([None, "clamp", "Till.take", "nobody"]))
    def check(self, which: int, function: str | None) -> None:
        arguments = [self.pick(which), *([function] if function else [])]
        self.ask("workspace/executeCommand", {"command": "lift.check", "arguments": arguments}, sound=False)

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 5))
    def verify(self, which: int) -> None:
        self.ask("lift/verify", {"textDocument": {"uri": self.pick(which)}})

    @rule(
        method=st.sampled_from(
            [*AT, *OF, *IN, "lift/verify", "lift/status", "no/such", "workspace/executeCommand"]
        ),
        params=GARBAGE,
    )
    def ask_nonsense(self, method: str, params: Any) -> None:
        self.ask(method, params, sound=False)

    @rule(method=st.sampled_from(NOTIFICATIONS), params=GARBAGE)
    def tell_nonsense(self, method: str, params: Any) -> None:
        self.server.notify(method, params)

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 50))
    def cancel(self, which: int) -> None:
        numbers = list(self.asked)
        self.server.notify("$/cancelRequest", {"id": numbers[-1 - which % len(numbers)]})

    # Settings --------------------------------------------------------------------------------------------

    @rule(settings=SETTINGS)
    def configure(self, settings: dict[str, Any]) -> None:
        self.server.settings = {"seconds": 1, "workers": 1, **settings}
        self.server.notify("workspace/didChangeConfiguration", {"settings": None})

    @rule(added=st.booleans())
    def change_folders(self, added: bool) -> None:
        folder = {"uri": (SERVERS.root() / "inner").as_uri(), "name": "inner"}
        event = {"added": [folder] if added else [], "removed": [] if added else [folder]}
        self.server.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    # What always holds -----------------------------------------------------------------------------------

    @invariant()
    def the_texts_are_the_same(self) -> None:
        if self.wire is None:
            return
        for uri, model in self.documents.items():
            answer = self.server.ask("lift/ir", {"textDocument": {"uri": uri}}, uri)
            assert (answer["version"], answer["digest"]) == (model.version, model.digest)
        assert self.server.late == []

    def teardown(self) -> None:
        if self.wire is None:
            return
        try:
            self.everything_is_answered()
            self.what_is_shown_is_of_the_newest_text()
            self.what_is_closed_shows_nothing()
            assert "Traceback" not in self.server.log
            assert self.server.process.poll() is None
        except BaseException:
            SERVERS.drop(self.server)
            raise

    def everything_is_answered(self) -> None:
        server = self.server
        for uri in self.documents:
            # Otherwise a check may be waited for that nothing ends but its own budget.
            self.ask("lift/ir", {"textDocument": {"uri": uri}})
        for number, sound in self.asked.items():
            answer = server.answer(number)
            code = answer.get("error", {}).get("code")
            assert not (sound and code == INTERNAL_ERROR), (server.sent[number], answer)
        server.ask("lift/status", {})
        assert {n: len(a) for n, a in server.answers.items() if len(a) != 1} == {}

    def what_is_shown_is_of_the_newest_text(self) -> None:
        referee = SERVERS.get(self.encoding, True, "referee")
        for uri, model in self.documents.items():
            referee.open(uri, model.text)
            expected = shown(referee.pulled(uri))
            question = {"textDocument": {"uri": uri}}
            error = referee.ask("lift/ir", question)["error"]
            referee.close(uri)
            assert self.server.ask("lift/ir", question)["error"] == error
            if error is not None:
                # What is shown of a text that does not parse is what was known before, as it should be.
                continue
            if self.pull:
                assert shown(self.server.pulled(uri)) == expected
                continue
            published = self.server.published[uri]
            self.server.until(
                lambda known=published, wanted=expected: (
                    shown(known[-1]["diagnostics"] if known else []) == wanted
                ),
                f"{expected} for {uri}, where {published[-1:]} was shown last,",
            )

    def what_is_closed_shows_nothing(self) -> None:
        for uri in self.documents:
            self.server.close(uri)
        self.server.ask("lift/status", {})
        for uri in self.documents:
            with contextlib.suppress(IndexError):
                assert self.server.published[uri][-1]["diagnostics"] == []
        for uri in self.documents:
            self.server.published.pop(uri, None)


Machine.TestCase.settings = settings(
    max_examples=EXAMPLES or 12,
    stateful_step_count=50 if EXAMPLES else 20,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
class TestMachine(Machine.TestCase):
    """Runs of the machine."""
