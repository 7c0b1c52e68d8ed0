--- `:Bodkin` and the `<Plug>` maps. Loads nothing until one of them is used.

if vim.g.loaded_bodkin then
  return
end
vim.g.loaded_bodkin = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify_once('Bodkin needs Neovim 0.11 or newer.', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Bodkin', function(ex)
  require('bodkin.commands').run(ex)
end, {
  nargs = '*',
  range = true,
  desc = 'Bodkin: fix, test, review, undo …',
  complete = function(lead, line)
    return require('bodkin.commands').complete(lead, line)
  end,
})

for _, name in ipairs({ 'fix', 'fixtest', 'test', 'review', 'plan', 'runs', 'patches', 'undo', 'cancel', 'status' }) do
  local plug = ('<Plug>(bodkin-%s)'):format(name)
  vim.keymap.set('n', plug, ('<Cmd>Bodkin %s<CR>'):format(name), { desc = 'Bodkin: ' .. name })
  if name == 'fix' or name == 'test' then
    -- `:` in visual mode puts the range in front.
    vim.keymap.set('x', plug, (':Bodkin %s<CR>'):format(name), { silent = true, desc = 'Bodkin: ' .. name })
  end
end
