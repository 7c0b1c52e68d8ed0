--- `:checkhealth bodkin`: what is there, what is missing, and what to do about it.

local config = require('bodkin.config')
local protocol = require('bodkin.protocol')

local M = {}

local health = vim.health
local DOCTOR_MS = 60000
local STATUS_MS = 10000

---@param state string
---@param text string
---@param advice? string|string[]
local function report(state, text, advice)
  if state == 'ok' then
    health.ok(text)
  elseif state == 'fail' or state == 'error' then
    health.error(text, advice)
  else
    health.warn(text, advice)
  end
end

local function check_neovim()
  health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('version ' .. version)
  else
    health.error('version ' .. version .. ' is too old', 'Install Neovim 0.11 or newer.')
  end
  if vim.lsp.is_enabled and not vim.lsp.is_enabled('bodkin') then
    health.warn('the server is not enabled', "Put `vim.lsp.enable('bodkin')` into your init.lua.")
  end
end

---@param cmd string[]
---@return vim.SystemCompleted?
local function call(cmd)
  local ok, process = pcall(vim.system, cmd, { text = true })
  return ok and process:wait(DOCTOR_MS) or nil
end

--- The program; nil when it can not be used.
---@return string?
local function check_binary()
  health.start('Binary')
  local program = config.cmd()[1]
  local path = vim.fn.exepath(program)
  if path == '' then
    local advice = {
      'Install it, and see that its folder is on the PATH of this editor.',
      'Or name it: vim.g.bodkin = { cmd = { "/path/to/bodkin", "lsp" } }',
    }
    return health.error(('`%s` was not found'):format(program), advice)
  end
  local answer = call({ path, '--version' })
  local version = answer and answer.code == 0 and vim.trim(answer.stdout):match('^bodkin (%S+)')
  if not version then
    local text = ('`%s --version` does not answer as Bodkin does'):format(path)
    return health.error(text, 'Is it another program of that name?')
  end
  health.ok(('`%s`, version %s'):format(path, version))
  return path
end

---@param program string
local function check_machine(program)
  health.start('Machine')
  local answer = call({ program, 'doctor', '--json' })
  local ok, envelope = pcall(vim.json.decode, answer and answer.stdout or '', { luanil = { object = true } })
  if not ok or type(envelope.payload) ~= 'table' then
    local text = vim.trim(answer and answer.stderr or '')
    return health.error('`bodkin doctor` does not answer', text ~= '' and text or 'Run it in a terminal.')
  end
  for _, check in ipairs(envelope.payload.checks) do
    report(check.status, check.title .. ': ' .. check.detail, check.nextStep)
  end
end

---@param folder bodkin.FolderStatus
local function check_folder(folder)
  local path = vim.uri_to_fname(folder.uri)
  if folder.state == 'failed' then
    health.error(('folder `%s`: %s'):format(path, folder.message), 'Mend that, then `:Bodkin restart`.')
    return
  end
  health.ok(('folder `%s`: %s'):format(path, folder.state))
  if folder.isolation then
    local text = ('isolation: %s, %s'):format(folder.isolation.backend, folder.isolation.level)
    local is_full = folder.isolation.level == 'full'
    report(is_full and 'ok' or 'warn', text, #folder.isolation.missing > 0 and folder.isolation.missing or nil)
  end
  if folder.tests then
    health.ok(('test runner: `%s` (%s)'):format(folder.tests.command, folder.tests.reason))
  elseif folder.state == 'open' then
    health.warn('test runner: none was found', 'Set one: vim.g.bodkin = { testCommand = "pytest -q" }')
  end
end

---@param client vim.lsp.Client
local function check_client(client)
  local answer = client:request_sync(protocol.requests.status, vim.NIL, STATUS_MS)
  local status = answer and answer.result
  if answer and answer.err and answer.err.code == vim.lsp.protocol.ErrorCodes.MethodNotFound then
    return health.warn('it is older than this plug-in and can not tell its state', 'Install the newest Bodkin.')
  elseif not status then
    return health.error('it does not answer', '`:Bodkin restart`; `:Bodkin log` says more.')
  end
  local text = ('version %s: %s'):format(status.version, status.message)
  report(status.health == 'busy' and 'ok' or status.health, text, status.nextStep)
  report(status.encoding == 'utf-8' and 'ok' or 'warn', 'encoding: columns are ' .. status.encoding)
  health.info('state folder: ' .. (status.stateFolder or 'none'))
  for _, folder in ipairs(status.folders) do
    check_folder(folder)
  end
end

local function check_clients()
  health.start('Server')
  local clients = vim.lsp.get_clients({ name = 'bodkin' })
  if #clients == 0 then
    health.info('not running; it starts with the first Python, JavaScript or TypeScript file')
  end
  for _, client in ipairs(clients) do
    check_client(client)
  end
end

--- Runs every check.
function M.check()
  check_neovim()
  local program = check_binary()
  if program then
    check_machine(program)
  end
  check_clients()
end

return M
