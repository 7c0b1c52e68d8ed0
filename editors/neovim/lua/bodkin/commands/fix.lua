--- `:Bodkin fix [test command]`: fixes the lines of the range, or the cursor's.

local protocol = require('bodkin.protocol')
local server = require('bodkin.server')

---@type bodkin.Command
return {
  about = 'fix the selected lines, or the one under the cursor',
  run = function(call)
    local client = server.need(call.bufnr)
    if client then
      server.command(client, protocol.commands.fix, {
        uri = vim.uri_from_bufnr(call.bufnr),
        lines = { first = call.first, last = call.last },
        version = vim.lsp.util.buf_versions[call.bufnr] or vim.NIL,
        test = #call.args > 0 and table.concat(call.args, ' ') or vim.NIL,
        message = vim.NIL,
      })
    end
  end,
}
