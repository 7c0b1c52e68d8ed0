--- A run is cancelled while its tests run; the buffer and the disk stay as they were.

local kit = require('kit')

kit.run(function()
  local path = vim.fn.getcwd() .. '/till.py'
  local buf = kit.open(path)
  local wrong = kit.text(buf)
  kit.type(':2Bodkin fix<CR>')
  kit.wait('the tests to run', function()
    return kit.plan_text():find('● Run the tests', 1, true)
  end)
  kit.contains(vim.lsp.status(), 'Bodkin', 'vim.lsp.status()')
  kit.contains(require('bodkin').status(), 'Run the tests', 'the status line')

  kit.type(':Bodkin cancel<CR>')
  kit.hear('was cancelled')
  kit.contains(kit.plan_text(), 'Cancelled', 'the plan')
  kit.equal(kit.text(buf), wrong, 'the buffer')
  kit.equal(vim.bo[buf].modified, false, 'whether the buffer is modified')
  kit.equal(kit.file(path), wrong, 'the disk')
  kit.wait('the plan to close itself', function()
    return not require('bodkin.plan').shown()
  end)
  kit.type(':Bodkin cancel<CR>')
  kit.hear('nothing is going on')
end)
