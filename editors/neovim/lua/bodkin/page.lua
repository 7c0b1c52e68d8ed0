--- A page to read: a window with text that `q` closes.

local M = {}

--- Shows lines in a window below. A page of the same name is written anew.
---@param name string As in `bodkin://status`.
---@param text string[]
---@return integer buf
function M.show(name, text)
  local buf = vim.fn.bufnr('^' .. name .. '$')
  if buf == -1 then
    buf = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buf, name)
    vim.bo[buf].bufhidden = 'wipe'
    vim.bo[buf].filetype = 'bodkin-page'
    vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'Bodkin: close the page' })
  end
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, text)
  vim.bo[buf].modifiable = false
  local win = vim.fn.bufwinid(buf)
  if win == -1 then
    vim.cmd('botright ' .. math.min(#text + 1, math.floor(vim.o.lines / 2)) .. 'split')
    vim.api.nvim_win_set_buf(0, buf)
    vim.wo.number, vim.wo.relativenumber, vim.wo.signcolumn = false, false, 'no'
    vim.wo.wrap, vim.wo.linebreak = true, true
  else
    vim.api.nvim_set_current_win(win)
  end
  return buf
end

return M
