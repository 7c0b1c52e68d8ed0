--- `:Bodkin plan [run]`: shows the plan of a run until it is closed.

local runs = require('bodkin.runs')

---@type bodkin.Command
return {
  about = 'show the plan of a run',
  complete = function()
    return vim.tbl_map(function(run)
      return run.id
    end, runs.list())
  end,
  run = function(call)
    local run = runs.find(call.args[1])
    if run then
      require('bodkin.plan').open(run)
    else
      require('bodkin.server').say('there is no such run.')
    end
  end,
}
