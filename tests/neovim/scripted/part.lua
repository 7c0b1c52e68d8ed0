--- Three hunks in two files: the review goes from one to the next and from file to file, asks when the accepted part
--- is not proved, lets decisions be changed, and closes when all is applied.

local kit = require('kit')

---@param line string
local function on(line)
  kit.wait('the cursor to be on ' .. line, function()
    return vim.api.nvim_get_current_line() == line
  end)
end

kit.run(function()
  local buf = kit.open(vim.fn.getcwd() .. '/a.py')
  kit.type(':1Bodkin fix<CR>')
  kit.review_opens()
  kit.contains(kit.screen(), 'before · a.py (file 1 of 2)', 'the left side')
  kit.contains(kit.screen(), ']f [f files', 'the keys')

  on('one = 1')
  kit.type('ga')
  on('two = 2')
  kit.contains(kit.screen(), 'after · 1 of 3 hunks decided', 'the right side')
  kit.type('gr')
  on('three = 3')
  kit.contains(kit.screen(), 'before · b.py (file 2 of 2)', 'the left side')
  kit.answers = { 'Go back to the review' }
  kit.type('gA')
  kit.wait('the question about the part', function()
    return #kit.offered > 0
  end)
  kit.equal(kit.offered[1], { 'Go back to the review', 'Apply the part anyway', 'Reject everything' }, 'the answers')
  kit.contains(kit.screen(), 'the accepted part alone is not proved: A test fails with this part.', 'the header')

  kit.type('[f')
  on('one = 1')
  kit.type('4G')
  on('two = 2')
  kit.type('ga')
  kit.hear('applied c1 to a.py, b.py')
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
  kit.equal(vim.api.nvim_get_current_buf(), buf, 'the buffer that the user is back in')
end)
