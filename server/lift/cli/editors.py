"""Which editors there are, and how to see whether lift is hooked into one of them. Only reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Editor:
    """How to see an editor, and lift in it.

    Attributes:
        commands: Its executables.
        homes: Folders below the home folder that show that it is used.
        hooks: Patterns below the home folder of what a hook may stand in.
        word: What a hook's text holds; empty if the file's being there is enough.
        remedy: How to hook lift in.
    """

    name: str
    commands: tuple[str, ...]
    homes: tuple[str, ...]
    hooks: tuple[str, ...]
    word: str
    remedy: str


_VSIX = (
    "Install the extension: {} --install-extension lift.vsix (npm run package in vscode-extension makes it)."
)
EDITORS = (
    Editor(
        "VS Code",
        ("code", "code-insiders", "codium"),
        (".vscode", ".vscode-server", ".vscode-oss"),
        (
            ".vscode/extensions/lift-sys.lift-*",
            ".vscode-server/extensions/lift-sys.lift-*",
            ".vscode-insiders/extensions/lift-sys.lift-*",
            ".vscode-oss/extensions/lift-sys.lift-*",
        ),
        "",
        _VSIX.format("code"),
    ),
    Editor(
        "Cursor",
        ("cursor",),
        (".cursor",),
        (".cursor/extensions/lift-sys.lift-*", ".cursor-server/extensions/lift-sys.lift-*"),
        "",
        _VSIX.format("cursor"),
    ),
    Editor(
        "Neovim",
        ("nvim",),
        (".config/nvim",),
        (".config/nvim/*.lua", ".config/nvim/*.vim", ".config/nvim/**/*.lua"),
        "lift-lsp",
        "In init.lua: vim.lsp.config('lift', { cmd = { 'lift-lsp' }, filetypes = { 'python' }, "
        "root_markers = { 'pyproject.toml', '.git' } }) and vim.lsp.enable('lift')",
    ),
    Editor(
        "Emacs",
        ("emacs",),
        (".emacs.d", ".config/emacs"),
        (".emacs", ".emacs.el", ".emacs.d/*.el", ".config/emacs/*.el", ".doom.d/*.el", ".config/doom/*.el"),
        "lift-lsp",
        "In init.el: (with-eval-after-load 'eglot "
        "(add-to-list 'eglot-server-programs '(python-mode \"lift-lsp\")))",
    ),
    Editor(
        "Helix",
        ("hx", "helix"),
        (".config/helix",),
        (".config/helix/languages.toml",),
        "lift-lsp",
        'In languages.toml: [language-server.lift] command = "lift-lsp", and "lift" among the '
        "language-servers of python",
    ),
    Editor(
        "PyCharm",
        ("pycharm", "charm", "idea"),
        (".config/JetBrains",),
        (".config/JetBrains/*/options/*lsp*.xml", ".config/JetBrains/*/options/*LSP*.xml"),
        "lift-lsp",
        "With the LSP4IJ plugin, add a server with the command lift-lsp for Python files.",
    ),
)


def hook_of(editor: Editor, home: Path) -> Path | None:
    """The file or folder by which ``editor`` is told of lift, None if it is not."""
    found = (path for pattern in editor.hooks for path in _matches(home, pattern, editor.word))
    return next(found, None)


def executable(editor: Editor) -> str | None:
    """Where the editor is on PATH."""
    return next((found for name in editor.commands if (found := shutil.which(name))), None)


def used_at(editor: Editor, home: Path) -> Path | None:
    """The folder that shows that the editor is used without being on PATH."""
    return next((home / name for name in editor.homes if (home / name).is_dir()), None)


def _matches(home: Path, pattern: str, word: str) -> Iterator[Path]:
    for path in sorted(home.glob(pattern))[:500]:
        if not word:
            yield path
        elif path.is_file() and path.stat().st_size < 1_000_000:
            if word in path.read_text(encoding="utf-8", errors="replace"):
                yield path
