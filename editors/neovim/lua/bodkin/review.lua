--- Reviews of changes, each in a tab: before on the left, after on the right, a decision for every hunk.
---
--- Shows and forwards; what a decision leads to is the server's.

local protocol = require('bodkin.protocol')
local decide = require('bodkin.review.decide')
local hunks = require('bodkin.review.hunks')
local screen = require('bodkin.review.screen')
local runs = require('bodkin.runs')
local server = require('bodkin.server')

local M = {}

---@class bodkin.Session
---@field run bodkin.Run
---@field origin integer The window that the user came from.
---@field screen? bodkin.Screen Nil until the texts are there.
---@field file integer Which file is shown.
---@field places bodkin.Place[] Its hunks.

---@type table<string, bodkin.Session> By client and run.
local sessions = {}

---@param run bodkin.Run
local function key(run)
  return run.client_id .. '/' .. run.id
end

---@type fun(session: bodkin.Session): bodkin.Screen
local open_screen

---@param session bodkin.Session
---@return boolean
local function is_shown(session)
  return session.screen ~= nil and screen.is_shown(session.screen)
end

---@param session bodkin.Session
local function draw(session)
  session.places = hunks.places(session.run.offer.files[session.file], session.run.review)
  screen.draw(session)
end

---@param session bodkin.Session
local function close(session)
  sessions[key(session.run)] = nil
  if not session.screen then
    return -- its texts have not come yet
  end
  screen.close(session.screen)
  if vim.api.nvim_win_is_valid(session.origin) then
    vim.api.nvim_set_current_win(session.origin)
  end
end

---@param session bodkin.Session
---@param place? bodkin.Place
local function go_to(session, place)
  if place then
    screen.go_to(session.screen, place)
  end
end

---@param place bodkin.Place
local function is_undecided(place)
  return place.state == 'undecided'
end

--- Fetches both texts of a file of the offer.
---@param session bodkin.Session
---@param path string
---@param on_done fun(before: string, after: string)
local function fetch(session, path, on_done)
  local client = vim.lsp.get_client_by_id(session.run.client_id)
  local texts = {}
  for _, side in ipairs(client and { 'before', 'after' } or {}) do
    local arguments = { runId = session.run.id, path = path, side = side }
    server.request(client, protocol.requests.content, arguments, function(content)
      texts[side] = content.text
      if texts.before and texts.after and sessions[key(session.run)] == session then
        on_done(texts.before, texts.after)
      end
    end, function()
      if not session.screen then
        sessions[key(session.run)] = nil
      end
    end)
  end
end

--- Shows a file of the offer; the tab opens with the first.
---@param session bodkin.Session
---@param index integer
local function show_file(session, index)
  local path = session.run.offer.files[index].path
  fetch(session, path, function(before, after)
    session.file = index
    session.screen = session.screen or open_screen(session)
    screen.fill(session.screen, session.run, path, before, after)
    draw(session)
    go_to(session, vim.iter(session.places):find(is_undecided) or session.places[1])
  end)
end

--- Goes on to the next hunk that is not decided.
---@param session bodkin.Session
local function go_on(session)
  local here = vim.iter(session.places):find(is_undecided)
  if here then
    return go_to(session, here)
  end
  local next_file = hunks.next_file(session.run.review, session.file)
  if next_file then
    show_file(session, next_file)
  end
end

---@param session bodkin.Session
---@param choice 'accept'|'reject'
---@param scope 'hunk'|'all'
local function choose(session, choice, scope)
  local path = session.run.offer.files[session.file].path
  local side, line = screen.cursor(session.screen)
  local place = hunks.at(session.places, side, line)
  local ids = scope == 'hunk' and place and { place.id } or nil
  if scope == 'hunk' and not ids then
    return
  end
  decide.send(session.run, { choice = choice, path = ids and path, hunks = ids }, function()
    if sessions[key(session.run)] == session then
      draw(session)
      go_on(session)
    end
  end)
end

---@param session bodkin.Session
---@param step integer
local function turn(session, step)
  local all = #session.run.offer.files
  if all > 1 then
    show_file(session, (session.file - 1 + step) % all + 1)
  end
end

---@param session bodkin.Session
local function leave(session)
  close(session)
  if runs.is_open(session.run) then
    server.say(('%s is still open: `:Bodkin review` goes on.'):format(session.run.title))
  end
end

---@param session bodkin.Session
local function keys(session)
  return {
    { 'ga', 'accept this hunk', function() choose(session, 'accept', 'hunk') end },
    { 'gr', 'reject this hunk', function() choose(session, 'reject', 'hunk') end },
    { 'gA', 'accept every hunk', function() choose(session, 'accept', 'all') end },
    { 'gR', 'reject every hunk', function() choose(session, 'reject', 'all') end },
    { ']f', 'next file', function() turn(session, 1) end },
    { '[f', 'previous file', function() turn(session, -1) end },
    { 'q', 'leave the review', function() leave(session) end },
  }
end

---@param session bodkin.Session
---@return bodkin.Screen
function open_screen(session)
  require('bodkin.plan').close()
  if vim.api.nvim_get_mode().mode ~= 'n' then
    vim.cmd('normal! \27') -- leaves the selection
  end
  session.origin = vim.api.nvim_get_current_win()
  return screen.open(session.run, keys(session), function()
    sessions[key(session.run)] = nil -- the user closed the tab
  end)
end

---@param run bodkin.Run
local function start(run)
  local session = { run = run, origin = vim.api.nvim_get_current_win(), file = 1, places = {} }
  sessions[key(run)] = session
  show_file(session, hunks.next_file(run.review, 1) or 1)
end

--- Opens the review of a run.
---@param id? string Default: the newest run that waits for a decision.
function M.open(id)
  local run = runs.find(id, runs.is_open)
  if not run then
    return server.say(id and ('there is no run %s.'):format(id) or 'no change waits for a review.')
  elseif not runs.is_open(run) then
    return server.say(('%s has nothing to review.'):format(run.title ~= '' and run.title or run.id))
  end
  local session = sessions[key(run)]
  if not session or session.screen and not is_shown(session) then
    start(run)
  elseif session.screen then
    screen.focus(session.screen)
  end
end

local CLOSED = { applied = true, declined = true }

--- Takes in what became of a review.
---@param run bodkin.Run
function M.update(run)
  local session = sessions[key(run)]
  if not session then
    return
  elseif not run.review or CLOSED[run.review.state] then
    close(session)
  elseif is_shown(session) then
    draw(session)
    decide.ask_about_part(run)
  end
end

--- Whether the review of a run is on the screen.
---@param run bodkin.Run
---@return boolean
function M.is_shown(run)
  local session = sessions[key(run)]
  return session ~= nil and is_shown(session)
end

--- Whether any review is on the screen.
---@return boolean
function M.any()
  return next(sessions) ~= nil
end

return M
