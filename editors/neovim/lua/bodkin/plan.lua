--- The plan of a run on the screen: a float that follows it and closes itself, or a quickfix list.

local config = require('bodkin.config')
local lines = require('bodkin.plan_lines')
local runs = require('bodkin.runs')

local M = {}

local WIDTH = 64
local TICK_MS = 100
local namespace = vim.api.nvim_create_namespace('bodkin.plan')

---@class bodkin.Float
---@field run bodkin.Run
---@field buf integer
---@field win integer
---@field timer uv.uv_timer_t
---@field stays boolean Whether it was asked for, and stays until it is closed.

---@type bodkin.Float?
local float

local function close()
  local it = float
  if not it then
    return
  end
  float = nil
  it.timer:stop()
  it.timer:close()
  if vim.api.nvim_win_is_valid(it.win) then
    vim.api.nvim_win_close(it.win, true)
  end
end

---@param run bodkin.Run
---@param height integer
---@return vim.api.keyset.win_config
local function layout(run, height)
  local status_line = vim.o.laststatus > 0 and 1 or 0
  return {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - status_line,
    col = vim.o.columns,
    width = math.min(WIDTH, vim.o.columns - 4),
    height = math.max(1, math.min(height, vim.o.lines - 6)),
    style = 'minimal',
    border = config.ui().border,
    title = { { ' ' .. lines.title(run) .. ' ', 'BodkinFloatTitle' } },
    title_pos = 'left',
    footer = { { ' ' .. lines.footer(run) .. ' ', 'BodkinFloatFooter' } },
    footer_pos = 'right',
    zindex = 45,
  }
end

---@param it bodkin.Float
local function draw(it)
  if not vim.api.nvim_win_is_valid(it.win) then
    close() -- the user closed it
    return
  end
  local rows = lines.of(it.run, math.min(WIDTH, vim.o.columns - 4))
  local text = {}
  for _, row in ipairs(rows) do
    table.insert(text, row.text)
  end
  vim.bo[it.buf].modifiable = true
  vim.api.nvim_buf_set_lines(it.buf, 0, -1, false, text)
  vim.bo[it.buf].modifiable = false
  vim.api.nvim_buf_clear_namespace(it.buf, namespace, 0, -1)
  for at, row in ipairs(rows) do
    for _, mark in ipairs(row.marks) do
      vim.api.nvim_buf_set_extmark(it.buf, namespace, at - 1, mark[1], { end_col = mark[2], hl_group = mark[3] })
    end
  end
  vim.api.nvim_win_set_config(it.win, layout(it.run, #rows))
end

---@param run bodkin.Run
---@param stays boolean
local function open(run, stays)
  close()
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = 'bodkin-plan'
  local options = vim.tbl_extend('error', layout(run, 1), { focusable = stays, noautocmd = true })
  local win = vim.api.nvim_open_win(buf, stays, options)
  vim.wo[win].winhighlight = 'NormalFloat:NormalFloat,FloatBorder:FloatBorder'
  vim.wo[win].wrap = false
  local it = { run = run, buf = buf, win = win, timer = assert(vim.uv.new_timer()), stays = stays }
  for _, key in ipairs(stays and { 'q', '<Esc>' } or {}) do
    vim.keymap.set('n', key, M.close, { buffer = buf, nowait = true, desc = 'Bodkin: close the plan' })
  end
  float = it
  draw(it)
  -- Time goes on between the server's words.
  it.timer:start(
    TICK_MS,
    TICK_MS,
    vim.schedule_wrap(function()
      if float == it and runs.is_going(it.run) then
        draw(it)
      end
    end)
  )
end

---@param it bodkin.Float
local function close_later(it)
  vim.defer_fn(function()
    if float == it and not runs.is_going(it.run) then
      close()
    end
  end, config.ui().linger_ms)
end

--- Shows a plan that has changed, as the user wants plans to be shown.
---@param run bodkin.Run
function M.show(run)
  local how = config.ui().plan
  if how == 'quickfix' then
    lines.quickfix(run)
  elseif how == 'float' then
    local is_other = not float or float.run ~= run and not float.stays
    local is_wanted = runs.is_going(run) and not run.is_plan_closed and not require('bodkin.review').any()
    if is_other and is_wanted then
      open(run, false)
    end
    M.update(run)
  end
end

--- Draws a plan again if it is on the screen.
---@param run bodkin.Run
function M.update(run)
  if run.quickfix then
    lines.quickfix(run)
  end
  local it = float
  if not it or it.run ~= run then
    return
  end
  if not vim.api.nvim_win_is_valid(it.win) then
    run.is_plan_closed = true
    close()
    return
  end
  draw(it)
  if not runs.is_going(run) and not it.stays then
    close_later(it)
  end
end

--- Opens the plan of a run and goes there; it stays until it is closed.
---@param run bodkin.Run
function M.open(run)
  open(run, true)
end

--- Closes the plan that is on the screen.
function M.close()
  if float then
    float.run.is_plan_closed = true
  end
  close()
end

--- The window and the buffer of the plan that is on the screen.
---@return integer? win
---@return integer? buf
function M.shown()
  if float and vim.api.nvim_win_is_valid(float.win) then
    return float.win, float.buf
  end
end

return M
