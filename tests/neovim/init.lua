--- What a user's init.lua holds, the plug-in on the runtime path and one line; and then the scenario.

vim.opt.runtimepath:prepend(vim.env.BODKIN_TEST_KIT)
vim.o.swapfile = false
vim.g.bodkin = vim.json.decode(vim.env.BODKIN_TEST_OPTIONS)

if vim.env.BODKIN_PLUGIN then
  vim.opt.runtimepath:prepend(vim.env.BODKIN_PLUGIN)
  vim.lsp.enable('bodkin')
end

local ok, failure = pcall(dofile, vim.env.BODKIN_TEST_SCENARIO)
if not ok then
  io.stdout:write(failure, '\n')
  vim.cmd.cquit()
end
