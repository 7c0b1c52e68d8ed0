--- The windows of a review: a header over two sides, in a tab of its own.

local header = require('bodkin.review.header')
local hunks = require('bodkin.review.hunks')

local M = {}

---@class bodkin.Side
---@field win integer
---@field buf integer

---@class bodkin.Screen
---@field tab integer
---@field header bodkin.Side
---@field before bodkin.Side
---@field after bodkin.Side
---@field keys bodkin.Key[]
---@field ends integer The autocommand that notices that the tab is gone.

---@class bodkin.Key
---@field [1] string
---@field [2] string
---@field [3] fun()

local namespace = vim.api.nvim_create_namespace('bodkin.review')
local STATES = {
  undecided = { '?', 'BodkinUndecided' },
  accepted = { '✓', 'BodkinAccepted' },
  rejected = { '✗', 'BodkinRejected' },
}

---@param keys bodkin.Key[]
---@return integer buf
local function scratch(keys)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  for _, key in ipairs(keys) do
    vim.keymap.set('n', key[1], key[3], { buffer = buf, nowait = true, desc = 'Bodkin: ' .. key[2] })
  end
  return buf
end

---@param buf integer
---@param lines string[]
local function write(buf, lines)
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
end

---@param win integer
---@param options table<string, any>
local function set(win, options)
  for name, value in pairs(options) do
    vim.wo[win][0][name] = value
  end
end

--- A text as it may stand in a status line.
---@param text string
---@return string
local function plain(text)
  return (text:gsub('%%', '%%%%'))
end

--- Opens the tab.
---@param run bodkin.Run
---@param keys bodkin.Key[]
---@param on_closed fun()
---@return bodkin.Screen
function M.open(run, keys, on_closed)
  vim.cmd.tabnew()
  local empty = vim.api.nvim_get_current_buf()
  local top = { win = vim.api.nvim_get_current_win(), buf = scratch(keys) }
  vim.api.nvim_win_set_buf(top.win, top.buf)
  if vim.api.nvim_buf_is_valid(empty) then
    vim.api.nvim_buf_delete(empty, { force = true })
  end
  local before = { buf = scratch(keys) }
  before.win = vim.api.nvim_open_win(before.buf, true, { split = 'below', win = top.win })
  local after = { buf = scratch(keys) }
  after.win = vim.api.nvim_open_win(after.buf, true, { split = 'right', win = before.win })
  set(top.win, { winfixheight = true, number = false, relativenumber = false, signcolumn = 'no', wrap = true })
  set(top.win, { cursorline = false, foldcolumn = '0', winbar = '', list = false, statuscolumn = '', linebreak = true })
  set(top.win, { breakindent = true, statusline = (' Bodkin %s: %s'):format(run.id, plain(run.title)) })
  local tab = vim.api.nvim_get_current_tabpage()
  vim.t[tab].bodkin_run = run.id
  local ends = vim.api.nvim_create_autocmd('TabClosed', {
    callback = function()
      if not vim.api.nvim_tabpage_is_valid(tab) then
        on_closed()
        return true
      end
    end,
  })
  return { tab = tab, header = top, before = before, after = after, keys = keys, ends = ends }
end

---@param text string
---@return string[] lines
---@return string format
local function split(text)
  local format = text:find('\r\n', 1, true) and 'dos' or 'unix'
  if format == 'dos' then
    text = text:gsub('\r\n', '\n')
  end
  return vim.split(text:gsub('\n$', ''), '\n', { plain = true }), format
end

--- Puts a text into a buffer of its own, in the place of what was there.
---@param side bodkin.Side
---@param keys bodkin.Key[]
---@param name string
---@param path string
---@param text string
local function fill(side, keys, name, path, text)
  local lines, format = split(text)
  side.buf = scratch(keys)
  vim.bo[side.buf].modifiable = true
  vim.bo[side.buf].fileformat = format
  write(side.buf, lines)
  vim.api.nvim_win_set_buf(side.win, side.buf)
  vim.api.nvim_buf_set_name(side.buf, name)
  local filetype = vim.filetype.match({ filename = path }) or ''
  -- Colours only: a real file type would start servers and plug-ins on a text that is no file.
  if not pcall(vim.treesitter.start, side.buf, vim.treesitter.language.get_lang(filetype)) then
    vim.bo[side.buf].syntax = filetype
  end
end

--- Puts the texts of a file on both sides.
---@param screen bodkin.Screen
---@param run bodkin.Run
---@param path string
---@param before string
---@param after string
function M.fill(screen, run, path, before, after)
  fill(screen.before, screen.keys, ('bodkin://%s/before/%s'):format(run.id, path), path, before)
  fill(screen.after, screen.keys, ('bodkin://%s/after/%s'):format(run.id, path), path, after)
  for _, side in ipairs({ screen.before, screen.after }) do
    vim.api.nvim_win_call(side.win, function()
      vim.cmd.diffthis()
    end)
    set(side.win, { foldcolumn = '0', signcolumn = 'yes:1', wrap = false, cursorline = false })
  end
  vim.cmd.diffupdate()
end

---@param screen bodkin.Screen
---@param lines bodkin.Row[]
local function draw_header(screen, lines)
  local text = vim.tbl_map(function(line)
    return line.text
  end, lines)
  write(screen.header.buf, text)
  vim.api.nvim_buf_clear_namespace(screen.header.buf, namespace, 0, -1)
  for at, line in ipairs(lines) do
    for _, mark in ipairs(line.marks) do
      local options = { end_col = mark[2], hl_group = mark[3] }
      vim.api.nvim_buf_set_extmark(screen.header.buf, namespace, at - 1, mark[1], options)
    end
  end
  local rows = vim.api.nvim_win_text_height(screen.header.win, {}).all
  vim.api.nvim_win_set_height(screen.header.win, math.min(rows, math.floor(vim.o.lines / 3)))
end

---@param session bodkin.Session
local function draw_bars(session)
  local screen, offer = session.screen, session.run.offer
  local decided, all = hunks.progress(session.run.review)
  local path = plain(offer.files[session.file].path)
  local place = #offer.files > 1 and (' (file %d of %d)'):format(session.file, #offer.files) or ''
  set(screen.before.win, { winbar = (' before · %s%s'):format(path, place) })
  set(screen.after.win, { winbar = (' after · %d of %d hunks decided'):format(decided, all) })
end

---@param session bodkin.Session
local function draw_hunks(session)
  local buf = session.screen.after.buf
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  local last = vim.api.nvim_buf_line_count(buf)
  for at, place in ipairs(session.places) do
    local sign, group = unpack(STATES[place.state])
    local row = math.min(place.after.first, last) - 1
    local which = #session.places > 1 and ('%d/%d '):format(at, #session.places) or ''
    local note = '  ' .. which .. place.state
    vim.api.nvim_buf_set_extmark(buf, namespace, row, 0, {
      sign_text = sign,
      sign_hl_group = group,
      virt_text = { { note, group } },
      virt_text_pos = 'eol',
    })
  end
end

--- Draws the state of a review anew.
---@param session bodkin.Session
function M.draw(session)
  if M.is_shown(session.screen) then
    draw_header(session.screen, header.lines(session.run))
    draw_bars(session)
    draw_hunks(session)
  end
end

--- Puts the cursor on a hunk.
---@param screen bodkin.Screen
---@param place bodkin.Place
function M.go_to(screen, place)
  for _, side in ipairs({ 'before', 'after' }) do
    local last = vim.api.nvim_buf_line_count(screen[side].buf)
    local line = math.max(1, math.min(place[side].first, last))
    pcall(vim.api.nvim_win_set_cursor, screen[side].win, { line, 0 })
  end
  vim.api.nvim_set_current_win(screen.after.win)
  vim.cmd('normal! zv')
end

--- Where the cursor is.
---@param screen bodkin.Screen
---@return 'before'|'after' side
---@return integer line Counted from one.
function M.cursor(screen)
  local side = vim.api.nvim_get_current_win() == screen.before.win and 'before' or 'after'
  return side, vim.api.nvim_win_get_cursor(screen[side].win)[1]
end

--- Whether the windows are there.
---@param screen bodkin.Screen
---@return boolean
function M.is_shown(screen)
  for _, side in ipairs({ 'header', 'before', 'after' }) do
    if not vim.api.nvim_win_is_valid(screen[side].win) then
      return false
    end
  end
  return true
end

--- Goes there.
---@param screen bodkin.Screen
function M.focus(screen)
  vim.api.nvim_set_current_win(screen.after.win)
end

--- Closes the tab.
---@param screen bodkin.Screen
function M.close(screen)
  pcall(vim.api.nvim_del_autocmd, screen.ends)
  if vim.api.nvim_tabpage_is_valid(screen.tab) then
    vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(screen.tab))
  end
end

return M
