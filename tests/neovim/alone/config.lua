--- `vim.g.bodkin` is nothing, a table or a function; the plug-in's own entries never leave the editor.

local kit = require('kit')

kit.run(function()
  local config = require('bodkin.config')
  vim.g.bodkin = nil
  kit.equal(config.cmd(), { 'bodkin', 'lsp' }, 'the command by itself')
  kit.equal(vim.tbl_isempty(config.settings()), true, 'whether there are no settings by themselves')
  kit.equal(vim.json.encode(config.settings()), '{}', 'no settings on the wire')
  kit.equal(config.ui().plan, 'float', 'where the plan is shown by itself')

  vim.g.bodkin = { review = 'apply', cmd = { 'x' }, ui = { linger_ms = 1 } }
  kit.equal(config.settings(), { review = 'apply' }, 'the settings of a table')
  kit.equal(config.cmd(), { 'x' }, 'the command of a table')
  kit.equal({ config.ui().linger_ms, config.ui().review }, { 1, 'auto' }, 'what is shown, with the rest by itself')

  vim.g.bodkin = function()
    return { testCommand = 'pytest -q' }
  end
  kit.equal(config.settings(), { testCommand = 'pytest -q' }, 'the settings of a function')

  local params, client = {}, { settings = {} }
  require('bodkin.server').before_init(params, client)
  kit.equal(client.settings, { bodkin = { testCommand = 'pytest -q' } }, 'what the server may ask for')
  kit.equal(params.initializationOptions, client.settings, 'what it is told at once')
end)
