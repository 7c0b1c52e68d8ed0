--- Colours: links to what every colour scheme has, so that each can be changed by `:highlight`.

local M = {}

local LINKS = {
  BodkinDone = 'DiagnosticOk',
  BodkinActive = 'DiagnosticInfo',
  BodkinFailed = 'DiagnosticError',
  BodkinWarning = 'DiagnosticWarn',
  BodkinPending = 'NonText',
  BodkinDetail = 'Comment',
  BodkinKey = 'Special',
  BodkinTitle = 'Title',
  BodkinAccepted = 'DiagnosticOk',
  BodkinRejected = 'DiagnosticError',
  BodkinUndecided = 'DiagnosticWarn',
}

--- Defines them where nobody has yet, now and after every change of the colour scheme.
function M.define()
  for name, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
  vim.api.nvim_create_autocmd('ColorScheme', {
    group = vim.api.nvim_create_augroup('bodkin.highlights', { clear = true }),
    callback = M.define,
  })
end

return M
