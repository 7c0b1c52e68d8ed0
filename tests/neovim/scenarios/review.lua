--- A visual selection, `gra`, a plan that advances, a review in a diff tab, `ga`, `:write`; then `:Bodkin undo`.

local kit = require('kit')

kit.run(function()
  local path = vim.fn.getcwd() .. '/till.py'
  local buf = kit.open(path)
  local wrong = kit.text(buf)
  local right = wrong:gsub('a %- b', 'a + b')

  kit.answers = { 'Fix this line' }
  kit.type('2GVgra')
  kit.plan_advances()
  kit.review_opens()
  kit.equal(kit.text(buf), wrong, 'the buffer while its review is open')
  local screen = kit.screen()
  kit.contains(screen, 'use `+` instead of `-`', 'the header of the review')
  kit.contains(screen, '✓ proved by', 'the header of the review')
  kit.contains(screen, 'before · till.py\n' .. wrong, 'the left side')
  kit.contains(screen, 'after · 0 of 1 hunks decided\n' .. right, 'the right side')
  kit.equal(vim.api.nvim_win_get_cursor(0)[1], 2, 'the line of the cursor, which is on the hunk')
  kit.equal(vim.fn.maparg('ga', 'n', false, true).buffer, 1, 'whether ga belongs to the review alone')

  kit.type('ga')
  kit.wait('the edit', function()
    return kit.text(buf) == right
  end)
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
  kit.equal(vim.api.nvim_get_current_buf(), buf, 'the buffer that the user is back in')
  kit.equal(vim.fn.maparg('ga', 'n'), '', 'what ga means outside of the review')
  kit.equal(kit.file(path), wrong, 'the disk before :write')
  kit.type(':write<CR>')
  kit.equal(kit.file(path), right, 'the disk after :write')

  kit.hear(':Bodkin undo')
  kit.type(':Bodkin undo<CR>')
  kit.wait('the change to be taken back', function()
    return kit.text(buf) == wrong
  end)
  kit.type(':write<CR>')
  kit.equal(kit.file(path), wrong, 'the disk after undo and :write')
end)
