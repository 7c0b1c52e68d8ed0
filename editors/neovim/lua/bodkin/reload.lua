--- Buffers follow their files when something else has written them, and unsaved work is never lost.
---
--- A buffer without unsaved work is read again; one with unsaved work stays as it is, and the user is told once.

local M = {}

---@type table<integer, string> What was told about a buffer: the time of its file.
local told = {}

---@param buf integer
---@return string? The time at which its file was written; nil where it has none.
local function written(buf)
  local stat = vim.uv.fs_stat(vim.api.nvim_buf_get_name(buf))
  return stat and ('%d.%d/%d'):format(stat.mtime.sec, stat.mtime.nsec, stat.size)
end

--- The text of a buffer as it would be written, to compare with the file.
---@param buf integer
---@return boolean
local function differs(buf)
  local ok, on_disk = pcall(vim.fn.readfile, vim.api.nvim_buf_get_name(buf), 'b')
  if not ok then
    return false
  end
  local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)
  if vim.bo[buf].fileformat == 'dos' then
    for at, line in ipairs(lines) do
      lines[at] = line .. '\r'
    end
  end
  if vim.bo[buf].endofline then
    table.insert(lines, '')
  end
  return not vim.deep_equal(lines, on_disk)
end

---@type table<integer, string> The time of the file when the buffer was last known to be in step with it.
local known = {}

---@param buf integer
local function check(buf)
  local now = written(buf)
  if not now or now == known[buf] then
    return
  end
  if not vim.bo[buf].modified then
    known[buf] = now
    vim.api.nvim_buf_call(buf, function()
      vim.cmd('setlocal autoread | silent! checktime ' .. buf .. ' | setlocal autoread<')
    end)
  elseif known[buf] and told[buf] ~= now and differs(buf) then
    told[buf] = now
    local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':~:.')
    local text = '%s was changed on the disk and has unsaved work here: nothing was read again. '
      .. '`:w !diff %% -` compares.'
    require('bodkin.server').say(text:format(name), vim.log.levels.WARN)
  end
end

---@param buf integer
---@return boolean
local function is_file(buf)
  return vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == '' and vim.api.nvim_buf_get_name(buf) ~= ''
end

--- Looks at every file on the screen and behind it.
function M.check()
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if is_file(buf) and next(vim.lsp.get_clients({ bufnr = buf, name = 'bodkin' })) then
      check(buf)
    end
  end
end

--- Looks whenever the user comes back from somewhere else.
function M.watch()
  local group = vim.api.nvim_create_augroup('bodkin.reload', { clear = true })
  vim.api.nvim_create_autocmd({ 'FocusGained', 'TermLeave', 'TermClose', 'VimResume' }, {
    group = group,
    callback = vim.schedule_wrap(M.check),
  })
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufWritePost' }, {
    group = group,
    callback = function(event)
      known[event.buf], told[event.buf] = written(event.buf), nil
    end,
  })
  vim.api.nvim_create_autocmd('BufUnload', {
    group = group,
    callback = function(event)
      known[event.buf], told[event.buf] = nil, nil
    end,
  })
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if is_file(buf) and not vim.bo[buf].modified then
      known[buf] = known[buf] or written(buf)
    end
  end
end

return M
