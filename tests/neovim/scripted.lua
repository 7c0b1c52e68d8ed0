--- A language server that offers one change of two files and three hunks, whatever it is asked to fix, run by
--- `nvim -l`. The repair engine makes no such change by itself, and a review has to be ready for it.
---
--- It is as strict as the protocol: what it does not expect is an error. A part of the change is not proved, and with
--- the test command `unproved` the whole is not either.

package.path = vim.fs.dirname(arg[0]) .. '/lua/?.lua;' .. package.path
local wire = require('wire')

local TEXTS = {
  ['a.py'] = { before = 'one = 0\n\n\ntwo = 0\n', after = 'one = 1\n\n\ntwo = 2\ntwo += 0\n' },
  ['b.py'] = { before = 'three = 0\n', after = 'three = 3\n' },
}
local HUNKS = {
  { id = 'h1', path = 'a.py', line = 1, before = 'one = 0\n', after = 'one = 1\n', state = 'undecided' },
  { id = 'h2', path = 'a.py', line = 4, before = 'two = 0\n', after = 'two = 2\ntwo += 0\n', state = 'undecided' },
  { id = 'h3', path = 'b.py', line = 1, before = 'three = 0\n', after = 'three = 3\n', state = 'undecided' },
}
local PATHS = { 'a.py', 'b.py' }

local root, state, seq, outcome
local missing = {}

---@param of string
---@param fields string[]
local function hunks(of, fields)
  local found = {}
  for _, hunk in ipairs(HUNKS) do
    if hunk.path == of then
      local copy = {}
      for _, field in ipairs(fields) do
        copy[field] = hunk[field]
      end
      table.insert(found, copy)
    end
  end
  return found
end

local function review()
  local files = {}
  for _, path in ipairs(PATHS) do
    table.insert(files, { path = path, uri = root .. '/' .. path, hunks = hunks(path, { 'id', 'state' }) })
  end
  local lacks = state == 'unproved' and { 'A test fails with this part.' } or missing
  return { runId = 'r1', state = state, missing = lacks, files = files }
end

---@param succeeded boolean
local function check(succeeded)
  return {
    exit = 'exit code 0',
    succeeded = succeeded,
    passedTests = 2,
    failedTests = succeeded and {} or { 'test_a' },
    summary = '',
    wallMs = 1,
  }
end

local function offer()
  local files = {}
  for _, path in ipairs(PATHS) do
    local fields = { 'id', 'line', 'before', 'after' }
    table.insert(files, { path = path, baseHash = '', diff = '', hunks = hunks(path, fields) })
  end
  local proof = {
    command = 'python3 -m unittest',
    before = check(false),
    after = check(true),
    isolation = { backend = 'local', level = 'full', missing = {} },
    missing = missing,
  }
  local it = { summary = 'three numbers', proposer = 'script', cautions = {}, alternatives = 0 }
  return vim.tbl_extend('error', it, { files = files, proof = proof })
end

local function plan()
  local entry = { id = 'offer', title = 'Offer the change', state = 'in_progress', detail = '', startedMs = 0 }
  return { runId = 'r1', seq = seq, entries = { entry } }
end

local function summary()
  return {
    runId = 'r1',
    title = 'fix a.py:1',
    outcome = outcome,
    reason = '',
    candidates = 1,
    startedUnixMs = 0,
    elapsedMs = 1,
    hasOffer = true,
  }
end

---@param news table
local function event(news)
  seq = seq + 1
  wire.send({ method = 'bodkin/event', params = { seq = seq, runId = 'r1', atMs = 1, news = news } })
end

---@param choice string
---@return boolean # Whether every hunk is decided so.
local function all(choice)
  return vim.iter(HUNKS):all(function(hunk)
    return hunk.state == choice
  end)
end

--- What follows from the decisions.
---@param anyway boolean
local function conclude(anyway)
  local is_open = vim.iter(HUNKS):any(function(hunk)
    return hunk.state == 'undecided'
  end)
  if is_open then
    state = 'open'
  elseif all('rejected') then
    state = 'declined'
  elseif all('accepted') and #missing == 0 or anyway then
    state = 'applied'
  else
    state = 'unproved'
  end
  event({ kind = 'reviewed', review = review() })
  if state == 'applied' then
    event({ kind = 'applied', checkpoint = 'c1', files = review().files })
  end
end

---@param arguments bodkin.DecideArguments
local function decide(arguments)
  for _, hunk in ipairs(HUNKS) do
    local is_named = arguments.hunks and vim.tbl_contains(arguments.hunks, hunk.id)
    local is_meant = not arguments.hunks and hunk.state == 'undecided' and (arguments.path or hunk.path) == hunk.path
    if is_named and arguments.path ~= hunk.path then
      error(hunk.id .. ' is not in ' .. tostring(arguments.path))
    elseif is_named or is_meant then
      hunk.state = arguments.choice .. 'ed'
    end
  end
  return review(), function()
    conclude(arguments.anyway)
  end
end

---@type table<string, fun(params: table): any, fun()?>
local answers = {
  initialize = function(params)
    root, state, seq = params.rootUri, 'open', 0
    if vim.tbl_get(params, 'initializationOptions', 'bodkin', 'testCommand') == 'unproved' then
      missing = { 'No test failed before.' }
    end
    local commands = { commands = { 'bodkin.fix' } }
    return { capabilities = { positionEncoding = 'utf-8', textDocumentSync = 1, executeCommandProvider = commands } }
  end,
  ['workspace/executeCommand'] = function(params)
    assert(params.command == 'bodkin.fix', params.command)
    return { runId = 'r1' }, function()
      wire.send({ method = 'bodkin/plan', params = plan() })
      event({ kind = 'offered', offer = offer() })
    end
  end,
  ['bodkin/runs'] = function()
    local run = { summary = summary(), plan = plan(), offer = offer(), review = review(), uri = root .. '/a.py' }
    return { seq = seq, runs = { run } }
  end,
  ['bodkin/content'] = function(params)
    return { text = TEXTS[params.path][params.side] }
  end,
  ['bodkin/decide'] = decide,
  shutdown = function()
    return vim.NIL
  end,
}

for message in wire.read do
  if message.method == 'exit' then
    return
  elseif message.id and message.method then
    local answer = answers[message.method]
    local ok, result, after = pcall(answer or error, answer and message.params or 'not expected: ' .. message.method)
    if ok then
      wire.send({ id = message.id, result = result })
    else
      wire.send({ id = message.id, error = { code = -32603, message = tostring(result) } })
    end
    if ok and after then
      after()
    end
  end
end
