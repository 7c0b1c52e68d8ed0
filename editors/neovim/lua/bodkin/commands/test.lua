--- `:Bodkin test [file|all]`: runs tests in the sandbox. Failed ones come into the quickfix list.

local protocol = require('bodkin.protocol')
local server = require('bodkin.server')
local tests = require('bodkin.tests')

---@param client vim.lsp.Client
---@param call bodkin.Call
---@param uri string
---@param ids? string[]
local function run(client, call, uri, ids)
  local version = vim.lsp.util.buf_versions[call.bufnr] or vim.NIL
  server.command(client, protocol.commands.test, { uri = uri, tests = ids or vim.NIL, version = version })
end

---@type bodkin.Command
return {
  about = 'run the selected tests, the one under the cursor, the file\'s, or all',
  complete = function()
    return { 'file', 'all' }
  end,
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    local what = call.args[1]
    local file = vim.uri_from_bufnr(call.bufnr)
    if what == 'all' then
      local folder = (client.workspace_folders or {})[1]
      return run(client, call, folder and folder.uri or vim.uri_from_fname(vim.fs.dirname(vim.uri_to_fname(file))))
    elseif what == 'file' then
      return run(client, call, file)
    elseif what then
      return server.say(('`%s`: which tests? `file`, `all`, or nothing for those under the cursor.'):format(what))
    end
    tests.of(client, file, function(found)
      local ids = vim.tbl_map(function(test)
        return test.id
      end, tests.within(found, call.first, call.last))
      run(client, call, file, #ids > 0 and ids or nil)
    end)
  end,
}
