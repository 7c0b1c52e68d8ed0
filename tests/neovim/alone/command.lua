--- `:Bodkin` completes its words, and says what it does not know.

local kit = require('kit')

kit.run(function()
  local all = vim.fn.getcompletion('Bodkin ', 'cmdline')
  local wanted = 'fix test explain review runs patches undo cancel status log ledger'
  for word in wanted:gmatch('%a+') do
    if not vim.tbl_contains(all, word) then
      kit.fail(word .. ' is not offered: ' .. vim.inspect(all))
    end
  end
  kit.equal(vim.fn.getcompletion('Bodkin re', 'cmdline'), { 'review', 'restart' }, 'words that begin with re')
  kit.equal(vim.fn.getcompletion('Bodkin test ', 'cmdline'), { 'file', 'all' }, 'what follows test')
  kit.equal(vim.fn.getcompletion("'<,'>Bodkin fi", 'cmdline'), { 'fix', 'fixtest' }, 'words after a range')
  for _, word in ipairs(all) do
    local command = require('bodkin.commands.' .. word)
    kit.equal(type(command.about) == 'string' and type(command.run), 'function', 'the command ' .. word)
  end
  vim.cmd('Bodkin nonsense')
  kit.hear('`nonsense` is no command of Bodkin')
  vim.cmd('Bodkin explain')
  kit.hear('needs a model')
  vim.cmd('Bodkin fix')
  kit.hear('no server is running')
end)
