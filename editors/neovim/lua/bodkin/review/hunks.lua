--- Where the hunks of an offered file stand, on both sides. Counts lines and draws nothing.

local M = {}

---@class bodkin.Place
---@field id string
---@field state 'undecided'|'accepted'|'rejected'
---@field before { first: integer, count: integer } Lines on the left, counted from one.
---@field after { first: integer, count: integer } Lines on the right, counted from one.

---@param text string
---@return integer
local function count(text)
  local _, ends = text:gsub('\n', '')
  return ends + ((text ~= '' and text:sub(-1) ~= '\n') and 1 or 0)
end

---@param review bodkin.Review
---@param path string
---@return table<string, string> # The state of each hunk of a file.
local function states(review, path)
  local found = {}
  for _, file in ipairs(review.files) do
    if file.path == path then
      for _, hunk in ipairs(file.hunks) do
        found[hunk.id] = hunk.state
      end
    end
  end
  return found
end

--- The hunks of a file in order.
---@param file bodkin.OfferedFile
---@param review bodkin.Review
---@return bodkin.Place[]
function M.places(file, review)
  local state = states(review, file.path)
  local places, shift = {}, 0
  for _, hunk in ipairs(file.hunks) do
    local before, after = count(hunk.before), count(hunk.after)
    table.insert(places, {
      id = hunk.id,
      state = state[hunk.id] or 'undecided',
      before = { first = hunk.line, count = before },
      after = { first = hunk.line + shift, count = after },
    })
    shift = shift + after - before
  end
  return places
end

--- The hunk that a line lies in, else the nearest.
---@param places bodkin.Place[]
---@param side 'before'|'after'
---@param line integer Counted from one.
---@return bodkin.Place?
function M.at(places, side, line)
  local best, distance
  for _, place in ipairs(places) do
    local first = place[side].first
    local last = first + math.max(place[side].count, 1) - 1
    local away = line < first and first - line or line > last and line - last or 0
    if not distance or away < distance then
      best, distance = place, away
    end
  end
  return best
end

--- Every hunk of a review, whatever was decided of it.
---@param review bodkin.Review
---@return string[]
function M.all(review)
  local ids = {}
  for _, file in ipairs(review.files) do
    for _, hunk in ipairs(file.hunks) do
      table.insert(ids, hunk.id)
    end
  end
  return ids
end

--- How many hunks a review has, and how many are decided.
---@param review bodkin.Review
---@return integer decided
---@return integer all
function M.progress(review)
  local decided, all = 0, 0
  for _, file in ipairs(review.files) do
    for _, hunk in ipairs(file.hunks) do
      all = all + 1
      decided = decided + (hunk.state == 'undecided' and 0 or 1)
    end
  end
  return decided, all
end

--- The first file with a hunk that is not decided, from a file on, round and round.
---@param review bodkin.Review
---@param from integer
---@return integer?
function M.next_file(review, from)
  for step = 0, #review.files - 1 do
    local at = (from - 1 + step) % #review.files + 1
    for _, hunk in ipairs(review.files[at].hunks) do
      if hunk.state == 'undecided' then
        return at
      end
    end
  end
end

return M
