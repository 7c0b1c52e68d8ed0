--- `:Bodkin fixtest`: finds out why the test under the cursor fails, and mends the code, not the test.

local protocol = require('bodkin.protocol')
local server = require('bodkin.server')
local tests = require('bodkin.tests')

---@type bodkin.Command
return {
  about = 'mend the code that the test under the cursor is about',
  run = function(call)
    local client = server.need(call.bufnr)
    if not client then
      return
    end
    local uri = vim.uri_from_bufnr(call.bufnr)
    tests.of(client, uri, function(found)
      local test = tests.within(found, call.first, call.last)[1]
      if test then
        server.command(client, protocol.commands.fixTest, { uri = uri, test = test.id })
      else
        server.say('no test stands under the cursor.', vim.log.levels.WARN)
      end
    end)
  end,
}
