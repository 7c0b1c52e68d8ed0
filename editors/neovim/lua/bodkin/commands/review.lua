--- `:Bodkin review [run]`: opens the review of a change that waits for a decision.

local runs = require('bodkin.runs')

---@type bodkin.Command
return {
  about = 'review a change hunk by hunk',
  complete = function()
    return vim.tbl_map(function(run)
      return run.id
    end, vim.tbl_filter(runs.is_open, runs.list()))
  end,
  run = function(call)
    require('bodkin.review').open(call.args[1])
  end,
}
