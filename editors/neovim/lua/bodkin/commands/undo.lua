--- `:Bodkin undo [checkpoint]`: takes a change back, the last one unless another is named.

local protocol = require('bodkin.protocol')
local runs = require('bodkin.runs')
local server = require('bodkin.server')

---@type bodkin.Command
return {
  about = 'take a change back',
  complete = function()
    local found = {}
    for _, run in ipairs(runs.list()) do
      if run.checkpoint then
        table.insert(found, run.checkpoint)
      end
    end
    return found
  end,
  run = function(call)
    local client = server.need(call.bufnr)
    local checkpoint = call.args[1]
    if client then
      local argument = checkpoint and { checkpoint = checkpoint, folder = vim.NIL } or nil
      server.command(client, protocol.commands.undo, argument)
    end
  end,
}
