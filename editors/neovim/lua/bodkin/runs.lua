--- The runs of every server of this editor, as they were last told; and who wants to know of changes.
---
--- Keeps what it is told and decides nothing. A gap in the numbering of events is closed by asking for the
--- present state.

local protocol = require('bodkin.protocol')

local M = {}

---@class bodkin.Run
---@field client_id integer
---@field id string As in `r12`.
---@field title string
---@field plan? bodkin.Plan
---@field offer? bodkin.Offer
---@field review? bodkin.Review
---@field outcome? bodkin.Outcome How it ended; nil while it is going on.
---@field reason string
---@field candidates integer
---@field uri? string The file that it is about.
---@field checkpoint? string What takes its change back.
---@field tests table<string, bodkin.TestResult> Results by the test's name.
---@field began integer `vim.uv.now()` when it was first heard of.
---@field is_announced? boolean Whether the user was told that its change waits.
---@field is_asked? boolean Whether the user was asked about a part that is not proved.
---@field is_plan_closed? boolean Whether the user closed its plan.
---@field quickfix? integer The quickfix list that its plan stands in.

---@alias bodkin.RunChange 'plan'|'offered'|'reviewed'|'applied'|'undone'|'tests'|'ended'|'state'

---@type table<integer, { seq: integer, runs: table<string, bodkin.Run>, order: string[] }>
local servers = {}

---@type (fun(run: bodkin.Run, change: bodkin.RunChange, news: any))[]
local listeners = {}

local function server(client_id)
  servers[client_id] = servers[client_id] or { seq = 0, runs = {}, order = {} }
  return servers[client_id]
end

---@param client_id integer
---@param id string
---@return bodkin.Run run
---@return boolean is_new
local function run_of(client_id, id)
  local of = server(client_id)
  local run = of.runs[id]
  if run then
    return run, false
  end
  run = { client_id = client_id, id = id, title = '', reason = '', candidates = 0, tests = {}, began = vim.uv.now() }
  of.runs[id] = run
  table.insert(of.order, id)
  return run, true
end

---@param run bodkin.Run
---@param summary bodkin.RunSummary
local function take_summary(run, summary)
  run.title, run.outcome, run.reason = summary.title, summary.outcome, summary.reason or ''
  run.candidates = summary.candidates or 0
end

local function tell(run, change, news)
  for _, listener in ipairs(listeners) do
    listener(run, change, news)
  end
  local data = { client_id = run.client_id, run = run.id, change = change }
  vim.api.nvim_exec_autocmds('User', { pattern = 'BodkinRun', modeline = false, data = data })
end

--- Calls `listener` after every change of a run.
---@param listener fun(run: bodkin.Run, change: bodkin.RunChange, news: any)
function M.listen(listener)
  table.insert(listeners, listener)
end

--- Takes in a plan. One that is older than what is known is dropped.
---@param client_id integer
---@param plan bodkin.Plan
function M.take_plan(client_id, plan)
  local run, is_new = run_of(client_id, plan.runId)
  if not run.plan or plan.seq >= run.plan.seq then
    run.plan = plan
    tell(run, 'plan', plan)
  end
  if is_new then
    M.refresh(client_id) -- its title
  end
end

local take = {
  plan = function(run, news)
    M.take_plan(run.client_id, news.plan)
  end,
  tried = function(run, news)
    run.candidates = news.tried
  end,
  offered = function(run, news)
    run.offer = news.offer
    tell(run, 'offered', news)
  end,
  reviewed = function(run, news)
    run.review = news.review
    tell(run, 'reviewed', news)
  end,
  applied = function(run, news)
    run.checkpoint = news.checkpoint
    tell(run, 'applied', news)
  end,
  undone = function(run, news)
    tell(run, 'undone', news)
  end,
  tests = function(run, news)
    for _, result in ipairs(news.results) do
      run.tests[result.id] = result
    end
    tell(run, 'tests', news)
  end,
  ended = function(run, news)
    take_summary(run, news.summary)
    tell(run, 'ended', news)
  end,
}

--- Takes in an event. Kinds that are not known are passed over: a later server may have more.
---@param client_id integer
---@param event bodkin.Event
function M.take_event(client_id, event)
  local of = server(client_id)
  local gap = event.seq > of.seq + 1
  of.seq = math.max(of.seq, event.seq)
  local run, is_new = run_of(client_id, event.runId)
  local taker = take[event.news.kind]
  if taker then
    taker(run, event.news)
  end
  if gap or is_new then
    M.refresh(client_id)
  end
end

--- Asks a server for the present state of its runs.
---@param client_id integer
---@param on_done? fun()
function M.refresh(client_id, on_done)
  local client = vim.lsp.get_client_by_id(client_id)
  if not client then
    return
  end
  require('bodkin.server').request(client, protocol.requests.runs, vim.NIL, function(result)
    local of = server(client_id)
    of.seq = math.max(of.seq, result.seq)
    for at = #result.runs, 1, -1 do -- the oldest first
      local state = result.runs[at]
      local run = run_of(client_id, state.summary.runId)
      take_summary(run, state.summary)
      if not run.plan or state.plan.seq >= run.plan.seq then
        run.plan = state.plan
      end
      run.offer, run.review = state.offer, state.review
      run.uri, run.checkpoint = state.uri, state.checkpoint
      tell(run, 'state', state)
    end
    if on_done then
      on_done()
    end
  end)
end

--- Every run, the newest first.
---@return bodkin.Run[]
function M.list()
  local list = {}
  for _, of in pairs(servers) do
    for at = #of.order, 1, -1 do
      table.insert(list, of.runs[of.order[at]])
    end
  end
  table.sort(list, function(a, b)
    return a.began > b.began
  end)
  return list
end

--- The run of that name, or the newest that `wanted` holds of.
---@param id? string
---@param wanted? fun(run: bodkin.Run): boolean
---@return bodkin.Run?
function M.find(id, wanted)
  for _, run in ipairs(M.list()) do
    if id and run.id == id or not id and (not wanted or wanted(run)) then
      return run
    end
  end
end

--- Whether a run has not ended.
---@param run bodkin.Run
---@return boolean
function M.is_going(run)
  return run.outcome == nil
end

local OPEN = { open = true, unproved = true, withheld = true }

--- Whether a run waits for the user's decision about its change, which it may do after its end.
---@param run bodkin.Run
---@return boolean
function M.is_open(run)
  return run.offer ~= nil and run.review ~= nil and OPEN[run.review.state] == true
end

--- Forgets the runs of a server that is gone.
---@param client_id integer
function M.forget(client_id)
  local of = servers[client_id]
  servers[client_id] = nil
  require('bodkin.status').forget(client_id)
  for _, run in pairs(of and of.runs or {}) do
    if M.is_going(run) then
      run.outcome, run.reason = 'failed', 'The server ended.'
      tell(run, 'ended', nil)
    end
  end
end

return M
