--- The way to the server: where it starts, what it is told, how it is asked.

local config = require('bodkin.config')

local M = {}

--- The name of the configuration, as in `vim.lsp.enable('bodkin')`.
M.NAME = 'bodkin'

local MARKERS = {
  { '.bodkin', '.git', '.hg', '.jj' },
  { 'pyproject.toml', 'setup.py', 'setup.cfg', 'package.json', 'tsconfig.json' },
}

--- Says something to the user.
---@param text string
---@param level? integer One of `vim.log.levels`; default INFO.
function M.say(text, level)
  vim.notify('Bodkin: ' .. text, level or vim.log.levels.INFO)
end

--- Where the server is to work for a buffer. A program that is not there is told once, in words that help.
---@param bufnr integer
---@param on_dir fun(dir: string?)
function M.root_dir(bufnr, on_dir)
  local cmd = vim.lsp.config[M.NAME].cmd
  local program = type(cmd) == 'table' and cmd[1]
  if program and vim.fn.executable(program) == 0 then
    local text = '`%s` is not on the PATH. Install it, or set `vim.g.bodkin = { cmd = { "/path/to/bodkin", "lsp" } }`.'
    vim.notify_once('Bodkin: ' .. text:format(program), vim.log.levels.WARN)
    return
  end
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name:match('^%w+://') then
    return -- no file on this disk
  end
  local root = vim.fs.root(bufnr, MARKERS[1]) or vim.fs.root(bufnr, MARKERS[2])
  local home = vim.uv.os_homedir()
  if root == home or root == '/' then
    root = nil -- far too much; the server then works in the folder of the file
  end
  on_dir(root)
end

--- Settings are read when the server starts, so that it does not matter when they were made.
---@param params lsp.InitializeParams
---@param client_config vim.lsp.ClientConfig
function M.before_init(params, client_config)
  local given = client_config.settings or {}
  given.bodkin = vim.tbl_deep_extend('force', given.bodkin or {}, config.settings())
  if vim.tbl_isempty(given.bodkin) then
    given.bodkin = vim.empty_dict()
  end
  params.initializationOptions = vim.tbl_extend('keep', { bodkin = given.bodkin }, params.initializationOptions or {})
end

--- The server is there.
function M.on_init()
  require('bodkin.highlights').define()
  require('bodkin.follow').start()
  require('bodkin.reload').watch()
end

--- The server is gone: its runs are, too.
---@param code integer
---@param signal integer
---@param client_id integer
function M.on_exit(code, signal, client_id)
  vim.schedule(function()
    require('bodkin.runs').forget(client_id)
    if (code ~= 0 or signal ~= 0) and signal ~= 15 and vim.v.exiting == vim.NIL then
      local text = 'the server ended (exit code %d, signal %d). '
        .. '`:Bodkin restart` starts it again; `:Bodkin log` says more.'
      M.say(text:format(code, signal), vim.log.levels.ERROR)
    end
  end)
end

--- The client that serves a buffer, else any that runs.
---@param bufnr? integer Default: the current buffer.
---@return vim.lsp.Client?
function M.find(bufnr)
  local here = vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr or vim.api.nvim_get_current_buf() })
  return here[1] or vim.lsp.get_clients({ name = M.NAME })[1]
end

--- The client, or a word to the user why there is none.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.need(bufnr)
  local client = M.find(bufnr)
  if not client then
    local text = 'no server is running. Open a Python, JavaScript or TypeScript file, or see `:checkhealth bodkin`.'
    M.say(text, vim.log.levels.WARN)
  end
  return client
end

--- What an error says, with the next step where the server names one.
---@param err lsp.ResponseError
---@return string
local function words(err)
  local hint = type(err.data) == 'table' and err.data.hint
  return hint and not err.message:find(hint, 1, true) and (err.message .. ' ' .. hint) or err.message
end

--- Sends a request. An error is told to the user and not to `on_result`.
---@param client vim.lsp.Client
---@param method string
---@param params any
---@param on_result? fun(result: any)
---@param on_failure? fun() Called after the user was told.
function M.request(client, method, params, on_result, on_failure)
  client:request(method, params, function(err, result)
    if err then
      M.say(words(err), vim.log.levels.ERROR)
      if on_failure then
        on_failure()
      end
    elseif on_result then
      on_result(result)
    end
  end)
end

--- Runs a command of the server.
---@param client vim.lsp.Client
---@param command string
---@param argument any
---@param on_result? fun(result: any)
function M.command(client, command, argument, on_result)
  local params = { command = command, arguments = argument and { argument } or {} }
  M.request(client, 'workspace/executeCommand', params, on_result)
end

return M
