--- Neovim without the plug-in, as any plain client: a selection is fixed at once with the plan as progress, and a
--- failing test mends a file that was not open.

local kit = require('kit')

--- Waits until the newest change stands.
local function stands()
  local client = vim.lsp.get_clients({ name = 'bodkin' })[1]
  kit.wait('the change to stand', function()
    local answer = client:request_sync('bodkin/runs', vim.NIL, 60000)
    return answer and answer.result.runs[1].checkpoint
  end)
  return client
end

kit.run(function()
  vim.lsp.config('bodkin', {
    cmd = vim.g.bodkin.cmd,
    filetypes = { 'python', 'javascript', 'typescript' },
    root_markers = { '.git' },
  })
  vim.lsp.enable('bodkin')
  local folder = vim.fn.getcwd()
  local wrong = 'def total(a, b):\n    return a - b\n'
  local right = 'def total(a, b):\n    return a + b\n'

  local buf = kit.open(folder .. '/till.py')
  kit.answers = { 'Fix this line' }
  kit.type('2GVgra')
  local seen = ''
  kit.wait('the plan in vim.lsp.status()', function()
    seen = seen .. vim.lsp.status()
    return seen:find('Bodkin: fix till.py:2: %d/%d')
  end)
  kit.wait('the edit', function()
    return kit.text(buf) == right
  end)
  stands()
  kit.contains(seen .. vim.lsp.status(), 'Proved: ', 'vim.lsp.status() at the end')
  kit.type('<Esc>u')
  kit.equal(kit.text(buf), wrong, 'the text after the undo of the editor')
  vim.cmd('bwipeout! ' .. buf)

  local tests = kit.open(folder .. '/test_till.py')
  kit.answers = { 'Run tests in the sandbox' }
  kit.type('7Ggra')
  kit.wait('the failed test among the diagnostics', function()
    return vim.iter(vim.diagnostic.get(tests)):any(function(it)
      return it.lnum == 6
    end)
  end)
  kit.answers = { 'Fix failing test' }
  kit.type('7Ggra')
  local hidden = kit.wait('the edit of the file that was not open', function()
    local found = vim.fn.bufnr('^' .. folder .. '/till.py$')
    return found ~= -1 and vim.api.nvim_buf_is_loaded(found) and kit.text(found) == right and found
  end)
  kit.equal(vim.bo[hidden].modified, true, 'whether it is left to be written')
  kit.equal(vim.api.nvim_get_current_buf(), tests, 'the buffer on the screen')
  local client = stands()
  local answer = client:request_sync('workspace/executeCommand', { command = 'bodkin.undo' }, 60000)
  kit.equal(answer and answer.err, nil, 'what undo answers')
  kit.wait('the change to be taken back', function()
    return kit.text(hidden) == wrong
  end)
end)
