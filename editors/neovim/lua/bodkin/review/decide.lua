--- Decisions about hunks on their way to the server, and the questions before them.

local hunks = require('bodkin.review.hunks')
local protocol = require('bodkin.protocol')
local server = require('bodkin.server')

local M = {}

---@class bodkin.Decision
---@field choice 'accept'|'reject'
---@field path? string
---@field hunks? string[]
---@field anyway? boolean

---@param run bodkin.Run
---@param decision bodkin.Decision
---@param on_done fun()
local function forward(run, decision, on_done)
  local client = vim.lsp.get_client_by_id(run.client_id)
  if not client then
    return server.say('the server of this review is gone.', vim.log.levels.WARN)
  end
  local arguments = {
    runId = run.id,
    choice = decision.choice,
    path = decision.path or vim.NIL,
    hunks = decision.hunks or vim.NIL,
    finish = false,
    anyway = decision.anyway or false,
  }
  server.request(client, protocol.requests.decide, arguments, function(review)
    run.review = review
    on_done()
  end)
end

--- Sends a decision. A change that is not proved is accepted only by a second word.
---@param run bodkin.Run
---@param decision bodkin.Decision
---@param on_done fun()
function M.send(run, decision, on_done)
  if decision.choice == 'reject' or #run.offer.proof.missing == 0 then
    return forward(run, decision, on_done)
  end
  vim.ui.select({ 'Go back', 'Accept anyway' }, {
    prompt = 'Bodkin: this change is not proved: ' .. table.concat(run.offer.proof.missing, '; '),
    kind = 'bodkin_unproved',
  }, function(answer)
    if answer == 'Accept anyway' then
      forward(run, vim.tbl_extend('force', decision, { anyway = true }), on_done)
    end
  end)
end

--- Asks what to do when the accepted part alone could not be proved; once for each time that it happens.
---@param run bodkin.Run
function M.ask_about_part(run)
  local is_unproved = run.review.state == 'unproved'
  if not is_unproved or run.is_asked then
    run.is_asked = is_unproved
    return
  end
  run.is_asked = true
  vim.ui.select({ 'Go back to the review', 'Apply the part anyway', 'Reject everything' }, {
    prompt = 'Bodkin: the accepted part alone is not proved: ' .. table.concat(run.review.missing, '; '),
    kind = 'bodkin_unproved',
  }, function(answer)
    if answer == 'Apply the part anyway' then
      forward(run, { choice = 'accept', anyway = true }, function() end)
    elseif answer == 'Reject everything' then
      forward(run, { choice = 'reject', hunks = hunks.all(run.review) }, function() end)
    end
  end)
end

return M
