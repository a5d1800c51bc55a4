"""A real Emacs, in batch mode, with the set-up that the documentation gives."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.editors.setups import RENAMED, documented, installed, missing, workspace

REMEDY = "`apt-get install emacs-nox elpa-eglot` brings both"

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
(test-wait "type hole" (lambda () (string-match-p "What type does" (test-messages))))
;; What a user would choose in the minibuffer.
(setq last-nonmenu-event ?\\r)
(defun completing-read (_prompt choices &rest _)
  (car (seq-find (lambda (c) (string-prefix-p "Annotate x as int" (car c))) choices)))
(goto-char (point-min))
(search-forward "(")
(call-interactively #'eglot-code-actions)
(test-wait "annotation" (lambda () (string-prefix-p "def absolute(x: int):" (buffer-string))))
;; Without a command loop nothing is idle, which is when Eglot sends what was edited.
(save-buffer)
(goto-char (point-min))
(search-forward "result == ")
(eglot-rename "number")
(test-wait "renamed parameter" (lambda () (string-prefix-p "def absolute(number: int):" (buffer-string))))
(save-buffer)
(test-wait "refutation" (lambda () (string-match-p "absolute(0) returns 0" (test-messages))))
(princ (test-messages))
(goto-char (point-min))
(search-forward "absol")
(let (shown)
  (set-window-buffer (selected-window) (current-buffer))
  (eglot-hover-eldoc-function (lambda (text &rest _) (setq shown text)))
  (test-wait "hover" (lambda () shown))
  (princ (format "\nhover: %s" shown)))
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
"""


def program() -> Path:
    """The Emacs to test with; skips, or in CI fails, where there is none with Eglot."""
    found = installed("emacs", REMEDY)
    probe = [str(found), "--batch", "--eval", "(progn (package-initialize) (require 'eglot))"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        missing(f"Emacs has no Eglot; {REMEDY}")
    return found


@pytest.mark.editor
def test_annotates_renames_and_shows_a_refutation_after_saving(tmp_path: Path) -> None:
    emacs = program()
    environment = workspace(tmp_path)
    script = tmp_path / "test.el"
    script.write_text(f"(package-initialize)\n{documented('elisp')}{SCRIPT}", encoding="utf-8")
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
    assert "hover: " in done.stdout
    assert (tmp_path / "module.py").read_text(encoding="utf-8") == RENAMED
