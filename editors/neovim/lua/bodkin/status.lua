--- How the server is, as it last said.

local M = {}

---@type table<integer, bodkin.Status>
local last = {}

--- Takes in what the server says of itself.
---@param client_id integer
---@param status bodkin.Status
function M.take(client_id, status)
  last[client_id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'BodkinStatus', modeline = false, data = status })
end

--- What the server of a buffer last said of itself.
---@param client_id integer
---@return bodkin.Status?
function M.of(client_id)
  return last[client_id]
end

--- Forgets a server that is gone.
---@param client_id integer
function M.forget(client_id)
  last[client_id] = nil
end

return M
