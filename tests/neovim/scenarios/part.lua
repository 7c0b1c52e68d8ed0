--- A change of two hunks: a part that does not pass by itself is asked about and rejected; a part that does is proved
--- again, put in place, written and taken back.

local kit = require('kit')

--- Fixes the line, and goes into the review with the cursor on its first hunk.
---@param line integer
local function propose(line)
  kit.type((':%dBodkin fix<CR>'):format(line))
  kit.review_opens()
  kit.contains(kit.screen(), 'after · 0 of 2 hunks decided', 'the right side')
  kit.equal(vim.api.nvim_get_current_line(), '    total = sum(xs)', 'the line of the first hunk')
end

local function closes()
  kit.wait('the review to close', function()
    return vim.t.bodkin_run == nil
  end)
end

---@param words string
local function decided(words)
  kit.wait(words, function()
    return kit.screen():find(words, 1, true)
  end)
end

kit.run(function()
  local path = vim.fn.getcwd() .. '/mean.py'
  local buf = kit.open(path)
  local wrong = kit.text(buf)
  local _, _, head, between = wrong:find('^(def[^\n]*\n)(.*)    total = sum%(xs%)\n')
  local part = head .. '    total = sum(xs)\n' .. wrong:sub(#head + 1)
  kit.equal(between ~= nil, true, 'whether the fault is there')

  propose(6)
  kit.type('gr')
  decided('after · 1 of 2 hunks decided')
  kit.answers = { 'Reject everything' }
  kit.type('ga')
  kit.wait('the question about the part', function()
    return #kit.offered > 0
  end)
  kit.equal(kit.offered[1], { 'Go back to the review', 'Apply the part anyway', 'Reject everything' }, 'the answers')
  closes()
  kit.wait('the run to end', function()
    return not require('bodkin.runs').find(nil, require('bodkin.runs').is_going)
  end)
  kit.equal(kit.text(buf), wrong, 'the buffer after all was rejected')

  propose(6)
  kit.type('ga')
  decided('after · 1 of 2 hunks decided')
  kit.type('gr')
  kit.wait('the part to be put in place', function()
    return kit.text(buf) == part
  end)
  closes()
  kit.equal(#kit.offered, 1, 'how often it was asked')
  kit.equal(kit.file(path), wrong, 'the disk before :write')
  kit.type(':write<CR>')
  kit.equal(kit.file(path), part, 'the disk after :write')

  kit.hear(':Bodkin undo')
  kit.type(':Bodkin undo<CR>')
  kit.wait('the change to be taken back', function()
    return kit.text(buf) == wrong
  end)
  kit.type(':write<CR>')
  kit.equal(kit.file(path), wrong, 'the disk after undo and :write')
end)
