--- `:Bodkin cancel [run]`: cancels a run, the newest that is going on unless another is named.

local protocol = require('bodkin.protocol')
local runs = require('bodkin.runs')
local server = require('bodkin.server')

---@type bodkin.Command
return {
  about = 'cancel a run',
  complete = function()
    return vim.tbl_map(function(run)
      return run.id
    end, vim.tbl_filter(runs.is_going, runs.list()))
  end,
  run = function(call)
    local run = runs.find(call.args[1], runs.is_going)
    local client = run and vim.lsp.get_client_by_id(run.client_id)
    if client then
      server.command(client, protocol.commands.cancel, { runId = run.id })
    else
      server.say('nothing is going on.')
    end
  end,
}
