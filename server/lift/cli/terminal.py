"""Where text goes: a terminal with colours and a progress bar, or a pipe that gets plain text.

Lines are styled segments, so that one layout serves both; rich is imported for a terminal only.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.console import Console

Segment = tuple[str, str]

# What a mark becomes where the output's encoding has no such character.
_ASCII = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "◐": "~",
        "◔": "t",
        "·": "-",
        "○": "o",
        "→": "->",
        "…": "...",
        "├": "|",
        "└": "`",
        "│": "|",
        "─": "-",
    }
)


@dataclass(frozen=True)
class Line:
    """One line of output.

    Attributes:
        segments: Text and style, where a style is a rich style such as ``bold red``, or empty.
        indent: Spaces before it, and before what is wrapped of it.
    """

    segments: tuple[Segment, ...] = ()
    indent: int = 0

    @property
    def text(self) -> str:
        """The line without its styles."""
        return (" " * self.indent + "".join(text for text, _ in self.segments)).rstrip()

    @property
    def clean(self) -> Line:
        """The line with its control characters written out: a source text must not steer a terminal."""
        if self.text.isprintable():
            return self
        segments = tuple(
            ("".join(c if c.isprintable() else repr(c)[1:-1] for c in text), style)
            for text, style in self.segments
        )
        return Line(segments, self.indent)


class Progress(Protocol):
    """How far the work is; both methods may be called from any thread."""

    def grow(self, count: int) -> None:
        """There are ``count`` more things to do."""
        ...

    def step(self) -> None:
        """One of them is done."""
        ...


class Screen(Protocol):
    """Standard output, of one kind or the other."""

    def write(self, *lines: Line) -> None:
        """Prints ``lines``, at once."""
        ...

    def progress(self, title: str) -> AbstractContextManager[Progress]:
        """A progress bar for as long as the context lasts, where there is a terminal for it."""
        ...


def screen(arguments: argparse.Namespace) -> Screen:
    """The screen that the options and the environment ask for."""
    make_printable(sys.stdout)
    color = getattr(arguments, "color", "auto")
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR")):
        return _Rich(terminal)
    return _Plain(sys.stdout)


def make_printable(stream: TextIO) -> None:
    """Lets ``stream`` take any string: a file name may hold bytes that are no text."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


class _Silent:
    def grow(self, count: int) -> None:
        pass

    def step(self) -> None:
        pass


class _Plain:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._table = {} if _can_print(stream) else _ASCII

    def write(self, *lines: Line) -> None:
        # Flushed each time: whoever reads the pipe sees each result when it is there.
        print(
            *(line.clean.text.translate(self._table) for line in lines),
            sep="\n",
            file=self._stream,
            flush=True,
        )

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        yield _Silent()


class _Rich:
    def __init__(self, terminal: bool) -> None:
        from rich.console import Console

        self._console: Console = Console(
            force_terminal=True, highlight=False, markup=False, emoji=False, file=sys.stdout
        )
        self._terminal = terminal
        self._table = {} if _can_print(sys.stdout) else _ASCII

    def write(self, *lines: Line) -> None:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        texts = [
            Text.assemble(*((text.translate(self._table), style) for text, style in line.clean.segments))
            for line in lines
        ]
        if self._terminal:
            padded = (
                Padding(text, (0, 0, 0, line.indent), expand=False)
                for text, line in zip(texts, lines, strict=True)
            )
            # In one go, since the progress bar is drawn anew after each.
            self._console.print(Group(*padded))
        else:
            for text, line in zip(texts, lines, strict=True):
                self._console.print(Text(" " * line.indent) + text, soft_wrap=True)

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        if not self._terminal:
            yield _Silent()
            return
        columns = (
            TextColumn(title),
            BarColumn(complete_style="cyan", finished_style="cyan"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bar(*columns, console=self._console, transient=True) as bar:
            yield _Bar(bar, bar.add_task(title, total=0))


class _Bar:
    def __init__(self, bar, task) -> None:
        self._bar, self._task, self._total = bar, task, 0

    def grow(self, count: int) -> None:
        self._total += count
        self._bar.update(self._task, total=self._total)

    def step(self) -> None:
        self._bar.advance(self._task)


def _can_print(stream: TextIO) -> bool:
    try:
        "✗○·".encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
