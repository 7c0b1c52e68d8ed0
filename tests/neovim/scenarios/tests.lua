--- `:Bodkin test` runs the tests of a file in the sandbox; the failed one stands in the quickfix list at its line.
--- `:Bodkin fixtest` mends the code behind it, not the test.

local kit = require('kit')

kit.run(function()
  local folder = vim.fn.getcwd()
  local buf = kit.open(folder .. '/test_till.py')
  local tests = kit.text(buf)
  kit.type(':Bodkin test file<CR>')
  kit.hear('1 passed, 2 failed')
  local list = kit.wait('the quickfix list', function()
    local list = vim.fn.getqflist({ title = 0, items = 0, winid = 0 })
    return list.title == 'Bodkin: failed tests' and list.winid ~= 0 and list
  end)
  kit.equal(#list.items, 2, 'how many tests failed')
  local lines = vim.tbl_map(function(item)
    return item.lnum
  end, list.items)
  table.sort(lines)
  kit.equal(lines, { 7, 10 }, 'the lines of the failed assertions')
  kit.equal(vim.api.nvim_get_current_buf(), buf, 'the buffer that the user is still in')
  kit.contains(list.items[1].text, 'test_of', 'the text of a failure')

  kit.type(':7Bodkin fixtest<CR>')
  kit.review_opens()
  kit.contains(kit.screen(), 'after · 0 of 1 hunks decided\ndef total(a, b):\n    return a + b', 'the right side')
  kit.type('ga')
  kit.hear('applied c1 to till.py')
  kit.equal(kit.text(vim.fn.bufnr('till.py')), 'def total(a, b):\n    return a + b\n', 'the code')
  kit.equal(kit.text(buf), tests, 'the tests')

  kit.type(':wall<CR>')
  kit.type(':Bodkin test file<CR>')
  kit.hear('tests: 3 passed')
  kit.wait('the quickfix list to close', function()
    return vim.fn.getqflist({ winid = 0 }).winid == 0
  end)
end)
