"""A real Vim with ALE, with the set-up that the documentation gives."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from pathlib import Path

import pytest

from tests.editors.setups import RENAMED, documented, installed, missing, workspace

REMEDY = "`apt-get install vim vim-ale` brings both"

_PROBE = "execute exists(':ALEHover') ? 'q' : 'cq'"

# Each step waits for what it needs and says which one failed.
STEPS = """
let s:shown = []
function! Fail(what) abort
  let l:known = map(ale#engine#GetLoclist(bufnr('')), 'string(v:val)')
  call writefile(['no ' . a:what] + l:known + split(execute('messages'), "\\n"), 'said.txt')
  cquit 1
endfunction
function! Wait(what, Condition) abort
  for l:step in range(3000)
    if a:Condition() | return | endif
    sleep 20m
  endfor
  call Fail(a:what)
endfunction
function! Found(code) abort
  return filter(copy(ale#engine#GetLoclist(bufnr(''))), {_, d -> get(d, 'code', '') ==# a:code})
endfunction

function! Run(timer) abort
  call Wait('type hole', {-> !empty(Found('open-type'))})
  " What a user would type: the number of the action, then the new name.
  function! ale#util#Input(message, value, ...) abort
    call add(s:shown, a:message)
    let l:number = matchstr(a:message, '\\v\\d+\\ze\\) Annotate x as int')
    return empty(l:number) ? 'number' : l:number
  endfunction
  call cursor(1, 14)
  ALECodeAction
  call Wait('annotation', {-> getline(1) ==# 'def absolute(x: int):'})

  call cursor(1, 14)
  ALERename
  call Wait('renamed parameter', {-> getline(1) ==# 'def absolute(number: int):'})

  write
  call Wait('refutation', {-> !empty(filter(Found('refuted'), {_, d ->
  \\   d.lnum == 5 && d.text =~# 'absolute(0) returns 0'}))})

  let g:ale_hover_to_preview = 1
  call cursor(1, 6)
  ALEHover
  call Wait('hover', {-> winnr('$') > 1})
  wincmd P
  call writefile(getline(1, '$') + s:shown, 'said.txt')
  quitall!
endfunction
autocmd VimEnter * call timer_start(10, 'Run')
"""


@pytest.mark.editor
def test_annotates_renames_and_shows_a_refutation_after_saving(tmp_path: Path) -> None:
    vim = installed("vim", REMEDY)
    probe = [str(vim), "-N", "-es", "-u", "NONE", "-c", "packadd ale", "-c", _PROBE]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        missing(f"Vim has no ALE; {REMEDY}")
    environment = workspace(tmp_path)
    script = tmp_path / "test.vim"
    script.write_text(f"filetype plugin indent on\n{documented('vim')}{STEPS}", encoding="utf-8")
    command = [str(vim), "-N", "-n", "-i", "NONE", "-u", str(script), "module.py"]
    code = in_terminal(command, tmp_path, environment)
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert code == 0, said
    assert (tmp_path / "module.py").read_text(encoding="utf-8") == RENAMED
    assert "absolute" in said


def in_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """The exit status of a program that wants a terminal; what it draws is read and left."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=its, stdout=its, stderr=its, start_new_session=True
    )
    os.close(its)
    threading.Thread(target=drain, args=(ours,), daemon=True).start()
    try:
        return process.wait(240)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def drain(descriptor: int) -> None:
    """Reads until there is nothing more, so that the other side never waits."""
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        return
