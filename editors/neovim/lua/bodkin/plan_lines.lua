--- A plan as lines: what stands where in which colour. Draws nothing.

local M = {}

---@class bodkin.Row
---@field text string
---@field marks { [1]: integer, [2]: integer, [3]: string }[] First byte, byte after the last, highlight group.

local ICONS = {
  pending = { '○', 'BodkinPending' },
  in_progress = { '●', 'BodkinActive' },
  done = { '✓', 'BodkinDone' },
  failed = { '✗', 'BodkinFailed' },
  skipped = { '–', 'BodkinPending' },
}

local OUTCOMES = {
  proved = { 'Proved', 'BodkinDone' },
  unproved = { 'Not proved', 'BodkinWarning' },
  tested = { 'Tested', 'BodkinDone' },
  exhausted = { 'Nothing found', 'BodkinWarning' },
  refused = { 'Refused', 'BodkinFailed' },
  cancelled = { 'Cancelled', 'BodkinWarning' },
  failed = { 'Failed', 'BodkinFailed' },
}

--- Cuts a text to a number of screen cells.
---@param text string
---@param cells integer
---@return string
local function fit(text, cells)
  text = text:gsub('%s+', ' ')
  if vim.fn.strdisplaywidth(text) <= cells then
    return text
  end
  while vim.fn.strdisplaywidth(text) > math.max(cells - 1, 0) do
    text = vim.fn.strcharpart(text, 0, vim.fn.strchars(text) - 1)
  end
  return text .. '…'
end

--- Breaks a text at spaces into lines of at most so many cells; what does not go into `most` lines is cut.
---@param text string
---@param cells integer
---@param most integer
---@return string[]
local function wrap(text, cells, most)
  local rows, row = {}, ''
  for word in text:gmatch('%S+') do
    local longer = row == '' and word or row .. ' ' .. word
    if row ~= '' and vim.fn.strdisplaywidth(longer) > cells and #rows + 1 < most then
      table.insert(rows, row)
      row = word
    else
      row = longer
    end
  end
  if row ~= '' then
    table.insert(rows, fit(row, cells))
  end
  return rows
end

---@param ms integer
---@return string
local function seconds(ms)
  return ('%.1f s'):format(ms / 1000)
end

---@param run bodkin.Run
---@param entry bodkin.PlanEntry
---@return string
local function duration(run, entry)
  if not entry.startedMs then
    return ''
  end
  return seconds((entry.endedMs or math.max(M.elapsed(run), entry.startedMs)) - entry.startedMs)
end

--- Milliseconds that a run has taken.
---@param run bodkin.Run
---@return integer
function M.elapsed(run)
  local last = 0
  for _, entry in ipairs(run.plan and run.plan.entries or {}) do
    last = math.max(last, entry.endedMs or entry.startedMs or 0)
  end
  return run.outcome and last or math.max(last, vim.uv.now() - run.began)
end

---@param run bodkin.Run
---@return string
function M.title(run)
  return run.title ~= '' and 'Bodkin: ' .. run.title or 'Bodkin'
end

--- What stands below: the run, how long it took, and the way out.
---@param run bodkin.Run
---@return string
function M.footer(run)
  local parts = { run.id, seconds(M.elapsed(run)) }
  if run.candidates > 0 then
    table.insert(parts, ('%d tried'):format(run.candidates))
  end
  if not run.outcome then
    table.insert(parts, ':Bodkin cancel')
  end
  return table.concat(parts, ' · ')
end

---@param run bodkin.Run
---@param entry bodkin.PlanEntry
---@param width integer
---@return bodkin.Row
local function step(run, entry, width)
  local icon, group = unpack(ICONS[entry.state] or ICONS.pending)
  local time = duration(run, entry)
  local room = width - 4 - vim.fn.strdisplaywidth(time) - 1
  local title = fit(entry.title, room)
  local gap = (' '):rep(width - 3 - vim.fn.strdisplaywidth(title) - vim.fn.strdisplaywidth(time) - 1)
  local head = ' ' .. icon .. ' ' .. title
  local row = { text = head .. gap .. time, marks = { { 1, 1 + #icon, group } } }
  if entry.state == 'pending' or entry.state == 'skipped' then
    table.insert(row.marks, { 2 + #icon, #head, 'BodkinPending' })
  end
  table.insert(row.marks, { #head + #gap, #row.text, 'BodkinDetail' })
  return row
end

---@param text string
---@param width integer
---@param most integer
---@param group string
---@return bodkin.Row[]
local function indented(text, width, most, group)
  local rows = {}
  for _, part in ipairs(wrap(text, width - 4, most)) do
    local line = '   ' .. part
    table.insert(rows, { text = line, marks = { { 3, #line, group } } })
  end
  return rows
end

--- The last word: how the run ended.
---@param run bodkin.Run
---@param width integer
---@return bodkin.Row[]
local function ending(run, width)
  local name, group = unpack(OUTCOMES[run.outcome] or { run.outcome, 'BodkinDetail' })
  local about = run.reason ~= '' and run.reason or run.offer and run.offer.summary or ''
  local rows = indented(about ~= '' and name .. ': ' .. about or name .. '.', width, 3, group)
  return vim.list_extend({ { text = '', marks = {} } }, rows)
end

--- The plan of a run as lines of that many cells.
---@param run bodkin.Run
---@param width integer
---@return bodkin.Row[]
function M.of(run, width)
  local rows = {}
  for _, entry in ipairs(run.plan and run.plan.entries or {}) do
    table.insert(rows, step(run, entry, width))
    if entry.detail ~= '' and entry.state == 'failed' then
      vim.list_extend(rows, indented(entry.detail, width, 3, 'BodkinDetail'))
    elseif entry.detail ~= '' and entry.state ~= 'pending' then
      vim.list_extend(rows, indented(entry.detail, width, 1, 'BodkinDetail'))
    end
  end
  if run.outcome then
    vim.list_extend(rows, ending(run, width))
  end
  return rows
end

--- Puts the plan of a run into a quickfix list of its own, which later plans of the run replace.
---@param run bodkin.Run
function M.quickfix(run)
  local items = {}
  for _, entry in ipairs(run.plan and run.plan.entries or {}) do
    local icon = (ICONS[entry.state] or ICONS.pending)[1]
    local text = icon .. ' ' .. entry.title .. (entry.detail ~= '' and ': ' .. entry.detail or '')
    table.insert(items, { text = text, valid = 0 })
  end
  local what = { title = ('%s (%s)'):format(M.title(run), run.id), items = items }
  local is_there = run.quickfix and vim.fn.getqflist({ id = run.quickfix, nr = 0 }).nr > 0
  if is_there then
    vim.fn.setqflist({}, 'r', vim.tbl_extend('force', what, { id = run.quickfix }))
  else
    vim.fn.setqflist({}, ' ', what)
    run.quickfix = vim.fn.getqflist({ id = 0 }).id
  end
end

return M
