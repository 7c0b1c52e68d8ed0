--- `:Bodkin log`: what the server said on its error stream, in Neovim's own log of language servers.

---@type bodkin.Command
return {
  about = 'open the log',
  run = function()
    vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
    vim.bo.readonly = true
    vim.cmd('normal! G')
  end,
}
