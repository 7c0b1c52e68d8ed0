--- What the user set: `vim.g.bodkin`, a table or a function that returns one. Nothing has to be set.
---
--- The server's settings stand in it by their own names (`:help bodkin-settings`); `cmd` and `ui` are this
--- plug-in's and never leave the editor.

local M = {}

---@class bodkin.Opts : bodkin.Settings
---@field cmd? string[] The server's command; default `{ 'bodkin', 'lsp' }`.
---@field ui? bodkin.Ui How things are shown.

---@class bodkin.Ui
---@field plan? 'float'|'quickfix'|'none' Where the plan of a run is shown by itself; default 'float'.
---@field review? 'auto'|'manual' Whether a proved change opens its review by itself; default 'auto'.
---@field quickfix? boolean Whether the list of failed tests opens by itself; default true.
---@field border? string|string[] Border of the plan; default `vim.o.winborder`, else 'rounded'.
---@field linger_ms? integer How long the plan stays after the end of its run, milliseconds; default 4000.

local OWN = { cmd = true, ui = true }

---@return bodkin.Opts
local function opts()
  local set = vim.g.bodkin
  if vim.is_callable(set) then
    set = set()
  end
  return type(set) == 'table' and set or {}
end

--- The server's command.
---@return string[]
function M.cmd()
  return opts().cmd or { 'bodkin', 'lsp' }
end

--- What the server is told.
---@return bodkin.Settings
function M.settings()
  local settings = vim.empty_dict()
  for name, value in pairs(opts()) do
    if not OWN[name] then
      settings[name] = value
    end
  end
  return settings
end

--- How things are shown, with every default in place.
---@return bodkin.Ui
function M.ui()
  local border = vim.fn.exists('+winborder') == 1 and vim.o.winborder ~= '' and vim.o.winborder or 'rounded'
  local defaults = { plan = 'float', review = 'auto', quickfix = true, border = border, linger_ms = 4000 }
  return vim.tbl_extend('force', defaults, opts().ui or {})
end

return M
