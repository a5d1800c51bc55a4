"""Writing a specification in a real Neovim: completions are accepted, words have their colours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.test_neovim import edited

MODULE = '''def spread(amount: int, weights: list[int]) -> list[int]:
    """Split 😀 an amount.


    """
    return weights
'''

# What is typed is typed as a user would, and what completes is Neovim's own completion.
WRITE = """
local client = vim.lsp.get_clients({ name = "lift", bufnr = 0 })[1]
vim.lsp.completion.enable(true, client.id, 0, {})
vim.o.completeopt = "menuone,noselect"
local step, steps = 0, {}
local function keys(text)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(text, true, false, true), "n", false)
end
local function shown(word)
  if vim.fn.pumvisible() == 0 then return false end
  for number, item in ipairs(vim.fn.complete_info({ "items" }).items) do
    if item.word == word or item.abbr == word then return number end
  end
end
-- Keys are only taken while Neovim waits for some, so that each step runs from a timer.
local function choose(label, keys_to_ask)
  table.insert(steps, function()
    keys(keys_to_ask)
    return function()
      local number = shown(label)
      if number then
        keys(string.rep("<C-n>", number) .. "<C-y>")
        return true
      end
    end
  end)
end
choose("Ensures:", "4GA    En<C-x><C-o>")
choose("weights", "wei<C-x><C-o>")
choose("count", ".co<C-x><C-o>")
local check
local timer = vim.uv.new_timer()
timer:start(100, 100, vim.schedule_wrap(function()
  if check then
    if check() then check = nil end
    return
  end
  step = step + 1
  if steps[step] then
    check = steps[step]()
  else
    timer:stop()
    keys("<Esc>")
    vim.schedule(function()
      vim.cmd.write()
      local tokens
      vim.wait(60000, function()
        tokens = vim.lsp.semantic_tokens.get_at_pos(0, 3, 5)
        return tokens and #tokens > 0
      end, 20)
      io.stdout:write(tokens[1].type .. "\\n")
      vim.cmd("quitall!")
    end)
  end
end))
"""


@pytest.mark.editor
def test_a_clause_is_written_with_completion(tmp_path: Path) -> None:
    said, module = edited(tmp_path, MODULE, WRITE)
    assert "    Ensures:\n        - ``weights.count``\n" in module
    assert said == "keyword\n"
