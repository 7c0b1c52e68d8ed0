--- `:help bodkin` and the other names lead into the help, whose tags are made as a plug-in manager makes them.

local kit = require('kit')

kit.run(function()
  local made = vim.fn.tempname()
  vim.fn.mkdir(made .. '/doc', 'p')
  vim.uv.fs_copyfile(vim.env.BODKIN_PLUGIN .. '/doc/bodkin.txt', made .. '/doc/bodkin.txt')
  vim.cmd.helptags(made .. '/doc')
  vim.opt.runtimepath:prepend(made)
  local names = { 'bodkin', 'bodkin-settings', 'g:bodkin', 'bodkin-review-ga', 'bodkin.status()' }
  for _, word in ipairs(require('bodkin.commands').NAMES) do
    table.insert(names, ':Bodkin-' .. word)
  end
  for _, name in ipairs(names) do
    vim.cmd.help(name)
    kit.equal(vim.fs.basename(vim.api.nvim_buf_get_name(0)), 'bodkin.txt', 'where :help ' .. name .. ' leads')
    kit.contains(vim.api.nvim_get_current_line(), '*' .. name .. '*', 'the line of ' .. name)
  end
end)
