--- `:Bodkin`: which words follow it, and where each is done. One file a word, loaded when it is used.

local M = {}

---@class bodkin.Command
---@field about string What it does, in a few words.
---@field run fun(call: bodkin.Call)
---@field complete? fun(lead: string): string[] What may follow.

---@class bodkin.Call
---@field args string[] What follows the word.
---@field bufnr integer
---@field first integer First line of the range, counted from zero; without one the cursor's.
---@field last integer Last line, counted from zero, included.
---@field has_range boolean

--- Every word, in the order of the help.
M.NAMES = {
  'fix',
  'fixtest',
  'test',
  'review',
  'plan',
  'runs',
  'patches',
  'undo',
  'cancel',
  'status',
  'ledger',
  'log',
  'restart',
  'explain',
}

---@param name string
---@return bodkin.Command?
local function command(name)
  return vim.tbl_contains(M.NAMES, name) and require('bodkin.commands.' .. name) or nil
end

---@param words string[]
---@param lead string
---@return string[]
local function beginning(words, lead)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

--- Does what `:Bodkin …` says.
---@param ex vim.api.keyset.create_user_command.command_args
function M.run(ex)
  local name = ex.fargs[1]
  local found = name and command(name)
  if not found then
    local text = name and '`%s` is no command of Bodkin; there are: %s.' or 'what? There are: %s%s.'
    return require('bodkin.server').say(text:format(name or '', table.concat(M.NAMES, ', ')), vim.log.levels.ERROR)
  end
  found.run({
    args = vim.list_slice(ex.fargs, 2),
    bufnr = vim.api.nvim_get_current_buf(),
    first = (ex.range > 0 and ex.line1 or vim.fn.line('.')) - 1,
    last = (ex.range > 0 and ex.line2 or vim.fn.line('.')) - 1,
    has_range = ex.range > 0,
  })
end

--- What may stand at the cursor of `:Bodkin …`.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:match('Bodkin!?%s+(.*)$') or ''
  local name = before:match('^(%S+)%s')
  if not name then
    return beginning(M.NAMES, lead)
  end
  local found = command(name)
  return found and found.complete and beginning(found.complete(lead), lead) or {}
end

return M
