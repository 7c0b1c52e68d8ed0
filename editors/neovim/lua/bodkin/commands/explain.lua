--- `:Bodkin explain`: not to be had yet; says why, and what is.

---@type bodkin.Command
return {
  about = 'explain the selected lines (comes with models)',
  run = function()
    local text = 'explaining needs a model, and this version works without one. '
      .. '`:Bodkin fix` and `:Bodkin test` need none.'
    require('bodkin.server').say(text, vim.log.levels.WARN)
  end,
}
