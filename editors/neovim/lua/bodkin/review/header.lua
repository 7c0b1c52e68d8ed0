--- What stands above the two sides of a review: what the change does, and how well it is proved.

local M = {}

---@param check bodkin.Check
---@return string
local function went(check)
  local failed, passed = #check.failedTests, check.passedTests
  if failed > 0 then
    return passed and ('%d of %d tests failed'):format(failed, failed + passed) or ('%d tests failed'):format(failed)
  elseif passed and check.succeeded then
    return ('%d tests passed'):format(passed)
  end
  return check.exit
end

---@param offer bodkin.Offer
---@param state string
---@return string text
---@return string group
local function verdict(offer, state)
  if state == 'proving' then
    return '● proving the part that was accepted …', 'BodkinActive'
  elseif state == 'applying' then
    return '● applying …', 'BodkinActive'
  elseif state == 'withheld' then
    return '! it could not be put in place, because the text has changed: decide again', 'BodkinWarning'
  elseif #offer.proof.missing > 0 then
    return '! not proved: ' .. table.concat(offer.proof.missing, '; '), 'BodkinWarning'
  end
  return ('✓ proved by `%s`'):format(offer.proof.command), 'BodkinDone'
end

---@param text string
---@param group string
---@return bodkin.Row
local function row(text, group)
  text = ' ' .. text:gsub('%s+', ' ')
  return { text = text, marks = { { 0, #text, group } } }
end

--- The keys of the review.
---@param has_files boolean Whether there is more than one file.
---@return bodkin.Row
local function keys(has_files)
  local text, marks = '', {}
  local list = {
    { 'ga', 'accept' },
    { 'gr', 'reject' },
    { 'gA', 'accept all' },
    { 'gR', 'reject all' },
    { 'q', 'leave' },
  }
  if has_files then
    table.insert(list, 5, { ']f [f', 'files' })
  end
  for _, it in ipairs(list) do
    text = text .. (text == '' and ' ' or '   ')
    table.insert(marks, { #text, #text + #it[1], 'BodkinKey' })
    text = text .. it[1] .. ' ' .. it[2]
  end
  return { text = text, marks = marks }
end

--- What is known about the change, in a line.
---@param offer bodkin.Offer
---@return string
local function facts(offer)
  local proof = offer.proof
  local found = {
    ('before: %s'):format(went(proof.before)),
    ('after: %s'):format(went(proof.after)),
    ('%s sandbox, %s isolation'):format(proof.isolation.backend, proof.isolation.level),
  }
  if offer.alternatives > 0 then
    table.insert(found, offer.alternatives == 1 and '1 other passes too' or offer.alternatives .. ' others pass too')
  end
  return table.concat(found, ' · ')
end

--- The lines above a review.
---@param run bodkin.Run
---@return bodkin.Row[]
function M.lines(run)
  local offer, review = run.offer, run.review
  local text, group = verdict(offer, review.state)
  local lines = { row(offer.summary, 'BodkinTitle'), row(text, group), row(facts(offer), 'BodkinDetail') }
  for _, sentence in ipairs(review.state == 'unproved' and review.missing or {}) do
    table.insert(lines, row('! the accepted part alone is not proved: ' .. sentence, 'BodkinWarning'))
  end
  for _, caution in ipairs(offer.cautions) do
    table.insert(lines, row('! ' .. caution, 'BodkinWarning'))
  end
  table.insert(lines, keys(#offer.files > 1))
  return lines
end

return M
