--- A language server that says hello and offers nothing, run by `nvim -l`: the control of every scenario.

package.path = vim.fs.dirname(arg[0]) .. '/lua/?.lua;' .. package.path
local wire = require('wire')

for message in wire.read do
  if message.method == 'exit' then
    return
  elseif message.id and message.method then
    local result = message.method == 'initialize' and { capabilities = vim.empty_dict() } or vim.NIL
    wire.send({ id = message.id, result = result })
  end
end
