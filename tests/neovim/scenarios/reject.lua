--- A change is left undecided by `q`, found again by `:Bodkin review`, and rejected by `gr`: nothing is changed.

local kit = require('kit')

kit.run(function()
  local path = vim.fn.getcwd() .. '/till.py'
  local buf = kit.open(path)
  local wrong = kit.text(buf)
  kit.type(':2Bodkin fix<CR>')
  kit.review_opens()
  kit.type('q')
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
  kit.hear('is still open')

  kit.type(':Bodkin review<CR>')
  kit.review_opens()
  kit.type('gr')
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
  kit.wait('the run to end', function()
    return not require('bodkin.runs').find(nil, require('bodkin.runs').is_going)
  end)
  kit.equal(kit.text(buf), wrong, 'the buffer')
  kit.equal(kit.file(path), wrong, 'the disk')
  kit.type(':Bodkin review<CR>')
  kit.hear('no change waits for a review')
end)
