--- A language server that says hello and offers nothing, run by `nvim -l`: the control of every scenario.

io.stdout:setvbuf('no')

while true do
  local length
  repeat
    local line = io.read('*L')
    if not line then
      return
    end
    length = tonumber(line:match('^[Cc]ontent%-[Ll]ength:%s*(%d+)')) or length
  until line:match('^\r?\n$')
  local message = vim.json.decode(io.read(length))
  if message.method == 'exit' then
    return
  elseif message.id and message.method then
    local result = message.method == 'initialize' and { capabilities = vim.empty_dict() } or vim.NIL
    local answer = vim.json.encode({ jsonrpc = '2.0', id = message.id, result = result })
    io.write(('Content-Length: %d\r\n\r\n%s'):format(#answer, answer))
  end
end
