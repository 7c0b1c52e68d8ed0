--- `:Bodkin ledger`: what was asked, decided, permitted and done, the newest first.

local page = require('bodkin.page')
local protocol = require('bodkin.protocol')
local server = require('bodkin.server')

local ENTRIES = 200

---@type bodkin.Command
return {
  about = 'read the record of what was done',
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    local arguments = { folder = vim.NIL, before = vim.NIL, limit = ENTRIES }
    server.request(client, protocol.requests.ledger, arguments, function(ledger)
      local lines = { ledger.message, ledger.path or '', '' }
      for _, entry in ipairs(ledger.entries) do
        local line = ('%6d  %s  %-6s %-18s %s'):format(
          entry.seq,
          entry.at,
          entry.runId or '',
          entry.kind,
          entry.summary
        )
        table.insert(lines, (line:gsub('\n', ' ')))
      end
      page.show('bodkin://ledger', lines)
    end)
  end,
}
