--- `:checkhealth bodkin` with a server that runs: every part is there, and nothing is wrong.

local kit = require('kit')

kit.run(function()
  kit.open(vim.fn.getcwd() .. '/till.py')
  local client = vim.lsp.get_clients({ name = 'bodkin' })[1]
  kit.wait('the folder to be at work', function()
    local status = require('bodkin.status').of(client.id)
    return status and status.folders[1] and status.folders[1].tests
  end)
  vim.cmd('checkhealth bodkin')
  local text = kit.text()
  for _, part in ipairs({
    'OK version 0.11',
    vim.env.BODKIN_TEST_BINARY .. '`, version ',
    'Sandbox: local',
    'State folder: ',
    'Server ~',
    'encoding: columns are utf-8',
    'state folder: ',
    'isolation: local',
    'test runner: `python3 -m unittest discover`',
  }) do
    kit.contains(text, part, 'the health check')
  end
  if text:find('ERROR', 1, true) then
    kit.fail('the health check finds errors:\n' .. text)
  end
end)
