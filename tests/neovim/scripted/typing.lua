--- A change that comes while the user types does not take the screen away: it is announced, and waits.

local kit = require('kit')

kit.run(function()
  kit.open(vim.fn.getcwd() .. '/a.py')
  local client = vim.lsp.get_clients({ name = 'bodkin' })[1]
  vim.cmd.startinsert()
  kit.wait('insert mode', function()
    return vim.api.nvim_get_mode().mode == 'i'
  end)
  client:exec_cmd({ title = 'fix', command = 'bodkin.fix' })
  kit.hear('a change is ready')
  kit.equal(vim.api.nvim_get_mode().mode, 'i', 'the mode')
  kit.equal(#vim.api.nvim_list_tabpages(), 1, 'how many tabs there are')
  kit.contains(require('bodkin').status(), 'review r1', 'the status line')

  kit.type('<Esc>:Bodkin review<CR>')
  kit.review_opens()
  vim.cmd.tabclose()
  kit.type(':Bodkin review r1<CR>')
  kit.review_opens()
  kit.type('gR')
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
end)
