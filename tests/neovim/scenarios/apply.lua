--- A visual selection, `gra`, a plan that advances, an edit, `:write`; then `:Bodkin undo`, and `:write` again.

local kit = require('kit')

kit.run(function()
  local path = vim.fn.getcwd() .. '/till.py'
  local buf = kit.open(path)
  local wrong = kit.text(buf)
  local right = wrong:gsub('a %- b', 'a + b')

  kit.answers = { 'Fix this line' }
  kit.type('2GVgra')
  kit.plan_advances()
  kit.wait('the edit', function()
    return kit.text(buf) == right
  end)
  kit.equal(kit.file(path), wrong, 'the disk before :write')
  kit.type('<Esc>:write<CR>')
  kit.equal(kit.file(path), right, 'the disk after :write')

  kit.wait('the run to end', function()
    return not require('bodkin.runs').find(nil, require('bodkin.runs').is_going)
  end)
  kit.type(':Bodkin undo<CR>')
  kit.wait('the edit to be taken back', function()
    return kit.text(buf) == wrong
  end)
  kit.type(':write<CR>')
  kit.equal(kit.file(path), wrong, 'the disk after undo and :write')
end)
