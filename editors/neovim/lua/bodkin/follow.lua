--- What is shown by itself while runs go on: plan, review, failed tests, the last word.

local config = require('bodkin.config')
local runs = require('bodkin.runs')

local M = {}

local following = false

--- The last word about a run that changed nothing on the screen.
---@param run bodkin.Run
local function last_word(run)
  local results = vim.tbl_values(run.tests)
  if run.outcome == 'cancelled' then
    require('bodkin.server').say(('%s was cancelled.'):format(run.title))
  elseif #results > 0 and not run.offer then
    require('bodkin.server').say(require('bodkin.tests').summary(run))
  end
end

--- Whether the user may be led elsewhere: nobody is torn out of typing or out of a prompt. A selection from which
--- the fix was asked for is still on the screen, and is no hindrance.
---@return boolean
local function is_free()
  return vim.api.nvim_get_mode().mode:match('^[nvV\22]$') ~= nil and vim.fn.getcmdwintype() == ''
end

---@param run bodkin.Run
local function offer_review(run)
  if not runs.is_open(run) or require('bodkin.review').is_shown(run) then
    return
  end
  if config.ui().review == 'auto' and is_free() and not require('bodkin.review').any() then
    require('bodkin.review').open(run.id)
  elseif not run.is_announced then
    require('bodkin.server').say(('%s: a change is ready. `:Bodkin review` shows it.'):format(run.title))
  end
  run.is_announced = true
end

---@param run bodkin.Run
local function applied(run, news)
  local names = {}
  for _, file in ipairs(news.files or {}) do
    table.insert(names, file.path)
  end
  local text = ('applied %s to %s. `:Bodkin undo` takes it back.'):format(news.checkpoint, table.concat(names, ', '))
  require('bodkin.server').say(text)
end

---@type table<bodkin.RunChange, fun(run: bodkin.Run, news: any)>
local follow = {
  plan = function(run)
    require('bodkin.plan').show(run)
  end,
  offered = function(run)
    -- Only the present state says whether the user is to decide, or the server has decided by a setting.
    runs.refresh(run.client_id, function()
      offer_review(run)
    end)
  end,
  reviewed = function(run)
    require('bodkin.review').update(run)
    offer_review(run)
  end,
  applied = function(run, news)
    applied(run, news)
    require('bodkin.reload').check()
  end,
  undone = function(run, news)
    require('bodkin.server').say(('took %s back.'):format(news.checkpoint))
    require('bodkin.reload').check()
  end,
  tests = function(run)
    require('bodkin.plan').update(run)
  end,
  ended = function(run)
    require('bodkin.plan').update(run)
    require('bodkin.review').update(run)
    if next(run.tests) and config.ui().quickfix then
      require('bodkin.tests').list(run)
    end
    last_word(run)
  end,
  state = function(run)
    require('bodkin.plan').update(run)
    require('bodkin.review').update(run)
  end,
}

--- Begins to follow; once an editor.
function M.start()
  if following then
    return
  end
  following = true
  runs.listen(function(run, change, news)
    follow[change](run, news)
  end)
end

return M
