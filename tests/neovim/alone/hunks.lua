--- Where hunks stand on both sides, and which of them a cursor means.

local kit = require('kit')

---@param id string
---@param line integer
---@param before string
---@param after string
local function hunk(id, line, before, after)
  return { id = id, line = line, before = before, after = after }
end

kit.run(function()
  local hunks = require('bodkin.review.hunks')
  local file = {
    path = 'a.py',
    hunks = {
      hunk('added', 3, '', 'x\ny\n'), -- two lines before line 3
      hunk('removed', 5, 'a\n', ''),
      hunk('changed', 9, 'last', 'last of all'), -- the last line, which has no end
    },
  }
  local states = { { id = 'added', state = 'accepted' }, { id = 'removed', state = 'undecided' } }
  local review = { files = { { path = 'a.py', hunks = states } } }
  local places = hunks.places(file, review)
  local seen = vim.tbl_map(function(it)
    return { it.id, it.state, it.before.first, it.before.count, it.after.first, it.after.count }
  end, places)
  kit.equal(seen, {
    { 'added', 'accepted', 3, 0, 3, 2 },
    { 'removed', 'undecided', 5, 1, 7, 0 },
    { 'changed', 'undecided', 9, 1, 10, 1 },
  }, 'the places')

  local function at(side, line)
    return hunks.at(places, side, line).id
  end
  kit.equal({ at('before', 1), at('before', 5), at('before', 99) }, { 'added', 'removed', 'changed' }, 'on the left')
  kit.equal({ at('after', 4), at('after', 7), at('after', 10) }, { 'added', 'removed', 'changed' }, 'on the right')
  kit.equal(hunks.at({}, 'after', 1), nil, 'in a file without hunks')
  kit.equal({ hunks.progress(review) }, { 1, 2 }, 'how many are decided')
end)
