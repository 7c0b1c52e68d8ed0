--- A change that is not proved says so, and is accepted only by a second word.

local kit = require('kit')

kit.run(function()
  kit.open(vim.fn.getcwd() .. '/a.py')
  kit.type(':1Bodkin fix<CR>')
  kit.review_opens()
  kit.contains(kit.screen(), '! not proved: No test failed before.', 'the header')

  kit.answers = { 'Go back' }
  kit.type('gA')
  kit.wait('the question', function()
    return #kit.offered == 1
  end)
  kit.equal(kit.offered[1], { 'Go back', 'Accept anyway' }, 'the answers')
  kit.contains(kit.screen(), '0 of 3 hunks decided', 'the right side after going back')

  kit.answers = { 'Accept anyway' }
  kit.type('gA')
  kit.hear('applied c1 to a.py, b.py')
end)
