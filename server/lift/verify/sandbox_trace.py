"""Records the lines that a function runs and the variables that they change; a part of the sandbox's child.

Loaded by ``sandbox.py`` without a package around it: standard library only. What a run may take is bounded:
of a long one the first and the last lines are kept.
"""

from __future__ import annotations

from collections import deque

from sandbox_values import spell  # pyright: ignore[reportMissingImports]

_FIRST, _LAST = 24, 24
_MOST_VARIABLES = 12
_LONGEST = 80


class Recorder:
    """The steps of one call, which is the first one of the given code.

    Attributes:
        line: The line that ran last.
    """

    def __init__(self, code):
        self.line = None
        self._code = code
        self._frame = None
        self._known = {}
        self._first = []
        self._last = deque(maxlen=_LAST)
        self._count = 0

    def trace(self, frame, _event, _arg):
        """The tracing function for ``sys.settrace``."""
        if self._frame is not None or frame.f_code is not self._code:
            return None
        self._frame = frame
        self._known = self._values(frame)
        return self._local

    def _local(self, frame, event, _arg):
        if event in ("line", "return"):
            self._note(frame)
            self.line = frame.f_lineno
        return self._local

    def _note(self, frame):
        """Keep what the line that has just run has changed."""
        if self.line is None:
            return
        values = self._values(frame)
        changed = {n: v for n, v in values.items() if self._known.get(n) != v}
        self._known = values
        self._count += 1
        kept = self._first if len(self._first) < _FIRST else self._last
        kept.append((self.line, changed))

    def _values(self, frame):
        # A name that begins with a dot is the iterator of a comprehension.
        names = [n for n in frame.f_locals if not n.startswith(".")][:_MOST_VARIABLES]
        return {name: self._spelt(frame.f_locals[name]) for name in names}

    def _spelt(self, value):
        if callable(value):
            return getattr(value, "__name__", "…")
        try:
            return spell(value, None, _LONGEST)
        except Exception:
            return "…"

    def steps(self):
        """The steps as JSON: line, changed variables, and how many steps before it were not kept."""
        self._frame = None
        lost = self._count - len(self._first) - len(self._last)
        found = [[line, changed, 0] for line, changed in [*self._first, *self._last]]
        if lost and len(found) > len(self._first):
            found[len(self._first)][2] = lost
        return found
