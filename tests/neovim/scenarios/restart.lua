--- The server is killed while it works: the user is told, the text stands, and `:Bodkin restart` brings it back.

local kit = require('kit')

kit.run(function()
  local buf = kit.open(vim.fn.getcwd() .. '/till.py')
  kit.type('ggO# mine<Esc>')
  local text = kit.text(buf)
  kit.type(':3Bodkin fix sleep 3600<CR>')
  kit.wait('the tests to run', function()
    return kit.plan_text():find('● Run the tests', 1, true)
  end)
  for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    vim.uv.kill(child, 'sigkill') -- there is no child but the server
  end
  kit.hear('the server ended')
  kit.contains(kit.plan_text(), 'Failed: The server ended.', 'the plan')
  kit.equal(kit.text(buf), text, 'the text')

  kit.type(':Bodkin restart<CR>')
  kit.wait('the server to come back', function()
    local client = vim.lsp.get_clients({ bufnr = buf, name = 'bodkin' })[1]
    return client and client.initialized
  end)
  kit.type(':3Bodkin fix<CR>')
  kit.review_opens()
  kit.type('ga')
  kit.wait('the edit', function()
    return kit.text(buf) == text:gsub('a %- b', 'a + b')
  end)
end)
