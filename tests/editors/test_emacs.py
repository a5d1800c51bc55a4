"""A real Emacs, in batch mode, with the set-up that the documentation gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "editors.md"
BIN = Path(sys.executable).parent

MODULE = '''def absolute(x: int) -> int:
    """The size of a number.

    Ensures:
        - ``result > 0``: never negative
    """
    return x if x > 0 else -x
'''

SCRIPT = """
(defun test-wait (what condition)
  (let ((end (+ (float-time) 60)))
    (while (not (funcall condition))
      (when (> (float-time) end)
        (princ (format "no %s\\n" what) #'external-debugging-output)
        (kill-emacs 1))
      (accept-process-output nil 0.05))))
(defun test-messages ()
  (mapconcat (lambda (d) (flymake-diagnostic-text d)) (flymake-diagnostics) "\\n"))
(find-file "module.py")
;; Without a terminal there is no command loop, in which eglot-ensure would connect.
(run-hooks 'post-command-hook)
(test-wait "server" (lambda () (eglot-current-server)))
(set-buffer-modified-p t)
(save-buffer)
(test-wait "refutation" (lambda () (string-match-p "absolute(0) returns 0" (test-messages))))
(princ (test-messages))
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
"""


def program() -> Path:
    """The Emacs to test with; skips where there is none with Eglot."""
    found = shutil.which("emacs")
    probe = [found or "emacs", "--batch", "--eval", "(progn (package-initialize) (require 'eglot))"]
    if found is None or subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        pytest.skip("Emacs with Eglot is not installed; `apt-get install emacs-nox elpa-eglot` brings it")
    return Path(found)


def documented(language: str) -> str:
    """The set-up as ``docs/how-to/editors.md`` gives it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 1
    return blocks[0]


@pytest.mark.editor
def test_shows_a_refutation_after_saving(tmp_path: Path) -> None:
    emacs = program()
    (tmp_path / "module.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.lift]\ncache = ".cache"\n', encoding="utf-8")
    script = tmp_path / "test.el"
    script.write_text(f"(package-initialize)\n{documented('elisp')}{SCRIPT}", encoding="utf-8")
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [str(emacs), "--batch", "-q", "-l", str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "`result > 0` fails" in done.stdout
