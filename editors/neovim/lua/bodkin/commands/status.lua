--- `:Bodkin status`: how the server is, and what to do about it.

local page = require('bodkin.page')
local protocol = require('bodkin.protocol')
local server = require('bodkin.server')

---@param folder bodkin.FolderStatus
---@return string[]
local function about(folder)
  local lines = { '', ('folder      %s (%s)'):format(vim.uri_to_fname(folder.uri), folder.state) }
  if folder.message ~= '' then
    table.insert(lines, '            ' .. folder.message)
  end
  if folder.isolation then
    table.insert(lines, ('sandbox     %s, %s isolation'):format(folder.isolation.backend, folder.isolation.level))
    for _, sentence in ipairs(folder.isolation.missing) do
      table.insert(lines, '            ' .. sentence)
    end
  end
  if folder.tests then
    table.insert(lines, ('tests       `%s` (%s)'):format(folder.tests.command, folder.tests.reason))
  end
  for _, sentence in ipairs(folder.recovered) do
    table.insert(lines, 'recovered   ' .. sentence)
  end
  return lines
end

---@type bodkin.Command
return {
  about = 'tell how the server is',
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    server.request(client, protocol.requests.status, vim.NIL, function(status)
      local lines = {
        ('Bodkin %s: %s'):format(status.version, status.message ~= '' and status.message or status.health),
        'columns     ' .. status.encoding,
        ('running     %d'):format(status.running),
        'state       ' .. (status.stateFolder or '-'),
      }
      if status.nextStep then
        table.insert(lines, 2, 'next step   ' .. status.nextStep)
      end
      for _, folder in ipairs(status.folders) do
        vim.list_extend(lines, about(folder))
      end
      page.show('bodkin://status', lines)
    end)
  end,
}
