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

--- A colour as it looks on a float: the foreground of one group on the background of floats. Titles and footers of
--- floats are drawn on the background of the text otherwise.
---@param name string
---@param of string
local function on_float(name, of)
  local front = vim.api.nvim_get_hl(0, { name = of, link = false })
  local back = vim.api.nvim_get_hl(0, { name = 'NormalFloat', link = false })
  local look = { fg = front.fg, bg = back.bg, bold = front.bold, italic = front.italic, default = true }
  vim.api.nvim_set_hl(0, name, look)
end

--- Defines them where nobody has yet, now and after every change of the colour scheme.
function M.define()
  for name, link in pairs(LINKS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
  on_float('BodkinFloatTitle', 'Title')
  on_float('BodkinFloatFooter', 'Comment')
  vim.api.nvim_create_autocmd('ColorScheme', {
    group = vim.api.nvim_create_augroup('bodkin.highlights', { clear = true }),
    callback = M.define,
  })
end

return M
