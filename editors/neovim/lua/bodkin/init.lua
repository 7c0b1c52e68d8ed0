--- Bodkin from Lua. There is nothing to set up: `vim.lsp.enable('bodkin')` is all, `vim.g.bodkin` the rest.

local M = {}

--- What is going on in a few words, for a status line; empty when nothing is.
---@return string
function M.status()
  local runs = require('bodkin.runs')
  local waiting = runs.find(nil, runs.is_open)
  local run = runs.find(nil, runs.is_going)
  if waiting then
    return 'bodkin: review ' .. waiting.id
  elseif not run then
    return ''
  end
  local entries = run.plan and run.plan.entries or {}
  for at, entry in ipairs(entries) do
    if entry.state == 'in_progress' then
      return ('bodkin: %d/%d %s'):format(at, #entries, entry.title)
    end
  end
  return 'bodkin: ' .. run.id
end

--- Every run of this editor, the newest first.
---@return bodkin.Run[]
function M.runs()
  return require('bodkin.runs').list()
end

--- Changes settings of the running servers, until they end.
---@param settings bodkin.Settings What is not named stays as it is.
function M.set(settings)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'bodkin' })) do
    client.settings.bodkin = vim.tbl_deep_extend('force', client.settings.bodkin or {}, settings)
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
end

return M
