--- The wire of a language server for scripts that `nvim -l` runs: messages in, messages out, on standard streams.

local wire = {}

io.stdout:setvbuf('no')

--- The next message; nil at the end.
---@return table?
function wire.read()
  local length
  repeat
    local line = io.read('*L')
    if not line then
      return nil
    end
    length = tonumber(line:match('^[Cc]ontent%-[Ll]ength:%s*(%d+)')) or length
  until line:match('^\r?\n$')
  return vim.json.decode(io.read(length), { luanil = { object = true } })
end

---@param message table
function wire.send(message)
  message.jsonrpc = '2.0'
  local text = vim.json.encode(message)
  io.write(('Content-Length: %d\r\n\r\n%s'):format(#text, text))
end

return wire
