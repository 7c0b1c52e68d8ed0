--- `:Bodkin runs`: lists the runs of this editor; the chosen one opens its review, or else its plan.

local runs = require('bodkin.runs')
local server = require('bodkin.server')

---@param run bodkin.Run
---@return string
local function line(run)
  local state = runs.is_open(run) and 'waits for review' or run.outcome or 'under way'
  return ('%s  %s  (%s)'):format(run.id, run.title, (state:gsub('_', ' ')))
end

---@type bodkin.Command
return {
  about = 'list the runs',
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    runs.refresh(client.id, function()
      local list = runs.list()
      if #list == 0 then
        return server.say('no run yet. Select a faulty line and type `gra`, or use `:Bodkin fix`.')
      end
      vim.ui.select(list, { prompt = 'Bodkin runs:', kind = 'bodkin_run', format_item = line }, function(run)
        if run and runs.is_open(run) then
          require('bodkin.review').open(run.id)
        elseif run then
          require('bodkin.plan').open(run)
        end
      end)
    end)
  end,
}
