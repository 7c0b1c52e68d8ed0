--- Tests: which stand where, and what came of those that were run.

local protocol = require('bodkin.protocol')
local server = require('bodkin.server')

local M = {}

--- Asks for the tests of a file or a folder.
---@param client vim.lsp.Client
---@param uri? string Default: every folder.
---@param on_done fun(tests: bodkin.TestItem[])
function M.of(client, uri, on_done)
  server.request(client, protocol.requests.tests, { uri = uri or vim.NIL }, function(result)
    on_done(result.tests)
  end)
end

--- The tests that lie in lines, or around them: the innermost first.
---@param tests bodkin.TestItem[]
---@param first integer Counted from zero.
---@param last integer Counted from zero, included.
---@return bodkin.TestItem[]
function M.within(tests, first, last)
  local found = vim.tbl_filter(function(test)
    return test.kind == 'test' and test.range.start.line <= last and test.range['end'].line >= first
  end, tests)
  table.sort(found, function(a, b)
    return a.range.start.line > b.range.start.line
  end)
  return found
end

---@param run bodkin.Run
---@return bodkin.TestResult[] # In the order of their names.
local function results(run)
  local list = vim.tbl_values(run.tests)
  table.sort(list, function(a, b)
    return a.id < b.id
  end)
  return list
end

local WORDS = {
  { 'passed', 'passed' },
  { 'failed', 'failed' },
  { 'timed_out', 'took too long' },
  { 'skipped', 'skipped' },
}

--- How the tests of a run went, in a few words.
---@param run bodkin.Run
---@return string
function M.summary(run)
  local count = {}
  for _, result in ipairs(results(run)) do
    count[result.state] = (count[result.state] or 0) + 1
  end
  local parts = {}
  for _, it in ipairs(WORDS) do
    if count[it[1]] then
      table.insert(parts, ('%d %s'):format(count[it[1]], it[2]))
    end
  end
  return 'tests: ' .. (#parts > 0 and table.concat(parts, ', ') or 'none was run')
end

--- Puts the failed tests of a run into the quickfix list and opens it; closes one of ours when none failed.
---@param run bodkin.Run
function M.list(run)
  local items = {}
  for _, result in ipairs(results(run)) do
    if result.state == 'failed' or result.state == 'timed_out' then
      local first = vim.split(result.message or '', '\n', { trimempty = true })[1] or 'failed'
      table.insert(items, {
        filename = vim.uri_to_fname(result.uri),
        lnum = (result.line or 0) + 1,
        type = 'E',
        text = result.id:match('[^:]+$') .. ': ' .. first,
      })
    end
  end
  local title = 'Bodkin: failed tests'
  local is_ours = vim.fn.getqflist({ title = 0 }).title == title
  if #items > 0 then
    vim.fn.setqflist({}, is_ours and 'r' or ' ', { title = title, items = items })
    local win = vim.api.nvim_get_current_win()
    vim.cmd('botright copen ' .. math.min(#items + 1, 10))
    vim.api.nvim_set_current_win(win)
  elseif is_ours then
    vim.fn.setqflist({}, 'r', { title = title, items = {} })
    vim.cmd.cclose()
  end
end

return M
