--- Where the user wants it so, the plan stands in a quickfix list, and a review opens only when it is asked for.

local kit = require('kit')

kit.run(function()
  local options = vim.g.bodkin
  options.ui = { plan = 'quickfix', review = 'manual' }
  vim.g.bodkin = options

  kit.open(vim.fn.getcwd() .. '/a.py')
  kit.type(':1Bodkin fix<CR>')
  kit.hear('fix a.py:1: a change is ready')
  local list = vim.fn.getqflist({ title = 0, items = 0 })
  kit.equal(list.title, 'Bodkin: fix a.py:1 (r1)', 'the title of the list')
  kit.equal(#list.items, 1, 'how many steps there are')
  kit.equal(list.items[1].text, '● Offer the change', 'the step')
  kit.equal(require('bodkin.plan').shown(), nil, 'the float')
  kit.equal(#vim.api.nvim_list_tabpages(), 1, 'how many tabs there are')
end)
