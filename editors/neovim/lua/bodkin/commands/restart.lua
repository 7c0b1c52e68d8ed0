--- `:Bodkin restart`: stops the server and starts it again for every buffer that it served.

local server = require('bodkin.server')

---@type bodkin.Command
return {
  about = 'start the server again',
  run = function()
    vim.lsp.enable(server.NAME, false)
    local deadline = vim.uv.now() + 5000
    local timer = assert(vim.uv.new_timer())
    timer:start(
      20,
      20,
      vim.schedule_wrap(function()
        local is_over = #vim.lsp.get_clients({ name = server.NAME }) == 0 or vim.uv.now() > deadline
        if is_over and not timer:is_closing() then
          timer:close()
          vim.lsp.enable(server.NAME)
        end
      end)
    )
  end,
}
