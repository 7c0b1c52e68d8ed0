--- Bodkin's language server, for `vim.lsp.enable('bodkin')`. What is set here can be changed by
--- `vim.lsp.config('bodkin', …)`, as for any server; Bodkin's own settings are in `vim.g.bodkin`.

---@type vim.lsp.Config
return {
  cmd = require('bodkin.config').cmd(),
  filetypes = { 'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact' },
  root_dir = function(bufnr, on_dir)
    require('bodkin.server').root_dir(bufnr, on_dir)
  end,
  capabilities = { experimental = { bodkin = { events = true, review = true } } },
  settings = { bodkin = require('bodkin.config').settings() },
  handlers = require('bodkin.handlers'),
  before_init = function(params, config)
    require('bodkin.server').before_init(params, config)
  end,
  on_init = function()
    require('bodkin.server').on_init()
  end,
  on_exit = function(code, signal, client_id)
    require('bodkin.server').on_exit(code, signal, client_id)
  end,
}
